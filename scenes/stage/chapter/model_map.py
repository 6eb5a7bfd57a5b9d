"""The map of the model in the corner of every frame, and a dash per chapter of the film beside it.

Lit on the map are the parts that the chapter is about. A chapter opens out of them and returns to them: a frame grows
from the map to the stage while the first picture comes, and shrinks back when the last one stands.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from manim import Animation, AnimationGroup, linear, smooth

from scenes.stage.paint.layout import HEADER, STAGE, Box, around
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme, mix
from scenes.storyboard import FILMS, SOURCE_SIDE, TARGET_SIDE, Entry

DASHES, DASH, DASH_GAP, THICKNESS = 1.3, 0.2, 0.3, 0.05
MAP_HEIGHT, COLUMN, BETWEEN, BESIDE = HEADER.height, 0.42, 0.16, 0.24
GAP = 0.42  # between the blocks of the map, by the height of a block
LENGTH = 0.7  # seconds that a passage takes at most
QUIET = 0.6  # how bright the chapter's parts are while it runs

HEIGHTS = {"positions": 0.6, "norm": 0.5}  # all others: 1


class ModelMap(Painted):
    """Dashes and map at the right of the header. State: `glow`, how bright the chapter's parts are on the map."""

    STATE: ClassVar[tuple[str, ...]] = ("glow",)
    MARGIN = 0.02

    def __init__(self, entry: Entry, theme: Theme) -> None:
        self.entry, self.theme = entry, theme
        self.position, self.length = entry.place - 1, len(FILMS[entry.film])
        self.glow = np.array([QUIET])
        left = HEADER.right - 2 * COLUMN - BETWEEN - BESIDE - DASHES
        super().__init__(Box(left, HEADER.right, HEADER.y - MAP_HEIGHT / 2, HEADER.y + MAP_HEIGHT / 2), theme.quiet)

    # --- the map ------------------------------------------------------------------------------------------------

    def blocks(self) -> dict[str, Box]:
        """The parts of the model on the map."""
        box = self.box
        right = Box(box.right - COLUMN, box.right, box.bottom, box.top)
        return _column(right.shifted(x=-COLUMN - BETWEEN), SOURCE_SIDE, 1) | _column(right, TARGET_SIDE, -1)

    @property
    def map_box(self) -> Box:
        """Where the map stands."""
        return around(*self.blocks().values())

    @property
    def lit(self) -> tuple[str, ...]:
        """The parts that the chapter is about."""
        return self.entry.lights

    @property
    def door(self) -> Box:
        """Where the chapter opens: its first part on the map, or all of them."""
        blocks = self.blocks()
        return around(*(blocks[name] for name in self.entry.door))

    def shine(self) -> ModelMap:
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
        for column in (SOURCE_SIDE, TARGET_SIDE):
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
        top, cross = blocks[SOURCE_SIDE[-1]], blocks["decoder.cross_attention"]
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
    heights = {name: HEIGHTS.get(_kind(name), 1.0) for name in TARGET_SIDE}
    unit = box.height / (sum(heights.values()) + GAP * (len(TARGET_SIDE) - 1))
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

    def __init__(self, model_map: ModelMap, start: Box, end: Box, **kwargs: Any) -> None:
        self.start, self.end = start, end
        frame = _Doorway(start, model_map.theme.hue("focus"))
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
