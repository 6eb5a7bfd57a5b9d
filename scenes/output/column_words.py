"""Words over the columns of a matrix as wide as a vocabulary: all where there is room, else those that matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.layout import SMALL, Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.upright import height_off_level, shorten_off_level, width_off_level, write_off_level

PITCH = 1.12  # from one upright word to the next, in font sizes
LONGEST = 1.1
LEADER = 0.16


class UprightWords(Painted):
    """Some columns' words, standing upright over the matrix, each led to its column by a fine line.

    Where columns stand close, their words move apart.
    """

    STATE: ClassVar[tuple[str, ...]] = ("columns",)

    def __init__(self, words: Sequence[str], columns: np.ndarray, over: Box, colour: Colour, theme: Theme) -> None:
        self.size = theme.size(SMALL)
        self.pitch = PITCH * self.size
        order = np.argsort(columns, kind="stable")
        self.words = tuple(shorten_off_level(words[i], LONGEST, self.size) for i in order)
        self.columns = np.asarray(columns, dtype=float)[order]
        height = LEADER + max(height_off_level(word, self.size) for word in self.words) + 0.04
        super().__init__(Box(over.left, over.right, over.top + 0.04, over.top + 0.04 + height), colour)

    @property
    def places(self) -> np.ndarray:
        """The middle of each word, near its column, `pitch` from its neighbours and inside the box.  # (words,)"""
        box, x = self.box, self.columns.copy()
        for i in range(1, len(x)):
            x[i] = max(x[i], x[i - 1] + self.pitch)
        x[-1] = min(x[-1], box.right - self.pitch / 2) if len(x) else 0.0
        for i in range(len(x) - 2, -1, -1):
            x[i] = min(x[i], x[i + 1] - self.pitch)
        return x

    def paint(self, brush: Brush) -> None:
        foot = self.box.bottom + LEADER
        for word, column, x in zip(self.words, self.columns, self.places, strict=True):
            brush.context.move_to(column, self.box.bottom)
            brush.context.curve_to(column, foot - 0.05, x, self.box.bottom + 0.05, x, foot - 0.02)
            brush.stroke(self.colour, 0.6 * self.opacity, 0.014)
            write_off_level(brush, word, x, foot, self.size)
            brush.fill(self.colour, self.opacity)

    def printed(self) -> list[PrintedText]:
        foot, texts = self.box.bottom + LEADER, []
        for word, x in zip(self.words, self.places, strict=True):
            half = width_off_level(word, self.size) / 2
            box = Box(x - half, x + half, foot, foot + height_off_level(word, self.size))
            texts.append(PrintedText(word, box, self.size, self.colour, None, structural=True, opacity=self.opacity))
        return texts


def column_words(matrix: Matrix, picks: Iterable[int], theme: Theme, colour: Colour | None = None) -> Painted:
    """The words of all columns where there is room for them, else of the columns `picks`."""
    words = matrix.tensor.axis_labels("vocabulary") or ()
    pitch = matrix.box.width / len(words)
    if pitch >= TokenAxis.LEADING * theme.size(SMALL):
        return TokenAxis(words, "columns", theme, colour).place(matrix.box)
    chosen = sorted({int(j) for j in picks})
    middles = np.array([matrix.column_box(j).x for j in chosen])
    return UprightWords([words[j] for j in chosen], middles, matrix.box, colour or theme.ink, theme)
