"""Saturation at one look: one row of weights and the largest weights of many, under the curve that training follows."""

from __future__ import annotations

from core.trace import Reading
from scenes.saturation.many_rows import rows_histogram
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.histogram import Histogram
from scenes.stage.charts.plots import Curve
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.label import Label, part
from scenes.stage.paint.layout import LABEL, SPACE, TEXT, TITLE, Box

SHARES = (0.42, 0.62, 4.6)  # of the height: the scores' name, one row of weights, many rows
BETWEEN = 0.8
TALLEST = 0.8  # of the plot's height: where the curve is highest
NAMED_AT = (0.62, 0.91)  # of the plot's width and height
ROWS = ("scaling.saturated_weights", "scaling.scaled_weights")


class SaturationPoster:
    """Unscaled on the left, scaled on the right. `lines`: one row of weights each, under its name in `heads`; `plots`
    count the largest weight of many rows; `curves` and their `names`: p (1 − p) over the same axis.
    """

    def __init__(self, chapter: Chapter, symbols: tuple[str, str], limit: Reading, box: Box) -> None:
        self.chapter, self.trace, self.theme = chapter, chapter.trace, chapter.theme
        rooms = [column.rows(*SHARES, gap=SPACE) for column in box.columns(1, 1, gap=BETWEEN)]
        self.heads = [self._head(symbol, room[0]) for symbol, room in zip(symbols, rooms, strict=True)]
        self.lines = [self._line(name, room[1]) for name, room in zip(ROWS, rooms, strict=True)]
        self.plots = [self._plot(side, room[2]) for side, room in enumerate(rooms)]
        self.curves = [self._curve(plot.axis.box) for plot in self.plots]
        self.names = [self._name(plot.axis.box) for plot in self.plots]
        self.facts = [self._fact(side, limit, plot) for side, plot in enumerate(self.plots)]

    def _head(self, symbol: str, room: Box) -> Formula:
        return formula(symbol, self.theme.hue("scores"), self.theme.size(TEXT)).move_to(room.centre)

    def _line(self, name: str, room: Box) -> Matrix:
        """One row of weights, as wide as the plot below it."""
        return self.chapter.matrix(self.trace[name].line(), meaning="weights", tag="").reveal().place(room)

    def _plot(self, side: int, room: Box) -> Histogram:
        head = self.chapter.label("rows_weights", LABEL, self.theme.hue("weights"))
        return rows_histogram(self.trace, "weights", side, head, self.theme).place(room)

    def _curve(self, box: Box) -> Curve:
        heights = self.trace["scaling.gradient_curve"].values
        return Curve(heights, 0.0, float(heights.max()) / TALLEST, box, self.theme.hue("output")).undrawn()

    def _name(self, box: Box) -> Formula:
        """Over the curve, beside what heaps up."""
        name = formula("p(1 - p)", self.theme.hue("output"), self.theme.size(TITLE))
        return name.move_to([box.left + NAMED_AT[0] * box.width, box.bottom + NAMED_AT[1] * box.height, 0])

    def _fact(self, side: int, limit: Reading, plot: Histogram) -> Label:
        share = percent(self.trace["scaling.saturated_share"].at(side))
        fact = self.chapter.label("saturated", LABEL, self.theme.ink, limit=limit, share=share)
        part(plot.head, fact, plot.axis.box, self.theme, LABEL)
        return fact
