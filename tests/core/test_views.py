"""Which heads, rows and words are pointed at: equal numbers do not count as different."""

from __future__ import annotations

import numpy as np

from core.examples.example import parse_example
from core.trace import Trace
from core.trace.forms import repeated_rows
from core.trace.pipeline import trace_example
from core.trace.views import Views, telling_views, views

TIE = 0.1 + 0.2  # 0.3 but for rounding


def trace_of(text: str) -> Trace:
    return trace_example(parse_example(text, "views.toml"))


def test_heads_that_share_a_largest_weight_are_not_apart() -> None:
    weights = np.array([[[0.3, TIE, 0.4 - 1e-12, 0.4]], [[0.1, 0.1, 0.7, 0.1]]])  # (heads, queries, keys)
    assert views(weights, 0) == Views(0, (0, 1), (2, 2), apart=False)


def test_heads_without_a_common_largest_weight_are_apart() -> None:
    weights = np.array([[[0.5, 0.5, 0.0]], [[0.6, 0.4, 0.0]], [[0.4, 0.6, 0.0]]])
    assert views(weights, 0) == Views(0, (1, 2), (0, 1), apart=True)


def test_a_query_from_which_heads_part_is_told_of_before_one_where_they_agree() -> None:
    agree, part = [[0.9, 0.1], [0.8, 0.2]], [[0.6, 0.4], [0.3, 0.7]]
    weights = np.array([agree, part]).swapaxes(0, 1)  # (heads, queries, keys)
    assert telling_views(weights, 0, range(2)) == Views(1, (0, 1), (0, 1), apart=True)
    assert telling_views(weights, 0, ()) == Views(0, (0, 1), (0, 0), apart=False)


def test_cross_attention_points_at_a_row_of_its_own() -> None:
    trace = trace_of('sentence = "a b c"\ntarget = "a d b"')
    weights, scaled = trace["forms.cross.weights"].values, trace["forms.scaled.weights"].values
    repeated = repeated_rows(weights, scaled)
    assert repeated.tolist() == [True, False, True]
    query, key = (int(place) for place in trace["forms.cross.telling"].values)
    assert query == 1 and weights[1, key] == weights[1].max()


def test_a_longer_vector_outshines_a_shorter_one() -> None:
    trace = trace_of('tokens = ["short", "long"]\n[embeddings]\nshort = [1, 0]\nlong = [3, 1]')
    assert trace["forms.bare.outshone"].values.tolist() == [0, 1]
    trace = trace_of('tokens = ["east", "north"]\n[embeddings]\neast = [1, 0]\nnorth = [0, 1]')
    query, key = trace["forms.bare.outshone"].values.tolist()
    assert query == key
