"""Scaling at one look: scores on the left, scaled scores on the right, under each what softmax makes of its like."""

from __future__ import annotations

from collections.abc import Mapping

from manim import VGroup

from core.trace import Tensor
from scenes.stage.flow import thread
from scenes.stage.formula import Formula, formula
from scenes.stage.label import Label
from scenes.stage.layout import Box
from scenes.stage.level import gap_box, place_level
from scenes.stage.matrix import Matrix, box_of
from scenes.stage.plots import ValueBars
from scenes.stage.saturation import MEANINGS, SCALED, UNSCALED, ranges
from scenes.stage.theme import Theme

MIDDLE = 2.2
PLOTS = 1.75
TITLE = 0.36


class ScalingPoster:
    """Places two matrices over two rows of plots. The threads from row to row pass through the division."""

    def __init__(self, before: Matrix, after: Matrix, box: Box, theme: Theme) -> None:
        self.before, self.after, self.theme = before, after, theme
        table, plots = box.rows(box.height - PLOTS - 0.25, PLOTS, gap=0.25)
        place_level([before, after], table, (MIDDLE,))
        self.halves = [half.columns(1.25, 1, 1, gap=0.45) for half in plots.columns(1, 1, gap=0.8)]
        self.sign = self._sign()
        self.threads = self._threads()

    def _sign(self) -> Formula:
        sign = formula("div sqrt(d_k)", self.theme.hue("focus"), 0.5)
        return sign.move_to(gap_box(self.before, self.after).centre)

    def _threads(self) -> VGroup:
        """From every row to the division, and from there to its row."""
        gate, hue = box_of(self.sign).grown(0.12), self.theme.hue("scores")
        threads, rows = VGroup(), self.before.rows
        for row in range(rows):
            leaves, arrives = self.before.row_box(row), self.after.row_box(row)
            y = gate.top - (row + 0.5) / rows * gate.height
            threads.add(thread([leaves.right + 0.06, leaves.y, 0], [gate.left, y, 0], hue))
            threads.add(thread([gate.right, y, 0], [arrives.left - 0.06, arrives.y, 0], hue))
        return threads

    def histogram_box(self, half: int) -> Box:
        return self.halves[half][0]

    def bars(self, trace: Mapping[str, Tensor], titles: tuple[Label, Label], half: int) -> VGroup:
        """Softmax and slopes of one row, each under its title, with the number of the best key."""
        group = VGroup()
        best = int(trace[UNSCALED[0]].values.argmax())
        names = (UNSCALED, SCALED)[half]
        for row, title, box in zip((1, 2), titles, self.halves[half][1:], strict=True):
            inside = box.inset(top=TITLE + 0.28, bottom=0.1, left=0.2)
            low, high = ranges(trace)[row]
            hue = self.theme.hue(MEANINGS[row])
            title.scale(min(1.0, box.width / title.width)).move_to([box.x, box.top - title.height / 2, 0])
            group.add(title, ValueBars(trace[names[row]], inside, low, high, hue, self.theme, only=[best]))
        return group
