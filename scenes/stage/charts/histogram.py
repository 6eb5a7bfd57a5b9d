"""Histograms: samples that fall onto an axis and heap up, and spans of the axis under them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from manim import Animation, FadeIn, FadeOut, VGroup, VMobject, linear

from scenes.stage.charts.bars import Bars
from scenes.stage.charts.plots import Axis, Dots, axis_room
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme


class AxisSpan(Painted):
    """A stretch of an axis marked by a line with end strokes, as wide as its box."""

    def paint(self, brush: Brush) -> None:
        box, context = self.box, brush.context
        context.move_to(box.left, box.y)
        context.line_to(box.right, box.y)
        for x in (box.left, box.right):
            context.move_to(x, box.bottom)
            context.line_to(x, box.top)
        brush.stroke(self.colour, self.opacity, 0.03)


class Heap(Bars):
    """The bars of a histogram. Only what stands inside `window` (left and right end, part of the state) is seen; bars
    too thin to be told apart are one shape.
    """

    STATE: ClassVar[tuple[str, ...]] = (*Bars.STATE, "window")
    THINNEST = 0.03

    def __init__(self, counts: np.ndarray, colour: Colour, theme: Theme) -> None:
        self.window = np.array([0.0, 1.0])
        super().__init__(counts, float(counts.max()), Box(0, 1, 0, 1), colour, theme, fullness=0.9)

    def place(self, box: Box, window: Box) -> Heap:
        """Fill `box`, seen through the width of `window`."""
        self.window = np.array([window.left, window.right])
        return self.set_box(box)

    def paint(self, brush: Brush) -> None:
        context, box = brush.context, self.box
        context.save()
        context.rectangle(self.window[0], box.bottom, self.window[1] - self.window[0], box.height)
        context.clip()
        thin = box.width / len(self.heights) < self.THINNEST
        for index in np.flatnonzero(self.heights):
            bar = self.bar_box(int(index))
            spare = bar.width * (1 / self.fullness - 1) if thin else 0.0
            context.rectangle(bar.left, bar.bottom, bar.width + spare, bar.height)
        brush.fill(self.tints[0], self.opacity * self.light[0])
        context.restore()


class Histogram(VGroup):
    """Bars of equal bins over an axis, under a heading. The tallest bar fills the height.

    counts: (bins,); edges: (bins + 1,), which may lie closer together than the axis is wide; head: what stands above.
    """

    HEAD_ROOM = 0.25

    def __init__(
        self, counts: np.ndarray, edges: np.ndarray, axis: Axis, head: VMobject, colour: Colour, theme: Theme
    ) -> None:
        super().__init__()
        self.axis, self.head = axis, head
        self.edges = (float(edges[0]), float(edges[-1]))
        self.bars = Heap(counts, colour, theme)
        self.add(self.bars, axis, head)

    def place(self, box: Box) -> Histogram:
        """Fill `box`: heading above, axis and its numbers below."""
        self.head.move_to([box.x, box.top - self.head.height / 2, 0])
        self.axis.set_box(box.inset(bottom=axis_room(self.axis.theme), top=self.head.height + self.HEAD_ROOM))
        return self.stretch(*self.edges)

    def stretch(self, low: float, high: float) -> Histogram:
        """Let the bars reach from one value of the axis to another."""
        self.edges = (low, high)
        self.bars.place(self._reach(self.axis), self.axis.box)
        return self

    def _reach(self, axis: Axis) -> Box:
        return Box(axis.x_of(self.edges[0]), axis.x_of(self.edges[1]), axis.box.bottom, axis.box.top)

    def magnify(self, axis: Axis) -> list[Animation]:
        """Another axis takes the place of this one, and the bars stretch to it."""
        old, self.axis = self.axis, axis
        axis.set_box(old.box)
        return [FadeOut(old), FadeIn(axis), self.bars.animate.place(self._reach(axis), axis.box)]

    @property
    def parts(self) -> list[VMobject]:
        """Bars, axis and heading as they stand."""
        return [self.bars, self.axis, self.head]

    def span_box(self, low: float, high: float) -> Box:
        """The place of a span under the axis."""
        y = self.axis.box.bottom - axis_room(self.axis.theme) - 0.2
        return Box(self.axis.x_of(low), self.axis.x_of(high), y - 0.08, y + 0.08)


class Sampling(Animation):
    """A histogram fills up sample by sample: its bars grow through real counts, and the first samples are seen to fall.

    growth: (stages, bins) counts after each stage; falling: values that fall onto the axis as dots.
    """

    FALL = 0.3

    def __init__(self, histogram: Histogram, growth: np.ndarray, falling: np.ndarray, **kwargs: Any) -> None:
        self.growth = np.vstack([np.zeros(growth.shape[1]), growth])  # (stages + 1, bins)
        axis = histogram.axis
        xs = np.array([axis.x_of(value) for value in falling])
        self.places = np.stack([xs, np.full(len(xs), axis.box.top)], axis=1)
        self.floor = axis.box.bottom
        self.dots = Dots(self.places, tuple(histogram.bars.tints[0]))
        self.dots.light = np.zeros(len(xs))
        super().__init__(histogram, rate_func=linear, **kwargs)

    def begin(self) -> None:
        self.mobject.add(self.dots)
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        position = alpha * (len(self.growth) - 1)
        stage = min(int(position), len(self.growth) - 2)
        first, last = self.growth[stage], self.growth[stage + 1]
        self.mobject.bars.set_heights(first + (last - first) * (position - stage))
        starts = np.linspace(0, 1 - self.FALL, len(self.places))
        fall = (alpha - starts) / self.FALL  # (dots,)
        heights = self.places[:, 1] + (self.floor - self.places[:, 1]) * np.clip(fall, 0, 1) ** 2
        self.dots.move(np.stack([self.places[:, 0], heights], axis=1))
        self.dots.light = np.where((fall > 0) & (fall < 1), 0.9, 0.0)

    def finish(self) -> None:
        super().finish()
        self.mobject.remove(self.dots)
