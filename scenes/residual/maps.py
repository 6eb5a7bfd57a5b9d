"""Two or three maps side by side on one scale of colour, each under its title: what rows have in common, and where
one word's rows stand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, RIGHT, VGroup

from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.level import LARGEST_CELL, place_level
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, LABEL, SPACE, TEXT, TIGHT, WIDE, Box

NOTE = 0.34
APART = 0.7  # from what tells of the word to what tells of the place
LARGEST = (LARGEST_CELL[0], 0.62)
ROOM = 0.55  # under the maps, for their titles


class Maps(VGroup):
    """tensors: one map each (queries, keys); limit: the number of the strongest colour; titles: one under each
    map; notes: under these.
    """

    def __init__(
        self,
        chapter: Chapter,
        tensors: Sequence[Tensor],
        limit: float,
        meaning: str,
        titles: Sequence[Label],
        box: Box,
        notes: Sequence[Label] = (),
    ) -> None:
        super().__init__()
        names = [tensor.name for tensor in tensors]
        sides = ("both", *["both" if box.is_tall else "columns"] * (len(names) - 1))
        self.matrices = [
            chapter.matrix(name, tokens=tokens, tag="", meaning=meaning, reserve=names).without_slots()
            for name, tokens in zip(names, sides, strict=True)
        ]
        for matrix in self.matrices:
            matrix.cells.colour_by(limit)
        self.titles, self.notes = list(titles), list(notes)
        widest = max(words.width for words in (*titles, *notes)) + GAP
        room = ROOM + (NOTE + TIGHT if notes else 0.0)
        apart = max(WIDE, widest - self.matrices[0].columns * LARGEST_CELL[0], room if box.is_tall else 0.0)
        place_level(self.matrices, box.inset(bottom=room), [apart] * (len(names) - 1), largest=LARGEST, below=room)
        for title, matrix in zip(self.titles, self.matrices, strict=True):
            shrink(title, matrix.box.width + apart - SPACE, chapter.theme, LABEL)
            title.move_to([matrix.box.x, matrix.box.bottom - SPACE - title.height / 2, 0])
        for note, title in zip(self.notes, self.titles, strict=False):
            shrink(note, self.matrices[0].box.width + apart - SPACE, chapter.theme)
            note.next_to(title, DOWN, buff=SPACE)
            note.shift(min(0.0, box.right - note.get_right()[0]) * RIGHT)
        self.add(*self.matrices, *self.titles, *self.notes)


class SimilarityMaps(Maps):
    """How alike (cosine) rows after the sub-layer are to rows before it: without the connection, with it, and what the
    connection adds.
    """

    def __init__(self, chapter: Chapter, box: Box) -> None:
        tensors = [chapter.trace[f"residual.{name}"] for name in ("without", "with", "gain")]
        titles = [chapter.label(key, LABEL, chapter.theme.ink) for key in ("o_and_x", "sum_and_x", "gain")]
        super().__init__(chapter, tensors, 1.0, "scores", titles, box)


class PlaceMaps(Maps):
    """How far apart one word's rows are, one at every place: in X, in O and in X + O. notes: the mean of each map."""

    def __init__(self, chapter: Chapter, box: Box) -> None:
        trace, ink = chapter.trace, chapter.theme.ink
        names = ("input", "without", "with")
        tensors = [trace[f"residual.places_{name}"] for name in names]
        limit = max(float(np.abs(tensor.values).max()) for tensor in tensors) or 1.0
        titles = [chapter.label(key, TEXT, ink, "semibold") for key in ("in_x", "in_o", "in_sum")]
        notes = [chapter.label("apart", TEXT, value=trace[f"residual.apart_{name}"].at()) for name in names]
        super().__init__(chapter, tensors, limit, "x", titles, box, notes)
        for matrix in self.matrices:
            matrix.as_heat()


class KeptMaps:
    """Small pictures of both: which word a row is of, and which place, without the connection and with it.

    pairs: the two maps of each with their titles, under what they tell.
    """

    def __init__(self, chapter: Chapter, box: Box) -> None:
        self.chapter = chapter
        word, place = box.columns(1, 1, gap=APART)
        names = [f"residual.places_{name}" for name in ("without", "with")]
        limit = max(float(np.abs(chapter.trace[name].values).max()) for name in names) or 1.0
        self.pairs = [
            self._pair("word", ("residual.without", "residual.with"), ("o_and_x", "sum_and_x"), "scores", 1.0, word),
            self._pair("place", names, ("in_o", "in_sum"), "x", limit, place),
        ]

    def _pair(
        self, head: str, names: Sequence[str], titles: Sequence[str], meaning: str, limit: float, box: Box
    ) -> VGroup:
        theme = self.chapter.theme
        over = shrink(self.chapter.label(head, LABEL, theme.ink, "semibold"), box.width, theme, LABEL)
        over.move_to([box.x, box.top - over.height / 2, 0])
        pair = VGroup(over)
        room = box.inset(top=over.height + SPACE, bottom=theme.size(LABEL) + SPACE)
        for name, title, place in zip(names, titles, room.columns(1, 1, gap=GAP), strict=True):
            matrix = self.chapter.matrix(name, tag="", meaning=meaning).without_slots().reveal().as_heat()
            matrix.cells.colour_by(limit)
            matrix.without_zeros()
            width = min(place.width, matrix.columns * LARGEST_CELL[0])
            words = shrink(self.chapter.label(title, LABEL), place.width, theme, LABEL)
            words.move_to([place.x, box.bottom + words.height / 2, 0])
            pair.add(matrix.place(place.but(left=place.x - width / 2, right=place.x + width / 2)), words)
        return pair
