"""How a film opens and closes: whether the example asks a question, and where its numbers come from."""

from __future__ import annotations

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.trace import Trace

NUMBERS = ("embeddings", "w_q", "w_k", "w_v")
QUESTION_MARKS = ("?", "？")


@claim()
def title_asks(trace: Trace, example: Example) -> bool:
    """Is the example's title a question, in every language?"""
    return all(title.endswith(QUESTION_MARKS) for title in example.titles.values())


@claim("trained", "model", "drawn", "mixed", "file", "hand")
def numbers_source(trace: Trace, example: Example) -> str:
    """Where the numbers of attention come from: the trained translator, another model's file, a seed, partly a seed, a
    file of weights, the example itself.
    """
    if example.loaded is not None:
        return "trained" if example.shipped == "translator" else "model"
    drawn = [name for name in NUMBERS if name in example.drawn]
    if drawn:
        return "drawn" if len(drawn) == len(NUMBERS) else "mixed"
    return "file" if any(name in example.read for name in NUMBERS) else "hand"
