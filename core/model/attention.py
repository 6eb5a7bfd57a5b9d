"""Scaled dot-product and multi-head attention with every intermediate kept.

Attention(Q, K, V) = softmax(QKᵀ / √d_k) V — Vaswani et al. (2017), "Attention Is All You Need", equation 1.
Row = query, column = key. No function modifies its inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.alibi import alibi_bias
from core.model.masks import as_additive, causal_mask, key_padding_mask, window_mask
from core.model.rotary import Rotary, rotary_embedding
from core.model.softmax import SoftmaxSteps, float_dtype, log_softmax, rounded, softmax, softmax_steps, working_dtype

__all__ = [
    "AttentionSteps",
    "MultiHeadSteps",
    "SoftmaxSteps",
    "attention",
    "log_softmax",
    "merge_heads",
    "multi_head_attention",
    "project",
    "softmax",
    "softmax_steps",
    "split_heads",
]

Array = NDArray[Any]
Window = int | tuple[int | None, int | None]


@dataclass(frozen=True)
class AttentionSteps:
    """Every intermediate of scaled dot-product attention; the leading axes (batch, heads…) are written as …

    q (…, queries, d_k), k (…, keys, d_k), v (…, keys, d_v): as given (grouped-query: fewer heads in k, v);
    scores (…, queries, keys): QKᵀ, unscaled; scaled: scores · scale; capped: after the soft cap, None without one;
    masked: with the masks added, −∞ where a query may not look; weights: their softmax; output (…, queries, d_v).
    """

    q: Array
    k: Array
    v: Array
    scores: Array
    scaled: Array
    capped: Array | None
    masked: Array
    weights: Array
    output: Array


@dataclass(frozen=True)
class MultiHeadSteps:
    """Every intermediate of multi-head attention.

    q (…, queries, heads · d_k), k (…, keys, kv_heads · d_k), v (…, keys, kv_heads · d_v): with their biases, and
    after the keys and values kept from before, if there are;
    heads: the attention of each head, its arrays (…, heads, queries, …), its k and v (…, kv_heads, keys, …), its q and
    k turned where there is a rotary embedding;
    concat (…, queries, heads · d_v): the heads' outputs side by side; output (…, queries, d_out).
    """

    q: Array
    k: Array
    v: Array
    heads: AttentionSteps
    concat: Array
    output: Array


def attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    key_padding: ArrayLike | None = None,
    causal: bool = False,
    query_offset: int = 0,
    window: Window | None = None,
    sinks: int = 0,
    scale: float | None = None,
    soft_cap: float | None = None,
    grouped: bool | None = None,
) -> AttentionSteps:
    """Scaled dot-product attention, softmax(QKᵀ · scale + mask) V, every step kept.

    q: (…, queries, d_k), k: (…, keys, d_k), v: (…, keys, d_v). Leading axes broadcast.
    grouped: where the heads (axis −3) of k and v are fewer than those of q and divide them, each serves a run of
    neighbouring query heads (grouped-query; one head: multi-query). By itself so with (batch, heads, …); arrays of
    three axes may have a batch in that place and must say True.
    mask: boolean (True = may look) or float (added to the scores), broadcasting to (…, queries, keys).
    key_padding: the same per key, (keys,) or (batch…, keys), its leading axes being the first of the scores.
    causal: a query looks at no later key. window: only at keys fewer than so many positions away, on both sides; or
    (left, right): at most so many positions back and ahead, None as far as it likes. sinks: how many of the first keys
    a window leaves in sight however far back they are.
    query_offset: the position of the first query among the keys, for `causal` and `window`.
    scale: 1/√d_k if not given. soft_cap: c · tanh(scaled / c) before masking.

    All masks apply together. A key that a query may not look at adds nothing to it, whatever its value, NaN or infinite
    ones too; a query that may look at no key gets zero weights and a zero output.
    Results have the widest float dtype of q, k and v (integers: float64); half precision is computed in float32 and
    each step rounded.

    Raises ValueError, naming the shapes, if these do not fit, for a soft cap that is not positive or not finite and for
    a scale that is not finite; TypeError for numbers that are not real and for masks neither boolean nor float.
    Sources: Vaswani et al. (2017), equation 1; grouped queries: Ainslie et al. (2023), "GQA", section 2.2;
    soft cap: Gemma Team (2024), "Gemma 2", section 2; windows and sinks: `core.model.masks`.
    """
    q, k, v = np.asarray(q), np.asarray(k), np.asarray(v)
    heads = _query_heads(q, k, v, grouped)
    _check_shapes(q, k, v, heads)
    dtype = float_dtype(q, k, v)
    q, k, v = (array.astype(working_dtype(dtype)) for array in (q, k, v))
    scale = _checked_scale(1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    with np.errstate(over="ignore", invalid="ignore"):
        scores = q @ _repeat_heads(k, heads).swapaxes(-1, -2)  # (…, queries, keys)
        scaled = scores * scale
        capped = None if soft_cap is None else _soft_cap(scaled, soft_cap)
    sides = _sides(window)
    additive = _additive_masks(scores.shape, scores.dtype, mask, key_padding, causal, query_offset, sides, sinks)
    masked = _apply_masks(scaled if capped is None else capped, additive)
    weights = softmax(masked)
    output = _mixed(weights, _repeat_heads(v, heads), masked == -np.inf)  # (…, queries, d_v)
    return AttentionSteps(
        rounded(q, dtype),
        rounded(k, dtype),
        rounded(v, dtype),
        rounded(scores, dtype),
        rounded(scaled, dtype),
        None if capped is None else rounded(capped, dtype),
        rounded(masked, dtype),
        rounded(weights, dtype),
        rounded(output, dtype),
    )


def split_heads(x: ArrayLike, heads: int) -> Array:
    """Cut the last axis into heads: (…, tokens, heads · d) → (…, heads, tokens, d).

    Raises ValueError if x is no matrix or its last axis does not divide into so many heads.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.2.
    """
    x = np.asarray(x)
    if x.ndim < 2 or heads < 1 or x.shape[-1] % heads:
        raise ValueError(f"found shape {x.shape} and {heads} heads; expected (…, tokens, heads · d)")
    return x.reshape(*x.shape[:-1], heads, x.shape[-1] // heads).swapaxes(-2, -3).copy()


def merge_heads(x: ArrayLike) -> Array:
    """Put the heads side by side, undoing `split_heads`: (…, heads, tokens, d) → (…, tokens, heads · d).

    Raises ValueError if x has fewer than three axes.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.2 (Concat).
    """
    x = np.asarray(x)
    if x.ndim < 3:
        raise ValueError(f"found shape {x.shape}; expected (…, heads, tokens, d)")
    *lead, heads, tokens, width = x.shape
    return x.swapaxes(-2, -3).reshape(*lead, tokens, heads * width).copy()


def multi_head_attention(
    x_q: ArrayLike,
    x_kv: ArrayLike | None,
    w_q: ArrayLike,
    w_k: ArrayLike,
    w_v: ArrayLike,
    w_o: ArrayLike,
    *,
    heads: int,
    kv_heads: int | None = None,
    b_q: ArrayLike | None = None,
    b_k: ArrayLike | None = None,
    b_v: ArrayLike | None = None,
    b_o: ArrayLike | None = None,
    x_v: ArrayLike | None = None,
    past_k: ArrayLike | None = None,
    past_v: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    key_padding: ArrayLike | None = None,
    causal: bool = False,
    query_offset: int | None = None,
    window: Window | None = None,
    sinks: int = 0,
    rotary: Rotary | None = None,
    slopes: ArrayLike | None = None,
    scale: float | None = None,
    soft_cap: float | None = None,
) -> MultiHeadSteps:
    """Multi-head attention, Concat(head_1, …, head_h) W_O, every step kept.

    x_q: (…, queries, d_model); x_kv: (…, keys, d_source), for cross-attention, or None for self-attention.
    x_v: (…, keys, d_values), what the values are made of if not of x_kv.
    w_q: (d_model, heads · d_k), w_k: (d_source, kv_heads · d_k), w_v: (d_source or d_values, kv_heads · d_v),
    w_o: (heads · d_v, d_out); biases b_q, b_k, b_v, b_o: as wide as their matrix. Vectors are rows: Q = X W_Q.
    kv_heads: as many as heads if not given; fewer for grouped-query and 1 for multi-query attention.
    past_k, past_v: keys and values kept from an earlier call (its `k` and `v`), which stand before those of x_kv. Masks
    are over all keys, these first, and `query_offset`, if not given, is their number.
    mask: broadcasts to (…, heads, queries, keys). rotary: how queries and keys are turned, the first query standing at
    `query_offset` among the keys. slopes (heads,): ALiBi's, whose penalties are added to the scores. The other options,
    the treatment of a query that may look at no key and the dtypes are those of `attention`.

    Raises ValueError, naming the shapes, if these do not fit; TypeError as `attention` does.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.2.
    """
    kv_heads = heads if kv_heads is None else kv_heads
    if heads < 1 or kv_heads < 1 or heads % kv_heads:
        raise ValueError(f"found {heads} heads and {kv_heads} kv_heads; expected heads to be a multiple of kv_heads")
    x_kv = x_q if x_kv is None else x_kv
    x_v = x_kv if x_v is None else x_v
    q = project("q", x_q, w_q, b_q)  # (…, queries, heads · d_k)
    k = project("k", x_kv, w_k, b_k)  # (…, keys, kv_heads · d_k)
    v = project("v", x_v, w_v, b_v)  # (…, keys, kv_heads · d_v)
    k, v = _after("past_k", past_k, k), _after("past_v", past_v, v)
    past = 0 if past_k is None else np.shape(past_k)[-2]
    offset = past if query_offset is None else query_offset
    steps = attention(
        _turned(split_heads(q, heads), rotary, offset),
        _turned(split_heads(k, kv_heads), rotary, 0),
        split_heads(v, kv_heads),
        mask=_with_slopes(mask, slopes, q.shape[-2], k.shape[-2], offset),
        key_padding=key_padding,
        causal=causal,
        query_offset=offset,
        window=window,
        sinks=sinks,
        scale=scale,
        soft_cap=soft_cap,
        grouped=True,
    )
    concat = merge_heads(steps.output)  # (…, queries, heads · d_v)
    return MultiHeadSteps(q, k, v, steps, concat, project("o", concat, w_o, b_o))


def _turned(x: Array, rotary: Rotary | None, offset: int) -> Array:
    """Heads (…, tokens, d), each token turned by its position, the first one's being `offset`."""
    return x if rotary is None else rotary_embedding(x, np.arange(offset, offset + x.shape[-2]), rotary)


def _with_slopes(
    mask: ArrayLike | None, slopes: ArrayLike | None, queries: int, keys: int, offset: int
) -> ArrayLike | None:
    """The mask with ALiBi's penalties, (…, heads, queries, keys)."""
    if slopes is None:
        return mask
    bias = alibi_bias(slopes, queries, keys, offset=offset)
    return bias if mask is None else as_additive(mask) + bias


def _after(name: str, past: ArrayLike | None, new: Array) -> Array:
    """The rows of `new` (…, new keys, d) after those kept from before (…, past keys, d)."""
    if past is None:
        return new
    past = np.asarray(past)
    if past.ndim != new.ndim or past.shape[:-2] + past.shape[-1:] != new.shape[:-2] + new.shape[-1:]:
        raise ValueError(f"{name} has shape {past.shape} and the new rows {new.shape}; expected all but axis −2 equal")
    return np.concatenate([past, new], axis=-2)


def project(name: str, x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None) -> Array:
    """Project, X W + b: (…, tokens, d_in) with (d_in, d_out) and (d_out,) → (…, tokens, d_out).

    Raises ValueError if the shapes do not fit; `name` says in it which w_ and b_ these are.
    """
    x, weight = np.asarray(x), np.asarray(weight)
    if x.ndim < 2 or weight.ndim != 2 or x.shape[-1] != weight.shape[0]:
        raise ValueError(
            f"x has shape {x.shape} and w_{name} {weight.shape}; expected (…, tokens, d_in) and (d_in, d_out)"
        )
    bias = np.zeros(weight.shape[1], weight.dtype) if bias is None else np.asarray(bias)
    if bias.shape != weight.shape[1:]:
        raise ValueError(f"b_{name} has shape {bias.shape} and w_{name} {weight.shape}; expected (d_out,)")
    dtype = float_dtype(x, weight, bias)
    x, weight, bias = (array.astype(working_dtype(dtype), copy=False) for array in (x, weight, bias))
    return rounded(x @ weight + bias, dtype)


def _query_heads(q: Array, k: Array, v: Array, grouped: bool | None) -> int:
    """How many heads k and v are repeated to, where they have fewer; 1 repeats none."""
    if grouped is None:
        grouped = max(q.ndim, k.ndim, v.ndim) > 3
    return q.shape[-3] if grouped and q.ndim > 2 else 1


def _check_shapes(q: Array, k: Array, v: Array, heads: int) -> None:
    """Raise ValueError unless q, k and v fit each other."""
    found = f"q has shape {q.shape}, k {k.shape}, v {v.shape}"
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ValueError(f"{found}; expected (…, queries, d_k), (…, keys, d_k) and (…, keys, d_v)")
    if q.shape[-1] != k.shape[-1] or q.shape[-1] == 0:
        raise ValueError(f"{found}; expected the same d_k ≥ 1 at the end of q and k")
    if k.shape[-2] != v.shape[-2]:
        raise ValueError(f"{found}; expected the same number of keys in k and v")
    leads = (_lead(q, heads), _lead(k, heads), _lead(v, heads))
    try:
        np.broadcast_shapes(*leads)
    except ValueError:
        raise ValueError(
            f"{found}; expected leading axes that broadcast, or heads (axis −3) of k and v that divide those of q "
            "(of three axes the first may be a batch: grouped=True says that it is heads)"
        ) from None


def _lead(x: Array, heads: int) -> tuple[int, ...]:
    """The leading axes of x, its heads counted as `heads` where these are a multiple."""
    *lead, own = x.shape[:-2] or (1,)
    return (*lead, heads if own and heads % own == 0 else own)


def _repeat_heads(x: Array, heads: int) -> Array:
    """Repeat each head of x (…, kv_heads, tokens, d) for its group of query heads, where there are fewer."""
    own = x.shape[-3] if x.ndim > 2 else 1
    if own in (0, 1, heads) or heads % own:
        return x
    return np.repeat(x, heads // own, axis=-3)  # (…, heads, tokens, d)


def _checked_scale(scale: float) -> float:
    if not math.isfinite(scale):
        raise ValueError(f"found a scale of {scale}; expected a finite number, or None for 1/√d_k")
    return scale


def _soft_cap(scaled: Array, cap: float) -> Array:
    if not 0 < cap < math.inf:
        raise ValueError(f"found a soft cap of {cap}; expected a positive finite number, or None for no cap")
    return cap * np.tanh(scaled / cap)


def _mixed(weights: Array, values: Array, hidden: Array) -> Array:
    """The weights times the values, (…, queries, d_v): a hidden key adds nothing, not even 0 · NaN."""
    finite = np.isfinite(values)
    if finite.all():
        return weights @ values
    usual, odd = np.where(finite, values, 0), np.where(finite, 0, values)
    output = weights @ usual
    with np.errstate(invalid="ignore"):
        for key in np.unique(np.argwhere(~finite)[:, -2]):
            part = weights[..., key, None] * odd[..., None, key, :]  # (…, queries, d_v)
            output = output + np.where(hidden[..., key, None], 0, part)
    return output


def _additive_masks(
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    mask: ArrayLike | None,
    key_padding: ArrayLike | None,
    causal: bool,
    offset: int,
    sides: tuple[int | None, int | None] | None,
    sinks: int,
) -> list[Array]:
    """All masks asked for, additive, each checked to broadcast to the scores' shape (…, queries, keys)."""
    queries, keys = shape[-2:]
    masks: list[tuple[str, ArrayLike]] = []
    if mask is not None:
        masks.append(("mask", mask))
    if key_padding is not None:
        masks.append(("key padding", _whole_padding(key_padding, shape)))
    if causal:
        masks.append(("causal mask", causal_mask(queries, keys, offset=offset)))
    if sides is not None:
        masks.append(("window", window_mask(queries, keys, *sides, offset=offset, sinks=sinks)))
    for name, found in masks:
        _check_mask(name, np.shape(found), shape)
    return [as_additive(found, dtype) for _, found in masks]


def _whole_padding(key_padding: ArrayLike, scores: tuple[int, ...]) -> Array:
    """The key padding as it broadcasts to the scores; it must tell of every key."""
    padding = key_padding_mask(key_padding, len(scores))
    if padding.shape[-1] != scores[-1]:
        raise ValueError(
            f"key padding has shape {np.shape(key_padding)}; expected (batch…, {scores[-1]}), all the keys"
        )
    return padding


def _sides(window: Window | None) -> tuple[int | None, int | None] | None:
    """How far back and ahead a window reaches; one of a single number counts the query's own position."""
    if not isinstance(window, int | np.integer):
        return window
    if window < 1:
        raise ValueError(f"found a window of {window}; expected at least 1, the query's own position")
    return int(window) - 1, int(window) - 1


def _check_mask(name: str, found: tuple[int, ...], scores: tuple[int, ...]) -> None:
    try:
        fits = np.broadcast_shapes(found, scores) == scores
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{name} has shape {found}; expected one that broadcasts to the scores' shape {scores}")


def _apply_masks(scaled: Array, masks: list[Array]) -> Array:
    """Add the masks; −∞ wins over whatever the score or another mask is."""
    masked = scaled.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for mask in masks:
            masked = np.where(mask == -np.inf, mask, np.where(masked == -np.inf, masked, masked + mask))
    return masked
