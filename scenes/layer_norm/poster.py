"""Layer norm at one look: the numbers of every row as dots on a line, before and after, on one scale."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from manim import Animation, VGroup

from scenes.shared.sum_and_norm import NORMED, SumAndNorm
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.plots import Axis, axis_room
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.layout import GAP, SPACE, TEXT, WIDE, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme

HEAD = 0.5
REACH = 2.2  # the least that the scale reaches to either side, in the unit of the numbers
TALLEST_ROW = 0.75
BAND, DOT = 0.62, 0.2  # of a row's height
LARGEST_DOT = 0.11


class Spreads(Painted):
    """Rows of numbers, each a line with a dot for every number, over the band of mean ± standard deviation.

    State: `values` (rows, numbers), `middles`, `bands` (rows,), `tint` (3,) of the dots. low, high: ends of the scale.
    """

    STATE: ClassVar[tuple[str, ...]] = ("values", "middles", "bands", "tint")

    def __init__(self, values: np.ndarray, low: float, high: float, box: Box, colour: Colour, theme: Theme) -> None:
        self.theme, self.low, self.high = theme, low, high
        self.show(values, colour)
        super().__init__(box, theme.quiet)

    def show(self, values: np.ndarray, colour: Colour) -> Spreads:
        """Let the rows hold these numbers (rows, numbers)."""
        self.values = np.asarray(values, dtype=float)
        self.middles, self.bands = self.values.mean(axis=1), self.values.std(axis=1)
        self.tint = np.asarray(colour, dtype=float)
        return self

    def x_of(self, value: float) -> float:
        return self.box.left + (value - self.low) / (self.high - self.low) * self.box.width

    def paint(self, brush: Brush) -> None:
        context, pitch = brush.context, self.box.height / len(self.values)
        half, radius = BAND * pitch / 2, min(LARGEST_DOT, DOT * pitch)
        for row, values in enumerate(self.values):
            y = self.box.top - (row + 0.5) * pitch
            middle, band = float(self.middles[row]), float(self.bands[row])
            left, right = self.x_of(middle - band), self.x_of(middle + band)
            brush.rounded(left, y - half, right - left, 2 * half, min(half, (right - left) / 2, 0.08))
            brush.fill(self.tint, 0.3 * self.opacity)
            context.move_to(self.box.left, y)
            context.line_to(self.box.right, y)
            brush.stroke(self.colour, 0.35 * self.opacity, 0.012)
            context.move_to(self.x_of(middle), y - half)
            context.line_to(self.x_of(middle), y + half)
            brush.stroke(self.theme.ink, self.opacity, 0.03)
            for value in values:
                context.new_sub_path()
                context.arc(self.x_of(float(value)), y, radius, 0, 2 * np.pi)
            brush.fill(self.tint, self.opacity)


class SpreadPoster:
    """Two `Spreads` on equal scales, X + O and LN(X + O), with the tokens beside the first and a name over each."""

    def __init__(self, chapter: Chapter, parts: SumAndNorm, tokens: tuple[str, ...], box: Box) -> None:
        self.theme = theme = chapter.theme
        trace = chapter.trace
        before, self.after = (trace[name].values for name in (f"{parts.layer}.sum_1", f"{parts.norm}.output"))
        reach = max(REACH, float(np.abs(before).max()), float(np.abs(self.after).max()))
        height = min(box.height - HEAD - axis_room(self.theme), len(before) * TALLEST_ROW)
        bottom = box.y - (height + HEAD - axis_room(self.theme)) / 2
        room = Box(box.left, box.right, bottom, bottom + height)
        self.tokens = TokenAxis(tokens, "rows", theme).place(room)
        self.boxes = room.inset(left=self.tokens.box.width + GAP).columns(1, 1, gap=WIDE)
        self.tokens.place(self.boxes[0])
        self.hues = [theme.hue(meaning) for meaning in ("output", "x")]
        self.spreads = [Spreads(before, -reach, reach, place, self.hues[0], theme) for place in self.boxes]
        self.axes = [self._axis(chapter, reach, place) for place in self.boxes]
        self.names = [self._name(*pair) for pair in zip(("X + O", NORMED), self.boxes, self.hues, strict=True)]

    @staticmethod
    def _axis(chapter: Chapter, reach: float, box: Box) -> Axis:
        axis = Axis(chapter.trace["layer_norm.ticks"], -reach, reach, chapter.theme)
        axis.set_box(box)
        return axis

    def _name(self, source: str, box: Box, hue: Colour) -> Formula:
        name = formula(source, hue, self.theme.size(TEXT))
        return name.move_to([box.x, box.top + SPACE + name.height / 2, 0])

    def first(self) -> VGroup:
        """The rows before, with their tokens."""
        return VGroup(self.tokens, self.spreads[0], self.axes[0], self.names[0])

    def copied(self) -> Spreads:
        """The rows before once more, to travel to where they are normalised."""
        return self.spreads[1].set_box(self.boxes[0])

    def travel(self) -> Animation:
        return self.spreads[1].animate.set_box(self.boxes[1])

    def normalise(self) -> Animation:
        """Each row is drawn to its own middle and to the common spread."""
        return self.spreads[1].animate.show(self.after, self.hues[1])
