"""Which scores are worth comparing: the best of a query's row, and two scores that face each other."""

from __future__ import annotations

import numpy as np

from core.model.special_tokens import PAD
from core.trace.opened import as_printed
from core.trace.trace import Trace


def printed_scores(trace: Trace) -> np.ndarray:
    """The scores as their printed digits say.  # (queries, keys)"""
    return as_printed(trace["scores"])


def best_keys(trace: Trace) -> list[int]:
    """The keys on which the telling query scores highest, as printed: one, or those that share the largest score."""
    row = printed_scores(trace)[trace.telling_pair()[0]]
    return [int(key) for key in np.flatnonzero(row == row.max())]


def both_ways(trace: Trace) -> tuple[int, int]:
    """The query and the key whose score is compared with the one that faces it in the table.

    The telling query and its best key, where they are two and their two scores differ as printed; else the pair of
    different words with the largest difference, else of any two; where no two scores differ, the telling pair.
    """
    scores = printed_scores(trace)
    gaps = np.triu(np.abs(scores - scores.T))
    words = np.array(trace["scores"].axis_labels("queries"))
    unlike = (words[:, None] != words) & (words != PAD) & (words[:, None] != PAD)
    query, _ = trace.telling_pair()
    best = trace.largest_in_row("scores", query)
    if unlike[query, best] and scores[query, best] != scores[best, query]:
        return query, best
    for candidates in (np.where(unlike, gaps, 0.0), gaps):
        if candidates.any():
            row, column = np.unravel_index(np.argmax(candidates), candidates.shape)
            return int(row), int(column)
    return trace.telling_pair()
