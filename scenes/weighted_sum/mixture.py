"""The mixture: rows of a matrix that can grow thick or thin, stand apart or lie on one another."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from core.trace import Tensor
from scenes.stage.matrix.cells import FINEST, TYPE_SHARE, Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.theme import CellColours, Theme, mix

FAINTEST = 0.45


class Slices(Cells):
    """Cells whose rows have a place and a thickness of their own, as shares of the height of the box.

    Colours keep the scale of the matrix it is made with, whatever values are set later. State beyond that of cells:
    `tops` and `thickness` (rows,).
    """

    STATE: ClassVar[tuple[str, ...]] = (*Cells.STATE, "tops", "thickness")

    def __init__(self, tensor: Tensor, meaning: str, theme: Theme, **kwargs: Any) -> None:
        self.limit = float(np.abs(tensor.values).max(initial=0.0))
        rows = len(tensor.values)
        self.tops = np.arange(rows) / rows
        self.thickness = np.full(rows, 1 / rows)
        super().__init__(tensor, meaning, theme, **kwargs)
        self.slots = np.zeros(1)

    def colours_of(self, tensor: Tensor) -> CellColours:
        return self.theme.signed_cells(tensor.values, self.meaning, self.limit)

    def row_span(self, row: int) -> Box:
        """The box of one row as it stands."""
        box = self.box
        top = box.top - self.tops[row] * box.height
        return Box(box.left, box.right, top - self.thickness[row] * box.height, top)

    def cell_boxes(self) -> list[list[Box]]:
        width, height = self.pitch
        half, boxes, columns = self.gap_of(width, height) / 2, [], list(pairwise(self.edges))
        for row in range(self.shape[0]):
            span = self.row_span(row)
            inset = min(half, 0.08 * span.height)
            edges = [(float(x) + half, float(end) - half) for x, end in columns]
            boxes.append([Box(x, end, span.bottom + inset, span.top - inset) for x, end in edges])
        return boxes

    def legible(self) -> np.ndarray:
        """Which numbers can be read; those in rows too thin for them cannot.  # (rows, columns)"""
        size = self.font_size(*self.pitch)
        return super().legible() * (TYPE_SHARE * self.thickness * self.box.height >= 0.99 * size)[:, None]

    def paint(self, brush: Brush) -> None:
        if self.numeric or self.pitch[0] >= FINEST:
            super().paint(brush)
            return
        for row in np.flatnonzero(self.thickness > 0):
            seen = mix(self.theme.background, self.fill[row], self.light[row] * self.shown[row])
            brush.pixels(seen[None], self.row_span(int(row)), self.opacity * float(self.shown[row].max()))


class Mixture(Matrix):
    """A matrix of value rows on their way to being one row."""

    def __init__(self, values: Tensor, weighted: Tensor, weights: np.ndarray, theme: Theme) -> None:
        super().__init__(values, "v", theme)
        self.weighted, self.weights = weighted, np.asarray(weights, dtype=float)
        self.remove(self.cells)
        self.cells: Slices = Slices(values, "v", theme, reserve=[weighted])
        self.add(self.cells)

    def weigh(self) -> Mixture:
        """Every row times its weight: its numbers shrink, and it shows as clearly as it counts."""
        self.set_values(self.weighted)
        share = self.weights / (self.weights.max() or 1.0)
        self.cells.light = np.repeat((FAINTEST + (1 - FAINTEST) * share)[:, None], self.columns, axis=1)
        return self

    def stack(self, extent: float = 1.0) -> Mixture:
        """Every row as thick as its weight, all on one another, filling the `extent` of the height."""
        thickness = self.weights * extent
        self.cells.thickness = thickness
        self.cells.tops = (1 - thickness.sum()) / 2 + np.concatenate([[0.0], np.cumsum(thickness)[:-1]])
        return self

    def pour_into(self, box: Box) -> Mixture:
        """Collapse into the row that stands in `box`."""
        self.place(box)
        return self.stack()

    def edge(self, side: str) -> np.ndarray:
        """Where ribbons meet the rows: x, y and thickness at their left or right edge.  # (rows, 3)"""
        spans = [self.cells.row_span(row) for row in range(self.rows)]
        x = self.box.left - 0.03 if side == "left" else self.box.right + 0.03
        return np.array([[x, span.y, span.height] for span in spans])
