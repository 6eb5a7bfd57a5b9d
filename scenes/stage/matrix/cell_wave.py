"""A change of a matrix that runs through its cells like a wave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from manim import Animation, Mobject, linear

from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.matrix import Matrix


class Changing(Animation):
    """Leads from a mobject to `target`, what `change` makes of a copy of it. Subclasses say at what pace.

    of_numbers: whether it is numbers that change, for one to look at, and not where they stand.
    """

    of_numbers: ClassVar[bool] = True

    def __init__(self, mobject: Mobject, change: Callable[[Any], object], **kwargs: Any) -> None:
        self.change = change
        super().__init__(mobject, rate_func=linear, **kwargs)

    def begin(self) -> None:
        self.target = self.mobject.copy()
        self.change(self.target)
        super().begin()


class CellWave(Changing):
    """Apply a change to a matrix cell by cell: row after row, column after column, or along the diagonal.

    change: what to do to the target, e.g. `Matrix.reveal` or `lambda m: m.set_values(tensor)`;
    order: "rows", "columns", "cells" (reading order) or "diagonal"; spread: how much later the last cell starts,
    as a share of the whole time.
    """

    def __init__(
        self,
        matrix: Matrix,
        change: Callable[[Matrix], object],
        order: str = "rows",
        spread: float = 0.75,
        **kwargs: Any,
    ) -> None:
        self.order = order
        self.spread = spread
        super().__init__(matrix, change, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        cells = self.mobject.cells
        delay = _delays(cells.shape, self.order) * self.spread
        pace = np.clip((alpha - delay) / (1 - self.spread), 0, 1)
        start, target = self.starting_mobject.cells, self.target.cells
        cells.wave_between(start, target, pace * pace * (3 - 2 * pace))

    def finish(self) -> None:
        super().finish()
        cells, target = self.mobject.cells, self.target.cells
        for name in (*Cells.STATE, "readings"):
            setattr(cells, name, getattr(target, name))


def _delays(shape: tuple[int, int], order: str) -> np.ndarray:
    """When each cell starts, 0…1.  # (rows, columns)"""
    columns = shape[1]
    i, j = np.indices(shape)
    position = {"rows": i, "columns": j, "cells": i * columns + j, "diagonal": i + j}[order]
    return position / max(1, position.max())
