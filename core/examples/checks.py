"""Checks of single values in a file that people write: what was found, what is allowed, and where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from core.examples.faults import MOST_FAULTS, Fault, describe, further, listed, nearest, quote

LARGEST_NUMBER = 1e6
_WRITTEN_NUMBER = re.compile(r"[-−+]?[0-9]+([.,][0-9]+)?%?")
_SWITCHES = dict.fromkeys(("true", "yes", "on", "1"), "true") | dict.fromkeys(("false", "no", "off", "0"), "false")


class Table(BaseModel):
    """Named fields, no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Flaw(NamedTuple):
    """One thing wrong inside a field: where in it, what was found, what is allowed, the nearest valid name."""

    where: str
    found: str
    allowed: str
    suggestion: str | None = None


def reject(*flaws: Flaw, more: int = 0) -> PydanticCustomError:
    """The error by which a check tells pydantic all that is wrong with a field: at most 20 flaws, and how many more."""
    kept = flaws[:MOST_FAULTS]
    return PydanticCustomError("flaws", "not allowed", {"flaws": kept, "more": more + len(flaws) - len(kept)})


def flaw_faults(file: str, field: str, problem: Any) -> Iterator[Fault]:
    """The faults of a field in which a check has found flaws; problem: as pydantic has it."""
    for flaw in problem["ctx"]["flaws"]:
        yield Fault(file, f"{field}, {flaw.where}" if flaw.where else field, *flaw[1:])
    if problem["ctx"]["more"]:
        yield further(file, field, problem["ctx"]["more"])


def meant(value: Any) -> int | float | None:
    """The number that a value stands for which is none: `"2"`, `2.0`, `"0,5"`, `"50%"`; None if it is none of these."""
    if isinstance(value, str):
        text = value.strip() if len(value) < 20 else ""
        if not _WRITTEN_NUMBER.fullmatch(text):
            return None
        number = float(text.rstrip("%").replace(",", ".").replace("−", "-")) / (100 if text.endswith("%") else 1)
    elif isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST_NUMBER:
        return None
    else:
        number = float(value)
    return int(number) if number.is_integer() else number


# --- single values ----------------------------------------------------------------------------------------------------


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            near = meant(value)
            hint = str(near) if isinstance(near, int) and low <= near <= high else None
            raise reject(Flaw("", describe(value), f"a whole number from {low} to {high}", hint))
        return value

    return BeforeValidator(check)


def number(low: float, high: float) -> BeforeValidator:
    """A number within bounds."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise reject(Flaw("", describe(value), f"a number from {low} to {high}"))
        return float(value)

    return BeforeValidator(check)


def one_of(names: Sequence[str]) -> BeforeValidator:
    """One of some names."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            close = nearest(value, names) if isinstance(value, str) else None
            raise reject(Flaw("", describe(value), listed(map(quote, names)), quote(close) if close else None))
        return value

    return BeforeValidator(check)


def switch() -> BeforeValidator:
    """True or false."""

    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            text = value.strip().casefold() if isinstance(value, str) else str(value) if value in (0, 1) else ""
            hint = _SWITCHES.get(text)
            raise reject(Flaw("", describe(value), "true or false", hint))
        return value

    return BeforeValidator(check)


def file_name(allowed: str) -> BeforeValidator:
    """The name of a file; `allowed` says of which."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise reject(Flaw("", describe(value), allowed))
        return value

    return BeforeValidator(check)


# --- rows and matrices ------------------------------------------------------------------------------------------------


class Cells(NamedTuple):
    """What the cells of a matrix may be: whether a value fits, and in words."""

    fits: Callable[[Any], bool]
    allowed: str


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER


_ROWS = "a matrix: a list of rows [[1, 2], [3, 4]]"
NUMBERS = Cells(_is_number, f"finite numbers from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f}")


def row_flaws(row: Any, where: str, cells: Cells = NUMBERS, most: int = MOST_FAULTS) -> tuple[list[Flaw], int]:
    """What is wrong with a list of numbers, at most so many flaws, and how many more; `where` says which row it is."""
    if not isinstance(row, list | tuple):
        return [Flaw(where, describe(row), "a list of numbers [1, 2, …]")][:most], int(not most)
    if not row:
        return [Flaw(where, "an empty row", "a list of numbers [1, 2, …]")][:most], int(not most)
    prefix = f"{where}, column" if where else "number"
    bad = [column for column, value in enumerate(row) if not cells.fits(value)]
    places = [(f"{prefix} {column + 1}", row[column]) for column in bad[:most]]
    flaws = [Flaw(place, describe(value), cells.allowed, _number_hint(value, cells)) for place, value in places]
    return flaws, len(bad) - len(flaws)


def _number_hint(value: Any, cells: Cells) -> str | None:
    near = meant(value) if isinstance(value, str) else None
    return str(near) if near is not None and cells.fits(near) else None


def vector(value: Any) -> np.ndarray:
    """A list of numbers as an array, (columns,)."""
    flaws, more = row_flaws(value, "")
    if flaws:
        raise reject(*flaws, more=more)
    return np.array(value, dtype=float)


def matrix(value: Any, cells: Cells = NUMBERS) -> np.ndarray:
    """A list of equally long rows as an array, (rows, columns)."""
    if not isinstance(value, list | tuple) or not value:
        raise reject(Flaw("", describe(value), _ROWS))
    if not any(isinstance(row, list | tuple) for row in value):
        raise reject(Flaw("", f"{describe(value)} without rows", _ROWS))
    flaws: list[Flaw] = []
    more = 0
    for place, row in enumerate(value, 1):
        found, further = row_flaws(row, f"row {place}", cells, MOST_FAULTS - len(flaws))
        flaws, more = flaws + found, more + further
    widths = [len(row) if isinstance(row, list | tuple) else 0 for row in value]
    usual, times = Counter(widths).most_common(1)[0]
    others = "in most rows" if 2 * times > len(widths) else f"in row {widths.index(usual) + 1}"
    uneven = [place for place, width in enumerate(widths) if width not in (0, usual)]
    flaws += [
        Flaw(
            f"row {place + 1}",
            f"{widths[place]} number{'s' * (widths[place] != 1)}",
            f"{usual}, as {others}: all rows of a matrix are equally long",
        )
        for place in uneven[:MOST_FAULTS]
    ]
    if flaws:
        raise reject(*flaws, more=more + len(uneven[MOST_FAULTS:]))
    return np.array(value, dtype=float)


Matrix = Annotated[np.ndarray, BeforeValidator(matrix)]
Vector = Annotated[np.ndarray, BeforeValidator(vector)]
