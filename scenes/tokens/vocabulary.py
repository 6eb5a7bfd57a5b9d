"""The vocabulary: a numbered list of words, the names of an embedding matrix's rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import LABEL, SPACE, Box, Type
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width

WORD_SHARE = 0.55  # of a line's height, for its type


class Vocabulary(Painted):
    """Numbers and words, one a line, spread evenly over a box; the words end at its right edge.

    entries: the ids that are listed (all of them, or those that matter where there are too many).
    State: `light`, one brightness per entry.
    """

    STATE: ClassVar[tuple[str, ...]] = ("light", "font")

    def __init__(self, words: Sequence[str], entries: Sequence[int], limit: float, theme: Theme) -> None:
        self.words, self.entries, self.limit, self.theme = tuple(words), tuple(entries), limit, theme
        self.light = np.ones(len(entries))
        self.font = np.array([theme.size(LABEL)])
        super().__init__(Box(0, 1, 0, 1), theme.ink)

    def place(self, right: float, rows: Box, font: float) -> Vocabulary:
        """Spread the entries over the height of `rows`, ending at x = `right`, in type of that size."""
        self.font = np.array([font])
        self.set_box(Box(right - self.width_at(font), right, rows.bottom, rows.top))
        return self

    def font_in(self, rows: Box, largest: Type) -> float:
        """The font size that the lines have room for."""
        return self.theme.fitting(WORD_SHARE * rows.height / len(self.entries), largest)

    def width_at(self, font: float) -> float:
        words = max(text_width(shorten(self.words[i], self.limit, font), font) for i in self.entries)
        return words + SPACE + self._numbers(font)

    def _numbers(self, font: float) -> float:
        return max(text_width(str(i), font) for i in self.entries)

    def spotlight(self, *ids: int) -> Vocabulary:
        """Light these ids and dim the others."""
        self.light = np.array([1.0 if i in ids else self.theme.dim for i in self.entries])
        return self

    def line_box(self, token_id: int) -> Box:
        """The line of one id, across the list."""
        box, count = self.box, len(self.entries)
        top = box.top - self.entries.index(token_id) * box.height / count
        return Box(box.left, box.right, top - box.height / count, top)

    def number_box(self, token_id: int) -> Box:
        line, font = self.line_box(token_id), float(self.font[0])
        right, high = line.left + self._numbers(font), CAP_HEIGHT * font / 2
        return Box(right - text_width(str(token_id), font), right, line.y - high, line.y + high)

    def printed(self) -> list[PrintedText]:
        texts, font = [], float(self.font[0])
        for token_id, light in zip(self.entries, self.light, strict=True):
            number, opacity = self.number_box(token_id), float(self.opacity * light)
            word = shorten(self.words[token_id], self.limit, font)
            place = Box(self.box.right - text_width(word, font), self.box.right, number.bottom, number.top)
            quiet = np.array(self.theme.quiet)
            texts.append(PrintedText(str(token_id), number, font, quiet, None, structural=True, opacity=opacity))
            texts.append(PrintedText(word, place, font, self.colour, None, structural=True, opacity=opacity))
        return texts

    def paint(self, brush: Brush) -> None:
        brush.write(self.printed())
