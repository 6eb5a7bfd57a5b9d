"""One row of the decoder times the words' matrix: the multiplication table that gives a logit for every word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scenes.output.column_words import column_words
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.lens import BEAM, Lens, folded, lens_height
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.layout import SPACE, TIGHT, Box, box_of
from scenes.stage.paint.theme import Theme

AIR = 1.9  # of a cell under the lens
WORDS = 0.8  # room over the table, until the words are known


class LogitProduct:
    """d, w, logits: a row of the decoder, the words' matrix and their product; column_names: the words over it.

    row: the row worked through; tied: whether the words' matrix is the embedding, turned; picks: ids of words that must
    be named; lens: over the logits where these are too many for numbers, else None.
    """

    def __init__(self, chapter: Chapter, box: Box, row: int, *, tied: bool, picks: Iterable[int]) -> None:
        table, _ = symbols(tied)
        theme, picks = chapter.theme, list(picks)
        rows = chapter.trace["decoder.output"]
        token = (rows.axis_labels("tokens") or ("",))[row]
        self.d = Matrix(rows.line(row), "output", theme, symbol="d", row_tokens=[token] if token else None)
        self.w = Matrix(chapter.trace["output.w"], "learned", theme, symbol=table, tag_side="left")
        logits = chapter.trace["logits"].line(row)
        self.logits = Matrix(logits, "scores", theme, symbol="d W", tag_side="right")
        room, below = WORDS, SPACE
        for _ in range(3):  # the words turn with the width of the columns, and a lens needs room where these are narrow
            place_product(self.d, self.w, self.logits, box.inset(top=room, right=0.3, bottom=below))
            self.column_names = column_words(self.w, picks, theme, theme.hue("learned"))
            room = self.column_names.box.height + TIGHT
            below = SPACE if self.logits.has_numbers else lens_height(theme, named=True, air=AIR) + SPACE
        self.lens = None if self.logits.has_numbers else self._lens(box, picks, theme)

    @property
    def matrices(self) -> tuple[Matrix, Matrix, Matrix]:
        return self.d, self.w, self.logits

    def name_of_table(self) -> Box:
        """Where the name of the words' matrix is clear of that of the rows: above it, or where words stand there, level
        with its own matrix, or left of these.
        """
        tag, other = box_of(self.w.tag), box_of(self.d.tag)
        foot = self.column_names.box.bottom  # of what leads from words to columns
        words = [word.box.but(bottom=foot) for word in self.column_names.printed()]
        beside = min(0.0, min(word.left for word in words) - TIGHT - tag.right) if words else 0.0
        above = tag.shifted(y=max(0.0, other.top + TIGHT - tag.bottom))
        places = (above, tag, above.shifted(x=beside))
        return next((at for at in places if not any(map(at.overlaps, [other, *words]))), above)

    def grow(self, box: Box) -> None:
        """While no lens needs the room under them, all three reach down to the bottom of `box`."""
        d, w, logits = (matrix.box for matrix in self.matrices)
        between = w.bottom - logits.top
        larger = (w.top - box.bottom - between) / (w.height + logits.height)
        middle = w.top - larger * w.height
        self.w.place(replace(w, bottom=middle))
        self.logits.place(replace(logits, bottom=box.bottom, top=middle - between))
        self.d.place(replace(d, bottom=box.bottom, top=middle - between))
        beyond = max(0.0, box.left - self.d.whole.left)  # larger rows have larger tokens beside them
        self.d.place(self.d.box.inset(left=beyond))

    def _lens(self, box: Box, picks: list[int], theme: Theme) -> Lens:
        words = self.logits.tensor.axis_labels("vocabulary") or ()
        stand = Box(box.left, box.right, box.bottom, self.logits.box.bottom - BEAM)
        return Lens(self.logits, [0], folded(len(words), picks), stand, theme, words, air=AIR)


def symbols(tied: bool) -> tuple[str, str]:
    """What the words' matrix and its product with D are called, in Typst mathematics."""
    return ("W = E^top" if tied else "W"), "D W"


def rows_matrix(chapter: Chapter, symbol: str | None = None) -> Matrix:
    """The decoder's rows, each with the token that it read."""
    tensor = chapter.trace["decoder.output"]
    return Matrix(tensor, "output", chapter.theme, symbol=symbol, row_tokens=tensor.axis_labels("tokens") or ())
