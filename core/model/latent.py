"""Multi-head latent attention: keys and values of all heads are made of one narrow row a token, which alone is kept.

What turns by position cannot be made of it: each query has a part of its own for that, and each token one key, which
all heads share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.attention import AttentionSteps, attention, merge_heads, project, split_heads
from core.model.rotary import Rotary, rotary_embedding

Array = NDArray[Any]


@dataclass(frozen=True)
class LatentWeights:
    """w_q (d_model, heads · d_k): queries; w_down (d_model, d_latent): what is kept; w_k (d_latent, heads · d_k) and
    w_v (d_latent, heads · d_v): keys and values, made of it; w_o (heads · d_v, d_out).

    w_q_turned (d_model, heads · d_turned), w_k_turned (d_model, d_turned): what is turned by position; None without.
    """

    w_q: Array
    w_down: Array
    w_k: Array
    w_v: Array
    w_o: Array
    w_q_turned: Array | None = None
    w_k_turned: Array | None = None


@dataclass(frozen=True)
class LatentSteps:
    """Every intermediate of multi-head latent attention.

    latent (…, tokens, d_latent) and turned_key (…, tokens, d_turned), None without: all that is kept of a token;
    heads: the attention of each head, its q (…, heads, tokens, d_k + d_turned), its k so as well, its v
    (…, heads, tokens, d_v); concat (…, tokens, heads · d_v); output (…, tokens, d_out).
    """

    latent: Array
    turned_key: Array | None
    heads: AttentionSteps
    concat: Array
    output: Array


def latent_attention(
    x: ArrayLike,
    weights: LatentWeights,
    *,
    heads: int,
    rotary: Rotary | None = None,
    causal: bool = True,
    past: LatentSteps | None = None,
) -> LatentSteps:
    """Self-attention over latents, every step kept.

    x: (…, tokens, d_model); rotary: how the turned parts turn; past: the steps for the tokens before these, of which
    nothing but latents and turned keys is used again. Scores are divided by √(d_k + d_turned).

    Raises ValueError, naming the shapes, if these do not fit, or where one turned matrix is there without the other.
    Source: DeepSeek-AI (2024), "DeepSeek-V2", equations 9 to 19, queries without a latent of their own.
    """
    if (weights.w_q_turned is None) != (weights.w_k_turned is None):
        raise ValueError("found one of w_q_turned and w_k_turned; expected both or neither")
    x = np.asarray(x)
    before = 0 if past is None else past.latent.shape[-2]
    positions = np.arange(before, before + x.shape[-2])
    latent = _after(None if past is None else past.latent, project("down", x, weights.w_down))
    q = split_heads(project("q", x, weights.w_q), heads)  # (…, heads, tokens, d_k)
    k = split_heads(project("k", latent, weights.w_k), heads)
    v = split_heads(project("v", latent, weights.w_v), heads)
    turned_key = None
    if weights.w_q_turned is not None and weights.w_k_turned is not None:
        q_turned = split_heads(project("q_turned", x, weights.w_q_turned), heads)
        q = np.concatenate([q, rotary_embedding(q_turned, positions, rotary)], axis=-1)
        own = rotary_embedding(project("k_turned", x, weights.w_k_turned), positions, rotary)
        turned_key = _after(None if past is None else past.turned_key, own)  # (…, tokens, d_turned)
        shared = np.broadcast_to(turned_key[..., None, :, :], (*k.shape[:-1], turned_key.shape[-1]))
        k = np.concatenate([k, shared], axis=-1)
    steps = attention(q, k, v, causal=causal, query_offset=before)
    concat = merge_heads(steps.output)
    return LatentSteps(latent, turned_key, steps, concat, project("o", concat, weights.w_o))


def absorbed_scores(x: ArrayLike, latent: ArrayLike, weights: LatentWeights, *, heads: int) -> Array:
    """The unscaled scores of the parts not turned, without making a key: each head's query meets the latents.

    q kᵀ = (x W_Q) (c W_K)ᵀ = (x W_Q W_Kᵀ) cᵀ. x: (…, queries, d_model); latent: (…, keys, d_latent). Returns
    (…, heads, queries, keys).

    Raises ValueError, naming the shapes, if these do not fit. Source: DeepSeek-AI (2024), "DeepSeek-V2", section 2.1.2.
    """
    q = split_heads(project("q", x, weights.w_q), heads)  # (…, heads, queries, d_k)
    w_k = split_heads(weights.w_k, heads)  # (heads, d_latent, d_k)
    scores: Array = q @ w_k.swapaxes(-1, -2) @ np.asarray(latent)[..., None, :, :].swapaxes(-1, -2)
    return scores


def latent_scale(weights: LatentWeights, heads: int) -> float:
    """What scores are multiplied by: 1 / √(d_k + d_turned)."""
    turned = 0 if weights.w_k_turned is None else weights.w_k_turned.shape[1]
    return 1 / math.sqrt(weights.w_q.shape[1] // heads + turned)


def _after(past: Array | None, new: Array) -> Array:
    return new if past is None else np.concatenate([past, new], axis=-2)
