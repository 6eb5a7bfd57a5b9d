"""The map of the model: small and quiet in the corner of every frame, beside a dash per chapter of the film, and large
on the stage where the camera leaves a chapter's part or goes into one.

Lit on the map are the parts that the chapter is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

import numpy as np

from scenes.stage.figure.parts import HUES, SHARES, kind_of, label_key, rank_of
from scenes.stage.paint.layout import HEADING_LINE, LINE, SMALLEST_FONT, STAGE, TIGHT, Box, around
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width
from scenes.storyboard import EVERYTHING, FILMS, SOURCE_SIDE, TARGET_SIDE, Entry

DASHES, DASH, DASH_GAP, THICKNESS = 1.3, 0.2, 0.3, 0.05
MAP_HEIGHT, COLUMN, BETWEEN, BESIDE = LINE, 0.42, 0.16, 0.24
GAP = 0.42  # between the blocks of the map, by the height of a block
QUIET = 0.6  # how bright the chapter's parts are while it runs, and the others where the map is large
ASIDE = 0.1  # of the stage's width, free on each side of the large map
LARGEST_FONT = 0.3

HEIGHTS = {"positions": 0.6, "norm": 0.5}  # all others: 1
Blocks = Mapping[str, Box]


def blocks_in(box: Box) -> dict[str, Box]:
    """The parts of the model on a map that fills `box`: encoder left, decoder right."""
    column, _, other = box.columns(COLUMN, BETWEEN, COLUMN)
    return _column(column, SOURCE_SIDE, 1) | _column(other, TARGET_SIDE, -1)


def door_of(entry: Entry, blocks: Blocks) -> Box:
    """Where a chapter opens on a map: its first part, or all of them."""
    return around(*(blocks[name] for name in entry.door))


def lights(names: Collection[str], lit: float, unlit: float = 0.0) -> np.ndarray:
    """How bright each part is where some are lit.  # (parts,)"""
    return np.array([lit if name in names else unlit for name in EVERYTHING])


class ModelMap(Painted):
    """Dashes and map at the right of the header.

    State: `glow`, how bright each part is on the map; `place`, the chapter's place in its film, from 0.
    """

    STATE: ClassVar[tuple[str, ...]] = ("glow", "place")
    MARGIN = 0.02

    def __init__(self, entry: Entry, theme: Theme) -> None:
        self.entry, self.theme = entry, theme
        self.length = len(FILMS[entry.film])
        self.place = np.array([entry.place - 1.0])
        self.glow = lights(entry.lights, QUIET)
        left = HEADING_LINE.right - 2 * COLUMN - BETWEEN - BESIDE - DASHES
        super().__init__(HEADING_LINE.but(left=left), theme.quiet)

    @property
    def map_box(self) -> Box:
        """Where the map stands."""
        return self.box.inset(left=self.box.width - 2 * COLUMN - BETWEEN)

    def blocks(self) -> dict[str, Box]:
        """The parts of the model on the map."""
        return blocks_in(self.map_box)

    @property
    def lit(self) -> tuple[str, ...]:
        """The parts that the chapter is about."""
        return self.entry.lights

    def paint(self, brush: Brush) -> None:
        self._paint_dashes(brush)
        blocks, theme = self.blocks(), self.theme
        unlit = mix(theme.background, theme.quiet, 0.42)
        paint_streams(brush, blocks, unlit, self.opacity, 0.014)
        for glow, name in zip(self.glow, EVERYTHING, strict=True):
            block = blocks[name]
            brush.rounded(block.left, block.bottom, block.width, block.height, 0.4 * block.height)
            brush.fill(mix(unlit, theme.hue("focus"), glow), self.opacity)

    def _paint_dashes(self, brush: Brush) -> None:
        pitch = min(DASH * (1 + DASH_GAP), DASHES / self.length)
        dash, middle = pitch / (1 + DASH_GAP), self.box.y
        left = self.box.left + DASHES - self.length * pitch
        for index in range(self.length):
            brush.rounded(left + index * pitch, middle - THICKNESS / 2, dash, THICKNESS, THICKNESS / 2)
            brush.fill(self._dash_colour(index - float(self.place[0])), self.opacity)

    def _dash_colour(self, ahead: float) -> np.ndarray:
        """Of a dash that is so many chapters ahead: this one is lit, those before it are brighter than the rest."""
        here = max(0.0, 1.0 - abs(ahead))
        other = mix(self.theme.quiet, self.theme.rule, float(np.clip(ahead + 1, 0, 1)))
        return mix(other, self.theme.hue("focus"), here)


class StageMap(Painted):
    """The map, large, with the names of the parts. Its box may be larger than the frame: it is drawn inside `window`.

    labels: the texts that all chapters share. State, an entry for each part: `glow`, how bright it is; `named`, whether
    its name is there.
    """

    STATE: ClassVar[tuple[str, ...]] = ("glow", "named")

    def __init__(self, labels: Mapping[str, str], theme: Theme, window: Box) -> None:
        self.theme, self.window = theme, window
        self.glow, self.named = lights((), 1.0), lights(EVERYTHING, 1.0)
        self.names = tuple(labels[label_key(name.replace(".norm_", ".add_norm_"))] for name in EVERYTHING)
        self.home = STAGE.inset(left=ASIDE * STAGE.width, right=ASIDE * STAGE.width)
        self.fonts = self._fonts()
        super().__init__(self.home, theme.ink)

    def _fonts(self) -> np.ndarray:
        """The size of each name where the whole map is seen: one for all of a rank, 0 where there is no room for it."""
        blocks = blocks_in(self.home)
        ranks: dict[str, float] = {}
        for name, words in zip(EVERYTHING, self.names, strict=True):
            fit = min(SHARES[_rank(name)] * blocks[name].height, (blocks[name].width - TIGHT) / text_width(words, 1.0))
            ranks[_rank(name)] = min(ranks.get(_rank(name), LARGEST_FONT), fit)
        return np.array([ranks[_rank(name)] if ranks[_rank(name)] >= SMALLEST_FONT else 0.0 for name in EVERYTHING])

    @property
    def blocks(self) -> dict[str, Box]:
        return blocks_in(self.box)

    def shine(self, names: Collection[str]) -> StageMap:
        """Light these parts and no others."""
        self.glow = lights(names, 1.0)
        return self

    def show_names(self, names: Collection[str]) -> StageMap:
        """Name these parts and no others."""
        self.named = lights(names, 1.0)
        return self

    @property
    def reach(self) -> Box:
        return self.window

    def printed(self) -> list[PrintedText]:
        """The names that stand in the window whole."""
        return [text for text in self._names() if self.window.contains(text.box)]

    def _names(self) -> Iterator[PrintedText]:
        blocks, larger = self.blocks, self.box.height / self.home.height
        states = zip(EVERYTHING, self.names, self.fonts, self.named, self.glow, strict=True)
        for name, words, font, named, glow in states:
            size, box = font * larger, blocks[name]
            half, high = text_width(words, size) / 2, CAP_HEIGHT * size / 2
            place = Box(box.x - half, box.x + half, box.y - high, box.y + high)
            opacity = self.opacity * named * (0.75 + 0.25 * glow)
            if opacity > 0 and size > 0 and self.window.overlaps(place):
                colour, ground = np.asarray(self.theme.ink), self.theme.block_fill(self._hue(name))
                yield PrintedText(words, place, size, colour, ground, structural=True, opacity=opacity)

    def paint(self, brush: Brush) -> None:
        blocks, window, larger = self.blocks, self.window, self.box.height / self.home.height
        brush.context.save()
        brush.context.rectangle(window.left, window.bottom, window.width, window.height)
        brush.context.clip()
        paint_streams(
            brush, blocks, mix(self.theme.background, self.theme.quiet, 0.42), self.opacity, 0.03 * larger**0.4
        )
        for name, glow in zip(EVERYTHING, self.glow, strict=True):
            if window.overlaps(blocks[name]):
                self._paint_block(brush, blocks[name], self._hue(name), float(glow), larger)
        for text in self._names():
            brush.text_centred(text.text, text.box.x, text.box.y, text.size)
            brush.fill(text.colour, text.opacity)
        brush.context.restore()

    def _paint_block(self, brush: Brush, block: Box, hue: np.ndarray, glow: float, larger: float) -> None:
        """A part in its hue; one that is lit has a frame of light around it."""
        radius, light = min(0.3 * block.height, 0.12 * larger), QUIET + (1 - QUIET) * glow
        brush.rounded(block.left, block.bottom, block.width, block.height, radius)
        brush.fill(self.theme.background, self.opacity)
        ground, edge = self.theme.block_fill(hue), mix(hue, self.theme.hue("focus"), 0.7 * glow)
        opacity, width = self.opacity * light, (0.02 + 0.015 * glow) * larger**0.4
        brush.plate(block, radius, (ground, opacity), (edge, opacity), width)

    def _hue(self, name: str) -> np.ndarray:
        return np.asarray(self.theme.hue(HUES[kind_of(name.replace(".norm_", ".add_norm_"))]))


def paint_streams(brush: Brush, blocks: Blocks, colour: np.ndarray, opacity: float, width: float) -> None:
    """What runs up through the two columns, and from the top of the encoder into the cross-attention."""
    context = brush.context
    for column in (SOURCE_SIDE, TARGET_SIDE):
        middle = blocks[column[0]].x
        context.move_to(middle, blocks[column[0]].top)
        context.line_to(middle, blocks[column[-1]].bottom)
        brush.stroke(colour, opacity, width)
    top, cross = blocks[SOURCE_SIDE[-1]], blocks["decoder.cross_attention"]
    middle = (top.right + cross.left) / 2
    context.move_to(top.x, top.top)
    for x, y in (
        (top.x, top.top + top.height),
        (middle, top.top + top.height),
        (middle, cross.y),
        (cross.left, cross.y),
    ):
        context.line_to(x, y)
    brush.stroke(colour, opacity, width)


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


def _rank(name: str) -> str:
    """Parts of one rank have names of one size."""
    return rank_of(name.replace(".norm_", ".add_norm_"))
