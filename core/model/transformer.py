"""The whole Transformer: inputs, encoder, decoder, output; every step kept.

An encoder–decoder is that of Vaswani et al. (2017), "Attention Is All You Need"; a decoder-only model has GPT-2's
layout, Radford et al. (2019), "Language Models are Unsupervised Multitask Learners", section 2.3, or, with RMS norms,
rotary embedding and gated networks, that of Touvron et al. (2023), "LLaMA", section 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.embedding import embed, sinusoids
from core.model.feed_forward import ACTIVATIONS
from core.model.layers import (
    AnyNormSteps,
    AttentionKind,
    LayerSteps,
    LayerWeights,
    NormWeights,
    decoder_layer,
    encoder_layer,
    len_of_past,
    norm_rows,
)
from core.model.normalization import EPSILON
from core.model.rotary import Rotary
from core.model.softmax import float_dtype, softmax

Array = NDArray[Any]

POSITIONS = ("sinusoidal", "learned", "none")
NORM_KINDS = ("layer", "rms")


@dataclass(frozen=True)
class Config:
    """What a model is made of, beside its weights.

    d_k, d_v: per head; layers: as many in the encoder as in the decoder; embedding_scale: whether embeddings are
    multiplied by √d_model; tied: whether the output projection is the transposed embedding; final_norm: whether each
    stack ends with a norm of its own; positions: what is added to the embeddings; position_base: that of the sinusoids;
    input_norm: whether the sum of embeddings and positions is normed, as in BERT; output_bias: whether a bias is added
    to the logits.

    norm says where the norms stand, norm_kind which they are; activation: "relu", "gelu", "gelu_tanh", or, of networks
    with a gate, "swiglu", "geglu", "geglu_tanh"; kv_heads, rotary, alibi, window, sinks, soft_cap: as for
    `core.model.layers.AttentionKind`; experts: networks in each layer, 0 for one without a router; opened: how many of
    them a token is sent to.
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
    position_base: float = 10_000
    input_norm: bool = False
    output_bias: bool = False
    norm_kind: str = "layer"
    kv_heads: int | None = None
    rotary: Rotary | None = None
    alibi: bool = False
    window: int | None = None
    sinks: int = 0
    soft_cap: float | None = None
    experts: int = 0
    opened: int = 2

    @property
    def has_encoder(self) -> bool:
        return self.kind == "encoder-decoder"

    @property
    def has_plain_networks(self) -> bool:
        """Whether each layer has one feed-forward network without a gate, as in the paper."""
        return self.activation in ACTIVATIONS and not self.experts

    @property
    def attention_kind(self) -> AttentionKind:
        """What attention is computed with, beside its weights."""
        return AttentionKind(self.kv_heads, self.rotary, self.alibi, self.window, self.sinks, self.soft_cap)

    @property
    def layer_options(self) -> dict[str, Any]:
        """What every layer of the model is computed with, beside its weights."""
        options = {"heads": self.heads, "norm": self.norm, "activation": self.activation, "eps": self.eps}
        return options | {"kind": self.attention_kind, "opened": self.opened}


@dataclass(frozen=True)
class Transformer:
    """A model: its configuration, vocabulary and weights.

    embedding: (vocabulary, d_model); encoder, decoder: a layer's weights each; output_w: (d_model, vocabulary), None
    if tied; position_embedding: (places, d_model) and segment_embedding: (segments, d_model) where they are learned;
    input_norm, output_b (vocabulary,): where the configuration has them.
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
    input_norm: NormWeights | None = None
    output_b: Array | None = None

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
    """How ids become rows, each (…, tokens, d_model): embedded, times √d_model, positions, segments, their sum normed.

    scaled, positions, segments, norm: None in a model without them; positions: (tokens, d_model) unless places are
    given; output: the sum, or what the norm makes of it.
    """

    embedded: Array
    scaled: Array | None
    positions: Array | None
    segments: Array | None
    output: Array
    norm: AnyNormSteps | None = None


@dataclass(frozen=True)
class StackSteps:
    """A stack of layers: its input, every layer, its final norm if it has one, and the result (…, tokens, d_model)."""

    inputs: InputSteps
    layers: tuple[LayerSteps, ...]
    final_norm: AnyNormSteps | None
    output: Array


@dataclass(frozen=True)
class OutputSteps:
    """Logits and their softmax, (…, tokens, vocabulary)."""

    logits: Array
    probabilities: Array


# --- computing --------------------------------------------------------------------------------------------------------


def inputs(
    model: Transformer,
    ids: ArrayLike,
    *,
    segments: ArrayLike | None = None,
    offset: int = 0,
    places: ArrayLike | None = None,
) -> InputSteps:
    """Embeddings, times √d_model if the model scales them, plus positions and segments if it adds them, normed if so.

    ids: integers (…, tokens); segments: integers of the same shape, 0 if not given; offset: where the first token
    stands; places: where each stands, integers (tokens,) or (…, tokens), if not one after another.

    Raises ValueError for ids outside the vocabulary, for places that the model has no positions for, or that it cannot
    use.
    Source: Vaswani et al. (2017), section 3.4; learned positions, segments, norm: Devlin et al. (2019), "BERT", section
    3, and its code.
    """
    ids = np.asarray(ids)
    config = model.config
    embedded = embed(ids, model.embedding)  # (…, tokens, d_model)
    scaled = embedded * math.sqrt(config.d_model) if config.embedding_scale else None
    if places is not None:
        _check_places(model, ids, np.asarray(places))
    positions = _rows_at(model, np.arange(offset, offset + ids.shape[-1]) if places is None else places)
    segment_rows = None
    if model.segment_embedding is not None:
        segment_rows = embed(np.zeros_like(ids) if segments is None else segments, model.segment_embedding)
    output = embedded if scaled is None else scaled
    for rows in (positions, segment_rows):
        output = output if rows is None else output + rows
    if model.input_norm is None:
        return InputSteps(embedded, scaled, positions, segment_rows, output)
    normed = norm_rows(output, model.input_norm, config.eps)
    return InputSteps(embedded, scaled, positions, segment_rows, normed.output, normed)


def _check_places(model: Transformer, ids: Array, places: Array) -> None:
    most = model.most_tokens
    if most is None and model.config.positions != "sinusoidal":
        raise ValueError("found places for a model without positions; expected none")
    if places.shape not in (ids.shape, ids.shape[-1:]):
        raise ValueError(f"places have shape {places.shape}; expected {ids.shape} or {ids.shape[-1:]}")
    if most is not None and places.size and not 0 <= places.min() <= places.max() < most:
        raise ValueError(f"found places {places.min()}…{places.max()}; expected 0…{most - 1}, the learned positions")


def position_rows(model: Transformer, tokens: int, offset: int = 0) -> Array | None:
    """The rows (tokens, d_model) that tell where each token stands, from place `offset` on; None if there are none.

    Raises ValueError for more tokens than the model has learned positions.
    """
    return _rows_at(model, np.arange(offset, offset + tokens))


def _rows_at(model: Transformer, places: ArrayLike) -> Array | None:
    """The rows of any places, (…) → (…, d_model), in the dtype of the embedding; None in a model without positions."""
    config, table = model.config, model.position_embedding
    if config.positions == "sinusoidal":
        rows = sinusoids(places, config.d_model, base=config.position_base)
        return rows.astype(float_dtype(model.embedding), copy=False)
    if table is None:
        return None
    end = int(np.max(places, initial=-1)) + 1
    if end > len(table):
        raise ValueError(f"found {end} tokens; expected at most {len(table)}, the learned positions")
    return embed(places, table)


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
    places: ArrayLike | None = None,
) -> StackSteps:
    """The encoder. ids: integers (…, tokens); mask, key_padding: as for attention. Its output is the memory.

    segments, places: as for `inputs`. Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    given = inputs(model, ids, segments=segments, places=places)
    x, layers = given.output, []
    for weights in model.encoder:
        layers.append(encoder_layer(x, weights, mask=mask, key_padding=key_padding, **model.config.layer_options))
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
    places: ArrayLike | None = None,
) -> StackSteps:
    """The decoder. ids: integers (…, tokens), [START] first; memory: (…, keys, d_model), None without an encoder.

    key_padding (…, tokens), memory_padding (…, keys): True = real. past: the steps for the tokens before these, whose
    keys and values are used again and to whose tokens key_padding extends; the result is that of all tokens at once, to
    rounding. places: as for `inputs`, by default after those of the past.

    Raises ValueError where one of memory and cross-attention is there without the other.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    earlier = past.layers if past else (None,) * len(model.decoder)
    given = inputs(model, ids, offset=len_of_past(earlier[0]), places=places)
    options = {"key_padding": key_padding, "memory_padding": memory_padding} | model.config.layer_options
    x, layers = given.output, []
    for weights, before in zip(model.decoder, earlier, strict=True):
        layers.append(decoder_layer(x, memory, weights, past=before, **options))
        x = layers[-1].output
    return _finished(model, given, tuple(layers), model.decoder_norm)


def _finished(
    model: Transformer, given: InputSteps, layers: tuple[LayerSteps, ...], norm: NormWeights | None
) -> StackSteps:
    """The stack with its final norm, where it has one."""
    output = layers[-1].output if layers else given.output
    if norm is None:
        return StackSteps(given, layers, None, output)
    normed = norm_rows(output, norm, model.config.eps)
    return StackSteps(given, layers, normed, normed.output)


def predict(model: Transformer, output: ArrayLike) -> OutputSteps:
    """Logits and probabilities of the next word from the decoder's output (…, tokens, d_model).

    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.4.
    """
    logits = np.asarray(output) @ model.output_projection  # (…, tokens, vocabulary)
    if model.output_b is not None:
        logits = logits + model.output_b
    return OutputSteps(logits, softmax(logits))
