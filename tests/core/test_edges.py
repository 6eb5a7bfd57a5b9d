"""The core at the edges: NaN and ∞, masks and caches, sizes beyond the usual, and whose arrays are whose."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.model.attention import attention, log_softmax, multi_head_attention, softmax
from core.model.decoding import greedy
from core.model.embedding import embed, sinusoids
from core.model.feed_forward import gelu, gelu_tanh
from core.model.layers import decoder_layer, encoder_layer
from core.model.masks import causal_mask, key_padding_mask, padding_mask
from core.model.named_weights import assembled, expected_arrays
from core.model.normalization import batch_norm, layer_norm
from core.model.transformer import Config, Transformer, added_rows, decode, encode, inputs, position_rows, predict

EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)
WORDS = ("a", "b", "c", "d", "[PAD]", "[START]", "[END]")
SIZES: dict[str, Any] = {"d_model": 4, "heads": 2, "d_k": 2, "d_v": 2, "d_ff": 8}


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def model_of(seed: int = 0, dtype: type = np.float64, **options: Any) -> Transformer:
    """A model of random numbers; without segments."""
    config = Config(**{**SIZES, **options})
    rng = np.random.default_rng(seed)
    expected = expected_arrays(config, len(WORDS))
    drawn = {
        name: rng.normal(size=(wanted.shape[0] or 40, *wanted.shape[1:])).astype(dtype)
        for name, wanted in expected.items()
        if name != "segment_embedding"
    }
    return assembled(config, WORDS, drawn)


# --- hidden keys ------------------------------------------------------------------------------------------------------

ODD = st.sampled_from([np.nan, np.inf, -np.inf])


@EXAMPLES
@given(hnp.arrays(bool, (4, 5)), st.integers(0, 4), st.integers(0, 2), ODD, st.booleans())
def test_a_query_does_not_feel_what_it_may_not_look_at(
    mask: np.ndarray, key: int, column: int, odd: float, in_key: bool
) -> None:
    """NaN or ∞ in a key or its value changes no query that it is hidden from, and every one that looks at it."""
    q, k, v = normal(4, 3), normal(5, 3), normal(5, 3, seed=1)
    usual = attention(q, k, v, mask=mask)
    (k if in_key else v)[key, column] = odd
    steps = attention(q, k, v, mask=mask)
    blind = ~mask[:, key]
    np.testing.assert_array_equal(steps.weights[blind], usual.weights[blind])
    np.testing.assert_allclose(steps.output[blind], usual.output[blind], rtol=0, atol=1e-15)
    if not in_key:
        assert not np.isfinite(steps.output[~blind, column]).any()
        others = np.arange(3) != column
        np.testing.assert_allclose(steps.output[:, others], usual.output[:, others], rtol=0, atol=1e-15)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("mask", [np.zeros((2, 3), bool), np.full((2, 3), -np.inf)])
def test_a_query_that_may_look_at_no_key_gets_zeros(odd: float, mask: np.ndarray) -> None:
    for q, k, v in (
        (np.eye(2), np.ones((3, 2)), np.full((3, 2), odd)),
        (np.full((2, 2), odd), np.eye(3, 2), np.eye(3)),
    ):
        steps = attention(q, k, v, mask=mask)
        assert not steps.weights.any()
        assert not steps.output.any()


def test_what_a_query_does_look_at_stays_infinite() -> None:
    v = np.array([[np.inf, 1.0], [np.nan, 2.0], [3.0, -np.inf]])
    mask = np.array([[True, False, True], [False, False, True], [True, True, True]])
    output = attention(np.zeros((3, 2)), np.zeros((3, 2)), v, mask=mask).output
    np.testing.assert_array_equal(output, [[np.inf, -np.inf], [3, -np.inf], [np.nan, -np.inf]])


def test_padding_of_nan_reaches_no_word() -> None:
    """A whole encoder layer, grouped queries, half precision: the rows of [PAD] may hold anything."""
    weights = model_of().encoder[0]
    x = normal(2, 4, 4)
    real = padding_mask([4, 2], 4)
    usual = encoder_layer(x, weights, heads=2, key_padding=real).output
    x[~real] = np.nan
    np.testing.assert_array_equal(encoder_layer(x, weights, heads=2, key_padding=real).output[real], usual[real])
    q, k = (normal(1, heads, 3, 2).astype(np.float16) for heads in (4, 2))
    v = np.full((1, 2, 3, 2), np.nan, np.float16)
    v[:, :, 0] = 1
    assert (attention(q, k, v, key_padding=[True, False, False]).output == 1).all()


def test_minus_infinity_wins_over_every_other_mask() -> None:
    for first, second in ((-np.inf, np.inf), (np.inf, -np.inf)):
        steps = attention([[1.0]], [[1.0]], [[1.0]], mask=[[first]], key_padding=[second])
        assert steps.masked.tolist() == [[-np.inf]]
        assert steps.output.tolist() == [[0]]


# --- keys and values kept from before ---------------------------------------------------------------------------------


def matrices(d_model: int = 4, d_values: int = 4) -> dict[str, np.ndarray]:
    shapes = {"w_q": (d_model, 4), "w_k": (d_model, 4), "w_v": (d_values, 4), "w_o": (4, 4)}
    return {name: normal(*shape, seed=place) for place, (name, shape) in enumerate(shapes.items())}


@pytest.mark.parametrize("window", [None, 2, (1, 0)])
@pytest.mark.parametrize("new", [1, 2])
def test_the_offset_of_kept_keys_is_found(window: Any, new: int) -> None:
    x, weights = normal(2, 6, 4), matrices()
    options = {"heads": 2, "causal": True, "window": window}
    whole = multi_head_attention(x, None, **weights, **options)
    past: dict[str, np.ndarray] = {}
    for start in range(0, 6, new):
        steps = multi_head_attention(x[:, start : start + new], None, **weights, **options, **past)
        np.testing.assert_allclose(steps.output, whole.output[:, start : start + new], rtol=0, atol=1e-13)
        past = {"past_k": steps.k, "past_v": steps.v}
    np.testing.assert_allclose(past["past_k"], whole.k, rtol=0, atol=1e-14)


def test_an_offset_that_is_given_is_used() -> None:
    x, weights = normal(3, 4), matrices()
    past = {name: normal(2, 4, seed=8) for name in ("past_k", "past_v")}
    given_offset = multi_head_attention(x, None, **weights, heads=2, causal=True, query_offset=0, **past)
    assert (given_offset.heads.weights[:, 0, 1:] == 0).all()


def test_key_padding_must_tell_of_every_kept_key() -> None:
    """A padding of the new token alone would broadcast to all the keys: whether that one is real decided for all."""
    model = model_of(kind="decoder-only")
    ids = np.array([[4, 4, 0, 1], [2, 3, 0, 1]])
    real = ids != 4
    whole = decode(model, ids, key_padding=real).output
    past = decode(model, ids[:, :3], key_padding=real[:, :3])
    np.testing.assert_allclose(decode(model, ids[:, 3:], key_padding=real, past=past).output, whole[:, 3:], atol=1e-12)
    with pytest.raises(ValueError, match=r"key padding has shape \(2, 1\); expected \(batch…, 4\), all the keys"):
        decode(model, ids[:, 3:], key_padding=real[:, 3:], past=past)


def test_kept_keys_must_fit() -> None:
    x, weights = normal(2, 3, 4), matrices()
    kept = normal(2, 5, 4)
    for past, message in (
        ({"past_k": kept[0], "past_v": kept[0]}, r"past_k has shape \(5, 4\) and the new rows \(2, 3, 4\)"),
        ({"past_k": kept, "past_v": kept[..., :2]}, r"past_v has shape \(2, 5, 2\) and the new rows \(2, 3, 4\)"),
        ({"past_k": kept}, "expected the same number of keys in k and v"),
    ):
        with pytest.raises(ValueError, match=message):
            multi_head_attention(x, None, **weights, heads=2, **past)


def test_memory_and_cross_attention_belong_together() -> None:
    translator, writer = model_of(), model_of(kind="decoder-only")
    x, memory = normal(3, 4), normal(5, 4)
    for call in (lambda: decode(translator, [5, 0]), lambda: decoder_layer(x, None, translator.decoder[0], heads=2)):
        with pytest.raises(ValueError, match="found no memory and a cross-attention; expected both"):
            call()
    with pytest.raises(ValueError, match=r"found a memory of shape \(5, 4\) and no cross-attention"):
        decode(writer, [5, 0], memory)
    assert decode(translator, [5, 0], memory).output.shape == decode(writer, [5, 0]).output.shape


# --- the likeliest word -----------------------------------------------------------------------------------------------


def said_by(logits: list[float]) -> int:
    """The first word that a model says whose logits these are, whatever it reads."""
    model = model_of(kind="decoder-only", tied=False, output_bias=True)
    model = replace(model, output_w=np.zeros((4, len(WORDS))), output_b=np.array(logits))
    return int(greedy(model, [5], most_steps=1).ids[0])


@pytest.mark.parametrize(
    ("logits", "word"),
    [
        ([1.0, 2.0, -1e12, 0, 0, 0, 0], 1),
        ([1.0, 1.001, -np.inf, 0, 0, 0, 0], 1),
        ([5.0, -1e300, 5.1, 0, 0, 0, 0], 2),
        ([0, 0, np.inf, 1, 0, 0, 0], 2),
        ([-5.0, -1e-3, -2e-3, -7, -7, -7, -7], 1),
        ([0, 3 - 1e-12, 3, 0, 0, 0, 0], 1),
    ],
)
def test_the_largest_logit_is_chosen_however_low_another_is(logits: list[float], word: int) -> None:
    assert said_by(logits) == word


def test_a_logit_that_is_no_number_chooses_no_word() -> None:
    with pytest.raises(ValueError, match="found a logit that is not a number"):
        said_by([0, np.nan, 0, 0, 0, 0, 0])


# --- norms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.1, -0.3, 1 / 3, 1e6 + 0.1, 1e-300, 1e300, 0.0])
@pytest.mark.parametrize("width", [1, 3, 7, 10, 100])
@pytest.mark.parametrize("eps", [0.0, 1e-5])
def test_equal_numbers_are_normed_to_exactly_zero(value: float, width: int, eps: float) -> None:
    for steps, mean in (
        (layer_norm(np.full((2, width), value), eps=eps), [value, value]),
        (batch_norm(np.full((width, 2), value), eps=eps), [value, value]),
    ):
        assert not steps.output.any()
        assert steps.mean.tolist() == mean


@EXAMPLES
@given(hnp.arrays(np.float64, (2, 6), elements=st.floats(-4, 4, width=16)), st.integers(-900, 900))
def test_norms_hold_at_every_size(x: np.ndarray, power: int) -> None:
    """Rows times a power of two, from 2⁻⁹⁰⁰ to 2⁹⁰⁰: the same result, bit for bit, ε growing with their square."""
    x = x + np.arange(6)
    scaled = layer_norm(np.ldexp(x, power), eps=0.0)
    usual = layer_norm(x, eps=0.0)
    np.testing.assert_array_equal(scaled.output, usual.output)
    np.testing.assert_array_equal(scaled.deviation, np.ldexp(usual.deviation, power))
    flipped = batch_norm(np.ldexp(x.T, power), eps=0.0)
    np.testing.assert_array_equal(flipped.output.T, usual.output)


def test_the_largest_numbers_are_normed() -> None:
    """The variance of ±1e200 is 1e400, which no float holds; deviation and output are what they are by hand."""
    steps = layer_norm([[1e200, -1e200], [3e300, 1e300]])
    np.testing.assert_allclose(steps.output, [[1, -1], [1, -1]], rtol=1e-15)
    np.testing.assert_allclose(steps.deviation, [1e200, 1e300], rtol=1e-15)
    assert steps.variance.tolist() == [np.inf, np.inf]
    top = np.finfo(float).max
    np.testing.assert_allclose(
        layer_norm([[top, -top, -top]]).output, [[math.sqrt(2), *[-math.sqrt(0.5)] * 2]], rtol=1e-14
    )


@pytest.mark.parametrize("eps", [-1e-9, math.nan, math.inf])
def test_eps_must_be_a_number(eps: float) -> None:
    for norm in (layer_norm, batch_norm):
        with pytest.raises(ValueError, match=f"found eps {eps}; expected a finite number of at least 0"):
            norm(np.eye(2), eps=eps)


def test_a_row_of_nan_spoils_no_other() -> None:
    x = np.array([[np.nan, 1.0], [1.0, 3.0], [np.inf, 0.0]])
    np.testing.assert_allclose(layer_norm(x, eps=0.0).output[1], [-1, 1])
    assert np.isnan(layer_norm(x).output[[0, 2]]).any(axis=1).all()


# --- empty sequences --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "none"])
def test_sequences_of_no_token(norm: str, positions: str) -> None:
    """Nothing in, nothing out; and who looks at an empty memory gets nothing but the bias."""
    model = model_of(norm=norm, positions=positions, final_norm=True)
    memory = encode(model, [])
    assert memory.output.shape == (0, 4)
    assert encode(model, np.zeros((3, 0), int)).output.shape == (3, 0, 4)
    assert predict(model, decode(model, [], normal(2, 4)).output).probabilities.shape == (0, len(WORDS))
    steps = decode(model, [5, 0], memory.output)
    for layer, weights in zip(steps.layers, model.decoder, strict=True):
        assert layer.cross_attention is not None
        assert weights.cross_attention is not None
        bias = np.tile(weights.cross_attention.b_o, (2, 1))  # type: ignore[arg-type]
        np.testing.assert_array_equal(layer.cross_attention.inner.output, bias)
    assert layer_norm(np.zeros((0, 4))).output.shape == (0, 4)


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"found nothing to take a mean of in x of shape \(3, 0\)"):
        layer_norm(np.zeros((3, 0)))


# --- precision --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "none"])
@pytest.mark.parametrize("scaled", [True, False])
def test_a_model_stays_in_its_dtype(dtype: type, positions: str, scaled: bool) -> None:
    model = model_of(
        dtype=dtype, positions=positions, embedding_scale=scaled, final_norm=True, input_norm=True, output_bias=True
    )
    memory = encode(model, [0, 1, 2])
    steps = decode(model, [5, 3], memory.output)
    given = [value for value in vars(steps.inputs).values() if isinstance(value, np.ndarray)]
    for array in (
        *given,
        memory.output,
        steps.layers[0].output,
        steps.output,
        *vars(predict(model, steps.output)).values(),
    ):
        assert array.dtype == dtype


def test_gelu_keeps_its_digits_in_the_tail() -> None:
    """Φ(−5) … Φ(−30) to 12 digits, from their asymptotic series at −30 and tables: Abramowitz & Stegun, table 26.2."""
    logs = {-5.0: -6.54265, -6.0: -9.00586, -10.0: -23.11805, -30.0: -197.30921}
    for x, log in logs.items():
        assert math.log10(float(gelu(x)) / x) == pytest.approx(log, abs=6e-6)
    x = -30.0
    series = math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) / -x
    series *= 1 - 1 / x**2 + 3 / x**4 - 15 / x**6 + 105 / x**8
    assert float(gelu(x)) == pytest.approx(x * series, rel=1e-11)
    joint = np.array([-3 - 1e-12, -3.0])
    assert abs(np.diff(gelu(joint))[0]) < 1e-13
    assert gelu_tanh([1e200, -1e200]).tolist() == [1e200, 0]


@EXAMPLES
@given(hnp.arrays(np.float64, (3, 5), elements=st.floats(-30, 30) | st.just(-np.inf)))
def test_log_softmax_is_the_logarithm_of_softmax(x: np.ndarray) -> None:
    weights, logarithms = softmax(x), log_softmax(x)
    np.testing.assert_array_equal(logarithms == -np.inf, weights == 0)
    seen = weights > 0
    np.testing.assert_allclose(logarithms[seen], np.log(weights[seen]), rtol=0, atol=1e-12)
    np.testing.assert_allclose(log_softmax(x.T, axis=0).T, logarithms, rtol=0, atol=1e-15)


def test_log_softmax_where_the_softmax_is_zero() -> None:
    assert log_softmax([0.0, -1000.0, -5000.0]).tolist() == [0, -1000, -5000]
    assert log_softmax([1e308, 0.0]).tolist() == [0, -1e308]
    assert log_softmax([-np.inf, -np.inf]).tolist() == [-np.inf, -np.inf]
    np.testing.assert_allclose(log_softmax([np.inf, np.inf, 0.0]), [-math.log(2), -math.log(2), -np.inf])
    assert np.isnan(log_softmax([np.nan, 1.0])).all()
    assert log_softmax(np.zeros((2, 0))).shape == (2, 0)
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        assert log_softmax(np.zeros(3, dtype)).dtype == dtype
    assert float(log_softmax(np.zeros(3000, np.float16))[0]) == np.float16(-math.log(3000))


# --- whose arrays are whose -------------------------------------------------------------------------------------------


def test_the_steps_of_a_layer_are_not_the_callers_array() -> None:
    model = model_of()
    x = normal(3, 4)
    layers = [encoder_layer(x, model.encoder[0], heads=2), decoder_layer(x, normal(2, 4), model.decoder[0], heads=2)]
    before = [layer.input.copy() for layer in layers]
    assert not any(np.shares_memory(layer.input, x) for layer in layers)
    x[:] = 0
    for layer, kept in zip(layers, before, strict=True):
        np.testing.assert_array_equal(layer.input, kept)
        np.testing.assert_array_equal(layer.self_attention.given, kept)


def test_nobody_can_write_into_a_model_through_its_steps() -> None:
    model = model_of(positions="learned", input_norm=True)
    assert model.position_embedding is not None
    steps = inputs(model, [0, 1, 2])
    arrays = [getattr(steps, field.name) for field in fields(steps) if field.name != "norm"]
    arrays += [position_rows(model, 3), added_rows(model, 3), *vars(steps.norm).values()]
    tables = [model.embedding, model.position_embedding, *vars(model.input_norm).values()]
    assert not any(np.shares_memory(a, b) for a in arrays if a is not None for b in tables)


def test_a_key_padding_mask_is_a_copy() -> None:
    padding = padding_mask([1, 2], 3)
    assert not np.shares_memory(key_padding_mask(padding, 4), padding)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_looking_up_a_row_copies_no_table(dtype: type) -> None:
    table = np.ones((20_000, 64), dtype)
    tracemalloc.start()
    try:
        rows = embed([[3, 4], [7, 19_999]], table)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows.shape == (2, 2, 64)
    assert peak < table.nbytes / 20


# --- two sources, places, waves ---------------------------------------------------------------------------------------


def test_keys_and_values_of_two_sources() -> None:
    x_q, x_k, x_v = normal(2, 3, 4), normal(2, 5, 4, seed=1), normal(2, 5, 6, seed=2)
    weights = matrices(d_values=6)
    steps = multi_head_attention(x_q, x_k, **weights, heads=2, x_v=x_v)
    by_hand = [
        attention(*(x @ weights[name][:, columns] for x, name in ((x_q, "w_q"), (x_k, "w_k"), (x_v, "w_v")))).output
        for columns in (slice(0, 2), slice(2, 4))
    ]
    np.testing.assert_allclose(steps.output, np.concatenate(by_hand, axis=-1) @ weights["w_o"], rtol=0, atol=1e-13)
    with pytest.raises(ValueError, match="same number of keys"):
        multi_head_attention(x_q, x_k, **weights, heads=2, x_v=x_v[:, :4])


@EXAMPLES
@given(st.sampled_from(["sinusoidal", "learned"]), st.permutations(range(5)))
def test_tokens_and_places_in_another_order_are_the_same_sentence(positions: str, order: list[int]) -> None:
    model = model_of(positions=positions)
    ids = np.array([3, 0, 2, 0, 1])
    usual = encode(model, ids).output
    np.testing.assert_allclose(encode(model, ids[order], places=order).output, usual[order], rtol=0, atol=1e-12)


def test_places_of_a_padded_batch() -> None:
    """Padding in front, places counted from the first word: as if there were none."""
    model = model_of(kind="decoder-only", positions="sinusoidal")
    ids, places = np.array([[4, 4, 0, 1], [5, 2, 0, 1]]), np.array([[0, 0, 0, 1], [0, 1, 2, 3]])
    steps = decode(model, ids, key_padding=ids != 4, places=places)
    np.testing.assert_allclose(steps.output[0, 2:], decode(model, [0, 1]).output, rtol=0, atol=1e-12)
    np.testing.assert_allclose(steps.output[1], decode(model, ids[1]).output, rtol=0, atol=1e-12)


def test_places_that_are_refused() -> None:
    ids = [0, 1, 2]
    learned = model_of(positions="learned")
    for model, places, message in (
        (model_of(), [0, 1, 2], "found places for a model without positions"),
        (learned, [0, 1], r"places have shape \(2,\); expected \(3,\)"),
        (learned, [0, 1, 40], "found places 0…40; expected 0…39, the learned positions"),
        (learned, [-1, 1, 2], "found places -1…2; expected 0…39"),
    ):
        with pytest.raises(ValueError, match=message):
            encode(model, ids, places=places)
    with pytest.raises(TypeError, match="places of dtype float64; expected integers"):
        encode(model_of(positions="sinusoidal"), ids, places=[0.0, 1.0, 2.0])


def test_the_base_of_the_waves_is_the_models() -> None:
    """Turning each pair by its own frequency, base^(−2i/d): the next place is the last one turned."""
    model = model_of(positions="sinusoidal", position_base=7.0)
    rows = position_rows(model, 9)
    assert rows is not None
    waves = rows[:, 0::2] * 1j + rows[:, 1::2]  # cos + i sin
    turns = np.exp(1j * 7.0 ** (-2 * np.arange(2) / 4))
    np.testing.assert_allclose(waves[1:], waves[:-1] * turns, rtol=0, atol=1e-14)
    assert not np.allclose(rows, sinusoids(np.arange(9), 4))


def test_the_causal_mask_is_a_window_open_to_the_back() -> None:
    q, k, v = normal(4, 3), normal(6, 3), normal(6, 2)
    causal = attention(q, k, v, causal=True, query_offset=1)
    window = attention(q, k, v, window=(None, 0), query_offset=1)
    np.testing.assert_array_equal(causal.masked, window.masked)
    assert (window.masked == -np.inf).sum() == (~causal_mask(4, 6, offset=1)).sum() > 0
