"""What the two chapters of masks share: two places side by side, named, compared, and framed row by row."""

from __future__ import annotations

from manim import FadeIn, FadeOut, ReplacementTransform, VGroup, VMobject, linear

from core.trace import Tensor
from scenes.shared.mask_sum import softmax_arrow, symbol_in_line
from scenes.shared.row_sums import RowSums, sums_room
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import RowFrames, gap_box, place_level, row_boxes
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import ATTENTION_FORMULA, HeaderFormula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SPACE

ARROW = 1.2  # room for the arrow between the two
LARGEST = (0.92, 0.6)  # of the cells of the two


def column_tokens(matrix: Matrix) -> TokenAxis:
    """The tokens over the columns of a matrix that has them."""
    assert matrix.column_tokens is not None
    return matrix.column_tokens


def row_tokens(matrix: Matrix) -> TokenAxis:
    """The tokens beside the rows of a matrix that has them."""
    assert matrix.row_tokens is not None
    return matrix.row_tokens


class MaskChapter(Chapter):
    """A chapter with the scores on the left, and on the right the mask, then the weights."""

    def square(self, name: str | Tensor, tokens: str = "both", tag: str = "", symbol: str | None = None) -> Matrix:
        """A matrix of queries and keys; above it its name, and beside that, or in large type beneath, its axes.

        symbol: another name than its usual one.
        """
        tensor = self.trace[name] if isinstance(name, str) else name
        side = tag or ("above" if self.theme.scale <= 1 else "top")
        return self.matrix(tensor, tokens=tokens, tag=side, symbol=symbol or symbol_in_line(tensor.name))

    def right_square(self, name: str) -> Matrix:
        """A matrix that stands beside another, which has the tokens of the rows; or below it, then with its own."""
        return self.square(name, "both" if STAGE.is_tall else "columns")

    def place_pairs(self, left: Matrix, *rights: Matrix) -> None:
        """Each of `rights` stands to the right of `left`, all in one place; the last needs most room.

        They are as wide as each other where both have room for their numbers.
        """
        self.table_box = STAGE.inset(bottom=SPACE + self.theme.size(LABEL) + HAIR)
        self.place_pair(left, rights[-1], equal=True)
        if not (left.has_numbers and rights[-1].has_numbers):
            self.place_pair(left, rights[-1], equal=False)
        for right in rights[:-1]:
            right.place(rights[-1].box)

    def place_pair(self, left: Matrix, right: Matrix, *, equal: bool) -> None:
        """Side by side, with room between them for an arrow or sums; equal: cells of one width."""
        sums = sums_room(self.trace, "weights.row_sums", self.theme)
        gap = max(ARROW, sums + GAP)
        place_level([left, right], self.table_box, [gap], right=sums, equal=equal, largest=LARGEST)

    def named(self, key: str, matrix: Matrix) -> Label:
        """A name below a matrix."""
        label = self.label(key, LABEL, self.theme.ink)
        return label.move_to([matrix.box.x, matrix.box.bottom - SPACE - label.height / 2, 0])

    def sums_of(self, name: str, matrix: Matrix) -> RowSums:
        return RowSums(self.trace, name, matrix, self.theme)

    def compare(self, before: Matrix, name: str, weights: Matrix) -> None:
        """In place of `before`, the weights that there would have been without the mask; both sides are named."""
        self.left, twin = self.square(name).reveal(), weights.copy()
        self.place_pair(self.left, twin, equal=True)
        self.names = VGroup(self.named("without", self.left), self.named("with", twin))
        self.play(FadeOut(before, self.arrow), run_time=0.4)
        aside = weights.animate.place(twin.box), self.sums.animate.beside(twin)
        self.play(*aside, FadeIn(self.left, self.names), run_time=0.6)

    def shares(self, scores: Matrix, weights: Matrix, *leaving: VMobject, then: VMobject) -> None:
        """Row by row, softmax makes weights of the scores: the same row is lit on both sides. Leaves the `arrow`.

        The weights come where what is `leaving` has gone; then: what comes once they stand.
        """
        self.arrow = softmax_arrow(gap_box(scores, weights), self.theme)
        frame = RowFrames(row_boxes(0, scores, weights), self.theme)
        exits = [FadeOut(*leaving)] if leaving else []
        self.play(*exits, FadeIn(weights, self.arrow, frame), run_time=0.8)
        end = frame.animate(rate_func=linear).around(row_boxes(scores.rows - 1, scores, weights))
        self.play(CellWave(weights, Matrix.reveal, order="rows"), end, run_time=1.4)
        self.play(FadeOut(frame), FadeIn(then), run_time=0.8)

    def meet_mask(self) -> None:
        """The mask enters the formula: what stands behind it makes room."""
        old, self.header = self.header, HeaderFormula(ATTENTION_FORMULA, self.theme).light("mask")
        self._place_header()
        mask = self.header.parts["mask"]
        others = [mark for mark in self.header if all(mark is not part for part in mask)]
        self.play(*(ReplacementTransform(*pair) for pair in zip(old, others, strict=True)), run_time=0.6)
        self.play(FadeIn(mask), run_time=0.4)
        self.remove(*old.get_family(), *self.header.get_family())
        self.add(self.header)

    def show_row(self, row: int, *matrices: Matrix, seconds: float = 1.2) -> None:
        """Frame one row across these matrices for a while."""
        frame = RowFrames(row_boxes(row, *matrices), self.theme)
        self.play(FadeIn(frame), *(m.animate.spotlight(rows=row) for m in matrices))
        self.wait(seconds)
        self.play(FadeOut(frame), *(m.animate.light_up() for m in matrices))
