"""The whole Transformer: inputs, encoder, decoder, output; every step kept.

An encoder–decoder is that of Vaswani et al. (2017), "Attention Is All You Need"; a decoder-only model has GPT-2's
layout, Radford et al. (2019), "Language Models are Unsupervised Multitask Learners", section 2.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.embedding import embed, sinusoidal_positions
from core.model.layers import (
    LayerSteps,
    LayerWeights,
    NormWeights,
    decoder_layer,
    encoder_layer,
    len_of_past,
)
from core.model.normalization import EPSILON, NormSteps, layer_norm
from core.model.softmax import softmax

Array = NDArray[Any]

POSITIONS = ("sinusoidal", "learned", "none")


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

    @property
    def layer_options(self) -> dict[str, Any]:
        """What every layer of the model is computed with, beside its weights."""
        return {"heads": self.heads, "norm": self.norm, "activation": self.activation, "eps": self.eps}


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
    given = inputs(model, ids, segments=segments)
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
) -> StackSteps:
    """The decoder. ids: integers (…, tokens), [START] first; memory: (…, keys, d_model), None without an encoder.

    key_padding (…, tokens), memory_padding (…, keys): True = real. past: the steps for the tokens before these, whose
    keys and values are used again; the result is that of all tokens at once, to rounding.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    earlier = past.layers if past else (None,) * len(model.decoder)
    given = inputs(model, ids, offset=len_of_past(earlier[0]))
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
    normed = layer_norm(output, norm.scale, norm.shift, eps=model.config.eps)
    return StackSteps(given, layers, normed, normed.output)


def predict(model: Transformer, output: ArrayLike) -> OutputSteps:
    """Logits and probabilities of the next word from the decoder's output (…, tokens, d_model).

    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.4.
    """
    logits = np.asarray(output) @ model.output_projection  # (…, tokens, vocabulary)
    return OutputSteps(logits, softmax(logits))
