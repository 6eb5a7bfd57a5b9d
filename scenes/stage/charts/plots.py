"""Plots: an axis with ticks, dots, curves, and bars that print their numbers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from manim import Animation, VGroup

from core.trace import Reading, Tensor
from scenes.stage.charts.range_bars import RangeBars
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import SMALL, Box, Type
from scenes.stage.paint.painting import Brush, Drawn, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

TICK = 0.07
FULL = 0.96  # of a bar's place, for its number


def axis_room(theme: Theme) -> float:
    """How far the numbers of an axis reach below it."""
    return TICK + 0.09 + CAP_HEIGHT * theme.size(SMALL)


class Axis(Painted):
    """A horizontal scale from `low` to `high` along the bottom of its box, with the numbers of `ticks` under it.

    Where they would touch, only every second, third … number stands, always with the middle one.
    """

    def __init__(self, ticks: Tensor, low: float, high: float, theme: Theme) -> None:
        self.ticks, self.low, self.high, self.theme = ticks, low, high, theme
        super().__init__(Box(0, 1, 0, 1), theme.quiet)

    @property
    def size(self) -> float:
        return self.theme.size(SMALL)

    def x_of(self, value: float) -> float:
        """Where a value stands on the axis."""
        return self.box.left + (value - self.low) / (self.high - self.low) * self.box.width

    def readings(self) -> list[Reading]:
        """The ticks that have room for their number."""
        ticks = [self.ticks.at(i) for i in range(self.ticks.shape[0])]
        widest = max(text_width(tick.text, self.size) for tick in ticks)
        middle = len(ticks) // 2
        for stride in range(1, middle + 1):
            chosen = ticks[middle % stride :: stride]
            if len(chosen) < 2 or self.x_of(chosen[1].value) - self.x_of(chosen[0].value) > 1.35 * widest:
                return chosen
        return [ticks[middle]]

    def paint(self, brush: Brush) -> None:
        box, context = self.box, brush.context
        context.move_to(box.left, box.bottom)
        context.line_to(box.right, box.bottom)
        for tick in self.readings():
            context.move_to(self.x_of(tick.value), box.bottom)
            context.line_to(self.x_of(tick.value), box.bottom - TICK)
        brush.stroke(self.colour, 0.8 * self.opacity, 0.014)
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, self.size)
            brush.fill(self.colour, self.opacity)

    def printed(self) -> list[PrintedText]:
        """The numbers of its ticks."""
        top = self.box.bottom - TICK - 0.09
        texts = []
        for tick in self.readings():
            half, x = text_width(tick.text, self.size) / 2, self.x_of(tick.value)
            box = Box(x - half, x + half, top - CAP_HEIGHT * self.size, top)
            texts.append(PrintedText(tick.text, box, self.size, self.colour, None, (tick,), opacity=self.opacity))
        return texts


class Dots(Painted):
    """Dots that can be anywhere. State: `places` (dots, 2), `light` (dots,)."""

    STATE: ClassVar[tuple[str, ...]] = ("places", "light")
    RADIUS = 0.05

    def __init__(self, places: np.ndarray, colour: Colour, radius: float = RADIUS) -> None:
        self.radius = radius
        self.places = np.asarray(places, dtype=float)
        self.light = np.ones(len(self.places))
        super().__init__(Box(*np.sort(self.places[:, 0])[[0, -1]], *np.sort(self.places[:, 1])[[0, -1]]), colour)

    def move(self, places: np.ndarray) -> Dots:
        """Move the dots to these places."""
        self.places = np.asarray(places, dtype=float)
        return self

    def paint(self, brush: Brush) -> None:
        for (x, y), light in zip(self.places, self.light, strict=True):
            if light > 0:
                brush.context.new_sub_path()
                brush.context.arc(x, y, self.radius, 0, 2 * np.pi)
                brush.fill(self.colour, self.opacity * float(light))


class Curve(Drawn):
    """A function drawn through its points. State: `heights` (points,), `drawn` (0 nothing, 1 the whole way)."""

    STATE: ClassVar[tuple[str, ...]] = ("heights", "drawn")

    def __init__(self, heights: np.ndarray, low: float, high: float, box: Box, colour: Colour) -> None:
        self.heights, self.low, self.high = np.asarray(heights, dtype=float), low, high
        self.drawn = np.ones(1)
        super().__init__(box, colour)

    def paint(self, brush: Brush) -> None:
        box, context = self.box, brush.context
        xs = np.linspace(box.left, box.right, len(self.heights))
        ys = box.bottom + (self.heights - self.low) / (self.high - self.low) * box.height
        shown = max(2, int(np.ceil(float(self.drawn[0]) * len(xs)))) if self.drawn[0] > 0 else 0
        for number, (x, y) in enumerate(zip(xs[:shown], ys[:shown], strict=True)):
            (context.line_to if number else context.move_to)(x, y)
        if shown:
            brush.stroke(self.colour, self.opacity, 0.045)


class ValueBars(VGroup):
    """One bar per number of a vector, with the numbers that have room printed at the bars' ends.

    low, high: the range of the box; size: the largest type of the numbers.
    """

    def __init__(
        self, vector: Tensor, box: Box, low: float, high: float, colour: Colour, theme: Theme, *, size: Type = SMALL
    ) -> None:
        super().__init__()
        self.vector, self.range, self.tint = vector, (low, high), colour
        self.bars = RangeBars(vector.shape[0], box, theme).show(vector.values, low, high, colour)
        room = FULL * box.width / vector.shape[0]
        readings = [vector.at(index) for index in range(vector.shape[0])]
        self.size = theme.fitting(room / max(text_width(reading.text, 1.0) for reading in readings), size)
        labels = (Label((Run(reading.text, None, (reading,)),), self.size, theme.ink) for reading in readings)
        self.printed = {index: label for index, label in enumerate(labels) if label.width < room}
        self.numbers = VGroup(*self.printed.values())
        self.place(box)
        self.tips = self._tips()
        self.add(self.bars, self.numbers)

    def place(self, box: Box) -> ValueBars:
        """Stand in `box`, with the numbers at the ends of the bars."""
        self.bars.set_box(box)
        for index, number in self.printed.items():
            number.move_to([*self._end(index, self.vector.values[index] < 0), 0])
        return self

    def _end(self, index: int, below: bool) -> tuple[float, float]:
        bar, away = self.bars.bar_box(index), 0.08 + CAP_HEIGHT * self.size / 2
        return bar.x, bar.bottom - away if below else bar.top + away

    def stand(self) -> ValueBars:
        """All bars at their heights."""
        self.bars.show(self.vector.values, *self.range, self.tint)
        return self

    def flatten(self) -> ValueBars:
        """No height yet: bars grow from here."""
        self.bars.show(np.zeros(self.vector.shape[0]), *self.range, self.tint)
        return self

    def grown(self) -> Animation:
        """The bars grow to their values."""
        return self.bars.animate.show(self.vector.values, *self.range, self.tint)

    def _tips(self) -> np.ndarray:
        """Where the bars end.  # (bars, 2)"""
        boxes = [self.bars.bar_box(index) for index in range(self.vector.shape[0])]
        ends = [box.bottom if value < 0 else box.top for box, value in zip(boxes, self.vector.values, strict=True)]
        return np.array([[box.x, end] for box, end in zip(boxes, ends, strict=True)])
