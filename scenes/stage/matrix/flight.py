"""Cells in flight: the cells of one matrix travel to their places in another, all as one mobject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from manim import Animation, Scene, linear, smooth

from core.trace import Reading
from scenes.stage.matrix.cells import BLACK, WHITE, Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import SMALLEST_FONT, Box, around
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import contrast

Place = Callable[[int, int], tuple[int, int]]


def transposed(i: int, j: int) -> tuple[int, int]:
    return j, i


def same(i: int, j: int) -> tuple[int, int]:
    return i, j


class CellFlight(Painted):
    """Cells on their way. Each has a start box, an end box, colours at both, and perhaps a number."""

    MOST = 1024

    def __init__(self, source: Cells, target: Cells, place: Place) -> None:
        self.origin, self.goal = source, target
        rows, columns = source.shape
        self.moves = [((i, j), place(i, j)) for i in range(rows) for j in range(columns)][: self.MOST]
        self.progress = np.zeros(len(self.moves))
        self.lift = 0.0
        super().__init__(around(source.box, target.box), source.theme.ink)

    def paint(self, brush: Brush) -> None:
        boxes_from, boxes_to = self.origin.cell_boxes(), self.goal.cell_boxes()
        size_from = self.origin.font_size(*self.origin.pitch)
        size_to = self.goal.font_size(*self.goal.pitch)
        for ((i, j), (p, q)), progress in zip(self.moves, self.progress, strict=True):
            box = _between(boxes_from[i][j], boxes_to[p][q], progress, self.lift)
            fill = self.origin.fill[i, j] * (1 - progress) + self.goal.fill[p, q] * progress
            brush.rounded(box.left, box.bottom, box.width, box.height, 0.16 * min(box.width, box.height))
            brush.fill(fill, self.opacity)
            self._number(brush, box, fill, self.origin.readings[i, j], size_from + (size_to - size_from) * progress)

    def _number(self, brush: Brush, box: Box, fill: np.ndarray, reading: Reading | None, size: float) -> None:
        if reading is None or size < SMALLEST_FONT:
            return
        brush.text_centred(reading.text, box.x, box.y, size)
        brush.fill(WHITE if contrast(WHITE, fill) >= contrast(BLACK, fill) else BLACK, self.opacity)


def _between(start: Box, end: Box, progress: float, lift: float) -> Box:
    width = start.width + (end.width - start.width) * progress
    height = start.height + (end.height - start.height) * progress
    x = start.x + (end.x - start.x) * progress
    y = start.y + (end.y - start.y) * progress + lift * 4 * progress * (1 - progress)
    return Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2)


class _Fly(Animation):
    def __init__(self, flight: CellFlight, order: str, **kwargs: Any) -> None:
        self.order = order
        super().__init__(flight, rate_func=linear, introducer=True, remover=True, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        flight = self.mobject
        rows, columns = flight.origin.shape
        late = [i / max(1, rows - 1) if self.order == "rows" else j / max(1, columns - 1) for (i, j), _ in flight.moves]
        delay = np.array(late) * 0.5
        flight.progress = np.array([smooth(float(p)) for p in np.clip((alpha - delay) / 0.5, 0, 1)])


def fly_cells(
    scene: Scene,
    source: Matrix,
    target: Matrix,
    place: Place = same,
    *,
    order: str = "rows",
    lift: float = 0.0,
    keep: bool = False,
    run_time: float = 2.0,
) -> None:
    """Fly the cells of `source` to their places in `target`, which then stands there filled in.

    place: where cell (i, j) of the source lands; order: which cells leave first; lift: height of the arc;
    keep: the source's cells stay (copies fly), else the source leaves the scene.
    """
    flight = CellFlight(source.cells, target.cells, place)
    flight.lift = lift
    if not keep:
        scene.remove(*source.get_family())
    scene.play(_Fly(flight, order, run_time=run_time))
    target.reveal()
    scene.add(target)
