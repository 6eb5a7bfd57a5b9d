"""Why the scores are divided by √d_k, by numbers that are the same in every film."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.examples.example import parse_example
from core.trace import Trace
from core.trace.pipeline import trace_example
from core.trace.scaling import CHOICES, SAMPLES, STAGES


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
    assert trace["scaling.saturated_weights"].values.max() > 0.99
    assert trace["scaling.scaled_weights"].values.max() < 0.8
    assert trace["scaling.saturated_gradients"].values.max() < 0.01 < trace["scaling.scaled_gradients"].values.max()
    other = trace_of("b c", seed="x")
    np.testing.assert_array_equal(trace["scaling.samples"].values, other["scaling.samples"].values)
