"""Attention tile by tile: the same result, without the table of scores ever standing whole.

Of each query three things are kept while its keys go by: the largest score so far m, the sum ℓ of exp(score − m), and
the output so far, not yet divided. Where a tile brings a larger score, sum and output are first multiplied by
exp(m_old − m_new).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.masks import as_additive
from core.model.softmax import float_dtype, rounded, working_dtype

Array = NDArray[Any]


@dataclass(frozen=True)
class Tile:
    """One tile: queries `rows` by keys `columns`, and what is known after it of these queries.

    scores (…, rows, columns): scaled and masked; correction (…, rows): exp(m_old − m_new), by which sum and output of
    the tiles before are multiplied, 0 where there was nothing; exponentials (…, rows, columns): exp(scores − m_new);
    maximum m, total ℓ (…, rows); mixed (…, rows, d_v): the output, not yet divided by ℓ.
    """

    rows: slice
    columns: slice
    scores: Array
    correction: Array
    exponentials: Array
    maximum: Array
    total: Array
    mixed: Array


@dataclass(frozen=True)
class TiledSteps:
    """Every tile, row of tiles by row of tiles, and the output (…, queries, d_v)."""

    tiles: tuple[Tile, ...]
    output: Array


def tiled_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    *,
    rows: int,
    columns: int,
    mask: ArrayLike | None = None,
    scale: float | None = None,
) -> TiledSteps:
    """Scaled dot-product attention in tiles of `rows` queries by `columns` keys, every tile kept.

    q: (…, queries, d_k), k: (…, keys, d_k), v: (…, keys, d_v), leading axes broadcast; mask: boolean (True = may look)
    or added to the scores, broadcasting to (…, queries, keys); scale: 1/√d_k if not given. The last tiles may be
    smaller. A query that may look at no key has a zero output. Results have the widest float dtype.

    Raises ValueError for tiles below 1 × 1 and for shapes that do not fit.
    Sources: Milakov, Gimelshein (2018), "Online normalizer calculation for softmax", algorithm 3; Dao et al. (2022),
    "FlashAttention", algorithm 1; the division at the end: Dao (2023), "FlashAttention-2", section 3.1.1.
    """
    q, k, v = np.asarray(q), np.asarray(k), np.asarray(v)
    _check(q, k, v, rows, columns)
    dtype = float_dtype(q, k, v)
    q, k, v = (array.astype(working_dtype(dtype)) for array in (q, k, v))
    queries, keys = q.shape[-2], k.shape[-2]
    lead = np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    added = as_additive(np.zeros((queries, keys)) if mask is None else mask, q.dtype)
    added = np.broadcast_to(added, (*np.broadcast_shapes(lead, added.shape[:-2]), queries, keys))
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    tiles: list[Tile] = []
    outputs = []
    for down in _slices(queries, rows):
        running = _nothing((*lead, down.stop - down.start), v.shape[-1], q.dtype)
        for across in _slices(keys, columns):
            scores = q[..., down, :] @ k[..., across, :].swapaxes(-1, -2) * scale  # (…, rows, columns)
            running = _with_tile(running, down, across, scores + added[..., down, across], v[..., across, :])
            tiles.append(running)
        outputs.append(_divided(running.mixed, running.total[..., None]))
    output = np.concatenate(outputs, axis=-2) if outputs else np.zeros((*lead, 0, v.shape[-1]), q.dtype)
    return TiledSteps(tuple(tiles), rounded(output, dtype))


def _check(q: Array, k: Array, v: Array, rows: int, columns: int) -> None:
    if min(rows, columns) < 1:
        raise ValueError(f"found tiles of {rows} × {columns}; expected at least 1 × 1")
    fits = min(q.ndim, k.ndim, v.ndim) >= 2 and q.shape[-1] == k.shape[-1] > 0 and k.shape[-2] == v.shape[-2]
    if not fits:
        found = f"q has shape {q.shape}, k {k.shape}, v {v.shape}"
        raise ValueError(f"{found}; expected (…, queries, d_k), (…, keys, d_k) and (…, keys, d_v)")


def _slices(length: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def _nothing(shape: tuple[int, ...], width: int, dtype: np.dtype[Any]) -> Tile:
    """What is known of queries (…, rows) before their first tile."""
    lowest, zeros = np.full(shape, -np.inf, dtype), np.zeros(shape, dtype)
    nothing = np.zeros((*shape, 0), dtype)
    return Tile(slice(0), slice(0), nothing, zeros, nothing, lowest, zeros, np.zeros((*shape, width), dtype))


def _with_tile(before: Tile, rows: slice, columns: slice, scores: Array, values: Array) -> Tile:
    """What is known after one more tile. scores: (…, rows, columns); values: (…, columns, d_v)."""
    maximum = np.maximum(before.maximum, scores.max(axis=-1, initial=-np.inf))  # (…, rows)
    correction = np.exp(_below(before.maximum, maximum))
    exponentials = np.exp(_below(scores, maximum[..., None]))
    total = before.total * correction + exponentials.sum(axis=-1)
    mixed = before.mixed * correction[..., None] + exponentials @ values  # (…, rows, d_v)
    return Tile(rows, columns, scores, correction, exponentials, maximum, total, mixed)


def _below(x: Array, maximum: Array) -> Array:
    """The difference x − maximum; −∞ where x is −∞, also if the maximum is."""
    hidden = np.isneginf(x)
    return np.where(hidden, -np.inf, np.where(hidden, 0, x) - np.where(np.isneginf(maximum), 0, maximum))


def _divided(mixed: Array, total: Array) -> Array:
    """The output of queries that have seen all their keys; 0 where there was none to see."""
    return np.divide(mixed, total, out=np.zeros_like(mixed), where=total != 0)
