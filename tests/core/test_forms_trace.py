"""The seven forms: each follows from the last, and what is compared belongs together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.examples.example import load_example, parse_example, shipped_examples
from core.trace import Trace
from core.trace.pipeline import trace_example

FORMS = ("bare", "learned", "scaled", "padding", "causal", "cross", "multi_head")
EDGES = sorted((Path(__file__).parents[1] / "scenes" / "examples").glob("*.toml"))
EXAMPLES = [*shipped_examples(), *map(str, EDGES)]


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda name: Path(name).stem)
def trace(request: pytest.FixtureRequest) -> Trace:
    return trace_example(load_example(request.param))


def softmax(scores: np.ndarray) -> np.ndarray:
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def test_every_row_of_every_form_sums_to_1(trace: Trace) -> None:
    for form in FORMS:
        assert np.allclose(trace[f"forms.{form}.weights"].values.sum(axis=-1), 1), form


def test_bare_compares_x_with_itself(trace: Trace) -> None:
    weights = trace["forms.bare.weights"].values
    x = trace["x"].values[: len(weights)]
    assert np.allclose(weights, softmax(x @ x.T))


def test_learned_and_scaled_differ_by_the_root_alone(trace: Trace) -> None:
    scores, n = trace["forms.learned.scores"].values, trace["forms.learned.weights"].shape[0]
    assert np.allclose(scores, trace["scores"].values[:n, :n])
    assert np.allclose(trace["forms.scaled.weights"].values, softmax(scores / trace["sqrt_d_k"].values))


def test_a_padding_mask_gives_every_word_its_weights_back(trace: Trace) -> None:
    scaled, masked = trace["forms.scaled.weights"].values, trace["forms.padding.weights"].values
    n = len(scaled)
    assert np.allclose(masked[:n, :n], scaled)
    assert not masked[:, n:].any()
    assert (trace["forms.padding.unmasked_weights"].values[:, n:] > 0).all()


def test_the_causal_form_sees_nothing_ahead(trace: Trace) -> None:
    scaled, causal = trace["forms.scaled.weights"].values, trace["forms.causal.weights"].values
    assert np.allclose(causal, np.tril(causal))
    assert np.allclose(causal, np.tril(scaled) / np.tril(scaled).sum(axis=-1, keepdims=True))


def test_cross_attention_has_a_row_for_each_word_of_the_target() -> None:
    example = parse_example('sentence = "a b c"\ntarget = "d a"', "two-sentences.toml")
    trace = trace_example(example)
    weights = trace["forms.cross.weights"]
    assert (weights.axis_labels("queries"), weights.axis_labels("keys")) == (("d", "a"), ("a", "b", "c"))
    assert np.allclose(weights.values[1], trace["forms.scaled.weights"].values[0])  # the same word asks the same


def test_what_tells_most_is_in_place(trace: Trace) -> None:
    for form in FORMS[:-1]:
        shape = trace["forms.padding.unmasked_weights" if form == "padding" else f"forms.{form}.weights"].shape
        query, key = (int(place) for place in trace[f"forms.{form}.telling"].values)
        assert 0 <= query < shape[0] and 0 <= key < shape[1], form
    query, first, second = (int(place) for place in trace["forms.multi_head.telling"].values)
    weights = trace["forms.multi_head.weights"].values
    assert query < weights.shape[1] and 0 <= first <= second < len(weights)
    keys = weights.argmax(axis=-1)  # (heads, queries)
    assert keys[first, query] != keys[second, query] or (keys == keys[0]).all()


def test_scaling_softens_what_tells_most(trace: Trace) -> None:
    place = tuple(int(i) for i in trace["forms.scaled.telling"].values)
    assert trace["forms.scaled.weights"].values[place] <= trace["forms.learned.weights"].values[place]
