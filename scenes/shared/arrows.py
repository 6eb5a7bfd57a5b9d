"""One vector and several others as arrows in a plane, such as a query and the keys, and the shadow of one on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from manim import VGroup

from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, HAIR, SPACE, TIGHT, WIDE, Box, around, around_points
from scenes.stage.paint.painting import Brush, Lit
from scenes.stage.paint.theme import Colour, Theme

SHAFT, HEAD, HALF_HEAD = 0.05, 0.24, 0.1
BROADER = 1.6  # the one arrow, which shows under the others'
AWAY = (0, GAP, 2 * GAP, 3 * GAP)  # how far from the tip, if it has no room beside it
FAR = 0.1  # what a distance from the tip counts, beside the area that it would share with something else
AROUND = (0, 1, -1, 2, -2, 3, -3, 4)  # eighths of a turn from an arrow's own direction, for the name at its tip


def paint_arrow(
    brush: Brush, start: np.ndarray, end: np.ndarray, colour: Colour | np.ndarray, opacity: float, breadth: float = 1.0
) -> None:
    """A shaft and a head that ends in `end`; of a short arrow the head is smaller."""
    along = end - start
    length = float(np.hypot(*along))
    forwards = along / length
    head = min(breadth * HEAD, 0.6 * length)
    neck, sideways = end - head * forwards, HALF_HEAD * head / HEAD * np.array([-forwards[1], forwards[0]])
    brush.context.move_to(*start)
    brush.context.line_to(*(neck + 0.1 * head * forwards))
    brush.stroke(colour, opacity, breadth * SHAFT)
    brush.context.move_to(*end)
    brush.context.line_to(*(neck + sideways))
    brush.context.line_to(*(neck - sideways))
    brush.context.close_path()
    brush.fill(colour, opacity)


class Arrow(Lit):
    """An arrow from `origin`. State: `tip` (2,), `light`."""

    STATE: ClassVar[tuple[str, ...]] = ("tip", "light")

    def __init__(self, origin: np.ndarray, tip: np.ndarray, colour: Colour, theme: Theme, breadth: float = 1.0) -> None:
        self.breadth = breadth
        self.origin, self.tip, self.light = origin, tip, np.ones(1)
        self.dimmed = theme.dim
        super().__init__(around_points(np.stack([origin, tip])), colour)

    def at_origin(self) -> Arrow:
        """No length yet: it grows from here."""
        return self.point_to(self.origin)

    def point_to(self, tip: np.ndarray) -> Arrow:
        self.tip = tip
        return self

    def paint(self, brush: Brush) -> None:
        opacity = self.opacity * float(self.light[0])
        if float(np.hypot(*(self.tip - self.origin))) < HAIR:
            brush.context.arc(float(self.origin[0]), float(self.origin[1]), HAIR, 0, 2 * np.pi)
            return brush.fill(self.colour, opacity)
        return paint_arrow(brush, self.origin, self.tip, self.colour, opacity, self.breadth)


class Shadow(Lit):
    """What an arrow that ends in `tip` measures along the query: a broad band, and the plumb line to it.

    State: `tip` (2,), `light`.
    """

    STATE: ClassVar[tuple[str, ...]] = ("tip", "light")
    BREADTH = 0.2

    def __init__(self, query: Arrow, tip: np.ndarray, colour: Colour) -> None:
        self.origin, self.tip, self.light = query.origin, tip, np.ones(1)
        along = query.tip - query.origin
        self.forwards = along / (float(np.hypot(*along)) or 1.0)
        super().__init__(around(query.box, around_points(np.stack([query.origin, tip]))), colour)

    def fall(self, tip: np.ndarray) -> Shadow:
        """Be the shadow of an arrow that ends in `tip`."""
        self.tip = tip
        return self

    def paint(self, brush: Brush) -> None:
        opacity = self.opacity * float(self.light[0])
        foot = self.origin + ((self.tip - self.origin) @ self.forwards) * self.forwards
        brush.context.move_to(*self.origin)
        brush.context.line_to(*foot)
        brush.stroke(self.colour, 0.45 * opacity, self.BREADTH)
        brush.context.set_dash([TIGHT, HAIR])
        brush.context.move_to(*self.tip)
        brush.context.line_to(*foot)
        brush.stroke(self.colour, 0.8 * opacity, HAIR / 2)
        brush.context.set_dash([])


class Axes(Lit):
    """The axes of the plane through its origin. State: `light`."""

    STATE: ClassVar[tuple[str, ...]] = ("light",)

    def __init__(self, origin: np.ndarray, box: Box, colour: Colour, *, upright: bool) -> None:
        self.origin, self.upright, self.light = origin, upright, np.ones(1)
        super().__init__(box, colour)

    def paint(self, brush: Brush) -> None:
        brush.context.move_to(self.box.left, self.origin[1])
        brush.context.line_to(self.box.right, self.origin[1])
        if self.upright:
            brush.context.move_to(self.origin[0], self.box.bottom)
            brush.context.line_to(self.origin[0], self.box.top)
        brush.stroke(self.colour, 0.8 * self.opacity * float(self.light[0]), 0.014)


class Plane(VGroup):
    """The arrow of a query, one for each key, with axes; all at one scale, as large as `box` has room.

    query: (dimensions,), keys: (keys, dimensions), of one dimension or two; names: of the axes, first the level one;
    meanings: whose hues the query and the keys have, for these may be other vectors.
    """

    def __init__(
        self, query: np.ndarray, keys: np.ndarray, names: Sequence[Label], box: Box, theme: Theme,
        meanings: tuple[str, str] = ("q", "k"),
    ) -> None:  # fmt: skip
        super().__init__()
        self.theme, self.room = theme, box
        points = np.zeros((2 + len(keys), 2))  # the origin, the query, the keys
        points[1:, : keys.shape[1]] = np.vstack([query, keys])
        inner = box.inset(WIDE, WIDE, WIDE, 2 * WIDE)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        unit = (
            min(room / length for room, length in zip((inner.width, inner.height), span, strict=True) if length > 0)
            if span.any()
            else 1.0
        )
        self.unit, self.origin = unit, inner.centre[:2] - unit * (low + span / 2)
        tips = self.origin + unit * points[1:]
        self.axes = Axes(self.origin, box, theme.quiet, upright=keys.shape[1] > 1)
        self.query = Arrow(self.origin, tips[0], theme.hue(meanings[0]), theme, BROADER)
        self.tips = tips[1:]
        self.keys = VGroup(*(Arrow(self.origin, tip, theme.hue(meanings[1]), theme) for tip in self.tips))
        self.names = VGroup(*names)
        names[0].move_to([box.right - names[0].width / 2, self.origin[1] - GAP, 0])
        for upright in names[1:]:
            x = min(self.origin[0] + SPACE, box.right - upright.width) + upright.width / 2
            upright.move_to([x, box.top - upright.height / 2, 0])
        self.add(self.axes, self.keys, self.query, self.names)

    def name_tips(self, labels: Mapping[Label, np.ndarray], others: Iterable[np.ndarray] = ()) -> None:
        """Put each name at the tip of an arrow, where it lies on no other, on no arrow and on no axis' name.

        others: tips of further arrows, which have no name.
        """
        taken = [label.box for label in self.names]
        points = (point for tip in (*labels.values(), *others) for point in self._along(tip))
        taken += [around_points(point[None]).grown(TIGHT) for point in points]
        for label, tip in labels.items():
            along = tip - self.origin
            angle = np.arctan2(along[1], along[0])
            turns = [angle + eighth * np.pi / 4 for eighth in AROUND]
            places = [(self._place(label, tip, turn, away), FAR * away) for away in AWAY for turn in turns]
            best, _ = min(places, key=lambda place: place[1] + sum(_common(place[0], other) for other in taken))
            taken.append(best)
            label.move_to(best.centre)

    def _along(self, tip: np.ndarray) -> np.ndarray:
        """Points of the arrow to `tip`.  # (points, 2)"""
        return self.origin + np.linspace(0, 1, 16)[:, None] * (tip - self.origin)

    def _place(self, label: Label, tip: np.ndarray, angle: float, away: float) -> Box:
        """The box of a label beside a tip in a direction, within the room."""
        clear = np.array([label.width / 2 + TIGHT, label.height / 2 + SPACE])
        centre = tip + (clear + away) * np.array([np.cos(angle), np.sin(angle)])
        half, room = np.array([label.width, label.height]) / 2 + HAIR, self.room
        low, high = np.array([room.left, room.bottom]) + half, np.array([room.right, room.top]) - half
        centre = np.clip(centre, low, high)
        return Box(*np.column_stack([centre - half, centre + half]).ravel())


def _common(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.top, other.top) - max(one.bottom, other.bottom)
    return max(width, 0.0) * max(height, 0.0)
