"""Legends: what open and hatched cells mean, and the colours of weights over their ramp from 0 to 1."""

from __future__ import annotations

import numpy as np
from manim import DOWN, ORIGIN, RIGHT, Mobject, VGroup

from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import SMALL, SPACE, STAGE, Box, layout_now
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme, mix

HEIGHT = 0.2


class Swatch(Painted):
    """One cell of a legend: open (may look) or hatched (masked)."""

    def __init__(self, theme: Theme, *, masked: bool) -> None:
        self.theme = theme
        self.masked = masked
        super().__init__(Box(0, 1.6 * HEIGHT, 0, HEIGHT), theme.surface)

    def paint(self, brush: Brush) -> None:
        box, radius = self.box, 0.16 * self.box.height
        fill = self.theme.surface if self.masked else mix(self.theme.surface, self.theme.hue("mask"), 0.35)
        brush.rounded(box.left, box.bottom, box.width, box.height, radius)
        brush.fill(fill, self.opacity)
        if self.masked:
            brush.hatch(box, radius, self.theme.hue("mask"), self.opacity)
        brush.rounded(box.left, box.bottom, box.width, box.height, radius)
        brush.stroke(self.theme.rule, self.opacity, 0.012)


class WeightRamp(Painted):
    """The colours of the attention weights from 0 to 1."""

    STEPS = 64

    def __init__(self, theme: Theme, width: float = 1.3) -> None:
        self.theme = theme
        super().__init__(Box(0, width, 0, HEIGHT), theme.surface)

    def paint(self, brush: Brush) -> None:
        colours = self.theme.weight_colour(np.linspace(0, 1, self.STEPS))[None]  # (1, steps, 3)
        brush.pixels(colours, self.box, self.opacity)
        box = self.box
        brush.rounded(box.left, box.bottom, box.width, box.height, 0)
        brush.stroke(self.theme.rule, self.opacity, 0.012)


def weight_entry(words: Label, theme: Theme, width: float = 1.3) -> tuple[Mobject, ...]:
    """An entry for weights: words, and their ramp, so wide, between its ends 0 and 1."""
    zero, one = (Label(text, theme.size(SMALL), theme.quiet) for text in "01")
    return words, zero, WeightRamp(theme, width), one


def legend(*entries: tuple[Mobject, ...], buff: float = 0.55, width: float | None = None) -> VGroup:
    """Entries side by side, each a few mobjects (swatch, words) set close together; in a narrow frame on as many lines
    as they need in that width, or in the stage's.
    """
    groups = [VGroup(*entry).arrange(RIGHT, buff=0.12) for entry in entries]
    if not layout_now().is_narrow:
        return VGroup(*groups).arrange(RIGHT, buff=buff, aligned_edge=ORIGIN)
    lines: list[VGroup] = [VGroup()]
    for group in groups:
        if sum(part.width + buff for part in (*lines[-1], group)) - buff > (width or STAGE.width):
            lines.append(VGroup())
        lines[-1].add(group)
    return VGroup(*(line.arrange(RIGHT, buff=buff, aligned_edge=ORIGIN) for line in lines)).arrange(DOWN, buff=SPACE)
