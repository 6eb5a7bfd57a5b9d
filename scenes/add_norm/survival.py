"""Does a row still tell which word it was? Rows after a sub-layer beside those before it, without and with it added."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.level import LARGEST_CELL, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box

MAP_GAP = 1.2
TITLE_ROOM = 0.55
PALE = 0.4


class Survival(VGroup):
    """Two maps (rows after, rows before) of similarities, the same colour for the same number, a title under each."""

    def __init__(self, chapter: Chapter, box: Box) -> None:
        super().__init__()
        theme = chapter.theme
        names = ("add_norm.without", "add_norm.with")
        self.maps = [
            chapter.matrix(name, tokens=tokens, tag="", meaning="scores", reserve=names).without_slots()
            for name, tokens in zip(names, ("both", "columns"), strict=True)
        ]
        for matrix in self.maps:
            matrix.cells.fill = theme.signed_colour(matrix.tensor.values, "scores", 1.0)
        self.titles = [chapter.label(key, 0.26, theme.ink) for key in ("without_residual", "with_residual")]
        widest = max(title.width for title in self.titles) + 0.3
        gap = max(MAP_GAP, widest - self.maps[0].columns * LARGEST_CELL[0])
        place_level(self.maps, box.inset(bottom=TITLE_ROOM), (gap,))
        for title, matrix in zip(self.titles, self.maps, strict=True):
            title.move_to([matrix.box.x, matrix.box.bottom - 0.2 - title.height / 2, 0])
        self.add(*self.maps, *self.titles)


def diagonal(matrix: Matrix) -> Matrix:
    """Only the cells where a row meets itself stay fully lit."""
    matrix.cells.light = np.where(np.eye(matrix.rows, matrix.columns, dtype=bool), 1.0, PALE)
    return matrix
