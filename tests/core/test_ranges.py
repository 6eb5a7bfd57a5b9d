"""Which numbers leave the range of their column: counted once more, cell by cell, and proved of attention."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.examples.example import load_example
from core.model.softmax import softmax
from core.trace.norm import first_layer
from core.trace.pipeline import trace_example
from core.trace.ranges import outside


@pytest.mark.parametrize("name", ["default", "padded-batch", "wide", "translation-zh-en", "pre-norm"])
def test_what_leaves_its_column_is_counted(name: str) -> None:
    trace = trace_example(load_example(name))
    network = f"{first_layer(trace)}.feed_forward"
    entering, leaving = trace[f"{network}.input"].values, trace[f"{network}.output"].values
    expected = sum(
        not min(entering[:, column]) - 1e-9 <= leaving[row, column] <= max(entering[:, column]) + 1e-9
        for row in range(leaving.shape[0])
        for column in range(leaving.shape[1])
    )
    assert trace["ranges.feed_forward.count"].values == expected > 0
    assert trace["ranges.feed_forward.size"].values == leaving.size
    assert trace["ranges.attention.count"].values == 0


numbers = st.floats(-1e3, 1e3)


@settings(max_examples=60, deadline=None)
@given(arrays(float, (3, 4), elements=numbers), arrays(float, (4, 2), elements=numbers))
def test_a_mixture_stays_within_its_values(scores: np.ndarray, values: np.ndarray) -> None:
    assert not outside(softmax(scores) @ values, values).any()


def test_what_is_beyond_is_found() -> None:
    np.testing.assert_array_equal(outside(np.array([[0.0, 3.0], [-1.0, 1.0]]), np.array([[0.0, 1.0], [2.0, 2.0]])),
                                  [[0, 1], [1, 0]])  # fmt: skip
