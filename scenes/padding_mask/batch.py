"""A batch of sentences as a table of token chips: short sentences are filled up with [PAD]."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from core.model.special_tokens import PAD
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.chips import Chip
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import SMALLEST_FONT, SPACE, Box, around
from scenes.stage.paint.typography import text_width

MOST_ROWS = 6
LARGEST_CHIP = (1.85, 0.56)
LENGTH_ROOM = 1.6


class BatchTable(VGroup):
    """One row of chips a sentence, of equal lengths once [PAD] fills the gaps; the true length stands to the right.

    rows: the words of each sentence; slots: empty frames where words are missing; filling: the [PAD] chips.
    """

    def __init__(self, chapter: Chapter, chosen: int, box: Box) -> None:
        super().__init__()
        self.theme = chapter.theme
        trace = chapter.trace
        lengths = trace["padding.lengths"]
        self.shown = _shown(len(lengths.values), chosen)
        sentences = [trace[f"padding.sentence_{i}"].axis_labels("tokens") or () for i in self.shown]
        boxes = _boxes(len(sentences), len(sentences[0]), box)
        font = _font(sentences, boxes[0][0].width)
        chips = [
            [Chip(text, self.theme, quiet=text == PAD).place(place, font) for text, place in zip(*pair, strict=True)]
            for pair in zip(sentences, boxes, strict=True)
        ]
        self.chosen_chips = chips[self.shown.index(chosen)]
        self.chosen_box = around(*boxes[self.shown.index(chosen)])
        self.rows = [VGroup(*(chip for chip in row if not chip.quiet)) for row in chips]
        self.filling = [chip for row in chips for chip in row if chip.quiet]
        self.slots = VGroup(*(Frame(chip.box, self.theme, self.theme.quiet) for chip in self.filling))
        readings = [lengths.at(i) for i in self.shown]
        self.lengths = VGroup(*(chapter.label("length", 0.22, length=reading) for reading in readings))
        for label, row in zip(self.lengths, boxes, strict=True):
            label.move_to([row[-1].right + 0.36 + label.width / 2, row[-1].y, 0])
        self.others = VGroup(*(chip for row in chips if row is not self.chosen_chips for chip in row))
        self.frame = Frame(around(boxes[0][0], boxes[-1][-1]).grown(SPACE), self.theme, self.theme.hue("x"))
        self.add(*self.rows, *self.filling, self.lengths)


def _shown(count: int, chosen: int) -> list[int]:
    """The sentences that there is room for, the chosen one among them."""
    first = list(range(min(count, MOST_ROWS)))
    return first if chosen in first else [*first[:-1], chosen]


def _boxes(rows: int, columns: int, box: Box) -> list[list[Box]]:
    width = min(LARGEST_CHIP[0], (box.width - LENGTH_ROOM) / columns)
    pitch = min(0.86, box.height / rows)
    height = min(LARGEST_CHIP[1], 0.8 * pitch)
    left = box.x - (columns * width + LENGTH_ROOM) / 2
    top = box.y + rows * pitch / 2
    gap = min(0.06, 0.06 * width)
    return [
        [_chip_box(left + j * width, width - gap, top - (i + 0.5) * pitch, height) for j in range(columns)]
        for i in range(rows)
    ]


def _chip_box(left: float, width: float, y: float, height: float) -> Box:
    return Box(left, left + width, y - height / 2, y + height / 2)


def _font(sentences: list[tuple[str, ...]], width: float) -> float:
    """The size at which the longest token fits its chip, within what can be read."""
    widest = max(text_width(token, 1.0) for sentence in sentences for token in sentence)
    return float(np.clip(0.84 * width / widest, SMALLEST_FONT, 0.28))
