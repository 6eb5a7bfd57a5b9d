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

    The query and the key in focus, or else the telling query and its best key, where they are two words and their two
    scores differ as printed; else the pair of different words with the largest difference, else of any two; where no
    two scores differ, the telling pair.
    """
    scores = printed_scores(trace)
    gaps = np.triu(np.abs(scores - scores.T))
    words = np.array(trace["scores"].axis_labels("queries"))
    unlike = (words[:, None] != words) & (words != PAD) & (words[:, None] != PAD)
    query, key = trace.telling_pair()
    focused = trace.focus.key is not None
    best = key if focused else trace.largest_in_row("scores", query)
    if (unlike[query, best] or focused) and scores[query, best] != scores[best, query]:
        return query, best
    for candidates in (np.where(unlike, gaps, 0.0), gaps):
        if candidates.any():
            row, column = np.unravel_index(np.argmax(candidates), candidates.shape)
            return int(row), int(column)
    return trace.telling_pair()


def least_key(trace: Trace) -> int:
    """The key on which the telling query scores lowest, as printed."""
    return int(printed_scores(trace)[trace.telling_pair()[0]].argmin())


def telling_plane(trace: Trace) -> tuple[int, ...]:
    """The two dimensions (the one, if there are no two) whose products alone come closest to two scores: those of the
    telling query with its best and its least key.
    """
    query, keys = trace.telling_pair()[0], [best_keys(trace)[0], least_key(trace)]
    terms = trace["q"].values[query] * trace["k"].values[keys]  # (2, dimensions)
    if terms.shape[1] < 2:
        return (0,)
    sums = terms[:, :, None] + terms[:, None, :]  # (2, dimensions, dimensions)
    missed = np.abs(sums - terms.sum(axis=1)[:, None, None]).sum(axis=0).round(9)
    first, second = np.triu_indices(len(missed), 1)
    nearest = int(np.argmin(missed[first, second]))
    return int(first[nearest]), int(second[nearest])


def as_arrows(trace: Trace, key: int) -> str:
    """How the arrows of the telling query and of a key stand to each other in the telling plane, and their score to
    that: "along" (less than a right angle, a positive score), "against" (more, negative), "across" (a right angle, or
    no arrow; 0), or "hidden" (the score has another sign than the two dimensions alone).
    """
    query, plane = trace.telling_pair()[0], list(telling_plane(trace))
    shown = float(trace["q"].values[query, plane] @ trace["k"].values[key, plane])
    sign = np.sign(round(shown, 9))
    if sign != np.sign(printed_scores(trace)[query, key]):
        return "hidden"
    return {1.0: "along", -1.0: "against", 0.0: "across"}[float(sign)]
