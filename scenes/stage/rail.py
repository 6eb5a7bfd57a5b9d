"""The progress rail: a dash per chapter of the film, and beside them a small map of the model.

Lit on the map are the parts that the chapter is about. A chapter opens out of them and returns to them: a frame grows
from the map to the stage while the first picture comes, and shrinks back when the last one stands.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from manim import Animation, AnimationGroup, linear, smooth

from scenes.stage import storyboard
from scenes.stage.layout import HEADER, STAGE, Box, around
from scenes.stage.painting import Brush, Painted
from scenes.stage.theme import Theme, mix

DASHES, DASH, DASH_GAP, THICKNESS = 1.3, 0.2, 0.3, 0.05
MAP_HEIGHT, COLUMN, BETWEEN, BESIDE = HEADER.height, 0.42, 0.16, 0.24
GAP = 0.42  # between the blocks of the map, by the height of a block
LENGTH = 0.7  # seconds that a passage takes at most
QUIET = 0.6  # how bright the chapter's parts are while it runs

ATTENTION = ("encoder.self_attention", "decoder.self_attention", "decoder.cross_attention")
INPUT = ("source.embedding", "source.positions")
ENCODER = ("encoder.self_attention", "encoder.norm_1", "encoder.feed_forward", "encoder.norm_2")
DECODER = (
    "decoder.self_attention",
    "decoder.norm_1",
    "decoder.cross_attention",
    "decoder.norm_2",
    "decoder.feed_forward",
    "decoder.norm_3",
)
TARGET = ("target.embedding", "target.positions")
OUTPUT = ("output.linear", "output.softmax")
EVERYTHING = (*INPUT, *ENCODER, *TARGET, *DECODER, *OUTPUT)
NORMS = tuple(name for name in EVERYTHING if ".norm_" in name)
LEFT, RIGHT = (*INPUT, *ENCODER), (*TARGET, *DECODER, *OUTPUT)  # from below
HEIGHTS = {"positions": 0.6, "norm": 0.5}  # all others: 1

PARTS: dict[str, tuple[str, ...]] = {
    "tokens": ("source.embedding", "target.embedding"),
    "causal_mask": ("decoder.self_attention",),
    "padding_mask": ("encoder.self_attention", "decoder.cross_attention"),
    "positional_encoding": ("source.positions", "target.positions"),
    "add_norm": NORMS,
    "feed_forward": ("encoder.feed_forward", "decoder.feed_forward"),
    "encoder": ENCODER,
    "decoder": DECODER,
    "output": OUTPUT,
    "whole_model": EVERYTHING,
    "translation": EVERYTHING,
}
WHOLE = ("encoder", "decoder", "output", "whole_model", "translation")  # chapters that open from all their parts


class Rail(Painted):
    """Dashes and map at the right of the header. State: `glow`, how bright the chapter's parts are on the map."""

    STATE: ClassVar[tuple[str, ...]] = ("glow",)
    MARGIN = 0.02

    def __init__(self, chapter: str, theme: Theme) -> None:
        self.chapter, self.theme = chapter, theme
        film = next((film for film in storyboard.FILMS.values() if chapter in film), (chapter,))
        self.position, self.length = film.index(chapter), len(film)
        self.glow = np.array([QUIET])
        left = HEADER.right - 2 * COLUMN - BETWEEN - BESIDE - DASHES
        super().__init__(Box(left, HEADER.right, HEADER.y - MAP_HEIGHT / 2, HEADER.y + MAP_HEIGHT / 2), theme.quiet)

    # --- the map ------------------------------------------------------------------------------------------------

    def blocks(self) -> dict[str, Box]:
        """The parts of the model on the map."""
        box = self.box
        right = Box(box.right - COLUMN, box.right, box.bottom, box.top)
        return _column(right.shifted(x=-COLUMN - BETWEEN), LEFT, 1) | _column(right, RIGHT, -1)

    @property
    def map_box(self) -> Box:
        """Where the map stands."""
        return around(*self.blocks().values())

    @property
    def lit(self) -> tuple[str, ...]:
        """The parts that the chapter is about."""
        return PARTS.get(self.chapter, ATTENTION)

    @property
    def door(self) -> Box:
        """Where the chapter opens: its first part on the map, or all of them."""
        blocks = self.blocks()
        return around(*(blocks[name] for name in (self.lit if self.chapter in WHOLE else self.lit[:1])))

    def shine(self) -> Rail:
        """The chapter is told: its parts shine."""
        self.glow = np.ones(1)
        return self

    def opening(self) -> Animation:
        """A frame grows from the map to the stage."""
        return Passage(self, self.door, STAGE)

    def closing(self) -> Animation:
        """The frame returns to the map, whose parts then shine."""
        return AnimationGroup(Passage(self, STAGE, self.door), self.animate.shine(), run_time=LENGTH)

    # --- painting -------------------------------------------------------------------------------------------------

    def paint(self, brush: Brush) -> None:
        self._paint_dashes(brush)
        blocks, theme = self.blocks(), self.theme
        unlit = mix(theme.background, theme.quiet, 0.42)
        lit = mix(unlit, theme.hue("focus"), self.glow[0])
        for column in (LEFT, RIGHT):
            middle = blocks[column[0]].x
            brush.context.move_to(middle, blocks[column[0]].top)
            brush.context.line_to(middle, blocks[column[-1]].bottom)
            brush.stroke(unlit, self.opacity, 0.014)
        self._paint_memory(brush, blocks, unlit)
        for name, block in blocks.items():
            brush.rounded(block.left, block.bottom, block.width, block.height, 0.4 * block.height)
            brush.fill(lit if name in self.lit else unlit, self.opacity)

    def _paint_memory(self, brush: Brush, blocks: dict[str, Box], colour: np.ndarray) -> None:
        """From the top of the encoder into the cross-attention."""
        top, cross = blocks[LEFT[-1]], blocks["decoder.cross_attention"]
        middle = (top.right + cross.left) / 2
        brush.context.move_to(top.x, top.top)
        brush.context.line_to(top.x, top.top + top.height)
        brush.context.line_to(middle, top.top + top.height)
        brush.context.line_to(middle, cross.y)
        brush.context.line_to(cross.left, cross.y)
        brush.stroke(colour, self.opacity, 0.014)

    def _paint_dashes(self, brush: Brush) -> None:
        pitch = min(DASH * (1 + DASH_GAP), DASHES / self.length)
        dash, middle = pitch / (1 + DASH_GAP), self.box.y
        left = self.box.left + DASHES - self.length * pitch
        for index in range(self.length):
            brush.rounded(left + index * pitch, middle - THICKNESS / 2, dash, THICKNESS, THICKNESS / 2)
            here, past = index == self.position, index < self.position
            colour = self.theme.hue("focus") if here else self.theme.quiet if past else self.theme.rule
            brush.fill(colour, self.opacity)


def _column(box: Box, names: tuple[str, ...], outer: int) -> dict[str, Box]:
    """The blocks of a column from below; positions stand on the outer half. All columns have the taller one's scale."""
    heights = {name: HEIGHTS.get(_kind(name), 1.0) for name in RIGHT}
    unit = box.height / (sum(heights.values()) + GAP * (len(RIGHT) - 1))
    blocks, y = {}, box.bottom
    for name in names:
        kind = _kind(name)
        height = HEIGHTS.get(kind, 1.0) * unit
        half = Box(box.left, box.x, y, y + height) if outer > 0 else Box(box.x, box.right, y, y + height)
        blocks[name] = half if kind == "positions" else Box(box.left, box.right, y, y + height)
        y += height + GAP * unit
    return blocks


def _kind(name: str) -> str:
    return name.rpartition(".")[2].rstrip("_123")


class _Doorway(Painted):
    """A rounded frame without inside."""

    MARGIN = 0.02

    def paint(self, brush: Brush) -> None:
        box = self.box
        brush.rounded(box.left, box.bottom, box.width, box.height, min(0.3, box.height / 3))
        brush.stroke(self.colour, self.opacity, 0.022)


class Passage(Animation):
    """A frame passes from one box to another, clear at the smaller one and gone at the larger; then it leaves."""

    def __init__(self, rail: Rail, start: Box, end: Box, **kwargs: Any) -> None:
        self.start, self.end = start, end
        frame = _Doorway(start, rail.theme.hue("focus"))
        super().__init__(frame, introducer=True, remover=True, rate_func=linear, **{"run_time": LENGTH, **kwargs})

    def interpolate_mobject(self, alpha: float) -> None:
        share = smooth(min(1.0, alpha * max(1.0, self.run_time / LENGTH)))
        edges = [
            first + (last - first) * share for first, last in zip(_edges(self.start), _edges(self.end), strict=True)
        ]
        box = Box(*edges)
        largest = max(self.start.width, self.end.width)
        self.mobject.set_box(box)
        self.mobject.set_fill(opacity=0.8 * max(0.0, 1 - box.width / largest))


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.right, box.bottom, box.top
