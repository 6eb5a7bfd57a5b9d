"""Where everything of the translation stands: sentences and machine on the left, alignment and candidates right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenes.stage.matrix.chips import as_read, chip_width, gloss_height, gloss_width
from scenes.stage.paint.layout import GAP, HAIR, SMALL, SPACE, TEXT, Box
from scenes.stage.paint.theme import Theme

CHIP_HEIGHT = 1.7  # in font sizes
NARROWEST = 2.5  # width of a word, at least, in font sizes: a percentage finds room under it
NARROW_GAP, WIDE_GAP = 0.08, 0.22
MARGIN = 1.08  # room at the left for what the rows are called
BAND = 0.42
MEMORY = 0.66
FEED = 0.42
SURE = 0.34
RIGHT_SHARE = 0.345
TALLEST_TABLE = 0.6


@dataclass(frozen=True)
class ChipLine:
    """Words side by side, with what they mean where they are foreign: one box each, and the size of their type."""

    words: tuple[str, ...]
    glosses: tuple[str, ...]
    boxes: tuple[Box, ...]
    font: float

    @property
    def spacing(self) -> float:
        """The shortest way from the middle of one word to the middle of the next."""
        return min((abs(after.x - before.x) for before, after in pairwise(self.boxes)), default=self.boxes[0].width)


def word_line(words: Sequence[str], glosses: Sequence[str], box: Box, y: float, theme: Theme) -> ChipLine:
    """All words in one line around the middle of `box`, in the largest type; where even the smallest is too wide, long
    words get only the room that is left for them.
    """
    count = len(words)
    units = np.array([max(chip_width(word, 1.0), NARROWEST) for word in words])
    gap = WIDE_GAP if units.sum() * theme.size(SMALL) + WIDE_GAP * (count - 1) <= box.width else NARROW_GAP
    room = box.width - gap * (count - 1)
    font = theme.fitting(room / float(units.sum()), TEXT)
    needs = np.maximum(units * font, [gloss_width(gloss, theme) for gloss in glosses])
    widths = np.minimum(needs, _limit(needs, room))
    left, half, boxes = box.x - (widths.sum() + gap * (count - 1)) / 2, CHIP_HEIGHT * font / 2, []
    for width in widths:
        boxes.append(Box(left, left + float(width), y - half, y + half))
        left += float(width) + gap
    shown = (
        gloss if gloss_width(gloss, theme) < box.width + gap else "" for gloss, box in zip(glosses, boxes, strict=True)
    )
    return ChipLine(tuple(words), tuple(shown), tuple(as_read(words, boxes)), font)


def _limit(widths: np.ndarray, room: float) -> float:
    """The width that no word may exceed so that all fit into `room`."""
    if widths.sum() <= room:
        return float(widths.max())
    ordered = np.sort(widths)
    for count, width in enumerate(ordered):
        share = (room - ordered[:count].sum()) / (len(ordered) - count)
        if width > share:
            return float(share)
    return float(widths.max())


class TranslationLayout:
    """Divides `box`. From above: source, encoder, memory, ribbons, decoder, words said, how sure they were.

    said: the decoder's words with [START] before them; gloss: what a word means to the reader, "" where it is known.
    """

    def __init__(
        self, source: Sequence[str], said: Sequence[str], gloss: Callable[[str], str], box: Box, theme: Theme
    ) -> None:
        left, self.right = box.columns(1 - RIGHT_SHARE, RIGHT_SHARE, gap=0.5)
        self.margin = Box(left.left, left.left + MARGIN, left.bottom, left.top)
        middle = left.inset(left=MARGIN)
        self.middle = middle
        top = middle.top - 0.27
        sources, spoken = list(map(gloss, source)), list(map(gloss, said))
        self.source = word_line(source, sources, middle, top, theme)
        below = gloss_height("".join(spoken), theme)
        lowest = middle.bottom + SURE + below + 0.27
        self.said = word_line(said, spoken, middle, lowest, theme)
        self.source_bottom = self.source.boxes[0].bottom - gloss_height("".join(sources), theme)
        self.encoder = self._band(self.source_bottom - GAP)
        memory = self.encoder.bottom - SPACE
        self.memory = tuple(self._column(b, memory) for b in self.source.boxes)
        self.decoder = self._band(self.said.boxes[0].top + FEED + BAND)
        self.sure = Box(middle.left, middle.right, middle.bottom, middle.bottom + SURE - HAIR)
        self.table, self.bars = self.right.rows(TALLEST_TABLE, 1 - TALLEST_TABLE, gap=0.5)

    def _band(self, top: float) -> Box:
        return Box(self.middle.left, self.middle.right, top - BAND, top)

    @staticmethod
    def _column(word: Box, top: float) -> Box:
        half = min(0.16, 0.4 * word.width)
        return Box(word.x - half, word.x + half, top - MEMORY, top)

    @property
    def levels(self) -> tuple[float, float]:
        """Between which heights the ribbons run while the model works."""
        return self.memory[0].bottom - 0.04, self.decoder.top + 0.02

    @property
    def close_levels(self) -> tuple[float, float]:
        """Between which heights they run when source and translation stand alone."""
        return self.source_bottom - 0.03, self.said.boxes[0].top + 0.03
