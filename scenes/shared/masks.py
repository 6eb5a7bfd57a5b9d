"""Masks over scores: closed cells hatched, and a mask that slides over the scores and becomes one with them."""

from __future__ import annotations

import numpy as np

from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme


def masked_cells(mask: Tensor) -> np.ndarray:
    """Which cells an additive mask closes.  # (queries, keys)"""
    return np.isneginf(mask.values)


def take_mask(matrix: Matrix, masked_values: Tensor, mask: Tensor) -> Matrix:
    """Give the closed cells their new values, and hatch them; the open cells stay what they are."""
    closed = masked_cells(mask)
    for row, columns in enumerate(closed):
        if columns.any():
            matrix.set_values(masked_values, rows=row, columns=np.flatnonzero(columns).tolist())
    return matrix.veil(closed)


def lay_over(chapter: Chapter, mask: Matrix, scores: Matrix, masked_values: Tensor) -> None:
    """The hatching of the mask, without its numbers, slides over the scores, which become closed where it lands."""
    closed = masked_cells(mask.tensor)
    ghost = Veil(closed, mask.box, chapter.theme)
    chapter.add(ghost)
    chapter.play(ghost.animate.set_box(scores.box), run_time=1.4)
    chapter.play(CellWave(scores, lambda m: take_mask(m, masked_values, mask.tensor), run_time=1.2))
    chapter.remove(ghost)


class Veil(Painted):
    """Hatching over the closed cells of a mask, leaning to the right or to the left."""

    def __init__(self, closed: np.ndarray, box: Box, theme: Theme, *, leftwards: bool = False) -> None:
        self.closed = closed
        self.leftwards = leftwards
        super().__init__(box, theme.hue("mask"))

    def paint(self, brush: Brush) -> None:
        box = self.box
        rows, columns = self.closed.shape
        width, height = box.width / columns, box.height / rows
        for i, j in np.argwhere(self.closed):
            left, top = box.left + j * width, box.top - i * height
            cell = Box(left, left + width, top - height, top).grown(-0.07 * min(width, height))
            self._hatch_cell(brush, cell)

    def _hatch_cell(self, brush: Brush, cell: Box) -> None:
        context = brush.context
        context.save()
        if self.leftwards:
            context.translate(2 * cell.x, 0)
            context.scale(-1, 1)
        brush.hatch(cell, 0.16 * min(cell.width, cell.height), tuple(self.colour), self.opacity)
        context.restore()
