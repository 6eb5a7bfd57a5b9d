"""Does a row still tell which word it was? Rows after a sub-layer beside those before it, without and with it added."""

from __future__ import annotations

import numpy as np
from manim import DOWN, VGroup

from core.trace.norm import tells_places
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.level import LARGEST_CELL, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import Box

MAP_GAP = 1.2
TITLE_ROOM, NOTE_ROOM = 0.55, 0.4
PALE = 0.4


class Survival(VGroup):
    """Two maps (rows after, rows before) of similarities, the same colour for the same number, a title under each.

    notes: under the titles, how far apart one word's rows at all places are; none where there are no positions.
    """

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
        self.notes = self._notes(chapter) if tells_places(chapter.trace) else []
        widest = max(words.width for words in (*self.titles, *self.notes)) + 0.3
        gap = max(MAP_GAP, widest - self.maps[0].columns * LARGEST_CELL[0])
        place_level(self.maps, box.inset(bottom=TITLE_ROOM + (NOTE_ROOM if self.notes else 0.0)), (gap,))
        for title, matrix in zip(self.titles, self.maps, strict=True):
            title.move_to([matrix.box.x, matrix.box.bottom - 0.2 - title.height / 2, 0])
        for note, title in zip(self.notes, self.titles, strict=False):
            note.next_to(title, DOWN, buff=0.16)
        self.add(*self.maps, *self.titles, *self.notes)

    @staticmethod
    def _notes(chapter: Chapter) -> list[Label]:
        values = (chapter.trace[f"add_norm.apart_{name}"].at() for name in ("without", "with"))
        return [chapter.label("apart", 0.24, value=value) for value in values]


def diagonal(matrix: Matrix) -> Matrix:
    """Only the cells where a row meets itself stay fully lit."""
    matrix.cells.light = np.where(np.eye(matrix.rows, matrix.columns, dtype=bool), 1.0, PALE)
    return matrix
