"""How the weights of one query mix the values."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.mixing import by_weight, output_in_plane, values_are_flat, values_in_plane
from core.trace.opened import CLOSE, as_printed
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


@claim()
def values_lie_in_plane(trace: Trace, example: Example) -> bool:
    """Have the values no more than the two dimensions in which they are drawn?"""
    return values_are_flat(trace)


@claim("nothing", "all_the_way", "alike", "nearest", "among")
def output_among_values(trace: Trace, example: Example) -> str:
    """Where the output ends among the values as drawn: at the origin, for nothing has weight; at the value of the one
    key that has all of it; where all that have weight lie; nearest to the value that gets most; or just among them.
    """
    keys = by_weight(trace)
    if not keys:
        return "nothing"
    points, shares = values_in_plane(trace), trace["weights"].values[trace.telling_pair()[0]]
    if shares[keys[0]] >= 1 - CLOSE:
        return "all_the_way"
    if np.ptp(points[keys], axis=0).max() <= CLOSE:
        return "alike"
    away = np.linalg.norm(points - output_in_plane(trace), axis=1)  # (keys,)
    leads = shares[keys[0]] - shares[keys[1]] > CLOSE
    return "nearest" if leads and away[keys[0]] <= away.min() + CLOSE else "among"
