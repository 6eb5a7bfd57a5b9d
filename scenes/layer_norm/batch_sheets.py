"""A padded batch as sheets side by side: sentences × tokens × features, and what a norm averages over lit in it."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from core.model.special_tokens import PAD
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SPACE, Box

SHEET_GAP = 0.5
TITLE = 0.24
OUTLIERS = 0.85  # of the numbers are weaker than the strongest colour
BESIDE = 0.5  # how bright is what a norm does not average over


class Sheets(VGroup):
    """The residual sums of a batch as heat, one matrix a sentence, [PAD] rows hatched; a title over each."""

    def __init__(self, chapter: Chapter, box: Box) -> None:
        super().__init__()
        trace, theme = chapter.trace, chapter.theme
        self.theme = theme
        self.lengths = [int(v) for v in trace["batch_norm.lengths"].values]
        self.main = int(trace["batch_norm.sentence"].values)
        self.sheets = [self._sheet(chapter, i + 1) for i in range(len(self.lengths))]
        sizes = np.concatenate([np.abs(m.tensor.values).ravel() for m in self.sheets])
        limit = float(np.quantile(sizes, OUTLIERS)) or float(sizes.max())
        for matrix in self.sheets:
            matrix.cells.colour_by(limit)
        place_level(self.sheets, box.inset(top=2 * TITLE), [SHEET_GAP] * (len(self.sheets) - 1))
        self.titles = VGroup(*(self._title(chapter, i, m) for i, m in enumerate(self.sheets)))
        self.add(*self.sheets, self.titles)

    def _sheet(self, chapter: Chapter, number: int) -> Matrix:
        matrix = chapter.matrix(f"batch_norm.sheet_{number}", tokens="rows", tag="", meaning="output").reveal()
        padded = np.array([token == PAD for token in matrix.tensor.axis_labels("tokens") or ()])
        return matrix.as_heat().veil(np.repeat(padded[:, None], matrix.columns, axis=1))

    def _title(self, chapter: Chapter, index: int, matrix: Matrix) -> Label:
        title = chapter.label("sentence", LABEL, number=index + 1)
        return title.move_to([matrix.box.x, matrix.box.top + SPACE + title.height / 2, 0])

    def row_frame(self, row: int) -> Frame:
        """Around one token of the main sentence: what layer norm averages over."""
        return Frame(self.sheets[self.main].row_box(row), self.theme)

    def column_frames(self, column: int) -> list[Frame]:
        """Around one feature of every token, [PAD] or not: what batch norm averages over."""
        return [Frame(matrix.column_box(column), self.theme) for matrix in self.sheets]

    def light_row(self, row: int) -> list[Matrix]:
        """Each sheet as an animation: that row alone stays lit."""
        return [
            matrix.animate.recede(light=BESIDE).light_up(rows=slice(row, row + (index == self.main)))
            for index, matrix in enumerate(self.sheets)
        ]

    def light_column(self, column: int) -> list[Matrix]:
        return [matrix.animate.recede(light=BESIDE).light_up(columns=column) for matrix in self.sheets]
