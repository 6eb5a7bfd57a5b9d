"""Two thousand rows: the largest weight of each and its gradient, unscaled on the left, scaled on the right."""

from __future__ import annotations

from collections.abc import Mapping

from manim import Animation, VMobject

from core.trace import Tensor
from scenes.stage.charts.histogram import Histogram, Sampling
from scenes.stage.charts.plots import Axis
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.label import Label, part
from scenes.stage.paint.layout import LABEL, TEXT, Box
from scenes.stage.paint.theme import Theme

KINDS = ("weights", "gradients")
HUES = {"weights": "weights", "gradients": "output"}
FALLING = 36
BANDS, BETWEEN_BANDS, BETWEEN_SIDES = (0.45, 2.6, 2.6), 0.12, 0.9  # symbols, then a band for each kind


def rows_histogram(trace: Mapping[str, Tensor], kind: str, side: int, head: VMobject, theme: Theme) -> Histogram:
    """The largest weights of the rows, or their gradients, of one side. It still has to be placed."""
    name = f"scaling.rows_{kind}"
    edges = trace[f"{name}_edges"].values
    counts = trace[f"{name}_growth"].values[side, -1]
    axis = Axis(trace[f"{name}_ticks"], float(edges[0]), float(edges[-1]), theme)
    return Histogram(counts, edges, axis, head, theme.hue(HUES[kind]), theme)


class RowsBoard:
    """Two histograms on each side: the rows' largest weights, and under them their gradients.

    heads, facts: what a plot shows and what is to be known of it, by kind one for each side. `spread_out` gives the
    weights the room of both, `make_room` takes it back.
    """

    def __init__(
        self,
        trace: Mapping[str, Tensor],
        symbols: tuple[str, str],
        heads: Mapping[str, list[Label]],
        facts: Mapping[str, list[Label]],
        box: Box,
        theme: Theme,
    ) -> None:
        self.trace, self.facts = trace, facts
        top, *bands = box.rows(*BANDS, gap=BETWEEN_BANDS)
        columns = box.columns(1, 1, gap=BETWEEN_SIDES)
        self.symbols = [self._symbol(*pair, top, theme) for pair in zip(symbols, columns, strict=True)]
        self.plots: dict[str, list[Histogram]] = {}
        for kind, band in zip(KINDS, bands, strict=True):
            boxes = [Box(column.left, column.right, band.bottom, band.top) for column in columns]
            self.plots[kind] = [
                rows_histogram(trace, kind, side, heads[kind][side], theme).place(box) for side, box in enumerate(boxes)
            ]
            for plot, fact in zip(self.plots[kind], facts[kind], strict=True):
                part(plot.head, fact, plot.axis.box, theme, LABEL)

    def _symbol(self, source: str, column: Box, top: Box, theme: Theme) -> Formula:
        name = formula(source, theme.hue("scores"), theme.size(TEXT))
        return name.move_to([column.x, top.y, 0])

    def spread_out(self) -> None:
        """The weights reach down to where the gradients will stand."""
        self.upper = [plot.axis.box for plot in self.plots["weights"]]
        for plot, below in zip(self.plots["weights"], self.plots["gradients"], strict=True):
            plot.axis.set_box(plot.axis.box.but(bottom=below.axis.box.bottom))
            plot.stretch(*plot.edges)

    def make_room(self) -> list[Animation]:
        """The weights move up, for the gradients under them."""
        pairs = list(zip(self.plots["weights"], self.upper, strict=True))
        bars = [plot.bars.animate.place(plot.bars.box.but(bottom=box.bottom), box) for plot, box in pairs]
        return [*bars, *(plot.axis.animate.set_box(box) for plot, box in pairs)]

    def sampling(self, kind: str) -> list[Animation]:
        """The rows fall, one after the other, on both sides at once."""
        values, growth = (self.trace[f"scaling.rows_{kind}{part}"].values for part in ("", "_growth"))
        return [
            Sampling(plot, growth[side], values[side, :FALLING], run_time=2.6)
            for side, plot in enumerate(self.plots[kind])
        ]

    @property
    def parts(self) -> list[VMobject]:
        """Everything it consists of."""
        plots = [plot for kind in KINDS for plot in self.plots[kind]]
        return [*self.symbols, *plots, *(fact for kind in KINDS for fact in self.facts[kind])]
