"""What the two masks take away, and what there was to take."""

from __future__ import annotations

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.mask_rows import kept_for_words, look_ahead, tempted_pair, words_in
from core.trace.pipeline import padded_batch
from core.trace.trace import Trace

EQUAL = 1e-9


@claim("given", "beginning", "repeated")
def padded_batch_is(trace: Trace, example: Example) -> str:
    """Is the padded batch the example's own, its sentence with its own beginning, or its one token twice and once?"""
    if padded_batch(example) is example.batch:
        return "given"
    return "beginning" if len(example.tokens) > 1 else "repeated"


@claim("some", "nearly_all", "hardly_any", "nothing")
def padding_takes(trace: Trace, example: Example) -> str:
    """How much does padding take from the word that it distracts most, as whole percentages say it?"""
    kept = kept_for_words(trace)
    if kept.value > 1 - EQUAL:
        return "nothing"
    return {"0%": "nearly_all", "100%": "hardly_any"}.get(kept.percent, "some")


@claim("some", "hardly_any", "last", "padding", "alone")
def next_word_gets(trace: Trace, example: Example) -> str:
    """How much does the next word get without a mask, as whole percentages say it; or is the query the last of several
    words, or the only one, with padding after it, or with nothing?
    """
    _, key = tempted_pair(trace)
    if key is None:
        if words_in(trace) > 1:
            return "last"
        return "padding" if len(trace["causal.mask"].values) > 1 else "alone"
    return "hardly_any" if look_ahead(trace).percent == "0%" else "some"


@claim()
def causal_mask_closes(trace: Trace, example: Example) -> bool:
    """Does the causal mask close any cell?"""
    return bool(trace["causal.mask"].values.any())


@claim()
def several_words(trace: Trace, example: Example) -> bool:
    """Does the sentence have more than one word, padding not counted?"""
    return words_in(trace) > 1
