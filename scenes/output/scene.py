"""Output. A logit for every word, softmax, the next word; and the loss, the reason for the mask."""

from __future__ import annotations

from manim import RIGHT, Create, FadeIn, FadeOut, LaggedStart, VGroup

from scenes.output.answer_table import AnswerTable
from scenes.output.copying import FAINT, Copying
from scenes.output.logit_product import LogitProduct, rows_matrix
from scenes.output.loss_curve import CellMarks
from scenes.output.next_word import NextWord
from scenes.output.poster import OutputPoster
from scenes.output.row_softmax import RowSoftmax
from scenes.stage.chapter.caption import Fact, about, percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells, transposed
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import GAP, LABEL, SMALL, Box
from scenes.stage.paint.typography import shorten

FORMULA = (
    '{{ P : probabilities }} = {{ op("softmax") : softmax }} ( {{ D : rows }} thin {{ W : table }} )'
    " quad {{ cal(L) = - ln p : loss }}"
)
LONGEST_WORD = 2.4  # in a caption


class Output(Chapter):
    """One row against all words, its candidates, then every position at once, the loss, and what the mask is for.

    row: whose next word is looked for; best: id of the likeliest one; inputs, answers: the token that each position
    reads, and the one that should follow; d, w, logits: that row, the words' matrix and their product;
    table: every position and its answer.
    """

    formula = FORMULA

    def setup(self) -> None:
        self.tied = bool(self.example.model.config.tied)
        super().setup()
        trace = self.trace
        self.row = int(trace["output.telling_row"].values)
        self.best = trace.largest_in_row("probabilities", self.row)
        self.candidates = NextWord(self, self.row)
        self.inputs = trace["decoder.output"].axis_labels("tokens") or ()
        self.answers = trace["target.expected"].axis_labels("tokens") or ()
        self.table = AnswerTable(trace, self.inputs, self.answers, STAGE, self.theme)
        self.upper, self.strip = STAGE.rows(6, 0.75)
        product = LogitProduct(self, self.upper, self.row, tied=self.tied, picks=[self.best, *self.table.expected])
        self.d, self.w, self.logits, self.column_names = product.d, product.w, product.logits, product.column_names
        self.lens, self.product = product.lens, product
        self.w_tag = self.w.tag  # stands beside the matrix, so that cells can fly into the matrix alone

    def names(self) -> dict[str, Fact]:
        """The words that captions speak of."""
        hue, words = self.theme.hue, self.candidates.words
        return {
            "token": Run(self.cut(self.inputs[self.row]), hue("output")),
            "word": Run(self.cut(words[self.best]), hue("learned")),
            "answer": Run(self.cut(self.answers[self.row]), hue("focus")),
            "count": len(words),
        }

    def leaders(self) -> dict[str, Fact]:
        """These, and the shares of the likeliest token and of the runner-up."""
        first, second = self.candidates.entries[:2]
        other = Run(self.cut(second.word), self.theme.hue("learned"))
        return {**self.names(), "share": first.run, "other": other, "second": second.run}

    @staticmethod
    def cut(word: str) -> str:
        return shorten(word, LONGEST_WORD, 0.27)

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def linear(self) -> None:
        self.homes = [*(matrix.box for matrix in self.product.matrices), self.product.name_of_table()]
        if self.lens:
            self.product.grow(self.upper)
        rows = rows_matrix(self, "D").reveal()
        place_level([rows], STAGE)
        self.carry(rows)
        self.say(**self.names())
        self.play(rows.animate.spotlight(rows=self.row), run_time=0.6)
        self.lift_row(rows)
        self.light("table")
        self.w.remove(self.w_tag)
        self.say(**self.names())
        if self.tied:
            self.turn_embedding()
        else:
            self.play(CellWave(self.w, Matrix.reveal, order="columns", run_time=1.6))
        self.w_tag.move_to(self.product.name_of_table().centre)
        self.play(FadeIn(self.column_names, self.w_tag), run_time=0.6)

    def lift_row(self, rows: Matrix) -> None:
        """The row comes out of all rows and goes to its place in the product."""
        home, named = self.d.box, [part for part in (self.d.tag, self.d.row_tokens) if part is not None]
        self.d.remove(*named)
        self.add(self.d.reveal().place(rows.row_box(self.row)))
        self.play(FadeOut(rows), run_time=0.5)
        self.play(self.d.animate.place(home), run_time=1.0)
        self.d.place(home).add(*named)
        self.play(FadeIn(*named), run_time=0.3)

    def turn_embedding(self) -> None:
        """The embedding table stands with its rows, and is laid on its side."""
        tensor = self.trace["output.embedding"]
        width = min(3.2, 0.4 * tensor.shape[1])
        box = Box(self.logits.box.x - width / 2, self.logits.box.x + width / 2, STAGE.bottom + 0.9, STAGE.top - 0.7)
        height = min(box.height, 0.4 * tensor.shape[0])
        table = Matrix(tensor, "learned", self.theme, symbol="E").place(
            Box(box.left, box.right, box.y - height / 2, box.y + height / 2)
        )
        self.play(FadeIn(table.tag), FadeIn(table.cells), run_time=0.4)
        self.play(CellWave(table, Matrix.reveal, run_time=1.0))
        self.play(FadeOut(table.tag), run_time=0.3)
        fly_cells(self, table, self.w, transposed, run_time=1.7)

    @step
    def first_logit(self) -> None:
        self.light("rows", "table")
        self.say(**self.names())
        row, column = Frame(self.d.box, self.theme), Frame(self.w.column_box(self.best), self.theme)
        self.play(FadeIn(self.logits.without_slots()), run_time=0.5)
        self.play(FadeIn(row, column), self.w.animate.spotlight(columns=self.best), run_time=0.7)
        line = self.arithmetic("logits", self.row, self.best, box=self.strip)
        self.play(line.opened())
        length = self.d.columns
        cells = (
            [self.d.cell_box(0, t) for t in range(length)],
            [self.w.cell_box(t, self.best) for t in range(length)],
        )
        self.play(line.fly_in(*cells))
        self.play(line.result())
        self.say(**self.names(), logit=self.trace["logits"].at(self.row, self.best))
        place = self.under_the_lens(row, column)
        self.play(line.total_flight(place))
        landing = [self.lens.animate.reveal([self.best])] if self.lens else []
        self.play(self.logits.animate.reveal(columns=self.best), *landing, run_time=0.4)
        self.worked = VGroup(line, row, column)

    def under_the_lens(self, row: Frame, column: Frame) -> Box:
        """Where the logit lands: in its cell, or where this has no room for a number, under the lens that opens."""
        if self.lens is None:
            return self.logits.cell_box(0, self.best)
        d, w, logits, tag = self.homes
        self.play(
            *(matrix.animate.place(home) for matrix, home in zip(self.product.matrices, (d, w, logits), strict=True)),
            row.animate.around(d),
            column.animate.around(self.w.copy().place(w).column_box(self.best)),
            self.w_tag.animate.move_to(tag.centre),
            run_time=0.6,
        )
        self.play(FadeIn(self.lens), run_time=0.4)
        self.play(self.lens.animate.open(), run_time=0.7)
        return self.lens.cell_box(0, self.best)

    @step
    def logits_row(self) -> None:
        line, row, column = self.worked
        self.say(**self.names())
        self.play(FadeOut(line), self.w.animate.light_up(), column.animate.around(self.w.column_box(0)), run_time=0.6)
        last = self.w.column_box(self.w.columns - 1)
        sweep = CellWave(self.logits, Matrix.reveal, order="columns", spread=0.9, run_time=2.6)
        filling = [self.lens.animate(run_time=2.6).reveal()] if self.lens else []
        self.play(sweep, *filling, column.animate(run_time=2.6).around(last))
        self.play(FadeOut(row, column), run_time=0.4)

    # --- from logits to a word ----------------------------------------------------------------------------------------

    @step
    def softmax(self) -> None:
        self.light("softmax")
        self.say()
        strips = self.strips = RowSoftmax(self, self.row, self.candidates.likeliest, STAGE)
        around = [self.w_tag, self.column_names, self.logits.tag, *([self.lens] if self.lens else [])]
        lifted = Matrix(strips.logits.tensor, "scores", self.theme).reveal().place(self.logits.box)
        self.add(lifted)
        self.logits.remove(self.logits.tag)
        self.remove(*self.logits.get_family())
        self.play(FadeOut(self.d, self.w, *around), run_time=0.6)
        fly_cells(self, lifted, strips.logits, order="columns", run_time=1.2)
        self.play(FadeIn(strips.words, strips.names[0]), run_time=0.5)
        self.play(FadeIn(strips.logit_bars), run_time=0.3)
        self.play(strips.logit_bars.animate.show(*strips.logit_view), run_time=1.0)
        self.say(**self.leaders())
        filling = CellWave(strips.shares, Matrix.reveal, order="columns", run_time=1.4)
        self.play(filling, FadeIn(strips.names[1], strips.share_bars))
        self.play(strips.share_bars.animate.show(*strips.share_view, unit=True), run_time=1.2)

    @step
    def next_word(self) -> None:
        entries, strips = self.candidates.entries, self.strips
        self.light("probabilities")
        self.say(**self.leaders())
        self.play(FadeOut(strips.logit_bars, strips.logits, strips.names[0], strips.share_bars), run_time=0.6)
        raised = strips.logits.box
        self.play(strips.shares.animate.place(raised), strips.names[1].animate.set_y(raised.y), run_time=1.0)
        self.bars = self.candidates.bars(strips.room_below(len(entries))).show(entries, grown=False)
        words = self.candidates.flights(strips, self.bars)
        self.play(LaggedStart(*words, lag_ratio=0.25), run_time=2.0)
        self.play(FadeIn(self.bars), run_time=0.4)
        self.play(self.bars.animate.grow(), *(FadeOut(flight.mobject) for flight in words), run_time=1.2)
        self.winner = Frame(self.bars.line_box(0), self.theme)
        self.play(FadeIn(self.winner), run_time=0.4)

    # --- all positions --------------------------------------------------------------------------------------------

    @step
    def every_position(self) -> None:
        table, strips = self.table, self.strips
        self.say()
        self.play(FadeOut(self.bars, self.winner, strips.words, strips.names[1]), run_time=0.6)
        self.play(strips.shares.animate.place(table.p.row_box(self.row)), run_time=1.0)
        self.play(FadeIn(table.p.reveal(rows=self.row)), run_time=0.5)
        self.remove(*strips.shares.get_family())
        self.play(CellWave(table.p, Matrix.reveal, run_time=2.2))
        self.play(FadeIn(table.words), run_time=0.4)
        naming = LaggedStart(*map(FadeIn, table.answers), lag_ratio=0.3)
        self.play(naming, table.marks.animate.show(table.p.rows), run_time=2.0)

    @step
    def loss(self) -> None:
        self.light("loss")
        table = self.table
        self.say()
        self.make_room_for_loss()
        self.play(CellWave(table.chances, Matrix.reveal, run_time=1.2), FadeIn(table.heads[0]))
        self.play(table.curve.animate.draw(), run_time=1.2)
        self.say_what_is_lost()
        paying = CellWave(table.losses, Matrix.reveal, run_time=1.4)
        self.play(paying, FadeIn(table.heads[1]), table.curve.animate.show_dots())
        self.play(FadeIn(table.mean), run_time=0.8)

    def make_room_for_loss(self) -> None:
        table, hue = self.table, self.theme.hue
        heads = (self.label("chance", SMALL, hue("weights")), self.label("loss", SMALL, hue("output")))
        mean = self.label("mean", LABEL, hue("output"), mean=self.trace["mean_loss"].at())
        table.add_losses(heads, mean, (self.words("chance_axis"), self.words("loss_axis")))
        self.play(FadeOut(table.words), run_time=0.3)
        self.play(*table.draw_in(), run_time=1.0)
        table.words = table.words_over(table.narrow)
        self.play(FadeIn(table.words, table.chances, table.losses, table.curve), run_time=0.5)

    def say_what_is_lost(self) -> None:
        """Of the position that pays most."""
        worst = self.trace.dearest_answer()
        loss, share = self.trace["loss"].at(worst), self.trace["output.expected_probability"].at(worst)
        answer = Run(self.cut(self.answers[worst]), self.theme.hue("focus"))
        facts: dict[str, Fact] = {"answer": answer, "share": percent(share), "loss": about(loss)}
        self.say(**facts, mean=about(self.trace["mean_loss"].at()))

    @step
    def why_masked(self) -> None:
        table = self.table
        parts = [table.p, table.marks, table.answers, table.words, table.chances, table.losses, table.curve]
        self.play(FadeOut(*parts, *table.heads, table.mean), run_time=0.6)
        names = (self.label("read", LABEL), self.label("predict", LABEL))
        weights = self.trace["decoder.1.self_attention.heads.weights"].part(0)
        copying = self.copying = Copying(self.inputs, self.answers, names, weights, STAGE, self.theme)
        self.play(FadeIn(copying.arcs, names[0]), run_time=0.6)
        self.say()
        self.play(FadeIn(names[1]), LaggedStart(*map(FadeIn, copying.wanted), lag_ratio=0.2), run_time=1.4)
        for place, after in copying.pairs:
            self.play(copying.arcs.animate.looking(place, [after]), run_time=copying.pace)
        self.say()
        for place, after in copying.pairs:
            self.play(copying.arcs.animate.severed(place, [after]), run_time=copying.pace)
        if len(copying.weights):
            self.play(LaggedStart(*map(FadeIn, copying.weights), lag_ratio=0.1), run_time=1.2)
        self.say()
        self.write(copying)

    def write(self, copying: Copying) -> None:
        """As when it writes: a token stands among those that were read only when it has been said."""
        given = len(self.example.prompt)
        coming, read = copying.wanted[given - 1 :], copying.arcs.animate.only(0, ()).lit(*range(given))
        for place, after in copying.pairs:
            read = read.looking(place, [after], FAINT)
        self.play(FadeOut(copying.weights, coming), read, run_time=0.5)
        copying.weights = VGroup()
        for place, word in enumerate(coming, given):
            self.play(FadeIn(word), run_time=0.6 * copying.pace)
            if place < len(self.inputs):
                self.play(copying.arcs.animate.lit(place), run_time=0.6 * copying.pace)

    # --- the whole picture ------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        copying = self.copying
        self.say()
        self.light("all")
        self.play(FadeOut(copying.arcs, copying.wanted, copying.weights, *copying.names), run_time=0.6)
        table, mean = self.table, self.table.mean
        poster = OutputPoster(self, self.candidates, table.losses, self.answers, self.row, STAGE)
        marks = CellMarks(poster.parts["p"], list(enumerate(table.expected)), self.theme)
        names, parts = poster.names(tied=self.tied), poster.parts
        mean.move_to([min(poster.mean.x, STAGE.right - mean.width / 2), poster.mean.y, 0])
        names[3].shift(min(0.0, mean.get_left()[0] - GAP - names[3].get_right()[0]) * RIGHT)
        self.play(FadeIn(parts["d"], parts["w"], names[0], names[1]), run_time=0.7)
        self.play(Create(poster.rows), Create(poster.columns), run_time=0.9)
        self.play(FadeIn(parts["logits"], names[2]), run_time=0.6)
        softmax = self.label("softmax", SMALL).move_to([*poster.between, 0])
        self.play(Create(poster.through), FadeIn(softmax), run_time=0.6)
        self.play(FadeIn(parts["p"], names[3], marks), run_time=0.6)
        self.play(Create(poster.rise), FadeIn(poster.bars), run_time=0.8)
        head = table.heads[1].move_to([parts["losses"].box.x, parts["losses"].box.top + 0.2, 0])
        self.play(FadeIn(poster.answers, parts["losses"], head, mean), run_time=0.7)
        frames = (Frame(parts[name].row_box(self.row), self.theme) for name in ("d", "logits"))
        self.play(FadeIn(*frames), run_time=0.5)
