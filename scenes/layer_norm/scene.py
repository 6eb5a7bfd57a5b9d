"""Layer norm. Every row is brought back to one scale, by its own numbers."""

from __future__ import annotations

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart

from scenes.layer_norm.alone_and_in_batch import AloneAndInBatch
from scenes.layer_norm.batch_sheets import Sheets
from scenes.layer_norm.poster import SpreadPoster
from scenes.layer_norm.row_stats import RowStats, room_for
from scenes.shared.first_layer import FirstLayerChapter
from scenes.shared.sum_and_norm import SumAndNorm
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.charts.spread_bars import common_range
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells
from scenes.stage.matrix.level import gap_box, hand_over, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import GAP, LABEL, TIGHT, box_of, layout_now
from scenes.stage.paint.wires import Wire

LAYER_NORM = (
    'op("LN")(x) = {{ gamma : scale }} thin lr(( {{ x - mu : mean }} )) '
    "{{ slash sqrt(sigma^2 + epsilon) : deviation }} {{ + beta : shift }}"
)
ROW, CENTRED, NORMALISED, SCALE, SHIFT, NORMED = range(6)  # lines of the bench
ARROW = 1.0
NOTE_GAP = 0.2
ABOVE_BENCH = (1, 1.3)  # in a tall frame: the heights of the sum, and of the bench below it


class LayerNorm(FirstLayerChapter):
    """A row normalised, then all; layer norm beside batch norm."""

    formula = LAYER_NORM
    telling = "residual.telling"

    def setup(self) -> None:
        super().setup()
        self.parts = SumAndNorm(self, self.layer, self.row)

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def one_row(self) -> None:
        start = self.parts.part("sum_1", "rows", "top").reveal()
        place_level([start], STAGE)
        self.carry(start)
        self.place_row()
        self.say(token=self.name)
        hand_over(self, [(start, self.sum)])
        self.lift_row()
        self.light("mean")
        self.say(mean=self.parts.of_row("mean"))
        self.subtract_mean()
        self.light("deviation")
        self.say(deviation=self.parts.of_row("deviation"))
        self.divide()
        self.light("scale", "shift")
        self.say()
        self.scale_and_shift()

    def place_row(self) -> None:
        """The sum on the left, the bench for one row on the right."""
        self.notes = [
            self.label(key, LABEL, self.theme.ink, value=self.parts.of_row(key)) for key in ("mean", "deviation")
        ]
        self.bench = self.parts.bench(max(note.width for note in self.notes) + NOTE_GAP)
        self.sum = self.parts.part("sum_1", "rows", "top").reveal()
        share = min(0.7 * STAGE.width, max(0.5 * STAGE.width, self.bench.numeric_width()))
        left, right = STAGE.inset(bottom=TIGHT).columns(STAGE.width - share - 0.5, share, gap=0.5)
        if STAGE.is_tall:
            left, right = STAGE.inset(bottom=TIGHT).rows(*ABOVE_BENCH, gap=GAP)
        elif layout_now().is_narrowest:
            self.sum.with_small_tag()
        place_level([self.sum], left)
        self.bench.place(right.inset(top=TIGHT))
        mean, deviation = (self.parts.of_row(name).value for name in ("mean", "deviation"))
        edges = np.array([mean, deviation, -deviation, 1.0, -1.0])
        self.bench.bars.span(*common_range(*map(self.stage, (ROW, CENTRED, NORMALISED, NORMED)), edges))
        self.bench.beside(self.notes[0], mean)
        self.bench.beside(self.notes[1], deviation)

    def lift_row(self) -> None:
        bench, first = self.bench, self.bench.lines[ROW]
        self.frame = Frame(self.sum.row_box(self.row), self.theme)
        marks = FadeIn(self.frame, bench.operations[ROW])
        self.play(self.sum.animate.spotlight(rows=self.row), marks, run_time=0.5)
        copy = Matrix(first.tensor, "output", self.theme).reveal().place(self.sum.row_box(self.row))
        for matrix in (copy, first):
            matrix.cells.take_colours(self.sum.cells.colours[[self.row]])
        fly_cells(self, copy, first, keep=True, run_time=0.9)
        self.play(FadeIn(bench.bars), run_time=0.3)
        self.play(bench.bars.animate.show(self.stage(ROW), self.theme.hue("output")), run_time=0.7)

    def subtract_mean(self) -> None:
        bars = self.bench.bars
        marked = bars.animate.mark(self.parts.of_row("mean").value, 0.0, line=1.0, width=0.0)
        self.play(marked, FadeIn(self.notes[0]), run_time=0.6)
        moved = bars.animate.show(self.stage(CENTRED), self.theme.hue("output")).mark(0.0, 0.0, line=1.0, width=0.0)
        self.play(self.line_comes(CENTRED), moved, FadeOut(self.notes[0]), run_time=1.2)

    def divide(self) -> None:
        bars = self.bench.bars
        banded = bars.animate.mark(0.0, self.parts.of_row("deviation").value, line=1.0, width=1.0)
        self.play(banded, FadeIn(self.notes[1]), run_time=0.8)
        self.wait(0.4)
        scaled = bars.animate.show(self.stage(NORMALISED), self.theme.hue("x")).mark(
            0.0, 1.0, line=1.0, width=1.0, unit=1.0
        )
        self.play(self.line_comes(NORMALISED), scaled, FadeOut(self.notes[1]), run_time=1.2)
        edges = np.array([-1.0, 1.0])
        self.play(bars.animate.span(*common_range(self.stage(NORMALISED), self.stage(NORMED), edges)), run_time=0.8)

    def scale_and_shift(self) -> None:
        self.play(self.line_comes(SCALE), self.line_comes(SHIFT), run_time=0.8)
        self.wait(0.4)
        bars = self.bench.bars.animate.show(self.stage(NORMED), self.theme.hue("x"))
        self.play(self.line_comes(NORMED), bars, run_time=1.2)

    def stage(self, number: int) -> np.ndarray:
        """The numbers of a line of the bench.  # (d_model,)"""
        values: np.ndarray = self.bench.lines[number].tensor.values[0]
        return values

    def line_comes(self, number: int) -> Animation:
        """A line of the bench and what is done in it."""
        operation, line = self.bench.operations[number], self.bench.lines[number]
        self.add(line)
        return AnimationGroup(FadeIn(operation), CellWave(line, Matrix.reveal, "columns"))

    # --- all rows -------------------------------------------------------------------------------------------------

    @step
    def all_rows(self) -> None:
        self.light("all")
        self.say()
        before = self.parts.statistics
        after = self.trace["layer_norm.row_mean"], self.trace["layer_norm.row_variance"]
        total, self.normal = (
            self.parts.part("sum_1", "rows", "top").reveal(),
            self.parts.normed("normalised", "", "top"),
        )
        gap = room_for(*before) + ARROW
        right = room_for(*(before if STAGE.is_tall else after)) + TIGHT
        place_level([total, self.normal], STAGE.inset(top=TIGHT, bottom=TIGHT), (gap,), right=right)
        shown = RowStats(before, total, self.theme)
        self.stats = RowStats(after, self.normal, self.theme)
        line = self.bench.lines[NORMALISED]
        self.put_back(line)
        hand_over(self, [(self.sum, total)])
        self.play(FadeIn(shown, self.arrow(shown, total)), run_time=0.5)
        self.play(FadeIn(self.stats.heads), CellWave(self.normal, Matrix.reveal, run_time=1.8))
        self.say()
        self.play(LaggedStart(*map(FadeIn, self.stats.rows), lag_ratio=0.4), run_time=1.8)

    def put_back(self, line: Matrix) -> None:
        """The row that was worked through goes to its place among the normalised rows."""
        place = self.normal.row_box(self.row)
        self.play(self.leaving(self.sum, line), line.animate.place(place), run_time=0.9)
        self.play(FadeIn(self.normal), run_time=0.3)
        self.normal.reveal(rows=self.row)
        self.remove(*line.get_family())

    def arrow(self, stats: RowStats, total: Matrix) -> Wire:
        """From the statistics of the sum to the normalised rows."""
        box = gap_box(total, self.normal)
        if STAGE.is_tall:
            return Wire([(box.x, box.top - TIGHT), (box.x, box.bottom + TIGHT)], self.theme.quiet, head=0.14)
        return Wire([(box_of(stats).right + 0.2, box.y), (box.right - 0.16, box.y)], self.theme.quiet, head=0.14)

    # --- layer norm against batch norm ----------------------------------------------------------------------------

    @step
    def batch_norm(self) -> None:
        trace = self.trace
        token, feature = (int(trace[f"batch_norm.{name}"].values) for name in ("token", "feature"))
        name = Run(self.example.tokens[token], self.theme.hue("x"))
        upper, lower = STAGE.rows(13, 10, gap=0.25)
        sheets, self.compared = Sheets(self, upper.inset(left=0.2, right=0.2)), AloneAndInBatch(self, token, lower)
        self.say()
        self.play(self.leaving(), run_time=0.4)
        self.play(LaggedStart(*map(FadeIn, sheets.sheets), lag_ratio=0.3), FadeIn(sheets.titles), run_time=1.2)
        self.say(token=name, count=trace["batch_norm.mean"].shape[0])
        row = sheets.row_frame(token)
        self.play(*sheets.light_row(token), FadeIn(row), run_time=0.7)
        self.compare(0)
        count = sum(matrix.rows for matrix in sheets.sheets)
        self.say(count=count)
        columns = map(FadeIn, sheets.column_frames(feature))
        self.play(FadeOut(row), *sheets.light_column(feature), *columns, run_time=0.7)
        self.compare(1)
        self.say(token=name, change=trace["batch_norm.batch_change"].at())

    def compare(self, kind: int) -> None:
        """A token's row alone and in the batch, under layer norm (0) or batch norm (1)."""
        compared, pair = self.compared, self.compared.pair(kind)
        self.add(*pair)
        waves = [CellWave(line, Matrix.reveal, "columns") for line in pair]
        self.play(FadeIn(*compared.words(kind)), *waves, run_time=1.0)
        apart, frame = compared.difference(kind), Frame(compared.pair_box(kind), self.theme)
        self.add(apart)
        moved = CellWave(apart, Matrix.reveal, "columns", run_time=0.7)
        self.play(FadeIn(compared.notes[kind], frame, run_time=0.5), moved)

    # --- the whole ----------------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.light("all")
        self.say()
        poster = SpreadPoster(self, self.parts, self.tokens, STAGE.inset(left=TIGHT, right=GAP, top=TIGHT))
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(poster.first()), run_time=0.8)
        self.add(poster.copied())
        self.play(poster.travel(), run_time=0.9)
        self.play(FadeIn(poster.axes[1], poster.names[1]), run_time=0.4)
        self.play(poster.normalise(), run_time=1.6)
