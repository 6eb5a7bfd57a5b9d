"""Claims of the chapter on several heads."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.trace import Trace


@claim("several", "one")
def several_heads(trace: Trace, example: Example) -> str:
    """Whether attention is cut into several heads."""
    return "several" if example.heads > 1 else "one"


@claim("apart", "alike", "one", "undivided")
def root_of_a_head(trace: Trace, example: Example) -> str:
    """Whether √d_k of one head and of the full width are printed differently; or nothing is divided by it."""
    if not example.scale:
        return "undivided"
    if example.heads == 1:
        return "one"
    return "alike" if trace["heads.sqrt_d_k"].at().text == trace["sqrt_d_k"].at().text else "apart"


@claim()
def heads_may_look(trace: Trace, example: Example) -> bool:
    """Whether the query of the heads' views may look at anything."""
    return bool(np.isfinite(trace["mask"].values[trace.telling_views().query]).any())


@claim("apart", "agree", "one", "blind")
def views_of_heads(trace: Trace, example: Example) -> str:
    """Whether two heads give the most to different keys, from one and the same query."""
    if not heads_may_look(trace, example):
        return "blind"
    if example.heads == 1:
        return "one"
    return "apart" if trace.telling_views().apart else "agree"


@claim("all", "some", "one")
def output_draws(trace: Trace, example: Example) -> str:
    """Whether every column of W_O takes something of each head."""
    if example.heads == 1:
        return "one"
    blocks = trace["w_o"].values.reshape(example.heads, -1, trace["w_o"].shape[-1])  # (heads, d_v, d_model)
    return "all" if (blocks != 0).any(axis=1).all() else "some"
