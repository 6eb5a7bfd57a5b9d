"""Where attention's input comes from: token embeddings and positions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.softmax import float_dtype

Array = NDArray[Any]


def embed(ids: ArrayLike, table: ArrayLike) -> Array:
    """Look up the row of `table` of each token id.

    ids: integers (…, tokens); table: (vocabulary, d_model). Returns (…, tokens, d_model), a copy.

    Raises TypeError for ids that are not integers, ValueError for a table that is not a matrix or ids outside it.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.4 (without the factor √d_model).
    """
    ids, table = np.asarray(ids), np.asarray(table)
    if table.ndim != 2:
        raise ValueError(f"embedding table has shape {table.shape}; expected (vocabulary, d_model)")
    if ids.size == 0:
        ids = ids.astype(np.intp)
    if ids.dtype.kind not in "iu":
        raise TypeError(f"found token ids of dtype {ids.dtype}; expected integers")
    outside = ids[(ids < 0) | (ids >= len(table))]
    if outside.size:
        raise ValueError(
            f"found the token id {outside.flat[0]} among ids of shape {ids.shape}; "
            f"expected 0…{len(table) - 1} for an embedding table of shape {table.shape}"
        )
    return table[ids].astype(float_dtype(table), copy=False)  # (…, tokens, d_model)


def sinusoidal_positions(
    length: int,
    d_model: int,
) -> Array:
    """The sinusoidal positional encoding, float64 (length, d_model).

    PE(pos, 2i) = sin(pos / 10000^(2i/d_model)), PE(pos, 2i + 1) = cos(pos / 10000^(2i/d_model)).
    pos is (length, 1), i (d_model,), angles and table (length, d_model). An odd d_model ends with a sine.

    Raises ValueError for a negative size. Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.5.
    The chapter on positional encoding shows these lines as they stand here and as they run.
    """
    pos = np.arange(length)[:, None]
    i = np.arange(d_model) // 2
    angles = pos / 10_000 ** (2 * i / d_model)
    table = np.zeros((length, d_model))
    table[:, 0::2] = np.sin(angles[:, 0::2])
    table[:, 1::2] = np.cos(angles[:, 1::2])
    return table


def sinusoids(places: ArrayLike, d_model: int, *, base: float = 10_000) -> Array:
    """The rows of `sinusoidal_positions` at any places, waves of any base: float64, places (…) → (…, d_model).

    The wavelengths grow from 2π to nearly base · 2π; the paper's base is 10000.

    Raises TypeError for places that are not integers, ValueError for a negative size and a base that is not positive.
    """
    places = np.asarray(places)
    if places.size == 0:
        places = places.astype(np.intp)
    if places.dtype.kind not in "iu":
        raise TypeError(f"found places of dtype {places.dtype}; expected integers")
    if not 0 < base < np.inf:
        raise ValueError(f"found a base of {base}; expected a positive number")
    pairs = np.arange(d_model) // 2
    angles = places[..., None] / base ** (2 * pairs / d_model)  # (…, d_model)
    table = np.zeros((*places.shape, d_model))
    table[..., 0::2] = np.sin(angles[..., 0::2])
    table[..., 1::2] = np.cos(angles[..., 1::2])
    return table
