"""The feed-forward network. Each row alone is widened, bent and projected back."""

from __future__ import annotations

import numpy as np
from manim import Create, FadeIn, FadeOut

from core.trace import Tensor
from scenes.feed_forward.choosing import Choosing
from scenes.feed_forward.flow import FeedForwardFlow
from scenes.feed_forward.network import Network, activations
from scenes.feed_forward.plot import NAMES, ActivationPlot
from scenes.feed_forward.poster import FeedForwardPoster
from scenes.feed_forward.row_connections import RowConnections
from scenes.shared.first_layer import FirstLayerChapter
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import hand_over, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, HAIR, TIGHT, Band, Box

FFN = (
    'op("FFN")(x) = {{ op("ACTIVATION") : activation }} '
    "lr(( {{ x W_1 + b_1 : widen }} )) thin {{ W_2 + b_2 : project }}"
)
BENCH = Band(lambda: STAGE.inset(top=0.2, bottom=TIGHT))
SIDE_BY_SIDE, ONE_OVER_THE_OTHER = (1.75, 1), (1.08, 1)  # the bench and what bends its row
CONNECTIONS = 1.7  # room for what leads from row to row
MOST_NAMED = 9  # rows of the whole picture that can be named


class FeedForward(FirstLayerChapter):
    """One row through the network, then every row, and the other activation for contrast."""

    telling = "feed_forward.row"

    def setup(self) -> None:
        self.own, self.other = activations(self)
        self.formula = FFN.replace("ACTIVATION", NAMES[self.own])
        super().setup()
        self.network = Network(self, self.layer, self.row)
        self.place = self.network.place

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def row_alone(self) -> None:
        start = self.network.all_of("input", "X", "x", "rows").reveal()
        place_level([start], STAGE)
        self.carry(start)
        self.say()
        rows, result = (
            self.network.all_of("input", "X", "x", "rows").reveal(),
            self.network.all_of("output", "Y", "output"),
        )
        place_level([rows, result], STAGE, (CONNECTIONS,), stacked=False)
        hand_over(self, [(start, rows)], result)
        seen = ~np.isneginf(self.trace[f"{self.layer}.self_attention.mask"].values)
        connections = RowConnections(rows, result, seen, self.theme)
        self.play(Create(connections, lag_ratio=0.0), run_time=1.4)
        self.wait(0.5)
        self.say(token=self.name)
        self.play(FadeOut(connections.crossing), run_time=0.9)
        self.play(rows.animate.spotlight(rows=self.row), FadeIn(Frame(rows.row_box(self.row), self.theme)))

    @step
    def widen(self) -> None:
        network = self.network
        product, w_1 = network.product("hidden"), network.learned("w_1")
        x = network.row_of(network.tensor("input"), "x", "x", "left").reveal()
        self.hidden = network.row_of(product, "h", "output", "right", "hidden")
        place_product(x, w_1, self.hidden, self.table.inset(bottom=0.5))
        self.light("widen")
        self.say(token=self.name, d_model=x.columns, d_ff=self.hidden.columns)
        self.play(self.leaving(), FadeIn(x), run_time=0.7)
        self.play(FadeIn(w_1, self.hidden), run_time=0.7)
        self.first_number(x, w_1, product)
        self.say()
        self.play(CellWave(self.hidden, Matrix.reveal, "columns", run_time=2.0))
        self.say()
        if network.has("b_1"):
            self.add_bias(self.hidden, "b_1", network.tensor("hidden"))

    def first_number(self, x: Matrix, w_1: Matrix, product: Tensor) -> None:
        """One number of the wide row, worked in full."""
        column = Frame(w_1.column_box(self.place), self.theme)
        cell = self.hidden.cell_box(0, self.place)
        self.play(FadeIn(column, Frame(x.row_box(0), self.theme), Frame(cell, self.theme)), run_time=0.6)
        line = self.arithmetic(product.name, self.row, self.place, box=self.strip)
        self.play(line.opened(), run_time=0.5)
        cells = range(x.columns)
        self.play(line.fly_in([x.cell_box(0, t) for t in cells], [w_1.cell_box(t, self.place) for t in cells]))
        self.play(line.result())
        self.play(line.total_flight(cell), run_time=0.7)
        self.play(self.hidden.animate.reveal(columns=self.place), run_time=0.3)
        self.play(FadeOut(line), run_time=0.3)

    # --- the activation -------------------------------------------------------------------------------------------

    @step
    def activation(self) -> None:
        hidden, bent = self.network.tensor("hidden"), self.trace[f"feed_forward.{self.own}"]
        self.light("activation")
        self.place_bench([hidden, bent], ["wide_row", self.own])
        self.say()
        self.place_on_bench(hidden)
        self.play(self.plot.curve(self.own, "output").animate.draw(), run_time=1.2)
        self.say(negative=self.trace["feed_forward.negative"].at(self.row), d_ff=hidden.shape[-1])
        self.bend(hidden, bent)

    def place_bench(self, tensors: list[Tensor], keys: list[str]) -> None:
        """The row at several stages, and what bends it: beside it; under it in a tall frame, or where only so all its
        numbers fit.
        """
        bench, beside = BENCH.columns(*SIDE_BY_SIDE, gap=0.5)
        wide, below = STAGE.inset(bottom=TIGHT).rows(*ONE_OVER_THE_OTHER)
        self.bench = self.network.bench(tensors, keys, bench)
        under = STAGE.is_tall or bench.width < self.bench.numeric_width() <= wide.width
        if under:
            self.bench = self.network.bench(tensors, keys, wide)
        below = below.inset(left=GAP, right=GAP) if STAGE.is_tall else below
        place = below.inset(top=GAP) if under else beside.inset(top=0.5, right=0.15)
        self.plot = ActivationPlot(self.trace, place, self.theme)

    def place_on_bench(self, hidden: Tensor) -> None:
        """The wide row goes to the bench; its numbers become bars, and dots on the axis of the plot."""
        first, values = self.bench.lines[0], hidden.values[self.row]
        place = first.box
        first.reveal().place(self.hidden.box)
        self.remove(*self.hidden.cells.get_family())
        self.play(self.leaving(), FadeIn(first, run_time=0.01), run_time=0.5)
        self.play(first.animate.place(place), FadeIn(self.bench.operations[0], self.plot), run_time=0.9)
        self.play(FadeIn(self.bench.bars), run_time=0.3)
        self.dots = self.plot.dots(values)
        self.play(self.bench.bars.animate.show(values, self.theme.hue("output")), FadeIn(self.dots))

    def bend(self, hidden: Tensor, bent: Tensor) -> None:
        """A copy of the row becomes what the activation makes of it, its dots going to the curve."""
        first, second = self.bench.lines
        self.play(FadeIn(self.bench.operations[1]), run_time=0.3)
        second.set_values(hidden.line(self.row)).reveal()
        copy = Matrix(first.tensor, "output", self.theme, reserve=[second.tensor]).without_slots().place(first.box)
        self.add(copy.reveal())
        self.play(copy.animate.place(second.box), run_time=0.6)
        self.remove(*copy.get_family())
        self.add(second)
        self.play(
            self.dots.animate.move(self.plot.places(hidden.values[self.row], bent.values[self.row])),
            self.bench.bars.animate.show(bent.values[self.row], self.theme.hue("output")),
            CellWave(second, lambda matrix: matrix.set_values(bent.line(self.row)).without_zeros(), "columns"),
            run_time=2.2,
        )

    @step
    def project_back(self) -> None:
        network = self.network
        bent = network.row_of(network.tensor("activated"), network.activated("h"), "output", "left").reveal()
        bent.tag.remove(bent.tag[1])
        w_2 = network.learned("w_2")
        output = network.row_of(network.product("output"), "y", "output", "right", "output")
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
        choosing = Choosing(bent, w_2, self.theme)
        self.play(choosing.undrawn().animate.draw(), w_2.animate.spotlight(rows=alive), run_time=1.6)
        self.say()
        self.play(CellWave(output, Matrix.reveal, "columns"), run_time=1.6)
        if network.has("b_2"):
            self.add_bias(output, "b_2", network.tensor("output"))

    def add_bias(self, result: Matrix, name: str, total: Tensor) -> None:
        """The bias stands under the row, and is added to it."""
        box, row = result.box, total.line(self.row)
        bias = self.matrix(self.network.tensor(name).line(), tag="right", symbol=name, meaning="learned").reveal()
        bias.place(box.shifted(y=-1.25 * box.height - TIGHT))
        bias.tag.remove(bias.tag[1])
        bias.tag.move_to([bias.box.left - 0.22 - bias.tag.width / 2, bias.box.y, 0])
        self.play(FadeIn(bias))
        self.wait(0.3)
        self.play(
            bias.cells.animate.set_box(Box(box.left, box.right, box.bottom - HAIR, box.bottom)),
            FadeOut(bias.tag),
            CellWave(result, lambda matrix: matrix.set_values(row), "columns"),
            run_time=1.2,
        )
        self.remove(*bias.get_family())

    # --- every row ------------------------------------------------------------------------------------------------

    @step
    def every_row(self) -> None:
        network = self.network
        matrices = network.flow_matrices(both_ends=True)
        self.flow = FeedForwardFlow(matrices, network.operations, STAGE, self.theme, and_back=True)
        x, *later = self.flow.matrices
        self.light("all")
        self.say()
        self.play(self.leaving(), FadeIn(x.reveal()), run_time=0.7)
        frame = Frame(x.row_box(self.row), self.theme)
        self.play(FadeIn(frame), run_time=0.4)
        for number, matrix in enumerate(later):
            self.play(FadeIn(*self.flow.operation(number), matrix), run_time=0.4)
            self.play(
                matrix.animate.reveal(rows=self.row), frame.animate.around(matrix.row_box(self.row)), run_time=0.7
            )
        self.play(FadeOut(frame), run_time=0.3)
        self.say(share=percent(self.trace["feed_forward.share"].at()))
        for matrix in later:
            self.play(CellWave(matrix, Matrix.reveal, run_time=1.3))

    # --- the other activation -------------------------------------------------------------------------------------

    @step
    def alternative(self) -> None:
        hidden = self.network.tensor("hidden")
        relu, gelu = (self.trace[f"feed_forward.{name}"] for name in ("relu", "gelu"))
        first, second = (relu, gelu) if self.own == "relu" else (gelu, relu)
        apart = self.trace["feed_forward.apart"]
        self.place_bench([hidden, first, second, apart], ["wide_row", self.own, self.other, "apart"])
        self.say()
        self.draw_both(first)
        number, *bent = (tensor.at(self.row, self.place) for tensor in (hidden, relu, gelu))
        self.say(number=number, relu=bent[0], gelu=bent[1])
        self.bend_otherwise(hidden, second)
        self.say()
        self.say(token=self.name, change=self.trace["feed_forward.output_change"].at(self.row))

    def draw_both(self, first: Tensor) -> None:
        """The row as the model bends it, and beside its curve the other one."""
        bench, plot = self.bench, self.plot
        own, other = plot.curve(self.own, "output").draw(), plot.curve(self.other, "x")
        names = plot.names(self.own, self.other)
        for line in bench.lines[:2]:
            line.reveal()
        for line in bench.lines[1:]:
            line.without_zeros()
        bench.bars.show(first.values[self.row], self.theme.hue("output"))
        standing = (*bench.lines[:2], *bench.operations[:2], bench.bars, plot, own, names[0])
        self.play(self.leaving(), FadeIn(*standing))
        self.add(other)
        self.play(other.animate.draw(), FadeIn(names[1]), run_time=1.0)

    def bend_otherwise(self, hidden: Tensor, second: Tensor) -> None:
        """The row under the other activation, how far it is apart, and frames around the number that tells most."""
        bench, (before, after) = self.bench, (tensor.values[self.row] for tensor in (hidden, second))
        dots = self.plot.dots(before)
        self.play(FadeIn(dots, *bench.operations[2:]), run_time=0.5)
        self.add(*bench.lines[2:])
        self.play(
            dots.animate.move(self.plot.places(before, after)),
            bench.bars.animate.show(after, self.theme.hue("x")),
            *(CellWave(line, Matrix.reveal, "columns") for line in bench.lines[2:]),
            run_time=1.8,
        )
        frames = [Frame(line.cell_box(0, self.place), self.theme) for line in bench.lines]
        self.play(FadeIn(*frames), run_time=0.5)

    @step
    def whole(self) -> None:
        d_model, d_ff = self.network.tensor("w_1").shape
        self.say(d_model=d_model, d_ff=d_ff)
        matrices = self.network.flow_matrices("rows" if len(self.tokens) <= MOST_NAMED else "")
        for matrix in matrices:
            matrix.reveal()
        poster = FeedForwardPoster(self, self.network, matrices, STAGE)
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(poster.flow, *poster.frames), run_time=1.0)
        for group in poster.groups:
            self.play(FadeIn(*group), run_time=0.7)
