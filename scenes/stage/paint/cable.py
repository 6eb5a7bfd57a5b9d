"""Cables: lines laid with round corners, drawn by a brush or followed by what travels along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import VMobject

from scenes.stage.paint.painting import Brush
from scenes.stage.paint.theme import Colour

Point = tuple[float, float]
Curve = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
ROUND = 0.5523  # a quarter of a circle as a cubic curve


@dataclass(frozen=True)
class Cable:
    """A line through `points` with corners of that `radius`; `head`: how long its arrowhead is (0: none)."""

    points: tuple[Point, ...]
    radius: float = 0.12
    head: float = 0.0

    def curves(self, trimmed: bool = False) -> list[Curve]:
        """The cable as cubic curves; trimmed: it ends where its arrowhead begins."""
        places = [np.array(point, dtype=float) for point in self.points]
        if trimmed and self.head:
            places[-1] = places[-1] - 0.7 * self.head * _direction(places[-2], places[-1])
        curves, here = [], places[0]
        for before, corner, after in zip(places, places[1:], places[2:], strict=False):
            into, out = _direction(before, corner), _direction(corner, after)
            reach = min(self.radius, _length(here, corner), 0.5 * _length(corner, after))
            start, end = corner - reach * into, corner + reach * out
            curves.append(_straight(here, start))
            curves.append((start, start + ROUND * reach * into, end - ROUND * reach * out, end))
            here = end
        return [*curves, _straight(here, places[-1])]

    def path(self) -> VMobject:
        """The cable as a curve that something can travel along (`MoveAlongPath`)."""
        points = np.array([point for curve in self.curves() for point in curve])
        return VMobject().set_points(np.column_stack([points, np.zeros(len(points))]))

    def paint(self, brush: Brush, colour: Colour | np.ndarray, opacity: float, width: float) -> None:
        context, curves = brush.context, self.curves(trimmed=True)
        context.move_to(*curves[0][0])
        for _, first, second, end in curves:
            context.curve_to(*first, *second, *end)
        brush.stroke(colour, opacity, width)
        if self.head:
            self._paint_head(brush, colour, opacity)

    def _paint_head(self, brush: Brush, colour: Colour | np.ndarray, opacity: float) -> None:
        tip, along = np.array(self.points[-1]), _direction(np.array(self.points[-2]), np.array(self.points[-1]))
        across = np.array([-along[1], along[0]]) * 0.42 * self.head
        for number, corner in enumerate((tip, tip - self.head * along + across, tip - self.head * along - across)):
            (brush.context.line_to if number else brush.context.move_to)(*corner)
        brush.context.close_path()
        brush.fill(colour, opacity)


def _length(start: np.ndarray, end: np.ndarray) -> float:
    return float(np.hypot(*(end - start)))


def _direction(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    return (end - start) / (_length(start, end) or 1.0)


def _straight(start: np.ndarray, end: np.ndarray) -> Curve:
    return start, start + (end - start) / 3, end - (end - start) / 3, end


def joined(*cables: Sequence[Point] | Cable, radius: float = 0.12) -> Cable:
    """One cable through the points of several."""
    points: list[Point] = []
    for cable in cables:
        points += [p for p in (cable.points if isinstance(cable, Cable) else cable) if not points or p != points[-1]]
    return Cable(tuple(points), radius)
