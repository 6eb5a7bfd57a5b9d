"""What is recorded of the translators trained without a part: results, a telling sentence each, and a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.model.ablated import PARTS, Ablated
from core.model.special_tokens import END
from core.trace.trained_without import RESULTS, compared
from tools.translator_grammar import all_pairs
from tools.translator_measures import DIRECTIONS, KINDS, Words, accepted, held_out_sources, sides, written

SEEDS = (1, 2, 3)  # the first is that of the shipped models
TABLE = ("<!-- ablations -->", "<!-- /ablations -->")  # between these the card has the table

Run = Mapping[str, Any]


def text_of(results: Mapping[str, Any]) -> str:
    """The results file: one run a line."""
    runs = ",\n".join(f"    {json.dumps(run, ensure_ascii=False)}" for run in results["runs"])
    rest = json.dumps({name: value for name, value in results.items() if name != "runs"}, ensure_ascii=False, indent=2)
    return f'{rest[:-2]},\n  "runs": [\n{runs}\n  ]\n}}\n'


def sizes_of_held_out() -> dict[str, dict[str, int]]:
    """How many sentences there are of each kind and direction."""
    return {kind: {direction: len(held_out_sources(direction, kind)) for direction in DIRECTIONS} for kind in KINDS}


# --- a telling sentence -----------------------------------------------------------------------------------------------


def telling(whole: Ablated, without: Ablated, direction: str) -> Words | None:
    """A held-out sentence that shows what the part is for; None where there is none.

    The whole model translates it rightly and the other one doesn't: its first word that differs from the whole model's
    is wrong, no right translation goes on so. Of these: where what is written is itself a sentence, only another one,
    if there are such; then the shortest; then where the first wrong word is surest.
    """
    sources = held_out_sources(direction)
    right, answers = written(whole, sources), written(without, sources)
    wrong = [source for source in sources if _shows(direction, source, right[source], answers[source])]
    sentences = {sides(pair, direction)[1] for pair in all_pairs()}
    wrong = [source for source in wrong if answers[source] in sentences] or wrong
    shortest = [source for source in wrong if len(source) == min(map(len, wrong))]
    return max(shortest, key=lambda source: _sureness(without, source), default=None)


def first_difference(one: Words, other: Words) -> int | None:
    pairs = zip((*one, END), (*other, END), strict=False)
    return next((place for place, (first, second) in enumerate(pairs) if first != second), None)


def _shows(direction: str, source: Words, right: Words, answer: Words) -> bool:
    translations = accepted(direction, source)
    place = first_difference(right, answer)
    if place is None or right not in translations:
        return False
    begun = (*answer, END)[: place + 1]
    return not any((*translation, END)[: place + 1] == begun for translation in translations)


def _sureness(without: Ablated, source: Words) -> float:
    comparison = compared(without.without, source)
    assert comparison.differs is not None
    return round(float(comparison.without.chosen[comparison.differs]), 9)


def told(part: str, source: Words | None) -> dict[str, Any] | None:
    """A telling sentence as the results file has it: what is written, the place of the first wrong word, how sure."""
    if source is None:
        return None
    comparison = compared(part, source)
    place = comparison.differs
    assert place is not None
    return {
        "source": " ".join(source),
        "whole": " ".join(comparison.whole.words),
        "without": " ".join(comparison.without.words),
        "first_wrong": place,
        "probability": round(float(comparison.without.chosen[place]), 4),
    }


# --- the table --------------------------------------------------------------------------------------------------------


def mean_and_range(numbers: Sequence[float], form: str) -> str:
    """`99.5 (98.9–100.0)`; a number alone where all print the same."""
    low, mean, high = (format(number, form) for number in (min(numbers), float(np.mean(numbers)), max(numbers)))
    return mean if low == high else f"{mean} ({low}–{high})"


def table(results: Mapping[str, Any]) -> str:
    """The recorded results as a Markdown table: means over the seeds, in brackets the least and the largest."""
    heads = ("without", "training loss", "next word right", *DIRECTIONS, "order tells who", "several translations")
    rows = [heads, ("---",) * len(heads), *(_row(results, part) for part in ("", *PARTS))]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(results: Mapping[str, Any], part: str) -> tuple[str, ...]:
    runs = [run for run in results["runs"] if run["without"] == part]
    next_words = [100 * float(np.mean(list(run["next_word"].values()))) for run in runs]

    def right(kind: str, directions: Sequence[str]) -> str:
        shares = [100 * rightness(results, run, kind, directions) for run in runs]
        return mean_and_range(shares, ".1f")

    return (
        part.replace("_", " ") or "nothing (whole)",
        mean_and_range([run["training_loss"] for run in runs], ".3f"),
        mean_and_range(next_words, ".1f"),
        *(right("all", [direction]) for direction in DIRECTIONS),
        *(right(kind, DIRECTIONS) for kind in ("reversible", "doubtful")),
    )


def rightness(results: Mapping[str, Any], run: Run, kind: str, directions: Sequence[str]) -> float:
    """The share of held-out sentences of a kind that a run translates rightly, of all directions together."""
    right = sum(run["right"][kind][direction] for direction in directions)
    return right / sum(results["held_out"][kind][direction] for direction in directions)


def with_table(card: str, results: Mapping[str, Any]) -> str:
    """The card with the table of the results in its place."""
    start, end = (card.index(mark) for mark in TABLE)
    return f"{card[: start + len(TABLE[0])]}\n\n{table(results)}\n\n{card[end:]}"


def recorded() -> dict[str, Any]:
    """The results file. Raises OSError if there is none."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found
