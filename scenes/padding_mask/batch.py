"""A batch of sentences as a table of token chips and their embeddings: short sentences are filled up with [PAD]."""

from __future__ import annotations

from manim import VGroup

from core.model.special_tokens import PAD
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.chips import Chip
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SPACE, TEXT, Box, around
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width

MOST_ROWS = 6
LENGTH_ROOM = 1.7
LARGEST_CHIP = (2.0, 0.62)
CHIP_SHARE, FULLNESS = 0.3, 0.82  # of a sentence's height: its chips; its chips and their embeddings


class BatchTable(VGroup):
    """One row of chips a sentence, an embedding under each, of equal lengths once [PAD] fills the gaps; the true length
    stands to the right.

    rows: the words of each sentence; slots: empty frames where words are missing; filling: the [PAD] chips; embeddings:
    a matrix a sentence, its columns under the chips.
    """

    def __init__(self, chapter: Chapter, chosen: int, box: Box) -> None:
        super().__init__()
        self.theme = chapter.theme
        trace = chapter.trace
        lengths = trace["padding.lengths"]
        self.shown = _shown(len(lengths.values), chosen)
        sentences = [trace[f"padding.sentence_{i}"].axis_labels("tokens") or () for i in self.shown]
        boxes, below = _boxes(len(sentences), len(sentences[0]), box)
        font = _font(sentences, boxes[0][0].width, self.theme)
        chips = [
            [Chip(text, self.theme, quiet=text == PAD).place(place, font) for text, place in zip(*pair, strict=True)]
            for pair in zip(sentences, boxes, strict=True)
        ]
        self.embeddings = [self._embedding(chapter, *pair) for pair in zip(self.shown, below, strict=True)]
        self.chosen_chips = chips[self.shown.index(chosen)]
        self.chosen_box = around(*boxes[self.shown.index(chosen)], below[self.shown.index(chosen)])
        self.rows = [VGroup(*(chip for chip in row if not chip.quiet)) for row in chips]
        self.filling = [chip for row in chips for chip in row if chip.quiet]
        self.slots = VGroup(*(Frame(chip.box, self.theme, self.theme.quiet) for chip in self.filling))
        readings = [lengths.at(i) for i in self.shown]
        self.lengths = VGroup(*(chapter.label("length", LABEL, length=reading) for reading in readings))
        for label, row in zip(self.lengths, boxes, strict=True):
            label.move_to([row[-1].right + GAP + label.width / 2, row[-1].y, 0])
        self.others = VGroup(*(chip for row in chips if row is not self.chosen_chips for chip in row))
        self.frame = Frame(around(boxes[0][0], below[-1]).grown(SPACE), self.theme, self.theme.hue("x"))
        self.add(*self.rows, *self.filling, *self.embeddings, self.lengths)

    @staticmethod
    def _embedding(chapter: Chapter, sentence: int, box: Box) -> Matrix:
        """The embeddings of a sentence as columns, nothing shown of them yet."""
        matrix = chapter.matrix(f"padding.embedded_{sentence}", tag="", meaning="x")
        return matrix.as_heat().without_slots().place(box)

    def words_of(self, number: int) -> slice:
        """The columns of a shown sentence that are words."""
        return slice(0, len(self.rows[number]))


def _shown(count: int, chosen: int) -> list[int]:
    """The sentences that there is room for, the chosen one among them."""
    first = list(range(min(count, MOST_ROWS)))
    return first if chosen in first else [*first[:-1], chosen]


def _boxes(rows: int, columns: int, box: Box) -> tuple[list[list[Box]], list[Box]]:
    """Where the chips of each sentence stand, and under them its embeddings."""
    width = min(LARGEST_CHIP[0], (box.width - LENGTH_ROOM) / columns)
    left = box.x - (columns * width + LENGTH_ROOM) / 2
    gap = min(HAIR, HAIR * width)
    chips, below = [], []
    for band in box.rows(*[1] * rows):
        band = Box(
            left, left + columns * width, band.y - FULLNESS * band.height / 2, band.y + FULLNESS * band.height / 2
        )
        foot = band.top - min(LARGEST_CHIP[1], CHIP_SHARE * band.height)
        places = [Box(left + j * width, left + (j + 1) * width - gap, foot, band.top) for j in range(columns)]
        chips.append(places)
        below.append(Box(band.left, band.right - gap, band.bottom, foot - HAIR))
    return chips, below


def _font(sentences: list[tuple[str, ...]], width: float, theme: Theme) -> float:
    """The size at which the longest token fits its chip, within what can be read."""
    widest = max(text_width(token, 1.0) for sentence in sentences for token in sentence)
    return theme.fitting(0.84 * width / widest, TEXT)
