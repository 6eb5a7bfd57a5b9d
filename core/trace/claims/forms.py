"""Claims of the chapter on the seven forms of attention."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.forms import repeated_rows
from core.trace.reading import Reading
from core.trace.trace import Trace
from core.trace.views import ALIKE, best_keys


def _telling(trace: Trace, form: str) -> tuple[int, ...]:
    return tuple(int(place) for place in trace[f"forms.{form}.telling"].values)


def _change(trace: Trace, form: str, before: str) -> tuple[Reading, Reading]:
    """The weight that tells most about a form, before and after."""
    place = _telling(trace, form)
    return trace[f"forms.{before}.weights"].at(*place), trace[f"forms.{form}.weights"].at(*place)


def _level(trace: Trace, form: str) -> bool:
    """Whether in each row all scores of a form are equal."""
    return bool((np.ptp(trace[f"forms.{form}.scores"].values, axis=-1) < ALIKE).all())


@claim("alone", "level", "itself", "longer")
def bare_match(trace: Trace, example: Example) -> str:
    """Whether some token, compared as it is, gives another more than itself; whether it prefers any at all."""
    if len(example.tokens) == 1:
        return "alone"
    if _level(trace, "bare"):
        return "level"
    query, key = (int(place) for place in trace["forms.bare.outshone"].values)
    weights = trace["forms.bare.weights"].values
    return "longer" if weights[query, key] > weights[query, query] + ALIKE else "itself"


@claim("alone", "steady", "unmoved", "lowered", "like", "turned", "raised")
def projections_find(trace: Trace, example: Example) -> str:
    """What the projections do to the weight that tells most: none is raised in print, or not this one; it is lowered;
    raised to an equal token, to a new best key, or otherwise.
    """
    query, key = _telling(trace, "learned")
    before, after = _change(trace, "learned", "bare")
    if len(example.tokens) == 1:
        return "alone"
    if before.percent == after.percent:
        rises = trace["forms.learned.weights"].values - trace["forms.bare.weights"].values
        return "steady" if rises[query, key] >= rises.max() - ALIKE else "unmoved"
    if after.value < before.value:
        return "lowered"
    if example.tokens[query] == example.tokens[key]:
        return "like"
    was, best = (best_keys(trace[f"forms.{form}.weights"].values)[query, key] for form in ("bare", "learned"))
    return "turned" if best and not was else "raised"


@claim("alone", "unit", "level", "softer", "steady", "stronger")
def scaling_softens(trace: Trace, example: Example) -> str:
    """Whether dividing by √d_k is seen to lower the weight that tells most, and if not, why; or to raise it."""
    if len(example.tokens) == 1:
        return "alone"
    if trace["sqrt_d_k"].values == 1:
        return "unit"
    if _level(trace, "learned"):
        return "level"
    before, after = _change(trace, "scaled", "learned")
    if before.percent == after.percent:
        return "steady"
    return "softer" if after.value < before.value else "stronger"


@claim("some", "little")
def padding_leaks(trace: Trace, example: Example) -> str:
    """Whether the most that a token gives to padding, without a mask, is more than 0% in print."""
    leak = trace["forms.padding.leak"].at(_telling(trace, "padding")[0])
    return "little" if leak.percent == "0%" else "some"


@claim("alone", "open", "some", "little")
def causal_cuts(trace: Trace, example: Example) -> str:
    """Whether the weight that the causal mask cuts is more than 0% in print; or whether none is cut that is shown."""
    if len(example.tokens) == 1:
        return "alone"
    query, key = _telling(trace, "causal")
    if key <= query:
        return "open"
    before, _ = _change(trace, "causal", "scaled")
    return "little" if before.percent == "0%" else "some"


@claim("other", "same")
def cross_sentence(trace: Trace, example: Example) -> str:
    """Whether the sentence that asks is another one."""
    asking = trace["forms.cross.weights"].axis_labels("queries")
    return "same" if asking == example.tokens else "other"


@claim("new", "known", "same")
def cross_row(trace: Trace, example: Example) -> str:
    """Whether the row that is shown of cross-attention is one that the third form does not have."""
    if cross_sentence(trace, example) == "same":
        return "same"
    rows, (query, _) = trace["forms.cross.weights"].values, _telling(trace, "cross")
    return "known" if repeated_rows(rows, trace["forms.scaled.weights"].values)[query] else "new"


@claim("alone", "one", "apart", "agree")
def form_of_heads(trace: Trace, example: Example) -> str:
    """Whether two heads of the seventh form give the most to different keys."""
    if len(example.tokens) == 1:
        return "alone"
    if example.heads == 1:
        return "one"
    return "apart" if trace.views("forms.multi_head.weights", _telling(trace, "multi_head")[0]).apart else "agree"
