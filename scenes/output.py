"""Chapter 16: output. A logit for every word, softmax, the next word; and the loss, the reason for the mask."""

from __future__ import annotations

import numpy as np
from manim import LEFT, Animation, Create, FadeIn, FadeOut, LaggedStart, VGroup

from scenes.props.gaze import Gaze
from scenes.props.output_loss import CellMarks, LossCurve
from scenes.props.output_poster import OutputPoster
from scenes.props.output_words import column_words
from scenes.stage.arithmetic import Arithmetic
from scenes.stage.candidates import Candidates, Entry, entries_of
from scenes.stage.caption import Fact, percent
from scenes.stage.chapter import STAGE, Chapter, step
from scenes.stage.chips import Chip
from scenes.stage.flight import fly_cells, transposed
from scenes.stage.focus import Focus
from scenes.stage.label import Label, Run
from scenes.stage.layout import Box
from scenes.stage.level import place_level
from scenes.stage.matrix import Matrix
from scenes.stage.products import place_product
from scenes.stage.range_bars import RangeBars
from scenes.stage.token_axis import TokenAxis, shorten
from scenes.stage.wave import Wave

TIED = '{{ P : probabilities }} = {{ op("softmax") : softmax }} ( {{ D : rows }} thin {{ E^top : table }} )'
SEPARATE = TIED.replace("E^top", "W")
LOSS = " quad {{ cal(L) = - ln p : loss }}"
SYMBOLS = {True: ("E^top", "D E^top"), False: ("W", "D W")}
LARGEST_STRIP = 0.9
TABLE_CELL = (0.85, 0.4)
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
        self.expected = trace["target.expected"].values.astype(int)  # (tokens,)
        self.words_known = trace["probabilities"].axis_labels("vocabulary") or ()
        self.inputs = trace["decoder.output"].axis_labels("tokens") or ()
        self.answers = trace["target.expected"].axis_labels("tokens") or ()
        table, product = SYMBOLS[self.tied]
        self.d = self.of("decoder.output", "output", "D", "above", rows=self.inputs)
        self.w = self.of("output.w", "learned", table, "left")
        self.w_tag = self.w.tag  # stands beside the matrix, so that cells can fly into the matrix alone
        self.logits = self.of("logits", "scores", product, "right")
        self.lay_out_product()

    def lay_out_product(self) -> None:
        """The multiplication table, with room for the words over the output matrix, and a strip for arithmetic."""
        upper, self.strip = STAGE.rows(6, 0.75)
        room = 0.8
        for _ in range(2):  # the words turn with the width of the columns
            place_product(self.d, self.w, self.logits, upper.inset(top=room, right=0.3, bottom=0.15))
            hue = self.theme.hue("learned")
            self.column_names = column_words(self.w, [self.best, *self.expected], self.theme, hue)
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
        fly_cells(self, table, self.w, transposed, run_time=2.0)

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
        self.lay_out_strips()
        self.play(FadeOut(self.d, self.w, self.w_tag, self.column_names, self.logits.tag), run_time=0.6)
        lifted = Matrix(self.trace["logits"].line(self.row), "scores", self.theme).reveal()
        lifted.place(self.logits.row_box(self.row))
        self.play(FadeOut(self.logits), FadeIn(lifted), run_time=0.4)
        fly_cells(self, lifted, self.scores, order="columns", run_time=1.2)
        self.play(FadeIn(self.strip_words, self.strip_names[0]), run_time=0.5)
        self.say(**self.names())
        values = self.trace["logits"].values[self.row]
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        self.score_bars.show(np.zeros_like(values), low, high, self.theme.hue("scores"))
        self.play(FadeIn(self.score_bars), run_time=0.3)
        self.play(self.score_bars.animate.show(values, low, high, self.theme.hue("scores")), run_time=1.0)
        self.say(**self.names(), share=percent(self.trace["probabilities"].at(self.row, self.best)))
        self.share_bars.show(np.zeros_like(values), 0.0, 1.0, self.theme.hue("weights"), unit=True)
        self.play(
            Wave(self.shares, Matrix.reveal, order="columns", run_time=1.4),
            FadeIn(self.strip_names[1], self.share_bars),
        )
        shares = self.trace["probabilities"].values[self.row]
        self.play(self.share_bars.animate.show(shares, 0.0, 1.0, self.theme.hue("weights"), unit=True), run_time=1.2)

    def lay_out_strips(self) -> None:
        """Words, logits and their bars; probabilities and their bars below; all columns level."""
        theme, count = self.theme, len(self.words_known)
        self.scores = Matrix(self.trace["logits"].line(self.row), "scores", theme)
        self.shares = Matrix(self.trace["probabilities"].line(self.row), "weights", theme)
        texts = [self.label(key, SMALL, theme.hue(hue)) for key, hue in (("logits", "scores"), ("shares", "weights"))]
        names = max(label.width for label in texts) + 0.35
        room = STAGE.width - names - 0.2
        overhang = column_words(self.scores.place(Box(0, room, 0, 1)), [self.best], theme).box.right - room
        width = min(room - overhang, count * LARGEST_STRIP)
        left = max(STAGE.left + names, STAGE.x - width / 2)
        top = STAGE.top - 1.35
        self.scores.place(Box(left, left + width, top - 0.4, top))
        self.score_bars = RangeBars(count, Box(left, left + width, top - 1.65, top - 0.55), theme)
        self.shares.place(Box(left, left + width, top - 2.4, top - 2.0))
        self.share_bars = RangeBars(count, Box(left, left + width, STAGE.bottom + 0.1, top - 2.6), theme)
        self.strip_words = column_words(
            self.scores, self.trace["output.candidates"].values[self.row].astype(int), theme
        )
        for label, strip in zip(texts, (self.scores, self.shares), strict=True):
            label.move_to([left - 0.3 - label.width / 2, strip.box.y, 0])
        self.strip_names = texts

    def entries(self, row: int) -> tuple[Entry, ...]:
        count = len(self.words_known) - self.trace["output.candidates"].shape[1]
        return entries_of(self.trace, "output", row, self.words("others", count=count))

    def candidate_bars(self, box: Box) -> Candidates:
        entries = self.entries(self.row)
        rest = len(entries) > self.trace["output.candidates"].shape[1]
        return Candidates(len(entries), [entry.word for entry in entries], box, self.theme, rest=rest)

    @step
    def next_word(self) -> None:
        self.light("probabilities")
        entries = self.entries(self.row)
        self.play(FadeOut(self.score_bars, self.scores, self.strip_names[0], self.share_bars), run_time=0.6)
        raised = self.scores.box
        self.play(self.shares.animate.place(raised), self.strip_names[1].animate.set_y(raised.y), run_time=1.0)
        self.bars = self.candidate_bars(self.candidates_box(len(entries)))
        self.say()
        self.bars.show(entries, grown=False)
        words = self.flying_words()
        self.play(LaggedStart(*words, lag_ratio=0.25), run_time=2.0)
        self.play(FadeIn(self.bars), run_time=0.4)
        self.remove(*(flight.mobject for flight in words))
        self.play(self.bars.animate.grow(), run_time=1.2)
        frame = self.winner = Focus(self.bars.line_box(0), self.theme)
        self.play(FadeIn(frame), run_time=0.4)
        self.tell(
            "" if self.best == self.expected[self.row] else "wrong", share=percent(entries[0].share), **self.names()
        )

    def candidates_box(self, lines: int) -> Box:
        """Under the strip, in the middle."""
        top = self.scores.box.bottom - 0.85
        height = min(lines * 0.46, top - STAGE.bottom)
        return Box(STAGE.x - 3.0, STAGE.x + 2.4, top - height, top)

    def flying_words(self) -> list[Animation]:
        """The likeliest words, from over their columns to their lines."""
        flights, font = [], self.bars.font
        ids = self.trace["output.candidates"].values[self.row].astype(int)
        for line, j in enumerate(ids):
            column = self.shares.column_box(j)
            word = Chip(self.words_known[j], self.theme, body=0.0)
            end = self.bars.word_box(line).grown(0.08)
            start = Box(
                column.x - end.width / 2,
                column.x + end.width / 2,
                column.bottom - 0.1 - end.height,
                column.bottom - 0.1,
            )
            word.stand(start.shifted(), font, 0.0)
            flights.append(word.animate(introducer=True).stand(end, font, 0.0))
        return flights

    # --- all positions --------------------------------------------------------------------------------------------

    @step
    def every_position(self) -> None:
        self.light("probabilities")
        self.lay_out_table()
        self.play(FadeOut(self.bars, self.winner, self.strip_words, self.strip_names[1]), run_time=0.6)
        self.play(self.shares.animate.place(self.p.row_box(self.row)), run_time=1.0)
        self.play(FadeIn(self.p.reveal(rows=self.row)), run_time=0.5)
        self.remove(*self.shares.get_family())
        self.say(**self.names())
        self.play(Wave(self.p, Matrix.reveal, run_time=2.2))
        self.say(**self.names())
        self.play(FadeIn(self.answer_words), run_time=0.4)
        self.play(
            LaggedStart(*map(FadeIn, self.answer_labels), lag_ratio=0.3),
            self.marks.animate.show(self.p.rows),
            run_time=2.0,
        )

    def lay_out_table(self) -> None:
        """P with the words read on the left, the words that follow on the right, and a frame where they meet."""
        self.p = Matrix(self.trace["probabilities"], "weights", self.theme, row_tokens=self.inputs)
        right = self.answer_labels_width() + 0.3
        table = STAGE.inset(top=1.35, bottom=0.1, right=right)
        place_level([self.p], table, largest=TABLE_CELL)
        self.wide = self.p.box
        self.marks = CellMarks(self.p, list(enumerate(self.expected)), self.theme).show(0)
        self.answer_labels = self.labels_of_answers(self.p.box)
        self.answer_words = column_words(self.p, self.expected, self.theme, self.theme.ink)

    def answer_labels_width(self) -> float:
        return max(Label("→ " + shorten(w, TokenAxis.LONGEST, 0.22), 0.22, self.theme.ink).width for w in self.answers)

    def labels_of_answers(self, box: Box) -> VGroup:
        labels, pitch = VGroup(), box.height / len(self.answers)
        size = float(np.clip(0.72 * pitch, 0.18, 0.22))
        for row, word in enumerate(self.answers):
            label = Label("→ " + shorten(word, TokenAxis.LONGEST, size), size, self.theme.hue("focus"), structural=True)
            labels.add(label.move_to([box.right + 0.16 + label.width / 2, box.top - (row + 0.5) * pitch, 0]))
        return labels

    @step
    def loss(self) -> None:
        self.light("loss")
        self.make_room_for_loss()
        self.say(**self.names())
        self.play(Wave(self.chances, Matrix.reveal, run_time=1.2), FadeIn(self.heads[0]))
        self.play(self.curve.animate.draw(), run_time=1.2)
        worst = int(self.trace["loss"].values.argmax())
        facts = {"answer": Run(self.cut(self.answers[worst]), self.theme.hue("focus"))}
        facts |= {"share": percent(self.trace["output.expected_probability"].at(worst))}
        self.say(**facts, loss=self.trace["loss"].at(worst))
        self.play(Wave(self.losses, Matrix.reveal, run_time=1.4), FadeIn(self.heads[1]), self.curve.animate.place_all())
        self.say(mean=self.trace["mean_loss"].at())
        self.play(FadeIn(self.mean, target_position=self.losses.box.centre), run_time=0.8)

    def make_room_for_loss(self) -> None:
        """P draws in to the left; beside it a column of probabilities, one of losses, and the curve."""
        box, theme = self.p.box, self.theme
        shift = self.p.whole.left - STAGE.left
        curve = Box(STAGE.right - 3.3, STAGE.right, box.y - 1.5, box.y + 1.5)
        words = self.answer_labels.width + 0.3
        column = 0.82
        room = curve.left - 0.5 - 2 * column - 0.3 - words - (box.left - shift)
        narrow = Box(box.left - shift, box.left - shift + min(box.width, room), box.bottom, box.top)
        left = narrow.right + words
        self.chances = Matrix(self.trace["output.expected_probability"].line(standing=True), "weights", theme)
        self.losses = Matrix(self.trace["loss"].line(standing=True), "output", theme)
        for index, matrix in enumerate((self.chances, self.losses)):
            start = left + index * (column + 0.15)
            matrix.place(Box(start, start + column, box.bottom, box.top))
        self.heads = [
            self.label(key, SMALL, theme.hue(hue)) for key, hue in (("chance", "weights"), ("loss", "output"))
        ]
        for head, matrix in zip(self.heads, (self.chances, self.losses), strict=True):
            head.move_to([matrix.box.x, matrix.box.top + 0.2, 0])
        names = (self.words("chance_axis"), self.words("loss_axis"))
        chances, losses = (self.trace[name].values for name in ("output.expected_probability", "loss"))
        self.curve = LossCurve(chances, losses, names, curve, theme).undrawn()
        self.mean = self.label("mean", 0.24, theme.hue("output"), mean=self.trace["mean_loss"].at())
        self.mean.move_to(
            [max(self.losses.box.x, left + self.mean.width / 2), max(box.bottom - 0.3, STAGE.bottom + 0.1), 0]
        )
        names_now = column_words(self.p.copy().place(narrow), self.expected, theme, theme.ink)
        self.play(FadeOut(self.answer_words), run_time=0.3)
        self.play(
            self.p.animate.place(narrow),
            self.marks.animate.set_box(narrow),
            self.answer_labels.animate.shift((box.right - narrow.right) * LEFT),
            run_time=1.0,
        )
        self.answer_words = names_now
        self.play(FadeIn(names_now, self.chances, self.losses, self.curve), run_time=0.5)

    @step
    def why_masked(self) -> None:
        table = [self.p, self.marks, self.answer_labels, self.answer_words, self.chances, self.losses, self.curve]
        self.play(FadeOut(*table, *self.heads, self.mean), run_time=0.6)
        self.gaze = gaze = Gaze.within(self.inputs, self.gaze_box(), self.theme)
        self.wanted, self.gaze_names = self.wanted_words(gaze), self.names_beside(gaze)
        self.play(FadeIn(gaze, self.gaze_names[0]), run_time=0.6)
        self.say()
        self.play(FadeIn(self.gaze_names[1]), LaggedStart(*map(FadeIn, self.wanted), lag_ratio=0.2), run_time=1.4)
        pairs = [(i, i + 1) for i in range(len(self.inputs) - 1)]
        pace = max(0.15, min(0.5, 2.4 / max(1, len(pairs))))
        for i, j in pairs:
            self.play(gaze.animate.looking(i, [j]), run_time=pace)
        self.say()
        for i, j in pairs:
            self.play(gaze.animate.severed(i, [j]), run_time=pace)
        self.zeros = self.zeros_over(gaze, pairs)
        if len(self.zeros):
            self.play(LaggedStart(*map(FadeIn, self.zeros), lag_ratio=0.1), run_time=1.2)

    def gaze_box(self) -> Box:
        """Room for the line of words, its low arcs and the words below it, in the middle of the stage."""
        names = max(self.label(key, SMALL).width for key in ("read", "predict"))
        return Box(STAGE.left + names + 0.3, STAGE.right - 0.2, STAGE.y - 0.6, STAGE.y + 1.9)

    def wanted_words(self, gaze: Gaze) -> VGroup:
        """Under every word read, the word that it has to predict."""
        labels = VGroup()
        for index, word in enumerate(self.answers):
            label = Label(shorten(word, gaze.pitch - 0.1, 0.2), 0.2, self.theme.hue("focus"), structural=True)
            labels.add(label.move_to([gaze.x_of(index), gaze.box.bottom - 0.4, 0]))
        return labels

    def names_beside(self, gaze: Gaze) -> list[Label]:
        """What the two lines of words are."""
        heights = (gaze.floor - 0.06 - gaze.fit.height / 2, gaze.box.bottom - 0.4)
        labels = [self.label(key, SMALL) for key in ("read", "predict")]
        for label, y in zip(labels, heights, strict=True):
            label.move_to([STAGE.left + label.width / 2, y, 0])
        return labels

    def zeros_over(self, gaze: Gaze, pairs: list[tuple[int, int]]) -> VGroup:
        """Over every arc that is cut, the weight that the decoder's attention gives there."""
        labels = VGroup()
        for i, j in pairs:
            reading = self.trace["decoder.1.self_attention.heads.weights"].at(0, i, j)
            label = Label((Run(reading.text, None, (reading,)),), 0.2, self.theme.hue("weights"))
            if label.width < gaze.pitch - 0.1:
                labels.add(label.move_to([(gaze.x_of(i) + gaze.x_of(j)) / 2, gaze.floor + 0.3, 0]))
        return labels

    @step
    def whole(self) -> None:
        self.say(**self.names())
        self.light("all")
        self.play(FadeOut(self.gaze, self.wanted, self.zeros, *self.gaze_names), run_time=0.6)
        parts = {
            "d": self.of("decoder.output", "output", "D", "", rows=self.inputs),
            "w": self.of("output.w", "learned", "", ""),
            "logits": self.of("logits", "scores", "", ""),
            "p": Matrix(self.trace["probabilities"], "weights", self.theme),
            "losses": self.losses,
        }
        lines = len(self.entries(self.row))
        poster = OutputPoster(
            parts, self.candidate_bars(Box(0, 1, 0, 1)), self.answers, self.row, STAGE, self.theme, lines
        )
        poster.bars.show(self.entries(self.row))
        marks = CellMarks(parts["p"], list(enumerate(self.expected)), self.theme)
        names = poster.symbols(*SYMBOLS[self.tied])
        self.play(FadeIn(parts["d"], parts["w"], names[0], names[1]), run_time=0.7)
        self.play(Create(poster.rows), Create(poster.columns), run_time=0.9)
        self.play(FadeIn(parts["logits"], names[2]), run_time=0.6)
        self.play(Create(poster.through), FadeIn(self.softmax_word(poster)), run_time=0.6)
        self.play(FadeIn(parts["p"], names[3], marks), run_time=0.6)
        self.play(Create(poster.rise), FadeIn(poster.bars), run_time=0.8)
        self.mean.move_to([min(poster.mean.x, STAGE.right - self.mean.width / 2), poster.mean.y, 0])
        self.play(FadeIn(poster.answers, parts["losses"], self.mean), run_time=0.7)
        self.play(FadeIn(*(Focus(part.row_box(self.row), self.theme) for part in (parts["d"], parts["logits"]))))

    def softmax_word(self, poster: OutputPoster) -> Label:
        return self.label("softmax", SMALL).move_to([*poster.between, 0])
