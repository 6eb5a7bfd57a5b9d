"""Where everything stands when tokens look up their rows: chips, ids, vocabulary, embedding matrix, input matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.stage.matrix.chips import chip_width, column_boxes
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import LABEL, TEXT, Box, Type
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten, text_width
from scenes.tokens.vocabulary import WORD_SHARE, Vocabulary

LIMITS = (2.0, 1.8, 1.6, 1.4, 1.3, 1.15, 1.0)
LARGEST_PITCH = (0.7, 0.75)
ALONE = 0.95  # the widest cell, while E stands alone
WIDEST = 3.3
HEAT = 2.2
AMPLE = 1.3  # how much wider than they need matrices stand before words are written larger
CLOSE = 0.16  # between what belongs to one column
COLUMN_GAP = (0.5, 1.6)  # between columns, at least and at most
READABLE_PITCH = 0.21
LABEL_SHARE = 1.09  # a matrix writes its tokens a little larger than the vocabulary does


@dataclass(frozen=True)
class Arrangement:
    """Boxes from left to right; `limit` is the widest a word may be written, `apart` the room between columns."""

    limit: float
    chips: list[Box]
    chip_font: float
    word_font: float
    ids: list[np.ndarray]
    vocabulary: Box
    table: Box
    matrices: list[Box]
    apart: float


def lists_all(words: int, area: Box) -> bool:
    """Whether the vocabulary has room for all its words."""
    return area.height / words >= READABLE_PITCH


@dataclass(frozen=True)
class _Widths:
    """Sizes of type of chips and vocabulary; what words and numbers take, and the room left for each matrix."""

    fonts: tuple[float, float]
    chip: float
    ids: float
    words: float
    labels: float
    fixed: float
    room: float


def arrange(
    area: Box,
    tokens: Sequence[str],
    ids: Sequence[str],
    vocabulary: Vocabulary,
    table: Matrix,
    matrices: list[Matrix],
    limits: Sequence[float] = LIMITS,
) -> Arrangement:
    """Chips, their ids, the vocabulary with its matrix E, and what the rows become (X, or P and X), if it is there yet.

    Words are written as long, of these limits, as the matrices still have room for their numbers, or, where they never
    have, for heat.
    """
    tall, rows = _heights(area, table.rows, len(tokens))

    def widths(limit: float, largest: Type) -> _Widths:
        vocabulary.limit = limit
        font = table.theme.fitting(WORD_SHARE * rows.height / len(tokens), largest)
        word_font = vocabulary.font_in(tall, largest)
        chip = max(chip_width(shorten(token, limit, font), font) for token in tokens)
        number = max(text_width(text, table.theme.size(LABEL)) for text in ids)
        words = vocabulary.width_at(word_font)
        labels = _label_width(tokens, limit, rows, table.theme)
        fixed = chip + number + words + 3 * CLOSE + labels * sum(m.row_tokens is not None for m in matrices)
        room = (area.width - fixed) / (1 + len(matrices)) - COLUMN_GAP[0]
        return _Widths((font, word_font), chip, number, words, labels, fixed, room)

    def fits(limit: float, largest: Type) -> bool:
        taken = widths(limit, largest)
        if largest is TEXT and max(text_width(token, taken.fonts[0]) for token in tokens) > limit:
            return False
        room = taken.room / (AMPLE if largest is TEXT else 1.0)
        return _numbers_fit([table, *matrices], room, tall.height / table.rows) if numbers else room >= HEAT

    tries = [(limit, largest) for limit in limits for largest in (TEXT, LABEL)]
    numbers = table.cells.numeric
    numbers = numbers and fits(*tries[-1])
    limit, largest = next((one for one in tries if fits(*one)), tries[-1])
    widest = LARGEST_PITCH[0] if matrices else ALONE
    most = widest * table.columns if numbers else WIDEST
    return _in_boxes(area, tall, rows, widths(limit, largest), limit, most, len(tokens), matrices)


def _numbers_fit(matrices: list[Matrix], width: float, pitch: float) -> bool:
    """Whether all of them, so wide and with rows so high, show their numbers."""
    return all(m.cells.numbers_fit(width / m.columns, pitch) for m in matrices)


def _in_boxes(
    area: Box,
    tall: Box,
    rows: Box,
    widths: _Widths,
    limit: float,
    most: float,
    tokens: int,
    matrices: list[Matrix],
) -> Arrangement:
    """Boxes of those widths from left to right, as far apart as the room allows."""
    count = 1 + len(matrices)
    cells = min(widths.room, most)
    overhang = max(0.0, matrices[-1].tag.width - cells) if matrices else 0.0
    gap = min(COLUMN_GAP[1], (area.width - overhang - widths.fixed - count * cells) / count)
    x = area.x - (widths.fixed + count * (cells + gap) + overhang) / 2
    chips = column_boxes(tokens, x, widths.chip, rows)
    x += widths.chip + CLOSE + widths.ids
    ids = [np.array([x - widths.ids / 2, box.y, 0.0]) for box in chips]
    x += gap + widths.words
    vocabulary = Box(x - widths.words, x, tall.bottom, tall.top)
    table, x = Box(x + CLOSE, x + CLOSE + cells, tall.bottom, tall.top), x + CLOSE + cells
    boxes = []
    for matrix in matrices:
        x += gap + (widths.labels if matrix.row_tokens is not None else 0.0)
        boxes.append(Box(x, x + cells, rows.bottom, rows.top))
        x += cells
    return Arrangement(limit, chips, *widths.fonts, ids, vocabulary, table, boxes, gap)


def _heights(area: Box, words: int, tokens: int) -> tuple[Box, Box]:
    """The heights of the vocabulary and of the sentence, level in the middle, rows alike where legible."""
    pitch = level = min(LARGEST_PITCH[1], area.height / max(words, tokens))
    if pitch < 0.34:
        pitch, level = (min(LARGEST_PITCH[1], area.height / count) for count in (words, tokens))
    tall, short = pitch * words / 2, level * tokens / 2
    return (
        Box(area.left, area.right, area.y - tall, area.y + tall),
        Box(area.left, area.right, area.y - short, area.y + short),
    )


def _label_width(tokens: Sequence[str], limit: float, rows: Box, theme: Theme) -> float:
    font = theme.fitting(0.94 * rows.height / len(tokens))
    return max(text_width(shorten(token, limit * LABEL_SHARE, font), font) for token in tokens) + 0.2
