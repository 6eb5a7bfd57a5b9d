"""The camera: from the map of the model into a part of it, from a picture into a part of it, and out again.

On the way from the map it sees the map, large, and in one part of it a shot of the stage. Both grow together until the
shot is the stage, or shrink together until the whole map is seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, VGroup, smooth

from scenes.stage.chapter.model_map import StageMap, blocks_in
from scenes.stage.paint.layout import FRAME, HAIR, HEADER, STAGE, Band, Box
from scenes.stage.paint.shot import Shot
from scenes.storyboard import EVERYTHING

VIEW = Band(lambda: FRAME.but(top=min(FRAME.top, HEADER.bottom - HAIR)))  # what moves with the camera
SMALL = 0.06  # the height of a shot in a part of the map, by the stage's
NAME_GONE, SHOT_THERE = 0.15, 0.4  # of the way in: names have left by the first, what is inside is there by the second
RUN_TIME = 1.0


class Dive(Animation):
    """The camera goes from the whole map into the part at `door` (a box on it), where a shot of the stage comes up.

    out: the other way. At its end inside, the shot is the stage as it stands.
    """

    def __init__(self, stage_map: StageMap, shot: Shot, door: Box, *, out: bool = False, **kwargs: Any) -> None:
        self.out = out
        self.far = (stage_map.home, inside(door))
        self.near = tuple(_seen_from(self.far[1], box) for box in self.far)
        blocks = blocks_in(stage_map.home)
        self.entered = np.array([door.overlaps(blocks[name]) for name in EVERYTHING])  # (parts,)
        self.stage_map, self.shot = stage_map, shot
        super().__init__(VGroup(stage_map, shot), **{"run_time": RUN_TIME, "rate_func": smooth, **kwargs})

    def interpolate_mobject(self, alpha: float) -> None:
        way = self.rate_func(alpha)
        way = 1 - way if self.out else way
        share = evenly(self.near[1].width / self.far[1].width, way)
        for mobject, far, near in zip((self.stage_map, self.shot), self.far, self.near, strict=True):
            mobject.set_box(between(far, near, share))
        self.stage_map.named = np.where(self.entered, max(0.0, 1 - way / NAME_GONE), 1.0)
        self.shot.set_fill(opacity=float(np.clip((way - NAME_GONE) / (SHOT_THERE - NAME_GONE), 0, 1)))


class Zoom(Animation):
    """A shot is enlarged until `part` of what it shows fills its view; out: until the whole is seen again."""

    def __init__(self, shot: Shot, part: Box, *, out: bool = False, **kwargs: Any) -> None:
        self.out = out
        self.view = shot.source
        self.near = enlarged(part, self.view)
        super().__init__(shot, **{"run_time": RUN_TIME, "rate_func": smooth, **kwargs})

    def interpolate_mobject(self, alpha: float) -> None:
        way = self.rate_func(alpha)
        share = evenly(self.near.width / self.view.width, 1 - way if self.out else way)
        self.mobject.set_box(between(self.view, self.near, share))


class Flight(Animation):
    """The camera, which has come near a part of what a shot shows, flies on to another part."""

    def __init__(self, shot: Shot, start: Box, end: Box, **kwargs: Any) -> None:
        self.ends = enlarged(start, shot.source), enlarged(end, shot.source)
        super().__init__(shot, **{"run_time": RUN_TIME, "rate_func": smooth, **kwargs})

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.set_box(between(*self.ends, self.rate_func(alpha)))


def evenly(growth: float, way: float) -> float:
    """How much of an enlargement is done after so much of the way, where equal times enlarge equally."""
    return way if abs(growth - 1) < 1e-6 else (growth**way - 1) / (growth - 1)


def inside(door: Box) -> Box:
    """Where a shot of the view stands in a part of the map, or in the middle of several: small enough for any part."""
    height = min(SMALL * STAGE.height, door.height, door.width * VIEW.height / VIEW.width)
    width = height * VIEW.width / VIEW.height
    return Box(door.x - width / 2, door.x + width / 2, door.y - height / 2, door.y + height / 2)


def enlarged(part: Box, view: Box) -> Box:
    """Where all of the view stands when the camera has come so near that `part` of it fills the view."""
    return _seen_from(around_view(part, view), view, view)


def around_view(part: Box, view: Box = VIEW) -> Box:
    """What fills the view when all of `part` is seen as large as can be: a box of the view's shape around it."""
    height = max(part.height, part.width * view.height / view.width)
    width = height * view.width / view.height
    return Box(part.x - width / 2, part.x + width / 2, part.y - height / 2, part.y + height / 2)


def between(first: Box, last: Box, share: float) -> Box:
    """A box that is so much of the way from the first to the last."""
    ends = ((getattr(first, edge), getattr(last, edge)) for edge in ("left", "right", "bottom", "top"))
    return Box(*(start + (end - start) * share for start, end in ends))


def _seen_from(shot: Box, box: Box, view: Box = VIEW) -> Box:
    """Where a box stands when the camera has come so near that `shot` fills the view."""
    growth = view.width / shot.width
    x, y = view.x + (box.x - shot.x) * growth, view.y + (box.y - shot.y) * growth
    width, height = growth * box.width / 2, growth * box.height / 2
    return Box(x - width, x + width, y - height, y + height)
