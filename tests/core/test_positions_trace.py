"""Attention without positions gives permuted rows for permuted words; with positions it does not."""

from __future__ import annotations

import numpy as np
import pytest

from core.examples.example import load_example, shipped_examples
from core.model.embedding import sinusoidal_positions
from core.trace.pipeline import trace_example
from core.trace.positions import permutation


@pytest.mark.parametrize("name", shipped_examples())
def test_order_is_lost_without_positions_and_kept_with_them(name: str) -> None:
    example = load_example(name)
    trace = trace_example(example)
    order = trace["positions.order"].values.astype(int)
    assert sorted(order) == list(range(len(example.tokens)))
    for run in ("blind", "cured"):
        output, shuffled = (trace[f"positions.{run}.{part}"].values for part in ("output", "shuffled_output"))
        apart = float(trace[f"positions.{run}.difference"].values)
        assert apart == pytest.approx(np.abs(output[order] - shuffled).max())
        assert trace[f"positions.{run}.differences"].values.max() == pytest.approx(apart)
    assert float(trace["positions.blind.difference"].values) < 1e-9
    assert float(trace["positions.cured.difference"].values) > 0.01


def test_the_words_move_and_the_positions_stay() -> None:
    example = load_example("default")
    trace = trace_example(example)
    order = trace["positions.order"].values.astype(int)
    x, shuffled = trace["positions.x"].values, trace["positions.shuffled_x"].values
    np.testing.assert_array_equal(x[order], shuffled)
    positions = sinusoidal_positions(len(example.tokens), example.d_model)
    np.testing.assert_array_equal(trace["positions.table"].values, positions)
    np.testing.assert_allclose(trace["positions.input"].values, x + positions)
    np.testing.assert_allclose(trace["positions.shuffled_input"].values, shuffled + positions)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ("cats chase mice", "mice chase cats"),
        ("it stopped because it overheated now", "it stopped now it overheated because"),
        ("one", "one"),
        ("a b", "b a"),
        ("no no no", "no no no"),
        ("no yes no", "yes no no"),
    ],
)
def test_two_different_words_change_places(tokens: str, expected: str) -> None:
    words = tuple(tokens.split())
    assert " ".join(words[i] for i in permutation(words)) == expected


def test_curves_pass_through_the_map() -> None:
    trace = trace_example(load_example("by-hand"))
    table, columns = trace["positions.map"].values, trace["positions.curves.columns"].values.astype(int)
    samples, curves = trace["positions.curves.samples"].values, trace["positions.curves"].values
    whole = samples == samples.round()
    np.testing.assert_allclose(curves[whole], table[:, columns], rtol=0, atol=1e-12)


def test_dot_products_of_the_map_depend_on_the_distance_alone() -> None:
    products = trace_example(load_example("by-hand"))["positions.map.products"].values
    for distance in range(0, 64, 7):
        diagonal = np.diagonal(products, distance)
        np.testing.assert_allclose(diagonal, diagonal[0], rtol=0, atol=1e-12)
