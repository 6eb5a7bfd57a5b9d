"""One number of O opened head by head: what each head adds by its own rows of W_O, and the sum over all heads."""

from __future__ import annotations

import numpy as np
from manim import DOWN, RIGHT, Animation, FadeIn, LaggedStart, Line, Succession, VGroup

from scenes.shared.heads import Heads, head_tint
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.arithmetic import Arithmetic, Landing, Operand, upright_first
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, LABEL, TEXT, TIGHT, Box
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour, Theme

MOST_TERMS = 6  # of all heads together, for each head to have a line of its own
MOST_HEADS = 5  # in the sum
LINE = 0.46  # the least height of one


class HeadsSum(VGroup):
    """Above a line `a × b + … = s` for each head, in the tint of the head; below the sum of the heads' s.

    Where there is no room for all lines the first head's stands alone; one head has no sum.
    lines: by head; parts: the s in the sum; total: the number of O. stacked: the lines stand one above the other.
    """

    def __init__(self, chapter: Chapter, query: int, column: int, box: Box, *, stacked: bool = False) -> None:
        super().__init__()
        self.theme, self.trace = chapter.theme, chapter.trace
        self.place = (query, column)
        self.count = len(self.trace["heads.contributions"].values)
        self.widths = self.trace["heads.w_o"].shape[1]
        shown = range(self.count) if self.count * self.widths <= MOST_TERMS else range(1)
        sums = [1] if self.count > 1 else []
        if stacked:
            *places, self.lower = box.rows(*[1] * len(shown), *sums, *[] if sums else [0])
        else:
            upper, self.lower = box.rows(1, 1) if sums else (box, box)
            places = list(upper.columns(*[1] * len(shown), gap=GAP))
        self.lines = {head: self._line(head, place) for head, place in zip(shown, places, strict=True)}
        self.parts: dict[int, Operand] = {}
        self.signs, self.total = VGroup(), self.lines[0].total
        self.add(*self.lines.values())
        if self.count > 1:
            self.add(self._sum())

    def fits(self, box: Box) -> bool:
        """Whether all lines, one above the other, have room in `box`."""
        widest = max(line.width for line in self) * LABEL.value / TEXT.value
        return widest <= box.width and len(self) * LINE * self.theme.scale <= box.height

    def _tint(self, head: int) -> Colour:
        return head_tint(self.theme, head, self.count)

    def _line(self, head: int, box: Box) -> Arithmetic:
        tint = self._tint(head)
        product = self.trace.explain("heads.contributions", head, *self.place)
        return Arithmetic(product, tint, self.theme.hue("learned"), tint, self.theme, box)

    def _sum(self) -> VGroup:
        """`s₁ + s₂ = o`, of many heads the first, the one that adds most and the last."""
        readings = [self.trace["heads.contributions"].at(head, *self.place) for head in range(self.count)]
        total = self.trace["multi_head_output"].at(*self.place)
        row, last = VGroup(), -1
        for head in self._summed():
            signs = [self._sign(text) for text in ([] if last < 0 else ["+"] if head == last + 1 else ["+", "⋯", "+"])]
            text = f"({readings[head].text})" if last >= 0 and readings[head].value < 0 else readings[head].text
            self.parts[head] = Operand(readings[head], text, self._tint(head), self.theme, "regular")
            row.add(*signs, self.parts[head])
            self.signs.add(*signs)
            last = head
        closes = total.exact and abs(sum(reading.printed for reading in readings) - total.printed) < 1e-9
        equals = self._sign("=" if closes else "≈")
        self.total = Operand(total, total.text, self.theme.hue("output"), self.theme, "semibold")
        self.signs.add(equals)
        row.add(equals, self.total).arrange(RIGHT, buff=TIGHT).move_to(self.lower.centre)
        for part in row:
            part.align_to(self.total, DOWN)
        return shrink(row, self.lower.width, self.theme)

    def _summed(self) -> list[int]:
        """The heads that the sum names."""
        if self.count <= MOST_HEADS:
            return list(range(self.count))
        amounts = np.abs(self.trace["heads.contributions"].values[:, *self.place])
        return sorted({0, 1, int(amounts.argmax()), self.count - 1})

    def _sign(self, text: str) -> Label:
        return Label(text, self.theme.size(TEXT), self.theme.quiet)

    # --- how it comes ---------------------------------------------------------------------------------------------

    def opened(self) -> Animation:
        """The panels appear, empty."""
        return LaggedStart(*(line.opened() for line in self.lines.values()), lag_ratio=0.3)

    def fly_in(self, context: Heads, w_o: Matrix) -> Animation:
        """The numbers of every head leave its columns and its rows of W_O, head after head."""
        query, column = self.place
        flights = []
        for head, line in self.lines.items():
            left = [context.cell_box(head, query, j) for j in range(self.widths)]
            right = [w_o.cell_box(head * self.widths + j, column) for j in range(self.widths)]
            flights.append(line.fly_in(left, right))
        return LaggedStart(*flights, lag_ratio=0.5)

    def results(self) -> Animation:
        """What each head adds."""
        return LaggedStart(*(line.result() for line in self.lines.values()), lag_ratio=0.3)

    def sum_up(self) -> Animation:
        """What the heads add comes down into one sum."""
        falling = (
            Landing(part, self.lines[head].total.box, upright_first) if head in self.lines else FadeIn(part)
            for head, part in self.parts.items()
        )
        landed = LaggedStart(*falling, lag_ratio=0.3, run_time=1.0)
        return Succession(landed, FadeIn(VGroup(self.signs, self.total), run_time=0.4))


def rows_of_heads(w_o: Matrix, heads: int, theme: Theme) -> VGroup:
    """A bar in the tint of each head beside the rows of W_O that are its own."""
    bars, each = VGroup(), w_o.rows // heads
    for head in range(heads):
        rows = w_o.cells.part_box(rows=slice(head * each, (head + 1) * each))
        x = w_o.box.left - TIGHT
        bar = Line(np.array([x, rows.bottom + 0.02, 0]), np.array([x, rows.top - 0.02, 0]))
        bars.add(bar.set_stroke(hexadecimal(head_tint(theme, head, heads)), 5))
    return bars
