"""The Transformer without one of its parts, as it was trained without it: the same sums, one of them left out.

It is an encoder–decoder as in Vaswani et al. (2017), "Attention Is All You Need", post-norm, its output projection the
transposed embedding. Without any part left out it computes what `core.model.transformer` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.attention import multi_head_attention
from core.model.feed_forward import feed_forward
from core.model.normalization import layer_norm
from core.model.softmax import softmax
from core.model.special_tokens import END, PAD, START
from core.model.transformer import Config, Transformer, inputs

Array = NDArray[Any]

# What can be left out. residuals: around every sub-layer; attention_residuals: around attention alone; heads: all but
# one; causal_mask: the decoder, trained on whole sentences, sees the words that it is to say.
PARTS = (
    "positions",
    "causal_mask",
    "residuals",
    "attention_residuals",
    "feed_forward",
    "layer_norm",
    "scaling",
    "heads",
)


@dataclass(frozen=True)
class Ablated:
    """A model trained without a part. config: that of the model with all its parts; without: one of PARTS, or "".

    weights: arrays by the names that they have in a model file, (in, out) and (out,).
    """

    config: Config
    vocabulary: tuple[str, ...]
    weights: Mapping[str, Array]
    without: str = ""

    def __post_init__(self) -> None:
        if self.without not in ("", *PARTS):
            raise ValueError(f"found the part {self.without!r}; expected one of {', '.join(PARTS)}")
        if self.config.norm != "post" or not (self.config.has_encoder and self.config.tied):
            raise ValueError("expected a tied encoder-decoder, post-norm")

    def ids(self, tokens: tuple[str, ...]) -> Array:
        """The places of tokens in the vocabulary, (tokens,). Raises ValueError for a token that is not in it."""
        return np.array([self.vocabulary.index(token) for token in tokens], dtype=int)


@dataclass(frozen=True)
class Written:
    """Sentences written word by word, always the likeliest: ids (…, steps) and the probabilities that they were chosen
    by, (…, steps, vocabulary). What follows the first [END] means nothing.
    """

    ids: Array
    probabilities: Array


def encode_ablated(model: Ablated, source: ArrayLike) -> Array:
    """The memory (…, keys, d_model) of ids (…, keys), among which [PAD] is filling."""
    x, real = _input(model, source), _real(model, source)
    for layer in (f"encoder.{number}" for number in range(1, model.config.layers + 1)):
        x = _add_norm(model, f"{layer}.norm_1", x, _attention(model, f"{layer}.self_attention", x, None, real))
        x = _fed(model, layer, "norm_2", x)
    return x


def logits_ablated(model: Ablated, target: ArrayLike, memory: ArrayLike, source: ArrayLike) -> Array:
    """The logits (…, tokens, vocabulary) of the words that follow. target: ids (…, tokens), [START] first;
    memory, source: what `encode_ablated` gave and was given.
    """
    x, real = _input(model, target), _real(model, source)
    causal = model.without != "causal_mask"
    said = None if causal else _real(model, target)
    for layer in (f"decoder.{number}" for number in range(1, model.config.layers + 1)):
        looked = _attention(model, f"{layer}.self_attention", x, None, said, causal=causal)
        x = _add_norm(model, f"{layer}.norm_1", x, looked)
        looked = _attention(model, f"{layer}.cross_attention", x, np.asarray(memory), real)
        x = _add_norm(model, f"{layer}.norm_2", x, looked)
        x = _fed(model, layer, "norm_3", x)
    logits: Array = x @ model.weights["embedding"].T
    return logits


def write_ablated(model: Ablated, source: ArrayLike, steps: int) -> Written:
    """Translate ids (…, keys) into at most so many words, every sentence of a batch at once."""
    source = np.asarray(source)
    memory = encode_ablated(model, source)
    said = np.full((*source.shape[:-1], 1), model.vocabulary.index(START))
    rows: list[Array] = []
    ended = np.zeros(source.shape[:-1], dtype=bool)
    while len(rows) < steps and not ended.all():
        rows.append(softmax(logits_ablated(model, said, memory, source)[..., -1, :]))  # (…, vocabulary)
        likeliest = rows[-1].argmax(axis=-1)
        ended |= likeliest == model.vocabulary.index(END)
        said = np.concatenate([said, likeliest[..., None]], axis=-1)
    return Written(said[..., 1:], np.stack(rows, axis=-2))


def _input(model: Ablated, ids: ArrayLike) -> Array:
    """Embeddings, times √d_model, plus positions, as the model has them: (…, tokens, d_model)."""
    config = replace(model.config, positions="none") if model.without == "positions" else model.config
    return inputs(Transformer(config, model.vocabulary, model.weights["embedding"], (), ()), ids).output


def _real(model: Ablated, ids: ArrayLike) -> Array:
    real: Array = np.asarray(ids) != model.vocabulary.index(PAD)
    return real


def _attention(
    model: Ablated, name: str, x: Array, memory: Array | None, real: Array | None, *, causal: bool = False
) -> Array:
    """Attention of x to itself or to `memory`, where the keys are real; without biases: (…, tokens, d_model)."""
    heads = 1 if model.without == "heads" else model.config.heads
    scale = 1.0 if model.without == "scaling" else None
    weights = _named(model, name, "w_q", "w_k", "w_v", "w_o")
    attend = partial(multi_head_attention, x, memory, *weights, heads=heads, scale=scale)
    return attend(key_padding=real, causal=causal).output


def _add_norm(model: Ablated, norm: str, x: Array, output: Array, *, attention: bool = True) -> Array:
    """The norm of x + output, or what is left of that; attention: whether the output is attention's."""
    if model.without != "residuals" and not (attention and model.without == "attention_residuals"):
        output = x + output
    if model.without == "layer_norm":
        return output
    return layer_norm(output, *_named(model, norm, "scale", "shift"), eps=model.config.eps).output


def _fed(model: Ablated, layer: str, norm: str, x: Array) -> Array:
    if model.without == "feed_forward":
        return x
    weights = _named(model, f"{layer}.feed_forward", "w_1", "b_1", "w_2", "b_2")
    output = feed_forward(x, *weights, activation=model.config.activation).output
    return _add_norm(model, f"{layer}.{norm}", x, output, attention=False)


def _named(model: Ablated, name: str, *parts: str) -> list[Array]:
    return [model.weights[f"{name}.{part}"] for part in parts]
