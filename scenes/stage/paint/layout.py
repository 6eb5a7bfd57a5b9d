"""Where things stand: boxes, the frame's bands, and the distances between things.

The bands follow the frame that is laid out now, as Manim's `config.frame_width` does: a chapter lays its own out when
it is made, and `STAGE` is from then on the stage of that one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from manim import Mobject  # texts are measured where nothing is drawn, and Manim takes long to come

FRAME_WIDTH = 128 / 9
FRAME_HEIGHT = 8.0
FRAMES = {  # width and height: type is as large in each, by the shorter side
    "16:9": (FRAME_WIDTH, FRAME_HEIGHT),
    "4:3": (FRAME_HEIGHT * 4 / 3, FRAME_HEIGHT),
    "1:1": (FRAME_HEIGHT, FRAME_HEIGHT),
    "9:16": (FRAME_HEIGHT, FRAME_WIDTH),
}
NARROW, NARROWEST = 12.0, 10.0  # with less width a header has two lines; with still less a caption has three
SMALLEST_FONT = 0.18


class Type(Enum):
    """The four sizes of type, in scene units: what is written anywhere is written in one of them; and a fifth, for the
    words of a sentence that stands alone.
    """

    SENTENCE = 0.64
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

    def but(self, **edges: float) -> Box:
        """With some of its edges elsewhere."""
        return Box(*(edges.get(edge, getattr(self, edge)) for edge in ("left", "right", "bottom", "top")))

    def upper(self, share: float) -> Box:
        return self.but(bottom=self.top - share * self.height)

    def lower(self, share: float) -> Box:
        return self.but(top=self.bottom + share * self.height)

    def columns(self, *shares: float, gap: float = 0.0) -> tuple[Box, ...]:
        """Side by side, left to right, with widths in proportion to `shares`."""
        usable = self.width - gap * (len(shares) - 1)
        boxes, left = [], self.left
        for share in shares:
            right = left + usable * share / sum(shares)
            boxes.append(self.but(left=left, right=right))
            left = right + gap
        return tuple(boxes)

    def rows(self, *shares: float, gap: float = 0.0) -> tuple[Box, ...]:
        """One above the other, top to bottom, with heights in proportion to `shares`."""
        usable = self.height - gap * (len(shares) - 1)
        boxes, top = [], self.top
        for share in shares:
            bottom = top - usable * share / sum(shares)
            boxes.append(self.but(bottom=bottom, top=top))
            top = bottom - gap
        return tuple(boxes)

    @property
    def is_tall(self) -> bool:
        """Whether things have more room one above the other than side by side."""
        return self.height > self.width

    def split(self, *shares: float, gap: float = 0.0) -> tuple[Box, ...]:
        """Side by side; where it is tall, one above the other."""
        return self.rows(*shares, gap=gap) if self.is_tall else self.columns(*shares, gap=gap)

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


class Band(Box):
    """A box that stands where the frame that is laid out now has it. edges: says where that is."""

    def __init__(self, edges: Callable[[], Box]) -> None:
        object.__setattr__(self, "_edges", edges)

    @property
    def now(self) -> Box:
        """Where it stands, for good."""
        edges: Callable[[], Box] = vars(self)["_edges"]
        return edges()

    @property
    def left(self) -> float:
        return self.now.left

    @property
    def right(self) -> float:
        return self.now.right

    @property
    def bottom(self) -> float:
        return self.now.bottom

    @property
    def top(self) -> float:
        return self.now.top


@dataclass(frozen=True)
class FrameLayout:
    """The bands of a frame.

    frame: width to height, of FRAMES; has_header, has_caption: whether there is such a band. One that there is not lies
    beyond the frame, where nothing of it is seen, and the stage has its place.
    """

    frame: str = "16:9"
    has_header: bool = True
    has_caption: bool = True

    @property
    def is_narrow(self) -> bool:
        return FRAMES[self.frame][0] < NARROW

    @property
    def is_narrowest(self) -> bool:
        return FRAMES[self.frame][0] < NARROWEST

    @property
    def is_square(self) -> bool:
        """Whether it is as narrow, and its stage too low for things to stand one above the other."""
        return self.is_narrowest and not self.stage.is_tall

    @property
    def caption_lines(self) -> int:
        """How many lines a caption may have."""
        return 3 if self.is_narrowest else 2

    @cached_property
    def whole(self) -> Box:
        width, height = FRAMES[self.frame]
        return Box(-width / 2, width / 2, -height / 2, height / 2)

    @cached_property
    def safe(self) -> Box:
        across, along = 0.04 * self.whole.width, 0.04 * self.whole.height
        return self.whole.inset(across, across, along, along)

    @cached_property
    def header(self) -> Box:
        height = 2 * LINE + TIGHT if self.is_narrow else LINE
        if not self.has_header:
            return self.safe.but(bottom=self.whole.top + BESIDE_BAND, top=self.whole.top + BESIDE_BAND + height)
        return self.safe.but(bottom=self.safe.top - height)

    @cached_property
    def heading(self) -> Box:
        """The line of the header for the chapter's title and the map."""
        return self.header.but(bottom=self.header.top - LINE)

    @cached_property
    def formula(self) -> Box:
        """The line of the header for the formula: of its own where the frame is narrow."""
        return self.header.but(top=self.header.bottom + LINE)

    def beside_heading(self, left: float, right: float) -> tuple[float, float]:
        """From where to where the formula has room, between a heading that ends at `left` and the map, at `right`."""
        return (self.header.left, self.header.right) if self.is_narrow else (left, right)

    @cached_property
    def caption(self) -> Box:
        height = CAPTION_HEIGHTS[self.caption_lines]
        if not self.has_caption:
            return self.safe.but(bottom=self.safe.bottom - BESIDE_BAND - height, top=self.safe.bottom - BESIDE_BAND)
        return self.safe.but(top=self.safe.bottom + height)

    @cached_property
    def stage(self) -> Box:
        top = self.header.bottom - BESIDE_BAND if self.has_header else self.safe.top
        return self.safe.but(bottom=self.caption.top + BESIDE_BAND, top=top)

    @property
    def growth(self) -> float:
        """How much higher the stage is than with header and caption."""
        return self.stage.height / FrameLayout(self.frame).stage.height


LINE = 0.62  # the height of a line of the header
CAPTION_HEIGHTS = {2: 0.82, 3: 1.24}  # by the number of lines
BESIDE_BAND = 0.12  # between two bands
_laid_out = [FrameLayout()]


def lay_out(layout: FrameLayout) -> None:
    """From now on, bands stand as this layout has them."""
    _laid_out[:] = [layout]


def layout_now() -> FrameLayout:
    """The frame that is laid out."""
    return _laid_out[0]


def grown(largest: tuple[float, float]) -> tuple[float, float]:
    """A largest width and height: so much more as the stage that is laid out is higher than usual."""
    growth = layout_now().growth
    return largest[0] * growth, largest[1] * growth


FRAME = Band(lambda: layout_now().whole)
SAFE = Band(lambda: layout_now().safe)
HEADER = Band(lambda: layout_now().header)
HEADING_LINE = Band(lambda: layout_now().heading)
FORMULA_LINE = Band(lambda: layout_now().formula)
CAPTION = Band(lambda: layout_now().caption)
STAGE = Band(lambda: layout_now().stage)
