"""The rows that the chapters of masks point at: the word that padding distracts, the word that is tempted to copy."""

from __future__ import annotations

import numpy as np

from core.model.special_tokens import PAD
from core.trace.focus import place_in
from core.trace.reading import Reading
from core.trace.trace import Trace


def distracted_query(trace: Trace) -> int:
    """The word of the padded sentence that keeps the least attention for words without a mask, the first of equals; the
    query in focus, if it stands at that place there, too.
    """
    length = int(trace["padding.lengths"].values[int(trace["padding.sentence"].values)])
    query = place_in(trace.focus.query, length)
    words, here = (trace[name].axis_labels("queries") or () for name in ("weights", "padding.weights"))
    if query is not None and words[query : query + 1] == here[query : query + 1]:
        return query
    return int(np.argmin(trace["padding.late_mask_row_sums"].values[:length]))


def kept_for_words(trace: Trace) -> Reading:
    """How much of its attention that word keeps for words."""
    return trace["padding.late_mask_row_sums"].at(distracted_query(trace))


def words_in(trace: Trace) -> int:
    """How many tokens of the main sentence are words; padding stands after them."""
    return sum(token != PAD for token in trace["causal.mask"].axis_labels("queries") or ())


def tempted_pair(trace: Trace) -> tuple[int, int | None]:
    """The query that without a mask looks most at the next word, and that word; None where no word comes next.

    The first query, which knows itself alone, is chosen only where there is no other. The word in focus, whatever it
    is.
    """
    words = words_in(trace)
    focused = place_in(trace.focus.query, words)
    if focused is not None:
        return focused, place_in(focused + 1, words)
    ahead = np.diagonal(trace["causal.unmasked_weights"].values[:words, :words], offset=1)
    query = int(np.argmax(ahead[1:])) + 1 if len(ahead) > 1 else 0
    return query, query + 1 if query + 1 < words else None


def look_ahead(trace: Trace) -> Reading:
    """How much that query gives to the next word without a mask; to itself where there is none."""
    query, key = tempted_pair(trace)
    return trace["causal.unmasked_weights"].at(query, query if key is None else key)
