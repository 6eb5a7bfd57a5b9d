"""The feed-forward network of all rows: X, widened, bent, projected back, side by side with what happens between."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.stage.matrix.level import gap_box, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.layout import SPACE, TEXT, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.wires import Wire

NARROWEST = 0.95


class FeedForwardFlow(VGroup):
    """matrices: X, hidden, activated, output; operations: what leads from each to the next (Typst mathematics)."""

    def __init__(self, matrices: Sequence[Matrix], operations: Sequence[str], box: Box, theme: Theme) -> None:
        super().__init__()
        self.theme, self.matrices = theme, list(matrices)
        self.formulas = [formula(source, theme.hue("learned"), theme.size(TEXT)) for source in operations]
        gaps = [max(NARROWEST, mark.width + WIDE) for mark in self.formulas]
        place_level(self.matrices, box, gaps)
        pairs = list(zip(self.matrices, self.matrices[1:], strict=False))
        self.wires = [self._wire(gap_box(a, b)) for a, b in pairs]
        for mark, (a, b) in zip(self.formulas, pairs, strict=True):
            self._place(mark, gap_box(a, b), below=any(m.tag.width > m.box.width for m in (a, b)))
        self.add(*self.wires, *self.formulas, *self.matrices)

    def _wire(self, box: Box) -> Wire:
        return Wire([(box.left + 0.12, box.y), (box.right - 0.12, box.y)], self.theme.quiet, head=0.14)

    @staticmethod
    def _place(mark: Formula, box: Box, *, below: bool) -> None:
        """Over the arrow; below it where the name of a narrow matrix stands in the way."""
        away = SPACE + mark.height / 2
        mark.move_to([box.x, box.y - away if below else box.y + away, 0])

    def operation(self, number: int) -> list[VGroup]:
        """The arrow to the next matrix and what stands beside it."""
        return [self.wires[number], self.formulas[number]]
