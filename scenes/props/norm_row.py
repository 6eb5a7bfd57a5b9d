"""One row through layer norm: a line of cells for each stage, and bars that follow, with the mean and the deviation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import VGroup

from core.trace import Tensor
from scenes.stage.label import Label
from scenes.stage.layout import SMALLEST_FONT, Box
from scenes.stage.matrix import Matrix
from scenes.stage.painting import Brush, Painted, PrintedText
from scenes.stage.theme import Colour, Theme
from scenes.stage.typography import CAP_HEIGHT, text_width

SPACE = 0.16
LARGEST_CELL = (0.95, 0.42)
LINE_GAP = 0.1
BARS_SHARE = 0.4
MARK_ROOM = 0.3
TALLEST_BARS = 3.0


class NormBars(Painted):
    """Bars of a row, a line at their mean, and a band as wide as their deviation to either side of it.

    State: `heights` (bars,), `tint`, `mean`, `band` (half its width), `lines` (how visible mean and band are),
    `low` and `high` of the range, `unit` (whether 1 and −1 are marked).
    """

    STATE: ClassVar[tuple[str, ...]] = ("heights", "tint", "mean", "band", "lines", "low", "high", "unit")

    def __init__(self, count: int, box: Box, theme: Theme) -> None:
        self.theme = theme
        self.heights, self.tint = np.zeros(count), np.array(theme.hue("output"))
        self.mean, self.band, self.lines = np.zeros(1), np.zeros(1), np.zeros(2)
        self.low, self.high, self.unit = -np.ones(1), np.ones(1), np.zeros(1)
        super().__init__(box, theme.quiet)

    def span(self, low: float, high: float) -> NormBars:
        """Reach from one value to the other."""
        self.low, self.high = np.array([low]), np.array([high])
        return self

    def show(self, values: np.ndarray, colour: Colour) -> NormBars:
        self.heights, self.tint = np.asarray(values, dtype=float), np.array(colour)
        return self

    def mark(self, mean: float, band: float, *, line: float, width: float, unit: float = 0.0) -> NormBars:
        """Draw the mean and the band, as visible as `line` and `width` say."""
        self.mean, self.band = np.array([mean]), np.array([band])
        self.lines, self.unit = np.array([line, width]), np.array([unit])
        return self

    def level(self, value: float) -> float:
        """The height on screen of a value."""
        low, high = float(self.low[0]), float(self.high[0])
        return self.box.bottom + (value - low) / ((high - low) or 1.0) * self.box.height

    def paint(self, brush: Brush) -> None:
        box, middle, half = self.box, float(self.mean[0]), float(self.band[0])
        if self.lines[1] > 0:
            low, high = self.level(middle - half), self.level(middle + half)
            brush.rounded(box.left, low, box.width, high - low, 0)
            brush.fill(self.theme.hue("focus"), 0.16 * self.opacity * float(self.lines[1]))
        self._bars(brush)
        self._rule(brush, 0.0, self.theme.quiet, 0.8, 0.014)
        if self.lines[0] > 0:
            self._rule(brush, middle, self.theme.hue("focus"), float(self.lines[0]), 0.035)
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, text.size)
            brush.fill(text.colour, text.opacity)

    def _bars(self, brush: Brush) -> None:
        pitch = self.box.width / len(self.heights)
        for index, value in enumerate(self.heights):
            low, high = sorted((self.level(0.0), self.level(float(value))))
            left, width = self.box.left + (index + 0.19) * pitch, 0.62 * pitch
            if high - low > 1e-4:
                brush.rounded(left, low, width, high - low, min(0.04, width / 4, (high - low) / 2))
                brush.fill(self.tint if value > 0 else self.theme.negative, self.opacity)

    def _rule(self, brush: Brush, value: float, colour: Colour, opacity: float, width: float) -> None:
        brush.context.move_to(self.box.left, self.level(value))
        brush.context.line_to(self.box.right, self.level(value))
        brush.stroke(colour, opacity * self.opacity, width)

    def printed(self) -> list[PrintedText]:
        """The marks 0, 1 and −1 of its scale."""
        unit = self.opacity * float(self.unit[0])
        return [self._mark("0", 0.0, self.opacity), *(self._mark(t, v, unit) for t, v in (("1", 1.0), ("−1", -1.0)))]

    def _mark(self, text: str, value: float, opacity: float) -> PrintedText:
        right, middle = self.box.left - 0.1, self.level(value)
        half = CAP_HEIGHT * SMALLEST_FONT / 2
        box = Box(right - text_width(text, SMALLEST_FONT), right, middle - half, middle + half)
        colour = np.asarray(self.theme.quiet)
        return PrintedText(text, box, SMALLEST_FONT, colour, None, structural=True, opacity=opacity)


class NormRow(VGroup):
    """The lines of one row's way through layer norm, what is done on the left of each, and bars.

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
        self.bars = NormBars(self.lines[0].columns, Box(0, 1, 0, 1), theme)
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

    def place(self, box: Box) -> NormRow:
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


def common_range(*rows: np.ndarray) -> tuple[float, float]:
    """Lowest and highest value of the rows' bars, both sides of 0 and a little air."""
    values = np.concatenate([row.ravel() for row in rows])
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    air = 0.06 * ((high - low) or 1.0)
    return low - air, high + air
