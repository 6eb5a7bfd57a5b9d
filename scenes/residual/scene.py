"""The residual connection. What goes past a sub-layer is added to what comes out of it, and is still there after."""

from __future__ import annotations

import numpy as np
from manim import FadeIn, LaggedStart

from scenes.residual.flow import ResidualFlow, send
from scenes.residual.maps import KeptMaps, PlaceMaps, SimilarityMaps
from scenes.shared.first_layer import FirstLayerChapter
from scenes.shared.sum_and_norm import SumAndNorm
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import hand_over, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import TIGHT

SUM = '{{ x : residual }} + {{ op("Sublayer")(x) : sublayer }}'
PALE = 0.4
SHARES = (1.5, 1)  # of the whole picture: the way past the sub-layer, and what it keeps


class Residual(FirstLayerChapter):
    """The way past the sub-layer; what rows keep by it: which word they are of, and which place."""

    formula = SUM
    telling = "residual.telling"

    def setup(self) -> None:
        super().setup()
        self.parts = SumAndNorm(self, self.layer, self.row)

    @property
    def sub_layer(self) -> str:
        return self.words("norm_attention" if self.example.model.config.norm == "pre" else "attention")

    # --- the connection -----------------------------------------------------------------------------------------------

    @step
    def connection(self) -> None:
        start = self.parts.part("input", "rows", "top").reveal()
        place_level([start], STAGE)
        self.carry(start)
        self.light("sublayer")
        self.say(token=self.name)
        self.flow = ResidualFlow(self.parts.flow_matrices(), self.sub_layer, self.table, self.theme)
        hand_over(self, [(start, self.flow.x.reveal())])
        self.flow.go_through(self)
        self.light("residual")
        self.say()
        self.flow.go_past(self)
        self.light("all")
        self.play(FadeIn(*self.flow.one_sum(self.row, self.strip)))

    # --- what the sum keeps -------------------------------------------------------------------------------------------

    @step
    def direction(self) -> None:
        maps = SimilarityMaps(self, STAGE.inset(bottom=TIGHT))
        frames = []
        self.say(token=self.name)
        self.play(self.leaving(), run_time=0.6)
        for key, matrix, title in zip(("without", "with"), maps.matrices, maps.titles, strict=False):
            self.play(FadeIn(matrix, title), run_time=0.4)
            self.play(CellWave(matrix, Matrix.reveal, run_time=1.1))
            frames.append(Frame(matrix.cell_box(self.row, self.row), self.theme))
            self.play(CellWave(matrix, diagonal, run_time=0.7), FadeIn(frames[-1]))
            self.say(token=self.name, kept=self.trace[f"residual.kept_{key}"].at(self.row))
        gain, title = maps.matrices[-1], maps.titles[-1]
        self.play(FadeIn(gain, title), run_time=0.4)
        self.play(CellWave(gain, Matrix.reveal, run_time=1.1))
        self.play(FadeIn(Frame(gain.cell_box(self.row, self.row), self.theme)), run_time=0.5)
        self.say()

    @step
    def position(self) -> None:
        maps = PlaceMaps(self, STAGE.inset(bottom=TIGHT))
        self.say(token=self.name)
        self.play(self.leaving(), run_time=0.6)
        for matrix, title in zip(maps.matrices, maps.titles, strict=True):
            self.play(FadeIn(matrix, title), run_time=0.4)
            self.play(CellWave(matrix, Matrix.reveal, run_time=0.9))
        apart = {name: self.trace[f"residual.apart_{name}"].at() for name in ("input", "without", "with")}
        self.say(token=self.name, **apart)
        self.play(LaggedStart(*map(FadeIn, maps.notes), lag_ratio=0.5), run_time=1.5)

    # --- the whole ----------------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.light("all")
        self.say()
        upper, lower = STAGE.rows(*SHARES, gap=TIGHT)
        flow = ResidualFlow(self.parts.flow_matrices(), self.sub_layer, upper, self.theme)
        for matrix in flow.matrices:
            matrix.reveal()
        kept = KeptMaps(self, lower)
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(flow), run_time=0.7)
        send(self, flow.x, flow.connection, run_time=1.0)
        for pair in kept.pairs:
            self.play(FadeIn(pair), run_time=0.6)


def diagonal(matrix: Matrix) -> Matrix:
    """Only the cells where a row meets itself stay fully lit."""
    matrix.cells.light = np.where(np.eye(matrix.rows, matrix.columns, dtype=bool), 1.0, PALE)
    return matrix
