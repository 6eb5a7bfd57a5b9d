"""Checks of single values in a file that people write: what was found, what is allowed, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from core.examples.faults import describe, listed, nearest, quote

LARGEST_NUMBER = 1e6


class Table(BaseModel):
    """Named fields, no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Flaw(NamedTuple):
    """One thing wrong inside a field: where in it, what was found, what is allowed, the nearest valid name."""

    where: str
    found: str
    allowed: str
    suggestion: str | None = None


def reject(*flaws: Flaw) -> PydanticCustomError:
    """The error by which a check tells pydantic all that is wrong with a field."""
    return PydanticCustomError("flaws", "not allowed", {"flaws": flaws})


# --- single values ----------------------------------------------------------------------------------------------------


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise reject(Flaw("", describe(value), f"a whole number from {low} to {high}"))
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
            raise reject(Flaw("", describe(value), "true or false"))
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


def number_flaw(value: Any, where: str) -> Flaw | None:
    """What is wrong with a number of a row."""
    allowed = f"finite numbers from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Flaw(where, describe(value), allowed)
    if not abs(value) <= LARGEST_NUMBER:
        return Flaw(where, describe(value), allowed)
    return None


NumberCheck = Callable[[Any, str], Flaw | None]


def row_flaws(row: Any, where: str, check: NumberCheck = number_flaw) -> list[Flaw]:
    """What is wrong with a list of numbers; `where` says which row it is."""
    if not isinstance(row, list | tuple):
        return [Flaw(where, describe(row), "a list of numbers [1, 2, …]")]
    if not row:
        return [Flaw(where, "an empty row", "a list of numbers [1, 2, …]")]
    prefix = f"{where}, column" if where else "number"
    found = (check(value, f"{prefix} {column}") for column, value in enumerate(row, 1))
    return [flaw for flaw in found if flaw]


def vector(value: Any) -> np.ndarray:
    """A list of numbers as an array, (columns,)."""
    if flaws := row_flaws(value, ""):
        raise reject(*flaws)
    return np.array(value, dtype=float)


def matrix(value: Any, check: NumberCheck = number_flaw) -> np.ndarray:
    """A list of equally long rows as an array, (rows, columns)."""
    if not isinstance(value, list | tuple) or not value:
        raise reject(Flaw("", describe(value), "a matrix: a list of rows [[1, 2], [3, 4]]"))
    flaws = [flaw for place, row in enumerate(value, 1) for flaw in row_flaws(row, f"row {place}", check)]
    widths = [len(row) if isinstance(row, list | tuple) else 0 for row in value]
    usual = max(widths, key=widths.count)
    flaws += [
        Flaw(f"row {place}", f"{width} numbers", f"{usual}, as in most rows: all rows of a matrix are equally long")
        for place, width in enumerate(widths, 1)
        if width not in (0, usual)
    ]
    if flaws:
        raise reject(*flaws)
    return np.array(value, dtype=float)


Matrix = Annotated[np.ndarray, BeforeValidator(matrix)]
Vector = Annotated[np.ndarray, BeforeValidator(vector)]
