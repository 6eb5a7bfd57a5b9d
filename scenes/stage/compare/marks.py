"""What differs between two matrices, lit: a ring around each cell, and the differences themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from manim import VMobject

from core.trace import Tensor
from core.trace.difference import Difference
from scenes.stage.chapter.bridge import Address, by_address
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.layout import Box, around
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme

LIT = 0.6  # of the light of cells: those below have stepped back


class Rings(Painted):
    """A ring around each of some boxes, in the ink of the focus; around those that are told of a stouter one."""

    MARGIN = 0.1
    STROKE, STOUT, CASING = 0.018, 0.045, 0.03  # the casing parts a ring from what is as bright as it
    RADIUS = 0.06
    QUIET = 0.7  # opacity of those around the others

    def __init__(self, boxes: Sequence[Box], told: Sequence[Box], theme: Theme) -> None:
        self.boxes, self.told, self.ground = tuple(boxes), tuple(told), theme.background
        super().__init__(around(*boxes, *told), theme.hue("focus"))

    def paint(self, brush: Brush) -> None:
        for box in self.boxes:
            self._ring(brush, box, self.QUIET, self.STROKE)
        for box in self.told:
            self._ring(brush, box, 1.0, self.STOUT)

    def _ring(self, brush: Brush, box: Box, opacity: float, width: float) -> None:
        for colour, more in ((self.ground, self.CASING), (self.colour, 0.0)):
            brush.rounded(box.left, box.bottom, box.width, box.height, self.RADIUS)
            brush.stroke(colour, opacity * self.opacity, width + more)


@dataclass(frozen=True)
class Pair:
    """The same matrix on both sides, as it stands there. address: which it is."""

    address: Address
    first: Cells
    second: Cells

    @cached_property
    def difference(self) -> Difference:
        return Difference(_shown(self.first), _shown(self.second))

    @cached_property
    def differs(self) -> np.ndarray:
        """Which cells are there on both sides, have not stepped back, and differ, boolean.  # (rows, columns)"""
        there = [(cells.shown > 0) & (cells.light > LIT) for cells in (self.first, self.second)]
        both: np.ndarray = self.difference.differs & there[0] & there[1]
        return both

    @property
    def count(self) -> int:
        return int(self.differs.sum())

    @property
    def most(self) -> tuple[int, int]:
        """The cell that differs most."""
        row, column = self.difference.largest_of(self.differs)
        return row, column

    def rings(self, theme: Theme, *, told: bool) -> list[Rings]:
        """Around what differs, on both sides, unless everything does; told: around what differs most, anyway."""
        places = [] if self.differs.all() else [tuple(place) for place in np.argwhere(self.differs).tolist()]
        most = [self.most] if told else []
        return [
            Rings([cells.part_box(*place) for place in places], [cells.part_box(*place) for place in most], theme)
            for cells in (self.first, self.second)
            if places or most
        ]

    def map(self, theme: Theme) -> Cells:
        """The differences, B − A, in the place of the second."""
        cells = Cells(self.difference.tensor, "x", theme)
        cells.shown, cells.widths = self.differs.astype(float), self.second.widths
        return cells.set_box(self.second.box)


def pairs(first: Sequence[VMobject], second: Sequence[VMobject]) -> list[Pair]:
    """The matrices that stand on both sides with one shape, the largest first."""
    here, there = by_address(first), by_address(second)
    both = [Pair(address, cells, there[address]) for address, cells in here.items() if address in there]
    return sorted(both, key=lambda pair: -pair.first.box.width * pair.first.box.height)


def unlike(first: Sequence[VMobject], second: Sequence[VMobject]) -> tuple[Cells, Cells] | None:
    """A matrix that stands on both sides with different shapes, if there is one."""
    here, there = by_address(first), by_address(second)
    for address, cells in here.items():
        for other, partner in there.items():
            if (address.tensor, address.first) == (other.tensor, other.first) and address.shape != other.shape:
                return cells, partner
    return None


def _shown(cells: Cells) -> Tensor:
    """The numbers that stand in cells now: those that were set last."""
    if not cells.numeric:
        return cells.tensor
    first = cells.readings[0, 0]
    values = np.array([[reading.value for reading in row] for row in cells.readings])
    decimals = max(reading.decimals for reading in cells.readings.flat)
    tensor = cells.tensor
    return Tensor(first.name, values, tensor.axes, tensor.labels, None, decimals, first.index[: -len(values.shape)])
