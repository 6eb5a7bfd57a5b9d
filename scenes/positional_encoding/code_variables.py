"""The table of positions as its function fills it: each variable drawn where it belongs, in the hue of its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import FadeIn, Scene, VGroup

from core.trace import Tensor, Trace
from core.trace.positions import TableStep
from scenes.positional_encoding.thinned_tokens import thinned
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SPACE, Box
from scenes.stage.paint.theme import Colour, Theme

LARGEST_CELL = (0.95, 0.46)
LYING = 0.34  # height of a row of one number per column
STANDING = 0.5  # width of a column of one number per row
BORDER_GAP = 0.12
BETWEEN = 0.38  # from grid to grid
ASIDE = 0.34  # room for a short name at the right


class CodeVariables(VGroup):
    """The variables of a run: one number per position stands at the left, one per column lies on top, and what has both
    fills a grid where they meet, one grid per variable, one below the other.

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
        self.shown_tokens = thinned(self.tokens, self._highest(box))
        self.matrices = {step.name: self._matrix(step.name, meaning) for step in steps if step.name}
        self.names = {name: Label(name, theme.size(LABEL), hues[name], "code") for name in self.matrices}
        self.place(box)

    # --- what there is ------------------------------------------------------------------------------------------------

    def of(self, name: str) -> list[Tensor]:
        """What a variable is, one step after the other, as matrices."""
        tensors = [tensor for step, tensor in zip(self.steps, self.tensors, strict=True) if step.name == name]
        return [tensor.line() if tensor.values.ndim == 1 else tensor for tensor in tensors]

    def _matrix(self, name: str, meaning: str) -> Matrix:
        first, *later = self.of(name)
        grid = any(self._is_grid(t) for step, t in zip(self.steps, self.tensors, strict=True) if step.name == name)
        hue = meaning if name == self.last else "x"
        rows = self.shown_tokens if grid else None
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
        return [m for m in self.matrices.values() if m.row_tokens is None and m.tensor.axes[0] != "line"]

    @property
    def lying(self) -> list[Matrix]:
        """Variables of one number per column."""
        return [m for m in self.matrices.values() if m.row_tokens is None and m.tensor.axes[0] == "line"]

    # --- where it stands --------------------------------------------------------------------------------------------

    def place(self, box: Box) -> CodeVariables:
        """Stand in `box`, as large as it allows."""
        count, rows, columns = len(self.grids), len(self.tokens), self.width_of_table
        for grid in self.grids:  # labels shrink with the rows
            grid.place(Box(0, 1, 0, (box.height - 1) / count))
        left, top = self._margins
        width = min(box.width - left - ASIDE, columns * LARGEST_CELL[0])
        height = min((box.height - top - (count - 1) * BETWEEN) / count, rows * LARGEST_CELL[1])
        x = box.x + (left - ASIDE - width) / 2
        y = box.y - (top - count * height - (count - 1) * BETWEEN) / 2
        for number, grid in enumerate(self.grids):
            high = y - number * (height + BETWEEN)
            grid.place(Box(x, x + width, high - height, high))
        self._place_borders(Box(x, x + width, y - height, y))
        self._place_names()
        return self

    def _highest(self, box: Box) -> float:
        """How high a grid can be, roughly."""
        grids = {step.name for step, tensor in zip(self.steps, self.tensors, strict=True) if self._is_grid(tensor)}
        return (box.height - 1) / len(grids - {""})

    def _is_grid(self, tensor: Tensor) -> bool:
        return tensor.shape == (len(self.tokens), self.width_of_table)

    def _place_borders(self, grid: Box) -> None:
        """What lies on top of the first grid and stands at its left."""
        for number, matrix in enumerate(self.lying):
            bottom = grid.top + BORDER_GAP + number * (LYING + BORDER_GAP)
            matrix.place(Box(grid.left, grid.right, bottom, bottom + LYING))
        for number, matrix in enumerate(self.standing):
            right = grid.left - BORDER_GAP - number * (STANDING + BORDER_GAP)
            matrix.place(Box(right - STANDING, right, grid.bottom, grid.top))
        first = self.grids[0]
        if first.row_tokens is not None:
            first.row_tokens.shift([-len(self.standing) * (STANDING + BORDER_GAP), 0, 0])

    def _place_names(self) -> None:
        """A grid's name over its tokens, that of a column over it, that of a row at its end."""
        for name, label in self.names.items():
            matrix = self.matrices[name]
            box, half = matrix.box, label.width / 2
            if matrix.row_tokens is not None:
                where = (matrix.row_tokens.box.right - half, box.top + 0.17)
            elif matrix in self.standing:
                where = (box.x, box.top + 0.17)
            else:
                where = (box.right + SPACE + half, box.y)
            label.move_to([*where, 0])

    @property
    def _margins(self) -> tuple[float, float]:
        """Room at the left of the first grid and over it."""
        words = [grid.row_tokens.box.width for grid in self.grids if grid.row_tokens]
        words += [self.names[name].width for name, matrix in self.matrices.items() if matrix.row_tokens]
        left = max(words) + SPACE + len(self.standing) * (STANDING + BORDER_GAP)
        return left, max(len(self.lying) * (LYING + BORDER_GAP), 0.34)

    # --- how it runs --------------------------------------------------------------------------------------------------

    def show(self, scene: Scene, number: int, run_time: float) -> None:
        """Let what a step of the run has changed appear."""
        name = self.steps[number].name
        matrix, tensor = self.matrices[name], self.tensors[number]
        if matrix in self.submobjects:
            scene.play(CellWave(matrix, lambda m: m.set_values(tensor), order="cells", run_time=run_time))
            return
        self.add(matrix, self.names[name])
        scene.play(FadeIn(matrix, self.names[name]), run_time=0.4)
        scene.play(CellWave(matrix, Matrix.reveal, order="cells", run_time=run_time))
