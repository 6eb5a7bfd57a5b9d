"""Scores QKᵀ. A score is a dot product of one query and one key."""

from __future__ import annotations

from manim import Animation, Create, FadeIn, FadeOut, ReplacementTransform, VGroup

from core.trace.comparing import best_keys, both_ways
from scenes.stage.chapter.caption import about
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells, transposed
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.formula import BEFORE_MASKS
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import Box
from scenes.stage.paint.threads import column_threads, row_threads


class Scores(Chapter):
    """Q meets Kᵀ: one cell worked in full, one row swept, all rows, and how to read the table."""

    formula = BEFORE_MASKS

    def setup(self) -> None:
        super().setup()
        self.query, self.key = self.trace.telling_pair()
        self.best = best_keys(self.trace)
        self.q = self.matrix("q", tokens="rows").reveal()
        self.k_transposed = self.matrix("k_transposed", tokens="columns", tag="right").reveal()
        self.scores = self.matrix("scores", tag="right", reserve=["scaled_scores"])
        table, self.line_box = STAGE.rows(6, 0.9)
        place_product(self.q, self.k_transposed, self.scores, table)

    @step
    def operands(self) -> None:
        k = self.matrix("k", tokens="rows").reveal()
        k.place(self.beside_q(k))
        self.carry(self.q, k)
        self.light("scores")
        self.say()
        self.say()
        self.play(FadeOut(k.tag, k.row_tokens), run_time=0.5)
        fly_cells(self, k, self.k_transposed, transposed)
        self.play(FadeIn(self.scores))

    def beside_q(self, k: Matrix) -> Box:
        """Where K stands before it is turned: level with Q, where the scores will be."""
        width, height = self.q.cells.pitch
        left = self.scores.box.right - k.columns * width
        return Box(left, left + k.columns * width, self.q.box.top - k.rows * height, self.q.box.top)

    @step
    def first_score(self) -> None:
        pair = {"query": self.token("queries", self.query), "key": self.token("keys", self.key)}
        self.say(**pair)
        self.row = Frame(self.q.row_box(self.query), self.theme)
        self.column = Frame(self.k_transposed.column_box(self.key), self.theme)
        self.play(
            self.q.animate.spotlight(rows=self.query),
            self.k_transposed.animate.spotlight(columns=self.key),
            FadeIn(self.row, self.column),
        )
        self.line = self.arithmetic("scores", self.query, self.key, box=self.line_box)
        self.play(self.line.opened())
        self.play(self.line.fly_in(*self.operand_cells(self.query, self.key)))
        self.play(self.line.result())
        self.say(score=about(self.trace["scores"].at(self.query, self.key)))
        self.cell = Frame(self.scores.cell_box(self.query, self.key), self.theme)
        self.play(self.line.total_flight(self.scores.cell_box(self.query, self.key)), FadeIn(self.cell))
        self.play(self.scores.animate.reveal(rows=self.query, columns=self.key), run_time=0.5)
        self.say()

    def operand_cells(self, query: int, key: int) -> tuple[list[Box], list[Box]]:
        length = self.q.columns
        return (
            [self.q.cell_box(query, t) for t in range(length)],
            [self.k_transposed.cell_box(t, key) for t in range(length)],
        )

    @step
    def first_row(self) -> None:
        self.say()
        self.play(FadeOut(self.line), run_time=0.4)
        for key in range(self.scores.columns):
            self.play(*self.move_to(self.query, key), run_time=0.35)
        first, *others = (self.scores.cell_box(self.query, key) for key in self.best)
        self.tied = [Frame(box, self.theme) for box in others]
        self.play(FadeOut(self.column), self.cell.animate.around(first), self.k_transposed.animate.light_up())
        if self.tied:
            self.play(FadeIn(*self.tied), run_time=0.5)
        self.say(
            query=self.token("queries", self.query),
            best=self.token("keys", self.best[0]),
            score=self.trace["scores"].at(self.query, self.best[0]),
            column=self.best[0] + 1,
        )

    def move_to(self, query: int, key: int) -> list[Animation]:
        """The lit row and column, and the cell where they meet, go on to another pair; its score appears."""
        return [
            self.row.animate.around(self.q.row_box(query)),
            self.column.animate.around(self.k_transposed.column_box(key)),
            self.cell.animate.around(self.scores.cell_box(query, key)),
            self.k_transposed.animate.spotlight(columns=key),
            self.scores.animate.reveal(rows=query, columns=key),
        ]

    @step
    def all_rows(self) -> None:
        self.say()
        self.play(FadeOut(self.row, self.cell, *self.tied), self.q.animate.light_up(), run_time=0.5)
        self.play(CellWave(self.scores, Matrix.reveal, order="rows", run_time=2.6))
        self.say()

    @step
    def reading(self) -> None:
        query, key = both_ways(self.trace)
        names = {"query": self.token("queries", query), "key": self.token("keys", key)}
        row = Frame(self.scores.row_box(query), self.theme)
        self.say(**names)
        self.play(FadeIn(row), self.scores.animate.spotlight(rows=query))
        cells = dict.fromkeys([(query, key), (key, query)])
        there, *back = (Frame(self.scores.cell_box(*cell), self.theme) for cell in cells)
        self.play(ReplacementTransform(row, there), *map(FadeIn, back), self.scores.animate.light_up())
        self.say(
            **names,
            score=self.trace["scores"].at(query, key),
            reverse=self.trace["scores"].at(key, query),
            row=query + 1,
            column=key + 1,
        )
        self.compared = VGroup(there, *back)

    @step
    def whole(self) -> None:
        self.say()
        self.play(FadeOut(self.compared), run_time=0.4)
        query, key = self.query, self.key
        threads = VGroup(
            row_threads(self.q, self.scores, self.theme.hue("q")),
            column_threads(self.k_transposed, self.scores, self.theme.hue("k")),
        )
        self.play(Create(threads), run_time=1.2)
        frames = (self.q.row_box(query), self.k_transposed.column_box(key), self.scores.cell_box(query, key))
        line = self.arithmetic("scores", query, key, box=self.line_box)
        self.play(FadeIn(*(Frame(frame, self.theme) for frame in frames)), FadeIn(line))
