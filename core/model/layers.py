"""One layer of the Transformer, encoder's or decoder's: sub-layers, each with its residual connection and its norm.

Post-norm, as in the paper: output = norm(x + sublayer(x)). Pre-norm: output = x + sublayer(norm(x)).
Sources: Vaswani et al. (2017), "Attention Is All You Need", section 3.1; pre-norm: Xiong et al. (2020), "On Layer
Normalization in the Transformer Architecture", figure 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.attention import MultiHeadSteps, multi_head_attention
from core.model.feed_forward import FeedForwardSteps, feed_forward
from core.model.normalization import EPSILON, NormSteps, layer_norm

Array = NDArray[Any]

NORMS = ("post", "pre")


@dataclass(frozen=True)
class AttentionWeights:
    """w_q, w_k: (d_model, heads · d_k); w_v: (d_model, heads · d_v); w_o: (heads · d_v, d_model); biases: as wide."""

    w_q: Array
    w_k: Array
    w_v: Array
    w_o: Array
    b_q: Array | None = None
    b_k: Array | None = None
    b_v: Array | None = None
    b_o: Array | None = None


@dataclass(frozen=True)
class FeedForwardWeights:
    """w_1: (d_model, d_ff); w_2: (d_ff, d_model); b_1: (d_ff,); b_2: (d_model,)."""

    w_1: Array
    w_2: Array
    b_1: Array | None = None
    b_2: Array | None = None


@dataclass(frozen=True)
class NormWeights:
    """scale, shift: (d_model,)."""

    scale: Array
    shift: Array


@dataclass(frozen=True)
class LayerWeights:
    """The weights of a layer; norms: one for each sub-layer, in their order. Cross-attention: only in a decoder."""

    self_attention: AttentionWeights
    cross_attention: AttentionWeights | None
    feed_forward: FeedForwardWeights
    norms: tuple[NormWeights, ...]


class _Steps(Protocol):
    @property
    def output(self) -> Array: ...


S = TypeVar("S", bound=_Steps)


@dataclass(frozen=True)
class SubLayerSteps(Generic[S]):
    """A sub-layer with its residual connection and its norm; all arrays (…, tokens, d_model).

    given: what the sub-layer works on, normed before it in pre-norm; inner: its own steps;
    sum: its output added to what went past it; output: that sum, normed in post-norm.
    """

    given: Array
    inner: S
    sum: Array
    norm: NormSteps
    output: Array


@dataclass(frozen=True)
class LayerSteps:
    """Every intermediate of a layer: what comes in, its sub-layers, what goes out (…, tokens, d_model)."""

    input: Array
    self_attention: SubLayerSteps[MultiHeadSteps]
    cross_attention: SubLayerSteps[MultiHeadSteps] | None
    feed_forward: SubLayerSteps[FeedForwardSteps]
    output: Array

    @property
    def norms(self) -> tuple[NormSteps, ...]:
        """The norm of each sub-layer, in their order."""
        attentions = (self.self_attention, self.cross_attention)
        return (*(steps.norm for steps in attentions if steps is not None), self.feed_forward.norm)

    @property
    def sums(self) -> tuple[Array, ...]:
        """The residual sum of each sub-layer, in their order."""
        attentions = (self.self_attention, self.cross_attention)
        return (*(steps.sum for steps in attentions if steps is not None), self.feed_forward.sum)


def encoder_layer(
    x: ArrayLike,
    weights: LayerWeights,
    *,
    heads: int,
    norm: str = "post",
    activation: str = "relu",
    eps: float = EPSILON,
    mask: ArrayLike | None = None,
    key_padding: ArrayLike | None = None,
) -> LayerSteps:
    """Self-attention and feed-forward network, each with residual connection and layer norm, every step kept.

    x: (…, tokens, d_model); norm: "post" or "pre"; mask, key_padding: as for `core.model.attention.attention`.

    Raises ValueError for shapes that do not fit and for an unknown norm or activation.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    x = np.array(x)  # the steps keep it: a copy
    add_norm = partial(_sub_layer, norm=norm, eps=eps)
    attend = partial(_attend, weights.self_attention, heads=heads, mask=mask, key_padding=key_padding)
    attended = add_norm(x, weights.norms[0], attend)
    fed = add_norm(attended.output, weights.norms[-1], partial(_feed, weights.feed_forward, activation))
    return LayerSteps(x, attended, None, fed, fed.output)


def decoder_layer(
    x: ArrayLike,
    memory: ArrayLike | None,
    weights: LayerWeights,
    *,
    heads: int,
    norm: str = "post",
    activation: str = "relu",
    eps: float = EPSILON,
    key_padding: ArrayLike | None = None,
    memory_padding: ArrayLike | None = None,
    causal: bool = True,
    past: LayerSteps | None = None,
) -> LayerSteps:
    """Causal self-attention, cross-attention to `memory` and feed-forward network, every step kept.

    x: (…, tokens, d_model); memory: (…, keys, d_model), the encoder's output, or None for a decoder without an
    encoder, whose layers have no cross-attention. key_padding: (…, tokens), with those of the past before them, and
    memory_padding: (…, keys), True = real.
    past: this layer's steps for the tokens before x; their keys and values are used again (the KV cache).

    Raises ValueError for shapes that do not fit, for an unknown norm or activation, and where one of memory and weights
    of cross-attention is there without the other.
    Sources: Vaswani et al. (2017), "Attention Is All You Need", section 3.1; without an encoder: Radford et al. (2019),
    "Language Models are Unsupervised Multitask Learners", section 2.3.
    """
    _check_memory(weights, memory)
    x = np.array(x)  # the steps keep it: a copy
    add_norm = partial(_sub_layer, norm=norm, eps=eps)
    attend = partial(
        _attend,
        weights.self_attention,
        heads=heads,
        key_padding=key_padding,
        causal=causal,
        past=None if past is None else past.self_attention.inner,
    )
    attended = add_norm(x, weights.norms[0], attend)
    crossed = None
    if weights.cross_attention is not None and memory is not None:
        look_up = partial(_look_up, weights.cross_attention, memory, past, heads=heads, key_padding=memory_padding)
        crossed = add_norm(attended.output, weights.norms[1], look_up)
    entry = (crossed or attended).output
    fed = add_norm(entry, weights.norms[-1], partial(_feed, weights.feed_forward, activation))
    return LayerSteps(x, attended, crossed, fed, fed.output)


def _check_memory(weights: LayerWeights, memory: ArrayLike | None) -> None:
    if (memory is None) != (weights.cross_attention is None):
        found = "no memory" if memory is None else f"a memory of shape {np.shape(memory)}"
        has = "no" if weights.cross_attention is None else "a"
        raise ValueError(f"found {found} and {has} cross-attention; expected both (with an encoder) or neither")


def len_of_past(past: LayerSteps | None) -> int:
    """How many tokens a layer has seen before."""
    return 0 if past is None else past.self_attention.inner.k.shape[-2]


def _sub_layer(x: Array, weights: NormWeights, inner: Callable[[Array], S], norm: str, eps: float) -> SubLayerSteps[S]:
    """The residual connection around `inner`, with the norm after the sum or before the sub-layer."""
    if norm not in NORMS:
        raise ValueError(f"found the norm {norm!r}; expected one of {', '.join(NORMS)}")
    if norm == "pre":
        normed = layer_norm(x, weights.scale, weights.shift, eps=eps)
        steps = inner(normed.output)
        total = x + steps.output  # (…, tokens, d_model)
        return SubLayerSteps(normed.output, steps, total, normed, total)
    steps = inner(x)
    total = x + steps.output  # (…, tokens, d_model)
    normed = layer_norm(total, weights.scale, weights.shift, eps=eps)
    return SubLayerSteps(x, steps, total, normed, normed.output)


def _attend(
    weights: AttentionWeights,
    x: Array,
    memory: Array | None = None,
    *,
    past: MultiHeadSteps | None = None,
    **options: Any,
) -> MultiHeadSteps:
    """Attention of x to itself or to `memory`, and to what it attended to in the past."""
    kept: dict[str, Any] = {} if past is None else {"past_k": past.k, "past_v": past.v}
    return multi_head_attention(x, memory, **vars(weights), **kept, **options)


def _look_up(
    weights: AttentionWeights, memory: ArrayLike, past: LayerSteps | None, x: Array, **options: Any
) -> MultiHeadSteps:
    """Cross-attention; where there is a past, its keys and values of the memory are used again and none computed."""
    memory = np.asarray(memory)
    if past is None or past.cross_attention is None:
        return _attend(weights, x, memory, **options)
    return _attend(weights, x, memory[..., :0, :], past=past.cross_attention.inner, **options)


def _feed(weights: FeedForwardWeights, activation: str, x: Array) -> FeedForwardSteps:
    return feed_forward(x, weights.w_1, weights.b_1, weights.w_2, weights.b_2, activation=activation)
