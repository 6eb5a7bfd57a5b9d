"""ALiBi: no positions in the rows, but a penalty on each score that grows with the distance, steeper in some heads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def alibi_slopes(heads: int) -> Array:
    """How steep each head's penalty is, float64 (heads,).

    For a power of two n: 2^(−8/n), 2^(−16/n), …, 2^(−8). Between two powers of two: the slopes of the lower one, then
    every second one of the upper one.

    Raises ValueError for no head.
    Source: Press, Smith, Lewis (2022), "Train Short, Test Long", section 3, and its code for other numbers of heads.
    """
    if heads < 1:
        raise ValueError(f"found {heads} heads; expected at least 1")
    lower = 2 ** (heads.bit_length() - 1)
    between = _powers(2 * lower)[0::2][: heads - lower]
    return np.concatenate([_powers(lower), between])


def alibi_bias(slopes: ArrayLike, queries: int, keys: int | None = None, *, offset: int = 0) -> Array:
    """What is added to the scores: −slope · distance, float64 (heads, queries, keys).

    slopes: (heads,); query i stands at position i + offset, key j at j; keys: as many as queries if not given. Ahead of
    a query the penalty grows as it does behind it; a causal mask hides what is ahead.

    Raises ValueError for slopes that are no vector or a negative count.
    Source: Press, Smith, Lewis (2022), "Train Short, Test Long", section 3.
    """
    slopes, keys = np.asarray(slopes, dtype=float), queries if keys is None else keys
    if slopes.ndim != 1 or min(queries, keys) < 0:
        found = f"found slopes of shape {slopes.shape}, {queries} queries and {keys} keys"
        raise ValueError(f"{found}; expected (heads,) and no negative number")
    distances = np.abs(np.arange(queries)[:, None] + offset - np.arange(keys))  # (queries, keys)
    return -slopes[:, None, None] * distances + 0.0  # no negative zeros


def _powers(heads: int) -> Array:
    return 2.0 ** (-8 * np.arange(1, heads + 1) / heads)
