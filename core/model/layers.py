"""One layer of the Transformer, encoder's or decoder's: sub-layers, each with its residual connection and its norm.

Post-norm, as in the paper: output = norm(x + sublayer(x)). Pre-norm: output = x + sublayer(norm(x)).
Sources: Vaswani et al. (2017), "Attention Is All You Need", section 3.1; pre-norm: Xiong et al. (2020), "On Layer
Normalization in the Transformer Architecture", figure 1; with RMS norms, rotary embedding and a gated network: Touvron
et al. (2023), "LLaMA", section 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.alibi import alibi_slopes
from core.model.attention import MultiHeadSteps, Window, multi_head_attention
from core.model.experts import ExpertsSteps, mixture_of_experts
from core.model.feed_forward import FeedForwardSteps, GatedSteps, feed_forward, gated_feed_forward
from core.model.normalization import EPSILON, NormSteps, RmsNormSteps, layer_norm, rms_norm
from core.model.rotary import Rotary

Array = NDArray[Any]

NORMS = ("post", "pre")


@dataclass(frozen=True)
class AttentionKind:
    """What attention is computed with beside its weights; by default that of the paper.

    kv_heads: of keys and values, None for as many as heads; soft_cap: None for none. Of self-attention alone: rotary:
    how queries and keys are turned by position; alibi: whether scores get penalties that grow with the distance;
    window: how many tokens are in sight, the query's own among them, or (left, right); sinks: how many of the first
    tokens stay in sight.
    """

    kv_heads: int | None = None
    rotary: Rotary | None = None
    alibi: bool = False
    window: Window | None = None
    sinks: int = 0
    soft_cap: float | None = None

    def across(self, heads: int) -> dict[str, Any]:
        """The options of cross-attention, for `core.model.attention.multi_head_attention`."""
        return {"heads": heads, "kv_heads": self.kv_heads, "soft_cap": self.soft_cap}

    def own(self, heads: int) -> dict[str, Any]:
        """The options of self-attention."""
        slopes = alibi_slopes(heads) if self.alibi else None
        look = {"rotary": self.rotary, "slopes": slopes, "window": self.window, "sinks": self.sinks}
        return self.across(heads) | look


PLAIN = AttentionKind()


@dataclass(frozen=True)
class AttentionWeights:
    """w_q: (d_model, heads · d_k); w_k: (d_model, kv_heads · d_k); w_v: (d_model, kv_heads · d_v);
    w_o: (heads · d_v, d_model); biases: as wide.
    """

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
    """w_1: (d_model, d_ff); w_2: (d_ff, d_model); b_1: (d_ff,); b_2: (d_model,); w_gate, b_gate: as w_1 and b_1, for
    a network with a gate alone.
    """

    w_1: Array
    w_2: Array
    b_1: Array | None = None
    b_2: Array | None = None
    w_gate: Array | None = None
    b_gate: Array | None = None


@dataclass(frozen=True)
class ExpertsWeights:
    """router: (d_model, experts); experts: a network each."""

    router: Array
    experts: tuple[FeedForwardWeights, ...]


@dataclass(frozen=True)
class NormWeights:
    """scale, shift: (d_model,); shift: None for an RMS norm."""

    scale: Array
    shift: Array | None


@dataclass(frozen=True)
class LayerWeights:
    """The weights of a layer; norms: one for each sub-layer, in their order. Cross-attention: only in a decoder."""

    self_attention: AttentionWeights
    cross_attention: AttentionWeights | None
    feed_forward: FeedForwardWeights | ExpertsWeights
    norms: tuple[NormWeights, ...]


NetworkSteps = FeedForwardSteps | GatedSteps
FedSteps = NetworkSteps | ExpertsSteps[NetworkSteps]
AnyNormSteps = NormSteps | RmsNormSteps


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
    norm: AnyNormSteps
    output: Array


@dataclass(frozen=True)
class LayerSteps:
    """Every intermediate of a layer: what comes in, its sub-layers, what goes out (…, tokens, d_model)."""

    input: Array
    self_attention: SubLayerSteps[MultiHeadSteps]
    cross_attention: SubLayerSteps[MultiHeadSteps] | None
    feed_forward: SubLayerSteps[FedSteps]
    output: Array

    @property
    def norms(self) -> tuple[AnyNormSteps, ...]:
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
    kind: AttentionKind = PLAIN,
    opened: int = 2,
    mask: ArrayLike | None = None,
    key_padding: ArrayLike | None = None,
) -> LayerSteps:
    """Self-attention and feed-forward network, each with residual connection and norm, every step kept.

    x: (…, tokens, d_model); norm: "post" or "pre"; kind: of the attention; opened: how many experts a token is sent to,
    if there are experts; mask, key_padding: as for `core.model.attention.attention`.

    Raises ValueError for shapes that do not fit and for an unknown norm or activation.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.1.
    """
    x = np.array(x)  # the steps keep it: a copy
    add_norm = partial(_sub_layer, norm=norm, eps=eps)
    attend = partial(_attend, weights.self_attention, mask=mask, key_padding=key_padding, **kind.own(heads))
    attended = add_norm(x, weights.norms[0], attend)
    fed = add_norm(attended.output, weights.norms[-1], partial(_feed, weights.feed_forward, activation, opened))
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
    kind: AttentionKind = PLAIN,
    opened: int = 2,
    key_padding: ArrayLike | None = None,
    memory_padding: ArrayLike | None = None,
    causal: bool = True,
    past: LayerSteps | None = None,
) -> LayerSteps:
    """Causal self-attention, cross-attention to `memory` and feed-forward network, every step kept.

    x: (…, tokens, d_model); memory: (…, keys, d_model), the encoder's output, or None for a decoder without an
    encoder, whose layers have no cross-attention. key_padding: (…, tokens), with those of the past before them, and
    memory_padding: (…, keys), True = real.
    past: this layer's steps for the tokens before x; their keys and values are used again (the KV cache). kind, opened:
    as for `encoder_layer`.

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
        key_padding=key_padding,
        causal=causal,
        past=None if past is None else past.self_attention.inner,
        **kind.own(heads),
    )
    attended = add_norm(x, weights.norms[0], attend)
    crossed = None
    if weights.cross_attention is not None and memory is not None:
        across = kind.across(heads)
        look_up = partial(_look_up, weights.cross_attention, memory, past, key_padding=memory_padding, **across)
        crossed = add_norm(attended.output, weights.norms[1], look_up)
    entry = (crossed or attended).output
    fed = add_norm(entry, weights.norms[-1], partial(_feed, weights.feed_forward, activation, opened))
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
        normed = norm_rows(x, weights, eps)
        steps = inner(normed.output)
        total = x + steps.output  # (…, tokens, d_model)
        return SubLayerSteps(normed.output, steps, total, normed, total)
    steps = inner(x)
    total = x + steps.output  # (…, tokens, d_model)
    normed = norm_rows(total, weights, eps)
    return SubLayerSteps(x, steps, total, normed, normed.output)


def norm_rows(x: ArrayLike, weights: NormWeights, eps: float) -> AnyNormSteps:
    """The layer norm of x (…, d_model), or the RMS norm where there is no shift."""
    if weights.shift is None:
        return rms_norm(x, weights.scale, eps=eps)
    return layer_norm(x, weights.scale, weights.shift, eps=eps)


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


def _feed(weights: FeedForwardWeights | ExpertsWeights, activation: str, opened: int, x: Array) -> FedSteps:
    """The network of a layer, or its mixture of experts."""
    if isinstance(weights, FeedForwardWeights):
        return _network(weights, activation, x)
    experts = [partial(_network, expert, activation) for expert in weights.experts]
    return mixture_of_experts(x, weights.router, experts, opened=opened)


def _network(weights: FeedForwardWeights, activation: str, x: Array) -> NetworkSteps:
    """One feed-forward network, with a gate where it has one."""
    if weights.w_gate is not None:
        return gated_feed_forward(x, activation=activation, **vars(weights))
    return feed_forward(x, weights.w_1, weights.b_1, weights.w_2, weights.b_2, activation=activation)
