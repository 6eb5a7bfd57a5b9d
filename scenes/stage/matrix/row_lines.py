"""One row of numbers at several stages: a line of cells for each, and what is done there on its left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import VGroup

from core.trace import Tensor
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import SPACE, Box
from scenes.stage.paint.theme import Theme


class RowLines(VGroup):
    """lines: the row at each stage as a matrix of one row; operations: a label for each. AIR stands between the two."""

    AIR: ClassVar[float] = SPACE

    def __init__(
        self, lines: Sequence[Tensor], meanings: Sequence[str], operations: Sequence[Label], theme: Theme
    ) -> None:
        super().__init__()
        self.lines = [Matrix(t, m, theme, reserve=lines).without_slots() for t, m in zip(lines, meanings, strict=True)]
        self.operations = list(operations)
        self.add(*self.lines, *self.operations)

    def numeric_width(self) -> float:
        """The width of the cells at which their numbers can be read."""
        return self.lines[0].columns * self.lines[0].cells.smallest_numeric_pitch()[0] * 1.02

    @property
    def left_room(self) -> float:
        """The width that the operations need on the left of the cells."""
        return max(label.width for label in self.operations) + self.AIR

    def place_line(self, number: int, box: Box) -> None:
        """Put the cells of one line into `box`; its operation follows."""
        operation = self.operations[number]
        self.lines[number].place(box)
        operation.move_to([box.left - self.AIR - operation.width / 2, box.y, 0])
