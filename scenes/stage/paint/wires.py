"""Wires that can be drawn from their beginning on, the blocks that they lead through, and ⊕, where two ways join."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import VMobject

from scenes.stage.paint.cable import Cable, Point
from scenes.stage.paint.layout import GAP, LABEL, Box, Type
from scenes.stage.paint.painting import Brush, Drawn, Lit, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

SAMPLES = 12
WIRE = 0.03
AIR = GAP


class Wire(Drawn, Lit):
    """A cable that can be drawn from its beginning on.

    State: `drawn` (0 nothing, 1 all of it), `thickness` (in scene units), `light` (1 lit, less: stepped back).
    """

    STATE: ClassVar[tuple[str, ...]] = ("drawn", "thickness", "light")

    def __init__(
        self,
        points: Sequence[Point],
        colour: Colour,
        *,
        thickness: float = WIRE,
        head: float = 0.0,
        radius: float = 0.2,
    ) -> None:
        self.cable = Cable(tuple(points), radius, head)
        self.drawn, self.thickness, self.light = np.ones(1), np.array([thickness]), np.ones(1)
        xs, ys = zip(*points, strict=True)
        super().__init__(Box(min(xs), max(xs), min(ys), max(ys)), colour)

    def paint(self, brush: Brush) -> None:
        drawn, opacity = float(self.drawn[0]), self.opacity * float(self.light[0])
        if drawn >= 1:
            self.cable.paint(brush, self.colour, opacity, float(self.thickness[0]))
        elif drawn > 0:
            places = _part(self._sampled(), drawn)
            brush.context.move_to(*places[0])
            for place in places[1:]:
                brush.context.line_to(*place)
            brush.stroke(self.colour, opacity, float(self.thickness[0]))

    def path(self) -> VMobject:
        """The way along it, for what travels there."""
        return self.cable.path()

    def _sampled(self) -> np.ndarray:
        """Points along the cable.  # (points, 2)"""
        t = np.linspace(0, 1, SAMPLES)[:, None]
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        curves = [sum(w * c for w, c in zip(weights, curve, strict=True)) for curve in self.cable.curves()]
        return np.concatenate(curves)


def _part(places: np.ndarray, share: float) -> np.ndarray:
    """The beginning of a line through `places` (points, 2), that share of its length."""
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))])
    end = share * way[-1]
    tip = [np.interp(end, way, places[:, axis]) for axis in (0, 1)]
    return np.vstack([places[way < end], tip])


class Plus(Painted):
    """⊕: where two ways join."""

    RADIUS = 0.2

    def __init__(self, x: float, y: float, theme: Theme, radius: float = RADIUS) -> None:
        self.theme = theme
        super().__init__(Box(x - radius, x + radius, y - radius, y + radius), theme.ink)

    def paint(self, brush: Brush) -> None:
        box, radius = self.box, self.box.height / 2
        for fill in (True, False):
            brush.context.new_sub_path()
            brush.context.arc(box.x, box.y, radius, 0, 2 * np.pi)
            if fill:
                brush.fill(self.theme.background, self.opacity)
            else:
                brush.stroke(self.colour, 0.9 * self.opacity, 0.028)
        arm = 0.52 * radius
        for start, end in (((-arm, 0), (arm, 0)), ((0, -arm), (0, arm))):
            brush.context.move_to(box.x + start[0], box.y + start[1])
            brush.context.line_to(box.x + end[0], box.y + end[1])
        brush.stroke(self.colour, 0.9 * self.opacity, 0.028)


class Block(Lit):
    """A part of the model as a rounded block with its name, in one or two lines. State: `light`."""

    STATE: ClassVar[tuple[str, ...]] = ("light",)
    LEADING = 1.35

    def __init__(self, name: str, box: Box, hue: Colour, theme: Theme, size: Type = LABEL) -> None:
        self.theme, self.dimmed = theme, theme.dim
        self.lines = _lines(name, box.width - AIR, theme.size(size))
        widest = max(text_width(line, 1.0) for line in self.lines) or 1.0
        self.font = theme.fitting((box.width - AIR) / widest, size)
        self.light = np.ones(1)
        super().__init__(box, hue)

    @property
    def fill(self) -> np.ndarray:
        return self.theme.block_fill(self.colour)

    def paint(self, brush: Brush) -> None:
        light = float(self.light[0])
        ground = mix(self.theme.background, self.fill, light)
        brush.plate(self.box, 0.12, (ground, self.opacity), (self.colour, 0.85 * self.opacity * light), 0.022)
        brush.write(self.printed())

    def printed(self) -> list[PrintedText]:
        box, ink, opacity = self.box, np.array(self.theme.ink), self.opacity * float(self.light[0])
        high, texts = CAP_HEIGHT * self.font / 2, []
        for number, line in enumerate(self.lines):
            half = text_width(line, self.font) / 2
            y = box.y + ((len(self.lines) - 1) / 2 - number) * self.LEADING * self.font
            place = Box(box.x - half, box.x + half, y - high, y + high)
            texts.append(PrintedText(line, place, self.font, ink, self.fill, structural=True, opacity=opacity))
        return texts


def _lines(name: str, width: float, font: float) -> list[str]:
    """The name in one line, or in two where it would be too wide and has a space or a hyphen to break it at."""
    ends = [i + 1 for i, letter in enumerate(name) if letter in " -"]
    if text_width(name, font) <= width or not ends:
        return [name]
    pairs = [(name[:end].rstrip(), name[end:]) for end in ends]
    return list(min(pairs, key=lambda pair: max(text_width(line, 1.0) for line in pair)))


def way_past(fork: Point, join: Box, depth: float) -> tuple[Point, ...]:
    """The points of a way that leaves the main wire at `fork`, runs at y = `depth`, and joins ⊕ from there."""
    end = join.bottom if depth < join.y else join.top
    return (fork, (fork[0], depth), (join.x, depth), (join.x, end))
