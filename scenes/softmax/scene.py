"""Softmax. Each row of scores becomes a probability distribution."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, FadeIn, FadeOut, LaggedStart, VGroup

from core.trace import Tensor
from scenes.shared.row_sums import RowSums, sums_room
from scenes.softmax.poster import SoftmaxPoster
from scenes.softmax.worked_row import WorkedRow, division, invariance
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.ramp import signed_legend, weight_legend
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, LABEL, SMALL, SPACE, TEXT, TIGHT, TITLE, WIDE, Box, layout_now

BETWEEN = 0.3
TALLEST_BLIND = 0.66  # of the rows that may look at nothing
ABOVE_ROW = (1, 1.3)  # in a tall frame: the heights of the matrix and, below it, of the worked row
LEAST_ROW, LEAST_NARROW = 0.3, 0.2  # of the stage's width, for the cells of the worked row; in a narrow frame
STRIP = 0.62  # height of the line of arithmetic
LARGEST = (1.1, 0.7)  # of the cells of the matrix
NARROWEST = 0.16  # of the columns of the matrix beside it
MOST_FOR_ROW, MOST_IN_POSTER = 0.5, 0.42  # of the stage, for the cells of the worked row


class Softmax(Chapter):
    """One row in full beside its bars, all rows, a row with nothing to look at, and the weights as heat."""

    def setup(self) -> None:
        super().setup()
        self.query, _ = self.trace.telling_pair()
        self.best = self.trace.largest_in_row("weights", self.query)
        self.masked = np.isneginf(self.trace["masked_scores"].values)  # (queries, keys)
        self.scores_name = "masked_scores" if self.trace["mask"].values.any() else "scaled_scores"
        self.row = self.worked_row()
        self.scores = self.score_matrix("both")
        self.weights = self.matrix("weights", tokens="both", tag="top", reserve=[self.scores_name]).without_slots()
        self.place_parts()

    def score_matrix(self, tokens: str, tag: str = "top") -> Matrix:
        matrix = self.matrix(self.scores_name, tokens=tokens, tag=tag).reveal()
        return matrix.veil(self.masked)

    def worked_row(self) -> WorkedRow:
        q, trace = self.query, self.trace
        names = (self.scores_name, "softmax.shifted", "softmax.exponentials", "weights")
        lines = [trace[name].line(q) for name in names]
        operations = [self.label(key, LABEL) for key in ("scores", "shift", "exponential", "divide")]
        readings = {"max": trace[self.scores_name].at(q, self.best), "total": trace["softmax.sum"].at(q)}
        readings["ones"] = trace["weights.row_sums"].at(q)
        maximum, total, ones = (self.label(k, LABEL, self.theme.ink, value=reading) for k, reading in readings.items())
        notes = [maximum, Label("", self.theme.size(LABEL), self.theme.ink), total, ones]
        tokens = trace["weights"].axis_labels("keys") or ()
        row = WorkedRow(lines, ("scores", "scores", "scores", "weights"), tokens, operations, notes, self.theme)
        for line in row.lines[:2]:
            line.veil(self.masked[[q]])
        return row

    def place_parts(self) -> None:
        """The matrix on the left, the worked row on the right, and a strip for a line of arithmetic under it."""
        table, sums = STAGE.inset(bottom=TIGHT), sums_room(self.trace, "weights.row_sums", self.theme)
        place_level([self.scores], STAGE, right=sums, largest=LARGEST)
        self.centred = self.scores.box
        tokens = self.scores.box.left - self.scores.whole.left
        table_room = max(tokens + self.scores.columns * NARROWEST + sums, self.scores.tag.width + WIDE)
        beside = table_room + BETWEEN + sum(self.row.room)
        width = self.row_width(min(MOST_FOR_ROW, 1 - beside / STAGE.width))
        left, right = table.columns(STAGE.width - width - BETWEEN, width, gap=BETWEEN)
        if table.is_tall:
            left, right = table.rows(*ABOVE_ROW, gap=GAP)
        if self.scores.tag.width > left.width:
            smaller_name(self.scores)
        self.bench, self.strip = right.rows(right.height - STRIP - GAP, STRIP, gap=GAP)
        place_level([self.scores], left, right=sums, largest=LARGEST)
        self.table = self.scores.box.shifted(max(0.0, STAGE.left - self.scores.whole.left))
        self.weights.place(self.table)
        self.row.place(self.bench)
        self.row.floor = self.strip.bottom  # until the arithmetic comes
        self.scores.place(self.centred)

    def row_width(self, most: float) -> float:
        """Room for the worked row: what its numbers need, up to `most` of the stage for its cells."""
        numeric = min(self.row.numeric_width(), most * STAGE.width)
        least = LEAST_NARROW if layout_now().is_narrowest else LEAST_ROW
        return max(numeric, min(least * STAGE.width, self.scores.columns * 0.9)) + sum(self.row.room)

    def names(self) -> dict[str, Run]:
        return {"query": self.token("queries", self.query), "best": self.token("keys", self.best, "weights")}

    # --- one row ------------------------------------------------------------------------------------------------

    @step
    def lift(self) -> None:
        self.carry(self.scores)
        self.light("softmax")
        self.say(**self.names())
        self.frame = Frame(self.scores.row_box(self.query), self.theme)
        self.play(self.scores.animate.spotlight(rows=self.query), FadeIn(self.frame), run_time=0.8)
        self.play(self.scores.animate.place(self.table), self.frame.animate.around(self.row_in_table()))
        line = self.row.lines[0]
        self.row.bars.show(np.zeros(line.columns), *self.score_range(), self.theme.hue("scores"))
        self.row.bars_under(1)
        self.play(FadeIn(self.row.tokens, self.row.operations[0], self.row.bars), run_time=0.6)
        fly_cells(self, self.row_copy(), line, keep=True, run_time=1.3)
        self.play(self.row.bars.animate.show(self.values(0), *self.score_range(), self.theme.hue("scores")))

    def row_in_table(self) -> Box:
        """Where the row will be when the matrix has moved aside."""
        return self.scores.copy().place(self.table).row_box(self.query)

    def row_copy(self) -> Matrix:
        """The row as it stands in the matrix, to be lifted out."""
        copy = Matrix(self.row.lines[0].tensor, "scores", self.theme).reveal().place(self.scores.row_box(self.query))
        for matrix in (copy, self.row.lines[0]):
            matrix.cells.take_colours(self.scores.cells.colours[[self.query]])
        return copy

    def values(self, line: int) -> np.ndarray:
        return self.row.lines[line].tensor.values[0]

    def score_range(self, line: int = 0) -> tuple[float, float]:
        values = self.values(line)
        finite = values[np.isfinite(values)]
        return min(0.0, float(finite.min(initial=0))), max(0.0, float(finite.max(initial=0)))

    @step
    def maximum(self) -> None:
        row, hue = self.row, self.theme.hue("scores")
        self.say(**self.names(), max=self.trace[self.scores_name].at(self.query, self.best))
        cell = Frame(row.lines[0].cell_box(0, self.best), self.theme)
        self.play(FadeIn(cell, row.operations[1]), run_time=0.8)
        self.play(FadeIn(row.notes[0], shift=SPACE * RIGHT), run_time=0.8)
        self.play(
            FadeOut(cell),
            CellWave(row.lines[1], Matrix.reveal, order="columns", run_time=1.6),
            row.bars_under(2, row.bars.animate(run_time=1.6)).show(self.values(1), *self.score_range(1), hue),
        )
        self.say()
        self.reason = invariance(row.lines_to_come(2), self.theme)
        self.play(row.bars_under(4, row.bars.animate(run_time=0.6), self.reason))
        self.play(FadeIn(self.reason), run_time=0.6)

    @step
    def exponentiate(self) -> None:
        row, hue = self.row, self.theme.hue("scores")
        self.say(**self.names())
        self.play(FadeOut(self.reason), FadeIn(row.operations[2]), run_time=0.9)
        self.play(CellWave(row.lines[2], Matrix.reveal, order="columns", run_time=1.4))
        self.play(row.bars_under(3, row.bars.animate).show(self.values(2), 0.0, 1.0, hue, unit=True), run_time=1.4)

    @step
    def divide(self) -> None:
        row, q, best = self.row, self.query, self.best
        total, weight = self.trace["softmax.sum"].at(q), self.trace["weights"].at(q, best)
        self.say(**self.names())
        around = Frame(row.lines[2].box, self.theme)
        row.floor = self.bench.bottom
        self.play(FadeIn(around), row.bars_under(4, row.bars.animate), run_time=0.8)
        self.play(FadeIn(row.notes[2], shift=SPACE * RIGHT), FadeIn(row.operations[3]), FadeOut(around), run_time=0.8)
        part = self.trace["softmax.exponentials"].at(q, best)
        self.quotient = division(part, total, weight, (row.lines[0].box.x, self.strip.y), self.theme)
        self.play(FadeIn(self.quotient), run_time=0.8)
        self.play(
            CellWave(row.lines[3], Matrix.reveal, order="columns", run_time=1.5),
            row.bars.animate(run_time=1.5).show(self.values(3), 0.0, 1.0, self.theme.hue("weights"), unit=True),
            FadeIn(row.notes[3], shift=SPACE * RIGHT, run_time=1.5),
        )
        self.say(**self.names(), share=percent(weight))
        self.share = Frame(row.lines[3].cell_box(0, best), self.theme)
        self.play(FadeIn(self.share), run_time=0.8)

    # --- all rows -----------------------------------------------------------------------------------------------

    @step
    def all_rows(self) -> None:
        self.say(**self.names())
        weights = self.weights.recede()
        leaving = CellWave(self.scores, lambda m: m.veil(self.masked, 0.0).empty(), run_time=1.2)
        self.play(FadeOut(self.scores.tag), leaving)
        self.scores.remove(self.scores.tag)
        self.play(FadeIn(weights.tag), FadeOut(self.quotient, self.share), run_time=0.6)
        self.add(weights.cells)
        fly_cells(self, self.row.lines[3], self.row_of_weights(), keep=True, run_time=1.1)
        self.take_over()
        self.sums = RowSums(self.trace, "weights.row_sums", self.weights, self.theme)
        weights.light_up()
        self.row.floor = self.strip.bottom
        self.play(
            FadeOut(self.frame, run_time=0.6),
            self.row.bars_under(4, self.row.bars.animate(run_time=1.2)),
            CellWave(weights, Matrix.reveal, run_time=2.2),
            LaggedStart(*map(FadeIn, self.sums), run_time=2.2),
        )
        self.remove(*self.scores.get_family())

    def row_of_weights(self) -> Matrix:
        """The place of the row in the matrix of weights."""
        line = Matrix(self.trace["weights"].line(self.query), "weights", self.theme)
        return line.place(self.weights.row_box(self.query))

    def take_over(self) -> None:
        """The row that has landed is from now on a row of the weights."""
        landed = self.mobjects[-1]
        self.weights.reveal(rows=self.query).light_up(rows=self.query)
        self.remove(*landed.get_family())
        self.add(self.weights)

    @step
    def nothing_to_see(self) -> None:
        row = self.row
        self.say()
        self.play(FadeOut(*row.parts), self.weights.animate.recede(), run_time=0.6)
        left, right = row.lines[0].box.left, row.lines[0].box.right
        if not STAGE.is_tall:
            left, right = min(left, self.sums.get_right()[0] + WIDE), STAGE.right
        bench = Box(left, right, self.strip.bottom, self.bench.top)
        lines = self.blind_rows(bench)
        for keys in (("blind", "zeros"), ("mean", "added")):
            if "mean" in keys:
                self.say()
            words, rows = zip(*(lines[key] for key in keys), strict=True)
            self.play(FadeIn(*words, *rows), run_time=1.0)
            waves = [CellWave(line, Matrix.reveal, order="columns", run_time=1.2) for line in rows]
            self.play(LaggedStart(*waves, lag_ratio=0.6))
        self.blind = VGroup(*(part for pair in lines.values() for part in pair))

    def blind_rows(self, box: Box) -> dict[str, tuple[Label, Matrix]]:
        """The row that may look at nothing, what is defined for it, and what a large negative number makes of it."""
        tensors = {"blind": "scores", "zeros": "weights", "mean": "filled_weights", "added": "added_weights"}
        rows, room = {}, STAGE.width if STAGE.is_tall else STAGE.right - self.sums.get_right()[0] - GAP
        for (key, name), part in zip(tensors.items(), box.rows(1, 1, 1, 1, gap=0.12), strict=True):
            line = self.blind_row(self.trace[f"fully_masked.{name}"], part, "scores" if key == "blind" else "weights")
            words = shrink(self.label(key, LABEL, self.theme.ink), room, self.theme, LABEL)
            x = min(line.box.x, STAGE.right - words.width / 2)
            words.move_to([x, line.box.top + 0.16 + words.height / 2, 0])
            rows[key] = (words, line)
        return rows

    def blind_row(self, tensor: Tensor, part: Box, meaning: str) -> Matrix:
        line = Matrix(tensor, meaning, self.theme, reserve=[self.trace[self.scores_name]])
        height = min(part.height - self.theme.size(LABEL) - WIDE, TALLEST_BLIND)
        if not line.cells.numbers_fit(part.width / line.columns, height):
            line.cells.widths = self.row.widths
        line.place(Box(part.left, part.right, part.bottom, part.bottom + height))
        return line.veil(np.isneginf(tensor.values))

    # --- the pattern --------------------------------------------------------------------------------------------

    @step
    def heat(self) -> None:
        self.say()
        self.play(FadeOut(self.blind, self.sums), self.weights.animate.light_up().as_heat(), run_time=0.8)
        self.ramp = weight_legend(self.label("ramp", SMALL), self.theme)
        beyond = max(0.0, self.centred.right + WIDE + self.ramp.width - STAGE.right)
        place = self.centred.inset(right=beyond)  # where narrower columns may have higher labels
        over = self.weights.copy().place(place).whole.top - STAGE.top
        self.play(self.weights.animate.place(place.inset(top=max(0.0, over))), run_time=1.0)
        self.ramp.move_to([self.weights.box.right + WIDE + self.ramp.width / 2, self.weights.box.y, 0])
        self.play(FadeIn(self.ramp))

    @step
    def whole(self) -> None:
        self.say()
        before, after = self.score_matrix("both", tag=""), self.matrix("weights", tag="").reveal()
        width = self.row_width(LEAST_NARROW if layout_now().is_narrowest else MOST_IN_POSTER)
        poster = SoftmaxPoster(before, self.row, after, self.query, width, STAGE, self.theme)
        words, tensor = self.label("score_ramp", SMALL), self.trace[self.scores_name]
        score_ramp, weight_ramp = signed_legend(words, tensor, "scores", self.theme), self.ramp.copy()
        poster.put_below(score_ramp, weight_ramp)
        weights = self.weights
        self.play(FadeOut(weights.row_tokens, weights.column_tokens, weights.tag, self.ramp), run_time=0.4)
        self.play(weights.cells.animate.set_box(after.box), run_time=1.0)
        self.add(after)
        self.remove(*weights.get_family())
        symbol = "Q K^top slash sqrt(d_k)" + (" + M" if self.scores_name == "masked_scores" else "")
        self.play(FadeIn(before, score_ramp, weight_ramp, poster.symbols(symbol)), run_time=0.7)
        out, back = ([band.animate.draw()] if band is not None else [] for band in (poster.out, poster.back))
        self.play(FadeIn(poster.frames[0]), *out, run_time=0.8)
        self.play(FadeIn(*self.row.parts), run_time=0.8)
        self.play(*back, FadeIn(poster.frames[1]), run_time=0.8)


def smaller_name(matrix: Matrix) -> None:
    """Write a matrix's name in the next smaller size of type."""
    head = matrix.tag[0]
    head[0].scale(TEXT.value / TITLE.value)
    head.arrange(RIGHT, buff=SPACE)
