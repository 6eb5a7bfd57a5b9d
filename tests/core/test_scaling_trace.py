"""Why the scores are divided by √d_k, by numbers that are the same in every film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.examples.example import parse_example
from core.model.softmax import softmax
from core.trace import Trace
from core.trace.pipeline import trace_example
from core.trace.scaling import CHOICES, KEYS, ROWS, SAMPLES, SATURATED, STAGES


def trace_of(sentence: str, seed: str = "attention") -> Trace:
    return trace_example(parse_example(f'sentence = "{sentence}"\nseed = "{seed}"', Path("written.toml")))


def test_why_scores_are_scaled() -> None:
    trace = trace_of("a")
    assert trace["scaling.samples"].shape == (len(CHOICES), SAMPLES)
    for d_k, variance in zip(CHOICES, trace["scaling.variance"].values, strict=True):
        assert variance == pytest.approx(d_k, rel=0.1)
    np.testing.assert_array_equal(trace["scaling.growth"].values[:, -1], trace["scaling.histogram"].values)
    assert (np.diff(trace["scaling.growth"].values.sum(axis=-1)) == SAMPLES / STAGES).all()
    d_k = np.array(CHOICES)
    np.testing.assert_array_equal(trace["scaling.sqrt_d_k"].values ** 2, d_k)
    np.testing.assert_allclose(trace["scaling.deviation"].values ** 2, trace["scaling.variance"].values)
    np.testing.assert_allclose(trace["scaling.scaled_variance"].values * d_k, trace["scaling.variance"].values)
    np.testing.assert_allclose(trace["scaling.scaled_deviation"].values ** 2, trace["scaling.scaled_variance"].values)
    assert trace["scaling.scaled_bin_edges"].shape == (len(d_k), len(trace["scaling.bin_edges"].values))
    assert trace["scaling.histogram"].values.sum(axis=1).tolist() == [SAMPLES] * 2
    assert trace["scaling.bin_edges"].shape[0] == trace["scaling.histogram"].shape[1] + 1
    other = trace_of("b c", seed="x")
    np.testing.assert_array_equal(trace["scaling.samples"].values, other["scaling.samples"].values)


def test_many_rows_saturate_and_none_that_is_scaled() -> None:
    trace = trace_of("a")
    scores = trace["scaling.rows_scores"].values
    assert scores.shape == (ROWS, KEYS)
    for side, rows in enumerate((scores, scores / np.sqrt(CHOICES[-1]))):
        largest = softmax(rows).max(axis=1)
        np.testing.assert_allclose(trace["scaling.rows_weights"].values[side], largest)
        share = float(np.mean(largest >= SATURATED))
        assert trace["scaling.saturated_share"].at(side).value == pytest.approx(share)
    before, after = trace["scaling.saturated_share"].values
    assert after < 0.01 < 0.3 < before < 0.5


def test_gradients_are_those_in_q_times_k_on_both_sides() -> None:
    """By differences: each row's largest weight, when its q·k moves a little."""
    trace, step = trace_of("a"), 1e-6
    scores = trace["scaling.rows_scores"].values
    nudged = scores + step * (scores == scores.max(axis=1, keepdims=True))
    for side, root in enumerate((1.0, np.sqrt(CHOICES[-1]))):
        moved = (softmax(nudged / root).max(axis=1) - softmax(scores / root).max(axis=1)) / step
        gradients = trace["scaling.rows_gradients"].values[side]
        np.testing.assert_allclose(gradients, moved, atol=1e-6)
        assert trace["scaling.mean_gradient"].at(side).value == pytest.approx(gradients.mean())
    unscaled, scaled = trace["scaling.rows_gradients"].values
    assert np.mean(unscaled < 0.01) > 0.3
    assert np.mean(scaled < 0.01) < 0.01
    assert scaled.mean() < unscaled.mean()


def test_the_row_that_is_shown_is_a_saturated_one() -> None:
    trace = trace_of("a")
    row = int(np.flatnonzero(trace["scaling.rows_weights"].values[0] >= SATURATED)[0])
    np.testing.assert_array_equal(trace["scaling.keys_scores"].values, trace["scaling.rows_scores"].values[row])
    assert trace["scaling.saturated_gradients"].values.max() == trace["scaling.rows_gradients"].values[0, row]
    assert trace["scaling.scaled_gradients"].values.max() == trace["scaling.rows_gradients"].values[1, row]
