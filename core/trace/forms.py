"""The numbers of the seven forms of attention, each of one ingredient more, or other, than the one it is compared with.

The first three build on each other: bare (Q = K = V = X), learned projections, scaled. Each of the other four changes
one thing about the third: a padding mask, a causal mask, queries of another sentence, several heads. All work on the
main sentence as it was written; the example's own mask plays no part.
Source: Vaswani et al. (2017), "Attention Is All You Need", sections 3.2.1 to 3.2.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.model.attention import attention, split_heads
from core.model.masks import causal_mask, combine_masks, padding_mask
from core.model.softmax import softmax
from core.model.special_tokens import PAD
from core.trace.focus import place_in, within
from core.trace.given import CAUSAL, CHOICE
from core.trace.inputs import trace_inputs
from core.trace.origin import made
from core.trace.record import Mask, softmax_of, token_labels
from core.trace.views import ALIKE, telling_views

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record

MOST_PADS = 2
SQUARE = ("queries", "keys")


def trace_forms(record: Record, example: Example) -> None:
    """Add `forms.*`: the weights of every form and, as `forms.….telling`, the cell that tells most about it.

    A telling cell is (query, key); that of several heads (query, a head, another head). It stands in the row and the
    column in focus, where the form has them: of queries of another sentence, in that of the word in focus.
    """
    n = len(example.tokens)
    x, q, k = (record[name][:n] for name in ("x", "q", "k"))  # (tokens, d_model), (tokens, d_k), (tokens, d_k)
    _bare(record, example, x)
    _learned(record, example, q @ k.T)
    _padding(record, example)
    _causal(record, example)
    _cross(record, example, k)
    _heads(record, example, q, k)


def _telling(record: Record, form: str, *place: int) -> None:
    record.add(f"forms.{form}.telling", place, ("place",), origin=CHOICE, decimals=0)


def _largest(values: np.ndarray, query: int | None = None, key: int | None = None) -> tuple[int, int]:
    """Row and column of the largest number of a matrix; query, key: where it is looked for, if not everywhere."""
    row, column = np.unravel_index(np.argmax(within(values, query, key)), values.shape)
    return int(row), int(column)


def _bare(record: Record, example: Example, x: np.ndarray) -> None:
    """softmax(XXᵀ): tokens compared as they are. Tells most: who looks most at itself.

    outshone: who gives another most more than itself, and whom; twice the same if nobody does.
    """
    labels = token_labels(example.tokens)
    origin = made("product[ij]", "x[id]", "x[jd]")
    scores = record.add("forms.bare.scores", x @ x.T, SQUARE, origin=origin, labels=labels)
    weights = record.weights("forms.bare.weights", softmax(scores), labels, origin=softmax_of("forms.bare.scores"))
    query = int(np.argmax(within(np.diagonal(weights), record.focus.query)))
    _telling(record, "bare", query, query)
    outshone = _largest(weights - np.diagonal(weights)[:, None])
    record.add("forms.bare.outshone", outshone, ("place",), origin=CHOICE, decimals=0)


def _learned(record: Record, example: Example, scores: np.ndarray) -> None:
    """softmax(QKᵀ), and scaled softmax(QKᵀ / √d_k). Tell most: the largest rise; what was sharp and fell."""
    labels, focus = token_labels(example.tokens), record.focus
    record.add("forms.learned.scores", scores, SQUARE, origin=made("product[ij]", "q[id]", "k[jd]"), labels=labels)
    origin = softmax_of("forms.learned.scores")
    learned = record.weights("forms.learned.weights", softmax(scores), labels, origin=origin)
    _telling(record, "learned", *_largest(learned - record["forms.bare.weights"], focus.query, focus.key))
    origin = made("scaling[ij]", "forms.learned.scores[ij]", "sqrt_d_k[]")
    scaled = record.add("forms.scaled.scores", scores / record["sqrt_d_k"], SQUARE, origin=origin, labels=labels)
    weights = record.weights("forms.scaled.weights", softmax(scaled), labels, origin=softmax_of("forms.scaled.scores"))
    _telling(record, "scaled", *_largest(learned * (learned - weights), focus.query, focus.key))


def filled(example: Example) -> tuple[str, ...]:
    """The main sentence with [PAD] at its end, one or two: as if it stood in a batch with a longer one."""
    return example.tokens + (PAD,) * min(MOST_PADS, len(example.tokens))


def _padding(record: Record, example: Example) -> None:
    """The filled sentence without and with a padding mask. Tells most: who would waste most on [PAD]."""
    tokens, n = filled(example), len(example.tokens)
    labels = token_labels(tokens)
    trace_inputs(record, "forms.padding", example.model, tokens, result="x")
    for name, row, axis in (("q", "queries", "d_k"), ("k", "keys", "d_k"), ("v", "keys", "d_v")):
        record.projected(
            f"forms.padding.{name}", "forms.padding.x", f"w_{name}", f"b_{name}", (row, axis), labels=labels
        )
    mask = combine_masks(padding_mask([n], len(tokens)), np.ones((len(tokens), len(tokens)), dtype=bool))
    pad = example.model.vocabulary.index(PAD)
    padding = Mask(mask, made("mask[ij]", "forms.padding.token_ids[j]", constant=pad, note="padding"))
    steps = attention(*(record[f"forms.padding.{name}"] for name in "qkv"), mask=mask)
    record.attention("forms.padding.", steps, labels, mask=padding, root="sqrt_d_k")
    origin = softmax_of("forms.padding.scaled_scores")
    unmasked = record.weights("forms.padding.unmasked_weights", softmax(steps.scaled), labels, origin=origin)
    leak = unmasked[:, n:].sum(axis=-1)  # (queries,)
    origin = made("total[i]", f"forms.padding.unmasked_weights[i {n}:{len(tokens)}]")
    record.add("forms.padding.leak", leak, ("queries",), origin=origin, labels=labels, decimals=record.decimals)
    _telling(record, "padding", int(np.argmax(within(leak[:n], record.focus.query))), n)


def _causal(record: Record, example: Example) -> None:
    """Each query sees itself and what is before it. Tells most: the largest weight that is cut.

    The first row does not count where others are cut, too: nothing but itself is left to it; unless it is in focus.
    """
    labels, n, focus = token_labels(example.tokens), len(example.tokens), record.focus
    mask = record[record.mask("forms.causal.mask", Mask(causal_mask(n), CAUSAL), labels)]
    origin = made("masking[ij]", "forms.scaled.scores[ij]", "forms.causal.mask[ij]")
    scores = record["forms.scaled.scores"] + mask
    record.add("forms.causal.masked_scores", scores, SQUARE, origin=origin, labels=labels)
    record.weights("forms.causal.weights", softmax(scores), labels, origin=softmax_of("forms.causal.masked_scores"))
    scaled = record["forms.scaled.weights"]
    ahead = np.where(np.isneginf(mask), scaled, scaled - 2.0)  # what is cut counts before what is not
    ahead[: 1 if n > 2 else 0] -= 4.0
    _telling(record, "causal", *_largest(ahead, focus.query, focus.key))


def _cross(record: Record, example: Example, k: np.ndarray) -> None:
    """Queries of the target sentence, made by the same W_Q; keys and values stay.

    Tells most: the largest weight of the rows that the third form does not have; if it has all, of all.
    """
    target, focus = example.target or example.tokens, record.focus
    labels = token_labels(target, example.tokens)
    trace_inputs(record, "forms.cross", example.model, target, result="y", row="queries")
    q = record.projected("forms.cross.q", "forms.cross.y", "w_q", "b_q", ("queries", "d_k"), labels=labels)
    steps = attention(q, k, record["v"][: len(k)])
    origin = made("product[ij]", "forms.cross.q[id]", "k[jd]")
    record.add("forms.cross.scores", steps.scores, SQUARE, origin=origin, labels=labels)
    origin = made("scaling[ij]", "forms.cross.scores[ij]", "sqrt_d_k[]")
    record.add("forms.cross.scaled_scores", steps.scaled, SQUARE, origin=origin, labels=labels)
    origin = softmax_of("forms.cross.scaled_scores")
    weights = record.weights("forms.cross.weights", steps.weights, labels, origin=origin)
    new = ~repeated_rows(weights, record["forms.scaled.weights"])
    worth = np.where(new[:, None] | ~new.any(), weights, weights - 1.0)
    _telling(record, "cross", *_largest(worth, focus.word if example.target else focus.query, focus.key))


def repeated_rows(weights: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which rows (rows, keys) are also rows of `known` (others, keys), boolean."""
    return np.asarray(np.abs(weights[:, None] - known[None]).max(axis=-1).min(axis=-1) < ALIKE)


def _heads(record: Record, example: Example, q: np.ndarray, k: np.ndarray) -> None:
    """The third form in several heads. Tells most: a query that two heads send to different keys, and these heads.

    It is the query of the third form's largest weight, or else the one whose two heads are most decided.
    """
    labels = token_labels(example.tokens)
    steps = attention(split_heads(q, example.heads), split_heads(k, example.heads), split_heads(k, example.heads))
    origin = softmax_of("heads.scaled_scores", "hij", row=f"0:{len(k)}")
    weights = record.weights("forms.multi_head.weights", steps.weights, labels, "heads", origin=origin)
    focused = place_in(record.focus.query, len(k))
    query, _ = _largest(record["forms.scaled.weights"], focused)
    others = range(len(k)) if focused is None else ()
    seen = telling_views(weights, query, others, record.focus.head)
    _telling(record, "multi_head", seen.query, *seen.heads)
