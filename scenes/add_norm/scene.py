"""Add & Norm. What a sub-layer adds to, and how every row is brought back to one scale."""

from __future__ import annotations

import numpy as np
from manim import Animation, AnimationGroup, FadeIn, FadeOut, LaggedStart

from scenes.add_norm.alone_and_in_batch import AloneAndInBatch
from scenes.add_norm.batch_sheets import Sheets
from scenes.add_norm.flow import ResidualFlow
from scenes.add_norm.placement import Placement
from scenes.add_norm.poster import NormPoster
from scenes.add_norm.row_stats import RowStats, room_for
from scenes.add_norm.sum_and_norm import PARTS, SumAndNorm
from scenes.add_norm.survival import Survival, diagonal
from scenes.shared.first_layer import FirstLayerChapter
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.charts.spread_bars import common_range
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells
from scenes.stage.matrix.level import gap_box, hand_over, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import TIGHT, box_of
from scenes.stage.paint.wires import Wire

POST = '{{ op("LayerNorm") : norm }} lr(( {{ x + : lane }} {{ op("Sublayer")(x) : sublayer }} ))'
PRE = '{{ x + : lane }} {{ op("Sublayer") : sublayer }} lr(( {{ op("LayerNorm")(x) : norm }} ))'
ROW, CENTRED, NORMALISED, SCALE, SHIFT, NORMED = range(6)  # lines of the bench
ARROW = 1.0
NOTE_GAP = 0.2
MOST_NAMED = 9  # rows of the whole picture that can be named


class AddNorm(FirstLayerChapter):
    """The residual connection; a row normalised, then all; layer norm and batch norm; where the norm may stand."""

    telling = "add_norm.telling"

    def setup(self) -> None:
        self.pre = self.example.model.config.norm == "pre"
        self.formula = PRE if self.pre else POST
        super().setup()
        self.rows = SumAndNorm(self, self.layer, self.row)

    @property
    def sub_layer(self) -> str:
        return self.words("norm_attention" if self.pre else "attention")

    # --- the connection -------------------------------------------------------------------------------------------

    @step
    def residual(self) -> None:
        start = self.rows.part("input", "rows", "top").reveal()
        place_level([start], STAGE)
        self.carry(start)
        self.light("sublayer")
        self.say(token=self.name)
        self.flow = ResidualFlow(self.rows.flow_matrices(), [self.sub_layer], self.table, self.theme)
        hand_over(self, [(start, self.flow.x.reveal())])
        self.flow.go_through(self)
        self.light("lane")
        self.say()
        self.flow.go_past(self)
        self.play(FadeIn(*self.flow.one_sum(self.row, self.strip)))

    @step
    def survives(self) -> None:
        self.maps = Survival(self, STAGE.inset(left=0.2, right=0.2))
        self.play(self.leaving(), run_time=0.6)
        for key, matrix, title in zip(("without", "with"), self.maps.maps, self.maps.titles, strict=True):
            self.say(token=self.name, kept=self.trace[f"add_norm.kept_{key}"].at(self.row))
            self.play(FadeIn(matrix, title), run_time=0.4)
            self.play(CellWave(matrix, Matrix.reveal, run_time=1.1))
            self.play(CellWave(matrix, diagonal, run_time=0.7))
            self.play(FadeIn(Frame(matrix.cell_box(self.row, self.row), self.theme)), run_time=0.5)
        apart = {name: self.trace[f"add_norm.apart_{name}"].at() for name in ("input", "without", "with")}
        self.say(token=self.name, apart=apart["input"], without=apart["without"], kept=apart["with"])
        if self.maps.notes:
            self.play(FadeIn(*self.maps.notes), run_time=0.6)

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def one_row(self) -> None:
        self.place_row()
        self.light("norm")
        self.say(token=self.name, mean=self.rows.of_row("mean"))
        self.lift_row()
        self.subtract_mean()
        self.say(deviation=self.rows.of_row("deviation"))
        self.divide()
        self.say()
        self.scale_and_shift()

    def place_row(self) -> None:
        """The sum on the left, the bench for one row on the right."""
        self.notes = [
            self.label(key, 0.23, self.theme.ink, value=self.rows.of_row(key)) for key in ("mean", "deviation")
        ]
        self.bench = self.rows.bench(max(note.width for note in self.notes) + NOTE_GAP)
        self.sum = self.rows.part("sum_1", "rows", "top").reveal()
        share = min(0.66 * STAGE.width, max(0.5 * STAGE.width, self.bench.numeric_width()))
        left, right = STAGE.inset(bottom=TIGHT).columns(STAGE.width - share - 0.5, share, gap=0.5)
        place_level([self.sum], left)
        self.bench.place(right.inset(top=TIGHT))
        mean, deviation = (self.rows.of_row(name).value for name in ("mean", "deviation"))
        edges = np.array([mean, deviation, -deviation, 1.0, -1.0])
        self.bench.bars.span(*common_range(*map(self.stage, (ROW, CENTRED, NORMALISED, NORMED)), edges))
        self.bench.beside(self.notes[0], mean)
        self.bench.beside(self.notes[1], deviation)

    def lift_row(self) -> None:
        bench, first = self.bench, self.bench.lines[ROW]
        self.play(self.leaving(), FadeIn(self.sum), run_time=0.5)
        self.frame = Frame(self.sum.row_box(self.row), self.theme)
        marks = FadeIn(self.frame, bench.operations[ROW])
        self.play(self.sum.animate.spotlight(rows=self.row), marks, run_time=0.5)
        copy = Matrix(first.tensor, "output", self.theme).reveal().place(self.sum.row_box(self.row))
        copy.cells.fill = first.cells.fill = self.sum.cells.fill[[self.row]]
        fly_cells(self, copy, first, keep=True, run_time=0.9)
        self.play(FadeIn(bench.bars), run_time=0.3)
        self.play(bench.bars.animate.show(self.stage(ROW), self.theme.hue("output")), run_time=0.7)

    def subtract_mean(self) -> None:
        bars = self.bench.bars
        marked = bars.animate.mark(self.rows.of_row("mean").value, 0.0, line=1.0, width=0.0)
        self.play(marked, FadeIn(self.notes[0]), run_time=0.6)
        moved = bars.animate.show(self.stage(CENTRED), self.theme.hue("output")).mark(0.0, 0.0, line=1.0, width=0.0)
        self.play(self.line_comes(CENTRED), moved, FadeOut(self.notes[0]), run_time=1.2)

    def divide(self) -> None:
        bars = self.bench.bars
        banded = bars.animate.mark(0.0, self.rows.of_row("deviation").value, line=1.0, width=1.0)
        self.play(banded, FadeIn(self.notes[1]), run_time=0.8)
        self.wait(0.8)
        scaled = bars.animate.show(self.stage(NORMALISED), self.theme.hue("x")).mark(
            0.0, 1.0, line=1.0, width=1.0, unit=1.0
        )
        self.play(self.line_comes(NORMALISED), scaled, FadeOut(self.notes[1]), run_time=1.2)
        edges = np.array([-1.0, 1.0])
        self.play(bars.animate.span(*common_range(self.stage(NORMALISED), self.stage(NORMED), edges)), run_time=0.8)

    def scale_and_shift(self) -> None:
        self.play(self.line_comes(SCALE), self.line_comes(SHIFT), run_time=0.8)
        self.wait(0.6)
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
        self.say()
        before = self.rows.statistics
        after = self.trace["add_norm.row_mean"], self.trace["add_norm.row_variance"]
        total, self.normal = self.rows.part("sum_1", "rows", "top").reveal(), self.rows.normed("normalised", "", "top")
        gap = room_for(*before) + ARROW
        place_level([total, self.normal], STAGE.inset(top=TIGHT, bottom=TIGHT), (gap,), right=room_for(*after) + TIGHT)
        shown = RowStats(before, total, self.theme)
        self.stats = RowStats(after, self.normal, self.theme)
        line = self.bench.lines[NORMALISED]
        self.put_back(line)
        hand_over(self, [(self.sum, total)])
        self.play(FadeIn(shown, self.arrow(shown, total)), run_time=0.5)
        rows = LaggedStart(*map(FadeIn, self.stats.rows), lag_ratio=0.4, run_time=1.8)
        self.play(FadeIn(self.stats.heads), CellWave(self.normal, Matrix.reveal, run_time=1.8), rows)

    def put_back(self, line: Matrix) -> None:
        """The row that was worked through goes to its place among the normalised rows."""
        place = self.normal.row_box(self.row)
        self.play(self.leaving(self.sum, line), FadeIn(self.normal), line.animate.place(place), run_time=1.0)
        self.normal.reveal(rows=self.row)
        self.remove(*line.get_family())

    def arrow(self, stats: RowStats, total: Matrix) -> Wire:
        """From the statistics of the sum to the normalised rows."""
        box = gap_box(total, self.normal)
        return Wire([(box_of(stats).right + 0.2, box.y), (box.right - 0.16, box.y)], self.theme.quiet, head=0.14)

    # --- layer norm against batch norm ----------------------------------------------------------------------------

    @step
    def batch_norm(self) -> None:
        trace = self.trace
        token, feature = (int(trace[f"batch_norm.{name}"].values) for name in ("token", "feature"))
        name = Run(self.example.tokens[token], self.theme.hue("x"))
        upper, lower = STAGE.rows(3, 2, gap=0.25)
        sheets, self.compared = Sheets(self, upper.inset(left=0.2, right=0.2)), AloneAndInBatch(self, token, lower)
        self.say(token=name, count=trace["batch_norm.mean"].shape[0])
        self.play(self.leaving(), run_time=0.4)
        self.play(LaggedStart(*map(FadeIn, sheets.sheets), lag_ratio=0.3), FadeIn(sheets.titles), run_time=1.2)
        row = sheets.row_frame(token)
        self.play(*sheets.light_row(token), FadeIn(row), run_time=0.7)
        self.compare(0)
        count = sum(matrix.rows for matrix in sheets.sheets)
        self.say(token=name, count=count, change=trace["batch_norm.batch_change"].at())
        columns = map(FadeIn, sheets.column_frames(feature))
        self.play(FadeOut(row), *sheets.light_column(feature), *columns, run_time=0.7)
        self.compare(1)

    def compare(self, kind: int) -> None:
        """A token's row alone and in the batch, under layer norm (0) or batch norm (1)."""
        compared, pair = self.compared, self.compared.pair(kind)
        self.add(*pair)
        waves = [CellWave(line, Matrix.reveal, "columns") for line in pair]
        self.play(FadeIn(*compared.words(kind)), *waves, run_time=1.0)
        self.play(FadeIn(compared.notes[kind], Frame(compared.pair_box(kind), self.theme)), run_time=0.5)

    # --- where the norm stands --------------------------------------------------------------------------------------

    @step
    def placement(self) -> None:
        boxes = STAGE.inset(left=TIGHT, right=TIGHT, top=0.15, bottom=TIGHT).rows(1, 1, gap=0.35)
        for kind, box in zip(("post", "pre"), boxes, strict=True):
            diagram = Placement(self, kind, box)
            self.say(**diagram.facts)
            if kind == "post":
                self.play(self.leaving(), run_time=0.4)
            self.play(FadeIn(*diagram.frame(), *diagram.names), run_time=0.7)
            self.play(diagram.counted())

    @step
    def whole(self) -> None:
        self.light("all")
        self.say()
        tokens = "rows" if len(self.tokens) <= MOST_NAMED else ""
        parts = [self.rows.part(part, tokens if part == "input" else "", "top") for part in PARTS]
        matrices = [matrix.with_small_tag() for matrix in (*parts, self.rows.normed("output", "", "top"))]
        for matrix in matrices:
            matrix.reveal()
        names = [self.sub_layer, self.words("norm")]
        poster = NormPoster(self, matrices, names, self.row, self.rows.norm, STAGE)
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(poster.flow), run_time=1.0)
        self.play(FadeIn(*poster.frames, *poster.bars), run_time=0.8)
        self.play(FadeIn(*poster.layer), run_time=0.6)
        self.play(FadeIn(*poster.batch), run_time=0.6)
