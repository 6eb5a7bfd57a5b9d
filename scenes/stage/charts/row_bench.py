"""The bench on which a single row is worked: its numbers at every stage, and bars."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from core.trace import Tensor
from scenes.stage.charts.spread_bars import SpreadBars
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import Box
from scenes.stage.paint.theme import Theme

SPACE = 0.16
LARGEST_CELL = (0.95, 0.42)
LINE_GAP = 0.1
BARS_SHARE = 0.4
MARK_ROOM = 0.3
TALLEST_BARS = 3.0


class RowBench(VGroup):
    """One row at several stages: a line of cells for each, what is done there on the left, and bars that follow it.

    lines: the row at each stage (1, d_model); operations: a label a line; room: what stands to the right of the bars;
    beneath: how many of the lines stand under the bars, the others stand above.
    """

    def __init__(
        self,
        lines: Sequence[Tensor],
        meanings: Sequence[str],
        operations: Sequence[Label],
        room: float,
        theme: Theme,
        *,
        beneath: int = 0,
    ) -> None:
        super().__init__()
        self.theme, self.room = theme, room
        self.lines = [Matrix(t, m, theme, reserve=lines).without_slots() for t, m in zip(lines, meanings, strict=True)]
        self.operations = list(operations)
        self.above = len(self.lines) - beneath
        self.bars = SpreadBars(self.lines[0].columns, Box(0, 1, 0, 1), theme)
        self.add(*self.lines, *self.operations, self.bars)

    def numeric_width(self) -> float:
        """The width that everything needs for the numbers to be legible."""
        return self.lines[0].columns * self.lines[0].cells.smallest_numeric_pitch()[0] * 1.02 + self._sides

    @property
    def _left(self) -> float:
        return max(label.width for label in self.operations) + SPACE

    @property
    def _sides(self) -> float:
        return self._left + self.room

    def place(self, box: Box) -> RowBench:
        """Stand in `box`, lines above the bars and perhaps beneath them."""
        width = min(box.width - self._sides, self.lines[0].columns * LARGEST_CELL[0])
        left = box.x - (width + self._sides) / 2 + self._left
        height = min((1 - BARS_SHARE) * box.height / len(self.lines) - LINE_GAP, LARGEST_CELL[1])
        pitch = height + LINE_GAP
        groups = [group for group in (self.lines[: self.above], self.lines[self.above :]) if group]
        taken = sum(len(group) * pitch - LINE_GAP + MARK_ROOM for group in groups)
        bars = min(TALLEST_BARS, box.height - taken)
        top = box.y + (taken + bars) / 2
        ceiling = top - self.above * pitch + LINE_GAP - MARK_ROOM
        self.bars.set_box(Box(left, left + width, ceiling - bars, ceiling))
        for number, (line, operation) in enumerate(zip(self.lines, self.operations, strict=True)):
            below = number - self.above
            upper = top - number * pitch if below < 0 else ceiling - bars - MARK_ROOM - below * pitch
            line.place(Box(left, left + width, upper - height, upper))
            operation.move_to([left - SPACE - operation.width / 2, line.box.y, 0])
        return self

    def beside(self, label: Label, value: float) -> Label:
        """Stand to the right of the bars, level with a value."""
        return label.move_to([self.bars.box.right + SPACE + label.width / 2, self.bars.level(value), 0])
