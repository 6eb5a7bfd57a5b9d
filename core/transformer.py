"""The whole Transformer: inputs, encoder, decoder, output, greedy decoding; every step kept.

An encoder–decoder is that of Vaswani et al. (2017), "Attention Is All You Need"; a decoder-only model has GPT-2's
layout, Radford et al. (2019), "Language Models are Unsupervised Multitask Learners", section 2.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.embedding import embed, sinusoidal_positions
from core.example_file import END
from core.layers import (
    AttentionWeights,
    FeedForwardWeights,
    LayerSteps,
    LayerWeights,
    NormWeights,
    decoder_layer,
    encoder_layer,
    len_of_past,
)
from core.normalization import EPSILON, NormSteps, layer_norm
from core.softmax import softmax

Array = NDArray[Any]

POSITIONS = ("sinusoidal", "learned", "none")
MOST_STEPS = 20


@dataclass(frozen=True)
class Config:
    """What a model is made of, beside its weights.

    d_k, d_v: per head; layers: as many in the encoder as in the decoder; embedding_scale: whether embeddings are
    multiplied by √d_model; tied: whether the output projection is the transposed embedding; final_norm: whether each
    stack ends with a norm of its own.
    """

    d_model: int
    heads: int
    d_k: int
    d_v: int
    d_ff: int
    layers: int = 2
    kind: str = "encoder-decoder"
    norm: str = "post"
    activation: str = "relu"
    embedding_scale: bool = False
    positions: str = "none"
    tied: bool = True
    final_norm: bool = False
    eps: float = EPSILON

    @property
    def has_encoder(self) -> bool:
        return self.kind == "encoder-decoder"


@dataclass(frozen=True)
class Transformer:
    """A model: its configuration, vocabulary and weights.

    embedding: (vocabulary, d_model); encoder, decoder: a layer's weights each; output_w: (d_model, vocabulary), None
    if tied; position_embedding: (places, d_model) and segment_embedding: (segments, d_model) where they are learned.
    """

    config: Config
    vocabulary: tuple[str, ...]
    embedding: Array
    encoder: tuple[LayerWeights, ...]
    decoder: tuple[LayerWeights, ...]
    encoder_norm: NormWeights | None = None
    decoder_norm: NormWeights | None = None
    position_embedding: Array | None = None
    segment_embedding: Array | None = None
    output_w: Array | None = None

    @property
    def output_projection(self) -> Array:
        """The matrix (d_model, vocabulary) that makes logits."""
        return self.embedding.T if self.output_w is None else self.output_w

    @property
    def most_tokens(self) -> int | None:
        """How many tokens it has learned positions for; None if any number will do."""
        return None if self.position_embedding is None else len(self.position_embedding)

    def ids(self, tokens: Sequence[str]) -> Array:
        """The places of tokens in the vocabulary, (tokens,).

        Raises ValueError for a token that is not in it.
        """
        return np.array([self.vocabulary.index(token) for token in tokens], dtype=int)


# --- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InputSteps:
    """How ids become rows, each (…, tokens, d_model): embedded, times √d_model, positions, segments; output: the sum.

    scaled, positions, segments: None in a model without them.
    """

    embedded: Array
    scaled: Array | None
    positions: Array | None
    segments: Array | None
    output: Array


@dataclass(frozen=True)
class StackSteps:
    """A stack of layers: its input, every layer, its final norm if it has one, and the result (…, tokens, d_model)."""

    inputs: InputSteps
    layers: tuple[LayerSteps, ...]
    final_norm: NormSteps | None
    output: Array


@dataclass(frozen=True)
class OutputSteps:
    """Logits and their softmax, (…, tokens, vocabulary)."""

    logits: Array
    probabilities: Array


@dataclass(frozen=True)
class GreedySteps:
    """A sentence said word by word, always the likeliest one.

    ids: (steps,); logits, probabilities: (steps, vocabulary), those each word was chosen by;
    cross_attention: (layers, heads, steps, keys), the weights of the last word said so far; without an encoder of no
    layers.
    """

    ids: Array
    logits: Array
    probabilities: Array
    cross_attention: Array


# --- computing --------------------------------------------------------------------------------------------------------


def inputs(model: Transformer, ids: ArrayLike, *, segments: ArrayLike | None = None, offset: int = 0) -> InputSteps:
    """Embeddings, times √d_model if the model scales them, plus positions and segments if it adds them.

    ids: integers (…, tokens); segments: integers of the same shape, 0 if not given; offset: where the first token
    stands.

    Raises ValueError for ids outside the vocabulary and for more tokens than the model has positions.
    Source: Vaswani et al. (2017), section 3.4; learned positions and segments: Devlin et al. (2019), "BERT", section 3.
    """
    ids = np.asarray(ids)
    config = model.config
    embedded = embed(ids, model.embedding)  # (…, tokens, d_model)
    scaled = embedded * math.sqrt(config.d_model) if config.embedding_scale else None
    positions = position_rows(model, ids.shape[-1], offset)
    segment_rows = None
    if model.segment_embedding is not None:
        segment_rows = embed(np.zeros_like(ids) if segments is None else segments, model.segment_embedding)
    output = embedded if scaled is None else scaled
    for rows in (positions, segment_rows):
        output = output if rows is None else output + rows
    return InputSteps(embedded, scaled, positions, segment_rows, output)


def position_rows(model: Transformer, tokens: int, offset: int = 0) -> Array | None:
    """The rows (tokens, d_model) that tell where each token stands, from place `offset` on; None if there are none.

    Raises ValueError for more tokens than the model has learned positions.
    """
    end = offset + tokens
    if model.config.positions == "sinusoidal":
        return sinusoidal_positions(end, model.config.d_model)[offset:]
    if model.position_embedding is None:
        return None
    if end > len(model.position_embedding):
        raise ValueError(f"found {end} tokens; expected at most {len(model.position_embedding)}, the learned positions")
    return model.position_embedding[offset:end]


def added_rows(model: Transformer, tokens: int) -> Array | None:
    """What is added to the embeddings of so many tokens of the first segment, (tokens, d_model); None if nothing is."""
    positions = position_rows(model, tokens)
    if model.segment_embedding is None:
        return positions
    segment = np.broadcast_to(model.segment_embedding[0], (tokens, model.config.d_model))
    return segment.copy() if positions is None else positions + segment


def scaled_embedding(model: Transformer) -> Array:
    """The embedding (vocabulary, d_model) as it enters the model: times √d_model if the model scales it."""
    return model.embedding * (math.sqrt(model.config.d_model) if model.config.embedding_scale else 1.0)


def encode(
    model: Transformer,
    ids: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    key_padding: ArrayLike | None = None,
    segments: ArrayLike | None = None,
) -> StackSteps:
    """The encoder. ids: integers (…, tokens); mask, key_padding: as for attention. Its output is the memory.

    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    config = model.config
    given = inputs(model, ids, segments=segments)
    x, layers = given.output, []
    for weights in model.encoder:
        options = {"norm": config.norm, "activation": config.activation, "eps": config.eps}
        layers.append(
            encoder_layer(x, weights, heads=config.heads, mask=mask, key_padding=key_padding, **options)  # type: ignore[arg-type]
        )
        x = layers[-1].output
    return _finished(model, given, tuple(layers), model.encoder_norm)


def decode(
    model: Transformer,
    ids: ArrayLike,
    memory: ArrayLike | None = None,
    *,
    key_padding: ArrayLike | None = None,
    memory_padding: ArrayLike | None = None,
    past: StackSteps | None = None,
) -> StackSteps:
    """The decoder. ids: integers (…, tokens), [START] first; memory: (…, keys, d_model), None without an encoder.

    key_padding (…, tokens), memory_padding (…, keys): True = real. past: the steps for the tokens before these, whose
    keys and values are used again; the result is that of all tokens at once, to rounding.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    config = model.config
    earlier = past.layers if past else (None,) * len(model.decoder)
    given = inputs(model, ids, offset=len_of_past(earlier[0]))
    x, layers = given.output, []
    for weights, before in zip(model.decoder, earlier, strict=True):
        layers.append(
            decoder_layer(
                x,
                memory,
                weights,
                heads=config.heads,
                norm=config.norm,
                activation=config.activation,
                eps=config.eps,
                key_padding=key_padding,
                memory_padding=memory_padding,
                past=before,
            )
        )
        x = layers[-1].output
    return _finished(model, given, tuple(layers), model.decoder_norm)


def _finished(
    model: Transformer, given: InputSteps, layers: tuple[LayerSteps, ...], norm: NormWeights | None
) -> StackSteps:
    """The stack with its final norm, where it has one."""
    output = layers[-1].output if layers else given.output
    if norm is None:
        return StackSteps(given, layers, None, output)
    normed = layer_norm(output, norm.scale, norm.shift, eps=model.config.eps)
    return StackSteps(given, layers, normed, normed.output)


def predict(model: Transformer, output: ArrayLike) -> OutputSteps:
    """Logits and probabilities of the next word from the decoder's output (…, tokens, d_model).

    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.4.
    """
    logits = np.asarray(output) @ model.output_projection  # (…, tokens, vocabulary)
    return OutputSteps(logits, softmax(logits))


def greedy(
    model: Transformer,
    prompt: Sequence[int],
    memory: ArrayLike | None = None,
    *,
    memory_padding: ArrayLike | None = None,
    most_steps: int = MOST_STEPS,
    cached: bool = True,
) -> GreedySteps:
    """Say a sentence word by word, always the likeliest, until [END] or for at most so many steps.

    prompt: ids, [START] first; memory: (keys, d_model). cached: whether each step computes the new token alone and
    uses the keys and values of the others again, or all tokens anew: the same result, to rounding.

    Raises ValueError for a prompt that leaves no room for a word.
    """
    end = model.vocabulary.index(END)
    room = most_steps if model.most_tokens is None else min(most_steps, model.most_tokens - len(prompt) + 1)
    if room < 1 or not len(prompt):
        raise ValueError(f"found a prompt of {len(prompt)} tokens; expected at least 1 and room for another one")
    ids, past = list(prompt), None
    rows: list[tuple[Array, Array, Array]] = []  # logits, probabilities, cross-attention of each step
    while len(rows) < room and (not rows or ids[-1] != end):
        new = ids if past is None else ids[-1:]
        steps = decode(model, new, memory, memory_padding=memory_padding, past=past)
        said = predict(model, steps.output[-1:])
        rows.append((said.logits[0], said.probabilities[0], _last_cross_attention(steps)))
        ids.append(_likeliest(said.logits[0]))
        past = steps if cached else None
    logits, probabilities, looks = (np.array(column) for column in zip(*rows, strict=True))
    return GreedySteps(np.array(ids[len(prompt) :]), logits, probabilities, np.moveaxis(looks, 0, 2))


def _likeliest(logits: Array) -> int:
    """The place of the largest logit; of several that are equal to rounding the first, on every machine the same."""
    return int(np.argmax(logits >= logits.max() - 1e-9 * max(1.0, float(np.abs(logits).max()))))


def _last_cross_attention(steps: StackSteps) -> Array:
    """Where the last query looks in the memory, (layers, heads, keys); of no layers without cross-attention."""
    crossed = [layer.cross_attention for layer in steps.layers if layer.cross_attention is not None]
    weights = [layer.inner.heads.weights[..., -1, :] for layer in crossed]  # (heads, keys) each
    return np.array(weights) if weights else np.zeros((0, 0, 0))


# --- weights by name --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """What a named array of a model is to be: its shape, what the shape means, and whether it may be left out."""

    shape: tuple[int, ...]
    meaning: str
    optional: bool = False


def expected_arrays(config: Config, vocabulary: int) -> dict[str, Expected]:
    """Every array that a model of this configuration may have, by the name it has in the trace and in a model file.

    Learned positions and segments have any number of rows, written as 0.
    """
    model = (config.d_model,)
    arrays = {"embedding": Expected((vocabulary, *model), "words × d_model")}
    if config.positions == "learned":
        arrays["position_embedding"] = Expected((0, *model), "places × d_model")
    arrays["segment_embedding"] = Expected((0, *model), "segments × d_model", optional=True)
    stacks = {"encoder": ("self_attention",), "decoder": ("self_attention", "cross_attention")}
    if not config.has_encoder:
        stacks = {"decoder": ("self_attention",)}
    for stack, attentions in stacks.items():
        for layer in range(1, config.layers + 1):
            arrays |= _layer_arrays(config, f"{stack}.{layer}", attentions)
        if config.final_norm:
            arrays |= _norm_arrays(config, f"{stack}.final_norm")
    if not config.tied:
        arrays["output.w"] = Expected((*model, vocabulary), "d_model × words")
    return arrays


def _layer_arrays(config: Config, layer: str, attentions: tuple[str, ...]) -> dict[str, Expected]:
    d_model, d_ff, keys, values = config.d_model, config.d_ff, config.heads * config.d_k, config.heads * config.d_v
    arrays: dict[str, Expected] = {}
    for attention in attentions:
        for name in "qk":
            arrays[f"{layer}.{attention}.w_{name}"] = Expected((d_model, keys), "d_model × heads·d_k")
            arrays[f"{layer}.{attention}.b_{name}"] = Expected((keys,), "heads·d_k", optional=True)
        arrays[f"{layer}.{attention}.w_v"] = Expected((d_model, values), "d_model × heads·d_v")
        arrays[f"{layer}.{attention}.b_v"] = Expected((values,), "heads·d_v", optional=True)
        arrays[f"{layer}.{attention}.w_o"] = Expected((values, d_model), "heads·d_v × d_model")
        arrays[f"{layer}.{attention}.b_o"] = Expected((d_model,), "d_model", optional=True)
    arrays[f"{layer}.feed_forward.w_1"] = Expected((d_model, d_ff), "d_model × d_ff")
    arrays[f"{layer}.feed_forward.b_1"] = Expected((d_ff,), "d_ff", optional=True)
    arrays[f"{layer}.feed_forward.w_2"] = Expected((d_ff, d_model), "d_ff × d_model")
    arrays[f"{layer}.feed_forward.b_2"] = Expected((d_model,), "d_model", optional=True)
    for number in range(1, len(attentions) + 2):
        arrays |= _norm_arrays(config, f"{layer}.norm_{number}")
    return arrays


def _norm_arrays(config: Config, norm: str) -> dict[str, Expected]:
    return {f"{norm}.{name}": Expected((config.d_model,), "d_model") for name in ("scale", "shift")}


def assembled(config: Config, vocabulary: tuple[str, ...], arrays: Mapping[str, Array]) -> Transformer:
    """The model of named arrays, as `expected_arrays` names them. Raises KeyError if one is missing."""
    encoder = _stack(arrays, "encoder", config.layers, crossing=False) if config.has_encoder else ()
    return Transformer(
        config,
        vocabulary,
        arrays["embedding"],
        encoder,
        _stack(arrays, "decoder", config.layers, crossing=config.has_encoder),
        _norm(arrays, "encoder.final_norm") if config.final_norm and config.has_encoder else None,
        _norm(arrays, "decoder.final_norm") if config.final_norm else None,
        arrays.get("position_embedding"),
        arrays.get("segment_embedding"),
        None if config.tied else arrays["output.w"],
    )


def named_arrays(model: Transformer) -> dict[str, Array]:
    """The arrays of a model by name: what `assembled` made it of."""
    arrays = {"embedding": model.embedding}
    optional = {
        "position_embedding": model.position_embedding,
        "segment_embedding": model.segment_embedding,
        "output.w": model.output_w,
    }
    for stack, layers, final in (
        ("encoder", model.encoder, model.encoder_norm),
        ("decoder", model.decoder, model.decoder_norm),
    ):
        for number, layer in enumerate(layers, 1):
            for part in ("self_attention", "cross_attention", "feed_forward"):
                optional |= _fields(f"{stack}.{number}.{part}", getattr(layer, part))
            for place, norm in enumerate(layer.norms, 1):
                optional |= _fields(f"{stack}.{number}.norm_{place}", norm)
        optional |= _fields(f"{stack}.final_norm", final)
    return arrays | {name: array for name, array in optional.items() if array is not None}


def _fields(prefix: str, weights: object | None) -> dict[str, Array | None]:
    return {} if weights is None else {f"{prefix}.{name}": array for name, array in vars(weights).items()}


def _stack(arrays: Mapping[str, Array], name: str, layers: int, *, crossing: bool) -> tuple[LayerWeights, ...]:
    return tuple(layer_weights(arrays, f"{name}.{number}", crossing) for number in range(1, layers + 1))


def layer_weights(arrays: Mapping[str, Array], layer: str, crossing: bool) -> LayerWeights:
    """The weights of the layer whose arrays are named LAYER.…; crossing: whether it has cross-attention."""
    return LayerWeights(
        _attention(arrays, f"{layer}.self_attention"),
        _attention(arrays, f"{layer}.cross_attention") if crossing else None,
        FeedForwardWeights(**_found(arrays, f"{layer}.feed_forward", FeedForwardWeights)),
        tuple(_norm(arrays, f"{layer}.norm_{number}") for number in range(1, 4 if crossing else 3)),
    )


def _attention(arrays: Mapping[str, Array], name: str) -> AttentionWeights:
    return AttentionWeights(**_found(arrays, name, AttentionWeights))


def _norm(arrays: Mapping[str, Array], name: str) -> NormWeights:
    return NormWeights(arrays[f"{name}.scale"], arrays[f"{name}.shift"])


def _found(arrays: Mapping[str, Array], prefix: str, kind: type) -> dict[str, Array]:
    """The arrays below `prefix` that a dataclass of weights has fields for."""
    names = [field.name for field in fields(kind)]
    return {name: arrays[f"{prefix}.{name}"] for name in names if f"{prefix}.{name}" in arrays}
