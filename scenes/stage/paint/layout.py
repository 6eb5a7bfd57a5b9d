"""Where things stand: boxes, the frame's bands, and the distances between things."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from manim import Mobject  # texts are measured where nothing is drawn, and Manim takes long to come

FRAME_WIDTH = 128 / 9
FRAME_HEIGHT = 8.0
FRAMES = {"16:9": (FRAME_WIDTH, FRAME_HEIGHT), "4:3": (12.0, 9.0), "1:1": (10.0, 10.0), "9:16": (8.0, FRAME_WIDTH)}
SMALLEST_FONT = 0.18


class Type(Enum):
    """The four sizes of type, in scene units: what is written anywhere is written in one of them."""

    TITLE = 0.42
    TEXT = 0.3
    LABEL = 0.24
    SMALL = SMALLEST_FONT


TITLE, TEXT, LABEL, SMALL = Type.TITLE, Type.TEXT, Type.LABEL, Type.SMALL

# Distances between things, in scene units.
HAIR = 0.06  # between parts of one thing
TIGHT = 0.1  # between things that belong together
SPACE = 0.14  # between a thing and its label
GAP = 0.24  # between neighbours
WIDE = 0.4  # between groups


@dataclass(frozen=True)
class Box:
    """A rectangle in scene units."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        return (self.bottom + self.top) / 2

    @property
    def centre(self) -> np.ndarray:
        return np.array([self.x, self.y, 0.0])

    def grown(self, margin: float) -> Box:
        return Box(self.left - margin, self.right + margin, self.bottom - margin, self.top + margin)

    def shifted(self, x: float = 0, y: float = 0) -> Box:
        return Box(self.left + x, self.right + x, self.bottom + y, self.top + y)

    def inset(self, left: float = 0, right: float = 0, bottom: float = 0, top: float = 0) -> Box:
        return Box(self.left + left, self.right - right, self.bottom + bottom, self.top - top)

    def upper(self, share: float) -> Box:
        return replace(self, bottom=self.top - share * self.height)

    def lower(self, share: float) -> Box:
        return replace(self, top=self.bottom + share * self.height)

    def columns(self, *shares: float, gap: float = 0.0) -> tuple[Box, ...]:
        """Side by side, left to right, with widths in proportion to `shares`."""
        usable = self.width - gap * (len(shares) - 1)
        boxes, left = [], self.left
        for share in shares:
            right = left + usable * share / sum(shares)
            boxes.append(replace(self, left=left, right=right))
            left = right + gap
        return tuple(boxes)

    def rows(self, *shares: float, gap: float = 0.0) -> tuple[Box, ...]:
        """One above the other, top to bottom, with heights in proportion to `shares`."""
        usable = self.height - gap * (len(shares) - 1)
        boxes, top = [], self.top
        for share in shares:
            bottom = top - usable * share / sum(shares)
            boxes.append(replace(self, bottom=bottom, top=top))
            top = bottom - gap
        return tuple(boxes)

    def contains(self, other: Box, tolerance: float = 1e-6) -> bool:
        return (
            other.left >= self.left - tolerance
            and other.right <= self.right + tolerance
            and other.bottom >= self.bottom - tolerance
            and other.top <= self.top + tolerance
        )

    def overlaps(self, other: Box, tolerance: float = 1e-6) -> bool:
        return (
            min(self.right, other.right) - max(self.left, other.left) > tolerance
            and min(self.top, other.top) - max(self.bottom, other.bottom) > tolerance
        )


def around(*boxes: Box) -> Box:
    """The smallest box that holds all of `boxes`."""
    return Box(
        min(box.left for box in boxes),
        max(box.right for box in boxes),
        min(box.bottom for box in boxes),
        max(box.top for box in boxes),
    )


def around_points(points: np.ndarray) -> Box:
    """The smallest box that holds all of them.  # (points, 2)"""
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    return Box(float(left), float(right), float(bottom), float(top))


def around_edges(edges: np.ndarray) -> Box:
    """The smallest box that holds all boxes, of which this has left, right, bottom and top.  # (boxes, 4)"""
    return around_points(edges.reshape(-1, 2, 2).swapaxes(1, 2).reshape(-1, 2))


def box_of(mobject: Mobject) -> Box:
    """The bounding box of any mobject."""
    left, right = mobject.get_left()[0], mobject.get_right()[0]
    return Box(float(left), float(right), float(mobject.get_bottom()[1]), float(mobject.get_top()[1]))


FRAME = Box(-FRAME_WIDTH / 2, FRAME_WIDTH / 2, -FRAME_HEIGHT / 2, FRAME_HEIGHT / 2)
SAFE = FRAME.inset(0.04 * FRAME_WIDTH, 0.04 * FRAME_WIDTH, 0.04 * FRAME_HEIGHT, 0.04 * FRAME_HEIGHT)
HEADER = replace(SAFE, bottom=SAFE.top - 0.62)
CAPTION = replace(SAFE, top=SAFE.bottom + 0.82)
STAGE = Box(SAFE.left, SAFE.right, CAPTION.top + 0.12, HEADER.bottom - 0.12)
