"""Chapter 12: Add & Norm. What a sub-layer adds to, and how every row is brought back to one scale."""

from __future__ import annotations

import numpy as np
from manim import LEFT, Animation, FadeIn, FadeOut, LaggedStart, Mobject

from core.trace import Reading, Tensor
from scenes.props.norm_batch import Sheets
from scenes.props.norm_company import Company
from scenes.props.norm_flow import ResidualFlow
from scenes.props.norm_placement import Placement
from scenes.props.norm_poster import NormPoster
from scenes.props.norm_row import NormRow, common_range, stand_over
from scenes.props.norm_stats import RowStats, room_for
from scenes.props.norm_survival import Survival, diagonal
from scenes.stage.chapter import STAGE, Chapter, step
from scenes.stage.flight import fly_cells
from scenes.stage.focus import Focus
from scenes.stage.formula import formula
from scenes.stage.label import Run
from scenes.stage.lane import Wire
from scenes.stage.layout import box_of
from scenes.stage.level import gap_box, hand_over, place_level
from scenes.stage.mask import without_axes
from scenes.stage.matrix import Matrix
from scenes.stage.wave import Wave

POST = '{{ op("LayerNorm") : norm }} lr(( {{ x + : lane }} {{ op("Sublayer")(x) : sublayer }} ))'
PRE = '{{ x + : lane }} {{ op("Sublayer") : sublayer }} lr(( {{ op("LayerNorm")(x) : norm }} ))'
PARTS = {"input": ("X", "x"), "self_attention.output": ("O", "output"), "sum_1": ("X + O", "output")}
NORMALISED = "hat(X)"
NORMED = 'op("LN")(X + O)'
ARROW = 1.0
MOST_NAMED = 9  # rows of the whole picture that can be named


class AddNorm(Chapter):
    """The residual lane; one row normalised, then all; layer norm against batch norm; where the norm may stand."""

    formula = POST

    def setup(self) -> None:
        self.pre = self.example.model.config.norm == "pre"
        self.formula = PRE if self.pre else POST
        super().setup()
        trace = self.trace
        self.layer = "encoder.1" if "encoder.1.input" in trace else "decoder.1"
        self.norm = f"{self.layer}.norm_{2 if self.pre else 1}"
        self.row = int(trace["add_norm.telling"].values)
        self.tokens = trace[f"{self.layer}.input"].axis_labels("tokens") or self.example.tokens
        self.table, self.strip = STAGE.rows(6, 0.9)

    @property
    def name(self) -> Run:
        """The token whose row is worked through."""
        return Run(self.tokens[self.row], self.theme.hue("x"))

    def part(self, part: str, tokens: str = "", tag: str = "above") -> Matrix:
        """A matrix of the first layer: its input, the attention's output or their sum."""
        symbol, meaning = PARTS[part]
        return self.matrix(f"{self.layer}.{part}", tokens=tokens, tag=tag, meaning=meaning, symbol=symbol)

    def of_norm(self, name: str, tokens: str = "", tag: str = "above") -> Matrix:
        """The rows as normalised, or as scaled and shifted after it."""
        symbol = NORMED if name == "output" else NORMALISED
        reserve = [f"{self.norm}.normalised", f"{self.norm}.output"]
        return self.matrix(f"{self.norm}.{name}", tokens=tokens, tag=tag, meaning="x", symbol=symbol, reserve=reserve)

    def say_instead(self, label: str) -> None:
        """Put one of the chapter's labels in the place of the step's next caption."""
        self.captions[0] = self.text.labels[label]

    def leaving(self, *staying: Mobject) -> Animation:
        """All that is on stage goes, but for what stays."""
        frame = (self.heading, self.header, self.rail, self.caption, *staying)
        return FadeOut(*(mobject for mobject in self.mobjects if mobject not in frame))

    # --- the lane -------------------------------------------------------------------------------------------------

    @step
    def residual(self) -> None:
        start = self.part("input", "rows", "top").reveal()
        place_level([start], STAGE)
        self.carry(start)
        self.light("sublayer")
        self.say(token=self.name)
        self.flow = ResidualFlow(self.flow_matrices(), [self.sub_layer], self.table, self.theme)
        hand_over(self, [(start, self.flow.x.reveal())])
        self.flow.go_through(self)
        self.light("lane")
        self.say()
        self.flow.go_past(self)
        self.play(FadeIn(*self.flow.one_sum(self.row, self.strip)))

    @property
    def sub_layer(self) -> str:
        return self.words("norm_attention" if self.pre else "attention")

    def flow_matrices(self) -> list[Matrix]:
        """Input, output and sum, named without their axes."""
        return [self.part(part, "rows" if part == "input" else "").without_axes() for part in PARTS]

    @step
    def survives(self) -> None:
        self.maps = Survival(self, STAGE.inset(left=0.2, right=0.2))
        self.play(self.leaving(), run_time=0.6)
        for key, matrix, title in zip(("without", "with"), self.maps.maps, self.maps.titles, strict=True):
            self.say(token=self.name, kept=self.trace[f"add_norm.kept_{key}"].at(self.row))
            self.play(FadeIn(matrix, title), run_time=0.5)
            self.play(Wave(matrix, Matrix.reveal, run_time=1.4))
            self.play(Wave(matrix, diagonal, run_time=0.8))
            self.play(FadeIn(Focus(matrix.cell_box(self.row, self.row), self.theme)), run_time=0.5)

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def one_row(self) -> None:
        self.stand_row()
        self.light("norm")
        mean, variance, deviation = (self.of_row(name) for name in ("mean", "variance", "deviation"))
        self.say(token=self.name, mean=mean)
        self.lift_row()
        bars = self.bench.bars
        self.play(bars.animate.mark(mean.value, 0.0, line=1.0, width=0.0), FadeIn(self.notes[0]), run_time=0.8)
        centred, normalised = (self.bench.lines[i].tensor.values[0] for i in (1, 2))
        self.play(FadeIn(self.bench.operations[1]), Wave(self.bench.lines[1], Matrix.reveal, "columns", run_time=0.9))
        moved = bars.animate.show(centred, self.theme.hue("output")).mark(0.0, 0.0, line=1.0, width=0.0)
        self.play(moved, FadeOut(self.notes[0]), run_time=1.2)
        self.say(variance=variance, deviation=deviation)
        self.play(bars.animate.mark(0.0, deviation.value, line=1.0, width=1.0), FadeIn(self.notes[1]))
        self.say()
        self.play(FadeIn(self.bench.operations[2]), Wave(self.bench.lines[2], Matrix.reveal, "columns", run_time=0.9))
        scaled = bars.animate.show(normalised, self.theme.hue("x")).mark(0.0, 1.0, line=1.0, width=1.0, unit=1.0)
        self.play(scaled, FadeOut(self.notes[1]), run_time=1.4)
        self.play(bars.animate.span(*common_range(normalised, np.array([-1.0, 1.0]))), run_time=0.8)

    def of_row(self, name: str) -> Reading:
        """A statistic of the row that is worked through."""
        return self.trace[f"{self.norm}.{name}"].at(self.row)

    def stand_row(self) -> None:
        """The sum on the left, the bench for one row on the right."""
        trace, q = self.trace, self.row
        names = (f"{self.layer}.sum_1", f"{self.norm}.centred", f"{self.norm}.normalised")
        operations = [self.label(key, 0.24) for key in ("row", "minus_mean", "by_deviation")]
        statistics = ("mean", "deviation")
        self.notes = [self.label(key, 0.23, self.theme.ink, value=self.of_row(key)) for key in statistics]
        room = max(note.width for note in self.notes) + 0.2
        lines = [trace[name].line(q) for name in names]
        self.bench = NormRow(lines, ("output", "output", "x"), operations, room, self.theme)
        self.sum = self.part("sum_1", "rows", "top").reveal()
        share = min(0.66 * STAGE.width, max(0.5 * STAGE.width, self.bench.numeric_width()))
        left, right = STAGE.inset(bottom=0.1).columns(STAGE.width - share - 0.5, share, gap=0.5)
        place_level([self.sum], left)
        self.bench.place(right.inset(top=0.25))
        mean, deviation = (self.of_row(name).value for name in statistics)
        edges = np.array([mean, deviation, -deviation, 1.0, -1.0])
        self.bench.bars.span(*common_range(*(line.values for line in lines), edges))
        self.bench.beside(self.notes[0], mean)
        self.bench.beside(self.notes[1], deviation)

    def lift_row(self) -> None:
        bench, first = self.bench, self.bench.lines[0]
        self.play(self.leaving(), FadeIn(self.sum), run_time=0.6)
        self.frame = Focus(self.sum.row_box(self.row), self.theme)
        marks = FadeIn(self.frame, bench.operations[0])
        self.play(self.sum.animate.spotlight(rows=self.row), marks, run_time=0.7)
        copy = Matrix(first.tensor, "output", self.theme).reveal().place(self.sum.row_box(self.row))
        copy.cells.fill = first.cells.fill = self.sum.cells.fill[[self.row]]
        fly_cells(self, copy, first, keep=True, run_time=1.0)
        self.play(FadeIn(bench.bars), run_time=0.3)
        self.play(bench.bars.animate.show(first.tensor.values[0], self.theme.hue("output")), run_time=0.8)

    # --- all rows -------------------------------------------------------------------------------------------------

    @step
    def all_rows(self) -> None:
        self.say()
        before = self.statistics(f"{self.norm}.mean", f"{self.norm}.variance")
        after = self.statistics("add_norm.row_mean", "add_norm.row_variance")
        total, self.normal = self.part("sum_1", "rows", "top").reveal(), self.of_norm("normalised", "", "top")
        gap = room_for(*before) + ARROW
        place_level([total, self.normal], STAGE.inset(top=0.1, bottom=0.1), (gap,), right=room_for(*after) + 0.1)
        shown = RowStats(before, total, self.theme)
        self.stats = RowStats(after, self.normal, self.theme)
        line = self.bench.lines[2]
        self.put_back(line)
        hand_over(self, [(self.sum, total)])
        self.play(FadeIn(shown), run_time=0.6)
        self.play(FadeIn(self.arrow(shown, total)), run_time=0.4)
        rows = LaggedStart(*map(FadeIn, self.stats.rows), lag_ratio=0.4, run_time=2.4)
        self.play(FadeIn(self.stats.heads), Wave(self.normal, Matrix.reveal, run_time=2.4), rows)

    def statistics(self, mean: str, variance: str) -> tuple[Tensor, Tensor]:
        return self.trace[mean], self.trace[variance]

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

    @step
    def scale_shift(self) -> None:
        scale, shift = (self.trace[f"{self.norm}.{name}"] for name in ("scale", "shift"))
        if (scale.values == 1).all() and not shift.values.any():
            self.say_instead("untrained")
        self.say()
        self.stand_learned(scale, shift)
        for matrix in self.learned:
            self.add(matrix.reveal())
        self.play(FadeIn(*self.learned), run_time=0.8)
        output = self.trace[f"{self.norm}.output"]
        self.play(Wave(self.normal, lambda m: m.set_values(output), "columns", run_time=2.0))
        result = formula(NORMED, self.theme.hue("x"), 0.42)
        result.move_to(self.normal.tag[0], aligned_edge=LEFT)
        self.play(FadeOut(self.normal.tag[0]), FadeIn(result), run_time=0.6)

    def stand_learned(self, scale: Tensor, shift: Tensor) -> None:
        """γ and β over the columns of the normalised rows, each number over the feature it belongs to."""
        normal = self.of_norm("normalised", "rows", "right").reveal()
        pairs = ((scale, "gamma"), (shift, "beta"))
        self.learned = [
            self.matrix(tensor.line(), tag="left", symbol=symbol, meaning="learned") for tensor, symbol in pairs
        ]
        place_level(
            [normal], STAGE.inset(top=1.25, bottom=0.1), right=formula(NORMED, self.theme.ink, 0.42).width + 0.3
        )
        stand_over(self.learned, normal)
        self.play(self.leaving(self.normal), run_time=0.5)
        hand_over(self, [(self.normal, normal)])
        self.normal = normal

    # --- layer norm against batch norm ----------------------------------------------------------------------------

    @step
    def batch_norm(self) -> None:
        trace = self.trace
        token, feature = (int(trace[f"batch_norm.{name}"].values) for name in ("token", "feature"))
        self.sheets = Sheets(self, self.table.inset(left=0.2, right=0.2))
        sheets = self.sheets
        self.say(sentences=len(sheets.sheets))
        self.play(self.leaving(), run_time=0.4)
        self.play(LaggedStart(*map(FadeIn, sheets.sheets), lag_ratio=0.3), FadeIn(sheets.titles), run_time=1.4)
        self.say(token=Run(self.example.tokens[token], self.theme.hue("x")), count=trace["batch_norm.mean"].shape[0])
        row = sheets.row_frame(token)
        self.play(*sheets.light_row(token), FadeIn(row))
        self.wait(0.5)
        columns = sheets.column_frames(feature)
        both, words = (trace[f"batch_norm.{name}"].at(feature) for name in ("mean", "words_mean"))
        self.say(count=sum(matrix.rows for matrix in sheets.sheets), all=both, words=words)
        self.play(FadeOut(row), *sheets.light_column(feature), *map(FadeIn, columns))
        self.wait(0.5)
        self.play(*sheets.light_words(feature))

    @step
    def company(self) -> None:
        token = int(self.trace["batch_norm.token"].values)
        company = Company(self, token, STAGE.inset(left=0.3, right=0.3, top=0.2, bottom=0.2))
        self.say(token=Run(self.example.tokens[token], self.theme.hue("x")))
        self.play(self.leaving(), run_time=0.5)
        for kind, key in enumerate(("layer", "batch")):
            if kind:
                self.say(change=self.trace[f"batch_norm.{key}_change"].at())
            self.play(FadeIn(*company.group(kind)), run_time=0.5)
            for line in company.lines[2 * kind : 2 * kind + 2]:
                self.add(line)
                self.play(Wave(line, Matrix.reveal, "columns", run_time=1.0))
            self.play(FadeIn(company.notes[kind], Focus(company.pair_box(kind), self.theme)), run_time=0.6)

    # --- where the norm stands --------------------------------------------------------------------------------------

    @step
    def placement(self) -> None:
        boxes = STAGE.inset(left=0.1, right=0.1, top=0.15, bottom=0.1).rows(1, 1, gap=0.35)
        for kind, box in zip(("post", "pre"), boxes, strict=True):
            diagram = Placement(self, kind, box)
            self.say(**diagram.ends())
            if kind == "post":
                self.play(self.leaving(), run_time=0.5)
            self.play(FadeIn(*diagram.frame()), run_time=0.8)
            self.play(FadeIn(*diagram.names), run_time=0.4)
            self.play(diagram.counted())

    @step
    def whole(self) -> None:
        self.light("all")
        self.say()
        tokens = "rows" if len(self.tokens) <= MOST_NAMED else ""
        parts = [self.part(part, tokens if part == "input" else "", "top") for part in PARTS]
        matrices = [without_axes(matrix) for matrix in (*parts, self.of_norm("output", "", "top"))]
        for matrix in matrices:
            matrix.reveal()
        names = [self.sub_layer, self.words("norm")]
        poster = NormPoster(self, matrices, names, self.row, self.norm, STAGE)
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(poster.flow), run_time=1.0)
        self.play(FadeIn(*poster.frames, *poster.bars), run_time=0.8)
        self.play(FadeIn(*poster.layer), run_time=0.6)
        self.play(FadeIn(*poster.batch), run_time=0.6)
