from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from core.model.attention import (
    attention,
    merge_heads,
    multi_head_attention,
    softmax,
    softmax_steps,
    split_heads,
)
from core.model.masks import causal_mask, combine_masks, padding_mask, sliding_window_mask

LN2 = math.log(2)


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


# --- softmax ---------------------------------------------------------------------------------------------------------


def test_softmax_steps_by_hand() -> None:
    steps = softmax_steps([[0.0, LN2, 2 * LN2], [5.0, 5.0, -np.inf]])
    np.testing.assert_allclose(steps.maximum, [2 * LN2, 5])
    np.testing.assert_allclose(steps.shifted, [[-2 * LN2, -LN2, 0], [0, 0, -np.inf]])
    np.testing.assert_allclose(steps.exponentials, [[0.25, 0.5, 1], [1, 1, 0]])
    np.testing.assert_allclose(steps.total, [1.75, 2])
    np.testing.assert_allclose(steps.weights, [[1 / 7, 2 / 7, 4 / 7], [0.5, 0.5, 0]])


def test_softmax_steps_of_a_fully_masked_row() -> None:
    steps = softmax_steps([-np.inf, -np.inf])
    assert steps.maximum == -np.inf
    assert steps.shifted.tolist() == [-np.inf, -np.inf]
    assert steps.exponentials.tolist() == [0, 0]
    assert steps.total == 0
    assert steps.weights.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1e308, 1e308], [0.5, 0.5]),
        ([1e308, -1e308], [1, 0]),
        ([-1e308, -1e308, -np.inf], [0.5, 0.5, 0]),
        ([1.7976931348623157e308, -1.7976931348623157e308, 0], [1, 0, 0]),
        ([np.inf, 0, np.inf], [0.5, 0, 0.5]),
        ([np.inf, -np.inf], [1, 0]),
        ([-745.0, 0.0], [math.exp(-745), 1]),
        ([7.0], [1]),
    ],
)
def test_softmax_extremes(x: list[float], expected: list[float]) -> None:
    assert softmax(x).tolist() == expected


def test_softmax_keeps_nan_in_its_row() -> None:
    weights = softmax([[np.nan, 1.0], [0.0, 0.0]])
    assert np.isnan(weights[0]).all()
    assert weights[1].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_softmax_axis(axis: int) -> None:
    x = normal(2, 3, 4)
    expected = np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(softmax(x, axis), expected, rtol=0, atol=1e-15)
    steps = softmax_steps(x, axis)
    np.testing.assert_array_equal(steps.maximum, x.max(axis=axis))
    assert steps.total.shape == x.sum(axis=axis).shape


def test_softmax_of_nothing() -> None:
    assert softmax(np.zeros((2, 0))).shape == (2, 0)
    assert softmax_steps(np.zeros((2, 0))).total.tolist() == [0, 0]


def test_softmax_float16_sums_without_losing_terms() -> None:
    """In half precision alone a running sum of 4096 ones would stop at 2048."""
    steps = softmax_steps(np.zeros(4096, np.float16))
    assert steps.total == 4096
    assert steps.weights.dtype == np.float16
    np.testing.assert_array_equal(steps.weights, np.float16(1 / 4096))


@pytest.mark.parametrize(
    ("x", "axis", "error", "message"),
    [
        (1.0, -1, ValueError, r"shape \(\); expected an axis -1"),
        ([[1.0]], 2, ValueError, r"shape \(1, 1\); expected an axis 2"),
        ([1j], -1, TypeError, "complex128"),
        (["a"], -1, TypeError, "<U1"),
    ],
)
def test_softmax_errors(x, axis, error, message) -> None:
    with pytest.raises(error, match=message):
        softmax_steps(x, axis)


# --- attention -------------------------------------------------------------------------------------------------------


def test_attention_by_hand() -> None:
    """d_k = 4, so the scale is 1/2; the scores are chosen so that the weights are thirds."""
    q = [[2 * LN2, 0, 0, 0], [0, 0, 0, 0]]
    k = [[1, 5, 0, 0], [0, 0, 7, 0]]
    v = [[3, 0, 6], [0, 3, 3]]
    steps = attention(q, k, v)
    np.testing.assert_allclose(steps.scores, [[2 * LN2, 0], [0, 0]])
    np.testing.assert_allclose(steps.scaled, [[LN2, 0], [0, 0]])
    assert steps.capped is None
    np.testing.assert_array_equal(steps.masked, steps.scaled)
    np.testing.assert_allclose(steps.weights, [[2 / 3, 1 / 3], [1 / 2, 1 / 2]])
    np.testing.assert_allclose(steps.output, [[2, 1, 5], [1.5, 1.5, 4.5]])


def test_attention_keeps_each_step_of_one_computation() -> None:
    q, k, v = normal(2, 3, 4, 5), normal(2, 3, 6, 5), normal(2, 3, 6, 7)
    steps = attention(q, k, v, causal=True, query_offset=1, soft_cap=0.8, scale=0.7)
    for name, given in (("q", q), ("k", k), ("v", v)):
        np.testing.assert_array_equal(getattr(steps, name), given)
    np.testing.assert_allclose(steps.scores, np.einsum("bhqd,bhkd->bhqk", q, k), rtol=1e-13)
    np.testing.assert_array_equal(steps.scaled, steps.scores * 0.7)
    np.testing.assert_allclose(steps.capped, 0.8 * np.tanh(steps.scaled / 0.8), rtol=1e-15)
    allowed = causal_mask(4, 6, offset=1)
    np.testing.assert_array_equal(steps.masked[..., allowed], steps.capped[..., allowed])
    assert (steps.masked[..., ~allowed] == -np.inf).all()
    np.testing.assert_array_equal(steps.weights, softmax(steps.masked))
    np.testing.assert_array_equal(steps.output, steps.weights @ v)


def test_attention_steps_are_frozen() -> None:
    steps = attention([[1.0]], [[1.0]], [[1.0]])
    with pytest.raises(dataclasses.FrozenInstanceError):
        steps.output = steps.q  # type: ignore[misc]


def test_attention_results_are_independent_of_the_arguments() -> None:
    q = normal(2, 3)
    steps = attention(q, q, q)
    q[:] = 0
    np.testing.assert_array_equal(steps.q, normal(2, 3))
    assert not np.shares_memory(steps.q, steps.k)
    assert not np.shares_memory(steps.masked, steps.scaled)


@pytest.mark.parametrize(
    ("shapes", "scores", "output"),
    [
        (((3, 4), (5, 4), (5, 2)), (3, 5), (3, 2)),
        (((6, 3, 4), (6, 5, 4), (6, 5, 2)), (6, 3, 5), (6, 3, 2)),
        (((2, 6, 3, 4), (2, 6, 5, 4), (2, 6, 5, 2)), (2, 6, 3, 5), (2, 6, 3, 2)),
        (((2, 6, 3, 4), (2, 3, 5, 4), (2, 3, 5, 2)), (2, 6, 3, 5), (2, 6, 3, 2)),
        (((2, 6, 3, 4), (2, 1, 5, 4), (2, 1, 5, 2)), (2, 6, 3, 5), (2, 6, 3, 2)),
        (((6, 3, 4), (1, 5, 4), (1, 5, 2)), (6, 3, 5), (6, 3, 2)),
        (((6, 3, 4), (5, 4), (5, 2)), (6, 3, 5), (6, 3, 2)),
        (((3, 4), (6, 5, 4), (6, 5, 2)), (6, 3, 5), (6, 3, 2)),
        (((1, 6, 3, 4), (2, 6, 5, 4), (2, 6, 5, 2)), (2, 6, 3, 5), (2, 6, 3, 2)),
        (((2, 6, 3, 4), (2, 6, 5, 4), (2, 2, 5, 1)), (2, 6, 3, 5), (2, 6, 3, 1)),
        (((0, 4), (5, 4), (5, 2)), (0, 5), (0, 2)),
        (((1, 3, 4), (0, 5, 4), (0, 5, 2)), (0, 3, 5), (0, 3, 2)),
        (((2, 0, 3, 4), (2, 0, 5, 4), (2, 0, 5, 2)), (2, 0, 3, 5), (2, 0, 3, 2)),
    ],
)
def test_attention_shapes(shapes, scores, output) -> None:
    steps = attention(*(normal(*shape) for shape in shapes))
    assert steps.scores.shape == steps.scaled.shape == steps.masked.shape == steps.weights.shape == scores
    assert steps.output.shape == output
    assert (steps.q.shape, steps.k.shape, steps.v.shape) == shapes


def test_attention_without_keys_looks_at_nothing() -> None:
    steps = attention(normal(2, 3), np.zeros((0, 3)), np.zeros((0, 4)))
    assert steps.weights.shape == (2, 0)
    assert steps.output.tolist() == [[0] * 4] * 2


def test_grouped_queries_share_neighbouring_heads() -> None:
    """Query heads 0 and 1 look at key head 0, 2 and 3 at key head 1."""
    q, k, v = normal(4, 3, 5), normal(2, 6, 5), normal(2, 6, 2)
    steps = attention(q, k, v, grouped=True)
    for head in range(4):
        alone = attention(q[head], k[head // 2], v[head // 2])
        np.testing.assert_allclose(steps.weights[head], alone.weights, rtol=0, atol=1e-15)
        np.testing.assert_allclose(steps.output[head], alone.output, rtol=0, atol=1e-15)


@pytest.mark.parametrize("fully_masked", [np.zeros((3, 4), bool), np.full((3, 4), -np.inf), [[-np.inf]]])
def test_fully_masked_gives_zeros_not_the_mean(fully_masked) -> None:
    v = normal(4, 2)
    steps = attention(normal(3, 5), normal(4, 5), v, mask=fully_masked)
    assert (steps.masked == -np.inf).all()
    assert steps.weights.tolist() == [[0] * 4] * 3
    assert steps.output.tolist() == [[0] * 2] * 3


def test_a_large_finite_mask_is_taken_as_given() -> None:
    """Adding −1e9 instead of −∞ to a whole row masks nothing: the row attends as if unmasked, or, where the sum drowns
    the score (float32), gets the mean of v. Only −∞ masks.
    """
    q, k, v = normal(3, 5), normal(4, 5), normal(4, 2)
    fill = np.full((3, 4), -1e9)
    np.testing.assert_allclose(attention(q, k, v, mask=fill).weights, attention(q, k, v).weights, rtol=0, atol=1e-6)
    single = attention(*(x.astype(np.float32) for x in (q, k, v)), mask=fill)
    np.testing.assert_array_equal(single.weights, 0.25)
    np.testing.assert_allclose(single.output, np.tile(v.mean(axis=0), (3, 1)), rtol=0, atol=1e-6)


def test_masked_key_of_overflowing_score_is_masked() -> None:
    """The score is +∞ before the mask; ∞ − ∞ must not become NaN."""
    steps = attention([[1e200]], [[1e200], [0.0]], [[1.0], [2.0]], mask=[False, True])
    assert steps.scores.tolist() == [[np.inf, 0]]
    assert steps.masked.tolist() == [[-np.inf, 0]]
    assert steps.output.tolist() == [[2]]


def test_masks_apply_together() -> None:
    q, k, v = normal(2, 3, 4, 5), normal(2, 3, 6, 5), normal(2, 3, 6, 5)
    bias = normal(3, 4, 6)
    together = attention(q, k, v, mask=bias, key_padding=padding_mask([6, 3], 6), causal=True, query_offset=2, window=3)
    allowed = combine_masks(
        padding_mask([6, 3], 6)[:, None, None, :],
        causal_mask(4, 6, offset=2),
        sliding_window_mask(4, 6, 3, offset=2),
    )
    by_hand = np.where(allowed, together.scaled + bias, -np.inf)
    np.testing.assert_array_equal(together.masked, by_hand)
    assert np.isfinite(by_hand).any()
    assert np.isinf(by_hand).any()


@pytest.mark.parametrize("shape", [(6,), (1, 6), (4, 1), (4, 6), (3, 4, 6), (3, 1, 6), (2, 1, 1, 6), (2, 3, 4, 6), ()])
def test_mask_of_any_broadcastable_shape(shape: tuple[int, ...]) -> None:
    q, k, v = normal(2, 3, 4, 5), normal(2, 3, 6, 5), normal(2, 3, 6, 5)
    boolean, additive = normal(*shape) > -0.5, normal(*shape)
    masked = attention(q, k, v, mask=boolean).masked
    np.testing.assert_array_equal(masked == -np.inf, np.broadcast_to(~boolean, masked.shape))
    steps = attention(q, k, v, mask=additive)
    np.testing.assert_array_equal(steps.masked, steps.scaled + additive)


@pytest.mark.parametrize("padding", [padding_mask([2, 4], 4), np.where(padding_mask([2, 4], 4), 0.5, -np.inf)])
def test_key_padding_belongs_to_the_batch(padding: np.ndarray) -> None:
    """Batch and heads are equally many here: the padding must not be taken for the heads'."""
    steps = attention(normal(2, 2, 3, 5), normal(2, 2, 4, 5), normal(2, 2, 4, 5), key_padding=padding)
    assert (steps.weights[0, :, :, 2:] == 0).all()
    assert (steps.weights[0, :, :, :2] > 0).all()
    assert (steps.weights[1] > 0).all()


def test_key_padding_of_a_single_sentence() -> None:
    steps = attention(normal(3, 5), normal(4, 5), normal(4, 5), key_padding=padding_mask(3, 4))
    np.testing.assert_array_equal(steps.weights > 0, [[True, True, True, False]] * 3)


def test_query_offset_alone_changes_nothing() -> None:
    q, k, v = normal(3, 4), normal(5, 4), normal(5, 2)
    np.testing.assert_array_equal(attention(q, k, v, query_offset=3).output, attention(q, k, v).output)


def test_decoding_step_by_step_equals_all_at_once() -> None:
    q, k, v = normal(2, 5, 4), normal(2, 5, 4), normal(2, 5, 3)
    whole = attention(q, k, v, causal=True, window=3).output
    steps = [
        attention(q[:, i : i + 1], k[:, : i + 1], v[:, : i + 1], causal=True, window=3, query_offset=i).output
        for i in range(5)
    ]
    np.testing.assert_allclose(np.concatenate(steps, axis=1), whole, rtol=0, atol=1e-14)


@pytest.mark.parametrize("scale", [0.0, 1.0, -2.0])
def test_own_scale(scale: float) -> None:
    steps = attention(normal(3, 4), normal(5, 4), normal(5, 2), scale=scale)
    np.testing.assert_array_equal(steps.scaled, steps.scores * scale)


def test_soft_cap_bounds_the_scores() -> None:
    steps = attention(100 * normal(3, 4), normal(5, 4), normal(5, 2), soft_cap=5)
    assert steps.capped is not None
    assert np.abs(steps.scaled).max() > 50
    assert np.abs(steps.capped).max() <= 5
    np.testing.assert_array_equal(steps.masked, steps.capped)


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("f8", "f8", "f8"), "f8"),
        (("f4", "f4", "f4"), "f4"),
        (("f2", "f2", "f2"), "f2"),
        (("f4", "f2", "f2"), "f4"),
        (("f4", "f4", "f8"), "f8"),
        (("i4", "i4", "i4"), "f8"),
        (("i1", "f4", "f4"), "f8"),
        (("g", "g", "g"), "g"),
    ],
)
def test_attention_dtype(dtypes: tuple[str, ...], expected: str) -> None:
    q, k, v = (normal(2, 3, 4).astype(dtype) for dtype in dtypes)
    steps = attention(q, k, v, mask=np.zeros((3, 3)), causal=True, soft_cap=np.float64(2), scale=np.float64(0.5))
    for field in dataclasses.fields(steps):
        assert getattr(steps, field.name).dtype == np.dtype(expected), field.name


def test_float16_rounds_each_step_once() -> None:
    """Each step in half precision is the nearest to what single precision gives, and sums do not overflow."""
    q, k, v = (normal(2, 300, 8).astype(np.float16) for _ in range(3))
    half = attention(q, k, v)
    single = attention(q.astype(np.float32), k.astype(np.float32), v.astype(np.float32))
    for name in ("scores", "scaled", "weights", "output"):
        np.testing.assert_array_equal(getattr(half, name), getattr(single, name).astype(np.float16), err_msg=name)


def test_float16_scores_beyond_its_range_still_give_weights() -> None:
    """The score, 90 000, is above what half precision holds; the scaled one is not."""
    q = np.full((1, 4), 150, np.float16)
    steps = attention(q, q, [[1.0]])
    assert steps.output.tolist() == [[1.0]]
    steps = attention(q, np.concatenate([q, -q]), np.array([[1], [2]], np.float16))
    assert steps.scores.tolist() == [[np.inf, -np.inf]]
    assert steps.weights.tolist() == [[1, 0]]


@pytest.mark.parametrize(
    ("shapes", "options", "parts"),
    [
        (((3, 4), (5, 3), (5, 2)), {}, ["(3, 4)", "(5, 3)", "(5, 2)", "same d_k"]),
        (((3, 0), (5, 0), (5, 2)), {}, ["(3, 0)", "d_k ≥ 1"]),
        (((3, 4), (5, 4), (6, 2)), {}, ["(5, 4)", "(6, 2)", "same number of keys"]),
        (((4,), (5, 4), (5, 2)), {}, ["(4,)", "(…, queries, d_k)"]),
        (((3, 4), (5, 4), (5,)), {}, ["(5,)", "(…, keys, d_v)"]),
        (((6, 3, 4), (4, 5, 4), (4, 5, 2)), {"grouped": True}, ["(6, 3, 4)", "(4, 5, 4)", "divide"]),
        (((6, 3, 4), (2, 5, 4), (2, 5, 2)), {}, ["(6, 3, 4)", "(2, 5, 4)", "grouped=True"]),
        (((2, 6, 3, 4), (2, 2, 5, 4), (2, 2, 5, 2)), {"grouped": False}, ["(2, 6, 3, 4)", "(2, 2, 5, 4)"]),
        (((2, 6, 3, 4), (3, 6, 5, 4), (3, 6, 5, 2)), {}, ["(2, 6, 3, 4)", "(3, 6, 5, 4)", "broadcast"]),
        (((6, 3, 4), (6, 5, 4), (4, 5, 2)), {}, ["(6, 5, 4)", "(4, 5, 2)", "divide"]),
        (((2, 3, 4), (4, 5, 4), (4, 5, 2)), {}, ["(2, 3, 4)", "(4, 5, 4)", "divide those of q"]),
        (((3, 4), (5, 4), (5, 2)), {"mask": np.ones((3, 6), bool)}, ["mask", "(3, 6)", "(3, 5)"]),
        (((3, 4), (5, 4), (5, 2)), {"mask": np.ones((2, 3, 5), bool)}, ["mask", "(2, 3, 5)", "(3, 5)"]),
        (((2, 3, 4), (2, 5, 4), (2, 5, 2)), {"key_padding": np.ones((3, 5), bool)}, ["key padding", "(3, 1, 5)"]),
        (
            ((3, 4), (5, 4), (5, 2)),
            {"key_padding": np.ones((1, 5), bool)},
            ["key padding", "(1, 5)", "2 of the scores"],
        ),
        (
            ((2, 3, 4), (2, 5, 4), (2, 5, 2)),
            {"key_padding": np.ones((2, 1), bool)},
            ["key padding", "(2, 1)", "(batch…, 5), all the keys"],
        ),
        (((3, 4), (5, 4), (5, 2)), {"window": 0}, ["window of 0", "at least 1"]),
        (((3, 4), (5, 4), (5, 2)), {"window": (-1, 2)}, ["-1 positions back and 2 ahead", "no negative"]),
        (((3, 4), (5, 4), (5, 2)), {"scale": math.nan}, ["scale of nan", "finite"]),
        (((3, 4), (5, 4), (5, 2)), {"scale": math.inf}, ["scale of inf", "finite"]),
        (((3, 4), (5, 4), (5, 2)), {"soft_cap": math.inf}, ["soft cap of inf", "finite"]),
        (((3, 4), (5, 4), (5, 2)), {"soft_cap": 0.0}, ["soft cap of 0.0", "positive"]),
        (((3, 4), (5, 4), (5, 2)), {"soft_cap": math.nan}, ["soft cap of nan", "positive"]),
    ],
)
def test_attention_errors_name_the_shapes(shapes, options, parts) -> None:
    with pytest.raises(ValueError) as caught:
        attention(*(normal(*shape) for shape in shapes), **options)
    for part in parts:
        assert part in str(caught.value)


def test_attention_refuses_what_is_no_real_number_and_ambiguous_masks() -> None:
    x = normal(2, 2)
    with pytest.raises(TypeError, match="complex128"):
        attention(x * 1j, x, x)
    with pytest.raises(TypeError, match="int64"):
        attention(x, x, x, mask=[[1, 0], [1, 1]])


# --- heads -----------------------------------------------------------------------------------------------------------


def test_split_heads_cuts_columns() -> None:
    x = [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert split_heads(x, 2).tolist() == [[[1, 2], [5, 6]], [[3, 4], [7, 8]]]
    assert split_heads(x, 1).tolist() == [x]
    assert split_heads(x, 4).shape == (4, 2, 1)


def test_merge_heads_puts_heads_side_by_side() -> None:
    assert merge_heads([[[1, 2], [5, 6]], [[3, 4], [7, 8]]]).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_heads_are_copies() -> None:
    x = normal(3, 4)
    parts = split_heads(x, 2)
    assert not np.shares_memory(parts, x)
    assert not np.shares_memory(merge_heads(parts[:1]), parts)


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: split_heads(np.zeros((3, 4)), 3), ["(3, 4)", "3 heads", "heads · d"]),
        (lambda: split_heads(np.zeros((3, 4)), 0), ["(3, 4)", "0 heads"]),
        (lambda: split_heads(np.zeros(4), 2), ["(4,)", "(…, tokens, heads · d)"]),
        (lambda: merge_heads(np.zeros((3, 4))), ["(3, 4)", "(…, heads, tokens, d)"]),
    ],
)
def test_head_errors(call, parts) -> None:
    with pytest.raises(ValueError) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)


# --- multi-head attention --------------------------------------------------------------------------------------------


def weights(d_model: int, heads: int, d_k: int, d_v: int, d_out: int, kv_heads: int, d_source: int):
    return (
        normal(d_model, heads * d_k, seed=1),
        normal(d_source, kv_heads * d_k, seed=2),
        normal(d_source, kv_heads * d_v, seed=3),
        normal(heads * d_v, d_out, seed=4),
    )


def test_multi_head_equals_one_head_after_another() -> None:
    """Vaswani et al. (2017), section 3.2.2, head by head, with cross-attention, grouped queries and biases."""
    x_q, x_kv = normal(2, 3, 6), normal(2, 5, 4)
    w_q, w_k, w_v, w_o = weights(6, 4, 3, 2, 7, kv_heads=2, d_source=4)
    b_q, b_k, b_v, b_o = normal(12), normal(6), normal(4), normal(7)
    steps = multi_head_attention(x_q, x_kv, w_q, w_k, w_v, w_o, heads=4, kv_heads=2, b_q=b_q, b_k=b_k, b_v=b_v, b_o=b_o)
    outputs = []
    for head in range(4):
        own, shared = slice(3 * head, 3 * head + 3), head // 2
        q = x_q @ w_q[:, own] + b_q[own]
        k = x_kv @ w_k[:, 3 * shared : 3 * shared + 3] + b_k[3 * shared : 3 * shared + 3]
        v = x_kv @ w_v[:, 2 * shared : 2 * shared + 2] + b_v[2 * shared : 2 * shared + 2]
        outputs.append(attention(q, k, v).output)
        np.testing.assert_allclose(steps.heads.q[:, head], q, atol=1e-14)
        np.testing.assert_allclose(steps.heads.k[:, shared], k, atol=1e-14)
        np.testing.assert_allclose(steps.heads.v[:, shared], v, atol=1e-14)
        np.testing.assert_allclose(steps.heads.output[:, head], outputs[-1], atol=1e-14)
    concat = np.concatenate(outputs, axis=-1)
    np.testing.assert_allclose(steps.concat, concat, atol=1e-14)
    np.testing.assert_allclose(steps.output, concat @ w_o + b_o, atol=1e-13)
    assert (steps.q.shape, steps.k.shape, steps.v.shape) == ((2, 3, 12), (2, 5, 6), (2, 5, 4))
    assert steps.output.shape == (2, 3, 7)


def test_one_head_is_plain_attention() -> None:
    x = normal(4, 6)
    w_q, w_k, w_v, w_o = weights(6, 1, 5, 3, 6, kv_heads=1, d_source=6)
    steps = multi_head_attention(x, None, w_q, w_k, w_v, w_o, heads=1, causal=True)
    alone = attention(x @ w_q, x @ w_k, x @ w_v, causal=True)
    np.testing.assert_allclose(steps.heads.weights[0], alone.weights, atol=1e-15)
    np.testing.assert_allclose(steps.output, alone.output @ w_o, atol=1e-14)


def test_self_attention_is_cross_attention_with_itself() -> None:
    x, matrices = normal(2, 4, 6), weights(6, 2, 3, 3, 6, kv_heads=2, d_source=6)
    itself = multi_head_attention(x, None, *matrices, heads=2)
    np.testing.assert_array_equal(itself.output, multi_head_attention(x, x, *matrices, heads=2).output)


def test_multi_head_passes_every_option_on() -> None:
    x, matrices = normal(2, 5, 6), weights(6, 2, 3, 3, 6, kv_heads=2, d_source=6)
    options = {
        "mask": normal(2, 1, 5, 5),
        "key_padding": padding_mask([5, 3], 5),
        "causal": True,
        "query_offset": 1,
        "window": 3,
        "scale": 0.3,
        "soft_cap": 0.9,
    }
    steps = multi_head_attention(x, None, *matrices, heads=2, **options)
    q, k, v = steps.heads.q, steps.heads.k, steps.heads.v
    direct = attention(q, k, v, **options)
    for field in dataclasses.fields(direct):
        np.testing.assert_array_equal(getattr(steps.heads, field.name), getattr(direct, field.name), field.name)
    for name in options:
        fewer = {key: value for key, value in options.items() if key != name}
        assert not np.array_equal(attention(q, k, v, **fewer).masked, direct.masked), name


def test_fully_masked_sentence_gives_the_output_bias() -> None:
    x, matrices = normal(2, 3, 4), weights(4, 2, 2, 2, 5, kv_heads=2, d_source=4)
    b_o = normal(5)
    steps = multi_head_attention(x, None, *matrices, heads=2, b_o=b_o, key_padding=padding_mask([0, 3], 3))
    assert (steps.concat[0] == 0).all()
    np.testing.assert_array_equal(steps.output[0], np.tile(b_o, (3, 1)))
    assert (steps.concat[1] != 0).any()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_multi_head_dtype(dtype: type) -> None:
    x, *matrices = (a.astype(dtype) for a in (normal(3, 4), *weights(4, 2, 2, 2, 4, kv_heads=2, d_source=4)))
    steps = multi_head_attention(x, None, *matrices, heads=2, b_q=np.zeros(4, dtype), causal=True)
    for array in (steps.q, steps.k, steps.v, steps.heads.weights, steps.heads.output, steps.concat, steps.output):
        assert array.dtype == dtype


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"heads": 3}, ["(3, 4)", "3 heads"]),
        ({"heads": 0}, ["0 heads", "0 kv_heads"]),
        ({"kv_heads": 0}, ["2 heads", "0 kv_heads", "multiple"]),
        ({"heads": 2, "kv_heads": 4}, ["2 heads", "4 kv_heads", "multiple"]),
        ({"x_q": np.zeros((3, 5))}, ["x has shape (3, 5)", "w_q (6, 4)", "d_in"]),
        ({"x_q": np.zeros(6)}, ["(6,)", "(…, tokens, d_in)"]),
        ({"x_kv": np.zeros((3, 5))}, ["x has shape (3, 5)", "w_k (6, 4)"]),
        ({"w_v": np.zeros((5, 4))}, ["(3, 6)", "w_v (5, 4)"]),
        ({"w_v": np.zeros(4)}, ["w_v (4,)", "(d_in, d_out)"]),
        ({"w_k": np.zeros((6, 6))}, ["(2, 3, 2)", "(2, 3, 3)", "d_k"]),
        ({"w_o": np.zeros((5, 6))}, ["(3, 4)", "w_o (5, 6)"]),
        ({"b_q": np.zeros(3)}, ["b_q", "(3,)", "w_q (6, 4)"]),
        ({"b_o": np.zeros((1, 6))}, ["b_o", "(1, 6)", "(d_out,)"]),
        ({"mask": np.ones((5, 3), bool)}, ["(5, 3)", "(2, 3, 3)"]),
    ],
)
def test_multi_head_errors_name_the_shapes(changes, parts) -> None:
    arguments = {
        "x_q": np.zeros((3, 6)),
        "x_kv": None,
        "w_q": np.zeros((6, 4)),
        "w_k": np.zeros((6, 4)),
        "w_v": np.zeros((6, 4)),
        "w_o": np.zeros((4, 6)),
        "heads": 2,
    }
    multi_head_attention(**arguments)
    with pytest.raises(ValueError) as caught:
        multi_head_attention(**{**arguments, **changes})
    for part in parts:
        assert part in str(caught.value)
