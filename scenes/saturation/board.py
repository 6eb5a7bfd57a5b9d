"""A row of scores, its softmax and the gradients in q·k as bars: unscaled on the left, scaled on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import Animation, VGroup, VMobject

from core.trace import Tensor
from scenes.stage.charts.plots import ValueBars
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, LABEL, TEXT, WIDE, Box
from scenes.stage.paint.theme import Theme

UNSCALED = ("scaling.keys_scores", "scaling.saturated_weights", "scaling.saturated_gradients")
SCALED = ("scaling.keys_scaled", "scaling.scaled_weights", "scaling.scaled_gradients")
MEANINGS = ("scores", "weights", "output")
SYMBOLS = ("q dot k", "q dot k slash sqrt(d_k)")
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
ROOM = 0.32  # over and under bars, for their numbers
HEIGHTS = (0.92, 2.15, 1.5, 1.5)  # of the heads, then of each line
BETWEEN = 0.9


def ranges(trace: Mapping[str, Tensor]) -> list[tuple[float, float]]:
    """Lowest and highest value of the scales of scores, weights and gradients, the same for unscaled and scaled."""
    scores = trace[UNSCALED[0]].values
    steepest = max(float(trace[names[2]].values.max()) for names in (UNSCALED, SCALED))
    return [(min(0.0, float(scores.min())), max(0.0, float(scores.max()))), (0.0, 1.0), (0.0, steepest)]


class SoftmaxBoard:
    """Three lines of bars in two columns. `line(row, column)` is one of them; `names[row]` says what a line shows.

    At first two lines of the unscaled column fill the stage; `pair_up` moves them aside for the scaled ones,
    `make_room` moves all up for the third line.
    """

    def __init__(self, trace: Mapping[str, Tensor], words: Sequence[Label], box: Box, theme: Theme) -> None:
        self.theme = theme
        side = max(label.width for label in words) + WIDE
        self.wide = box.inset(left=side)
        sides = left, right = self.wide.columns(1, 1, gap=BETWEEN)
        head, *self.three = box.rows(*HEIGHTS, gap=HAIR)
        self.two = Box(box.left, box.right, box.bottom, head.bottom - HAIR).rows(*HEIGHTS[1:3], gap=HAIR)
        self.trace, self.sides, self.names = trace, sides, list(words)
        for name, row in zip(words, (*self.two, self.three[2]), strict=True):
            name.move_to([box.left + name.width / 2, row.y, 0])
        self.columns = [
            [self._bars(name, row, self._inside(row, sides[column], band))
             for row, (name, band) in enumerate(zip(names, (*self.two, self.three[2]), strict=True))]
            for column, names in enumerate((UNSCALED, SCALED))
        ]  # fmt: skip
        self.heads = [self._head(*pair, head) for pair in zip(SYMBOLS, sides, strict=True)]
        self.keys = [self._keys(trace[UNSCALED[0]].shape[0], column, head) for column in (left, right)]
        self._spread_out(head)

    def _inside(self, row: int, side: Box, band: Box) -> Box:
        """Where the bars of a line stand, with room for their numbers."""
        room, low = ROOM * self.theme.scale, ranges(self.trace)[row][0]
        return Box(side.left, side.right, band.bottom + (room if low < 0 else 0.0), band.top - room)

    def _spread_out(self, head: Box) -> None:
        """The unscaled column is as wide as the stage, as long as it is alone."""
        for row, band in enumerate(self.two):
            self.line(row, 0).stand().place(self._inside(row, self.wide, band)).flatten()
        self.aside = self.heads[0], self.keys[0]
        self.heads[0] = self._head(SYMBOLS[0], self.wide, head)
        self.keys[0] = self._keys(len(self.keys[0]), self.wide, head)

    def pair_up(self) -> list[Animation]:
        """The unscaled column goes to its side; a second one of its scores goes to the other, still undivided."""
        first, second = self.line(0, 0), self.line(0, 1)
        there = second.bars.box
        second.bars.set_box(first.bars.box).show(first.vector.values, *first.range, first.tint).set_opacity(0)
        going = [*self.heads[:1], *self.keys[0]], [*self.aside[:1], *self.aside[1]]
        return [
            *(part.animate.move_to(place.get_center()) for part, place in zip(*going, strict=True)),
            *(self.line(row, 0).animate.place(self._inside(row, self.sides[0], band))
              for row, band in enumerate(self.two)),
            second.bars.animate.set_box(there).set_opacity(1),
        ]  # fmt: skip

    def _bars(self, name: str, row: int, box: Box) -> ValueBars:
        hue = self.theme.hue(MEANINGS[row])
        return ValueBars(self.trace[name], box, *ranges(self.trace)[row], hue, self.theme, size=LABEL).flatten()

    def make_room(self) -> list[Animation]:
        """The two lines that fill the stage, and their names, move up for the third."""
        names = [
            name.animate.move_to([name.get_center()[0], band.y, 0])
            for name, band in zip(self.names, self.three[:2], strict=False)
        ]
        lines = [
            self.line(row, column).animate.place(self._inside(row, self.sides[column], self.three[row]))
            for column in range(len(self.sides))
            for row in range(2)
        ]
        return [*names, *lines]

    def _head(self, symbol: str, column: Box, head: Box) -> VMobject:
        name = formula(symbol, self.theme.hue("scores"), self.theme.size(TEXT))
        return name.move_to([column.x, head.top - name.height / 2, 0])

    def _keys(self, count: int, column: Box, head: Box) -> VGroup:
        """k₁, k₂ … over the bars."""
        pitch = column.width / count
        labels = VGroup()
        for index in range(count):
            name = Label("k" + SUBSCRIPTS[index + 1], self.theme.size(LABEL), self.theme.hue("k"), structural=True)
            labels.add(name.move_to([column.left + (index + 0.5) * pitch, head.bottom + name.height / 2, 0]))
        return labels

    def line(self, row: int, column: int) -> ValueBars:
        return self.columns[column][row]

    def key_box(self, column: int, key: int) -> Box:
        """Around the weight of one key, while two lines fill the stage."""
        return self._around(column, key, self.two[1], self.two[1])

    def key_with_gradient(self, column: int, key: int) -> Box:
        """Around the weight of one key and its gradient."""
        return self._around(column, key, *self.three[1:])

    def _around(self, column: int, key: int, top: Box, bottom: Box) -> Box:
        side = self.sides[column]
        pitch = side.width / self.trace[UNSCALED[0]].shape[0]
        left = side.left + key * pitch
        return Box(left, left + pitch, bottom.bottom - HAIR, top.top)

    def opening(self, column: int) -> list[VMobject]:
        """What stands over a column."""
        return [self.heads[column], self.keys[column]]

    @property
    def parts(self) -> list[VMobject]:
        """Everything it consists of."""
        return [*self.names, *self.heads, *self.keys, *(line for column in self.columns for line in column)]
