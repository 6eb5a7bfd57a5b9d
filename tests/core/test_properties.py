"""Laws that hold for every input, on inputs that Hypothesis chooses."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.model.attention import attention, merge_heads, multi_head_attention, softmax, softmax_steps, split_heads
from core.model.embedding import embed, sinusoidal_positions
from core.model.masks import as_additive, causal_mask, combine_masks, padding_mask, sliding_window_mask

EXAMPLES = settings(deadline=None, max_examples=60, derandomize=True)

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
size = st.integers(1, 5)
SIDES = st.none() | st.integers(0, 3)
anything = st.floats(allow_nan=False)  # ±∞ and ±1.8e308 included
moderate = st.floats(-8, 8)


def arrays(*shape: int, elements: st.SearchStrategy[float] = moderate) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, shape, elements=elements)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `attention`: batch and heads, a head layout, and any of the masks and options."""
    batch, kv_heads, groups, queries, keys, d_k, d_v = (draw(size) for _ in range(7))
    kv_heads, groups = min(kv_heads, 2), min(groups, 3)
    heads = kv_heads * groups
    problem: dict[str, Any] = {
        "q": draw(arrays(batch, heads, queries, d_k)),
        "k": draw(arrays(batch, kv_heads, keys, d_k)),
        "v": draw(arrays(batch, kv_heads, keys, d_v)),
        "causal": draw(st.booleans()),
        "query_offset": draw(st.integers(-3, 5)),
        "window": draw(st.none() | st.integers(1, 4) | st.tuples(SIDES, SIDES)),
        "sinks": draw(st.integers(0, 2)),
        "scale": draw(st.none() | st.floats(0.1, 2)),
        "soft_cap": draw(st.none() | st.floats(0.5, 5)),
    }
    mask_shape = draw(st.sampled_from([(queries, keys), (keys,), (queries, 1), (heads, 1, keys), (batch, 1, 1, keys)]))
    elements = draw(st.sampled_from([moderate, moderate | st.just(-np.inf)]))
    boolean = hnp.arrays(bool, mask_shape)
    problem["mask"] = draw(st.none() | boolean | hnp.arrays(np.float64, mask_shape, elements=elements))
    lengths = st.lists(st.integers(0, keys), min_size=batch, max_size=batch)
    problem["key_padding"] = draw(st.none() | lengths.map(lambda lengths: padding_mask(lengths, keys)))
    return problem


def by_definition(problem: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Attention number by number in plain Python, from the definition; returns weights and output."""
    q, k, v = problem["q"], problem["k"], problem["v"]
    batch, heads, queries, d_k = q.shape
    keys, d_v, group = k.shape[2], v.shape[3], heads // k.shape[1]
    scale = 1 / math.sqrt(d_k) if problem["scale"] is None else problem["scale"]
    mask = problem["mask"]
    mask = None if mask is None else np.broadcast_to(mask, (batch, heads, queries, keys))
    weights, output = np.zeros((batch, heads, queries, keys)), np.zeros((batch, heads, queries, d_v))
    for b, h, i in np.ndindex(batch, heads, queries):
        row = []
        for j in range(keys):
            score = scale * math.fsum(q[b, h, i, t] * k[b, h // group, j, t] for t in range(d_k))
            if problem["soft_cap"] is not None:
                score = problem["soft_cap"] * math.tanh(score / problem["soft_cap"])
            row.append(score if may_look(problem, mask, (b, h, i, j)) else -math.inf)
            if mask is not None and mask.dtype != bool:
                row[-1] += mask[b, h, i, j]
        if max(row) == -math.inf:
            continue
        exponentials = [math.exp(score - max(row)) for score in row]
        weights[b, h, i] = np.array(exponentials) / math.fsum(exponentials)
        output[b, h, i] = [
            math.fsum(weights[b, h, i, j] * v[b, h // group, j, c] for j in range(keys)) for c in range(d_v)
        ]
    return weights, output


def may_look(problem: dict[str, Any], mask: np.ndarray | None, cell: tuple[int, int, int, int]) -> bool:
    b, _, i, j = cell
    behind = i + problem["query_offset"] - j
    if problem["causal"] and behind < 0:
        return False
    window = problem["window"]
    left, right = window if isinstance(window, tuple) else (window and window - 1,) * 2
    if (left is not None and behind > left and j >= problem["sinks"]) or (right is not None and -behind > right):
        return False
    if problem["key_padding"] is not None and not problem["key_padding"][b, j]:
        return False
    return mask is None or mask.dtype != bool or bool(mask[cell])


# --- softmax ---------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=anything))
def test_softmax_is_a_distribution_or_zero(x: np.ndarray) -> None:
    """Rows sum to 1, or to exactly 0 where everything is −∞; never NaN, at ±∞ and ±1.8e308 too."""
    weights = softmax(x)
    assert ((weights >= 0) & (weights <= 1)).all()
    empty = (x == -np.inf).all(axis=-1)
    np.testing.assert_allclose(weights.sum(axis=-1), np.where(empty, 0, 1), rtol=0, atol=1e-12)
    assert (weights[empty] == 0).all()
    assert (weights[x == -np.inf] == 0).all()


@EXAMPLES
@given(arrays(3, 4, elements=moderate | st.just(-np.inf)), st.floats(-1e3, 1e3))
def test_softmax_shift_invariance(x: np.ndarray, shift: float) -> None:
    np.testing.assert_allclose(softmax(x + shift), softmax(x), rtol=0, atol=1e-12)


@EXAMPLES
@given(arrays(5, elements=anything), st.permutations(range(5)))
def test_softmax_permutation_equivariance(x: np.ndarray, order: list[int]) -> None:
    np.testing.assert_allclose(softmax(x[order]), softmax(x)[order], rtol=0, atol=1e-15)


@EXAMPLES
@given(arrays(6))
def test_softmax_keeps_the_order(x: np.ndarray) -> None:
    weights = softmax(x)
    order = np.argsort(x)
    assert (np.diff(weights[order]) >= 0).all()


@EXAMPLES
@given(arrays(2, 5, elements=anything))
def test_softmax_steps_follow_from_each_other(x: np.ndarray) -> None:
    steps = softmax_steps(x)
    np.testing.assert_array_equal(steps.maximum, x.max(axis=-1))
    assert (steps.shifted <= 0).all()
    np.testing.assert_array_equal(steps.exponentials, np.exp(steps.shifted))
    np.testing.assert_allclose(steps.total, steps.exponentials.sum(axis=-1), rtol=1e-15)
    np.testing.assert_allclose(steps.weights * steps.total[:, None], steps.exponentials, rtol=0, atol=1e-15)


@EXAMPLES
@given(st.data(), st.sampled_from(FLOATS))
def test_softmax_of_every_float(data: st.DataObject, dtype: type) -> None:
    x = data.draw(arrays(3, 4)).astype(dtype)
    steps = softmax_steps(x)
    assert {getattr(steps, field.name).dtype for field in fields(steps)} == {np.dtype(dtype)}
    tolerance = 4 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(steps.weights.sum(axis=-1, dtype=np.longdouble), 1, rtol=0, atol=tolerance)


# --- attention -------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(problems())
def test_attention_is_its_definition(problem: dict[str, Any]) -> None:
    steps = attention(**problem)
    weights, output = by_definition(problem)
    np.testing.assert_allclose(steps.weights, weights, rtol=0, atol=1e-12)
    np.testing.assert_allclose(steps.output, output, rtol=0, atol=1e-12)


@EXAMPLES
@given(problems())
def test_attention_rows_sum_to_one_or_zero(problem: dict[str, Any]) -> None:
    steps = attention(**problem)
    empty = (steps.masked == -np.inf).all(axis=-1)
    np.testing.assert_allclose(steps.weights.sum(axis=-1), np.where(empty, 0, 1), rtol=0, atol=1e-12)
    assert (steps.weights[steps.masked == -np.inf] == 0).all()
    assert (steps.output[empty] == 0).all()


@EXAMPLES
@given(problems())
def test_attention_output_lies_between_the_values(problem: dict[str, Any]) -> None:
    """Each row is a weighted mean: within the smallest and largest value of its column, or zero."""
    steps = attention(**problem)
    group = steps.q.shape[1] // steps.v.shape[1]
    values = np.repeat(steps.v, group, axis=1)
    low = np.minimum(values.min(axis=2, keepdims=True), 0)
    high = np.maximum(values.max(axis=2, keepdims=True), 0)
    assert ((steps.output >= low - 1e-12) & (steps.output <= high + 1e-12)).all()


@EXAMPLES
@given(problems())
def test_attention_leaves_its_inputs(problem: dict[str, Any]) -> None:
    given_arrays = {name: value for name, value in problem.items() if isinstance(value, np.ndarray)}
    before = {name: value.copy() for name, value in given_arrays.items()}
    for value in given_arrays.values():
        value.flags.writeable = False
    steps = attention(**problem)
    for name, value in given_arrays.items():
        np.testing.assert_array_equal(value, before[name])
        for field in fields(steps):
            result = getattr(steps, field.name)
            assert result is None or not np.shares_memory(result, value)


@EXAMPLES
@given(problems(), st.sampled_from(FLOATS))
def test_attention_keeps_the_dtype(problem: dict[str, Any], dtype: type) -> None:
    problem |= {name: problem[name].astype(dtype) for name in "qkv"}
    steps = attention(**problem)
    results = [getattr(steps, field.name) for field in fields(steps)]
    assert {result.dtype for result in results if result is not None} == {np.dtype(dtype)}
    assert not any(np.isnan(result).any() for result in results if result is not None)


@EXAMPLES
@given(problems(), st.data())
def test_permuting_keys_changes_nothing(problem: dict[str, Any], data: st.DataObject) -> None:
    """Without positions attention is a set operation: keys and values (and their masks) in any order."""
    problem |= {"causal": False, "window": None}
    order = np.array(data.draw(st.permutations(range(problem["k"].shape[2]))))
    permuted = {**problem, "k": problem["k"][:, :, order], "v": problem["v"][:, :, order]}
    for name in ("mask", "key_padding"):
        if problem[name] is not None and problem[name].shape[-1] == len(order):
            permuted[name] = problem[name][..., order]
    steps, other = attention(**problem), attention(**permuted)
    np.testing.assert_allclose(other.weights, steps.weights[..., order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(other.output, steps.output, rtol=0, atol=1e-12)


@EXAMPLES
@given(arrays(5, 3), st.permutations(range(5)))
def test_self_attention_permutation_equivariance(x: np.ndarray, order: list[int]) -> None:
    np.testing.assert_allclose(
        attention(x[order], x[order], x[order]).output, attention(x, x, x).output[order], rtol=0, atol=1e-12
    )


@EXAMPLES
@given(problems(), st.data())
def test_causality(problem: dict[str, Any], data: st.DataObject) -> None:
    """Whatever stands at later keys, each query that comes before them gets the very same result."""
    problem |= {"causal": True}
    keys, queries = problem["k"].shape[2], problem["q"].shape[2]
    first = data.draw(st.integers(0, keys - 1))
    changed = {**problem, "k": problem["k"].copy(), "v": problem["v"].copy()}
    changed["k"][:, :, first:] = data.draw(arrays(*changed["k"][:, :, first:].shape))
    changed["v"][:, :, first:] = data.draw(arrays(*changed["v"][:, :, first:].shape))
    before = [i for i in range(queries) if i + problem["query_offset"] < first]
    steps, other = attention(**problem), attention(**changed)
    np.testing.assert_allclose(other.weights[:, :, before], steps.weights[:, :, before], rtol=0, atol=1e-12)
    np.testing.assert_allclose(other.output[:, :, before], steps.output[:, :, before], rtol=0, atol=1e-12)


@EXAMPLES
@given(problems(), st.data())
def test_padding_invariance(problem: dict[str, Any], data: st.DataObject) -> None:
    """Padded keys, whatever they hold, leave what attention without them gives."""
    problem |= {"mask": None}
    batch, _, keys, _ = problem["k"].shape
    extra = data.draw(size)
    padded = dict(problem)
    for name in ("k", "v"):
        shape = (*problem[name].shape[:2], extra, problem[name].shape[3])
        padded[name] = np.concatenate([problem[name], data.draw(arrays(*shape))], axis=2)
    allowed = np.ones((batch, keys), bool) if problem["key_padding"] is None else problem["key_padding"]
    padded["key_padding"] = np.concatenate([allowed, np.zeros((batch, extra), bool)], axis=1)
    steps, other = attention(**problem), attention(**padded)
    np.testing.assert_allclose(other.weights[..., :keys], steps.weights, rtol=0, atol=1e-12)
    assert (other.weights[..., keys:] == 0).all()
    np.testing.assert_allclose(other.output, steps.output, rtol=0, atol=1e-12)


@EXAMPLES
@given(problems())
def test_grouped_queries_equal_repeated_heads(problem: dict[str, Any]) -> None:
    group = problem["q"].shape[1] // problem["k"].shape[1]
    repeated = {**problem, "k": problem["k"].repeat(group, axis=1), "v": problem["v"].repeat(group, axis=1)}
    steps, other = attention(**problem), attention(**repeated)
    np.testing.assert_allclose(steps.weights, other.weights, rtol=0, atol=1e-14)
    np.testing.assert_allclose(steps.output, other.output, rtol=0, atol=1e-13)


@EXAMPLES
@given(problems())
def test_boolean_and_additive_masks_agree(problem: dict[str, Any]) -> None:
    assume(problem["mask"] is not None and problem["mask"].dtype == bool)
    additive = {**problem, "mask": as_additive(problem["mask"])}
    np.testing.assert_array_equal(attention(**additive).weights, attention(**problem).weights)


@EXAMPLES
@given(problems(), st.data())
def test_scores_shift_invariance(problem: dict[str, Any], data: st.DataObject) -> None:
    """A bias that is the same for all keys of a query changes no weight."""
    problem |= {"mask": None}
    shift = data.draw(arrays(problem["q"].shape[2], 1))
    np.testing.assert_allclose(
        attention(**{**problem, "mask": shift}).weights, attention(**problem).weights, rtol=0, atol=1e-12
    )


@EXAMPLES
@given(problems())
def test_each_sentence_of_a_batch_is_attended_alone(problem: dict[str, Any]) -> None:
    steps = attention(**problem)
    mask, padding = problem["mask"], problem["key_padding"]
    for b in range(len(problem["q"])):
        alone = {**problem, **{name: problem[name][b] for name in "qkv"}}
        alone["key_padding"] = None if padding is None else padding[b]
        alone |= {"mask": mask[b] if mask is not None and mask.ndim == 4 else mask, "grouped": True}
        np.testing.assert_allclose(steps.output[b], attention(**alone).output, rtol=0, atol=1e-13)


@EXAMPLES
@given(arrays(3, 2, elements=st.floats(-1e308, 1e308)), st.booleans())
def test_huge_inputs_never_give_nan(x: np.ndarray, causal: bool) -> None:
    """Scores that overflow to ±∞ still give weights (one element per dot product, so that no ∞ − ∞ arises)."""
    steps = attention(x[:, :1], x[:, :1], np.sign(x), causal=causal)
    assert not np.isnan(steps.weights).any()
    assert not np.isnan(steps.output).any()


# --- heads, masks, embeddings ----------------------------------------------------------------------------------------


@EXAMPLES
@given(st.data(), size, size, size)
def test_merge_undoes_split(data: st.DataObject, heads: int, tokens: int, width: int) -> None:
    lead = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    x = data.draw(arrays(*lead, tokens, heads * width))
    parts = split_heads(x, heads)
    assert parts.shape == (*lead, heads, tokens, width)
    np.testing.assert_array_equal(merge_heads(parts), x)
    np.testing.assert_array_equal(split_heads(merge_heads(parts), heads), parts)


@EXAMPLES
@given(st.data(), st.integers(1, 3), st.integers(1, 3), size)
def test_permuting_heads_permutes_nothing_in_the_output(
    data: st.DataObject, heads: int, width: int, tokens: int
) -> None:
    """Heads may stand in any order if the rows of W_O follow."""
    d_model = 4
    x = data.draw(arrays(tokens, d_model))
    w_q, w_k, w_v = (data.draw(arrays(d_model, heads * width)) for _ in range(3))
    w_o = data.draw(arrays(heads * width, d_model))
    order = np.array(data.draw(st.permutations(range(heads))))
    columns = np.arange(heads * width).reshape(heads, width)[order].ravel()
    steps = multi_head_attention(x, None, w_q, w_k, w_v, w_o, heads=heads)
    other = multi_head_attention(x, None, w_q[:, columns], w_k[:, columns], w_v[:, columns], w_o[columns], heads=heads)
    np.testing.assert_allclose(other.heads.weights, steps.heads.weights[order], rtol=0, atol=1e-12)
    np.testing.assert_allclose(other.output, steps.output, rtol=1e-12, atol=1e-11)


@EXAMPLES
@given(st.integers(0, 6), st.integers(0, 6), st.integers(-7, 7), st.integers(1, 4))
def test_masks_cell_by_cell(queries: int, keys: int, offset: int, window: int) -> None:
    causal = causal_mask(queries, keys, offset=offset)
    local = sliding_window_mask(queries, keys, window, offset=offset)
    assert causal.shape == local.shape == (queries, keys)
    for i, j in np.ndindex(queries, keys):
        assert causal[i, j] == (j <= i + offset)
        assert local[i, j] == (i + offset - window < j < i + offset + window)


@EXAMPLES
@given(st.lists(hnp.arrays(bool, (2, 3)), min_size=1, max_size=4))
def test_combined_masks_allow_what_all_allow(masks: list[np.ndarray]) -> None:
    np.testing.assert_array_equal(combine_masks(*masks), np.all(masks, axis=0))


@EXAMPLES
@given(st.data(), st.integers(1, 5), size)
def test_embedding_rows(data: st.DataObject, vocabulary: int, d_model: int) -> None:
    table = data.draw(arrays(vocabulary, d_model))
    ids = data.draw(hnp.arrays(np.int64, hnp.array_shapes(max_dims=2), elements=st.integers(0, vocabulary - 1)))
    rows = embed(ids, table)
    for index in np.ndindex(ids.shape):
        np.testing.assert_array_equal(rows[index], table[ids[index]])


@EXAMPLES
@given(st.integers(0, 40), st.integers(1, 33))
def test_positions_are_unit_vectors_in_pairs(length: int, d_model: int) -> None:
    """Each sine and its cosine lie on the unit circle; an odd d_model leaves its last sine alone."""
    positions = sinusoidal_positions(length, d_model)
    pairs = d_model // 2
    squares = positions[:, 0 : 2 * pairs : 2] ** 2 + positions[:, 1::2] ** 2
    assert squares.shape == (length, pairs)
    np.testing.assert_allclose(squares, 1, rtol=0, atol=1e-14)
