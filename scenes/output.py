"""Chapter 16: output. A logit for every word, softmax, the next word; and the loss, the reason for the mask."""

from __future__ import annotations

from manim import Animation, Create, FadeIn, FadeOut, LaggedStart, VGroup

from scenes.props.output_copying import Copying
from scenes.props.output_loss import CellMarks
from scenes.props.output_poster import OutputPoster
from scenes.props.output_strips import Strips
from scenes.props.output_table import AnswerTable
from scenes.props.output_words import column_words
from scenes.stage.arithmetic import Arithmetic
from scenes.stage.candidates import Candidates, Entry, entries_of
from scenes.stage.caption import Fact, percent
from scenes.stage.chapter import STAGE, Chapter, step
from scenes.stage.chips import Chip
from scenes.stage.flight import fly_cells, transposed
from scenes.stage.focus import Focus
from scenes.stage.label import Run
from scenes.stage.layout import Box
from scenes.stage.level import place_level
from scenes.stage.matrix import Matrix
from scenes.stage.products import place_product
from scenes.stage.token_axis import shorten
from scenes.stage.wave import Wave

TIED = '{{ P : probabilities }} = {{ op("softmax") : softmax }} ( {{ D : rows }} thin {{ E^top : table }} )'
SEPARATE = TIED.replace("E^top", "W")
LOSS = " quad {{ cal(L) = - ln p : loss }}"
SYMBOLS = {True: ("E^top", "D E^top"), False: ("W", "D W")}
NEARLY_NOTHING = 0.05  # a loss below it is hardly one
SMALL = 0.21


class Output(Chapter):
    """One row against all words, its candidates, then every position at once, the loss, and what the mask is for."""

    formula = TIED + LOSS

    def setup(self) -> None:
        self.tied = bool(self.example.model.config.tied)
        self.formula = (TIED if self.tied else SEPARATE) + LOSS
        super().setup()
        trace = self.trace
        self.row = int(trace["output.telling_row"].values)
        self.best = trace.largest_in_row("probabilities", self.row)
        self.words_known = trace["probabilities"].axis_labels("vocabulary") or ()
        self.inputs = trace["decoder.output"].axis_labels("tokens") or ()
        self.answers = trace["target.expected"].axis_labels("tokens") or ()
        table, product = SYMBOLS[self.tied]
        self.d = self.of("decoder.output", "output", "D", "above", rows=self.inputs)
        self.w = self.of("output.w", "learned", table, "left")
        self.w_tag = self.w.tag  # stands beside the matrix, so that cells can fly into the matrix alone
        self.logits = self.of("logits", "scores", product, "right")
        self.table = AnswerTable(trace, self.inputs, self.answers, STAGE, self.theme)
        self.lay_out_product()

    def lay_out_product(self) -> None:
        """The multiplication table, with room for the words over the output matrix, and a strip for arithmetic."""
        upper, self.strip = STAGE.rows(6, 0.75)
        room = 0.8
        for _ in range(2):  # the words turn with the width of the columns
            place_product(self.d, self.w, self.logits, upper.inset(top=room, right=0.3, bottom=0.15))
            hue = self.theme.hue("learned")
            self.column_names = column_words(self.w, [self.best, *self.table.expected], self.theme, hue)
            room = self.column_names.box.height + 0.1

    def of(self, name: str, meaning: str, symbol: str, side: str, rows: tuple[str, ...] | None = None) -> Matrix:
        tensor = self.trace[name]
        return Matrix(tensor, meaning, self.theme, symbol=symbol if side else None, tag_side=side or "above",
                      row_tokens=rows)  # fmt: skip

    def names(self) -> dict[str, Fact]:
        best, answer = self.words_known[self.best], self.answers[self.row]
        return {
            "token": Run(self.cut(self.inputs[self.row]), self.theme.hue("output")),
            "word": Run(self.cut(best), self.theme.hue("learned")),
            "answer": Run(self.cut(answer), self.theme.hue("focus")),
            "count": len(self.words_known),
        }

    @staticmethod
    def cut(word: str) -> str:
        return shorten(word, 2.4, 0.27)

    def tell(self, instead: str, **facts: Fact) -> None:
        """Say the next caption, or the label `instead` where these numbers call for other words."""
        if instead:
            self.captions[0] = self.text.labels[instead]
        self.say(**facts)

    # --- one row --------------------------------------------------------------------------------------------------

    @step
    def linear(self) -> None:
        home = self.d.box
        place_level([self.d], STAGE)
        self.carry(self.d.reveal())
        self.say(**self.names())
        self.play(self.d.animate.spotlight(rows=self.row), run_time=0.6)
        self.play(self.d.animate.place(home), run_time=1.0)
        self.light("table")
        self.w.remove(self.w_tag)
        self.tell("" if self.tied else "untied", **self.names())
        if self.tied:
            self.turn_embedding()
        else:
            self.play(Wave(self.w, Matrix.reveal, order="columns", run_time=1.6))
        self.play(FadeIn(self.column_names, self.w_tag), run_time=0.6)

    def turn_embedding(self) -> None:
        """The embedding table stands with its rows, and is laid on its side."""
        tensor = self.trace["output.embedding"]
        width = min(2.4, 0.4 * tensor.shape[1])
        box = Box(self.logits.box.x - width / 2, self.logits.box.x + width / 2, STAGE.bottom + 0.9, STAGE.top - 0.7)
        height = min(box.height, 0.4 * tensor.shape[0])
        table = Matrix(tensor, "learned", self.theme, symbol="E").place(
            Box(box.left, box.right, box.y - height / 2, box.y + height / 2)
        )
        self.play(FadeIn(table.tag), FadeIn(table.cells), run_time=0.4)
        self.play(Wave(table, Matrix.reveal, run_time=1.0))
        self.wait(0.4)
        self.play(FadeOut(table.tag), run_time=0.3)
        fly_cells(self, table, self.w, transposed, run_time=1.7)

    @step
    def first_logit(self) -> None:
        self.light("rows", "table")
        self.say(**self.names())
        row, column = Focus(self.d.row_box(self.row), self.theme), Focus(self.w.column_box(self.best), self.theme)
        self.play(FadeIn(self.logits), run_time=0.5)
        self.play(FadeIn(row, column), self.w.animate.spotlight(columns=self.best), run_time=0.7)
        d, w, logit = (self.theme.hue(meaning) for meaning in ("output", "learned", "scores"))
        line = Arithmetic(self.trace.explain("logits", self.row, self.best), d, w, logit, self.theme, self.strip)
        self.play(line.opened())
        length = self.d.columns
        cells = (
            [self.d.cell_box(self.row, t) for t in range(length)],
            [self.w.cell_box(t, self.best) for t in range(length)],
        )
        self.play(line.fly_in(*cells))
        self.play(line.result())
        self.say(**self.names(), logit=self.trace["logits"].at(self.row, self.best))
        self.play(line.total_flight(self.logits.cell_box(self.row, self.best)))
        self.play(self.logits.animate.reveal(rows=self.row, columns=self.best), run_time=0.4)
        self.worked = VGroup(line, row, column)

    @step
    def logits_row(self) -> None:
        line, row, column = self.worked
        self.say(**self.names())
        self.play(FadeOut(line), self.w.animate.light_up(), column.animate.around(self.w.column_box(0)), run_time=0.6)
        last = self.w.column_box(self.w.columns - 1)
        sweep = Wave(self.logits, lambda m: m.reveal(rows=self.row), order="columns", spread=0.9, run_time=2.6)
        self.play(sweep, column.animate(run_time=2.6).around(last))
        self.play(FadeOut(row, column), run_time=0.4)

    # --- from logits to a word ----------------------------------------------------------------------------------------

    @step
    def softmax(self) -> None:
        self.light("softmax")
        self.say()
        strips = self.strips = self.strips_of_row()
        self.play(FadeOut(self.d, self.w, self.w_tag, self.column_names, self.logits.tag), run_time=0.6)
        lifted = Matrix(strips.logits.tensor, "scores", self.theme).reveal().place(self.logits.row_box(self.row))
        self.play(FadeOut(self.logits), FadeIn(lifted), run_time=0.4)
        fly_cells(self, lifted, strips.logits, order="columns", run_time=1.2)
        self.play(FadeIn(strips.words, strips.names[0]), run_time=0.5)
        self.play(FadeIn(strips.logit_bars), run_time=0.3)
        self.play(strips.logit_bars.animate.show(*strips.logit_view), run_time=1.0)
        self.say(**self.names(), share=self.entries()[0].run)
        filling = Wave(strips.shares, Matrix.reveal, order="columns", run_time=1.4)
        self.play(filling, FadeIn(strips.names[1], strips.share_bars))
        self.play(strips.share_bars.animate.show(*strips.share_view, unit=True), run_time=1.2)

    def strips_of_row(self) -> Strips:
        scores, chances = (self.trace[name].line(self.row) for name in ("logits", "probabilities"))
        hues = {"logits": self.theme.hue("scores"), "shares": self.theme.hue("weights")}
        logits, shares = (self.label(key, SMALL, hue) for key, hue in hues.items())
        return Strips(scores, chances, (logits, shares), self.likeliest, STAGE, self.theme)

    @property
    def likeliest(self) -> list[int]:
        """Ids of the row's candidates, most probable first."""
        return [int(j) for j in self.trace["output.candidates"].values[self.row]]

    def entries(self) -> tuple[Entry, ...]:
        count = len(self.words_known) - len(self.likeliest)
        return entries_of(self.trace, "output", self.row, self.words("others", count=count))

    def candidate_bars(self, box: Box) -> Candidates:
        entries = self.entries()
        rest = len(entries) > len(self.likeliest)
        return Candidates(len(entries), [entry.word for entry in entries], box, self.theme, rest=rest)

    @step
    def next_word(self) -> None:
        entries, strips = self.entries(), self.strips
        self.light("probabilities")
        right = self.best == self.table.expected[self.row]
        self.tell("" if right else "wrong", share=entries[0].run, **self.names())
        self.play(FadeOut(strips.logit_bars, strips.logits, strips.names[0], strips.share_bars), run_time=0.6)
        raised = strips.logits.box
        self.play(strips.shares.animate.place(raised), strips.names[1].animate.set_y(raised.y), run_time=1.0)
        self.bars = self.candidate_bars(self.candidates_box(len(entries))).show(entries, grown=False)
        words = self.flying_words()
        self.play(LaggedStart(*words, lag_ratio=0.25), run_time=2.0)
        self.play(FadeIn(self.bars), run_time=0.4)
        self.remove(*(flight.mobject for flight in words))
        self.play(self.bars.animate.grow(), run_time=1.2)
        self.winner = Focus(self.bars.line_box(0), self.theme)
        self.play(FadeIn(self.winner), run_time=0.4)

    def candidates_box(self, lines: int) -> Box:
        """Under the strip, in the middle."""
        top = self.strips.logits.box.bottom - 0.85
        height = min(lines * 0.46, top - STAGE.bottom)
        return Box(STAGE.x - 3.0, STAGE.x + 2.4, top - height, top)

    def flying_words(self) -> list[Animation]:
        """The likeliest words, from over their columns to their lines."""
        flights: list[Animation] = []
        for line, j in enumerate(self.likeliest):
            column, end = self.strips.shares.column_box(j), self.bars.word_box(line).grown(0.08)
            y = column.bottom - 0.1
            start = Box(column.x - end.width / 2, column.x + end.width / 2, y - end.height, y)
            word = Chip(self.words_known[j], self.theme, body=0.0).stand(start, self.bars.font, 0.0)
            flights.append(word.animate(introducer=True).stand(end, self.bars.font, 0.0))
        return flights

    # --- all positions --------------------------------------------------------------------------------------------

    @step
    def every_position(self) -> None:
        table, strips = self.table, self.strips
        self.say()
        self.play(FadeOut(self.bars, self.winner, strips.words, strips.names[1]), run_time=0.6)
        self.play(strips.shares.animate.place(table.p.row_box(self.row)), run_time=1.0)
        self.play(FadeIn(table.p.reveal(rows=self.row)), run_time=0.5)
        self.remove(*strips.shares.get_family())
        self.play(Wave(table.p, Matrix.reveal, run_time=2.2))
        self.play(FadeIn(table.words), run_time=0.4)
        naming = LaggedStart(*map(FadeIn, table.answers), lag_ratio=0.3)
        self.play(naming, table.marks.animate.show(table.p.rows), run_time=2.0)

    @step
    def loss(self) -> None:
        self.light("loss")
        table = self.table
        self.say()
        self.make_room_for_loss()
        self.play(Wave(table.chances, Matrix.reveal, run_time=1.2), FadeIn(table.heads[0]))
        self.play(table.curve.animate.draw(), run_time=1.2)
        self.say_what_is_lost()
        paying = Wave(table.losses, Matrix.reveal, run_time=1.4)
        self.play(paying, FadeIn(table.heads[1]), table.curve.animate.place_all())
        self.play(FadeIn(table.mean, target_position=table.losses.box.centre), run_time=0.8)

    def make_room_for_loss(self) -> None:
        table, hue = self.table, self.theme.hue
        heads = (self.label("chance", SMALL, hue("weights")), self.label("loss", SMALL, hue("output")))
        mean = self.label("mean", 0.24, hue("output"), mean=self.trace["mean_loss"].at())
        table.add_losses(heads, mean, (self.words("chance_axis"), self.words("loss_axis")))
        self.play(FadeOut(table.words), run_time=0.3)
        self.play(*table.draw_in(), run_time=1.0)
        table.words = table.words_over(table.narrow)
        self.play(FadeIn(table.words, table.chances, table.losses, table.curve), run_time=0.5)

    def say_what_is_lost(self) -> None:
        """Of the position that pays most; if even that is nearly nothing, this is said."""
        worst = int(self.trace["loss"].values.argmax())
        loss, share = self.trace["loss"].at(worst), self.trace["output.expected_probability"].at(worst)
        answer = Run(self.cut(self.answers[worst]), self.theme.hue("focus"))
        facts: dict[str, Fact] = {"answer": answer, "share": percent(share), "loss": loss}
        instead = "sure" if loss.value < NEARLY_NOTHING else ""
        self.tell(instead, **facts, mean=self.trace["mean_loss"].at())

    @step
    def why_masked(self) -> None:
        table = self.table
        parts = [table.p, table.marks, table.answers, table.words, table.chances, table.losses, table.curve]
        self.play(FadeOut(*parts, *table.heads, table.mean), run_time=0.6)
        names = (self.label("read", SMALL), self.label("predict", SMALL))
        weights = self.trace["decoder.1.self_attention.heads.weights"].part(0)
        copying = self.copying = Copying(self.inputs, self.answers, names, weights, STAGE, self.theme)
        self.play(FadeIn(copying.gaze, names[0]), run_time=0.6)
        self.say()
        self.play(FadeIn(names[1]), LaggedStart(*map(FadeIn, copying.wanted), lag_ratio=0.2), run_time=1.4)
        for place, after in copying.pairs:
            self.play(copying.gaze.animate.looking(place, [after]), run_time=copying.pace)
        self.say()
        for place, after in copying.pairs:
            self.play(copying.gaze.animate.severed(place, [after]), run_time=copying.pace)
        if len(copying.weights):
            self.play(LaggedStart(*map(FadeIn, copying.weights), lag_ratio=0.1), run_time=1.2)

    # --- the whole picture ------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        copying = self.copying
        self.say()
        self.light("all")
        self.play(FadeOut(copying.gaze, copying.wanted, copying.weights, *copying.names), run_time=0.6)
        poster, mean = self.poster(), self.table.mean
        marks = CellMarks(poster.parts["p"], list(enumerate(self.table.expected)), self.theme)
        names, parts = poster.symbols(*SYMBOLS[self.tied]), poster.parts
        self.play(FadeIn(parts["d"], parts["w"], names[0], names[1]), run_time=0.7)
        self.play(Create(poster.rows), Create(poster.columns), run_time=0.9)
        self.play(FadeIn(parts["logits"], names[2]), run_time=0.6)
        softmax = self.label("softmax", SMALL).move_to([*poster.between, 0])
        self.play(Create(poster.through), FadeIn(softmax), run_time=0.6)
        self.play(FadeIn(parts["p"], names[3], marks), run_time=0.6)
        self.play(Create(poster.rise), FadeIn(poster.bars), run_time=0.8)
        mean.move_to([min(poster.mean.x, STAGE.right - mean.width / 2), poster.mean.y, 0])
        head = self.table.heads[1].move_to([parts["losses"].box.x, parts["losses"].box.top + 0.2, 0])
        self.play(FadeIn(poster.answers, parts["losses"], head, mean), run_time=0.7)
        frames = (Focus(parts[name].row_box(self.row), self.theme) for name in ("d", "logits"))
        self.play(FadeIn(*frames), run_time=0.5)

    def poster(self) -> OutputPoster:
        parts = {
            "d": self.of("decoder.output", "output", "D", "", rows=self.inputs),
            "w": self.of("output.w", "learned", "", ""),
            "logits": self.of("logits", "scores", "", ""),
            "p": Matrix(self.trace["probabilities"], "weights", self.theme),
            "losses": self.table.losses,
        }
        bars = self.candidate_bars(Box(0, 1, 0, 1)).show(self.entries())
        return OutputPoster(parts, bars, self.answers, self.row, STAGE, self.theme)
