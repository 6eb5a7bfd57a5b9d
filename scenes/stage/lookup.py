"""Where everything stands when tokens look up their rows: chips, ids, vocabulary, embedding matrix, input matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.stage.chips import chip_width, column_boxes, font_of
from scenes.stage.layout import Box
from scenes.stage.matrix import Matrix, shorten
from scenes.stage.typography import text_width
from scenes.stage.vocabulary import Vocabulary

LIMITS = (2.0, 1.6, 1.25, 1.0)
LARGEST_PITCH = (0.74, 0.5)
WIDEST = 3.3
SPACE = 0.16
GAP = (0.8, 1.7)
ID_FONT = 0.25
READABLE_PITCH = 0.21


@dataclass(frozen=True)
class LookUp:
    """Boxes of one arrangement, left to right; `limit` is the widest a word may be written."""

    limit: float
    chips: list[Box]
    chip_font: float
    ids: list[np.ndarray]
    vocabulary: Box
    table: Box
    matrices: list[Box]
    gap: float


def lists_all(words: int, area: Box) -> bool:
    """Whether the vocabulary has room for all its words."""
    return area.height / words >= READABLE_PITCH


def arrange(
    area: Box, tokens: Sequence[str], ids: Sequence[str], vocabulary: Vocabulary, table: Matrix, matrices: list[Matrix]
) -> LookUp:
    """Chips, their ids, the vocabulary with its matrix E, and what the rows become (X, or E_t, P and X)."""
    tall, rows = _heights(area, table.rows, len(tokens))
    font = font_of(min(0.84 * rows.height / len(tokens), 0.46))
    id_width = max(text_width(text, ID_FONT) for text in ids)
    need, _ = table.cells.smallest_numeric_pitch()
    for limit in LIMITS:
        vocabulary.limit = limit
        chip = max(chip_width(shorten(token, limit, font), font) for token in tokens)
        words = vocabulary.width_at(vocabulary.font_in(tall))
        labels = _label_width(tokens, limit, rows)
        fixed = chip + SPACE + id_width + words + SPACE + labels * _labelled(matrices) + SPACE
        count = 1 + len(matrices)
        room = (area.width - fixed - count * GAP[0]) / count
        if room >= need * table.columns or room >= WIDEST:
            break
    cells = min(room, WIDEST if room < need * table.columns else LARGEST_PITCH[0] * table.columns)
    gap = min(GAP[1], (area.width - fixed - count * cells) / count)
    x = area.x - (fixed + count * (cells + gap)) / 2
    chips = column_boxes(len(tokens), x, chip, rows)
    x += chip + SPACE + id_width
    centres = [np.array([x - id_width / 2, box.y, 0.0]) for box in chips]
    x += gap + words
    voc, x = Box(x - words, x, tall.bottom, tall.top), x + SPACE
    table_box, x = Box(x, x + cells, tall.bottom, tall.top), x + cells
    boxes = []
    for matrix in matrices:
        x += gap + (labels if matrix.row_tokens is not None else 0.0)
        boxes.append(Box(x, x + cells, rows.bottom, rows.top))
        x += cells
    return LookUp(limit, chips, font, centres, voc, table_box, boxes, gap)


def _heights(area: Box, words: int, tokens: int) -> tuple[Box, Box]:
    """The heights of the vocabulary and of the sentence, level in the middle, rows alike where legible."""
    pitch = min(LARGEST_PITCH[1], area.height / words)
    level = pitch if pitch >= 0.34 else min(LARGEST_PITCH[1], area.height / tokens)
    tall, short = pitch * words / 2, level * tokens / 2
    return (
        Box(area.left, area.right, area.y - tall, area.y + tall),
        Box(area.left, area.right, area.y - short, area.y + short),
    )


def _labelled(matrices: list[Matrix]) -> int:
    return sum(matrix.row_tokens is not None for matrix in matrices)


def _label_width(tokens: Sequence[str], limit: float, rows: Box) -> float:
    font = float(np.clip(0.72 * rows.height / len(tokens), 0.18, 0.28))
    return max(text_width(shorten(token, limit, font), font) for token in tokens) + 0.2
