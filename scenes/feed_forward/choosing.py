"""How the bent row chooses: from each of its numbers a band leads to the row of W₂ that this number brings in."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import HAIR, Box
from scenes.stage.paint.painting import Brush, Drawn
from scenes.stage.paint.theme import Theme

THICKEST, THINNEST = 0.5, 0.02  # of the room that a band has; in scene units
OPENNESS = 0.75


class Choosing(Drawn):
    """Bands up from the cells of a row and across to the rows of a matrix, as thick as the numbers are large; none from
    a 0, dashed from a negative number. State: `drawn`.
    """

    STATE: ClassVar[tuple[str, ...]] = ("drawn",)

    def __init__(self, row: Matrix, weights: Matrix, theme: Theme) -> None:
        self.values, self.drawn = row.tensor.values[0], np.ones(1)
        self.starts = [(row.column_box(j).x, row.box.top + HAIR) for j in range(row.columns)]
        self.ends = [(weights.box.left - HAIR, weights.row_box(j).y) for j in range(weights.rows)]
        room = THICKEST * min(row.box.width / row.columns, weights.box.height / weights.rows)
        largest = float(np.abs(self.values).max()) or 1.0
        self.thickness = np.abs(self.values) / largest * room
        box = Box(self.starts[0][0], self.ends[0][0], self.starts[0][1], max(y for _, y in self.ends))
        super().__init__(box, theme.hue("output"))

    def paint(self, brush: Brush) -> None:
        context, box = brush.context, self.box
        context.save()
        context.rectangle(
            box.left - box.width, box.bottom, 3 * box.width, float(self.drawn[0]) * (box.height + THICKEST)
        )
        context.clip()
        for value, thickness, (x, low), (right, y) in zip(
            self.values, self.thickness, self.starts, self.ends, strict=True
        ):
            if value == 0:
                continue
            bend = min(right - x, y - low, box.height / 3)
            context.move_to(x, low)
            context.line_to(x, y - bend)
            context.curve_to(x, y - bend / 2, x + bend / 2, y, x + bend, y)
            context.line_to(right, y)
            if value < 0:
                context.set_dash([0.12, 0.08])
            brush.stroke(self.colour, OPENNESS * self.opacity, max(THINNEST, float(thickness)))
            context.set_dash([])
        context.restore()
