"""Masks on stage: hatched cells, sums beside the rows, and the row of scores + mask = masked scores → weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import RIGHT, Arrow, FadeOut, VGroup

from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.legend import Swatch, WeightRamp, legend
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import gap_box, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import SMALLEST_FONT, Box
from scenes.stage.paint.painting import Brush, Painted, hexadecimal
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width

MOST_TURNED = 12
UPRIGHT = 2.1  # room for the tokens over one of four matrices
SYMBOLS = {"scaled_scores": "Q K^top slash sqrt(d_k)", "masked_scores": "Q K^top slash sqrt(d_k) + M"}


def symbol_in_line(name: str) -> str | None:
    """The symbol of a tensor on one line, where a fraction would be too tall; None: its usual one."""
    return SYMBOLS.get(name.rpartition(".")[2])


def masked_cells(mask: Tensor) -> np.ndarray:
    """Which cells an additive mask closes.  # (queries, keys)"""
    return np.isneginf(mask.values)


def take_mask(matrix: Matrix, masked_values: Tensor, mask: Tensor) -> Matrix:
    """Give the closed cells their new values, and hatch them; the open cells stay what they are."""
    closed = masked_cells(mask)
    for row, columns in enumerate(closed):
        if columns.any():
            matrix.set_values(masked_values, rows=row, columns=np.flatnonzero(columns).tolist())
    return matrix.veil(closed)


def lay_over(chapter: Chapter, mask: Matrix, scores: Matrix, masked_values: Tensor) -> None:
    """A copy of the mask slides over the scores and becomes one with them."""
    ghost = mask.cells.copy()
    chapter.add(ghost)
    chapter.play(ghost.animate.set_box(scores.box).set_opacity(0.72), run_time=1.6)
    chapter.wait(0.4)
    chapter.play(FadeOut(ghost), CellWave(scores, lambda m: take_mask(m, masked_values, mask.tensor), run_time=1.4))


class RowSums(VGroup):
    """The sum of each row of `matrix`, printed to its right. sums: (queries,)"""

    def __init__(self, sums: Tensor, matrix: Matrix, theme: Theme) -> None:
        super().__init__()
        size = float(np.clip(0.6 * matrix.box.height / matrix.rows, SMALLEST_FONT, 0.24))
        for row in range(matrix.rows):
            reading = sums.at(row)
            label = Label((Run("Σ ", theme.quiet), Run(reading.text, theme.ink, (reading,))), size, theme.ink)
            box = matrix.row_box(row)
            self.add(label.move_to([box.right + 0.16 + label.width / 2, box.y, 0]))

    def highlight(self, row: int) -> RowSums:
        """Light the sum of one row."""
        for index, label in enumerate(self):
            label.set_opacity(1.0 if index == row else 0.28)
        return self


class Veil(Painted):
    """Hatching over the closed cells of a mask, leaning to the right or to the left."""

    def __init__(self, closed: np.ndarray, box: Box, theme: Theme, *, leftwards: bool = False) -> None:
        self.closed = closed
        self.leftwards = leftwards
        super().__init__(box, theme.hue("mask"))

    def paint(self, brush: Brush) -> None:
        box = self.box
        rows, columns = self.closed.shape
        width, height = box.width / columns, box.height / rows
        for i, j in np.argwhere(self.closed):
            left, top = box.left + j * width, box.top - i * height
            cell = Box(left, left + width, top - height, top).grown(-0.07 * min(width, height))
            self._hatch_cell(brush, cell)

    def _hatch_cell(self, brush: Brush, cell: Box) -> None:
        context = brush.context
        context.save()
        if self.leftwards:
            context.translate(2 * cell.x, 0)
            context.scale(-1, 1)
        brush.hatch(cell, 0.16 * min(cell.width, cell.height), tuple(self.colour), self.opacity)
        context.restore()


def chain_tokens(first: Tensor, *, turned: bool = True) -> tuple[str, ...]:
    """Where the tokens stand around four matrices in a row: over the columns too, unless these are too narrow.

    turned: whether tokens may stand turned; if not, only those that fit upright stand over the columns.
    """
    widest = max(text_width(token, SMALLEST_FONT) for token in first.axis_labels("keys") or ("",))
    fits = first.shape[-1] <= MOST_TURNED if turned else widest * first.shape[-1] < UPRIGHT
    return ("both", "columns", "columns", "columns") if fits else ("rows", "", "", "")


class MaskSum(VGroup):
    """scores + mask = masked scores, softmax → weights: four matrices in a row with their operators."""

    GAPS = (0.42, 0.42, 1.0)

    def __init__(self, chapter: Chapter, names: Sequence[str], box: Box, *, turned: bool = True) -> None:
        super().__init__()
        sides = chain_tokens(chapter.trace[names[0]], turned=turned)
        self.matrices = [_part(chapter, name, tokens) for name, tokens in zip(names, sides, strict=True)]
        self.scores, self.mask, self.masked, self.weights = self.matrices
        closed = masked_cells(chapter.trace[names[1]])
        for matrix in self.matrices[1:]:
            matrix.veil(closed)
        place_level(self.matrices, box, self.GAPS, equal=False)
        theme = chapter.theme
        self.operators = VGroup(
            *(
                operator(sign, gap_box(a, b), theme)
                for sign, a, b in zip("+=", self.matrices[:2], self.matrices[1:3], strict=True)
            )
        )
        self.operators.add(softmax_arrow(gap_box(self.masked, self.weights), theme))
        self.add(*self.matrices, self.operators)


def _part(chapter: Chapter, name: str, tokens: str) -> Matrix:
    matrix = chapter.matrix(name, tokens=tokens, tag="top", symbol=symbol_in_line(name)).reveal()
    return without_axes(matrix)


def without_axes(matrix: Matrix) -> Matrix:
    """A smaller name that does not say what the axes are: for matrices of which a legend says it once."""
    name, shape = matrix.tag[0]
    matrix.tag.remove(matrix.tag[1])
    matrix.tag[0].submobjects = [name.scale(0.7), shape.scale(0.85)]
    matrix.tag[0].arrange(RIGHT, buff=0.14)
    return matrix


def operator(sign: str, box: Box, theme: Theme) -> Label:
    """A sign between two matrices."""
    label = Label(sign, 0.42, theme.ink)
    return label.move_to(box.centre)


def softmax_arrow(box: Box, theme: Theme, first: str = "") -> VGroup:
    """An arrow through `box`, named softmax; `first` says above it what comes before the softmax."""
    name = Label("softmax", 0.22, theme.ink)
    ends = [box.x - 0.36, box.y, 0], [box.x + 0.36, box.y, 0]
    arrow = Arrow(*ends, buff=0, stroke_width=2.5, tip_length=0.13, color=hexadecimal(theme.quiet))
    group = VGroup(arrow, name.move_to([box.x, box.y + 0.22, 0]))
    return group.add(Label(first, 0.22, theme.ink).move_to([box.x, box.y + 0.52, 0])) if first else group


def mask_legend(chapter: Chapter) -> VGroup:
    """What open and hatched cells mean, and the ramp of the weights."""
    theme = chapter.theme
    entries = [
        (Swatch(theme, masked=masked), chapter.label(key, 0.2)) for key, masked in (("may", False), ("may_not", True))
    ]
    ends = [Label(text, 0.2, theme.quiet) for text in "01"]
    axes = VGroup(*(Label(text, 0.2, theme.quiet) for text in chapter._axes_texts("queries", "keys")))
    axes.arrange(RIGHT, buff=0.3)
    return legend((axes,), *entries, (chapter.label("weight", 0.2), ends[0], WeightRamp(theme), ends[1]))
