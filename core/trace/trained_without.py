"""What each part is for, shown by training without it: the shipped translator, and what it writes without the part.

`assets/models/ablations` has a translator trained without each part, all with the same lessons and the same seed as
the whole one; `assets/models/ablations.json` tells how these and others of other seeds do on sentences that they never
saw, and a telling sentence for each. tools/train_ablations.py makes them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.examples.model_file import MODELS, read_ablated, read_model
from core.model.ablated import PARTS, Ablated, write_ablated
from core.model.named_weights import named_arrays
from core.trace.given import CHOICE, RECORDED, WORDS, run
from core.trace.origin import Origin, made

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record

FOLDER = MODELS / "ablations"
RESULTS = MODELS / "ablations.json"
MOST_WORDS = 11  # until a translation is taken for endless: its longest sentences have nine words
NOWHERE = -1
WHOLE = "nothing"  # what the whole model is trained without
INTO = {"en": "zh → en", "zh": "en → zh"}  # the direction whose words a reader of a language reads


@dataclass(frozen=True)
class Said:
    """What a model wrote: its words, [END] the last unless it never came; probabilities (words, vocabulary)."""

    ids: np.ndarray
    words: tuple[str, ...]
    probabilities: np.ndarray

    @property
    def chosen(self) -> np.ndarray:
        """The probability of each word that was written, (words,)."""
        picked: np.ndarray = np.take_along_axis(self.probabilities, self.ids[:, None], axis=-1)[:, 0]
        return picked


@dataclass(frozen=True)
class Comparison:
    """A sentence, what the whole translator writes of it, and what it writes when trained without a part."""

    part: str
    source: tuple[str, ...]
    whole: Said
    without: Said

    @property
    def differs(self) -> int | None:
        """The place of the first word that is another; None where all are the same."""
        pairs = zip(self.whole.words, self.without.words, strict=False)
        return next((place for place, (one, other) in enumerate(pairs) if one != other), None)


@cache
def model_without(part: str) -> Ablated:
    """The translator trained without a part, one of PARTS; the whole one for ""."""
    if part:
        return read_ablated(FOLDER / f"{part}.safetensors")
    model, _ = read_model("translator", Path(), "translator")
    assert model is not None
    return Ablated(model.config, model.vocabulary, named_arrays(model))


@cache
def results() -> dict[str, Any]:
    """The results file: `runs`, one for every part and seed, and `telling` sentences by part and direction."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found


def said(model: Ablated, source: tuple[str, ...]) -> Said:
    """What a model writes of a sentence. Raises ValueError for a word that it doesn't know."""
    written = write_ablated(model, model.ids(source), MOST_WORDS)
    ids = written.ids
    return Said(ids, tuple(model.vocabulary[place] for place in ids), written.probabilities)


@cache
def compared(part: str, source: tuple[str, ...]) -> Comparison:
    """What the translator writes of a sentence, and what it writes when trained without the part."""
    return Comparison(part, source, said(model_without(""), source), said(model_without(part), source))


def direction_of(source: tuple[str, ...]) -> str:
    """Which way a sentence is translated: "zh → en" or "en → zh"."""
    return "en → zh" if source[0].isascii() else "zh → en"


def telling_sentence(part: str, direction: str) -> tuple[str, ...] | None:
    """The sentence that shows best what the part is for, as tools/train_ablations.py found it; None if none does."""
    found = results()["telling"][part][direction]
    return None if found is None else tuple(found["source"].split())


def trace_trained_without(record: Record, example: Example) -> None:
    """Add `trained_without.PART.own.*`, of the example's sentence, and `trained_without.PART.telling.*`.

    `….source` (tokens,); `….without.probabilities` (steps, vocabulary), of each word that is written; `….without.ids`
    (steps,), the words; `….without.chosen` (steps,), with which probability; `….differs` (), the place of the first
    word that is another than the whole translator's, −1 if none is. What the whole one writes is `translation.*` for
    the example's sentence, `….whole.*` for a telling one. `telling` only where there is a telling sentence, `own` only
    for an example of the shipped translator; for others what is written is in the language of their words.
    trained_without.runs, .loss_runs (parts, seeds): which share of the held-out sentences is right, and the loss at the
    end of training; .held_out (), how many sentences these are; .right, .percentages, .loss (parts,): their means over
    the seeds; the first part is none.
    """
    own = stands_on_translator(example)
    direction = direction_of(example.tokens) if own else INTO[example.language]
    for part in PARTS:
        telling = telling_sentence(part, direction)
        for kind, source in (("own", example.tokens if own else None), ("telling", telling)):
            if source is not None:
                _add(record, f"trained_without.{part}.{kind}", compared(part, source))
    _add_results(record)


def _add_results(record: Record) -> None:
    """What is recorded of all trainings, every part in a line."""
    labels = {"parts": (WHOLE, *PARTS)}
    runs = [[run for run in results()["runs"] if run["without"] == part] for part in ("", *PARTS)]
    total = sum(results()["held_out"]["all"].values())
    shares = [[sum(run["right"]["all"].values()) / total for run in seeds] for seeds in runs]
    losses = [[run["training_loss"] for run in seeds] for seeds in runs]
    lead, axes = "trained_without", ("parts", "seeds")
    record.add(f"{lead}.held_out", total, origin=RECORDED, decimals=0)
    for name, kept, values in (("right", "runs", shares), ("loss", "loss_runs", losses)):
        record.add(f"{lead}.{kept}", values, axes, origin=RECORDED, labels=labels, decimals=2)
        mean = made("mean[p]", f"{lead}.{kept}[p*]")
        record.add(f"{lead}.{name}", np.mean(values, axis=-1), ("parts",), origin=mean, labels=labels, decimals=2)
    percent = made("percentage[p]", f"{lead}.right[p]")
    percentages = 100 * record[f"{lead}.right"]
    record.add(f"{lead}.percentages", percentages, ("parts",), origin=percent, labels=labels, decimals=1)


def stands_on_translator(example: Example) -> bool:
    """Whether the example's model is the shipped translator, with its own weights."""
    whole, arrays = model_without(""), named_arrays(example.model)
    return example.model.vocabulary == whole.vocabulary and all(
        name in arrays and np.array_equal(arrays[name], array) for name, array in whole.weights.items()
    )


def _add(record: Record, lead: str, comparison: Comparison) -> None:
    source, place = comparison.source, comparison.differs
    ids, labels = model_without("").ids(source), {"tokens": source}
    record.add(f"{lead}.source", ids, ("tokens",), origin=WORDS, labels=labels, decimals=0)
    if lead.endswith("telling"):
        _add_said(record, f"{lead}.whole", comparison.whole, run("word by word"))
    _add_said(record, f"{lead}.without", comparison.without, run("trained without a part, word by word"))
    record.add(f"{lead}.differs", NOWHERE if place is None else place, origin=CHOICE, decimals=0)


def _add_said(record: Record, lead: str, one: Said, origin: Origin) -> None:
    labels = {"steps": one.words, "vocabulary": model_without("").vocabulary}
    add, source = partial(record.add, labels=labels), f"{lead}.probabilities"
    add(source, one.probabilities, ("steps", "vocabulary"), origin=origin, decimals=record.decimals)
    add(f"{lead}.ids", one.ids, ("steps",), origin=made("place[s]", f"{source}[sv]"), decimals=0)
    picked = made("lookup[s]", f"{source}[s({lead}.ids[s])]")
    add(f"{lead}.chosen", one.chosen, ("steps",), origin=picked, decimals=record.decimals)
