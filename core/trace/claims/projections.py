"""Claims about the projections of X: where their numbers come from, and how the scores of queries and keys compare."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.model.special_tokens import PAD
from core.trace.claims.claim import claim
from core.trace.comparing import as_arrows, best_keys, both_ways, printed_scores, telling_plane
from core.trace.opened import CLOSE
from core.trace.trace import Trace

PROJECTIONS = ("w_q", "w_k", "w_v")


@claim("model", "drawn", "mixed", "file", "hand")
def projection_source(trace: Trace, example: Example) -> str:
    """Where the numbers of the three W come from: a model's file, a seed, partly a seed, a file of weights, the
    example itself.
    """
    drawn = [name for name in PROJECTIONS if name in example.drawn]
    if example.loaded is not None:
        return "model"
    if drawn:
        return "drawn" if len(drawn) == len(PROJECTIONS) else "mixed"
    return "file" if any(name in example.read for name in PROJECTIONS) else "hand"


@claim()
def query_bias(trace: Trace, example: Example) -> bool:
    """Is a bias added to the queries?"""
    return "b_q" in trace


@claim("one_key", "all", "several", "padding", "itself", "namesake", "another")
def best_of_row(trace: Trace, example: Example) -> str:
    """Where the largest score of the telling query stands: on another token, on itself, on [PAD], on a word that the
    sentence has twice, on several keys or all as printed, or on the one that there is.
    """
    query, _ = trace.telling_pair()
    (best, *others), words = best_keys(trace), trace["scores"].axis_labels("keys") or ()
    if len(words) == 1:
        return "one_key"
    if all(words[key] == PAD for key in (best, *others)):
        return "padding"
    if others:
        return "all" if len(others) + 1 == len(words) else "several"
    if best == query:
        return "itself"
    return "namesake" if words.count(words[best]) > 1 else "another"


@claim("alone", "unlike", "places", "symmetric", "rounded")
def scores_both_ways(trace: Trace, example: Example) -> str:
    """Are two scores that face each other different as printed: of two words, or of one word at two places; or is the
    table symmetric, or only as printed; or is there one token?
    """
    scores = trace["scores"].values
    query, key = both_ways(trace)
    if len(scores) == 1:
        return "alone"
    printed = printed_scores(trace)
    if printed[query, key] != printed[key, query]:
        words = trace["scores"].axis_labels("queries") or ()
        return "places" if words[query] == words[key] else "unlike"
    return "symmetric" if np.abs(scores - scores.T).max() <= CLOSE else "rounded"


@claim("one", "all", "some")
def plane_of_arrows(trace: Trace, example: Example) -> str:
    """Have queries and keys one dimension, the two that are drawn as a plane, or more than these?"""
    dimensions = trace["q"].shape[1]
    return "one" if dimensions == 1 else "all" if dimensions == len(telling_plane(trace)) else "some"


@claim("along", "against", "across", "hidden")
def best_arrow(trace: Trace, example: Example) -> str:
    """How does the arrow of the best key stand to the telling query's?"""
    return as_arrows(trace, best_keys(trace)[0])
