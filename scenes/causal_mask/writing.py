"""Writing word by word: a line for every word that is to be guessed, with what is known before it."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup, VMobject

from scenes.stage.matrix.chips import Chip
from scenes.stage.paint.bidi import stands_right_to_left
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import HAIR, TEXT, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width

MOST_LINES = 7
LARGEST_CHIP = (2.1, 0.62)
FULLNESS = 0.68  # of a line's height
AIR = 0.84  # of a chip's width that its word may take


class Writing(VGroup):
    """lines: which words are known in each (so many and one more); known, guessed: the chips of each line, and that of
    the word to guess (None where no word follows); slots: its empty frame; beyond: the words after it.

    chosen: a line that is among those shown.
    """

    def __init__(self, words: Sequence[str], chosen: int, box: Box, theme: Theme) -> None:
        super().__init__()
        self.theme, self.words = theme, tuple(words)
        self.lines = _shown(max(1, len(words) - 1), chosen)
        columns = max(2, len(words))
        self.width_of_one = min(LARGEST_CHIP[0], box.width / columns)
        widest = max(text_width(word, 1.0) for word in words)
        self.font = theme.fitting(AIR * self.width_of_one / widest, TEXT)
        self.places = range(columns)[:: -1 if stands_right_to_left(words) else 1]
        self.room = Box(box.x - columns * self.width_of_one / 2, box.right, box.bottom, box.top)
        self.bands = self.room.rows(*[1] * len(self.lines))
        self.known = [VGroup(*(self._chip(line, j) for j in range(last + 1))) for line, last in enumerate(self.lines)]
        self.slots = [Frame(self._place(line, last + 1), theme) for line, last in enumerate(self.lines)]
        self.guessed = [
            self._chip(line, last + 1) if last + 1 < len(words) else None for line, last in enumerate(self.lines)
        ]
        self.beyond = VGroup(
            *(self._chip(line, j).set_opacity(theme.dim) for line, last in enumerate(self.lines)
              for j in range(last + 2, len(words)))
        )  # fmt: skip

    def line(self, number: int) -> tuple[VMobject, ...]:
        """What stands in a line: what is known, and the word to guess or its empty frame."""
        return self.known[number], self.guessed[number] or self.slots[number].copy()

    def line_of(self, word: int) -> int:
        """Where the line stands in which this is the last known word."""
        return self.lines.index(word)

    def _chip(self, line: int, word: int) -> Chip:
        return Chip(self.words[word], self.theme).place(self._place(line, word), self.font)

    def _place(self, line: int, word: int) -> Box:
        band = self.bands[line]
        left = self.room.left + self.places[word] * self.width_of_one
        half = min(LARGEST_CHIP[1], FULLNESS * band.height) / 2
        return Box(left, left + self.width_of_one - HAIR, band.y - half, band.y + half)


def _shown(count: int, chosen: int) -> list[int]:
    """The lines that there is room for, the chosen one among them."""
    first = list(range(min(count, MOST_LINES)))
    return first if chosen in first or chosen >= count else [*first[:-1], chosen]
