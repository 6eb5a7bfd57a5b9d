"""Faults of files: all of them at once, each with what was found, what is allowed, the nearest valid name."""

from __future__ import annotations

import difflib
import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_FAULTS = 20
_LONGEST_QUOTE = 40
_LONGEST_NAME = 100
_MOST_COMPARED = 200


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it is, what was found, what is allowed and the nearest valid name.

    Where nothing is said to be allowed, `found` is all there is to say: how many more faults a field has.
    """

    file: str
    field: str
    found: str
    allowed: str
    suggestion: str | None = None

    def __str__(self) -> str:
        where = f"{self.file}: {self.field}" if self.field else self.file
        if not self.allowed:
            return printable(f"{where}: {self.found}")
        hint = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return printable(f"{where}: found {self.found}; allowed: {self.allowed}{hint}")


class FileError(ValueError):
    """Files that cannot be used; `faults` holds what is wrong with them, one line each, at most 20 of one field."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(few(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ExampleError(FileError):
    """An example that cannot be used."""


class ChapterError(FileError):
    """A chapter that is not complete: its folder, its scene, a text, a language, or its line in the storyboard."""


def few(faults: Iterable[Fault], *, of_file: bool = False) -> list[Fault]:
    """At most 20 faults of one field (or of one file), and after them all a line that says how many more it has."""
    kept: list[Fault] = []
    counts: Counter[tuple[str, str]] = Counter()
    for fault in faults:
        group = (fault.file, "" if of_file else fault.field.partition(",")[0])
        counts[group] += bool(fault.allowed)
        if counts[group] <= MOST_FAULTS or not fault.allowed:
            kept.append(fault)
    more = [(group, count - MOST_FAULTS) for group, count in counts.items() if count > MOST_FAULTS]
    return kept + [further(*group, count) for group, count in more]


def further(file: str, field: str, count: int, what: str = "") -> Fault:
    """What is said instead of the faults of a field beyond the first 20: how many more there are."""
    return Fault(file, field, f"and {count:,} more {what}".rstrip(), "")


def nearest(name: object, valid: Iterable[str]) -> str | None:
    """The valid name nearest to `name`, or None if none is near; of many names, those that share letters with it."""
    wanted = str(name).casefold()
    if len(wanted) > _LONGEST_NAME:
        return None
    options = {option.casefold(): option for option in valid if len(option) <= _LONGEST_NAME}
    some = options if len(options) <= _MOST_COMPARED else _alike(wanted, options)
    close = difflib.get_close_matches(wanted, some, n=1, cutoff=0.6)
    parts = [option for option in some if len(wanted) > 2 and wanted in re.split(r"[\W_]+", option)]
    found = parts if parts and not (close and close[0].startswith(wanted)) else close
    return options[found[0]] if found else None


def _alike(wanted: str, options: Iterable[str]) -> list[str]:
    letters = set(wanted)
    return heapq.nlargest(_MOST_COMPARED, options, key=lambda option: len(letters & set(option)) - len(option) / 99)


def listed(names: Iterable[object], last: str = "or") -> str:
    """`a, b or c`."""
    texts = [str(name) for name in names]
    return f" {last} ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def shape_text(shape: tuple[int, ...]) -> str:
    """`(3, 4)` as `shape 3 × 4`, `(4,)` as `4 numbers`."""
    if len(shape) < 2:
        return f"{shape[0]} number{'s' * (shape[0] != 1)}" if shape else "a single number"
    return f"shape {' × '.join(map(str, shape))}"


def describe(value: Any) -> str:
    """A value of a TOML file as a person would name it, on one line and never long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a whole number of more than 18 digits"
    if isinstance(value, list | tuple):
        return "an empty list" if not value else f"a list of {len(value):,}"
    if isinstance(value, dict):
        return "a table"
    return f"{value} (a {type(value).__name__})"


def printable(text: str) -> str:
    """Text on one line, its unprintable characters escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def quote(text: str) -> str:
    """Text in double quotes, long text cut, unprintable characters escaped."""
    shown = printable(text[: _LONGEST_QUOTE + 1])
    return f'"{shown[: _LONGEST_QUOTE - 1]}…"' if len(shown) > _LONGEST_QUOTE else f'"{shown}"'
