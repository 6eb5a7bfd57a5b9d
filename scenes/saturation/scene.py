"""Saturation. What softmax makes of large scores, why training stops there, and how scaling cures it."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart, smooth
from manim.utils.rate_functions import squish_rate_func

from core.trace import Reading
from scenes.saturation.board import SYMBOLS, SoftmaxBoard
from scenes.saturation.many_rows import KINDS, RowsBoard
from scenes.saturation.poster import SaturationPoster
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.histogram import Histogram
from scenes.stage.charts.plots import ValueBars
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, LABEL, SPACE, TIGHT, WIDE

late = squish_rate_func(smooth, 0.6, 1.0)  # numbers come when their bars have grown


class Saturation(Chapter):
    """A row of large scores, its softmax and its gradients, unscaled and scaled; then many rows."""

    # --- one row ----------------------------------------------------------------------------------------------------

    @step
    def large_scores(self) -> None:
        trace = self.trace
        words = [self.label(key, LABEL) for key in ("score", "weight", "gradient")]
        self.board = SoftmaxBoard(trace, words, STAGE.inset(left=TIGHT, right=TIGHT, bottom=SPACE), self.theme)
        self.carry(*self.board.opening(0), self.board.names[0])
        self.light("softmax")
        self.say(keys=trace["scaling.keys_scores"].shape[0], large=trace["scaling.d_k"].at(1))
        self.play(FadeIn(self.board.names[1]), run_time=0.8)
        self.grow(0, (0, 1))
        self.light("scaling")
        self.say(root=trace["scaling.sqrt_d_k"].at(1))
        self.add(self.board.line(0, 1).bars, self.board.line(0, 0))  # the copy passes behind the numbers
        self.play(*self.board.pair_up(), run_time=1.4)
        self.play(FadeIn(*self.board.opening(1)), run_time=0.6)
        self.grow(1, (0, 1))
        self.say(share=percent(self.largest("scaling.scaled_weights")))
        self.frame = Frame(self.board.key_box(1, self.best), self.theme)
        self.play(FadeIn(self.frame), run_time=0.8)

    def grow(self, column: int, rows: Sequence[int]) -> None:
        """Lines of bars grow, one after the other, and show their numbers."""
        lines = [self.board.line(row, column) for row in rows]
        self.play(FadeIn(*(line.bars for line in lines)), run_time=0.6)
        self.play(self.growing(lines))

    @staticmethod
    def growing(lines: Sequence[ValueBars]) -> Animation:
        """Bars grow, one line after the other, and then their numbers come."""
        grown = [AnimationGroup(line.grown(), FadeIn(line.numbers, rate_func=late)) for line in lines]
        return LaggedStart(*grown, lag_ratio=0.8, run_time=1.4 * len(lines))

    @property
    def best(self) -> int:
        """The key with the largest score."""
        return int(self.trace["scaling.keys_scores"].values.argmax())

    def largest(self, name: str) -> Reading:
        return self.trace[name].at(int(self.trace[name].values.argmax()))

    @step
    def gradients(self) -> None:
        self.light("softmax", "scaling")
        self.say()
        first, second = (self.board.line(2, column) for column in (0, 1))
        to_first = self.frame.animate.around(self.board.key_with_gradient(0, self.best))
        self.play(*self.board.make_room(), to_first, run_time=1.2)
        self.play(FadeIn(self.board.names[2], first.bars, second.bars), run_time=0.8)
        self.play(self.growing([first, second]))
        before, after = (self.largest(f"scaling.{side}_gradients") for side in ("saturated", "scaled"))
        self.say(before=before, after=after)
        self.play(self.frame.animate.around(self.board.key_with_gradient(1, self.best)), run_time=1.4)

    # --- many rows --------------------------------------------------------------------------------------------------

    @step
    def many_rows(self) -> None:
        trace = self.trace
        self.light("softmax")
        self.say(rows=trace["scaling.rows_scores"].shape[0])
        self.rows = self.rows_board()
        weights, gradients = (self.rows.plots[kind] for kind in KINDS)
        for plot in (*weights, *gradients):
            plot.bars.flat()
        self.rows.spread_out()
        self.play(FadeOut(*self.board.parts, self.frame), FadeIn(*self.rows.symbols, *weights), run_time=0.9)
        self.play(*self.rows.sampling("weights"))
        before, after = (percent(trace["scaling.saturated_share"].at(side)) for side in (0, 1))
        self.say(before=before, after=after, limit=self.saturated_from())
        self.play(FadeIn(*self.rows.facts["weights"]), run_time=0.6)
        self.play(*self.rows.make_room(), run_time=0.9)
        self.play(FadeIn(*gradients), run_time=0.6)
        self.play(*self.rows.sampling("gradients"))
        self.say(**{fact: trace["scaling.mean_gradient"].at(side) for side, fact in enumerate(("before", "after"))})
        self.play(FadeIn(*self.rows.facts["gradients"]), run_time=0.8)

    def saturated_from(self) -> Reading:
        """The weight from which on a row counts as saturated."""
        edges = self.trace["scaling.rows_weights_edges"]
        return edges.at(edges.shape[0] - 2)

    def rows_board(self) -> RowsBoard:
        heads = {kind: [self.label(f"rows_{kind}", LABEL) for _ in SYMBOLS] for kind in KINDS}
        shares, means = self.trace["scaling.saturated_share"], self.trace["scaling.mean_gradient"]
        limit, ink, sides = self.saturated_from(), self.theme.ink, range(len(SYMBOLS))
        saturated = [self.label("saturated", LABEL, ink, limit=limit, share=percent(shares.at(side))) for side in sides]
        mean = [self.label("mean", LABEL, ink, value=means.at(side)) for side in sides]
        facts = {"weights": saturated, "gradients": mean}
        return RowsBoard(
            self.trace, SYMBOLS, heads, facts, STAGE.inset(left=WIDE, right=WIDE, bottom=TIGHT), self.theme
        )

    # --- the whole ----------------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.light("all")
        self.say()
        poster = SaturationPoster(self, SYMBOLS, self.saturated_from(), STAGE.inset(left=GAP, right=GAP, bottom=TIGHT))
        self.enlarge(poster.plots)
        heads = (plot.head for plot in poster.plots)
        self.play(FadeIn(*poster.heads, *poster.lines, *heads, *poster.facts), run_time=0.8)
        self.play(*(curve.animate.draw() for curve in poster.curves), FadeIn(*poster.names), run_time=1.2)

    def enlarge(self, plots: Sequence[Histogram]) -> None:
        """All of the many rows goes but their largest weights, which grow into these plots."""
        kept = [part for plot in self.rows.plots["weights"] for part in (plot.bars, plot.axis)]
        going = [part for part in self.rows.parts if part not in self.rows.plots["weights"]]
        self.play(FadeOut(*going, *(plot.head for plot in self.rows.plots["weights"])), run_time=0.5)
        growing = [
            part
            for old, new in zip(self.rows.plots["weights"], plots, strict=True)
            for part in (
                old.bars.animate.place(new.bars.box, new.axis.box),
                old.axis.animate.set_box(new.axis.box),
            )
        ]
        self.play(*growing, run_time=0.9)
        self.remove(*kept)
        self.add(*(part for plot in plots for part in (plot.bars, plot.axis)))
