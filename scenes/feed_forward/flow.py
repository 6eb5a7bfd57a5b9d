"""The feed-forward network of all rows: X, widened, bent, projected back, side by side with what happens between, or
there and back: X and what it is widened to above, this bent and projected back below.
"""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.stage.matrix.level import gap_box, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.layout import GAP, HAIR, SPACE, TEXT, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.wires import Wire

NARROWEST = 0.95
BEND = 0.5  # of the width of what is bent: where it is bent, left of its name


class FeedForwardFlow(VGroup):
    """matrices: X, hidden, activated, output; operations: what leads from each to the next (Typst mathematics).

    and_back: the first two stand over the last two, so that all are twice as large.
    """

    def __init__(
        self, matrices: Sequence[Matrix], operations: Sequence[str], box: Box, theme: Theme, *, and_back: bool = False
    ) -> None:
        super().__init__()
        self.theme, self.matrices = theme, list(matrices)
        self.formulas = [formula(source, theme.hue("learned"), theme.size(TEXT)) for source in operations]
        gaps = [max(NARROWEST, mark.width + WIDE) for mark in self.formulas]
        if and_back:
            self._go_and_come_back(box, gaps)
            return
        place_level(self.matrices, box, gaps)
        pairs = list(zip(self.matrices, self.matrices[1:], strict=False))
        self.wires = [self._wire(gap_box(a, b)) for a, b in pairs]
        for mark, (a, b) in zip(self.formulas, pairs, strict=True):
            self._place(mark, gap_box(a, b), below=any(m.tag.width > m.box.width for m in (a, b)))
        self.add(*self.wires, *self.formulas, *self.matrices)

    def _go_and_come_back(self, box: Box, gaps: Sequence[float]) -> None:
        """X, widened, and below it from right to left the same bent, and projected back to the width of X."""
        x, hidden, bent, output = self.matrices
        upper, lower = box.rows(1, 1, gap=GAP)
        apart = max(gaps[0], gaps[2])
        place_level([x, hidden], upper, (apart,))
        place_level([output, bent], lower, (apart,))
        there, down, back = self.formulas
        self.wires = [
            self._wire(gap_box(x, hidden)),
            self._bending(hidden, bent),
            self._wire(gap_box(output, bent), -1),
        ]
        self._place(there, gap_box(x, hidden), below=False)
        self._place(back, gap_box(output, bent), below=False)
        down.move_to([self.wires[1].box.x - SPACE - down.width / 2, self.wires[1].box.y, 0])
        self.add(*self.wires, *self.formulas, *self.matrices)

    def _bending(self, hidden: Matrix, bent: Matrix) -> Wire:
        """Down, left of the name of what stands below."""
        x = min(bent.box.left + BEND * bent.box.width, bent.tag.get_left()[0] - WIDE)
        return Wire([(x, hidden.box.bottom - HAIR), (x, bent.box.top + HAIR)], self.theme.quiet, head=0.14)

    def _wire(self, box: Box, to: int = 1) -> Wire:
        """Along the box, to its right (1) or to its left (−1)."""
        ends = [(box.left + 0.12, box.y), (box.right - 0.12, box.y)]
        return Wire(ends[::to], self.theme.quiet, head=0.14)

    @staticmethod
    def _place(mark: Formula, box: Box, *, below: bool) -> None:
        """Over the arrow; below it where the name of a narrow matrix stands in the way."""
        away = SPACE + mark.height / 2
        mark.move_to([box.x, box.y - away if below else box.y + away, 0])

    def operation(self, number: int) -> list[VGroup]:
        """The arrow to the next matrix and what stands beside it."""
        return [self.wires[number], self.formulas[number]]
