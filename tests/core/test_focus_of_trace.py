"""What somebody wants worked through is what is worked through, whatever the numbers find telling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.examples.example import Example, load_example
from core.trace.claims import CLAIMS
from core.trace.comparing import both_ways
from core.trace.focus import TELLING, Focus, place_in, within
from core.trace.mask_rows import distracted_query, tempted_pair, words_in
from core.trace.pipeline import trace_example
from core.trace.positions import compared_rows, moved_places
from core.trace.trace import Trace

FAMILIES = Path(__file__).parents[1] / "scenes" / "families"
CROSS, CROSS_WEIGHTS = "decoder.1.cross_attention", "decoder.1.cross_attention.heads.weights"
EXAMPLES = (
    "default",
    "padded-batch",
    "causal",
    "translation-en-zh",
    *(str(FAMILIES / f"{name}.toml") for name in ("both-masks", "one-token", "ties", "equal-tokens", "decoder-only")),
    *(str(FAMILIES / f"{name}.toml") for name in ("nobody-looks", "zeros", "pre-norm", "target-of-its-words")),
)


def foci(example: Example, name: str, count: int) -> list[Focus]:
    """Foci anywhere in an example, the first in the last row of padding and beyond all there is."""
    random = np.random.default_rng(sum(name.encode()))
    ends = (len(example.rows), len(example.rows), example.heads, len(example.tokens), len(example.target) + 1)
    last = Focus(len(example.rows) - 1, 0, 99, len(example.tokens) - 1, 99)

    def place(end: int) -> int | None:
        return int(random.integers(end)) if random.random() < 0.7 else None

    return [last, *(Focus(*map(place, ends)) for _ in range(count - 1))]


def traced(name: str) -> list[tuple[Example, Trace]]:
    example = load_example(name)
    return [(example, trace_example(example, focus)) for focus in foci(example, name, 3)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_worked_through_follows_the_focus(name: str) -> None:
    for example, trace in traced(name):
        focus, words = trace.focus, len(example.tokens)
        followed = [
            (focus.query, len(example.rows), trace.telling_pair()[0]),
            (focus.key, len(example.rows), trace.telling_pair()[1]),
            (focus.query, len(example.rows), trace.telling_views().query),
            (focus.head, example.heads, trace.telling_views().heads[0]),
            (focus.query, words_in(trace), tempted_pair(trace)[0]),
            (focus.row, words, int(trace["residual.telling"].values)),
            (focus.row, words, int(trace["feed_forward.row"].values)),
            (focus.row, words, int(trace["batch_norm.token"].values)),
            (focus.word, len(trace["probabilities"].values), int(trace["output.telling_row"].values)),
            *((focus.query, words, int(trace[f"forms.{form}.telling"].values[0])) for form in ("bare", "learned")),
            *((focus.query, words, int(trace[f"forms.{form}.telling"].values[0])) for form in ("scaled", "causal")),
            (focus.query, words, int(trace["forms.multi_head.telling"].values[0])),
        ]
        if CROSS_WEIGHTS in trace:
            head, query, *_ = trace.telling_look(CROSS)
            followed += [(focus.head, example.heads, head), (focus.word, trace[CROSS_WEIGHTS].shape[1], query)]
            followed.append((focus.row, words, trace.telling_rows()[0]))
        for wanted, end, found in followed:
            assert place_in(wanted, end) in (None, found)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_claim_has_an_answer_wherever_the_focus_is(name: str) -> None:
    for example, trace in traced(name):
        for claim in CLAIMS.values():
            claim.outcome(trace, example)


def test_a_focus_that_there_is_not_changes_nothing() -> None:
    example = load_example("default")
    told, beyond = (trace_example(example, focus) for focus in (TELLING, Focus(99, 99, 99, 99, 99)))
    assert told.telling_pair() == beyond.telling_pair()
    assert told.telling_views() == beyond.telling_views()
    for name, tensor in told.items():
        np.testing.assert_array_equal(tensor.values, beyond[name].values)


def test_a_focus_changes_choices_and_what_is_made_of_them_alone() -> None:
    example = load_example("default")
    told, focused = trace_example(example), trace_example(example, Focus(query=0))
    changed = {name for name in told if not np.array_equal(told[name].values, focused[name].values)}
    assert changed
    assert all(name.endswith(".telling") or name.startswith("fully_masked.added") for name in changed)


def test_a_query_of_padding_may_be_in_focus() -> None:
    example = load_example("padded-batch")
    pad = len(example.tokens)
    trace = trace_example(example, Focus(query=pad))
    assert trace.telling_pair()[0] == pad
    assert tempted_pair(trace)[0] < words_in(trace)
    assert distracted_query(trace) < pad


def test_the_distracted_word_is_that_in_focus_where_the_sentence_is_the_same() -> None:
    example = load_example("default")
    trace = trace_example(example, Focus(query=1))
    same = trace["padding.weights"].axis_labels("queries")[1] == example.rows[1]
    assert (distracted_query(trace) == 1) is same


def test_a_pair_in_focus_is_compared_both_ways() -> None:
    trace = trace_example(load_example("default"), Focus(query=0, key=2))
    scores = trace["scores"].values.round(trace["scores"].decimals)
    assert scores[0, 2] != scores[2, 0]
    assert both_ways(trace) == (0, 2)


def test_the_word_in_focus_changes_places() -> None:
    example = load_example("default")
    for row in range(len(example.tokens)):
        trace = trace_example(example, Focus(row=row))
        assert row in moved_places(trace)
        assert compared_rows(trace)[0] == row


def test_a_token_may_look_at_itself() -> None:
    trace = trace_example(load_example("default"), replace(TELLING, query=1, key=1))
    assert trace.telling_pair() == (1, 1)


def test_within_leaves_what_is_wanted() -> None:
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(within(values, 1), [[-np.inf] * 3, [3, 4, 5]])
    np.testing.assert_array_equal(within(values, None, 0), [[0, -np.inf, -np.inf], [3, -np.inf, -np.inf]])
    np.testing.assert_array_equal(within(values, 7, None), values)
