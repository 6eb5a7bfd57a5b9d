"""One left operand, several products: the right operands stand side by side, each above its own result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box

LARGEST = (1.0, 0.5)
BETWEEN = 0.42
BAND = 0.58
LEAST = 0.45
WIDEST = 2.1  # of a column, in widths that its numbers need
LEGIBLE_ROW = 0.2
MOST_BELOW = 0.7


@dataclass(frozen=True)
class Branches:
    """Where the left operand, the right operands and the results stand; `band` is the gap between the two storeys."""

    left: Box
    rights: list[Box]
    results: list[Box]
    band: Box


def branch(
    left: Matrix,
    rights: Sequence[Matrix],
    results: Sequence[Matrix],
    box: Box,
    band: float = BAND,
    below: Sequence[float] = (),
) -> Branches:
    """Divide `box` among a left operand and the operands and results of its products, rows and columns level.

    below: the widths of what is written under each result.
    """
    labels = left.row_tokens.box.width + 0.16 if left.row_tokens is not None else 0.0
    tags = [max(a.tag.width, b.tag.width) for a, b in zip(rights, results, strict=True)]
    room = box.width - labels - BETWEEN * len(rights)
    widths = _widths(left, rights, results, room, tags)
    slots = [max(parts) for parts in zip(widths[1:], tags, below or tags, strict=True)]
    if sum(slots) + widths[0] > room:
        slots = widths[1:]
    upper, lower = _heights(box.height - band, rights[0].rows, left.rows, _numeric_row([left, *results], widths))
    total = labels + widths[0] + sum(slots) + BETWEEN * len(slots)
    x = box.x - total / 2 + labels
    top = box.y + (upper + lower + band) / 2
    middle, bottom = top - upper - band, top - upper - band - lower
    left_box = Box(x, x + widths[0], bottom, middle)
    x += widths[0]
    columns = []
    for slot, width in zip(slots, widths[1:], strict=True):
        x += BETWEEN
        columns.append((x + (slot - width) / 2, x + (slot + width) / 2))
        x += slot
    return Branches(
        left_box,
        [Box(a, b, top - upper, top) for a, b in columns],
        [Box(a, b, bottom, middle) for a, b in columns],
        Box(left_box.right, x, middle, top - upper),
    )


def _widths(
    left: Matrix, rights: Sequence[Matrix], results: Sequence[Matrix], room: float, tags: Sequence[float]
) -> list[float]:
    """Widths of the left operand and of each branch: wide enough for their numbers where there is room for all."""
    parts = [[left], *([a, b] for a, b in zip(rights, results, strict=True))]
    needs = [max(m.cells.smallest_numeric_pitch()[0] for m in part) * part[0].columns for part in parts]
    if all(m.cells.numeric for part in parts for m in part) and sum(needs) <= room:
        grown = min(room / sum(needs), WIDEST)
        return [min(need * grown, LARGEST[0] * part[0].columns) for need, part in zip(needs, parts, strict=True)]
    roots = np.sqrt([part[0].columns for part in parts])
    shares = room * roots / roots.sum()
    least = np.array([left.tag.width, *tags])
    if least.sum() <= room:
        shares = least + (room - least.sum()) * roots / roots.sum()
    return [float(min(share, LARGEST[0] * part[0].columns)) for share, part in zip(shares, parts, strict=True)]


def _numeric_row(matrices: Sequence[Matrix], widths: Sequence[float]) -> float:
    """How high the rows of these matrices have to be for their numbers; 0 if they have no room in width."""
    fits = all(matrix.shows_numbers(width) for matrix, width in zip(matrices, widths, strict=True))
    return max(matrix.cells.smallest_numeric_pitch()[1] for matrix in matrices) if fits else 0.0


def _heights(room: float, upper: int, lower: int, numeric: float) -> tuple[float, float]:
    """Heights of the two storeys: rows equally high where they can be, or the lower ones as high as numbers need."""
    pitch = min(LARGEST[1], room / (upper + lower))
    if pitch < numeric and 1.01 * numeric * lower <= MOST_BELOW * room:
        below = 1.01 * numeric * lower
        return min(room - below, LARGEST[1] * upper), below
    if pitch >= LEGIBLE_ROW:
        return pitch * upper, pitch * lower
    below = min(max(room * np.sqrt(lower) / (np.sqrt(lower) + np.sqrt(upper)), LEGIBLE_ROW * lower), room - LEAST)
    return min(room - below, LARGEST[1] * upper), min(below, LARGEST[1] * lower)
