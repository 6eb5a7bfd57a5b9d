"""Waves that run down: one curve per column of the table of positions, and the line of a position that cuts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import cairo
import numpy as np

from scenes.stage.paint.layout import TIGHT, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme, mix


class Waves(Painted):
    """Curves side by side, position 0 at the top of the box, each swinging about the middle of its strip.

    values: (samples, curves) from −1 to 1 at evenly spaced positions up to `last`; hues: where they are positive and
    where negative. State: `strips` (curves, 2) left and right ends; `drawn` (curves,) how far down they reach, 0…1;
    `light` (curves,); `position` where the line stands; `line` how visible it and its dots are; `thickness` of the
    curves.
    """

    STATE: ClassVar[tuple[str, ...]] = ("strips", "drawn", "light", "position", "line", "thickness")
    MARGIN = 0.2
    SWING = 0.4  # of a strip's width
    DOT = 0.065

    def __init__(
        self,
        values: np.ndarray,
        last: float,
        box: Box,
        hues: tuple[Colour | np.ndarray, Colour | np.ndarray],
        theme: Theme,
    ) -> None:
        self.values, self.last, self.hues, self.theme = values, last, hues, theme
        count = values.shape[1]
        edges = np.linspace(box.left, box.right, count + 1)
        self.strips = np.stack([edges[:-1], edges[1:]], axis=1)
        self.drawn, self.light = np.zeros(count), np.ones(count)
        self.position, self.line, self.thickness = np.zeros(1), np.zeros(1), np.full(1, 0.035)
        super().__init__(box, theme.quiet)

    # --- changes ------------------------------------------------------------------------------------------------------

    def draw(self, *curves: int) -> Waves:
        """These curves reach all the way down."""
        self.drawn = self.drawn.copy()
        self.drawn[list(curves)] = 1.0
        return self

    def at(self, position: float) -> Waves:
        """The line stands at a position."""
        self.position, self.line = np.array([float(position)]), np.ones(1)
        return self

    def without_line(self) -> Waves:
        self.line = np.zeros(1)
        return self

    def place(self, box: Box, strips: Sequence[tuple[float, float]], thickness: float) -> Waves:
        """Reach over `box`, each curve in a strip of its own."""
        self.strips, self.thickness = np.array(strips, dtype=float), np.full(1, thickness)
        return self.set_box(box)

    # --- geometry -----------------------------------------------------------------------------------------------------

    def level(self, position: float) -> float:
        """How high a position stands."""
        return self.box.top - position / self.last * self.box.height

    def strip_box(self, curve: int) -> Box:
        left, right = self.strips[curve]
        return Box(float(left), float(right), self.box.bottom, self.box.top)

    def _xs(self, curve: int) -> np.ndarray:
        strip = self.strip_box(curve)
        return strip.x + self.SWING * strip.width * self.values[:, curve]

    # --- painting -----------------------------------------------------------------------------------------------------

    def paint(self, brush: Brush) -> None:
        heights = np.linspace(self.box.top, self.box.bottom, len(self.values))
        for curve in range(self.values.shape[1]):
            self._paint_curve(brush, curve, heights)
        if self.line[0] > 0:
            self._paint_line(brush, heights)

    def _paint_curve(self, brush: Brush, curve: int, heights: np.ndarray) -> None:
        strip, context, visible = self.strip_box(curve), brush.context, self.opacity * float(self.light[curve])
        reach = round(float(self.drawn[curve]) * (len(heights) - 1))
        if not reach or visible <= 0:
            return
        context.move_to(strip.x, self.box.top)
        context.line_to(strip.x, heights[reach])
        brush.stroke(self.theme.rule, visible, 0.012)
        xs, values = self._xs(curve)[: reach + 1], self.values[: reach + 1, curve]
        context.set_line_join(cairo.LINE_JOIN_ROUND)
        for hue, part in ((self.hues[0], values >= 0), (self.hues[1], values < 0)):
            for start, end in _stretches(part):
                context.move_to(xs[start], heights[start])
                for point in range(start + 1, min(end + 1, len(xs))):
                    context.line_to(xs[point], heights[point])
            brush.stroke(hue, visible, float(self.thickness[0]))

    def _paint_line(self, brush: Brush, heights: np.ndarray) -> None:
        y, visible, focus = (
            self.level(float(self.position[0])),
            self.opacity * float(self.line[0]),
            self.theme.hue("focus"),
        )
        brush.context.move_to(self.box.left - TIGHT, y)
        brush.context.line_to(self.box.right + TIGHT, y)
        brush.stroke(focus, 0.85 * visible, 0.022)
        for curve in range(self.values.shape[1]):
            x = float(np.interp(-y, -heights, self._xs(curve)))
            brush.context.new_sub_path()
            brush.context.arc(x, y, self.DOT, 0, 2 * np.pi)
            brush.fill(focus, visible)


def _stretches(part: np.ndarray) -> list[tuple[int, int]]:
    """Beginning and end (not included) of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], part.astype(int), [0]])))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def wave_colours(values: np.ndarray, theme: Theme) -> np.ndarray:
    """Colours of numbers from −1 to 1: the further up, the further from the ground.

    values: (…); returns (…, 3).
    """
    hue = theme.hue("positions")
    return mix(mix(theme.background, hue, theme.hollow), hue, (1 + np.asarray(values)) / 2)
