"""What the chapters on the output and on translation tell: the likeliest words, where it looked, how sure it was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.model.special_tokens import END
from core.model.transformer import decode
from core.trace.focus import place_in
from core.trace.given import CHOICE, run
from core.trace.origin import made

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record
    from core.trace.tensor import Tensor
    from core.trace.trace import Trace

CANDIDATES = 5
TOLD = 8  # words that are told of a translation that comes to no end
CLEAR = 0.3  # the least weight of a look that is talked about
AS_GOOD = 0.6  # a second look with this part of the first one's weight is talked about, too


def trace_translation(record: Record, example: Example) -> None:
    """The candidates for every next word, in training and in translation, and the row worth talking about."""
    origin, row = made("lookup[i]", "probabilities[i(target.expected[i])]"), ("tokens",)
    record.add("output.expected_probability", _expected(record), row, origin=origin, decimals=example.decimals)
    focused = place_in(record.focus.word, len(record["probabilities"]))
    telling = telling_row(record["probabilities"], record["target.expected"]) if focused is None else focused
    record.add("output.telling_row", telling, origin=CHOICE, decimals=0)
    _candidates(record, "output", "probabilities", "tokens", example.decimals)
    _candidates(record, "translation", "translation.probabilities", "steps", example.decimals)
    _looks(record, example)


def _looks(record: Record, example: Example) -> None:
    """Where the decoder looked for each word it said, (steps, keys): the mean of the last layer's heads.

    keys: the words of the sentence. That is its cross-attention; without an encoder, where the sentence stands among
    its own words, its self-attention.
    """
    labels = record.tensors["translation.token_ids"].labels
    if "translation.cross_attention" in record:
        cross = record.tensors["translation.cross_attention"]
        looks, keys, origin = cross.values, cross.labels["keys"], made("copy[sk]", f"{cross.name}[sk]")
    else:
        looks, keys, origin = _looks_at_prompt(record, example), example.tokens, run("sentence and translation at once")
    labels = {**labels, "keys": keys}
    record.add("translation.looks", looks, ("steps", "keys"), origin=origin, labels=labels, decimals=example.decimals)


def _looks_at_prompt(record: Record, example: Example) -> np.ndarray:
    said = record["translation.token_ids"].astype(int)
    prompt = example.model.ids(example.prompt)
    steps = decode(example.model, np.concatenate([prompt, said[:-1]]))
    weights: np.ndarray = steps.layers[-1].self_attention.inner.heads.weights.mean(axis=0)  # (queries, keys)
    return weights[len(prompt) - 1 :, len(prompt) - len(example.tokens) : len(prompt)]


def _expected(record: Record) -> np.ndarray:
    """The probability that each position gives to the word that follows, (tokens,)."""
    return _picked(record["probabilities"], record["target.expected"])


def _picked(probabilities: np.ndarray, ids: np.ndarray) -> np.ndarray:
    picked: np.ndarray = np.take_along_axis(probabilities, ids.astype(int)[:, None], axis=-1)[:, 0]
    return picked


def _candidates(record: Record, name: str, source: str, rows: str, decimals: int) -> None:
    """Ids of the likeliest words of every row, most probable first; their shares, and what all others have together.

    source: the name of the probabilities (rows, vocabulary).
    """
    probabilities = record[source]
    ids = likeliest(probabilities)  # (rows, candidates)
    shares = np.take_along_axis(probabilities, ids, axis=-1)
    origin = made("rank[ic]", f"{source}[iv]")
    record.add(f"{name}.candidates", ids, (rows, "candidates"), origin=origin, decimals=0)
    if ids.shape[1] < probabilities.shape[1]:
        shares = np.column_stack([shares, np.clip(1 - shares.sum(axis=-1), 0, 1)])
    lines, origin = (rows, "lines"), made("share[ic]", f"{source}[iv]", constant=ids.shape[1])
    record.add(f"{name}.shares", shares, lines, origin=origin, decimals=decimals)
    origin, places = made("percentage[ic]", f"{name}.shares[ic]"), percent_decimals(shares[:, 0])
    record.add(f"{name}.percentages", 100 * shares, lines, origin=origin, decimals=places)


def percent_decimals(surest: np.ndarray) -> int:
    """Decimals of percentages: none, but one where even the least sure of (rows,) probabilities would print as 100%."""
    return 0 if round(100 * float(surest.min())) < 100 else 1


def likeliest(probabilities: np.ndarray) -> np.ndarray:
    """Places of the largest numbers of every row, largest first: five, or all six where there are no more.

    probabilities: (rows, vocabulary); returns (rows, candidates).
    """
    vocabulary = probabilities.shape[-1]
    count = vocabulary if vocabulary <= CANDIDATES + 1 else CANDIDATES
    return np.argsort(-probabilities, axis=-1, kind="stable")[:, :count]


def telling_row(probabilities: np.ndarray, expected: np.ndarray) -> int:
    """The position whose prediction is worth a look: of those that are right, the one with the strongest runner-up.

    Neither the first, which has read nothing yet, nor the last, which only has to say that the sentence is over, unless
    there are no others; where none is right, the surest.
    probabilities: (tokens, vocabulary); expected: (tokens,) ids.
    """
    first, last = (1, len(expected) - 1) if len(expected) > 2 else (0, max(1, len(expected) - 1))
    rows = probabilities[first:last]
    ordered = np.sort(rows, axis=-1)
    right = rows.argmax(axis=-1) == expected[first:last]
    worth = np.where(right, ordered[:, -2], -1.0) if right.any() else ordered[:, -1]
    return first + int(worth.argmax())


# --- what is told of a translation ------------------------------------------------------------------------------------


def words_told(said: Sequence[str]) -> int:
    """How many of the words said are told: all, if they come to an end, else only the first."""
    return len(said) if said[-1] == END else min(TOLD, len(said))


def looks_named(looks: Tensor, step: int = 1) -> list[int]:
    """The places worth naming of what a word looked at: the first of the largest weights, and perhaps a second.

    The second is another word with nearly as much. looks: (steps, keys).
    """
    row, words = looks.values[step], looks.axis_labels("keys") or ()
    first, *others = (int(key) for key in np.argsort(-row.round(9), kind="stable"))
    return [first, *(k for k in others[:1] if row[k] >= max(CLEAR, AS_GOOD * row[first]) and words[k] != words[first])]


def crossing_looks(weights: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Of two clear looks that cross the clearest pair, each as (step, key): the earlier step looks further right.

    weights: (steps, keys). None where no two looks with a weight of at least CLEAR cross.
    """
    best, found = 0.0, None
    looks = [(int(step), int(key)) for step, key in np.argwhere(weights >= CLEAR)]
    for one, other in combinations(looks, 2):
        fainter = float(min(weights[one], weights[other]))
        if one[0] < other[0] and one[1] > other[1] and fainter > best:
            best, found = fainter, (one, other)
    return found


def least_sure(trace: Trace, told: int) -> int:
    """The step, of those told, whose word had the smallest probability; the first of equals."""
    return int(trace["translation.shares"].values[:told, 0].round(9).argmin())


def surest(trace: Trace, told: int) -> int:
    """The step, of those told, whose word had the largest probability; the first of equals."""
    return int(trace["translation.shares"].values[:told, 0].round(9).argmax())
