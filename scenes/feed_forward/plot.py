"""The plot of an activation: its curve over an axis, and numbers as dots that rise from the axis to the curve."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, VGroup

from core.trace import Trace
from scenes.stage.charts.plots import Axis, Curve, Dots, axis_room
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme

NAMES = {"relu": "ReLU", "gelu": "GELU"}
LOWEST = -0.35  # of the width that one side of the axis has
DOT, FEW = 0.08, 32  # of so many dots at most, each can be as large
STRETCH = 2.2  # of the width against the height, at most


class Rule(Painted):
    """The line of zero."""

    def paint(self, brush: Brush) -> None:
        brush.context.move_to(self.box.left, self.box.y)
        brush.context.line_to(self.box.right, self.box.y)
        brush.stroke(self.colour, 0.6 * self.opacity, 0.014)


class ActivationPlot(VGroup):
    """Axes that fill `box`, as far as slopes allow, for the curves `feed_forward.NAME_curve` of the trace."""

    def __init__(self, trace: Trace, box: Box, theme: Theme) -> None:
        super().__init__()
        self.trace, self.theme = trace, theme
        ticks = trace["feed_forward.ticks"]
        self.reach = float(ticks.values[-1])
        self.low, self.high = LOWEST * self.reach, self.reach
        unit = min(box.width / (2 * self.reach), (box.height - axis_room(self.theme)) / (self.high - self.low))
        width, height = min(box.width, 2 * self.reach * unit * STRETCH), (self.high - self.low) * unit
        bottom = box.y - (height - axis_room(self.theme)) / 2
        self.frame = Box(box.x - width / 2, box.x + width / 2, bottom, bottom + height)
        self.axis = Axis(ticks, -self.reach, self.reach, theme)
        self.axis.set_box(self.frame)
        zero = self.level(0.0)
        rule = Rule(Box(self.frame.left, self.frame.right, zero, zero + 1e-3), theme.quiet)
        self.add(rule, self.axis)

    def level(self, value: float) -> float:
        """Where a value of the function stands."""
        return self.frame.bottom + (value - self.low) / (self.high - self.low) * self.frame.height

    def curve(self, name: str, hue: str) -> Curve:
        """The curve of an activation, undrawn."""
        heights = self.trace[f"feed_forward.{name}_curve"].values
        return Curve(heights, self.low, self.high, self.frame, self.theme.hue(hue)).undrawn()

    def dots(self, hidden: np.ndarray) -> Dots:
        """The numbers as dots on the line of zero."""
        radius = DOT if len(hidden) <= FEW else Dots.RADIUS
        return Dots(self.places(hidden, np.zeros_like(hidden)), self.theme.hue("focus"), radius)

    def places(self, hidden: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Where (hidden number, value) stand.  # (dots, 2)"""
        xs = [self.axis.x_of(float(number)) for number in hidden]
        return np.array([[x, self.level(float(value))] for x, value in zip(xs, values, strict=True)])

    def names(self, own: str, other: str) -> list[Label]:
        """The names of both curves, above the plot."""
        pairs = ((own, "output"), (other, "x"))
        names = VGroup(
            *(Label(NAMES[name], self.theme.size(LABEL), self.theme.hue(hue), "semibold") for name, hue in pairs)
        )
        names.arrange(RIGHT, buff=0.5)
        return list(names.move_to([self.frame.x, self.frame.top + 0.2, 0]))
