"""Mean and variance of every row, in two columns beside a matrix."""

from __future__ import annotations

from manim import VGroup

from core.trace import Tensor
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import GAP, TEXT
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width

LARGEST = 0.24
COLUMN_GAP = 0.26
SYMBOLS = ("mu", "sigma^2")


class RowStats(VGroup):
    """statistics: two vectors (rows,), printed to the right of the rows of `matrix` under μ and σ²."""

    def __init__(self, statistics: tuple[Tensor, Tensor], matrix: Matrix, theme: Theme) -> None:
        super().__init__()
        size = theme.fitting(0.55 * matrix.cells.pitch[1])
        self.heads, self.rows = VGroup(), [VGroup() for _ in range(matrix.rows)]
        right = matrix.box.right
        for tensor, symbol in zip(statistics, SYMBOLS, strict=True):
            right += COLUMN_GAP + width_of(tensor, size)
            head = formula(symbol, theme.quiet, theme.size(TEXT))
            self.heads.add(head.move_to([right - width_of(tensor, size) / 2, matrix.box.top + GAP, 0]))
            for row, group in enumerate(self.rows):
                reading = tensor.at(row)
                label = Label((Run(reading.text, None, (reading,)),), size, theme.ink)
                group.add(label.move_to([right - label.width / 2, matrix.row_box(row).y, 0]))
        self.add(self.heads, *self.rows)


def width_of(tensor: Tensor, size: float = LARGEST) -> float:
    """Width of the widest number of a vector."""
    return max(text_width(tensor.at(row).text, size) for row in range(tensor.shape[0]))


def room_for(*statistics: Tensor) -> float:
    """Width of the columns of these vectors."""
    return sum(COLUMN_GAP + width_of(tensor) for tensor in statistics)
