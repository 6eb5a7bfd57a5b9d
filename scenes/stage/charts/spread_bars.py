"""Bars of a row's numbers, with their mean and how far they spread around it."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.stage.charts.range_bars import Range
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, PrintedText
from scenes.stage.paint.theme import Colour, Theme, mix

MEAN_LINE = 0.035
EDGE = 0.025  # of a hollow bar
AIR = 0.06  # of the range, above and below


class SpreadBars(Range):
    """Bars of a row, a line at their mean, and a band as wide as their deviation to either side of it.

    State: `heights` (bars,), `tint`, `mean`, `band` (half its width), `lines` (how visible mean and band are),
    `low` and `high` of the range, `unit` (whether 1 and −1 are marked), `widths` of the columns as shares of the whole.
    """

    STATE: ClassVar[tuple[str, ...]] = ("heights", "tint", "mean", "band", "lines", *Range.STATE, "unit", "widths")

    def __init__(self, count: int, box: Box, theme: Theme) -> None:
        self.heights, self.tint = np.zeros(count), np.array(theme.hue("output"))
        self.mean, self.band, self.lines = np.zeros(1), np.zeros(1), np.zeros(2)
        self.unit, self.widths = np.zeros(1), np.full(count, 1 / max(1, count))
        super().__init__(-1.0, 1.0, box, theme)

    def span(self, low: float, high: float) -> SpreadBars:
        """Reach from one value to the other."""
        self._span(low, high)
        return self

    def show(self, values: np.ndarray, colour: Colour) -> SpreadBars:
        self.heights, self.tint = np.asarray(values, dtype=float), np.array(colour)
        return self

    def mark(self, mean: float, band: float, *, line: float, width: float, unit: float = 0.0) -> SpreadBars:
        """Draw the mean and the band, as visible as `line` and `width` say."""
        self.mean, self.band = np.array([mean]), np.array([band])
        self.lines, self.unit = np.array([line, width]), np.array([unit])
        return self

    def paint(self, brush: Brush) -> None:
        box, middle, half = self.box, float(self.mean[0]), float(self.band[0])
        if self.lines[1] > 0:
            low, high = self.level(middle - half), self.level(middle + half)
            brush.rounded(box.left, low, box.width, high - low, 0)
            brush.fill(self.theme.hue("focus"), 0.16 * self.opacity * float(self.lines[1]))
        self._bars(brush)
        self._rule(brush, 0.0, 0.8, self.theme.quiet)
        if self.lines[0] > 0:
            self._rule(brush, middle, float(self.lines[0]), self.theme.hue("focus"), MEAN_LINE)
        brush.write(self.printed())

    def _bars(self, brush: Brush) -> None:
        pitches = self.box.width * self.widths
        lefts = self.box.left + np.cumsum(pitches) - 0.81 * pitches
        for left, width, value in zip(lefts, 0.62 * pitches, self.heights, strict=True):
            low, high = sorted((self.level(0.0), self.level(float(value))))
            if high - low > 1e-4:
                self._bar(brush, Box(left, left + width, low, high), filled=bool(value > 0))

    def _bar(self, brush: Brush, bar: Box, *, filled: bool) -> None:
        """A bar as cells are: filled, or hollow where negative."""
        box = bar if filled else bar.grown(-min(EDGE, bar.width, bar.height) / 2)
        brush.rounded(box.left, box.bottom, box.width, box.height, min(0.04, box.width / 4, box.height / 2))
        if filled:
            brush.fill(self.tint, self.opacity)
            return
        brush.colour(mix(self.theme.background, self.tint, self.theme.hollow), self.opacity)
        brush.context.fill_preserve()
        brush.stroke(self.tint, self.opacity, min(EDGE, bar.width, bar.height))

    def printed(self) -> list[PrintedText]:
        """The marks 0, 1 and −1 of its scale."""
        unit = self.opacity * float(self.unit[0])
        return [self._mark("0", 0.0, self.opacity), *(self._mark(t, v, unit) for t, v in (("1", 1.0), ("−1", -1.0)))]


def common_range(*rows: np.ndarray) -> tuple[float, float]:
    """Lowest and highest value of the rows' bars, both sides of 0 and a little air."""
    values = np.concatenate([row.ravel() for row in rows])
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    air = AIR * ((high - low) or 1.0)
    return low - air, high + air
