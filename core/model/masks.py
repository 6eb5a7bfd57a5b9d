"""Masks: which query may look at which key.

A boolean mask says True = may look. An additive mask is added to the scores: 0 = may look, −∞ = may not.
Row = query, column = key.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
BooleanArray = NDArray[np.bool_]


def causal_mask(queries: int, keys: int | None = None, *, offset: int = 0) -> BooleanArray:
    """Boolean (queries, keys): query i, which stands at position i + offset, looks at no later key.

    keys: as many as queries if not given. offset: where the first query stands among the keys; keys − queries aligns
    the last query with the last key, as when decoding with a cache.

    Raises ValueError for a negative count. Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.3.
    """
    return _distances(queries, queries if keys is None else keys, offset) >= 0


def sliding_window_mask(queries: int, keys: int, window: int, *, offset: int = 0) -> BooleanArray:
    """Boolean (queries, keys): a query looks at keys fewer than `window` positions away, on both sides.

    Together with `causal_mask` of the same offset, each query sees the last `window` keys up to its own position: the
    window of "Mistral 7B". That of "Longformer" counts both sides; its window w is w // 2 + 1 here.

    Raises ValueError for a negative count or a window below 1.
    Sources: Jiang et al. (2023), "Mistral 7B", section 2; Beltagy et al. (2020), "Longformer", section 3.1.
    """
    if window < 1:
        raise ValueError(f"found a window of {window}; expected at least 1, the query's own position")
    return window_mask(queries, keys, window - 1, window - 1, offset=offset)


def window_mask(
    queries: int, keys: int, left: int | None, right: int | None, *, offset: int = 0, sinks: int = 0
) -> BooleanArray:
    """Boolean (queries, keys): a query looks at most `left` positions back and `right` ahead; None: as far as it likes.

    (None, 0) is the causal mask. sinks: how many of the first keys stay in sight however far back they are.

    Raises ValueError for a negative number. Sources: ONNX, operator Attention, left_window_size and right_window_size
    (there −1 is None); sinks: Xiao et al. (2023), "Efficient Streaming Language Models with Attention Sinks", section
    3.2.
    """
    if min(left or 0, right or 0) < 0:
        raise ValueError(f"found a window of {left} positions back and {right} ahead; expected no negative number")
    behind = _distances(queries, keys, offset)
    return _in_window(behind, np.arange(keys), left, right, sinks)


def positions_mask(
    queries: ArrayLike, keys: ArrayLike, *, left: int | None = None, right: int | None = 0, sinks: int = 0
) -> BooleanArray:
    """Boolean (queries, keys): `window_mask` for queries and keys that stand at any positions.

    queries, keys: integers (queries,) and (keys,), the position of each; sinks: keys at positions below it stay in
    sight. So a cache that has let go of old keys is masked as if they were still there.

    Raises TypeError for positions that are not integers, ValueError for a negative number.
    """
    queries, keys = np.asarray(queries), np.asarray(keys)
    for positions in (queries, keys):
        if positions.size and positions.dtype.kind not in "iu":
            raise TypeError(f"found positions of dtype {positions.dtype}; expected integers")
    if min(left or 0, right or 0) < 0:
        raise ValueError(f"found a window of {left} positions back and {right} ahead; expected no negative number")
    return _in_window(queries[:, None] - keys, keys, left, right, sinks)


def _in_window(behind: Array, keys: Array, left: int | None, right: int | None, sinks: int) -> BooleanArray:
    """What is within a window or a sink. behind: (queries, keys); keys: (keys,), their positions."""
    if sinks < 0:
        raise ValueError(f"found {sinks} sinks; expected no negative number")
    mask = np.ones(behind.shape, dtype=bool)
    if left is not None:
        mask &= (behind <= left) | (keys < sinks)
    if right is not None:
        mask &= behind >= -right
    return mask


def padding_mask(lengths: ArrayLike, keys: int) -> BooleanArray:
    """Boolean (batch, keys): in a batch padded to `keys` tokens, only the first `lengths[b]` of sentence b are real.

    lengths: integers, (batch,) or any other shape, to which the axis of the keys is appended.

    Raises TypeError for lengths that are not integers, ValueError for lengths outside 0…keys.
    """
    lengths = np.asarray(lengths)
    if lengths.dtype.kind not in "iu":
        raise TypeError(f"found lengths of dtype {lengths.dtype}; expected integers")
    if ((lengths < 0) | (lengths > keys)).any():
        raise ValueError(f"found lengths {lengths.tolist()}; expected each within 0…{keys}, the number of keys")
    return np.arange(keys) < lengths[..., None]  # (batch, keys)


def key_padding_mask(key_padding: ArrayLike, dimensions: int) -> Array:
    """A key padding mask (batch, keys) as (batch, 1, …, 1, keys), to broadcast with scores of so many dimensions.

    Raises ValueError if `key_padding` has no dimension, or as many as the scores.
    """
    mask = np.asarray(key_padding)
    if not 0 < mask.ndim < dimensions:
        raise ValueError(
            f"key padding has shape {mask.shape}; expected (batch…, keys) "
            f"with fewer dimensions than the {dimensions} of the scores (batch…, queries, keys)"
        )
    return mask.reshape(*mask.shape[:-1], *[1] * (dimensions - mask.ndim), mask.shape[-1]).copy()


def combine_masks(*masks: ArrayLike) -> BooleanArray:
    """The boolean mask that allows what every one of the boolean `masks` allows; their shapes broadcast.

    Raises TypeError for a mask that is not boolean, ValueError for no mask or for shapes that do not broadcast.
    """
    arrays = [np.asarray(mask) for mask in masks]
    for array in arrays:
        if array.dtype != np.bool_:
            raise TypeError(f"found a mask of dtype {array.dtype}; expected boolean masks (True = may look)")
    shapes = [array.shape for array in arrays]
    if not arrays:
        raise ValueError("found no mask; expected at least one")
    try:
        combined = np.ones(np.broadcast_shapes(*shapes), dtype=bool)
    except ValueError:
        raise ValueError(f"found masks of shapes {shapes}; expected shapes that broadcast together") from None
    for array in arrays:
        combined &= array
    return combined


def as_additive(mask: ArrayLike, dtype: DTypeLike = np.float64) -> Array:
    """The mask as what is added to the scores, in the same shape: True → 0, False → −∞; a float mask keeps its values.

    Raises TypeError for any other dtype: whether an integer 1 means "may look" or "add 1" cannot be told.
    """
    mask = np.asarray(mask)
    if mask.dtype == np.bool_:
        return np.where(mask, 0.0, -np.inf).astype(dtype)
    if mask.dtype.kind in "iu" or not np.can_cast(mask.dtype, np.longdouble):
        raise TypeError(
            f"found a mask of dtype {mask.dtype}; expected boolean (True = may look) or float (added to the scores)"
        )
    with np.errstate(over="ignore"):
        return mask.astype(dtype)


def _distances(queries: int, keys: int, offset: int) -> Array:
    """How far behind each query each key stands (negative: ahead), integers (queries, keys)."""
    if queries < 0 or keys < 0:
        raise ValueError(f"found {queries} queries and {keys} keys; expected no negative number")
    return np.arange(queries)[:, None] + offset - np.arange(keys)
