"""Where several heads look from one query: which two of them are worth pointing at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

ALIKE = 1e-9


@dataclass(frozen=True)
class Views:
    """Two heads and what they look at most from one query.

    heads: with a single head it is that head twice; apart: whether nothing is the most of both; else keys is what both
    look at most.
    """

    query: int
    heads: tuple[int, int]
    keys: tuple[int, int]
    apart: bool


def best_keys(weights: np.ndarray) -> np.ndarray:
    """Which numbers of each row (…, keys) are its largest, equal ones all, boolean."""
    best: np.ndarray = weights >= weights.max(axis=-1, keepdims=True) - ALIKE
    return best


def views(weights: np.ndarray, query: int) -> Views:
    """The two heads that look from `query` at different keys with the most weight; the first two if none differ.

    weights: (heads, queries, keys).
    """
    rows = weights[:, query]  # (heads, keys)
    best, peaks = best_keys(rows), rows.max(axis=-1)
    apart = np.triu(best.astype(int) @ best.T.astype(int) == 0)  # (heads, heads)
    if not apart.any():
        second = min(1, len(rows) - 1)
        key = int(np.argmax(best[0] & best[second]))
        return Views(query, (0, second), (key, key), apart=False)
    more = np.where(apart, np.maximum.outer(peaks, peaks), -1.0)
    less = np.where(more == more.max(), np.minimum.outer(peaks, peaks), -1.0)
    first, second = (int(head) for head in np.unravel_index(np.argmax(less), less.shape))
    return Views(query, (first, second), (int(np.argmax(best[first])), int(np.argmax(best[second]))), apart=True)


def telling_views(weights: np.ndarray, preferred: int, others: Iterable[int]) -> Views:
    """The views from the preferred query; if no two heads part there, from the other whose two heads are most decided.

    If they part nowhere: from the preferred one.
    """
    known = views(weights, preferred)
    if known.apart:
        return known
    return max((known, *(views(weights, query) for query in others)), key=lambda seen: _decided(weights, seen))


def _decided(weights: np.ndarray, seen: Views) -> float:
    """How much two heads that part give to what they look at most."""
    peaks = [weights[head, seen.query, key] for head, key in zip(seen.heads, seen.keys, strict=True)]
    return float(np.prod(peaks)) * seen.apart
