"""Scores QKᵀ. A score is a dot product of one query and one key."""

from __future__ import annotations

from manim import Animation, Create, FadeIn, FadeOut, ReplacementTransform, VGroup, linear

from core.trace.comparing import best_keys, both_ways, least_key, telling_plane
from scenes.shared.arrows import Arrow, Plane, Shadow
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells, transposed
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.formula import BEFORE_MASKS
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SMALL, Box
from scenes.stage.paint.threads import column_threads, row_threads

BENCH = (0.37, 0.33)  # shares of the stage's width between Q and K, for the card and the arrows
LARGEST = (0.92, 0.6)  # cells of Q and K side by side
ANSWER = 0.62  # least width of a score beside its key
WIDEST_NAME = 0.4  # of an arrow, as a share of the room for the arrows
EACH, PASSING = 0.4, 2.2  # seconds in which the query passes a key, and at most all of them


class Scores(Chapter):
    """A query passes the keys; two arrows; then Q meets Kᵀ: one cell in full, all rows, and how to read the table."""

    formula = BEFORE_MASKS

    def setup(self) -> None:
        super().setup()
        self.query, self.key = self.trace.telling_pair()
        self.best, self.least = best_keys(self.trace), least_key(self.trace)
        self.q = self.matrix("q", tokens="rows").reveal()
        self.k = self.matrix("k", tokens="rows").reveal()
        self.answers = Matrix(self.trace["scores"].line(self.query, standing=True), "scores", self.theme)
        beside = ("left", "below") if STAGE.is_tall else ("right", "right")  # the names, where cells need the width
        self.k_transposed = self.matrix("k_transposed", tokens="columns", tag=beside[0]).reveal()
        self.scores = self.matrix("scores", tag=beside[1], reserve=["scaled_scores"])
        table, self.line_box = STAGE.rows(6, 0.9)
        place_product(self.q, self.k_transposed, self.scores, table)
        self.table_place = self.q.box
        self.place_apart()

    def place_apart(self) -> None:
        """Q at the left, K and its answers at the right, as far apart as their numbers allow."""
        width = max(ANSWER, self.answers.cells.smallest_numeric_pitch()[0] + HAIR)
        for share in BENCH:
            apart, right = [share * STAGE.width], GAP + width
            place_level([self.q, self.k], STAGE, apart, right=right, largest=LARGEST, stacked=False)
            if self.q.has_numbers and self.k.has_numbers:
                break
        box = self.k.box
        self.answers.place(Box(box.right + GAP, box.right + GAP + width, box.bottom, box.top))
        self.q.place(self.q.box.shifted(x=min(0.0, STAGE.left - self.q.whole.left)))

    def pair(self, query: int, key: int) -> dict[str, Run]:
        return {"query": self.token("queries", query), "key": self.token("keys", key)}

    # --- one query passes the keys ----------------------------------------------------------------------------------

    @step
    def operands(self) -> None:
        self.carry(self.q, self.k)
        self.light("scores")
        self.say()
        self.row = Frame(self.q.row_box(self.query), self.theme)
        self.play(FadeIn(self.row), self.q.animate.spotlight(rows=self.query))
        self.card = Matrix(self.trace["q"].line(self.query), "q", self.theme).reveal().place(self.q.row_box(self.query))
        self.add(self.card)
        self.play(self.card.animate.place(self.before_key(self.query)), run_time=1.2)

    def before_key(self, key: int) -> Box:
        """Where the card of the query stands when it has come to a key: level with it, beside its label."""
        row, label = self.k.row_box(key), self.k.whole.left
        right = label - GAP
        return Box(right - self.q.box.width, right, row.bottom, row.top)

    @step
    def first_row(self) -> None:
        self.say(query=self.token("queries", self.query))
        run_time = min(PASSING, EACH * self.k.rows)
        self.play(self.card.animate.place(self.before_key(0)))
        at_key = Frame(self.k.row_box(0), self.theme)
        self.play(FadeIn(self.answers, at_key))
        last = self.k.rows - 1
        self.play(
            self.card.animate(run_time=run_time, rate_func=linear).place(self.before_key(last)),
            at_key.animate(run_time=run_time, rate_func=linear).around(self.k.row_box(last)),
            CellWave(self.answers, Matrix.reveal, order="rows", run_time=run_time),
        )
        self.marks = [at_key, *(Frame(self.answers.cell_box(key, 0), self.theme) for key in self.best)]
        self.play(
            at_key.animate.around(self.k.row_box(self.best[0])),
            self.card.animate.place(self.before_key(self.best[0])),
            self.k.animate.spotlight(rows=self.best),
            *map(FadeIn, self.marks[1:]),
        )
        self.say(
            query=self.token("queries", self.query),
            best=self.token("keys", self.best[0]),
            score=self.trace["scores"].at(self.query, self.best[0]),
            column=self.best[0] + 1,
        )

    # --- two arrows -------------------------------------------------------------------------------------------------

    @step
    def arrows(self) -> None:
        best = self.best[0]
        self.say(**self.pair(self.query, best), dimensions=self.q.columns)
        drawn = list(telling_plane(self.trace))
        self.play(
            FadeOut(self.card, *self.marks[2:]),
            self.q.animate.spotlight(rows=self.query, columns=drawn),
            self.k.animate.spotlight(rows=best, columns=drawn),
        )
        plane = self.arrow_plane(drawn)
        own, of_best = self.tip_name("query_arrow", self.query, "queries"), self.tip_name("key_arrow", best, "keys")
        of_least = self.tip_name("key_arrow", self.least, "keys")
        tips = {own: plane.query.tip, of_best: plane.tips[best]}
        plane.name_tips(tips if self.least in self.best else tips | {of_least: plane.tips[self.least]})
        self.play(FadeIn(plane.axes, plane.names), self.grow(plane.query), FadeIn(own))
        self.play(self.grow(plane.keys[best]), FadeIn(of_best), run_time=0.8)
        shadow = Shadow(plane.query, plane.tips[best], self.theme.hue("scores"))
        self.play(FadeIn(shadow))
        self.say(**self.pair(self.query, best), score=self.trace["scores"].at(self.query, best))
        others = [arrow for key, arrow in enumerate(plane.keys) if key not in (best, self.least)]
        self.play(*(self.grow(arrow.recede()) for arrow in others), plane.keys[best].animate.recede())
        self.seen = VGroup(plane, own, of_best, shadow)
        if self.least not in self.best:
            self.play(
                self.grow(plane.keys[self.least]),
                FadeIn(of_least),
                shadow.animate.fall(plane.tips[self.least]),
                self.marks[0].animate.around(self.k.row_box(self.least)),
                self.marks[1].animate.around(self.answers.cell_box(self.least, 0)),
                self.k.animate.spotlight(rows=self.least, columns=drawn),
            )
            self.seen.add(of_least)
        self.say()
        self.play(*(arrow.animate.light_up() for arrow in plane.keys), self.k.animate.spotlight(columns=drawn))

    def arrow_plane(self, dimensions: list[int]) -> Plane:
        """The plane of these dimensions, between Q and K."""
        names = [self.label("dimension", SMALL, number=number + 1) for number in dimensions]
        query, keys = self.trace["q"].values[self.query, dimensions], self.trace["k"].values[:, dimensions]
        left, right = self.q.box.right + GAP, self.k.whole.left - GAP
        room = Box(left, right, STAGE.bottom, STAGE.top)
        return Plane(query, keys, names, room, self.theme)

    def tip_name(self, key: str, index: int, axis: str) -> Label:
        hue = self.theme.hue("q" if axis == "queries" else "k")
        label = self.label(key, LABEL, hue, token=self.token(axis, index))
        return shrink(label, WIDEST_NAME * (self.k.whole.left - self.q.box.right), self.theme, LABEL)

    @staticmethod
    def grow(arrow: Arrow) -> Animation:
        tip = arrow.tip
        return arrow.at_origin().animate.point_to(tip)

    # --- a table of all pairs ---------------------------------------------------------------------------------------

    @step
    def turned(self) -> None:
        self.say()
        leaving = (self.seen, *self.marks[:2], self.row, self.k.tag, self.k.row_tokens)
        self.play(FadeOut(*leaving, self.answers), self.q.animate.light_up(), self.k.animate.light_up(), run_time=0.6)
        self.play(self.q.animate.place(self.table_place), run_time=0.8)
        fly_cells(self, self.k, self.k_transposed, transposed, run_time=1.4)
        self.play(FadeIn(self.scores), run_time=0.6)

    @step
    def first_score(self) -> None:
        self.say(**self.pair(self.query, self.key))
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
        self.cell = Frame(self.scores.cell_box(self.query, self.key), self.theme)
        self.play(self.line.total_flight(self.scores.cell_box(self.query, self.key)), FadeIn(self.cell))
        self.play(self.scores.animate.reveal(rows=self.query, columns=self.key), run_time=0.5)

    def operand_cells(self, query: int, key: int) -> tuple[list[Box], list[Box]]:
        length = self.q.columns
        return (
            [self.q.cell_box(query, t) for t in range(length)],
            [self.k_transposed.cell_box(t, key) for t in range(length)],
        )

    @step
    def all_rows(self) -> None:
        self.say()
        lit = (self.q.animate.light_up(), self.k_transposed.animate.light_up())
        self.play(FadeOut(self.line, self.row, self.column, self.cell), *lit)
        self.play(CellWave(self.scores, Matrix.reveal, order="rows", run_time=2.0))

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
