"""Columns of unequal width: some opened for their numbers, the others narrow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenes.stage.paint.layout import SMALL
from scenes.stage.paint.theme import Theme

LEAST = 3
WIDEST = 1.25  # an opened column, in what its numbers need
LABELLED, BARE = 1.1, 0.75  # width of a narrow column in the smallest type: with an upright label over it, and without


def narrow_column(theme: Theme, *, labelled: bool = True) -> float:
    """The width of a column that is not opened."""
    return (LABELLED if labelled else BARE) * theme.size(SMALL)


def opened_count(count: int, room: float, wide: float, narrow: float) -> int:
    """How many of `count` columns can be `wide` in `room` while the others are `narrow`; LEAST where these can be less.

    Then the wide ones take up to half of the room.
    """
    if count * wide <= room:
        return count
    beside = int(max(0, room - count * narrow) // (wide - narrow))
    return min(count, max(beside, min(LEAST, int(0.5 * room // wide))))


def opened_widths(count: int, first: Sequence[int], room: float, wide: float, narrow: float) -> np.ndarray:
    """Widths of columns in `room` as shares of it: as many as can be of those in `first` are wide, the others narrow.

    All are alike where all can be wide, or none.
    """
    chosen = list(first)[: opened_count(count, room, wide, narrow)]
    widths = np.full(count, 1.0)
    if 0 < len(chosen) < count:
        others = count - len(chosen)
        opened = float(np.clip((room - others * narrow) / len(chosen), wide, WIDEST * wide))
        widths[:] = (room - len(chosen) * opened) / others
        widths[chosen] = opened
    return widths / widths.sum()
