"""The alignment as a table that grows: one row of weights for each word said."""

from __future__ import annotations

import numpy as np
from manim import UP

from core.trace import Tensor
from scenes.stage.chapter.caption import in_lines
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import SMALL, Box
from scenes.stage.paint.theme import Theme

LARGEST_CELL = (0.5, 0.32)
OVER = 0.18  # between its title and what stands below
NARROWEST_ROW = 1.12  # in sizes of its words


class AlignmentTable(Matrix):
    """Words said × source words. Rows and their words are empty until they are told."""

    def __init__(self, weights: Tensor, title: Label, box: Box, theme: Theme) -> None:
        rows, keys = (weights.axis_labels(axis) or () for axis in ("steps", "keys"))
        name = in_lines(title, box.width, theme, SMALL)
        room = box.inset(top=max(0.32, name.height + OVER))
        named = min(0.8 * room.height / len(rows), LARGEST_CELL[1]) >= NARROWEST_ROW * theme.size(SMALL)
        super().__init__(weights, "weights", theme)
        self.row_tokens = TokenAxis(rows, "rows", theme, theme.hue("q")) if named else None
        self.column_tokens = TokenAxis(keys, "columns", theme, theme.hue("k"))
        self.add(self.column_tokens)
        if self.row_tokens is not None:
            self.add(self.row_tokens)
            self.row_tokens.light = np.zeros(len(rows))
        place_level([self], room, largest=LARGEST_CELL)
        self.shift(UP * (room.top - self.whole.top))
        self.title = name.move_to([box.left + name.width / 2, box.top - name.height / 2, 0])
        self.add(name)

    def tell(self, row: int) -> AlignmentTable:
        """Fill one row in, with its word."""
        self.reveal(rows=row)
        if self.row_tokens is not None:
            self.row_tokens.light = np.where(np.arange(self.rows) == row, 1.0, self.row_tokens.light)
        return self
