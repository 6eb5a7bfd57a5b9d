"""Layers stacked on each other, with the true tensor that passes from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from manim import Arrow, VGroup, VMobject

from core.trace import Tensor, Trace
from scenes.shared.tile import Tile
from scenes.stage.matrix.miniature import Miniature, shape_room
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, SMALL, TITLE, Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText, hexadecimal
from scenes.stage.paint.theme import Theme, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

MOST_LAYERS = 6
PLATE, TENSOR, ARROW = 0.96, 0.64, 0.2
WIDEST_PLATE, WIDEST_CELL = 6.4, 0.22
LARGEST_UNIT = 1.6
PLATE_BETWEEN = 3.4
LEAST_PIECE = 0.25  # the width of one in which something can be seen
PIECE = 0.34  # of a plate's height, from its middle to the edge of a piece
HUES = {"attention": "scores", "norm": "mask", "feed_forward": "learned"}
MADE = {"attention": "weights", "norm": "x", "feed_forward": "learned"}  # what each block makes, by its hue
ENCODER_BLOCKS = ("attention", "norm", "feed_forward", "norm")
DECODER_BLOCKS = ("attention", "norm", "attention", "norm", "feed_forward", "norm")


def chosen(count: int, most: int) -> list[int | None]:
    """The numbers 0 … count − 1, or the first ones and the last with None for what is left out between."""
    if count <= most:
        return list(range(count))
    return [*range(most - 2), None, count - 1]


class Plate(Painted):
    """One layer as a plate: its name, and its blocks as small pieces in their hues."""

    def __init__(self, name: str, blocks: Sequence[str], theme: Theme, box: Box) -> None:
        self.title, self.blocks, self.theme = name, tuple(blocks), theme
        super().__init__(box, theme.ink)

    def paint(self, brush: Brush) -> None:
        box, radius = self.box, 0.2 * self.box.height
        brush.plate(box, radius, (self.theme.surface, self.opacity), (self.theme.quiet, 0.8 * self.opacity), 0.018)
        pieces = self.pieces()
        for block, place in zip(self.blocks, pieces if pieces[0].width >= LEAST_PIECE else (), strict=False):
            hue = self.theme.hue(HUES[block])
            tint = mix(self.theme.background, hue, 0.3)
            brush.plate(place, 0.05, (tint, self.opacity), (hue, 0.85 * self.opacity), 0.016)
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, text.size, "semibold")
            brush.fill(self.colour, self.opacity)

    def pieces(self) -> tuple[Box, ...]:
        """Places of the blocks, in the order in which data meets them, in the right part of the plate."""
        box = self.box
        room = Box(box.x - 0.02 * box.width, box.right - 0.3 * box.height, box.y, box.y)
        room = room.inset(bottom=-PIECE * box.height, top=-PIECE * box.height)
        return room.columns(*[1] * len(self.blocks), gap=0.07)

    def printed(self) -> list[PrintedText]:
        box = self.box
        room = 0.48 * box.width - 0.3 * box.height
        size = self.theme.fitting(min(0.5 * box.height, room / text_width(self.title, 1.0, "semibold")))
        left, high = box.left + 0.3 * box.height, CAP_HEIGHT * size / 2
        place = Box(left, left + text_width(self.title, size, "semibold"), box.y - high, box.y + high)
        return [
            PrintedText(
                self.title, place, size, np.array(self.theme.ink), np.array(self.theme.surface), (), True,
                opacity=self.opacity,
            )
        ]  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One level of a stack: the plate of a layer (or an ellipsis) with the arrows into and out of it.

    number: of the layer, from 1 (None for an ellipsis); before, mini: the miniatures below and above it.
    """

    number: int | None
    plate: VMobject
    arrows: VGroup
    before: Miniature
    mini: Miniature | None


class Stack:
    """Plates one above the other in `box`, data flowing upwards; a miniature below, between and on top.

    tensors: what enters the first layer, and what leaves each; meanings: their hues; name: such as `Layer {layer}`.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        meanings: Sequence[str],
        name: str,
        blocks: Sequence[str],
        theme: Theme,
        box: Box,
    ) -> None:
        self.theme, self.name, self.blocks, self.box = theme, name, blocks, box
        numbers = chosen(len(tensors) - 1, MOST_LAYERS)
        heights = [TENSOR] + [PLATE + 2 * ARROW + TENSOR for _ in numbers]
        self.unit = min(LARGEST_UNIT, box.height / sum(heights))
        y = box.y - self.unit * sum(heights) / 2
        self.minis = [self._tensor(tensors[0], meanings[0], y)]
        self.levels: list[Level] = []
        self.inside: list[VGroup] = []
        y += self.unit * TENSOR
        for number in numbers:
            self._add_level(number, y, None if number is None else (tensors[number + 1], meanings[number + 1]))
            y += self.unit * heights[1]

    def _add_level(self, number: int | None, y: float, result: tuple[Tensor, str] | None) -> None:
        """A level from `y` upwards."""
        x, before, unit = self.box.x, self.minis[-1], self.unit
        if result is None or number is None:
            middle = y + unit * (ARROW + (PLATE + TENSOR) / 2)
            dots = Label("⋮", self.theme.size(TITLE), self.theme.quiet).move_to([x, middle, 0])
            self.levels.append(Level(None, dots, VGroup(), before, None))
            return
        half, bottom = min(WIDEST_PLATE, self.box.width) / 2, y + unit * ARROW
        place = Box(x - half, x + half, bottom, bottom + unit * PLATE)
        plate = Plate(self.name.format(layer=number + 1), self.blocks, self.theme, place)
        top = place.top + unit * ARROW
        arrows = VGroup(self._arrow(y, place.bottom), self._arrow(place.top, top))
        self.minis.append(self._tensor(*result, top))
        self.levels.append(Level(number + 1, plate, arrows, before, self.minis[-1]))

    def _arrow(self, start: float, end: float) -> Arrow:
        ends = [self.box.x, start + 0.03, 0], [self.box.x, end - 0.03, 0]
        return Arrow(*ends, buff=0, stroke_width=2.5, tip_length=0.1, color=hexadecimal(self.theme.hue("x")))

    def _tensor(self, tensor: Tensor, meaning: str, bottom: float) -> Miniature:
        aside = max(0.3 * self.box.width, shape_room(tensor.shape, self.theme))
        middle = self.box.inset(left=aside, right=aside)
        place = Box(middle.left, middle.right, bottom, bottom + self.unit * TENSOR)
        return Miniature(tensor, meaning, self.theme).place_within(place, largest=WIDEST_CELL * self.unit)

    def look_inside(self, trace: Trace, side: str) -> list[VGroup]:
        """What the blocks of each layer make, small, in their pieces of its plate."""
        plates = [(level.number, level.plate) for level in self.levels if isinstance(level.plate, Plate)]
        self.inside = [
            self._inside(plate, made_in(trace, f"{side}.{number}", plate.blocks)) for number, plate in plates
        ]
        return self.inside

    def _inside(self, plate: Plate, made: Sequence[Tensor]) -> VGroup:
        pictures = VGroup()
        for block, tensor, piece in zip(plate.blocks, made, plate.pieces(), strict=True):
            if piece.width < LEAST_PIECE:
                continue
            picture = Miniature(tensor, MADE[block], self.theme, side="")
            pictures.add(picture.place_within(piece.grown(-HAIR / 2), largest=piece.width))
        return pictures

    def named(self, below: str, above: str) -> VGroup:
        """Names of what goes in and of what comes out, to the left of these."""
        names = VGroup()
        for text, mini in ((below, self.minis[0]), (above, self.minis[-1])):
            name = Label(text, self.theme.size(SMALL), self.theme.hue(mini.meaning), "semibold")
            names.add(name.move_to([mini.box.left - 0.16 - name.width / 2, mini.box.y, 0]))
        return names

    @property
    def between(self) -> VGroup:
        """The layers without the tensors."""
        return VGroup(*(VGroup(level.plate, level.arrows) for level in self.levels), *self.inside)

    @property
    def parts(self) -> VGroup:
        return VGroup(self.between, *self.minis)


def made_in(trace: Trace, layer: str, blocks: Sequence[str]) -> list[Tensor]:
    """What each block of a layer makes: the weights of an attention's first head, rows normalised, rows made wide."""
    attentions, norms = iter(("self_attention", "cross_attention")), count(1)
    made = []
    for block in blocks:
        if block == "attention":
            made.append(trace[f"{layer}.{next(attentions)}.heads.weights"].part(0))
        else:
            name = f"norm_{next(norms)}.output" if block == "norm" else "feed_forward.activated"
            made.append(trace[f"{layer}.{name}"])
    return made


def plate_between(box: Box, below: Tile, above: Tile, name: str, theme: Theme) -> VGroup:
    """A layer as a plate in `box`, under it what goes in and over it what comes out, with arrows between."""
    x, half, colour = below.box.x, min(PLATE_BETWEEN, box.width) / 2, hexadecimal(theme.hue("x"))
    plate = Plate(name, ENCODER_BLOCKS, theme, Box(x - half, x + half, box.bottom, box.top))
    ways = ((below.name.box.top + HAIR, box.bottom - 0.02), (box.top + 0.04, above.size.box.bottom - HAIR))
    arrows = [
        Arrow([x, start, 0], [x, end, 0], buff=0, stroke_width=2.5, tip_length=0.1, color=colour) for start, end in ways
    ]
    return VGroup(plate, *arrows)
