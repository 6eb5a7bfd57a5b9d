"""How the weights of one query mix the values."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.opened import as_printed
from core.trace.trace import Trace


def _percentages(trace: Trace) -> list[str]:
    """The weights of the query worth talking about, as whole percentages."""
    query, _ = trace.telling_pair()
    return [trace["weights"].at(query, key).percent for key in range(trace["weights"].shape[-1])]


@claim()
def query_attends(trace: Trace, example: Example) -> bool:
    """May the query worth talking about attend to any key at all?"""
    query, _ = trace.telling_pair()
    return bool(trace["weights"].values[query].any())


@claim("another", "itself", "several", "nothing")
def gives_most_to(trace: Trace, example: Example) -> str:
    """To which key does the query give most, as whole percentages say it?"""
    query, _ = trace.telling_pair()
    if not query_attends(trace, example):
        return "nothing"
    shares, best = _percentages(trace), trace.largest_in_row("weights", query)
    if shares.count(shares[best]) > 1:
        return "several"
    return "itself" if best == query else "another"


@claim("one", "several", "all", "alone", "nothing")
def values_keep(trace: Trace, example: Example) -> str:
    """Does one value keep most of itself, do several, does one keep all, is there one only, or is nothing kept?"""
    query, _ = trace.telling_pair()
    if not query_attends(trace, example):
        return "nothing"
    shares, best = _percentages(trace), trace.largest_in_row("weights", query)
    if len(shares) == 1:
        return "alone"
    if shares[best] == "100%":
        return "all"
    return "several" if shares.count(shares[best]) > 1 else "one"


@claim()
def columns_add_up(trace: Trace, example: Example) -> bool:
    """Are the printed numbers of the output exact sums of the printed columns of weighted values?"""
    query, _ = trace.telling_pair()
    weighted, output = trace["weighted_values"].part(query), trace["context"].line(query)
    sums, printed = as_printed(weighted).sum(axis=0), as_printed(output).ravel()
    return bool(
        np.allclose(sums, printed, rtol=0, atol=1e-9) and np.allclose(printed, output.values, rtol=0, atol=1e-9)
    )
