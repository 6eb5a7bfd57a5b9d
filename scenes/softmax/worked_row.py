"""The worked row: one row of a softmax at every stage, one line under the other, and bars that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import VGroup, VMobject

from core.trace import Reading, Tensor
from scenes.stage.charts.range_bars import RangeBars
from scenes.stage.matrix.row_lines import RowLines
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Panel
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SPACE, STAGE, TEXT, Box, box_of
from scenes.stage.paint.theme import Theme

LINE_GAP = 0.09
LARGEST_LINE = 0.42
LARGEST_CELL_WIDTH = 0.9
TALLEST_BARS = 2.4  # under all lines
LEGIBLE = 0.9  # of the size in which an equation is written, at which its exponents still can be read
WIDEST_NOTE = 2.2  # of what comes of a line
INVARIANCE = (  # i and j no smaller than the exponents that they stand in
    "e^(x_script(i) - m) / (sum_j e^(x_script(j) - m)) = "
    "(e^(-m) thin e^(x_script(i))) / (e^(-m) thin sum_j e^(x_script(j)))"
)


class WorkedRow(RowLines):
    """Token labels, one line of cells per stage, what is done on the left, what comes of it on the right, bars below.

    lines: the row at each stage as a matrix of one row; operations, notes: one label per line (None: none).
    Where not all columns have room for numbers, those of the largest results have, and the others show colour and bar.
    """

    def __init__(
        self,
        lines: Sequence[Tensor],
        meanings: Sequence[str],
        tokens: Sequence[str],
        operations: Sequence[Label],
        notes: Sequence[Label],
        theme: Theme,
    ) -> None:
        super().__init__(lines, meanings, operations, theme)
        self.tokens = TokenAxis(tokens, "columns", theme)
        self.notes = [shrink(note, min(note.width, WIDEST_NOTE), theme, LABEL) if note.text else note for note in notes]
        self.bars = RangeBars(len(tokens), Box(0, 1, 0, 1), theme)
        self.add(self.tokens, *self.notes, self.bars)

    @property
    def parts(self) -> list[VMobject]:
        """Everything it consists of."""
        return [self.tokens, *self.lines, *self.operations, *self.notes, self.bars]

    @property
    def room(self) -> tuple[float, float]:
        """Widths that the labels on the left and on the right of the cells need."""
        return self.left_room, max(label.width for label in self.notes) + SPACE

    def place(self, box: Box, bars: float = 0.4) -> WorkedRow:
        """Fill `box`, cells and labels together; `bars` is the share of its height that the bars take."""
        left, right = self.room
        width = min(box.width - left - right, self.lines[0].columns * LARGEST_CELL_WIDTH)
        start = box.x - (left + width + right) / 2 + left
        largest = np.argsort(-self.lines[-1].tensor.values[0], kind="stable")
        self.bars.widths = widths = self.open_columns([int(column) for column in largest], width)
        self.tokens.place(Box(start, start + width, 0, 0), widths)
        top = box.top - self.tokens.box.height - SPACE
        rest = top - box.bottom
        height = min((1 - bars) * rest / len(self.lines) - LINE_GAP, LARGEST_LINE)
        for number, note in enumerate(self.notes):
            upper = top - number * (height + LINE_GAP)
            self.place_line(number, Box(start, start + width, upper - height, upper))
            note.move_to([start + width + SPACE + note.width / 2, upper - height / 2, 0])
        self.tokens.place(self.lines[0].box, widths)
        self.floor = max(box.bottom, self.lines[-1].box.bottom - GAP - TALLEST_BARS)
        self.bars_under(len(self.lines))
        return self

    def bars_under(self, lines: int, bars: RangeBars | None = None, below: VMobject | None = None) -> Any:
        """The bars, or their animation, fill the room under the first so many lines, and below something else."""
        last = self.lines[lines - 1].box
        top = last.bottom if below is None else min(last.bottom, float(below.get_bottom()[1]) + HAIR)
        return (bars or self.bars).set_box(Box(last.left, last.right, self.floor, top - GAP))

    def lines_to_come(self, lines: int) -> Box:
        """The room of all lines after the first so many."""
        last = self.lines[-1].box
        return Box(last.left, last.right, last.bottom, self.lines[lines - 1].box.bottom - LINE_GAP)

    @property
    def whole(self) -> Box:
        """The box of everything."""
        cells, (left, right) = self.lines[0].box, self.room
        return Box(cells.left - left, max(cells.right + right, self.tokens.box.right), self.bars.box.bottom,
                   self.tokens.box.top)  # fmt: skip


def invariance(box: Box, theme: Theme) -> VGroup:
    """Why subtracting the same from every score changes no weight, on a panel."""
    equation = formula(INVARIANCE, theme.ink, theme.size(TEXT))
    equation.scale(max(LEGIBLE, min(1.0, (box.height - 2 * HAIR) / equation.height)))
    y = min(box.y, box.top - HAIR - equation.height / 2)
    equation.move_to([min(box.x, STAGE.right - GAP - equation.width / 2), y, 0])
    return VGroup(Panel(box_of(equation).grown(0.12), theme), equation)


def division(part: Reading, total: Reading, share: Reading, centre: tuple[float, float], theme: Theme) -> VGroup:
    """`1.00 ÷ 1.20 ≈ 0.83` on a panel; it says = only where nothing is rounded away, and → where 0 ÷ 0 is defined.

    Without decimals the share is a percentage.
    """
    equals = "=" if all(reading.exact for reading in (part, total, share)) else "≈"
    runs = [
        Run(part.text, theme.hue("scores"), (part,)),
        Run("  ÷  ", theme.quiet),
        Run(total.text, theme.ink, (total,)),
        Run(f"  {equals if total.value else '→'}  ", theme.quiet),
        Run(share.text if share.decimals else share.percent, theme.hue("weights"), (share,)),
    ]
    line = Label(runs, theme.size(TEXT), theme.ink)
    line.move_to([min(centre[0], STAGE.right - GAP - line.width / 2), centre[1], 0])
    return VGroup(Panel(box_of(line).grown(0.2), theme), line)
