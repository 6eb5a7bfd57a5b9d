"""What is said of two examples side by side: what changed, and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.examples.changes import Change, changes
from core.examples.example import Example
from core.trace import Reading, decimals_needed, format_number
from scenes.stage.chapter.caption import Fact
from scenes.stage.compare.marks import Pair
from scenes.stage.paint.label import Run

MOST_NAMED = 2  # changes that are named one by one
DECIMALS = 4
Said = tuple[str, Mapping[str, Fact]]  # the key of a text, and what is filled in


def names(before: Example, after: Example, texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """What the two sides are called: by what differs, or else by the examples."""
    found = changes(before, after)
    named = [_named(change, texts) for change in found]
    if found and len(found) <= MOST_NAMED and all(named):
        pairs = [pair for pair in named if pair is not None]
        first, second = (texts["between"].join(pair[side] for pair in pairs) for side in (0, 1))
        return first, second
    first, second = (example.own_title(language) or example.name for example in (before, after))
    return (first, second) if first != second else (f"{first} (A)", f"{second} (B)")


def _named(change: Change, texts: Mapping[str, str]) -> tuple[str, str] | None:
    """A change as what it was and what it is; None where that takes more than a few words."""
    for_value = _WAYS.get(change.field, _number)
    values = (change.before, change.after)
    if None in values or (isinstance(change.before, str) and change.field not in _WAYS):
        return None
    first, second = (for_value(change, value, texts) for value in values)
    return first, second


def _choice(change: Change, value: object, texts: Mapping[str, str]) -> str:
    return texts[f"{change.field}_{str(value).lower()}"]


def _heads(change: Change, value: object, texts: Mapping[str, str]) -> str:
    return texts["heads"].format(value=value)


def _number(change: Change, value: object, texts: Mapping[str, str]) -> str:
    """`W_Q[1, 2] = 0.5`, counted from 1."""
    name = change.field.rpartition(".")[2]
    shown = f"{name[0].upper()}_{name[2:].upper()}" if change.field.startswith("weights.") else name
    places = ", ".join(str(place + 1) for place in change.place)
    printed = format_number(value, decimals_needed(np.array(value), DECIMALS)) if isinstance(value, float) else value
    return texts["value"].format(field=f"{shown}[{places}]" if places else shown, value=printed)


_WAYS: dict[str, Callable[[Change, object, Mapping[str, str]], str]] = {
    "mask": _choice,
    "positions": _choice,
    "scale": _choice,
    "heads": _heads,
}


def what_changed(before: Example, after: Example, named: tuple[str, str]) -> Said:
    """The first caption: in what the two differ."""
    key = "changed" if len(changes(before, after)) == 1 else "other"
    return key, {"before": Run(named[0], name=True), "after": Run(named[1], name=True)}


def what_differs(found: list[Pair], texts: Mapping[str, str]) -> Said:
    """What is said of matrices that can be compared: the cell that differs most of the largest that differ."""
    apart = [pair for pair in found if pair.count]
    if not apart:
        return "same", {}
    pair = apart[0]
    place = pair.most
    before, after, difference = pair.difference.at(*place)
    axes = pair.first.tensor.axes[-2:]
    labels = [pair.first.tensor.axis_labels(axis) for axis in axes]
    facts: dict[str, Fact] = {"before": before, "after": after, "apart": _apart(difference, texts)}
    if all(labels):
        tokens = (str(texts[i]) for texts, i in zip(labels, place, strict=True) if texts)
        return "differs", {**facts, **dict(zip(("row", "column"), tokens, strict=True))}
    return "few", {**facts, "count": sum(pair.count for pair in apart)}


def _apart(difference: Reading, texts: Mapping[str, str]) -> Run:
    """A difference in brackets, with its sign; nothing of one from or to −∞."""
    if not np.isfinite(difference.value):
        return Run("")
    sign = "+" if difference.printed > 0 else ""
    return Run(texts["apart"].format(difference=f"{sign}{difference.text}"), None, (difference,))
