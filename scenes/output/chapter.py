"""What the chapter of the output is told with: the product of rows and words, a row's strips, its candidates."""

from __future__ import annotations

from manim import Animation

from scenes.output.poster import OutputPoster
from scenes.output.strips import Strips
from scenes.output.table import AnswerTable
from scenes.output.words import column_words
from scenes.stage.chapter.caption import Fact
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.charts.candidates import Candidate, Candidates, candidates_of
from scenes.stage.matrix.chips import Chip
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import Box
from scenes.stage.paint.typography import shorten

TIED = '{{ P : probabilities }} = {{ op("softmax") : softmax }} ( {{ D : rows }} thin {{ E^top : table }} )'
SEPARATE = TIED.replace("E^top", "W")
LOSS = " quad {{ cal(L) = - ln p : loss }}"
SYMBOLS = {True: ("E^top", "D E^top"), False: ("W", "D W")}
SMALL = 0.21


class OutputChapter(Chapter):
    """d, w, logits: the decoder's rows, the words' matrix and their product; table: every position and its answer.

    row: whose next word is looked for; best: the likeliest one, its place among words_known; inputs, answers: the token
    that each position reads, and the one that should follow.
    """

    strips: Strips

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

    # --- a row and its candidates -----------------------------------------------------------------------------------

    def strips_of_row(self) -> Strips:
        scores, chances = (self.trace[name].line(self.row) for name in ("logits", "probabilities"))
        hues = {"logits": self.theme.hue("scores"), "shares": self.theme.hue("weights")}
        logits, shares = (self.label(key, SMALL, hue) for key, hue in hues.items())
        return Strips(scores, chances, (logits, shares), self.likeliest, STAGE, self.theme)

    @property
    def likeliest(self) -> list[int]:
        """Ids of the row's candidates, most probable first."""
        return [int(j) for j in self.trace["output.candidates"].values[self.row]]

    def entries(self) -> tuple[Candidate, ...]:
        count = len(self.words_known) - len(self.likeliest)
        return candidates_of(self.trace, "output", self.row, self.words("others", count=count))

    def candidate_bars(self, box: Box) -> Candidates:
        entries = self.entries()
        rest = len(entries) > len(self.likeliest)
        return Candidates(len(entries), [entry.word for entry in entries], box, self.theme, rest=rest)

    def candidates_box(self, lines: int) -> Box:
        """Under the strip, in the middle."""
        top = self.strips.logits.box.bottom - 0.85
        height = min(lines * 0.46, top - STAGE.bottom)
        return Box(STAGE.x - 3.0, STAGE.x + 2.4, top - height, top)

    def flying_words(self, bars: Candidates) -> list[Animation]:
        """The likeliest words, from over their columns to their lines."""
        flights: list[Animation] = []
        for line, j in enumerate(self.likeliest):
            column, end = self.strips.shares.column_box(j), bars.word_box(line).grown(0.08)
            y = column.bottom - 0.1
            start = Box(column.x - end.width / 2, column.x + end.width / 2, y - end.height, y)
            word = Chip(self.words_known[j], self.theme, body=0.0).place(start, bars.font, 0.0)
            flights.append(word.animate(introducer=True).place(end, bars.font, 0.0))
        return flights

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
