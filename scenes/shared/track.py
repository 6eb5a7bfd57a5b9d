"""The track beside the figure: what leaves each block, as a miniature with its shape, tied to the block's arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, AnimationGroup, Create, FadeIn, VGroup, VMobject

from core.trace import Tensor
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.miniature import Miniature, Travel, cable, shape_room
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, HAIR, Box
from scenes.stage.paint.theme import Theme

TALLEST = 0.42
SHAPE_ROOM = 0.85
JUST = 0.055  # above what the stream leaves
TRAVELLER = (0.62, 0.3)
SWALLOWED = 0.05  # of its size


class Track:
    """Stations level with the gaps between the figure's blocks, in `box`.

    side: on which side of the figure the track runs, "right" or "left"; scale: (rows, columns) of the largest tensor
    to be shown, to whose scale all are drawn; stream: the part through whose middle the data rises.
    """

    def __init__(self, figure: Figure, theme: Theme, box: Box, side: str, scale: tuple[int, ...], stream: str) -> None:
        self.figure, self.theme, self.box, self.side, self.scale = figure, theme, box, side, scale
        self.x = figure.part_box(stream).x
        self.for_shapes = max(SHAPE_ROOM, shape_room(scale, theme))
        self.minis: dict[str, Miniature] = {}
        self.cables: dict[str, VMobject] = {}

    @property
    def parts(self) -> VGroup:
        """All that stands in the track."""
        return VGroup(*self.cables.values(), *self.minis.values())

    def add(self, tensor: Tensor, meaning: str, y: float, leaves: float) -> Miniature:
        """A station at height `y`: its miniature, and the cable that ties it to the stream at height `leaves`."""
        mini = Miniature(tensor, meaning, self.theme, side=self.side)
        room = self.box.inset(**{self.side: self.for_shapes})
        mini.place_within(Box(room.left, room.right, y - TALLEST / 2, y + TALLEST / 2), self.scale[1], self.scale[0])
        near = room.left if self.side == "right" else room.right
        edge = mini.box.left if self.side == "right" else mini.box.right
        mini.shift([near - edge, 0, 0])
        self.minis[tensor.name] = mini
        self.cables[tensor.name] = self._tie(y, leaves, near, meaning)
        return mini

    def between(self, tensor: Tensor, meaning: str, below: str, above: str) -> Miniature:
        """A station midway between two parts, tied to the stream where it leaves the lower."""
        low, high = self.figure.part_box(below), self.figure.part_box(above)
        return self.add(tensor, meaning, (low.y + high.y) / 2, low.top + JUST)

    def _tie(self, y: float, leaves: float, near: float, meaning: str) -> VMobject:
        outward = 1 if self.side == "right" else -1
        turn = near - outward * GAP
        corners = [(self.x, leaves), (turn, leaves), (turn, y), (near - outward * HAIR, y)]
        return cable(corners, self.theme.hue(meaning), width=2.0, opacity=0.5)

    def traveller(self, tensor: Tensor, meaning: str) -> Miniature:
        """A picture of a tensor small enough to travel along the figure's cables, framed so that the eye follows."""
        width, height = TRAVELLER
        rows, columns = self.scale
        box = Box(-width / 2, width / 2, -height / 2, height / 2)
        mini = Miniature(tensor, meaning, self.theme, side="").place_within(box, columns, rows)
        mini.add(Frame(mini.box, self.theme))
        return mini


def upwards(traveller: Miniature, start: np.ndarray, target: Box, **kwargs: Any) -> Animation:
    """A traveller goes straight up (or across and up) from `start` into the lower edge of a block."""
    x, y = float(start[0]), float(start[1])
    corners = [(x, y), (target.x, y), (target.x, target.bottom + 0.04)]
    path = corners if abs(x - target.x) > 1e-3 else [corners[0], corners[2]]
    return Travel(traveller, cable(path, (1.0, 1.0, 1.0)), **kwargs)


def swallowed(traveller: Miniature, block: Box) -> Animation:
    """A block takes a traveller in at its edge, clear of its name."""
    x, y = traveller.box.x, traveller.box.y
    entry = [min(max(x, block.left), block.right), min(max(y, block.bottom), block.top), 0.0]
    return traveller.animate(remover=True).scale(SWALLOWED).move_to(entry)


def to_station(track: Track, name: str, start: Box) -> list[Animation]:
    """A result flies from where it stood to its station; tied to the arrow there, it shows its shape."""
    mini = track.minis[name]
    goal = mini.box
    mini.cells.set_box(start)
    return [mini.cells.animate.set_box(goal), AnimationGroup(Create(track.cables[name]), FadeIn(mini.shape))]
