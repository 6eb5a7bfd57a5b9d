"""Threads: quiet curves that join a part of one thing to a part of another, and know what they join.

A thread is tied at both ends, to the middle of one side of a row, a column, a cell, a token, or of a whole mobject. So
it cannot end in mid-air, it follows when these move (`Follow`), and a pulse runs along it when a value goes that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from manim import Animation, LaggedStart, Mobject, Scene, ShowPassingFlash, VGroup, VMobject

from scenes.stage.paint.cable import Cable
from scenes.stage.paint.layout import HAIR, Box, box_of
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour

AT_REST, CLEAR = 0.5, 0.9  # opacity of a thread; of one that is followed
THICKNESS, WIDER = 2.0, 2.5  # in hundredths of a unit: of a thread; how much wider a pulse is
CORNER = 0.28  # radius where a thread turns from level to upright
FLASH = 0.45  # length of a pulse, as a share of its thread
PULSE = 0.8  # seconds

Side = Literal["left", "right", "top", "bottom"]
OUTWARDS: Mapping[str, tuple[float, float]] = {"left": (-1, 0), "right": (1, 0), "bottom": (0, -1), "top": (0, 1)}


@dataclass(frozen=True)
class End:
    """Where a thread is tied: the middle of one side of a part of `of`.

    part: the property or method of `of` that gives the part's box (for `index`), "" for the whole of it;
    along: where on that side, 0 to 1 from its left or its top; gap: air between them.
    """

    of: Mobject
    side: Side
    part: str = ""
    index: tuple[int, ...] = ()
    along: float = 0.5
    gap: float = HAIR

    @property
    def box(self) -> Box:
        if self.part:
            place = getattr(self.of, self.part)
            return place(*self.index) if callable(place) else place
        return self.of.box if isinstance(getattr(self.of, "box", None), Box) else box_of(self.of)

    @property
    def outwards(self) -> np.ndarray:
        """The direction in which a thread leaves here.  # (2,)"""
        return np.array(OUTWARDS[self.side], dtype=float)

    @property
    def point(self) -> np.ndarray:
        """Where the thread begins.  # (2,)"""
        box = self.box
        x = {"left": box.left, "right": box.right}.get(self.side, box.left + self.along * box.width)
        y = {"bottom": box.bottom, "top": box.top}.get(self.side, box.top - self.along * box.height)
        return np.array([x, y]) + self.gap * self.outwards


def row(matrix: Mobject, i: int, side: Side) -> End:
    """A row of a matrix, or of whatever has a `row_box`."""
    return End(matrix, side, "row_box", (i,))


def column(matrix: Mobject, j: int, side: Side) -> End:
    return End(matrix, side, "column_box", (j,))


def cell(matrix: Mobject, i: int, j: int, side: Side) -> End:
    return End(matrix, side, "cell_box", (i, j))


def token(axis: Mobject, i: int, side: Side) -> End:
    """A label of a token axis."""
    return End(axis, side, "token_box", (i,))


def edge(mobject: Mobject, side: Side, along: float = 0.5) -> End:
    """A side of a whole mobject."""
    return End(mobject, side, along=along)


def across_from(other: End, mobject: Mobject, side: Side) -> End:
    """Where a side of a whole mobject is straight across from another end."""
    box, point = edge(mobject, side).box, other.point
    if side in ("left", "right"):
        return edge(mobject, side, float((box.top - point[1]) / box.height))
    return edge(mobject, side, float((point[0] - box.left) / box.width))


def before_row(matrix: Mobject, i: int) -> End:
    """The left of a row of a matrix: of its token label, where it has one."""
    tokens = getattr(matrix, "row_tokens", None)
    return row(matrix, i, "left") if tokens is None else token(tokens, i, "left")


class Thread(VMobject):
    """A curve from one end to the other; it leaves and arrives at right angles to the sides that it is tied to.

    Where one side is upright and the other level it is laid along both, with a round corner; lane: a height at which
    it runs on its way.
    """

    def __init__(self, source: End, target: End, lane: float | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ends, self.lane = (source, target), lane
        self.follow()

    def __deepcopy__(self, memo: dict) -> Self:
        memo[id(self.ends)] = self.ends  # a copy is tied to the same things
        return super().__deepcopy__(memo)

    def follow(self) -> Self:
        """Lie as its ends stand now."""
        source, target = self.ends
        start, end = source.point, target.point
        if self.lane is not None:
            return self._lay(Cable(_by_lane(source, target, self.lane), CORNER))
        if (source.side in ("left", "right")) != (target.side in ("left", "right")):
            level = source.side in ("left", "right")
            corner = (end[0], start[1]) if level else (start[0], end[1])
            return self._lay(Cable((tuple(start), corner, tuple(end)), CORNER))
        reach = 0.5 * np.abs(end - start)
        points = [start, start + reach * source.outwards, end + reach * target.outwards, end]
        return self.set_points(np.column_stack([points, np.zeros(4)]))

    def _lay(self, cable: Cable) -> Self:
        return self.set_points(cable.path().points)


def _by_lane(source: End, target: End, lane: float) -> tuple[tuple[float, float], ...]:
    """Out of one end, up or down to the lane, along it, and back to the height of the other."""
    turns = [end.point + CORNER * end.outwards for end in (source, target)]
    (x, y), (last_x, last_y) = turns
    first, last = source.point, target.point
    return (float(first[0]), float(first[1])), (x, y), (x, lane), (last_x, lane), (last_x, last_y), (last[0], last[1])


def thread(
    source: End,
    target: End,
    colour: Colour,
    *,
    width: float = THICKNESS,
    opacity: float = AT_REST,
    lane: float | None = None,
) -> Thread:
    """A quiet thread from one part to another, in the hue of its source."""
    return Thread(source, target, lane).set_stroke(hexadecimal(colour), width=width, opacity=opacity)


def row_threads(
    source: Mobject,
    target: Mobject,
    colour: Colour,
    *,
    rows: int = 0,
    width: float = THICKNESS,
    opacity: float = AT_REST,
) -> VGroup:
    """One thread per row, from the right of `source` to the left of `target`. rows: if not as many as `source` has."""
    count = rows or source.rows
    pairs = ((row(source, i, "right"), row(target, i, "left")) for i in range(count))
    return VGroup(*(thread(*pair, colour, width=width, opacity=opacity) for pair in pairs))


def column_threads(source: Mobject, target: Mobject, colour: Colour, opacity: float = AT_REST) -> VGroup:
    """One thread per column, from the foot of `source` to the head of `target`."""
    count = source.columns
    pairs = ((column(source, j, "bottom"), column(target, j, "top")) for j in range(count))
    return VGroup(*(thread(*pair, colour, opacity=opacity) for pair in pairs))


def threads_in(mobjects: Iterable[Mobject]) -> Iterator[Thread]:
    """All threads among mobjects and their parts."""
    return (part for mobject in mobjects for part in mobject.get_family() if isinstance(part, Thread))


def pulse(threads: Iterable[Thread], run_time: float = PULSE, lag: float = 0.0) -> Animation:
    """A short bright stretch runs along each thread, in the way that it leads. lag: how much later each next one."""
    flashes = (ShowPassingFlash(_bright(one), time_width=FLASH) for one in threads)
    return LaggedStart(*flashes, lag_ratio=lag, run_time=run_time)


def _bright(one: Thread) -> VMobject:
    return one.copy().set_stroke(width=one.get_stroke_width() + WIDER, opacity=1)


class Follow(Animation):
    """Threads stay tied to what moves. It goes after the animations that move it."""

    def __init__(self, threads: Iterable[Thread], **kwargs: Any) -> None:
        super().__init__(VGroup(*threads), introducer=True, **kwargs)

    def _setup_scene(self, scene: Scene | None) -> None:
        """The threads stay where they are among the scene's mobjects."""

    def begin(self) -> None:
        """Nothing has to be remembered."""

    def interpolate(self, alpha: float) -> None:
        for one in self.mobject:
            one.follow()

    def finish(self) -> None:
        self.interpolate(1)


__all__ = [
    "End",
    "Follow",
    "Thread",
    "across_from",
    "before_row",
    "cell",
    "column",
    "column_threads",
    "edge",
    "pulse",
    "row",
    "row_threads",
    "thread",
    "threads_in",
    "token",
]
