"""Scaling by √d_k. Why divide, and why by the root."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, Animation, FadeIn, FadeOut, GrowFromCenter, LaggedStart, VGroup, VMobject

from core.trace import Quotient, Reading
from scenes.scaling.poster import ScalingPoster
from scenes.scaling.quotient import RootQuotient
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.histogram import AxisSpan, Histogram, Sampling
from scenes.stage.charts.plots import Axis
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.cells import Index
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import BEFORE_MASKS, Formula, formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, LABEL, SPACE, TEXT, TIGHT, TITLE, WIDE

LARGEST = (1.25, 0.52)  # cells of the scores, which stand alone
FALLING = 36
SPAN_ROOM = 0.75
BESIDE_HEAD = 4.5  # the least width of a plot that has room for what stands beside its heading
BETWEEN = 0.9  # room between the plots


class Scaling(Chapter):
    """One score divided, then all; random scores at a small and at a large d_k; why the root."""

    formula = BEFORE_MASKS

    def setup(self) -> None:
        super().setup()
        self.query, self.key = self.trace.telling_pair()
        self.scores = self.matrix("scores", tokens="both", tag="top", reserve=["scaled_scores"]).reveal()
        self.scaled = self.scaled_matrix(tokens="both", tag="top")
        table, self.line_box = STAGE.rows(6, 0.9)
        place_level([self.scores], table, largest=LARGEST)
        self.scaled.place(self.scores.box)

    def scaled_matrix(self, tokens: str, tag: str) -> Matrix:
        """The scaled scores in the colours of the scores: smaller numbers are paler."""
        matrix = self.matrix("scaled_scores", tokens=tokens, tag=tag, reserve=["scores"]).reveal()
        matrix.cells.colour_by(float(np.abs(self.trace["scores"].values).max()))
        return matrix

    # --- the division -------------------------------------------------------------------------------------------

    @step
    def divide(self) -> None:
        self.carry(self.scores)
        self.light("scaling")
        self.say(d_k=self.trace["q"].shape[-1], root=self.trace["sqrt_d_k"].at())
        q, k = self.query, self.key
        score, scaled = (self.trace[name].at(q, k) for name in ("scores", "scaled_scores"))
        cell = self.scores.cell_box(q, k)
        self.cell = Frame(cell, self.theme)
        quotient = Quotient(score, self.trace["sqrt_d_k"].at(), scaled)
        hue = self.theme.hue("scores")
        self.line = line = RootQuotient(quotient, self.trace["q"].shape[-1], hue, self.theme, self.line_box)
        self.play(FadeIn(self.cell))
        self.play(*line.opened(cell))
        parts = (line.by_root, line.simpler, VGroup(line.equals, line.result))
        self.play(LaggedStart(*map(FadeIn, parts), lag_ratio=0.6, run_time=1.8))
        self.play(line.result_flight(cell))
        self.play(CellWave(self.scores, lambda matrix: self.scale(matrix, q, k), run_time=0.6))

    @step
    def all_scores(self) -> None:
        self.say()
        self.play(FadeOut(self.line, self.cell), run_time=1.4)
        self.play(CellWave(self.scores, self.scale, order="rows", run_time=1.8))
        self.play(FadeOut(self.scores.tag), FadeIn(self.scaled.tag), run_time=0.6)
        self.remove(*self.scores.get_family(), *self.scaled.get_family())
        self.add(self.scaled)

    def scale(self, matrix: Matrix, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Some cells of the scores take the scaled numbers and their paler colours."""
        matrix.set_values(self.trace["scaled_scores"], rows, columns)
        matrix.cells.take_colours(self.scaled.cells.colours, (rows, columns))
        return matrix

    # --- why: random scores -------------------------------------------------------------------------------------

    @step
    def spread(self) -> None:
        self.say(count=self.trace["scaling.samples"].shape[-1])
        self.plots = self.histograms()
        for plot in self.plots:
            plot.bars.flat()
        coming = [*(part for plot in self.plots for part in plot.parts), *self.symbols]
        self.play(FadeOut(self.scaled), *map(FadeIn, coming), run_time=1.0)
        facts = self.each("scaling.d_k", "small", "large") | self.each("scaling.variance", "near", "far")
        for choice, plot in enumerate(self.plots):
            growth = self.trace["scaling.growth"].values[choice]
            falling = self.trace["scaling.samples"].values[choice, :FALLING]
            self.play(Sampling(plot, growth, falling, run_time=2.2))
            self.play(FadeIn(self.variances[choice]), run_time=0.6)
            self.say(**facts)

    @property
    def plot_parts(self) -> list[VMobject]:
        """Both histograms with what stands in their corners."""
        return [*(part for plot in self.plots for part in plot.parts), *self.variances, *self.symbols]

    def each(self, name: str, *facts: str) -> dict[str, Reading]:
        """The numbers of a pair, for captions: at small and at large d_k."""
        return {fact: self.trace[name].at(choice) for choice, fact in enumerate(facts)}

    def histograms(self) -> list[Histogram]:
        """One plot per d_k, side by side on equal axes; what is plotted and its variance stand in their corners."""
        boxes = STAGE.inset(left=0.2, right=0.2, top=TIGHT).split(1, 1, gap=GAP if STAGE.is_tall else BETWEEN)
        plots = [self.histogram(choice).place(box.inset(bottom=SPAN_ROOM)) for choice, box in enumerate(boxes)]
        self.variances = [self.corner_label(plot, "variance", choice) for choice, plot in enumerate(plots)]
        self.symbols = [self.symbol(plot, "q dot k") for plot in plots]
        return plots

    def histogram(self, choice: int) -> Histogram:
        trace, theme = self.trace, self.theme
        reading = trace["scaling.d_k"].at(choice)
        number = Label((Run(reading.text, None, (reading,)),), theme.size(TEXT), theme.ink)
        head = VGroup(formula("d_k =", theme.ink, theme.size(TITLE)), number).arrange(RIGHT, buff=SPACE)
        edges, counts = trace["scaling.bin_edges"].values, trace["scaling.histogram"].values[choice]
        axis = Axis(trace["scaling.ticks"], edges[0], edges[-1], theme)
        return Histogram(counts, edges, axis, head, theme.hue("scores"), theme)

    def corner_label(self, plot: Histogram, key: str, choice: int, prefix: str = "") -> Label:
        """A number about the samples, at the upper right of their plot, whose heading makes room where it is narrow."""
        label = self.label(key, LABEL, self.theme.ink, value=self.trace[f"scaling.{prefix}{key}"].at(choice))
        corner = plot.axis.box
        if corner.width < BESIDE_HEAD:
            plot.head.move_to([corner.left + plot.head.width / 2, plot.head.get_center()[1], 0])
        shrink(label, corner.right - plot.head.get_right()[0] - SPACE, self.theme, LABEL)
        return label.move_to([corner.right - label.width / 2, plot.head.get_center()[1], 0])

    def symbol(self, plot: Histogram, source: str) -> Formula:
        """What is plotted, at the upper left."""
        name = formula(source, self.theme.hue("scores"), self.theme.size(TITLE))
        if (corner := plot.axis.box).width < BESIDE_HEAD:
            name.scale(TEXT.value / TITLE.value)
            return name.move_to([corner.left + name.width / 2, corner.top - name.height / 2, 0])
        shrink(name, plot.head.get_left()[0] - plot.axis.box.left - SPACE, self.theme, TITLE)
        return name.move_to([plot.axis.box.left + name.width / 2, plot.head.get_center()[1], 0])

    # --- why the root -----------------------------------------------------------------------------------------------

    @step
    def root(self) -> None:
        self.say(**self.each("scaling.deviation", "near", "far"))
        self.spans = [self.span(plot, choice) for choice, plot in enumerate(self.plots)]
        self.deviations = [self.under(plot, choice) for choice, plot in enumerate(self.plots)]
        self.play(*map(GrowFromCenter, self.spans), run_time=1.6)
        self.play(FadeIn(*self.deviations), run_time=0.6)
        self.say()
        self.divide_samples()
        self.say(**self.each("scaling.scaled_variance", "near", "far"))
        self.look_closer()

    def divide_samples(self) -> None:
        """Every sample moves to its own value over √d_k, and the spans with them."""
        gone = (*self.variances, *self.deviations, *self.symbols)
        self.symbols = [self.symbol(plot, "q dot k slash sqrt(d_k)") for plot in self.plots]
        self.play(FadeOut(*gone), FadeIn(*self.symbols), run_time=0.8)
        edges = self.trace["scaling.scaled_bin_edges"].values  # (choices, bin_edges)
        squeezed = [plot.animate.stretch(edges[i, 0], edges[i, -1]) for i, plot in enumerate(self.plots)]
        targets = [self.span(plot, choice, "scaled_") for choice, plot in enumerate(self.plots)]
        closer = [span.animate.set_box(target.box) for span, target in zip(self.spans, targets, strict=True)]
        self.play(*squeezed, *closer, run_time=1.6)
        self.variances = [self.corner_label(plot, "variance", i, "scaled_") for i, plot in enumerate(self.plots)]
        self.deviations = [self.under(plot, choice, "scaled_") for choice, plot in enumerate(self.plots)]
        self.play(FadeIn(*self.variances, *self.deviations), run_time=0.6)

    def look_closer(self) -> None:
        """The axes are stretched until the scaled samples fill the plots."""
        edges = self.trace["scaling.scaled_bin_edges"].values[-1]
        scales = [Axis(self.trace["scaling.scaled_ticks"], edges[0], edges[-1], self.theme) for _ in self.plots]
        stretching = [a for plot, scale in zip(self.plots, scales, strict=True) for a in plot.magnify(scale)]
        targets = [self.span(plot, choice, "scaled_") for choice, plot in enumerate(self.plots)]
        wider = [span.animate.set_box(target.box) for span, target in zip(self.spans, targets, strict=True)]
        self.play(*stretching, *wider, run_time=1.6)

    def span(self, plot: Histogram, choice: int, prefix: str = "") -> AxisSpan:
        """One standard deviation to either side of 0."""
        deviation = self.trace[f"scaling.{prefix}deviation"].at(choice).value
        return AxisSpan(plot.span_box(-deviation, deviation), self.theme.ink)

    def under(self, plot: Histogram, choice: int, prefix: str = "") -> Label:
        reading = self.trace[f"scaling.{prefix}deviation"].at(choice)
        label = self.label("deviation", LABEL, self.theme.ink, value=reading)
        below = plot.span_box(0, 0).bottom - TIGHT - label.height / 2
        return label.move_to([plot.axis.box.x, below, 0])

    # --- the whole ----------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        poster = ScalingPoster(STAGE.inset(left=TIGHT, right=TIGHT, bottom=TIGHT), BETWEEN)
        columns = [self.column(poster, choice) for choice in range(len(poster.rooms))]
        self.play(FadeOut(*self.plot_parts, *self.spans, *self.deviations), run_time=0.6)
        for stage in zip(*columns, strict=True):
            self.play(*stage, run_time=0.8)

    def column(self, poster: ScalingPoster, choice: int) -> list[Animation]:
        """One column of the poster, piece by piece: the samples, the division, the samples divided, the numbers."""
        above, _, below = poster.rooms[choice]
        before, after = self.histogram(choice).place(above), self.divided(choice).place(below)
        spans = self.span(before, choice), self.span(after, choice, "scaled_")
        funnel = poster.funnel(before, after, (spans[0].box, spans[1].box), self.theme.hue("scores"))
        x, y = funnel.box.right + GAP + after.head.width / 2, funnel.box.top - GAP - after.head.height / 2
        after.head.move_to([x, y, 0])
        symbols = self.symbol(before, "q dot k"), self.symbol(after, "q dot k slash sqrt(d_k)")
        value = self.trace["scaling.scaled_variance"].at(choice)
        variance = self.label("variance", LABEL, self.theme.ink, value=value)
        shrink(variance, (after.axis.box.width - WIDE) / 2, self.theme, LABEL)
        variance.move_to([after.axis.box.right - variance.width / 2, after.axis.box.y, 0])
        return [
            FadeIn(before.bars, before.axis, symbols[0]),
            funnel.undrawn().animate.draw(),
            FadeIn(after.bars, after.axis, symbols[1]),
            FadeIn(before.head, self.corner_label(before, "variance", choice), after.head, variance),
        ]

    def divided(self, choice: int) -> Histogram:
        """The samples of one d_k divided by its root, on the axis of the undivided ones."""
        trace, theme = self.trace, self.theme
        root = trace["scaling.sqrt_d_k"].at(choice)
        number = Label((Run("÷ "), Run(root.text, None, (root,))), theme.size(TEXT), theme.ink)
        wide, edges = (trace[f"scaling.{name}"].values for name in ("bin_edges", "scaled_bin_edges"))
        axis = Axis(trace["scaling.ticks"], wide[0], wide[-1], theme)
        counts = trace["scaling.histogram"].values[choice]
        return Histogram(counts, edges[choice], axis, VGroup(number), theme.hue("scores"), theme)
