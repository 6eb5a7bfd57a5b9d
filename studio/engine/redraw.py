"""Frames of an animation, drawn again only where something changed, and there exactly as in the whole frame.

As Manim does, it takes for granted that only what is animated or has updaters changes from frame to frame.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import cairo
import numpy as np
from manim import Animation, Mobject, Scene, VMobject
from manim.camera.camera import Camera

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Painted

JOIN = 5  # how far a stroke's corners may reach, in widths
EDGE = 3  # pixels around a shape that its antialiasing may touch
CALL = 100 * 100  # pixels that may be drawn needlessly to save drawing twice
UNITS_PER_WIDTH = 0.01
ROUNDING = 1e-9
PLAIN = (bool, int, float, str, np.generic)
ASIDE = ("submobjects", "updaters", "target", "saved_state")


class Area(NamedTuple):
    """A rectangle of pixels: from `left`, `top` to before `right`, `bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return max(0, self.right - self.left)

    @property
    def height(self) -> int:
        return max(0, self.bottom - self.top)

    @property
    def size(self) -> int:
        return self.width * self.height

    @property
    def rows(self) -> slice:
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.left, self.right)

    def meets(self, other: Area) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def grown(self, margin: int, frame: Area) -> Area:
        """With a margin on all sides, as far as the frame goes."""
        return Area(
            max(frame.left, self.left - margin),
            max(frame.top, self.top - margin),
            min(frame.right, self.right + margin),
            min(frame.bottom, self.bottom + margin),
        )

    def around(self, other: Area) -> Area:
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Seen(NamedTuple):
    """A mobject as it was drawn last, and where."""

    mobject: Mobject
    looks: Mapping[str, Any]
    area: Area


class Redraw:
    """Draws the frames of one animation on the camera's pixels.

    background: the picture of everything that stands below what moves, (height, width, 4).
    """

    def __init__(self, scene: Scene, camera: Camera, background: np.ndarray) -> None:
        self.scene, self.camera, self.background = scene, camera, background
        self.context = camera.get_cairo_context(camera.pixel_array)
        self.frame = Area(0, 0, camera.pixel_width, camera.pixel_height)
        self.changing = _changing(scene)
        self.seen: dict[int, Seen] = {}

    def draw(self) -> list[Area] | None:
        """Draw the next frame; the areas in which it may differ from the last one, None: everywhere."""
        mobjects = self.camera.get_mobjects_to_display(self.scene.moving_mobjects)
        first = not self.seen
        dirty = self._look(mobjects)
        if dirty is None or first:
            self.camera.set_pixel_array(self.background)
            self.camera.capture_mobjects(self.scene.moving_mobjects)
            return None
        areas = merged(dirty)
        for area in areas:
            self._draw_area(area, mobjects)
        return areas

    def _look(self, mobjects: list[Mobject]) -> list[Area] | None:
        """Where mobjects look other than in the last frame; None where that cannot be said."""
        last, self.seen = self.seen, {}
        dirty: list[Area] = []
        for mobject in mobjects:
            if not isinstance(mobject, VMobject) or mobject.get_background_image() is not None:
                self.seen = {}
                return None
            before = last.pop(id(mobject), None)
            if before is not None and id(mobject) not in self.changing:
                self.seen[id(mobject)] = before
                continue
            dirty += self._changes(mobject, before)
        return dirty + [gone.area for gone in last.values()]

    def _changes(self, mobject: VMobject, before: Seen | None) -> list[Area]:
        """Where a mobject that may have changed did."""
        looks = _looks(mobject)
        changed = None if before is None else _changed(before.looks, looks)
        if before is not None and not changed:
            self.seen[id(mobject)] = before
            return []
        area = self._area(_reach(mobject))
        self.seen[id(mobject)] = Seen(mobject, looks, area)
        if before is None or changed is None:
            return [area]
        part = mobject.changed_box(before.looks, changed) if isinstance(mobject, Painted) else None
        return [before.area, area] if part is None else [self._area(part)]

    def _area(self, box: Box) -> Area:
        """The pixels that a box in scene units touches."""
        if box.width <= 0:
            return Area(0, 0, 0, 0)
        (left, top), (right, bottom) = (
            self.context.user_to_device(x, y) for x, y in ((box.left, box.top), (box.right, box.bottom))
        )
        columns, rows = (_pixels(*ends) for ends in ((left, right, self.frame.right), (top, bottom, self.frame.bottom)))
        return Area(columns[0], rows[0], columns[1], rows[1])

    def _draw_area(self, area: Area, mobjects: Iterable[Mobject]) -> None:
        """Draw a part of the picture on a surface of its own, a little larger: cairo may round otherwise at an edge."""
        sheet = area.grown(EDGE, self.frame)
        pixels = self.background[sheet.rows, sheet.columns].copy()
        context = self._context(pixels, sheet)
        for mobject in mobjects:
            if self.seen[id(mobject)].area.meets(sheet):
                self.camera.display_vectorized(mobject, context)
        context.get_target().finish()
        inside = pixels[area.top - sheet.top :, area.left - sheet.left :][: area.height, : area.width]
        self.camera.pixel_array[area.rows, area.columns] = inside

    def _context(self, pixels: np.ndarray, place: Area) -> cairo.Context:
        """A context that draws on the pixels of that part of the picture."""
        surface = cairo.ImageSurface.create_for_data(pixels.data, cairo.FORMAT_ARGB32, place.width, place.height)
        surface.set_device_offset(-place.left, -place.top)
        context = cairo.Context(surface)
        context.set_matrix(self.context.get_matrix())
        return context


def merged(areas: Iterable[Area]) -> list[Area]:
    """Areas that cover the given ones without overlapping, near ones taken as one."""
    apart: list[Area] = []
    for area in areas:
        if not area.size:
            continue
        near = area
        while (other := next((one for one in apart if _worth_joining(one, near)), None)) is not None:
            apart.remove(other)
            near = near.around(other)
        apart.append(near)
    return apart


def _worth_joining(one: Area, other: Area) -> bool:
    return one.meets(other) or one.around(other).size < one.size + other.size + CALL


def _changing(scene: Scene) -> set[int]:
    """Everything that this animation, or an updater, may change."""
    animated = [part for animation in scene.animations or () for part in _animated(animation)]
    updated = (part for mobject in scene.mobjects for part in mobject.get_family() if part.updaters)
    return {id(part) for mobject in (*animated, *updated) for part in mobject.get_family()}


def _animated(animation: Animation) -> Iterator[Mobject]:
    yield animation.mobject
    for part in getattr(animation, "animations", ()):
        yield from _animated(part)


def _reach(mobject: VMobject) -> Box:
    """The box that all of a mobject's ink is in."""
    if isinstance(mobject, Painted):
        return mobject.reach
    low, high = mobject.points.min(axis=0), mobject.points.max(axis=0)
    widest = max(np.max(mobject.stroke_width), np.max(mobject.background_stroke_width))
    return Box(low[0], high[0], low[1], high[1]).grown(float(widest) * UNITS_PER_WIDTH * JOIN)


def _looks(mobject: VMobject) -> dict[str, Any]:
    """All that may make a mobject look different. Arrays of every VMobject may be changed in place, so they are copied;
    a `Painted` mobject replaces its own.
    """
    own = mobject.STATE if isinstance(mobject, Painted) else ()
    return {name: _kept(value, name in own) for name, value in vars(mobject).items() if name not in ASIDE}


def _kept(value: Any, own: bool) -> Any:
    if isinstance(value, np.ndarray):
        return value if own or value.dtype == object else value.copy()
    return tuple(value) if isinstance(value, list) else value


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The names of what differs, or may: of a mobject that another shows, nothing is known."""
    return [name for name, value in now.items() if not _alike(before.get(name), value)]


def _alike(before: Any, now: Any) -> bool:
    if isinstance(now, Mobject):
        return False
    if isinstance(now, np.ndarray) and isinstance(before, np.ndarray):
        return now is before or (now.dtype != object and now.shape == before.shape and _close(before, now))
    if isinstance(now, tuple):
        return isinstance(before, tuple) and len(before) == len(now) and all(map(operator.is_, before, now))
    return now is before or (isinstance(now, PLAIN) and bool(now == before))


def _close(before: np.ndarray, now: np.ndarray) -> bool:
    """Whether two arrays differ by no more than what interpolation between equal ones leaves."""
    return before.tobytes() == now.tobytes() or bool(np.abs(now - before).max(initial=0) < ROUNDING)


def _pixels(start: float, end: float, most: int) -> tuple[int, int]:
    """The whole pixels from before `start` to after `end`, of those from 0 to `most`."""
    return int(min(max(start - EDGE, 0), most)), int(max(0, min(end + 1 + EDGE, most)))
