"""Every position at once: words read, probabilities, the words that follow, what these got, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, VGroup

from core.trace import Tensor, Trace
from scenes.output.column_words import column_words
from scenes.output.loss_curve import CellMarks, LossCurve
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import TIGHT, Box
from scenes.stage.paint.theme import CellColours, Theme
from scenes.stage.paint.typography import shorten

LARGEST_CELL = (0.85, 0.5)
WORDS = 1.35  # room over the table
COLUMN, BETWEEN = 0.82, 0.15
CURVE, CURVE_SHARE = (3.3, 3.0), 0.7  # at most; of the room for it and for P
UNDER = 0.7  # between the table and a curve below it


class _LossCells(Cells):
    """Cells as bright as their loss, a loss of 1 at least being the brightest: nearly nothing looks like nothing."""

    def colours_of(self, tensor: Tensor) -> CellColours:
        return self.theme.signed_cells(tensor.values, self.meaning, max(1.0, float(tensor.values.max(initial=0.0))))


class LossColumn(Matrix):
    """The losses, one above the other."""

    def __init__(self, losses: Tensor, theme: Theme) -> None:
        column = losses.line(standing=True)
        super().__init__(column, "output", theme)
        self.remove(self.cells)
        self.cells = _LossCells(column, "output", theme)
        self.add(self.cells)


def answer_labels(words: Sequence[str], rows: Box, theme: Theme, longest: float = TokenAxis.LONGEST) -> VGroup:
    """`→ word` at the right of each row, in the largest type for which there is room."""
    pitch = rows.height / len(words)
    size = theme.fitting(0.72 * pitch)
    labels = VGroup()
    for row, word in enumerate(words):
        label = Label("→ " + shorten(word, longest, size), size, theme.hue("focus"), structural=True)
        labels.add(label.move_to([rows.right + 0.16 + label.width / 2, rows.top - (row + 0.5) * pitch, 0]))
    return labels


class AnswerTable:
    """P with the words read on its left and the words that follow on its right, framed where they meet."""

    def __init__(self, trace: Trace, read: Sequence[str], answers: Sequence[str], box: Box, theme: Theme) -> None:
        self.trace, self.theme, self.box = trace, theme, box
        self.expected = trace["target.expected"].values.astype(int)  # (tokens,)
        self.p = Matrix(trace["probabilities"], "weights", theme, row_tokens=read)
        self.answers = answer_labels(answers, Box(0, 1, 0, len(answers)), theme)
        place_level([self.p], box.inset(top=WORDS, bottom=TIGHT, right=self.answers.width + 0.3), largest=LARGEST_CELL)
        self.answers = answer_labels(answers, self.p.box, theme)
        self.marks = CellMarks(self.p, list(enumerate(self.expected)), theme).show(0)
        self.words = self.words_over(self.p.box)

    def words_over(self, box: Box) -> VGroup:
        """The words that follow, over their columns when P stands in `box`."""
        return column_words(self.p.copy().place(box), self.expected, self.theme, self.theme.ink)

    def add_losses(self, heads: tuple[Label, Label], mean: Label, axes: tuple[str, str]) -> None:
        """A column of probabilities, one of losses and the curve, beside P when it has drawn in."""
        box, trace, theme = self.p.box, self.trace, self.theme
        self.heads, self.mean = heads, mean
        self.way = self.p.whole.left - self.box.left
        words, start = self.answers.width + 0.3, box.left - self.way
        curve = self._curve_box(self.box.right - start - words - 0.5 - 2 * (COLUMN + BETWEEN))
        right = self.box.right if self.box.is_tall else curve.left - 0.5
        room = right - 2 * (COLUMN + BETWEEN) - words - start
        self.narrow = Box(start, start + min(box.width, room), box.bottom, box.top)
        chances, losses = trace["output.expected_probability"], trace["loss"]
        self.chances, self.losses = Matrix(chances.line(standing=True), "weights", theme), LossColumn(losses, theme)
        left = self.narrow.right + words
        for matrix, head in zip((self.chances, self.losses), heads, strict=True):
            matrix.place(Box(left, left + COLUMN, box.bottom, box.top))
            head.move_to([matrix.box.x, box.top + 0.2, 0])
            left += COLUMN + BETWEEN
        self.curve = LossCurve(chances.values, losses.values, axes, curve, theme).undrawn()
        mean.move_to([min(curve.x, self.box.right - mean.width / 2), curve.bottom - 0.32, 0])

    def _curve_box(self, room: float) -> Box:
        """Beside the table, where so much is left for it and for P; below it in a tall frame."""
        box, (width, height) = self.p.box, CURVE
        if self.box.is_tall:
            top = box.bottom - UNDER
            return Box(self.box.x - width / 2, self.box.x + width / 2, max(self.box.bottom + UNDER, top - height), top)
        width = min(width, CURVE_SHARE * room)
        height = min(height, width)
        return Box(self.box.right - width, self.box.right, box.y - height / 2, box.y + height / 2)

    def draw_in(self) -> list:
        """P and what belongs to it draw in to the left, as animations."""
        way = (self.p.box.right - self.narrow.right) * LEFT
        return [
            self.p.animate.place(self.narrow),
            self.marks.animate.set_box(self.narrow),
            self.answers.animate.shift(way),
        ]
