"""The Transformer by its properties: norms, causality, padding, the cache, greedy decoding, and what is refused."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.model.decoding import greedy
from core.model.feed_forward import ACTIVATIONS, feed_forward, relu
from core.model.layers import encoder_layer
from core.model.named_weights import assembled, expected_arrays, named_arrays
from core.model.normalization import batch_norm, layer_norm
from core.model.softmax import softmax
from core.model.transformer import Config, Transformer, decode, encode, inputs, predict

EXAMPLES = settings(max_examples=40, deadline=None)
WORDS = ("a", "b", "c", "d", "[PAD]", "[START]", "[END]")
START, END = WORDS.index("[START]"), WORDS.index("[END]")


def arrays(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, shape, elements=st.floats(-8, 8, width=32))


def model_of(config: Config, seed: int) -> Transformer:
    """A model of random numbers, the optional arrays as well."""
    rng = np.random.default_rng(seed)
    expected = expected_arrays(config, len(WORDS))
    drawn = {name: rng.normal(size=(wanted.shape[0] or 40, *wanted.shape[1:])) for name, wanted in expected.items()}
    return assembled(config, WORDS, drawn)


@st.composite
def models(draw: st.DrawFn, **fixed: Any) -> Transformer:
    options: dict[str, Any] = {
        "kind": draw(st.sampled_from(["encoder-decoder", "decoder-only"])),
        "layers": draw(st.integers(1, 3)),
        "norm": draw(st.sampled_from(["post", "pre"])),
        "activation": draw(st.sampled_from(sorted(ACTIVATIONS))),
        "embedding_scale": draw(st.booleans()),
        "positions": draw(st.sampled_from(["sinusoidal", "learned", "none"])),
        "tied": draw(st.booleans()),
        "final_norm": draw(st.booleans()),
    }
    sizes = {name: draw(st.integers(1, 4)) for name in ("heads", "d_k", "d_v", "d_ff")}
    config = Config(d_model=draw(st.integers(2, 6)), **{**options, **sizes, **fixed})
    return model_of(config, draw(st.integers(0, 2**32)))


ENCODERS = models(kind="encoder-decoder")
SENTENCES = st.lists(st.integers(0, len(WORDS) - 1), min_size=1, max_size=6)


# --- norms and feed-forward -------------------------------------------------------------------------------------------


@EXAMPLES
@given(st.data(), st.integers(2, 6))
def test_layer_norm_gives_rows_of_mean_0_and_variance_1(data: st.DataObject, d_model: int) -> None:
    x = data.draw(arrays(3, 4, d_model))
    steps = layer_norm(x)
    np.testing.assert_allclose(steps.normalised.mean(axis=-1), 0, rtol=0, atol=1e-10)
    wanted = steps.variance / (steps.variance + 1e-5)
    np.testing.assert_allclose(steps.normalised.var(axis=-1), wanted, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(steps.output, steps.normalised)
    assert steps.mean.shape == steps.deviation.shape == (3, 4)


@EXAMPLES
@given(arrays(4, 5), st.floats(-5, 5), st.floats(0.5, 4))
def test_layer_norm_does_not_see_a_shift_or_a_scale_of_a_row(x: np.ndarray, shift: float, scale: float) -> None:
    x = x + np.arange(5)
    for changed in (x + shift, x * scale):
        np.testing.assert_allclose(
            layer_norm(changed, eps=0.0).output, layer_norm(x, eps=0.0).output, rtol=0, atol=1e-6
        )


@EXAMPLES
@given(arrays(2, 3, 4))
def test_batch_norm_gives_columns_of_mean_0_and_variance_1(x: np.ndarray) -> None:
    steps = batch_norm(x)
    flat = steps.normalised.reshape(-1, 4)
    np.testing.assert_allclose(flat.mean(axis=0), 0, rtol=0, atol=1e-10)
    np.testing.assert_allclose(flat.var(axis=0), steps.variance / (steps.variance + 1e-5), rtol=1e-9, atol=1e-12)
    assert steps.mean.shape == steps.variance.shape == (4,)


@EXAMPLES
@given(arrays(2, 4, 3), arrays(1, 3))
def test_batch_norm_counts_only_what_is_counted(x: np.ndarray, padding: np.ndarray) -> None:
    """Whatever stands in the padding, the real tokens come out the same; layer norm needs no such care."""
    counted = np.array([[True] * 4, [True, True, False, False]])
    changed = np.where(counted[..., None], x, padding)
    real, other = batch_norm(x, counted=counted), batch_norm(changed, counted=counted)
    np.testing.assert_array_equal(real.output[counted], other.output[counted])
    np.testing.assert_allclose(real.mean, x[counted].mean(axis=0), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(layer_norm(x).output[counted], layer_norm(changed).output[counted])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_norms_and_activations_keep_the_dtype(dtype: type) -> None:
    x = np.array([[1.0, -2.0, 3.0], [0.0, 0.0, 0.0]], dtype)
    for steps in (layer_norm(x), batch_norm(x)):
        assert {getattr(steps, field.name).dtype for field in fields(steps)} == {np.dtype(dtype)}
    assert {function(x).dtype for function in ACTIVATIONS.values()} == {np.dtype(dtype)}
    assert layer_norm(np.array([1, 2, 4])).output.dtype == np.float64


def test_rows_of_equal_numbers_are_normed_to_zero() -> None:
    for eps in (0.0, 1e-5):
        assert not layer_norm(np.full((2, 3), 7.0), eps=eps).output.any()


@EXAMPLES
@given(st.sampled_from(sorted(ACTIVATIONS)), arrays(9))
def test_activations_lie_between_zero_and_relu(name: str, x: np.ndarray) -> None:
    """GELU dips below zero, but never below −0.17."""
    result = ACTIVATIONS[name](x)
    assert (result <= relu(x) + 1e-12).all()
    assert (result >= relu(x) - 0.171).all()


@EXAMPLES
@given(st.data())
def test_the_feed_forward_network_treats_each_token_alone(data: st.DataObject) -> None:
    x, w_1, w_2 = data.draw(arrays(4, 3)), data.draw(arrays(3, 5)), data.draw(arrays(5, 3))
    whole = feed_forward(x, w_1, None, w_2, None).output
    for token in range(4):
        alone = feed_forward(x[token : token + 1], w_1, None, w_2, None).output
        np.testing.assert_allclose(whole[token], alone[0], rtol=0, atol=1e-10)


# --- encoder and decoder ----------------------------------------------------------------------------------------------


def padded(sentence: list[int], extra: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The sentence with padding at its end, and which tokens are real."""
    ids = np.array([*sentence, *extra])
    return ids, np.arange(len(ids)) < len(sentence)


@EXAMPLES
@given(ENCODERS, SENTENCES, st.lists(st.integers(0, 6), min_size=1, max_size=3))
def test_padding_changes_no_real_row_of_the_encoder(model: Transformer, sentence: list[int], extra: list[int]) -> None:
    ids, real = padded(sentence, extra)
    alone = encode(model, sentence).output
    together = encode(model, ids, key_padding=real).output
    np.testing.assert_allclose(together[: len(sentence)], alone, rtol=0, atol=1e-10)


@EXAMPLES
@given(ENCODERS, SENTENCES, SENTENCES, st.lists(st.integers(0, 6), min_size=1, max_size=3))
def test_padding_changes_no_row_of_the_decoder(
    model: Transformer, sentence: list[int], target: list[int], extra: list[int]
) -> None:
    ids, real = padded(sentence, extra)
    alone = decode(model, target, encode(model, sentence).output).output
    memory = encode(model, ids, key_padding=real).output
    together = decode(model, target, memory, memory_padding=real).output
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-9)


@EXAMPLES
@given(models(), SENTENCES, SENTENCES, st.data())
def test_later_tokens_never_change_earlier_rows(
    model: Transformer, sentence: list[int], target: list[int], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(target)))
    later = data.draw(st.lists(st.integers(0, 6), min_size=len(target) - first, max_size=len(target) - first))
    memory = encode(model, sentence).output if model.config.has_encoder else None
    whole, other = decode(model, target, memory), decode(model, [*target[:first], *later], memory)
    np.testing.assert_allclose(whole.output[:first], other.output[:first], rtol=0, atol=1e-10)


@EXAMPLES
@given(ENCODERS, SENTENCES, st.data())
def test_without_positions_the_encoder_is_blind_to_order(
    model: Transformer, sentence: list[int], data: st.DataObject
) -> None:
    model = replace(model, config=replace(model.config, positions="none"), position_embedding=None)
    order = data.draw(st.permutations(range(len(sentence))))
    shuffled = encode(model, np.array(sentence)[list(order)]).output
    np.testing.assert_allclose(shuffled, encode(model, sentence).output[list(order)], rtol=0, atol=1e-9)


@EXAMPLES
@given(models(), st.lists(SENTENCES, min_size=2, max_size=3), SENTENCES)
def test_sentences_of_a_batch_do_not_see_each_other(
    model: Transformer, batch: list[list[int]], target: list[int]
) -> None:
    longest = max(len(sentence) for sentence in batch)
    ids = np.array([[*sentence, *[4] * (longest - len(sentence))] for sentence in batch])
    real = np.array([np.arange(longest) < len(sentence) for sentence in batch])
    said = np.array([target] * len(batch))
    memory = encode(model, ids, key_padding=real).output if model.config.has_encoder else None
    together = decode(model, said, memory, memory_padding=real if memory is not None else None).output
    for sentence, rows in zip(batch, together, strict=True):
        alone = encode(model, sentence).output if model.config.has_encoder else None
        np.testing.assert_allclose(rows, decode(model, target, alone).output, rtol=0, atol=1e-9)


def test_the_residual_lane() -> None:
    """Pre-norm adds to what comes in and never norms it; post-norm norms every sum."""
    rng = np.random.default_rng(3)
    config = Config(d_model=4, heads=2, d_k=2, d_v=2, d_ff=8, layers=1)
    weights = model_of(config, 1).encoder[0]
    x = rng.normal(size=(3, 4))
    pre, post = (encoder_layer(x, weights, heads=2, norm=norm) for norm in ("pre", "post"))
    np.testing.assert_array_equal(pre.sums[0], x + pre.self_attention.inner.output)
    np.testing.assert_array_equal(pre.output, pre.sums[0] + pre.feed_forward.inner.output)
    np.testing.assert_array_equal(pre.self_attention.given, pre.norms[0].output)
    np.testing.assert_array_equal(post.self_attention.given, x)
    np.testing.assert_array_equal(post.output, post.norms[1].output)
    np.testing.assert_allclose(post.norms[1].normalised.mean(axis=-1), 0, rtol=0, atol=1e-12)


# --- decoding ---------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(models(), SENTENCES, SENTENCES)
def test_the_cache_changes_nothing(model: Transformer, sentence: list[int], target: list[int]) -> None:
    """Token by token with the keys and values kept, or all at once."""
    memory = encode(model, sentence).output if model.config.has_encoder else None
    whole, past = decode(model, target, memory), None
    for place, token in enumerate(target):
        past = decode(model, [token], memory, past=past)
        np.testing.assert_allclose(past.output[0], whole.output[place], rtol=0, atol=1e-9)
    assert past is not None
    assert past.layers[-1].self_attention.inner.k.shape[-2] == len(target)


@EXAMPLES
@given(models(), SENTENCES)
def test_greedy_decoding_says_the_same_with_and_without_a_cache(model: Transformer, sentence: list[int]) -> None:
    memory = encode(model, sentence).output if model.config.has_encoder else None
    prompt = [START] if memory is not None else [START, *sentence]
    said, cached = (greedy(model, prompt, memory, most_steps=6, cached=kept) for kept in (False, True))
    np.testing.assert_array_equal(said.ids, cached.ids)
    np.testing.assert_allclose(said.probabilities, cached.probabilities, rtol=0, atol=1e-9)
    np.testing.assert_allclose(said.cross_attention, cached.cross_attention, rtol=0, atol=1e-9)
    assert len(said.ids) == 6 or said.ids[-1] == END
    assert END not in said.ids[:-1]


@EXAMPLES
@given(ENCODERS, SENTENCES)
def test_greedy_decoding_is_what_the_decoder_predicts_of_its_own_words(model: Transformer, sentence: list[int]) -> None:
    memory = encode(model, sentence).output
    said = greedy(model, [START], memory, most_steps=5)
    steps = decode(model, [START, *said.ids[:-1]], memory)
    output = predict(model, steps.output)
    np.testing.assert_allclose(output.logits, said.logits, rtol=0, atol=1e-8)
    np.testing.assert_allclose(softmax(said.logits), said.probabilities, rtol=0, atol=1e-12)
    heads = [layer.cross_attention.inner.heads.weights for layer in steps.layers if layer.cross_attention]
    np.testing.assert_allclose(np.array(heads), said.cross_attention, rtol=0, atol=1e-9)


def test_of_equally_likely_words_the_first_is_said() -> None:
    model = model_of(Config(d_model=4, heads=1, d_k=4, d_v=4, d_ff=4, layers=1), 0)
    same = np.repeat(model.embedding[:1], len(WORDS), axis=0)
    model = replace(model, embedding=same * (1 + 1e-15 * np.arange(len(WORDS))[:, None]))
    assert set(greedy(model, [START], np.zeros((1, 4)), most_steps=3).ids) == {0}


def test_learned_positions_bound_what_can_be_said() -> None:
    model = model_of(Config(d_model=4, heads=1, d_k=4, d_v=4, d_ff=4, layers=1, positions="learned"), 0)
    assert model.position_embedding is not None
    model = replace(model, position_embedding=model.position_embedding[:3])
    with pytest.raises(ValueError, match="found 4 tokens; expected at most 3, the learned positions"):
        encode(model, [0, 1, 2, 3])
    assert len(greedy(model, [START], np.zeros((1, 4))).ids) <= 3
    with pytest.raises(ValueError, match="found a prompt of 5 tokens; expected at least 1 and room for another one"):
        greedy(model, [START, 0, 1, 2, 3], np.zeros((1, 4)))
    with pytest.raises(ValueError, match="found a prompt of 0 tokens"):
        greedy(model, [], np.zeros((1, 4)))


# --- inputs, weights by name, refusals --------------------------------------------------------------------------------


def test_inputs_add_up() -> None:
    config = Config(d_model=4, heads=1, d_k=4, d_v=4, d_ff=4, layers=1, positions="learned", embedding_scale=True)
    model = model_of(config, 2)
    assert model.segment_embedding is not None
    steps = inputs(model, [[1, 2], [3, 0]], segments=[[0, 0], [1, 1]], offset=3)
    assert steps.scaled is not None
    assert steps.positions is not None
    assert steps.segments is not None
    np.testing.assert_array_equal(steps.scaled, 2 * model.embedding[[[1, 2], [3, 0]]])
    np.testing.assert_array_equal(steps.positions, model.position_embedding[3:5])  # type: ignore[index]
    np.testing.assert_array_equal(steps.segments[1], model.segment_embedding[[1, 1]])
    np.testing.assert_array_equal(steps.output, steps.scaled + steps.positions + steps.segments)
    np.testing.assert_array_equal(inputs(model, [1]).segments, model.segment_embedding[:1])


@EXAMPLES
@given(models())
def test_a_model_is_its_arrays(model: Transformer) -> None:
    arrays_of = named_arrays(model)
    again = assembled(model.config, model.vocabulary, arrays_of)
    assert set(expected_arrays(model.config, len(WORDS))) == set(arrays_of)
    for name, array in named_arrays(again).items():
        assert array is arrays_of[name]


def test_what_is_refused() -> None:
    weights = model_of(Config(d_model=4, heads=2, d_k=2, d_v=2, d_ff=8, layers=1), 1).encoder[0]
    x = np.zeros((2, 4))
    for call, message in (
        (lambda: encoder_layer(x, weights, heads=2, norm="mid"), "found the norm 'mid'; expected one of post, pre"),
        (lambda: encoder_layer(x, weights, heads=2, activation="tanh"), "found the activation 'tanh'; expected one of"),
        (lambda: encoder_layer(np.zeros((2, 3)), weights, heads=2), r"x has shape \(2, 3\) and w_q \(4, 4\)"),
        (lambda: feed_forward(x, np.zeros((4, 3)), np.zeros(2), np.eye(3), None), r"b_1 has shape \(2,\)"),
        (lambda: layer_norm(x, np.ones(3)), r"x has shape \(2, 4\), scale \(3,\), shift \(4,\); expected \(4,\)"),
        (lambda: layer_norm(x, eps=-1.0), "found eps -1.0; expected a finite number of at least 0"),
        (lambda: layer_norm(1.0), r"x has shape \(\); expected"),
        (lambda: batch_norm(np.zeros((0, 4))), r"found nothing to take a mean of in x of shape \(0, 4\)"),
        (lambda: batch_norm(x, counted=[False, False]), "found nothing to take a mean of"),
        (lambda: batch_norm(x, counted=[True]), r"counted has shape \(1,\) and x \(2, 4\); expected \(2,\)"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
