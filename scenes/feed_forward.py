"""Chapter 13: the feed-forward network. Each row alone is widened, bent and projected back."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, Create, FadeIn, FadeOut, VGroup

from core.trace import Tensor
from scenes.props.feed_forward_flow import FeedForwardFlow
from scenes.props.feed_forward_plot import ActivationPlot
from scenes.props.feed_forward_poster import FeedForwardPoster
from scenes.props.feed_forward_ways import Ways
from scenes.stage.arithmetic import Arithmetic
from scenes.stage.caption import percent
from scenes.stage.chapter import STAGE, Chapter, step
from scenes.stage.focus import Focus
from scenes.stage.label import Label, Run
from scenes.stage.level import hand_over, place_level
from scenes.stage.mask import without_axes
from scenes.stage.matrix import Matrix
from scenes.stage.products import place_product
from scenes.stage.row_bench import RowBench
from scenes.stage.spread_bars import common_range
from scenes.stage.wave import Wave

FFN = (
    'op("FFN")(x) = {{ op("ACTIVATION") : activation }} '
    "lr(( {{ x W_1 + b_1 : widen }} )) thin {{ W_2 + b_2 : project }}"
)
NAMES = {"relu": "ReLU", "gelu": "GELU"}
ACTIVATED = 'op("NAME")(h)'
WAYS = 1.7  # room for what leads from row to row
MOST_NAMED = 9  # rows of the whole picture that can be named


def dead(matrix: Matrix) -> Matrix:
    """What is exactly 0 has no colour."""
    zero = matrix.tensor.values == 0
    matrix.cells.fill = np.where(zero[..., None], np.array(matrix.theme.surface), matrix.cells.fill)
    return matrix


class FeedForward(Chapter):
    """One row through the network, then every row, and the other activation for contrast."""

    formula = FFN

    def setup(self) -> None:
        self.own = "relu" if self.example.model.config.activation == "relu" else "gelu"
        self.other = "gelu" if self.own == "relu" else "relu"
        self.formula = FFN.replace("ACTIVATION", NAMES[self.own])
        super().setup()
        layer = "encoder.1" if "encoder.1.input" in self.trace else "decoder.1"
        self.network = f"{layer}.feed_forward"
        self.row, self.place = (int(self.trace[f"feed_forward.{name}"].values) for name in ("row", "place"))
        self.tokens = self.trace[f"{self.network}.input"].axis_labels("tokens") or self.example.tokens
        self.table, self.strip = STAGE.rows(6, 0.9)

    @property
    def name(self) -> Run:
        """The token whose row is worked through."""
        return Run(self.tokens[self.row], self.theme.hue("x"))

    def tensor(self, name: str) -> Tensor:
        return self.trace[f"{self.network}.{name}"]

    def product_of(self, name: str) -> str:
        """The tensor that is the bare product: with a bias it has a name of its own."""
        bare = f"{self.network}.{name}_product"
        return bare if bare in self.trace else f"{self.network}.{name}"

    def all_of(self, name: str, symbol: str, meaning: str, tokens: str = "") -> Matrix:
        return self.matrix(self.tensor(name), tokens=tokens, tag="top", symbol=symbol, meaning=meaning)

    def row_of(self, tensor: Tensor, symbol: str, meaning: str, tag: str, reserve: str = "") -> Matrix:
        """The row that is worked through, with room for the numbers of another tensor of the network."""
        names = [f"{self.network}.{reserve}"] if reserve else []
        return self.matrix(tensor.line(self.row), tag=tag, symbol=symbol, meaning=meaning, reserve=names)

    def say_own(self, key: str) -> None:
        """Say a label of the chapter in the place of the next caption where the model's activation is GELU."""
        if self.own == "gelu":
            self.say_instead(key)

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def row_alone(self) -> None:
        start = self.all_of("input", "X", "x", "rows").reveal()
        place_level([start], STAGE)
        self.carry(start)
        self.say()
        rows, result = self.all_of("input", "X", "x", "rows").reveal(), self.all_of("output", "Y", "output")
        place_level([rows, result], STAGE, (WAYS,))
        hand_over(self, [(start, rows)], result)
        ways = Ways(rows, result, self.theme)
        self.play(Create(ways, lag_ratio=0.0), run_time=1.4)
        self.wait(0.5)
        self.say(token=self.name)
        self.play(FadeOut(ways.crossing), run_time=0.9)
        self.play(rows.animate.spotlight(rows=self.row), FadeIn(Focus(rows.row_box(self.row), self.theme)))

    @step
    def widen(self) -> None:
        trace, product = self.trace, self.trace[self.product_of("hidden")]
        x = self.row_of(self.tensor("input"), "x", "x", "left").reveal()
        w_1 = self.matrix(self.tensor("w_1"), tag="right", symbol="W_1", meaning="learned").reveal()
        self.hidden = self.row_of(product, "h", "output", "right", "hidden")
        place_product(x, w_1, self.hidden, self.table.inset(bottom=0.5))
        self.light("widen")
        self.say(token=self.name, d_model=x.columns, d_ff=self.hidden.columns)
        self.play(self.leaving(), FadeIn(x), run_time=0.7)
        self.play(FadeIn(w_1, self.hidden), run_time=0.7)
        self.first_number(x, w_1, product)
        self.play(Wave(self.hidden, Matrix.reveal, "columns", run_time=2.0))
        self.say(d_ff=self.hidden.columns)
        if f"{self.network}.b_1" in trace:
            self.add_bias(self.hidden, "b_1", self.tensor("hidden"))

    def first_number(self, x: Matrix, w_1: Matrix, product: Tensor) -> None:
        """One number of the wide row, worked in full."""
        column = Focus(w_1.column_box(self.place), self.theme)
        cell = self.hidden.cell_box(0, self.place)
        self.play(FadeIn(column, Focus(x.row_box(0), self.theme), Focus(cell, self.theme)), run_time=0.6)
        opened = self.trace.explain(product.name, self.row, self.place)
        x_hue, learned, output = (self.theme.hue(meaning) for meaning in ("x", "learned", "output"))
        line = Arithmetic(opened, x_hue, learned, output, self.theme, self.strip)
        self.play(line.opened(), run_time=0.5)
        cells = range(x.columns)
        self.play(line.fly_in([x.cell_box(0, t) for t in cells], [w_1.cell_box(t, self.place) for t in cells]))
        self.play(line.result())
        self.play(line.total_flight(cell), run_time=0.7)
        self.play(self.hidden.animate.reveal(columns=self.place), run_time=0.3)
        self.play(FadeOut(line), run_time=0.3)

    def add_bias(self, result: Matrix, name: str, total: Tensor) -> None:
        """The bias stands under the row, and is added to it."""
        box = result.box
        bias = self.matrix(self.tensor(name).line(), tag="right", symbol=name, meaning="learned").reveal()
        bias.place(box.shifted(y=-1.25 * box.height - 0.1))
        bias.tag.remove(bias.tag[1])
        bias.tag.move_to([bias.box.right + 0.22 + bias.tag.width / 2, bias.box.y, 0])
        self.play(FadeIn(bias))
        self.wait(0.3)
        line = total.line(self.row)
        self.play(
            bias.cells.animate.set_box(box).set_opacity(0.0),
            FadeOut(bias.tag),
            Wave(result, lambda matrix: matrix.set_values(line), "columns"),
            run_time=1.2,
        )
        self.remove(*bias.get_family())

    # --- the activation -------------------------------------------------------------------------------------------

    @step
    def activation(self) -> None:
        self.light("activation")
        hidden, bent = self.tensor("hidden"), self.trace[f"feed_forward.{self.own}"]
        self.bench = self.bench_of([hidden, bent], ["wide_row", self.own])
        self.plot = self.plot_beside()
        curve = self.plot.curve(self.own, "output")
        self.say_own("gelu_cut")
        self.say()
        first, second = self.bench.lines
        place = first.box
        first.reveal().place(self.hidden.box)
        self.remove(*self.hidden.cells.get_family())
        self.play(self.leaving(), FadeIn(first, run_time=0.01), run_time=0.5)
        self.play(first.animate.place(place), FadeIn(self.bench.operations[0], self.plot), run_time=0.9)
        values = hidden.values[self.row]
        self.play(FadeIn(self.bench.bars), run_time=0.3)
        dots = self.plot.dots(values)
        self.play(self.bench.bars.animate.show(values, self.theme.hue("output")), FadeIn(dots))
        self.play(curve.animate.draw(), run_time=1.2)
        self.say_own("gelu_count")
        self.say(negative=self.trace["feed_forward.negative"].at(self.row), d_ff=len(values))
        self.play(FadeIn(self.bench.operations[1]), run_time=0.3)
        second.set_values(hidden.line(self.row)).reveal()
        copy = Matrix(first.tensor, "output", self.theme, reserve=[second.tensor]).without_slots().place(first.box)
        self.add(copy.reveal())
        self.play(copy.animate.place(second.box), run_time=0.6)
        self.remove(*copy.get_family())
        self.add(second)
        self.play(
            dots.animate.move(self.plot.places(values, bent.values[self.row])),
            self.bench.bars.animate.show(bent.values[self.row], self.theme.hue("output")),
            Wave(second, lambda matrix: dead(matrix.set_values(bent.line(self.row))), "columns"),
            run_time=2.2,
        )

    def bench_of(self, tensors: list[Tensor], keys: list[str]) -> RowBench:
        """The row at several stages, one line each, and bars, on the left."""
        operations = [self.label(key, 0.24) for key in keys]
        lines = [tensor.line(self.row) for tensor in tensors]
        bench = RowBench(lines, ["output"] * len(lines), operations, 0.1, self.theme)
        left, self.right = STAGE.inset(top=0.2, bottom=0.1).columns(1.75, 1, gap=0.5)
        bench.place(left)
        bench.bars.span(*common_range(*(line.values for line in lines)))
        return bench

    def plot_beside(self) -> ActivationPlot:
        return ActivationPlot(self.trace, self.right.inset(top=0.5, right=0.15), self.theme)

    @step
    def project_back(self) -> None:
        product = self.trace[self.product_of("output")]
        bent = self.row_of(
            self.tensor("activated"), ACTIVATED.replace("NAME", NAMES[self.own]), "output", "left"
        ).reveal()
        dead(bent).tag.remove(bent.tag[1])
        w_2 = self.matrix(self.tensor("w_2"), tag="right", symbol="W_2", meaning="learned").reveal()
        output = self.row_of(product, "y", "output", "right", "output")
        place_product(bent, w_2, output, self.table.inset(bottom=0.3))
        self.light("project")
        self.say(d_ff=bent.columns, d_model=output.columns)
        line = self.bench.lines[1]
        self.play(self.leaving(line), run_time=0.5)
        self.play(line.animate.place(bent.box), run_time=1.0)
        self.remove(*line.get_family())
        self.add(bent)
        self.play(FadeIn(w_2, output, bent.tag), run_time=0.7)
        alive = np.flatnonzero(bent.tensor.values[0]).tolist()
        self.say_own("gelu_back")
        self.say()
        if alive:
            self.play(w_2.animate.spotlight(rows=alive), bent.animate.spotlight(columns=alive))
        self.play(Wave(output, Matrix.reveal, "columns"), run_time=1.6)
        if f"{self.network}.b_2" in self.trace:
            self.add_bias(output, "b_2", self.tensor("output"))

    # --- every row ------------------------------------------------------------------------------------------------

    @step
    def every_row(self) -> None:
        self.flow = FeedForwardFlow(self.flow_matrices(), self.operations, STAGE, self.theme)
        x, *later = self.flow.matrices
        self.light("all")
        self.say()
        self.play(self.leaving(), FadeIn(x.reveal()), run_time=0.7)
        frame = Focus(x.row_box(self.row), self.theme)
        self.play(FadeIn(frame), run_time=0.4)
        for number, matrix in enumerate(later):
            self.play(FadeIn(*self.flow.operation(number), matrix), run_time=0.4)
            self.play(
                matrix.animate.reveal(rows=self.row), frame.animate.around(matrix.row_box(self.row)), run_time=0.7
            )
        self.play(FadeOut(frame), run_time=0.3)
        self.say_own("gelu_every")
        self.say(share=percent(self.trace["feed_forward.share"].at()))
        for matrix in later:
            self.play(Wave(matrix, Matrix.reveal, run_time=1.3))

    def flow_matrices(self, tokens: str = "rows") -> list[Matrix]:
        """X, hidden, activated, output, named without their axes; X perhaps with its tokens."""
        parts = [("input", "X", "x"), ("hidden", "H", "output")]
        parts += [("activated", self.bent_symbol, "output"), ("output", "Y", "output")]
        named = [without_axes(self.all_of(*part, tokens if part[0] == "input" else "")) for part in parts]
        dead(named[2])
        return named

    @property
    def bent_symbol(self) -> str:
        return ACTIVATED.replace("NAME", NAMES[self.own]).replace("h", "H")

    @property
    def operations(self) -> list[str]:
        """What leads from matrix to matrix."""
        biased = f"{self.network}.b_1" in self.trace
        return ["W_1, b_1" if biased else "W_1", f'op("{NAMES[self.own]}")', "W_2, b_2" if biased else "W_2"]

    # --- the other activation -------------------------------------------------------------------------------------

    @step
    def alternative(self) -> None:
        hidden = self.tensor("hidden")
        relu, gelu = (self.trace[f"feed_forward.{name}"] for name in ("relu", "gelu"))
        first, second = (relu, gelu) if self.own == "relu" else (gelu, relu)
        bench = self.bench_of([hidden, first, second], ["wide_row", self.own, self.other])
        plot = self.plot_beside()
        curves = [plot.curve(name, hue) for name, hue in ((self.own, "output"), (self.other, "x"))]
        names = self.curve_names(plot)
        self.say()
        for line in bench.lines[:2]:
            line.reveal()
        for line in bench.lines[1:]:
            dead(line)
        curves[0].draw()
        bench.bars.show(first.values[self.row], self.theme.hue("output"))
        self.play(
            self.leaving(), FadeIn(*bench.lines[:2], *bench.operations[:2], bench.bars, plot, curves[0], names[0])
        )
        self.add(curves[1])
        self.play(curves[1].animate.draw(), FadeIn(names[1]), run_time=1.2)
        place = self.place
        self.say(number=hidden.at(self.row, place), relu=relu.at(self.row, place), gelu=gelu.at(self.row, place))
        dots = plot.dots(hidden.values[self.row])
        self.play(FadeIn(dots), FadeIn(bench.operations[2]), run_time=0.5)
        self.add(bench.lines[2])
        self.play(
            dots.animate.move(plot.places(hidden.values[self.row], second.values[self.row])),
            bench.bars.animate.show(second.values[self.row], self.theme.hue("x")),
            Wave(bench.lines[2], Matrix.reveal, "columns"),
            run_time=2.0,
        )
        frames = [Focus(line.cell_box(0, place), self.theme) for line in bench.lines]
        self.play(FadeIn(*frames), run_time=0.5)
        self.say(token=self.name, change=self.trace["feed_forward.output_change"].at(self.row))

    def curve_names(self, plot: ActivationPlot) -> list[Label]:
        """The names of both curves, above the plot."""
        pairs = zip((self.own, self.other), ("output", "x"), strict=True)
        names = VGroup(*(Label(NAMES[name], 0.26, self.theme.hue(hue), "semibold") for name, hue in pairs))
        names.arrange(RIGHT, buff=0.5)
        return list(names.move_to([plot.frame.x, plot.frame.top + 0.2, 0]))

    @step
    def whole(self) -> None:
        self.say(d_model=self.tensor("w_1").shape[0], d_ff=self.tensor("w_1").shape[1])
        matrices = self.flow_matrices("rows" if len(self.tokens) <= MOST_NAMED else "")
        for matrix in matrices:
            matrix.reveal()
        poster = FeedForwardPoster(self, matrices, self.operations, STAGE)
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(poster.flow, *poster.frames), run_time=1.0)
        for group in poster.groups:
            self.play(FadeIn(*group), run_time=0.7)
