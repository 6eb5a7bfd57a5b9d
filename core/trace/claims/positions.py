"""What the chapter on positional encoding claims."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.norm import first_layer
from core.trace.positions import compared_rows, moved_places
from core.trace.trace import Trace


@claim()
def words_can_change_places(trace: Trace, example: Example) -> bool:
    """Has the sentence two different words, so that there is another order?"""
    return bool(moved_places(trace))


@claim()
def mask_left_out(trace: Trace, example: Example) -> bool:
    """Has the example's own attention a mask, which the chapter leaves out?"""
    return bool(np.isneginf(trace[f"{first_layer(trace)}.self_attention.mask"].values).any())


@claim()
def embeddings_scaled(trace: Trace, example: Example) -> bool:
    """Are the model's embeddings multiplied by √d_model before positions are added?"""
    return "source.scaled" in trace


@claim("begins", "later", "unseen", "alone")
def order_shows(trace: Trace, example: Example) -> str:
    """Where is another order seen, as printed: where the compared row begins, later, not at all; or is there none?"""
    if not moved_places(trace):
        return "alone"
    names = ("positions.cured.output", "positions.cured.shuffled_output")
    before, after = (trace[name].at(row, 0).text for name, row in zip(names, compared_rows(trace), strict=True))
    if before != after:
        return "begins"
    return "later" if trace["positions.cured.difference"].at().printed else "unseen"
