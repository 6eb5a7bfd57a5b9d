"""What is worked through, where somebody says it rather than the numbers: a query, a key, a head, a row, a word."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Focus:
    """Places from 0; None, and a place that there is not: what the numbers find most telling.

    query, key: of the sentence, in the chapters on attention; head: of all heads; row: of X, in the chapters on the
    model; word: of what is said, by the model that translates or predicts.

    Raises ValueError for a place below 0.
    """

    query: int | None = None
    key: int | None = None
    head: int | None = None
    row: int | None = None
    word: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            place = getattr(self, field.name)
            if place is not None and place < 0:
                raise ValueError(f"{field.name}: found {place}; allowed: a place from 0")


TELLING = Focus()  # nobody says; the numbers do


def place_in(wanted: int | None, count: int) -> int | None:
    """The place that is wanted, if there are so many; else None."""
    return wanted if wanted is not None and wanted < count else None


def within(values: np.ndarray, *wanted: int | None) -> np.ndarray:
    """The values, with −∞ wherever the focus is not: in all places of an axis but the one wanted, if one is.

    wanted: for each axis of the values, from the first on.
    """
    seen = np.ones(values.shape, dtype=bool)
    for axis, place in enumerate(wanted):
        if (here := place_in(place, values.shape[axis])) is not None:
            others = np.arange(values.shape[axis]) != here
            seen &= ~others.reshape([-1 if other == axis else 1 for other in range(values.ndim)])
    return np.where(seen, values, -np.inf)
