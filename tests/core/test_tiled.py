"""Tiled attention is the textbook's, for every tiling, to 1e-12; and what its tiles keep is what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.model.attention import attention
from core.model.masks import causal_mask
from core.model.tiled import tiled_attention

EXAMPLES = settings(deadline=None, max_examples=80, derandomize=True)
size = st.integers(1, 6)


moderate = st.floats(-8, 8)
whole = st.integers(-600, 600).map(float)  # scores of these, unscaled, are exact however large


@st.composite
def problems(draw: st.DrawFn, exact: bool = False) -> tuple[dict[str, Any], int, int]:
    """q, k, v, a mask or none, a scale or none; and the tiles' rows and columns."""
    batch, queries, keys, d_k, d_v = (draw(size) for _ in range(5))
    cells = whole if exact else moderate

    def array(*shape: int) -> np.ndarray:
        return draw(hnp.arrays(np.float64, shape, elements=cells))

    boolean = hnp.arrays(bool, (queries, keys))
    added = hnp.arrays(np.float64, (batch, queries, keys), elements=cells | st.just(-np.inf))
    mask = draw(st.none() | st.just(causal_mask(queries, keys)) | boolean | added)
    problem = {"q": array(batch, queries, d_k), "k": array(batch, keys, d_k), "v": array(batch, keys, d_v)}
    problem |= {"mask": mask, "scale": 1.0 if exact else draw(st.none() | st.floats(0.1, 1))}
    return problem, draw(st.integers(1, 7)), draw(st.integers(1, 7))


@EXAMPLES
@given(problems() | problems(exact=True))
def test_tiled_is_the_textbook(drawn: tuple[dict[str, Any], int, int]) -> None:
    problem, rows, columns = drawn
    expected = attention(**problem).output
    largest = max(1.0, float(np.abs(problem["v"]).max()))
    output = tiled_attention(**problem, rows=rows, columns=columns).output
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-12 * largest, strict=True)


def test_every_tiling_of_one_problem() -> None:
    rng = np.random.default_rng(4)
    q, k, v = rng.normal(size=(2, 3, 7, 4)), rng.normal(size=(2, 3, 9, 4)), rng.normal(size=(2, 3, 9, 5))
    for mask in (None, causal_mask(7, 9, offset=2), rng.random((7, 9)) < 0.5):
        expected = attention(q, k, v, mask=mask).output
        for rows in range(1, 8):
            for columns in range(1, 10):
                output = tiled_attention(q, k, v, rows=rows, columns=columns, mask=mask).output
                np.testing.assert_allclose(output, expected, rtol=0, atol=1e-12, strict=True)


@EXAMPLES
@given(problems())
def test_maximum_and_sum_are_those_of_the_keys_so_far(drawn: tuple[dict[str, Any], int, int]) -> None:
    problem, rows, columns = drawn
    masked = attention(**problem).masked
    steps = tiled_attention(**problem, rows=rows, columns=columns)
    queries, keys = masked.shape[-2:]
    assert len(steps.tiles) == -(-queries // rows) * -(-keys // columns)
    for tile in steps.tiles:
        sofar = masked[:, tile.rows, : tile.columns.stop]
        np.testing.assert_allclose(tile.maximum, sofar.max(axis=-1), rtol=1e-12, atol=1e-9)
        lowest = np.where(np.isneginf(tile.maximum), 0, tile.maximum)
        np.testing.assert_allclose(tile.total, np.exp(sofar - lowest[..., None]).sum(axis=-1), rtol=1e-6, atol=1e-12)
        assert tile.scores.shape == (
            *masked.shape[:-2],
            tile.rows.stop - tile.rows.start,
            *tile.exponentials.shape[-1:],
        )
        assert ((tile.correction >= 0) & (tile.correction <= 1)).all()


def test_by_hand() -> None:
    """Scores ln 1, ln 4, ln 2 key by key: the maximum rises once, and the sum so far is divided by four."""
    steps = tiled_attention([[1.0]], np.log([[1.0], [4.0], [2.0]]), [[7.0], [0.0], [7.0]], rows=1, columns=1, scale=1)
    assert [float(tile.correction[0]) for tile in steps.tiles] == pytest.approx([0, 0.25, 1])
    assert [float(tile.total[0]) for tile in steps.tiles] == pytest.approx([1, 1.25, 1.75])
    assert [float(tile.mixed[0, 0]) for tile in steps.tiles] == pytest.approx([7, 1.75, 5.25])
    assert float(steps.output[0, 0]) == pytest.approx(3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_stays(dtype: type) -> None:
    x = np.random.default_rng(2).normal(size=(5, 4)).astype(dtype)
    output = tiled_attention(x, x, x, rows=2, columns=3).output
    assert output.dtype == dtype
    np.testing.assert_allclose(output, attention(x, x, x).output, rtol=0, atol=8 * float(np.finfo(dtype).eps))


def test_no_query_and_no_key() -> None:
    assert tiled_attention(np.zeros((0, 2)), np.ones((3, 2)), np.ones((3, 4)), rows=2, columns=2).output.shape == (0, 4)
    output = tiled_attention(np.ones((2, 2)), np.zeros((0, 2)), np.zeros((0, 4)), rows=2, columns=2).output
    np.testing.assert_array_equal(output, np.zeros((2, 4)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tiled_attention([[1.0]], [[1.0]], [[1.0]], rows=0, columns=1), "found tiles of 0 × 1"),
        (
            lambda: tiled_attention([[1.0]], [[1.0, 2.0]], [[1.0]], rows=1, columns=1),
            r"q has shape \(1, 1\), k \(1, 2\)",
        ),
        (lambda: tiled_attention([[1.0]], [[1.0]], np.ones((2, 1)), rows=1, columns=1), r"v \(2, 1\); expected"),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
