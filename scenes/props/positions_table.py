"""The table of positions as its function fills it: each variable drawn where it belongs, in the hue of its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from manim import FadeIn, Scene, VGroup

from core.positions_trace import TableStep
from core.trace import Tensor, Trace
from scenes.stage.label import Label
from scenes.stage.layout import Box
from scenes.stage.matrix import Matrix
from scenes.stage.theme import Colour, Theme
from scenes.stage.wave import Wave

LARGEST_CELL = (0.95, 0.46)
LYING = 0.34  # height of a row of one number per column
STANDING = 0.5  # width of a column of one number per row
GAP = 0.12
BETWEEN = 0.34  # from grid to grid
NAME_FONT = 0.22


class Arrangement(NamedTuple):
    """Grids one above the other or side by side: their number in a column, in a row, and the pitch of their cells."""

    down: int
    across: int
    width: float
    height: float


class TablePicture(VGroup):
    """The variables of a run: one number per position stands at the left, one per column lies on top, and what has both
    fills a grid where they meet, one grid per variable.

    All variables are there from the beginning, unseen; `show` lets a step of the run appear.
    """

    def __init__(
        self, trace: Trace, steps: Sequence[TableStep], hues: Mapping[str, Colour], meaning: str, theme: Theme, box: Box
    ) -> None:
        super().__init__()
        self.steps, self.theme = steps, theme
        self.tensors = [trace[f"positions.run.{number}"] for number in range(len(steps))]
        self.tokens = trace["positions.table"].axis_labels("tokens") or ()
        self.last = next((step.name for step in reversed(steps) if step.name), "")
        self.matrices = {step.name: self._matrix(step.name, meaning) for step in steps if step.name}
        self.names = {name: Label(name, NAME_FONT, hues[name], "code") for name in self.matrices}
        self.place(box)

    # --- what there is ------------------------------------------------------------------------------------------------

    def of(self, name: str) -> list[Tensor]:
        """What a variable is, one step after the other, as matrices."""
        tensors = [tensor for step, tensor in zip(self.steps, self.tensors, strict=True) if step.name == name]
        return [tensor.line() if tensor.values.ndim == 1 else tensor for tensor in tensors]

    def _matrix(self, name: str, meaning: str) -> Matrix:
        first, *later = self.of(name)
        hue = meaning if name == self.last else "x"
        rows = self.tokens if first.shape == (len(self.tokens), self.width_of_table) else None
        return Matrix(first, hue, self.theme, row_tokens=rows, reserve=later)

    @property
    def width_of_table(self) -> int:
        return self.tensors[-1].shape[1]

    @property
    def grids(self) -> list[Matrix]:
        return [matrix for matrix in self.matrices.values() if matrix.row_tokens is not None]

    @property
    def standing(self) -> list[Matrix]:
        """Variables of one number per position."""
        return [m for m in self.matrices.values() if m.row_tokens is None and m.columns == 1]

    @property
    def lying(self) -> list[Matrix]:
        """Variables of one number per column."""
        return [m for m in self.matrices.values() if m.row_tokens is None and m.columns > 1]

    # --- where it stands --------------------------------------------------------------------------------------------

    def place(self, box: Box) -> TablePicture:
        """Stand in `box`, in the arrangement that gives the numbers the most room."""
        count = len(self.grids)
        plan = max((self._plan(box, count, 1), self._plan(box, 1, count)), key=self._room)
        left, top = self._margins
        aside = self._name_width
        across = plan.across * (plan.width + aside)
        high = plan.down * plan.height + (plan.down - 1) * BETWEEN
        x, y = box.x - (left + across) / 2 + left, box.y + (top + high) / 2 - top
        for number, grid in enumerate(self.grids):
            down, right = (number, 0) if plan.down > 1 else (0, number)
            x0, y0 = x + right * (plan.width + aside), y - down * (plan.height + BETWEEN)
            grid.place(Box(x0, x0 + plan.width, y0 - plan.height, y0))
        self._place_borders(Box(x, x + plan.width, y - plan.height, y))
        return self

    def _place_borders(self, grid: Box) -> None:
        """What lies on top of the first grid and stands at its left; the names of all."""
        for number, matrix in enumerate(self.lying):
            bottom = grid.top + GAP + number * (LYING + GAP)
            matrix.place(Box(grid.left, grid.right, bottom, bottom + LYING))
        for number, matrix in enumerate(self.standing):
            right = grid.left - GAP - number * (STANDING + GAP)
            matrix.place(Box(right - STANDING, right, grid.bottom, grid.top))
        for first in self.grids[:1]:
            if first.row_tokens is not None and self.standing:
                first.row_tokens.shift([-len(self.standing) * (STANDING + GAP), 0, 0])
        for name, label in self.names.items():
            box = self.matrices[name].box
            above = self.matrices[name] in self.standing
            where = (box.x, box.top + 0.18) if above else (box.right + 0.16 + label.width / 2, box.y)
            label.move_to([*where, 0])

    @property
    def _name_width(self) -> float:
        """Room for a name at the right of its matrix."""
        return 0.32 + max(label.width for label in self.names.values())

    @property
    def _margins(self) -> tuple[float, float]:
        """Room at the left of the first grid and over it."""
        labels = max((grid.box.left - grid.row_tokens.box.left for grid in self.grids if grid.row_tokens), default=0.0)
        left = labels + len(self.standing) * (STANDING + GAP)
        return left, max(len(self.lying) * (LYING + GAP), 0.36 if self.standing else 0.0)

    def _plan(self, box: Box, down: int, across: int) -> Arrangement:
        """Grids as large as they can be, so many below and beside each other."""
        rows, columns = len(self.tokens), self.width_of_table
        for grid in self.grids:  # labels shrink with the rows
            grid.place(Box(0, 1, 0, (box.height - 1) / down))
        left, top = self._margins
        width = (box.width - left - across * self._name_width) / across
        height = (box.height - top - (down - 1) * BETWEEN) / down
        return Arrangement(down, across, min(width, columns * LARGEST_CELL[0]), min(height, rows * LARGEST_CELL[1]))

    def _room(self, plan: Arrangement) -> float:
        """How much room a number has, 1 where it just fits."""
        needs = np.array([grid.cells.smallest_numeric_pitch() for grid in self.grids]).max(axis=0)
        pitch = np.array([plan.width / self.width_of_table, plan.height / len(self.tokens)])
        return min(1.0, float((pitch / needs).min())) + 1e-3 * float(pitch.min())

    # --- how it runs --------------------------------------------------------------------------------------------------

    def show(self, scene: Scene, number: int, run_time: float) -> None:
        """Let what a step of the run has changed appear."""
        name = self.steps[number].name
        matrix, tensor = self.matrices[name], self.tensors[number]
        if matrix in self.submobjects:
            scene.play(Wave(matrix, lambda m: m.set_values(tensor), order="cells", run_time=run_time))
            return
        self.add(matrix, self.names[name])
        scene.play(FadeIn(matrix, self.names[name]), run_time=0.4)
        scene.play(Wave(matrix, Matrix.reveal, order="cells", run_time=run_time))
