"""The film in this project's vocabulary.

`manim -qh benchmarks/scene.py ProjectFilm`
"""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import FadeIn, FadeOut, Scene, Transform, VGroup

from benchmarks import film as script
from benchmarks.film import THEME, Film
from benchmarks.meter import report_at_exit
from core.trace import Tensor
from scenes.stage.chapter.camera import VIEW, Zoom
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import Box, around
from scenes.stage.paint.painting import StageCamera, hexadecimal
from scenes.stage.paint.shot import Shot


def tensor(values: np.ndarray) -> Tensor:
    return Tensor("scores", values, ("rows", "columns"))


class ProjectFilm(Scene):
    """The film of `benchmarks.film`."""

    def __init__(self, film: Film | None = None, **kwargs: Any) -> None:
        super().__init__(camera_class=StageCamera, random_seed=0, **kwargs)
        self.film = film or Film.from_environment()
        report_at_exit()

    def setup(self) -> None:
        self.camera.background_color = hexadecimal(THEME.background)

    def construct(self) -> None:
        for step in self.film.steps:
            self.next_section(step.name)
            getattr(self, step.action)(*step.arguments)

    def matrix(
        self, values: np.ndarray, meaning: str, place: Box, name: str | None = None, reserve: Any = ()
    ) -> Matrix:
        matrix = Matrix(tensor(values), meaning, THEME, symbol=name, tag_side="top", reserve=reserve)
        return matrix.without_slots().place(place)

    def title(self) -> None:
        self.formula = formula(script.FORMULA, THEME.ink, script.FORMULA_SIZE).move_to(script.FORMULA_PLACE)
        self.heading = Label(script.TITLE, script.TITLE_SIZE, THEME.ink).move_to(script.TITLE_PLACE)
        self.play(FadeIn(self.heading), run_time=0.8)
        self.play(FadeIn(self.formula), run_time=1.2)

    def operands(self) -> None:
        film = self.film
        self.q = self.matrix(film.q, "q", film.table(0), script.NAMES["q"])
        self.k = self.matrix(film.k_transposed, "k", film.table(1), script.NAMES["k"])
        reserve = [tensor(film.swept(0)), tensor(film.swept(1))]
        self.scores = self.matrix(0 * film.scores, "scores", film.table(2), script.NAMES["scores"], reserve)
        for matrix in (self.q, self.k, self.scores):
            self.play(FadeIn(matrix.tag), CellWave(matrix, Matrix.reveal, order="cells"), run_time=1)
        self.row = Frame(self.row_box(film.blocks[0]), THEME)
        self.column = Frame(self.column_box(film.blocks[0]), THEME)
        self.play(FadeIn(self.row, self.column), run_time=0.5)

    def row_box(self, rows: np.ndarray) -> Box:
        return around(*(self.q.row_box(i) for i in rows))

    def column_box(self, columns: np.ndarray) -> Box:
        return around(*(self.k.column_box(j) for j in columns))

    def sweep(self, lap: int, first_row: int) -> None:
        scores = tensor(self.film.swept(lap))
        for rows in self.film.blocks[first_row : first_row + script.ROWS_PER_STEP]:
            for columns in self.film.blocks:
                self.play(
                    self.row.animate.around(self.row_box(rows)),
                    self.column.animate.around(self.column_box(columns)),
                    self.scores.animate.set_values(scores, rows, columns),
                    run_time=script.CELL_TIME,
                )

    def softmax(self) -> None:
        weights = tensor(self.film.weights)
        self.play(FadeOut(self.row, self.column), run_time=0.4)
        self.play(FadeOut(self.q, self.k), self.scores.animate.place(self.film.weights_place), run_time=0.8)
        for rows in self.film.blocks:
            self.play(self.scores.animate.set_values(weights, rows), run_time=script.ROW_TIME)

    def heads(self) -> None:
        film = self.film
        heads = [
            self.matrix(values, "output", film.head(head, script.APART)).reveal()
            for head, values in enumerate(film.heads)
        ]
        self.play(self.scores.animate.place(film.beside_heads), FadeIn(VGroup(*heads)), run_time=1)
        self.play(*(m.animate.place(film.head(head, script.TOGETHER)) for head, m in enumerate(heads)), run_time=1.5)
        other = formula(script.HEADS_FORMULA, THEME.ink, script.FORMULA_SIZE).move_to(script.FORMULA_PLACE)
        self.play(Transform(self.formula, other), run_time=1)
        places = [film.head(head, script.TOGETHER, script.RISE) for head in range(len(heads))]
        moves = [m.animate.place(place) for m, place in zip(heads, places, strict=True)]
        self.play(*moves, FadeIn(Frame(around(*places).grown(0.08), THEME)), run_time=1.2)

    def dive(self) -> None:
        self.play(FadeOut(self.heading, self.formula), run_time=script.LEAVE_TIME)
        shot = Shot(self.mobjects, VIEW, THEME.background)
        self.clear().add(shot)
        self.play(Zoom(shot, self.film.entered, run_time=script.DIVE_TIME))
        self.play(Zoom(shot, self.film.entered, out=True, run_time=script.DIVE_TIME))
        self.clear().add(*shot.content)

    def still(self) -> None:
        self.wait(3)
