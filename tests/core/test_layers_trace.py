"""The encoder's rows from layer to layer: their similarity, against an independent computation."""

from __future__ import annotations

import numpy as np
import pytest

from core.examples.example import load_example
from core.trace.layers import cosine_similarity, encoder_stages
from core.trace.pipeline import trace_example


def test_similarity_is_the_cosine_of_the_angle() -> None:
    rows = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, -3.0]])
    half = np.sqrt(0.5)
    expected = [[1, half, 0], [half, 1, -half], [0, -half, 1]]
    np.testing.assert_allclose(cosine_similarity(rows, rows), expected, atol=1e-12)


def test_a_row_of_zeros_is_similar_to_nothing() -> None:
    rows = np.array([[0.0, 0.0], [1.0, 2.0]])
    np.testing.assert_array_equal(cosine_similarity(rows, rows)[0], [0, 0])


@pytest.mark.parametrize("name", ["default", "wide", "padded-batch"])
def test_stages_lead_from_the_input_to_the_memory(name: str) -> None:
    trace = trace_example(load_example(name))
    memory = trace["memory"].values  # the model is computed when it is first asked for
    stages = encoder_stages(trace)
    assert stages[0] == "encoder.1.input"
    assert stages[-1] == "memory"
    similarity, kept = trace["encoder.stages.similarity"].values, trace["encoder.stages.kept"].values
    assert similarity.shape == (len(stages), len(memory), len(memory))
    for i, row in enumerate(memory):
        for j, other in enumerate(memory):
            angle = row @ other / np.sqrt((row @ row) * (other @ other))
            assert similarity[-1, i, j] == pytest.approx(angle, abs=1e-10)
    np.testing.assert_allclose(kept[0], np.linalg.norm(trace["encoder.1.input"].values, axis=1) > 0, atol=1e-12)
    np.testing.assert_allclose(trace["encoder.stages.change"].values, similarity[-1] - similarity[0], atol=1e-12)
