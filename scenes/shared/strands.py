"""Strands: curves that can take the shape of others, so that arcs over a sentence unroll into the cables of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import cairo
import numpy as np

from scenes.stage.figure.figure import Figure
from scenes.stage.paint.cable import Cable, Point
from scenes.stage.paint.layout import FRAME, HAIR, Box, around_points
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme

POINTS = 40
FAINTEST = 0.01
HALO, HALO_LIGHT, HALO_FROM = 3.0, 0.14, 0.05  # a broad strand shines beyond its edges


@dataclass(frozen=True)
class Course:
    """Where strands run and how they look.

    points: (strands, POINTS, 2); widths, light: (strands,); tints: (strands, 2, 3) colours at either end.
    """

    points: np.ndarray
    widths: np.ndarray
    light: np.ndarray
    tints: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    def of_length(self, count: int) -> Course:
        """So many strands: those that there are over and over, of which only the first are seen."""
        turn = np.arange(count) % len(self)
        light = np.where(np.arange(count) < len(self), self.light[turn], 0.0)
        return Course(self.points[turn], self.widths[turn], light, self.tints[turn])


class Strands(Painted):
    """Curves with a colour at either end. State: those of a Course, and `drawn` (strands,) how far each has come."""

    STATE: ClassVar[tuple[str, ...]] = ("points_of_all", "widths", "light", "tints", "drawn")

    def __init__(self, course: Course, count: int = 0) -> None:
        """count: how many strands there are, at least those of the course."""
        self.count = max(count, len(course))
        super().__init__(FRAME)
        self.drawn = np.ones(self.count)
        self.run(course)

    def run(self, course: Course) -> Strands:
        """Run like this."""
        full = course.of_length(self.count)
        self.points_of_all, self.widths = full.points, full.widths
        self.light, self.tints = full.light, full.tints
        return self

    def undrawn(self) -> Strands:
        self.drawn = np.zeros(self.count)
        return self

    def draw(self, *strands: int) -> Strands:
        """Draw these strands, all of them if none is named."""
        self.drawn = self.drawn.copy()
        self.drawn[list(strands) or slice(None)] = 1.0
        return self

    @property
    def reach(self) -> Box:
        """Around the strands that can be seen."""
        seen = (self.opacity * self.light > FAINTEST) & (self.drawn > 0)
        if not seen.any():
            return Box(FRAME.x, FRAME.x, FRAME.y, FRAME.y)
        margin = HALO * float(self.widths[seen].max()) + HAIR
        return around_points(self.points_of_all[seen].reshape(-1, 2)).grown(margin)

    def paint(self, brush: Brush) -> None:
        brush.context.set_line_cap(cairo.LINE_CAP_ROUND)
        for index in np.argsort(self.widths, kind="stable"):
            light = self.opacity * float(self.light[index])
            if light > FAINTEST and self.drawn[index] > 0:
                self._paint_strand(brush, int(index), light)
        brush.context.set_line_cap(cairo.LINE_CAP_BUTT)

    def _paint_strand(self, brush: Brush, index: int, light: float) -> None:
        points = self.points_of_all[index]
        last = max(2, round(float(self.drawn[index]) * len(points)))
        first, second = (tuple(map(float, colour)) for colour in self.tints[index])
        ends = ((float(points[0, 0]), float(points[0, 1])), _apart(points))
        width = float(self.widths[index])
        looks = [(HALO * width, HALO_LIGHT * light)] if width > HALO_FROM else []
        for broad, opacity in (*looks, (width, light)):
            brush.context.move_to(*points[0])
            for x, y in points[1:last]:
                brush.context.line_to(x, y)
            brush.stroke_blend((_colour(first), _colour(second)), ends, opacity, broad)


def _colour(channels: tuple[float, ...]) -> Colour:
    red, green, blue = channels
    return red, green, blue


def _apart(points: np.ndarray) -> tuple[float, float]:
    """The end of a curve, or beside it where it returns to its beginning, so that its colours have a direction."""
    x, y = points[-1]
    return float(x) + (1e-3 if np.allclose(points[0], points[-1], atol=1e-3) else 0.0), float(y)


# --- courses ----------------------------------------------------------------------------------------------------------


def curve(start: Sequence[float], end: Sequence[float], away: Sequence[float], into: Sequence[float]) -> np.ndarray:
    """A cubic curve that leaves `start` by `away` and comes to `end` from `end + into`.  # (POINTS, 2)"""
    first, last = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    second, third = first + np.asarray(away), last + np.asarray(into)
    t = np.linspace(0, 1, POINTS)[:, None]
    bent: np.ndarray = (1 - t) ** 3 * first + 3 * (1 - t) ** 2 * t * second + 3 * (1 - t) * t**2 * third + t**3 * last
    return bent


def hanging(starts: Sequence[Point], ends: Sequence[Point]) -> np.ndarray:
    """Curves from every start down to every end, in the order of the starts.  # (starts · ends, POINTS, 2)"""
    bends = [(first, last, (0.0, (last[1] - first[1]) / 2)) for first in starts for last in ends]
    return np.array([curve(first, last, bend, (0.0, -bend[1])) for first, last, bend in bends])


def cables_of(figure: Figure, theme: Theme) -> Course:
    """The cables of the model's figure as it stands."""
    lines = figure.plan.lines
    tints = np.array([[theme.hue(line.hue)] * 2 for line in lines])
    thickness = 0.028 * figure.plan.unit
    points = np.array([_sampled(line.cable) for line in lines])
    return Course(points, np.full(len(lines), thickness), np.full(len(lines), 0.75), tints)


def _sampled(cable: Cable) -> np.ndarray:
    """Points along a cable at equal distances.  # (POINTS, 2)"""
    t = np.linspace(0, 1, POINTS)[:, None]
    pieces = [
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for a, b, c, d in cable.curves()
    ]
    path = np.concatenate(pieces)
    far = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    even = np.linspace(0, far[-1], POINTS)
    return np.stack([np.interp(even, far, path[:, axis]) for axis in (0, 1)], axis=-1)
