"""Where several heads look from one query: which two of them are worth pointing at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.trace.focus import place_in

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


def views(weights: np.ndarray, query: int, head: int | None = None) -> Views:
    """The two heads that look from `query` at different keys with the most weight; the first two if none differ.

    weights: (heads, queries, keys); head: one of the two, and then named first.
    """
    rows = weights[:, query]  # (heads, keys)
    best, peaks = best_keys(rows), rows.max(axis=-1)
    apart = np.triu(best.astype(int) @ best.T.astype(int) == 0)  # (heads, heads)
    wanted = place_in(head, len(rows))
    if wanted is not None:
        others = np.arange(len(rows)) != wanted
        apart[np.ix_(others, others)] = False
    if not apart.any():
        first = wanted or 0
        second = min(1, len(rows) - 1) if first == 0 else 0
        key = int(np.argmax(best[first] & best[second]))
        return Views(query, (first, second), (key, key), apart=False)
    more = np.where(apart, np.maximum.outer(peaks, peaks), -1.0)
    less = np.where(more == more.max(), np.minimum.outer(peaks, peaks), -1.0)
    pair = (int(place) for place in np.unravel_index(np.argmax(less), less.shape))
    first, second = sorted(pair, key=lambda place: place != wanted)
    return Views(query, (first, second), (int(np.argmax(best[first])), int(np.argmax(best[second]))), apart=True)


def telling_views(weights: np.ndarray, preferred: int, others: Iterable[int], head: int | None = None) -> Views:
    """The views from the preferred query; if no two heads part there, from the other whose two heads are most decided.

    If they part nowhere: from the preferred one. head: one of the two.
    """
    known = views(weights, preferred, head)
    if known.apart:
        return known
    return max((known, *(views(weights, query, head) for query in others)), key=lambda seen: _decided(weights, seen))


def _decided(weights: np.ndarray, seen: Views) -> float:
    """How much two heads that part give to what they look at most."""
    peaks = [weights[head, seen.query, key] for head, key in zip(seen.heads, seen.keys, strict=True)]
    return float(np.prod(peaks)) * seen.apart
