"""The film as users of stock Manim write it: groups of squares and decimal numbers.

`manim -qh benchmarks/stock_scene.py StockFilm` (or `StockFilmFading`)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import manimpango
import numpy as np
from manim import (
    RIGHT,
    UP,
    Animation,
    ChangeDecimalToValue,
    DecimalNumber,
    FadeIn,
    FadeOut,
    Group,
    LaggedStart,
    MathTypst,
    Scene,
    Square,
    SurroundingRectangle,
    Text,
    Transform,
    VGroup,
)

from benchmarks import film as script
from benchmarks.film import THEME, Film
from benchmarks.meter import report_at_exit
from scenes.stage.chapter.camera import VIEW
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour

FONTS = Path(__file__).resolve().parents[1] / "assets" / "fonts"
TEXT_POINTS, TYPST_POINTS = 73.0, 104.2  # of Manim's font sizes, per scene unit of an em
NUMBER_SIZE = 0.264  # of a cell


def text(words: str, size: float, colour: Colour) -> Text:
    return Text(words, font="Inter", font_size=size * TEXT_POINTS, color=hexadecimal(colour))


def formula(source: str, size: float, colour: Colour) -> MathTypst:
    return MathTypst(source, font_size=size * TYPST_POINTS, color=hexadecimal(colour))


class NumberMatrix(VGroup):
    """A square with a number in it for each cell, and the name and shape of the matrix above them."""

    def __init__(self, values: np.ndarray, colours: np.ndarray, box: Box, name: str = "", hue: Colour = THEME.ink):
        super().__init__()
        rows, columns = values.shape
        self.cells = [
            [self.cell(values[i, j], colours[i, j], box.width / columns) for j in range(columns)] for i in range(rows)
        ]
        self.grid = VGroup(*(cell for row in self.cells for cell in row))
        self.grid.arrange_in_grid(rows, columns, buff=0.07).move_to(box.centre)
        self.tag = VGroup()
        if name:
            shape = text(f"{rows} × {columns}", script.SHAPE_SIZE, THEME.quiet)
            self.tag = VGroup(formula(name, script.NAME_SIZE, hue), shape).arrange(RIGHT, buff=0.22)
            self.tag.next_to(self.grid, UP, buff=0.14)
        self.add(self.grid, self.tag)

    def cell(self, value: float, colour: np.ndarray, pitch: float) -> VGroup:
        square = Square(pitch - 0.07, stroke_width=0, fill_color=hexadecimal(colour), fill_opacity=1)
        return VGroup(square, self.number(value, square))

    @staticmethod
    def number(value: float, square: Square) -> DecimalNumber:
        size = NUMBER_SIZE * (square.width + 0.07) * TEXT_POINTS
        return DecimalNumber(value, mob_class=Text, font_size=size).move_to(square)

    def reveal(self) -> Animation:
        """The name, and the cells one after the other."""
        cells = LaggedStart(*(FadeIn(cell) for cell in self.grid), lag_ratio=3 / max(1, len(self.grid) - 1))
        return LaggedStart(FadeIn(self.tag), cells, lag_ratio=0)

    def change(
        self, values: np.ndarray, colours: np.ndarray, where: list[tuple[int, int]], ticking: bool
    ) -> list[Animation]:
        """Some cells take other numbers and colours; the numbers tick through all between, or cross-fade."""
        animations: list[Any] = []
        for i, j in where:
            square, number = cell = self.cells[i][j]
            animations.append(square.animate.set_fill(hexadecimal(colours[i, j])))
            if ticking:
                animations.append(ChangeDecimalToValue(number, values[i, j]))
            else:
                other = self.number(values[i, j], square)
                animations += [FadeOut(number), FadeIn(other)]
                cell.remove(number).add(other)
        return animations

    def frame(self, rows: np.ndarray, columns: np.ndarray) -> SurroundingRectangle:
        """A frame around some cells."""
        cells = VGroup(self.cells[rows[0]][columns[0]], self.cells[rows[-1]][columns[-1]])
        return SurroundingRectangle(
            cells, color=hexadecimal(THEME.hue("focus")), buff=0.04, stroke_width=3.5, corner_radius=0.07
        )


class StockFilm(Scene):
    """The film of `benchmarks.film`, with numbers that tick from one value to the next."""

    ticking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(random_seed=0, **kwargs)
        self.film = Film.from_environment()
        report_at_exit()

    def setup(self) -> None:
        manimpango.register_font(str(FONTS / "Inter-Regular.ttf"))
        Text.set_default(font="Inter")
        self.camera.background_color = hexadecimal(THEME.background)

    def construct(self) -> None:
        for step in self.film.steps:
            self.next_section(step.name)
            getattr(self, step.action)(*step.arguments)

    def matrix(self, values: np.ndarray, meaning: str, place: Box, name: str = "") -> NumberMatrix:
        return NumberMatrix(values, self.film.colours(values, meaning), place, name, self.film.hue(meaning))

    def title(self) -> None:
        self.formula = formula(script.FORMULA, script.FORMULA_SIZE, THEME.ink).move_to(script.FORMULA_PLACE)
        self.heading = text(script.TITLE, script.TITLE_SIZE, THEME.ink).move_to(script.TITLE_PLACE)
        self.play(FadeIn(self.heading), run_time=0.8)
        self.play(FadeIn(self.formula), run_time=1.2)

    def operands(self) -> None:
        film = self.film
        self.q = self.matrix(film.q, "q", film.table(0), script.NAMES["q"])
        self.k = self.matrix(film.k_transposed, "k", film.table(1), script.NAMES["k"])
        self.scores = self.matrix(0 * film.scores, "scores", film.table(2), script.NAMES["scores"])
        for matrix in (self.q, self.k, self.scores):
            self.play(matrix.reveal(), run_time=1)
        everything = np.arange(film.size)
        self.row = self.q.frame(film.blocks[0], everything)
        self.column = self.k.frame(everything, film.blocks[0])
        self.play(FadeIn(self.row, self.column), run_time=0.5)

    def sweep(self, lap: int, first_row: int) -> None:
        film, everything = self.film, np.arange(self.film.size)
        values = film.swept(lap)
        colours = film.colours(values, "scores")
        for rows in film.blocks[first_row : first_row + script.ROWS_PER_STEP]:
            for columns in film.blocks:
                self.play(
                    self.row.animate.move_to(self.q.frame(rows, everything)),
                    self.column.animate.move_to(self.k.frame(everything, columns)),
                    *self.scores.change(values, colours, [(i, j) for i in rows for j in columns], self.ticking),
                    run_time=script.CELL_TIME,
                )

    def softmax(self) -> None:
        film = self.film
        colours = film.colours(film.weights, "scores")
        self.play(FadeOut(self.row, self.column), run_time=0.4)
        move = self.scores.animate.shift(film.weights_place.centre - film.table(2).centre)
        self.play(FadeOut(self.q, self.k), move, run_time=0.8)
        for rows in film.blocks:
            cells = [(i, j) for i in rows for j in range(film.size)]
            self.play(*self.scores.change(film.weights, colours, cells, self.ticking), run_time=script.ROW_TIME)

    def heads(self) -> None:
        film = self.film
        matrices = [self.matrix(values, "output", film.head(h, script.APART)) for h, values in enumerate(film.heads)]
        self.heads_group = VGroup(*matrices)
        self.play(
            self.scores.animate.shift(film.beside_heads.centre - film.weights_place.centre),
            FadeIn(self.heads_group),
            run_time=1,
        )
        self.play(
            *(m.animate.move_to(film.head(h, script.TOGETHER).centre) for h, m in enumerate(matrices)), run_time=1.5
        )
        other = formula(script.HEADS_FORMULA, script.FORMULA_SIZE, THEME.ink).move_to(script.FORMULA_PLACE)
        self.play(Transform(self.formula, other), run_time=1)
        frame = SurroundingRectangle(
            self.heads_group, color=hexadecimal(THEME.hue("focus")), buff=0.1, stroke_width=3.5, corner_radius=0.07
        )
        self.play(self.heads_group.animate.shift(script.RISE * UP), FadeIn(frame.shift(script.RISE * UP)), run_time=1.2)

    def dive(self) -> None:
        self.play(FadeOut(self.heading, self.formula), run_time=script.LEAVE_TIME)
        everything, entered = Group(*self.mobjects), self.film.entered
        growth = VIEW.width / entered.width
        still = (VIEW.centre - growth * entered.centre) / (1 - growth)  # stays in its place
        for factor in (growth, 1 / growth):
            near = everything.animate.scale(factor, about_point=still)
            self.play(near, run_time=script.DIVE_TIME)

    def still(self) -> None:
        self.wait(3)


class StockFilmFading(StockFilm):
    """The same with numbers that cross-fade, as those of this project do."""

    ticking = False
