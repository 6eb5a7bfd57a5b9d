"""Scaling at one look: the scores and the scaled scores, under each what softmax makes of many random ones like it."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from scenes.stage.matrix.level import gap_box, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.layout import HAIR, TIGHT, WIDE, Box, box_of
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.threads import thread

MIDDLES = (3.2, 2.6, 2.0)
NARROWEST_NAMED = 0.29
PLOTS = (1.6, 2.4)
TABLE = (0.36, 1.15)
BETWEEN = 0.25
TAG = 0.78


class ScalingPoster:
    """Places two matrices over two rows of plots. The threads from row to row pass through the division."""

    def __init__(self, before: Matrix, after: Matrix, legend: VGroup, box: Box, theme: Theme) -> None:
        self.before, self.after, self.theme = before, after, theme
        wanted = box.height - BETWEEN - before.rows * TABLE[0] - TABLE[1]
        height = min(max(wanted, PLOTS[0]), PLOTS[1])
        table, plots = box.rows(box.height - BETWEEN - height, height, gap=BETWEEN)
        for matrix in (before, after):
            matrix.without_axes().tag.scale(TAG)
        self.legend = self._place(table.inset(top=TIGHT), legend)
        self.halves = [half.columns(1.1, 1, 1, gap=WIDE) for half in plots.columns(1, 1, gap=0.8)]
        self.sign = self._sign()
        self.threads = self._threads()

    def _place(self, table: Box, legend: VGroup) -> VGroup:
        """The matrices side by side. The tag of the scores stands between its token labels if these leave it room."""
        tag = self.before.tag
        self.before.remove(tag)
        self.before.tag = VGroup()
        shown = self._level(table, legend)
        corner = self._corner()
        if corner.width < tag.width + TIGHT or corner.height < tag.height + TIGHT:
            self.before.tag = tag
            self.before.add(tag)
            return self._level(table, legend)
        tag.move_to([corner.right - tag.width / 2, corner.bottom + tag.height / 2, 0])
        self.before.add(tag)
        return shown

    def _corner(self) -> Box:
        """The room between the token labels of the scores' rows and of their columns."""
        rows, columns, cells = self.before.row_tokens, self.before.column_tokens, self.before.box
        left, right = (rows.box.left, rows.box.right) if rows else (cells.left, cells.left)
        bottom, top = (columns.box.bottom, columns.box.top) if columns else (cells.top, cells.top)
        return Box(left, right, bottom, top)

    def _drop_crowded_labels(self) -> None:
        """Labels of columns too narrow for them go; the rows name the same tokens."""
        for matrix in (self.before, self.after):
            labels = matrix.column_tokens
            if labels is not None and matrix.cells.pitch[0] < NARROWEST_NAMED:
                matrix.remove(labels)
                matrix.column_tokens = None

    def _level(self, table: Box, legend: VGroup) -> VGroup:
        """Both matrices on one level; where their numbers find no room, the legend of the colours stands between."""
        pair = [self.before, self.after]
        for middle in MIDDLES:
            place_level(pair, table, (middle,))
            if self.before.has_numbers:
                return VGroup()
        self._drop_crowded_labels()
        place_level(pair, table, (legend.width + TIGHT,))
        gap = gap_box(*pair)
        room = (gap.height - self._sign().height) / 2 - TIGHT
        y = gap.bottom + legend.height / 2 if room > legend.height else gap.bottom - TIGHT - legend.height / 2
        return legend.move_to([gap.x, y, 0])

    def _sign(self) -> Formula:
        sign = formula("div sqrt(d_k)", self.theme.hue("focus"), 0.44)
        return sign.move_to(gap_box(self.before, self.after).centre)

    def _threads(self) -> VGroup:
        """From every row to the division, and from there to its row."""
        gate, hue = box_of(self.sign).grown(0.12), self.theme.hue("scores")
        threads, rows = VGroup(), self.before.rows
        for row in range(rows):
            leaves, arrives = self.before.row_box(row), self.after.row_box(row)
            y = gate.top - (row + 0.5) / rows * gate.height
            threads.add(thread(_point(leaves.right + HAIR, leaves.y), _point(gate.left, y), hue))
            threads.add(thread(_point(gate.right, y), _point(arrives.left - HAIR, arrives.y), hue))
        return threads

    def plot_box(self, half: int, number: int) -> Box:
        """The place of one of the three plots under a matrix."""
        return self.halves[half][number]


def _point(x: float, y: float) -> np.ndarray:
    return np.array([x, y, 0.0])
