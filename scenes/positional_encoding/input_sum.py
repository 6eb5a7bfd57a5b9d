"""X + PE: the embeddings, the table, and the input that is their sum."""

from __future__ import annotations

from itertools import pairwise

from manim import VGroup

from core.trace import Trace
from scenes.positional_encoding.formulas import PE
from scenes.stage.matrix.level import gap_box, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import TITLE, Box
from scenes.stage.paint.theme import Theme

ENTRIES = (("x", "X", "x"), ("table", PE, "positions"), ("input", f"X + {PE}", "x"))
LARGEST_CELL = (0.95, 0.6)
MATRIX_GAP = 0.7


class InputSum:
    """Three matrices on one level, with plus and equals between them; ≈ where rounded numbers would not add up."""

    def __init__(self, trace: Trace, box: Box, theme: Theme) -> None:
        self.theme = theme
        self.x, self.table, self.total = self.matrices = [
            self._matrix(trace, name, symbol, meaning) for name, symbol, meaning in ENTRIES
        ]
        place_level(self.matrices, box, (MATRIX_GAP, MATRIX_GAP), largest=LARGEST_CELL)
        exact = trace.closing("positions.input").all()
        self.signs = VGroup(*(Label(text, theme.size(TITLE), theme.ink) for text in ("+", "=" if exact else "≈")))
        for sign, (left, right) in zip(self.signs, pairwise(self.matrices), strict=True):
            sign.move_to(gap_box(left, right).centre)

    def _matrix(self, trace: Trace, name: str, symbol: str, meaning: str) -> Matrix:
        tensor = trace[f"positions.{name}"]
        tokens = tensor.axis_labels("tokens") if name == "x" else None
        return Matrix(tensor, meaning, self.theme, symbol=symbol, row_tokens=tokens, tag_side="top")

    def frames(self, row: int) -> VGroup:
        """One word's row in all three."""
        return VGroup(*(Frame(matrix.row_box(row), self.theme) for matrix in self.matrices))
