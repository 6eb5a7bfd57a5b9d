"""What may be said of the next word, and of what it costs."""

from __future__ import annotations

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.trace import Trace

DOUBT = 0.1  # a runner-up with as much is one to speak of
CHEAP = 0.05  # a loss below it is hardly one


@claim()
def tied_embedding(trace: Trace, example: Example) -> bool:
    """Is the output projection the embedding table, turned?"""
    return example.model.config.tied


@claim()
def one_is_likeliest(trace: Trace, example: Example) -> bool:
    """Has the likeliest next token of the telling row a larger share than the runner-up, as printed?"""
    first, second = (trace["output.percentages"].at(_row(trace), line) for line in (0, 1))
    return first.printed > second.printed


@claim("sure", "doubtful", "wrong", "drawn")
def prediction(trace: Trace, example: Example) -> str:
    """Is the telling row's next token right, with a rival or without, or wrong, or made by drawn weights?"""
    row = _row(trace)
    if example.loaded is None:
        return "drawn"
    if trace.largest_in_row("probabilities", row) != int(trace["target.expected"].values[row]):
        return "wrong"
    return "doubtful" if trace["output.shares"].values[row, 1] >= DOUBT else "sure"


@claim("cheap", "faint", "plain")
def worst_answer(trace: Trace, example: Example) -> str:
    """Does the dearest answer cost next to nothing; or is its share so small that it prints as 0%?"""
    place = trace.dearest_answer()
    if trace["loss"].values[place] < CHEAP:
        return "cheap"
    return "faint" if trace["output.expected_probability"].at(place).percent == "0%" else "plain"


def _row(trace: Trace) -> int:
    return int(trace["output.telling_row"].values)
