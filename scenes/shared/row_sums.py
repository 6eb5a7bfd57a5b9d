"""What each row of a matrix sums to, at its right: = where the printed numbers add up to it, else ≈."""

from __future__ import annotations

from manim import VGroup

from core.trace import Trace
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import LABEL
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width


class RowSums(VGroup):
    """The sums of the rows of `matrix`, the tensor `name` (queries,), printed to its right."""

    AIR = 0.16

    def __init__(self, trace: Trace, name: str, matrix: Matrix, theme: Theme) -> None:
        super().__init__()
        size = theme.fitting(0.6 * matrix.box.height / matrix.rows)
        for row, closes in enumerate(trace.closing(name)):
            reading = trace[name].at(row)
            equals = Run("= " if closes else "≈ ", theme.quiet)
            label = Label((equals, Run(reading.text, theme.ink, (reading,))), size, theme.ink)
            self.add(label)
        self.beside(matrix)

    def beside(self, matrix: Matrix) -> RowSums:
        """Stand at the right of `matrix`."""
        for row, label in enumerate(self):
            box = matrix.row_box(row)
            label.move_to([box.right + self.AIR + label.width / 2, box.y, 0])
        return self


def sums_room(trace: Trace, name: str, theme: Theme) -> float:
    """The width that the sums `name` (queries,) need at the right of their matrix, whatever the height of its rows."""
    sums = trace[name]
    texts = ["≈ " + sums.at(row).text for row in range(len(sums.values))]
    return RowSums.AIR + max(text_width(text, theme.size(LABEL)) for text in texts)
