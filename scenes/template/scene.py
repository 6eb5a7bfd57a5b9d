"""Template. A chapter to copy: its steps in the order of the film, each marked `@step`, the last of them `whole`."""

from __future__ import annotations

from manim import FadeIn

from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame


class Template(Chapter):
    """A matrix of the trace comes row by row; then the telling number in it."""

    def setup(self) -> None:
        super().setup()
        self.weights = self.matrix("weights", tokens="both")
        place_level([self.weights], STAGE)

    @step
    def rows(self) -> None:
        self.say()
        self.play(FadeIn(self.weights))
        self.play(CellWave(self.weights, Matrix.reveal, order="rows", run_time=2.0))

    @step
    def whole(self) -> None:
        query, key = self.trace.telling_pair()
        share = percent(self.trace["weights"].at(query, key))
        self.say(query=self.token("queries", query), key=self.token("keys", key), share=share)
        self.play(FadeIn(Frame(self.weights.cell_box(query, key), self.theme)))
