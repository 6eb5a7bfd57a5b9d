"""Rows in flight: copies of rows of one matrix travel to rows of another, as a look-up does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, Scene, linear, smooth

from scenes.stage.matrix.cells import BLACK, WHITE, Cells
from scenes.stage.matrix.flight import _between
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import SMALLEST_FONT, Box, around
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import contrast

TRAVEL = 0.55
FINEST = 0.06


class RowFlight(Painted):
    """Rows on their way from `source` to `target`; pairs: (row it leaves, row it arrives in)."""

    def __init__(self, source: Cells, target: Cells, pairs: Sequence[tuple[int, int]]) -> None:
        self.origin, self.goal, self.pairs = source, target, tuple(pairs)
        self.progress = np.zeros(len(pairs))
        super().__init__(around(source.box, target.box), source.theme.ink)

    def paint(self, brush: Brush) -> None:
        for (row, place), progress in zip(self.pairs, self.progress, strict=True):
            if progress > 0:
                box = _between(self.origin.part_box(rows=row), self.goal.part_box(rows=place), progress, 0.0)
                self._row(brush, box, row, place, progress)

    def _row(self, brush: Brush, box: Box, row: int, place: int, progress: float) -> None:
        fill = self.origin.fill[row] * (1 - progress) + self.goal.fill[place] * progress  # (columns, 3)
        width = box.width / len(fill)
        if min(width, box.height) < FINEST:
            brush.pixels(fill[None], box, self.opacity)
            return
        gap = Cells.gap_of(width, box.height)
        size = self.origin.font_size(width, box.height)
        for column, colour in enumerate(fill):
            cell = Box(box.left + column * width, box.left + (column + 1) * width, box.bottom, box.top).grown(-gap / 2)
            brush.rounded(cell.left, cell.bottom, cell.width, cell.height, 0.16 * min(width, box.height))
            brush.fill(colour, self.opacity)
            if size >= SMALLEST_FONT:
                brush.text_centred(self.origin.readings[row, column].text, cell.x, cell.y, size)
                brush.fill(WHITE if contrast(WHITE, colour) >= contrast(BLACK, colour) else BLACK, self.opacity)


class _FlyRows(Animation):
    """Each row starts a little after the one before."""

    def __init__(self, flight: RowFlight, **kwargs: Any) -> None:
        super().__init__(flight, rate_func=linear, introducer=True, remover=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        flight = self.mobject
        delay = np.linspace(0, 1 - TRAVEL, len(flight.pairs)) if len(flight.pairs) > 1 else np.zeros(1)
        flight.progress = np.array([smooth(float(p)) for p in np.clip((alpha - delay) / TRAVEL, 0, 1)])


def fly_rows(
    scene: Scene, source: Matrix, target: Matrix, pairs: Sequence[tuple[int, int]], run_time: float = 2.0
) -> None:
    """Copies of rows of `source` fly to their rows of `target` and stay there."""
    scene.play(_FlyRows(RowFlight(source.cells, target.cells, pairs), run_time=run_time))
    target.reveal(rows=[place for _, place in pairs])
