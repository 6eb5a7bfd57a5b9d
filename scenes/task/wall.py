"""All numbers of a model as a wall of small cells, in which the numbers of a part can be lit."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box

LATER = 0.2  # the last number starts, by the time of all
OUTLIERS = 0.98  # of the numbers are no stronger than the strongest colour
EMBEDDING = ("embedding", "position_embedding", "segment_embedding", "input_norm")
ARRAYS = {"source.": EMBEDDING, "target.": EMBEDDING, "output.": ("output.", "embedding")}  # of groups of the figure


class Lighting(CellWave):
    """Numbers are lit or dimmed, and stay what they are."""

    of_numbers: ClassVar[bool] = False


class Wall:
    """matrix: the numbers (rows, columns); the places that its last row has left stay empty."""

    def __init__(self, chapter: Chapter, box: Box) -> None:
        sizes = chapter.trace["model.weights.sizes"]
        self.names, self.sizes = sizes.axis_labels("arrays") or (), sizes.values.astype(int)
        self.dim = chapter.theme.dim
        self.matrix = chapter.matrix("model.weights.wall", tag="", meaning="learned").as_heat().without_slots()
        self.matrix.cells.colour_by(float(np.quantile(np.abs(self.matrix.tensor.values), OUTLIERS)) or 1.0)
        rows, columns = self.matrix.tensor.shape
        pitch = min(box.width / columns, box.height / rows)
        left, top = box.left, box.top
        self.matrix.place(Box(left, left + pitch * columns, top - pitch * rows, top))

    def fill(self, matrix: Matrix) -> None:
        """Every number is there."""
        matrix.cells.shown = self._shaped(np.ones(self.sizes.sum()))

    def lighting(self, group: str, run_time: float) -> Lighting:
        """What lights the numbers of these parts of the figure and dims the others."""
        lit = np.repeat([name.startswith(ARRAYS.get(group, (group,))) for name in self.names], self.sizes)
        light = self._shaped(np.where(lit, 1.0, self.dim))

        def change(matrix: Matrix) -> None:
            matrix.cells.light = light

        return Lighting(self.matrix, change, spread=LATER, run_time=run_time)

    def _shaped(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers in reading order, and 0 where there are none.  # (rows, columns)"""
        cells = np.zeros(self.matrix.tensor.values.size)
        cells[: len(numbers)] = numbers
        return cells.reshape(self.matrix.tensor.shape)
