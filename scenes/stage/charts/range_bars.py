"""Bars over a range of values, positive and negative."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import GAP, SMALL, TIGHT, Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width


class Range(Painted):
    """Something that stands over a range of values, with rules across and marks on its left.

    State: `low` and `high` of the range.
    """

    STATE: ClassVar[tuple[str, ...]] = ("low", "high")

    def __init__(self, low: float, high: float, box: Box, theme: Theme) -> None:
        self.theme = theme
        self._span(low, high)
        super().__init__(box, theme.quiet)

    def _span(self, low: float, high: float) -> None:
        self.low, self.high = np.array([low]), np.array([high])

    def level(self, value: float) -> float:
        """The height on screen of a value."""
        low, high = float(self.low[0]), float(self.high[0])
        return self.box.bottom + (value - low) / ((high - low) or 1.0) * self.box.height

    def _rule(self, brush: Brush, value: float, opacity: float, colour: Colour, width: float = 0.014) -> None:
        brush.context.move_to(self.box.left, self.level(value))
        brush.context.line_to(self.box.right, self.level(value))
        brush.stroke(colour, opacity * self.opacity, width)

    def _mark(self, text: str, value: float, opacity: float) -> PrintedText:
        right, middle = self.box.left - TIGHT, self.level(value)
        size = self.theme.size(SMALL)
        half = CAP_HEIGHT * size / 2
        box = Box(right - text_width(text, size), right, middle - half, middle + half)
        colour = np.asarray(self.theme.quiet)
        return PrintedText(text, box, size, colour, None, structural=True, opacity=opacity)


class RangeBars(Range):
    """Bars over a range: they stand on the line of zero, or hang from it where they are negative.

    State: `heights`, `tints`, `light` of each bar, `low` and `high` of the range, `unit` (whether a line marks 1),
    `widths` of the columns that the bars stand in, as shares of the whole.
    """

    STATE: ClassVar[tuple[str, ...]] = ("heights", "tints", "light", *Range.STATE, "unit", "widths")

    def __init__(self, count: int, box: Box, theme: Theme) -> None:
        self.heights = np.zeros(count)
        self.tints = np.tile(np.asarray(theme.ink), (count, 1))
        self.light = np.ones(count)
        self.unit = np.zeros(1)
        self.widths = np.full(count, 1 / max(1, count))
        super().__init__(0.0, 1.0, box, theme)

    def show(self, values: np.ndarray, low: float, high: float, colour: Colour, *, unit: bool = False) -> RangeBars:
        """Take these values; −∞ hangs to the bottom of the range, faintly."""
        self.light = np.where(np.isneginf(values), 0.25, 1.0)
        self.heights = np.where(np.isneginf(values), low, values)
        self._span(low, high)
        self.unit = np.array([float(unit)])
        self.tints = np.tile(np.asarray(colour), (len(self.heights), 1))
        return self

    def bar_box(self, index: int) -> Box:
        pitch = self.box.width * float(self.widths[index])
        left = self.box.left + self.box.width * float(self.widths[:index].sum()) + 0.16 * pitch
        low, high = sorted((self.level(0.0), self.level(float(self.heights[index]))))
        return Box(left, left + 0.68 * pitch, low, high)

    def paint(self, brush: Brush) -> None:
        for index, tint in enumerate(self.tints):
            bar = self.bar_box(index)
            if bar.height > 1e-4:
                brush.rounded(bar.left, bar.bottom, bar.width, bar.height, min(0.04, bar.width / 4, bar.height / 2))
                brush.fill(tint, self.opacity * self.light[index])
        self._rule(brush, 0.0, 0.8, self.theme.quiet)
        if self.unit[0] > 0:
            self._rule(brush, 1.0, 0.35 * self._unit(), self.theme.quiet)
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, text.size)
            brush.fill(self.theme.quiet, text.opacity)

    def printed(self) -> list[PrintedText]:
        """The marks 0 and 1 of its scale."""
        marks = [("0", 0.0, self.opacity), ("1", 1.0, self.opacity * self._unit())]
        return [self._mark(text, value, opacity) for text, value, opacity in marks if opacity > 0]

    def _unit(self) -> float:
        """How much of the line of 1 and of its mark is seen: neither far above the box nor at the mark of 0."""
        above, apart = self.level(1.0) - self.box.top, self.level(1.0) - self.level(0.0)
        room = min(1 - above / GAP, apart / self.theme.size(SMALL) - 1)
        return float(self.unit[0]) * float(np.clip(room, 0, 1))
