"""Claims about the division of the scores by √d_k."""

from __future__ import annotations

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.trace import Trace


@claim("whole", "rounded", "one")
def root_of_d_k(trace: Trace, example: Example) -> str:
    """Is √d_k a number that is printed whole, one that is rounded, or 1, because a query has a single number?"""
    if trace["q"].shape[-1] == 1:
        return "one"
    return "whole" if trace["sqrt_d_k"].at().exact else "rounded"
