"""The bench on which a single row is worked: its numbers at every stage, and bars."""

from __future__ import annotations

from collections.abc import Sequence

from core.trace import Tensor
from scenes.stage.charts.spread_bars import SpreadBars
from scenes.stage.matrix.row_lines import RowLines
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import TIGHT, Box
from scenes.stage.paint.theme import Theme

LARGEST_CELL = (0.95, 0.42)
LINE_GAP = TIGHT
BARS_SHARE = 0.4
MARK_ROOM = 0.3
TALLEST_BARS = 3.0


class RowBench(RowLines):
    """One row at several stages: a line of cells for each, what is done there on the left, and bars that follow it.

    lines: the row at each stage (1, d_model); operations: a label a line; room: what stands to the right of the bars;
    beneath: how many of the lines stand under the bars, the others stand above.
    """

    AIR = 0.16

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
        super().__init__(lines, meanings, operations, theme)
        self.theme, self.room = theme, room
        self.above = len(self.lines) - beneath
        self.bars = SpreadBars(self.lines[0].columns, Box(0, 1, 0, 1), theme)
        self.add(self.bars)

    def numeric_width(self) -> float:
        """The width that everything needs for the numbers to be legible."""
        return super().numeric_width() + self._sides

    @property
    def _sides(self) -> float:
        return self.left_room + self.room

    def place(self, box: Box) -> RowBench:
        """Fill `box`, lines above the bars and perhaps beneath them; where not all numbers fit, the first ones do."""
        width = min(box.width - self._sides, self.lines[0].columns * LARGEST_CELL[0])
        left = box.x - (width + self._sides) / 2 + self.left_room
        self.bars.widths = self.open_columns(range(self.lines[0].columns), width, labelled=False)
        height = min((1 - BARS_SHARE) * box.height / len(self.lines) - LINE_GAP, LARGEST_CELL[1])
        pitch = height + LINE_GAP
        groups = [group for group in (self.lines[: self.above], self.lines[self.above :]) if group]
        taken = sum(len(group) * pitch - LINE_GAP + MARK_ROOM for group in groups)
        bars = min(TALLEST_BARS, box.height - taken)
        top = box.y + (taken + bars) / 2
        ceiling = top - self.above * pitch + LINE_GAP - MARK_ROOM
        self.bars.set_box(Box(left, left + width, ceiling - bars, ceiling))
        for number in range(len(self.lines)):
            below = number - self.above
            upper = top - number * pitch if below < 0 else ceiling - bars - MARK_ROOM - below * pitch
            self.place_line(number, Box(left, left + width, upper - height, upper))
        return self

    def beside(self, label: Label, value: float) -> Label:
        """Place a label to the right of the bars, level with a value."""
        return label.move_to([self.bars.box.right + self.AIR + label.width / 2, self.bars.level(value), 0])
