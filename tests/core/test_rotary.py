"""Rotary embedding and ALiBi: against ONNX, by hand, and that a score depends on the distance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import onnx
import onnx.backend.test.case.node.rotaryembedding  # importing this registers its cases
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx.reference import ReferenceEvaluator

from core.model.alibi import alibi_bias, alibi_slopes
from core.model.attention import attention, merge_heads, multi_head_attention, split_heads
from core.model.embedding import sinusoidal_positions
from core.model.rotary import (
    Rotary,
    rotary_embedding,
    rotary_frequencies,
    rotary_wavelengths,
    stretched_base,
    turn_pairs,
)
from tests.core.references import attributes_of, onnx_cases

EXAMPLES = settings(deadline=None, max_examples=60, derandomize=True)
moderate = st.floats(-8, 8)


def rows(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, shape, elements=moderate)


@st.composite
def kinds(draw: st.DrawFn, d: int = 6) -> Rotary:
    return Rotary(
        base=draw(st.floats(2, 1e6)),
        width=draw(st.sampled_from([None, *range(2, d + 1, 2)])),
        interleaved=draw(st.booleans()),
        scaling=draw(st.floats(0.5, 16)),
    )


# --- ONNX -------------------------------------------------------------------------------------------------------------


def as_onnx(named: dict[str, np.ndarray], options: dict[str, Any]) -> np.ndarray:
    """ONNX's RotaryEmbedding expressed with `turn_pairs`: its caches are looked up by position, or one a token."""
    x, places = named["input"], named.get("position_ids")
    flat = x.ndim == 3
    heads = split_heads(x, options["num_heads"]) if flat else x  # (batch, heads, tokens, d)
    waves = (named[name] if places is None else named[name][places] for name in ("cos_cache", "sin_cache"))
    cosines, sines = (wave[:, None] for wave in waves)  # (batch, 1, tokens, pairs)
    turned = turn_pairs(heads, cosines, sines, interleaved=bool(options.get("interleaved")))
    return merge_heads(turned) if flat else turned


@pytest.mark.parametrize("case", onnx_cases("RotaryEmbedding"), ids=lambda case: case.name.removeprefix("test_"))
def test_onnx(case: Any) -> None:
    """Every case of ONNX's suite, and the same node on float64 numbers by its reference evaluator."""
    (node,) = case.model.graph.node
    options = attributes_of(case)
    names = [name for name in node.input if name]
    for arrays, (expected,) in case.data_sets:
        result = as_onnx(dict(zip(names, arrays, strict=True)), options)
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6, strict=True)
    rng = np.random.default_rng(7)
    wide = [array if array.dtype.kind == "i" else rng.normal(size=array.shape) for array in case.data_sets[0][0]]
    named = dict(zip(names, wide, strict=True))
    info = onnx.helper.make_tensor_value_info
    ins = [info(name, onnx.helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for name, a in named.items()]
    graph = onnx.helper.make_graph([node], "rotary", ins, [info(node.output[0], onnx.TensorProto.DOUBLE, None)])
    model = onnx.helper.make_model(graph, opset_imports=case.model.opset_import)
    (expected,) = ReferenceEvaluator(model).run(None, named)
    np.testing.assert_allclose(as_onnx(named, options), expected, rtol=0, atol=1e-12, strict=True)


def test_onnx_conformance_is_there() -> None:
    assert len(onnx_cases("RotaryEmbedding")) >= 8


# --- rotary embedding -------------------------------------------------------------------------------------------------


@EXAMPLES
@given(rows(6), rows(6), kinds(), st.integers(0, 40), st.integers(0, 40), st.integers(-30, 30))
def test_the_score_depends_on_the_distance_only(
    q: np.ndarray, k: np.ndarray, rotary: Rotary, at: int, other: int, moved: int
) -> None:
    """Moving both tokens leaves their score; moving neither or one does not need to."""

    def score(query: int, key: int) -> float:
        return float((rotary_embedding(q[None], [query], rotary) @ rotary_embedding(k[None], [key], rotary).T)[0, 0])

    assert score(at, other) == pytest.approx(score(at + moved, other + moved), rel=0, abs=1e-9)


def test_the_score_does_depend_on_the_distance() -> None:
    q = np.ones((1, 4))
    scores = [float((rotary_embedding(q, [place]) @ q.T)[0, 0]) for place in range(4)]
    assert scores == pytest.approx([2 * (math.cos(place) + math.cos(place / 100)) for place in range(4)], abs=1e-12)
    assert len(set(np.round(scores, 6))) == 4


@EXAMPLES
@given(rows(3, 5, 6), kinds(), st.integers(0, 100))
def test_turning_keeps_lengths_and_what_is_behind(x: np.ndarray, rotary: Rotary, first: int) -> None:
    turned = rotary_embedding(x, np.arange(first, first + 5), rotary)
    width = rotary.width or 6
    np.testing.assert_array_equal(turned[..., width:], x[..., width:])
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-12, atol=1e-12)
    if first == 0:
        np.testing.assert_array_equal(turned[..., 0, :], x[..., 0, :])


@EXAMPLES
@given(rows(4, 6), kinds())
def test_interleaved_is_the_halves_in_another_order(x: np.ndarray, rotary: Rotary) -> None:
    """Neighbours taken apart into halves are turned alike: weights only have to be reordered."""
    width = rotary.width or 6
    order = [*range(0, width, 2), *range(1, width, 2), *range(width, 6)]
    places, base, scaling = np.arange(4), rotary.base, rotary.scaling
    neighbours = rotary_embedding(x, places, Rotary(base, width, True, scaling))
    halves = rotary_embedding(x[:, order], places, Rotary(base, width, False, scaling))
    np.testing.assert_allclose(neighbours[:, order], halves, rtol=0, atol=1e-12)


def test_by_complex_numbers() -> None:
    """Each pair is a complex number, turned by multiplying it with exp(i p θ)."""
    rng = np.random.default_rng(3)
    x, places = rng.normal(size=(2, 5, 8)), np.array([0, 3, 4, 9, 1000])
    theta = np.array([1, 10_000 ** (-1 / 4), 10_000 ** (-1 / 2), 10_000 ** (-3 / 4)])
    turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * places[:, None] * theta)
    expected = np.stack([turned.real, turned.imag], axis=-1).reshape(x.shape)
    np.testing.assert_allclose(rotary_embedding(x, places, Rotary(interleaved=True)), expected, rtol=0, atol=1e-12)


def test_frequencies_are_those_of_the_sinusoids() -> None:
    table = sinusoidal_positions(7, 10)
    angles = np.arange(7)[:, None] * rotary_frequencies(10)
    np.testing.assert_allclose(table[:, 0::2], np.sin(angles), rtol=0, atol=1e-12)
    np.testing.assert_allclose(table[:, 1::2], np.cos(angles), rtol=0, atol=1e-12)


def test_wavelengths() -> None:
    """From 2π on; of 128 numbers and base 10000 the last is 2π · 10000^(126/128), 54,410 tokens, as is well known."""
    waves = rotary_wavelengths(128)
    assert len(waves) == 64
    assert waves[0] == 2 * math.pi
    assert round(waves[-1]) == 54_410
    assert waves[32] == pytest.approx(2 * math.pi * 100)
    assert rotary_wavelengths(128, base=500_000)[-1] == pytest.approx(2 * math.pi * 500_000 ** (126 / 128))
    np.testing.assert_allclose(rotary_wavelengths(8, scaling=4), 4 * rotary_wavelengths(8))


@pytest.mark.parametrize(("width", "factor"), [(4, 2.0), (128, 4.0), (64, 16.0)])
def test_a_stretched_base_slows_the_slowest_pair_alone(width: int, factor: float) -> None:
    before, after = (rotary_frequencies(width, base=base) for base in (10_000, stretched_base(width, factor)))
    assert after[0] == before[0] == 1
    assert before[-1] / after[-1] == pytest.approx(factor)


def test_scaled_positions_are_positions_between() -> None:
    x = np.random.default_rng(1).normal(size=(4, 6))
    scaled = rotary_embedding(x, [0, 4, 8, 12], Rotary(scaling=4))
    np.testing.assert_allclose(scaled, rotary_embedding(x, [0, 1, 2, 3]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rotary_keeps_the_dtype(dtype: type) -> None:
    x = np.random.default_rng(2).normal(size=(3, 4)).astype(dtype)
    turned = rotary_embedding(x, [0, 1, 5000])
    assert turned.dtype == dtype
    exact = rotary_embedding(x.astype(np.float64), [0, 1, 5000])
    np.testing.assert_allclose(turned, exact, rtol=0, atol=8 * float(np.finfo(dtype).eps))


def test_heads_are_turned_in_multi_head_attention() -> None:
    """Queries and keys, not values, in each of the heads of the keys; with a cache the positions go on."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(5, 8))
    w_q, w_k, w_v, w_o = (rng.normal(size=shape) for shape in ((8, 8), (8, 4), (8, 4), (8, 8)))
    rotary = Rotary(base=100, width=2)
    options: dict[str, Any] = {"heads": 4, "kv_heads": 2, "rotary": rotary, "causal": True}
    steps = multi_head_attention(x, None, w_q, w_k, w_v, w_o, **options)
    q, k = (rotary_embedding(split_heads(x @ w, n), np.arange(5), rotary) for w, n in ((w_q, 4), (w_k, 2)))
    expected = attention(q, k, split_heads(x @ w_v, 2), causal=True, grouped=True)
    np.testing.assert_allclose(steps.heads.q, q, rtol=0, atol=1e-12)
    np.testing.assert_allclose(steps.heads.output, expected.output, rtol=0, atol=1e-12)
    first = multi_head_attention(x[:3], None, w_q, w_k, w_v, w_o, **options)
    rest = multi_head_attention(x[3:], None, w_q, w_k, w_v, w_o, past_k=first.k, past_v=first.v, **options)
    np.testing.assert_allclose(rest.output, steps.output[3:], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rotary_frequencies(3), "found a rotary width of 3; expected an even number of at least 2"),
        (lambda: rotary_frequencies(0), "found a rotary width of 0"),
        (lambda: rotary_frequencies(4, base=0), "found a base of 0; expected a positive finite number"),
        (lambda: rotary_frequencies(4, scaling=math.inf), "found a scaling of inf"),
        (lambda: stretched_base(2, 2.0), "found a rotary width of 2; expected an even number of at least 4"),
        (lambda: stretched_base(4, -1.0), "found a factor of -1.0"),
        (lambda: rotary_embedding(np.ones((2, 5)), [0, 1]), "found a rotary width of 5"),
        (lambda: rotary_embedding(np.ones((2, 4)), [0, 1], Rotary(width=6)), r"x has shape \(2, 4\), cosines \(2, 3\)"),
        (lambda: rotary_embedding(np.ones((2, 4)), [0, 1, 2]), "expected angles that broadcast to x's tokens"),
        (lambda: turn_pairs(np.ones((2, 4)), np.ones((2, 2)), np.ones((2, 1))), r"sines \(2, 1\); expected"),
        (lambda: alibi_slopes(0), "found 0 heads; expected at least 1"),
        (lambda: alibi_bias([[1.0]], 2), r"found slopes of shape \(1, 1\)"),
        (lambda: alibi_bias([1.0], -1), "found slopes of shape .* expected .* no negative number"),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# --- ALiBi ------------------------------------------------------------------------------------------------------------


def test_slopes_as_published() -> None:
    """Press et al. (2022), section 3: 1/2 … 1/256 for 8 heads, 1/√2 … 1/256 for 16; 12 heads as their code has them."""
    assert alibi_slopes(8).tolist() == [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]
    np.testing.assert_allclose(alibi_slopes(16), [2 ** (-step / 2) for step in range(1, 17)], rtol=1e-15)
    np.testing.assert_allclose(alibi_slopes(12), [*alibi_slopes(8), *(2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5)], rtol=1e-15)
    assert alibi_slopes(1).tolist() == [1 / 256]


@EXAMPLES
@given(st.integers(1, 70))
def test_slopes_of_any_number_of_heads(heads: int) -> None:
    """So many different ones between 0 and 1, those of the lower power of two first, the steepest of these first."""
    slopes = alibi_slopes(heads)
    lower = 2 ** int(math.log2(heads))
    assert slopes.shape == (heads,)
    assert ((slopes > 0) & (slopes < 1)).all()
    assert len(set(slopes)) == heads
    np.testing.assert_array_equal(slopes[:lower], alibi_slopes(lower))
    assert (np.diff(slopes[:lower]) < 0).all()


@EXAMPLES
@given(rows(3, 4, 5), rows(3, 6, 5), rows(3, 6, 2), st.integers(0, 4), st.booleans())
def test_alibi_is_a_bias_of_the_scores(q: np.ndarray, k: np.ndarray, v: np.ndarray, offset: int, causal: bool) -> None:
    bias = alibi_bias(alibi_slopes(3), 4, 6, offset=offset)
    steps = attention(q, k, v, mask=bias, causal=causal, query_offset=offset)
    plain = attention(q, k, v, causal=causal, query_offset=offset)
    seen = np.isfinite(plain.masked)
    slopes = alibi_slopes(3)
    for head, i, j in np.argwhere(seen):
        penalty = slopes[head] * abs(i + offset - j)
        assert steps.masked[head, i, j] == pytest.approx(plain.masked[head, i, j] - penalty, abs=1e-9)
    np.testing.assert_array_equal(np.isfinite(steps.masked), seen)


def test_slopes_in_multi_head_attention() -> None:
    """A given mask stays, and with kept keys the penalties go on."""
    rng = np.random.default_rng(8)
    x, weights = rng.normal(size=(6, 4)), [rng.normal(size=(4, 4)) for _ in range(4)]
    mask = rng.random((6, 6)) < 0.7
    options: dict[str, Any] = {"heads": 2, "slopes": alibi_slopes(2)}
    steps = multi_head_attention(x, None, *weights, mask=mask, **options)
    bias = alibi_bias(alibi_slopes(2), 6)
    expected = multi_head_attention(x, None, *weights, heads=2, mask=np.where(mask, bias, -np.inf))
    np.testing.assert_allclose(steps.output, expected.output, rtol=0, atol=1e-12)
    whole = multi_head_attention(x, None, *weights, causal=True, **options)
    first = multi_head_attention(x[:4], None, *weights, causal=True, **options)
    rest = multi_head_attention(x[4:], None, *weights, causal=True, past_k=first.k, past_v=first.v, **options)
    np.testing.assert_allclose(rest.output, whole.output[4:], rtol=0, atol=1e-12)
