"""A chapter that follows one token's row through the first layer."""

from __future__ import annotations

from typing import ClassVar

from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.paint.label import Run


class FirstLayerChapter(Chapter):
    """layer: how the names of the layer's tensors begin; row: whose row is worked through; tokens: of all rows;
    table, strip: room for matrices and for a line of numbers below them.

    telling: the number of the trace that says which row tells most.
    """

    telling: ClassVar[str]

    def setup(self) -> None:
        super().setup()
        self.layer = "encoder.1" if "encoder.1.input" in self.trace else "decoder.1"
        self.row = int(self.trace[self.telling].values)
        self.tokens = self.trace[f"{self.layer}.input"].axis_labels("tokens") or self.example.tokens
        self.table, self.strip = STAGE.rows(6, 0.9)

    @property
    def name(self) -> Run:
        """The token whose row is worked through."""
        return Run(self.tokens[self.row], self.theme.hue("x"))
