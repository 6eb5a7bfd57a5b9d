"""One row of numbers at several stages: a line of cells for each, and what is done there on its left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import VGroup

from core.trace import Tensor
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.opening import narrow_column, opened_widths
from scenes.stage.matrix.token_axis import even_widths
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import SPACE, Box
from scenes.stage.paint.theme import Theme

SLACK = 1.02  # of the width that numbers need, so that rounding takes none of them away


class RowLines(VGroup):
    """lines: the row at each stage as a matrix of one row; operations: a label for each. AIR stands between the two."""

    AIR: ClassVar[float] = SPACE

    def __init__(
        self, lines: Sequence[Tensor], meanings: Sequence[str], operations: Sequence[Label], theme: Theme
    ) -> None:
        super().__init__()
        self.lines = [Matrix(t, m, theme, reserve=lines).without_slots() for t, m in zip(lines, meanings, strict=True)]
        self.operations = list(operations)
        self.widths = even_widths(self.lines[0].columns)
        self.add(*self.lines, *self.operations)

    @property
    def numeric_column(self) -> float:
        """The width of a column at which its numbers can be read."""
        return self.lines[0].cells.smallest_numeric_pitch()[0] * SLACK

    def numeric_width(self) -> float:
        """The width of the cells at which all their numbers can be read."""
        return self.lines[0].columns * self.numeric_column

    def open_columns(self, first: Sequence[int], room: float, *, labelled: bool = True) -> np.ndarray:
        """In `room` give these columns, the first first, the width that their numbers need, and the others the rest.

        labelled: whether tokens stand over the columns.
        """
        columns, narrow = self.lines[0].columns, narrow_column(self.lines[0].theme, labelled=labelled)
        self.widths = opened_widths(columns, first, room, self.numeric_column / SLACK, narrow)
        for line in self.lines:
            line.cells.widths = self.widths
        return self.widths

    @property
    def left_room(self) -> float:
        """The width that the operations need on the left of the cells."""
        return max(label.width for label in self.operations) + self.AIR

    def place_line(self, number: int, box: Box) -> None:
        """Put the cells of one line into `box`; its operation follows."""
        operation = self.operations[number]
        self.lines[number].place(box)
        operation.move_to([box.left - self.AIR - operation.width / 2, box.y, 0])
