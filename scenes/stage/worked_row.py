"""The worked row: one row of a softmax at every stage, one line under the other, and bars that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import VGroup, VMobject

from core.trace import Reading, Tensor
from scenes.stage.focus import Panel
from scenes.stage.formula import formula
from scenes.stage.label import Label, Run
from scenes.stage.layout import SMALLEST_FONT, Box, box_of
from scenes.stage.matrix import Matrix
from scenes.stage.painting import Brush, Painted, PrintedText
from scenes.stage.theme import Colour, Theme
from scenes.stage.token_axis import TokenAxis
from scenes.stage.typography import CAP_HEIGHT, text_width

SPACE = 0.14
LINE_GAP = 0.09
LARGEST_LINE = 0.42
LARGEST_CELL_WIDTH = 0.9
INVARIANCE = "e^(x_i - m) / (sum_j e^(x_j - m)) = (e^(x_i) e^(-m)) / (sum_j e^(x_j) e^(-m)) = e^(x_i) / (sum_j e^(x_j))"


class RangeBars(Painted):
    """Bars over a range: they stand on the line of zero, or hang from it where they are negative.

    State: `heights`, `tints`, `light` of each bar, `low` and `high` of the range, `unit` (whether a line marks 1).
    """

    STATE: ClassVar[tuple[str, ...]] = ("heights", "tints", "light", "low", "high", "unit")

    def __init__(self, count: int, box: Box, theme: Theme) -> None:
        self.theme = theme
        self.heights = np.zeros(count)
        self.tints = np.tile(np.asarray(theme.ink), (count, 1))
        self.light = np.ones(count)
        self.low, self.high, self.unit = np.zeros(1), np.ones(1), np.zeros(1)
        super().__init__(box, theme.quiet)

    def show(self, values: np.ndarray, low: float, high: float, colour: Colour, *, unit: bool = False) -> RangeBars:
        """Take these values; −∞ hangs to the bottom of the range, faintly."""
        self.light = np.where(np.isneginf(values), 0.25, 1.0)
        self.heights = np.where(np.isneginf(values), low, values)
        self.low, self.high, self.unit = np.array([low]), np.array([high]), np.array([float(unit)])
        self.tints = np.tile(np.asarray(colour), (len(self.heights), 1))
        return self

    def level(self, value: float) -> float:
        """The height on screen of a value."""
        low, high = float(self.low[0]), float(self.high[0])
        return self.box.bottom + (value - low) / ((high - low) or 1.0) * self.box.height

    def bar_box(self, index: int) -> Box:
        pitch = self.box.width / len(self.heights)
        left = self.box.left + (index + 0.16) * pitch
        low, high = sorted((self.level(0.0), self.level(float(self.heights[index]))))
        return Box(left, left + 0.68 * pitch, low, high)

    def paint(self, brush: Brush) -> None:
        for index, tint in enumerate(self.tints):
            bar = self.bar_box(index)
            if bar.height > 1e-4:
                brush.rounded(bar.left, bar.bottom, bar.width, bar.height, min(0.04, bar.width / 4, bar.height / 2))
                brush.fill(tint, self.opacity * self.light[index])
        self._rule(brush, 0.0, 0.8)
        if self.unit[0] > 0:
            self._rule(brush, 1.0, 0.35 * float(self.unit[0]))
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, SMALLEST_FONT)
            brush.fill(self.theme.quiet, text.opacity)

    def _rule(self, brush: Brush, value: float, opacity: float) -> None:
        brush.context.move_to(self.box.left, self.level(value))
        brush.context.line_to(self.box.right, self.level(value))
        brush.stroke(self.theme.quiet, opacity * self.opacity, 0.014)

    def printed(self) -> list[PrintedText]:
        """The marks 0 and 1 of its scale."""
        marks = [("0", 0.0, self.opacity), ("1", 1.0, self.opacity * float(self.unit[0]))]
        return [self._mark(text, value, opacity) for text, value, opacity in marks if opacity > 0]

    def _mark(self, text: str, value: float, opacity: float) -> PrintedText:
        right, middle = self.box.left - 0.1, self.level(value)
        half = CAP_HEIGHT * SMALLEST_FONT / 2
        box = Box(right - text_width(text, SMALLEST_FONT), right, middle - half, middle + half)
        colour = np.asarray(self.theme.quiet)
        return PrintedText(text, box, SMALLEST_FONT, colour, None, structural=True, opacity=opacity)


class WorkedRow(VGroup):
    """Token labels, one line of cells per stage, what is done on the left, what comes of it on the right, bars below.

    lines: the row at each stage as a matrix of one row; operations, notes: one label per line (None: none).
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
        super().__init__()
        self.lines = [Matrix(t, m, theme, reserve=lines).without_slots() for t, m in zip(lines, meanings, strict=True)]
        self.tokens = TokenAxis(tokens, "columns", theme)
        self.operations, self.notes = list(operations), list(notes)
        self.bars = RangeBars(len(tokens), Box(0, 1, 0, 1), theme)
        self.add(*self.parts)

    @property
    def parts(self) -> list[VMobject]:
        """Everything it consists of."""
        return [self.tokens, *self.lines, *self.operations, *self.notes, self.bars]

    @property
    def room(self) -> tuple[float, float]:
        """Widths that the labels on the left and on the right of the cells need."""
        left, right = (max(label.width for label in side) for side in (self.operations, self.notes))
        return left + SPACE, right + SPACE

    def numeric_width(self) -> float:
        """The width of the cells at which their numbers can be read."""
        return self.lines[0].columns * self.lines[0].cells.smallest_numeric_pitch()[0] * 1.02

    def place(self, box: Box, bars: float = 0.4) -> WorkedRow:
        """Stand in `box`, cells and labels together; `bars` is the share of its height that the bars take."""
        left, right = self.room
        width = min(box.width - left - right, self.lines[0].columns * LARGEST_CELL_WIDTH)
        start = box.x - (left + width + right) / 2 + left
        self.tokens.fit(Box(start, start + width, 0, 0))
        top = box.top - self.tokens.box.height - 0.14
        rest = top - box.bottom
        height = min((1 - bars) * rest / len(self.lines) - LINE_GAP, LARGEST_LINE)
        for number, line in enumerate(self.lines):
            upper = top - number * (height + LINE_GAP)
            line.place(Box(start, start + width, upper - height, upper))
            self.operations[number].move_to([start - SPACE - self.operations[number].width / 2, upper - height / 2, 0])
            self.notes[number].move_to([start + width + SPACE + self.notes[number].width / 2, upper - height / 2, 0])
        self.tokens.fit(self.lines[0].box)
        ceiling = self.lines[-1].box.bottom - 0.24
        self.bars.set_box(Box(start, start + width, max(box.bottom, ceiling - 2.2), ceiling))
        return self

    @property
    def whole(self) -> Box:
        """The box of everything."""
        cells, (left, right) = self.lines[0].box, self.room
        return Box(cells.left - left, max(cells.right + right, self.tokens.box.right), self.bars.box.bottom,
                   self.tokens.box.top)  # fmt: skip


def invariance(box: Box, theme: Theme) -> VGroup:
    """Why subtracting the same from every score changes no weight, on a panel."""
    equation = formula(INVARIANCE, theme.ink, 0.34)
    equation.scale(min(1.0, (box.width - 0.4) / equation.width, (box.height - 0.16) / equation.height))
    equation.move_to(box.centre)
    return VGroup(Panel(box_of(equation).grown(0.12), theme), equation)


def division(part: Reading, total: Reading, share: Reading, centre: tuple[float, float], theme: Theme) -> VGroup:
    """`1.00 ÷ 1.20 ≈ 0.83` on a panel; it says = only where nothing is rounded away."""
    equals = "=" if all(reading.exact for reading in (part, total, share)) else "≈"
    runs = [
        Run(part.text, theme.hue("scores"), (part,)),
        Run("  ÷  ", theme.quiet),
        Run(total.text, theme.ink, (total,)),
        Run(f"  {equals}  ", theme.quiet),
        Run(share.text, theme.hue("weights"), (share,)),
    ]
    line = Label(runs, 0.32, theme.ink).move_to([*centre, 0])
    return VGroup(Panel(box_of(line).grown(0.2), theme), line)
