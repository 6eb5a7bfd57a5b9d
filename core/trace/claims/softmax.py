"""Claims about the row of scores that softmax is shown on, and about the sums of the rows."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.opened import CLOSE, as_printed
from core.trace.trace import Trace


def _visible(trace: Trace) -> np.ndarray:
    """Which keys the telling query may look at, boolean (keys,)."""
    visible: np.ndarray = ~np.isneginf(trace["masked_scores"].values[trace.telling_pair()[0]])
    return visible


@claim("one", "several", "only", "none")
def largest_of_row(trace: Trace, example: Example) -> str:
    """How many keys have the row's largest score, as printed: one, several, the only one that is seen, none."""
    seen = int(_visible(trace).sum())
    if seen <= 1:
        return "only" if seen else "none"
    shifted = as_printed(trace["softmax.shifted"])[trace.telling_pair()[0]]
    return "several" if (shifted == 0).sum() > 1 else "one"


@claim("all", "some", "none")
def seen_keys(trace: Trace, example: Example) -> str:
    """Which keys the telling query may look at."""
    visible = _visible(trace)
    if visible.all():
        return "all"
    return "some" if visible.any() else "none"


@claim()
def exponentials_add_up(trace: Trace, example: Example) -> bool:
    """Do the printed exponentials of the row add up to their printed sum, nothing rounded away?"""
    return trace.open("softmax.sum", trace.telling_pair()[0]).closes


@claim()
def weights_add_up(trace: Trace, example: Example) -> bool:
    """Do the printed weights of the row add up to their printed sum?"""
    return trace.open("weights.row_sums", trace.telling_pair()[0]).closes


@claim("another", "itself", "nearly_all", "all", "none")
def share_of_best(trace: Trace, example: Example) -> str:
    """What the row's best key gets: a share of the attention, the query itself or another; nearly all; all; nothing."""
    query, _ = trace.telling_pair()
    best = trace.largest_in_row("weights", query)
    weight = trace["weights"].at(query, best)
    if weight.value <= CLOSE:
        return "none"
    if weight.percent == "100%":
        return "all" if weight.value >= 1 - CLOSE else "nearly_all"
    return "itself" if best == query else "another"


@claim("all", "one_row", "some", "none")
def rows_with_attention(trace: Trace, example: Example) -> str:
    """Which rows of weights sum to 1: all, the one that there is, some, none; the others are fully masked."""
    sums = trace["weights.row_sums"].values > 0.5
    if not sums.any():
        return "none"
    if not sums.all():
        return "some"
    return "all" if len(sums) > 1 else "one_row"
