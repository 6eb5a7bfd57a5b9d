"""Cells in flight: the cells of one matrix, or copies of its rows, travel to their places in another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import Animation, Mobject, Scene, linear, smooth

from core.trace import Reading
from scenes.stage.matrix.cells import BLACK, FINEST, WHITE, Cells, paint_cell
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import SMALL, Box, around
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import CellColours, contrast

CELL_TRAVEL, ROW_TRAVEL = 0.5, 0.55  # how long each of them travels, as a share of the whole flight
Place = Callable[[int, int], tuple[int, int]]


def transposed(i: int, j: int) -> tuple[int, int]:
    return j, i


def same(i: int, j: int) -> tuple[int, int]:
    return i, j


class Flight(Painted):
    """What is on its way from `origin` to `goal`; progress: how far each of its movers is.

    Subclasses say when each mover leaves (`delays`) and how it is painted.
    """

    TRAVEL = CELL_TRAVEL

    def __init__(self, source: Cells, target: Cells, movers: int) -> None:
        self.origin, self.goal = source, target
        self.progress = np.zeros(movers)
        super().__init__(around(source.box, target.box), source.theme.ink)

    def delays(self) -> np.ndarray:
        """When each mover leaves, as a share of the whole flight.  # (movers,)"""
        return np.zeros(len(self.progress))

    def advance(self, alpha: float) -> None:
        """Stand as at `alpha` of the whole flight."""
        self.progress = np.array([smooth(float(p)) for p in np.clip((alpha - self.delays()) / self.TRAVEL, 0, 1)])

    def paint_cell(
        self, brush: Brush, cell: Box, radius: float, colours: CellColours, reading: Reading | None, size: float
    ) -> None:
        """One cell in flight, with its number where this can be read."""
        paint_cell(brush, self.origin.theme, cell, radius, colours, self.opacity)
        if reading is not None and size >= self.origin.theme.size(SMALL):
            brush.text_centred(reading.text, cell.x, cell.y, size)
            white = contrast(WHITE, colours.fill) >= contrast(BLACK, colours.fill)
            brush.fill(WHITE if white else BLACK, self.opacity)


class CellFlight(Flight):
    """Cells on their way, each to a place of its own. moves: the indices of each in the source and in the target."""

    MOST = 1024

    def __init__(self, source: Cells, target: Cells, place: Place, order: str = "rows", lift: float = 0.0) -> None:
        rows, columns = source.shape
        self.moves = [((i, j), place(i, j)) for i in range(rows) for j in range(columns)][: self.MOST]
        self.order, self.lift = order, lift
        super().__init__(source, target, len(self.moves))

    def delays(self) -> np.ndarray:
        rows, columns = self.origin.shape
        late = [i / max(1, rows - 1) if self.order == "rows" else j / max(1, columns - 1) for (i, j), _ in self.moves]
        return np.array(late) * (1 - self.TRAVEL)

    def paint(self, brush: Brush) -> None:
        boxes_from, boxes_to = self.origin.cell_boxes(), self.goal.cell_boxes()
        size_from = self.origin.font_size(*self.origin.pitch)
        size_to = self.goal.font_size(*self.goal.pitch)
        narrow = self.origin.widths < self.origin.widths.max() / 2
        before, after = self.origin.colours, self.goal.colours
        for ((i, j), (p, q)), progress in zip(self.moves, self.progress, strict=True):
            box = _between(boxes_from[i][j], boxes_to[p][q], progress, self.lift)
            colours = before[i, j].towards(after[p, q], progress)
            size = size_from + (size_to - size_from) * progress
            radius = 0.16 * min(box.width, box.height)
            self.paint_cell(brush, box, radius, colours, None if narrow[j] else self.origin.readings[i, j], size)


class RowFlight(Flight):
    """Copies of rows on their way, each a little after the one before; pairs: (row it leaves, row it arrives in)."""

    TRAVEL = ROW_TRAVEL

    def __init__(self, source: Cells, target: Cells, pairs: Sequence[tuple[int, int]]) -> None:
        self.pairs = tuple(pairs)
        super().__init__(source, target, len(self.pairs))

    def delays(self) -> np.ndarray:
        return np.linspace(0, 1 - self.TRAVEL, len(self.pairs)) if len(self.pairs) > 1 else np.zeros(1)

    def paint(self, brush: Brush) -> None:
        for (row, place), progress in zip(self.pairs, self.progress, strict=True):
            if progress > 0:
                box = _between(self.origin.part_box(rows=row), self.goal.part_box(rows=place), progress)
                self._paint_row(brush, box, row, self.origin.colours[row].towards(self.goal.colours[place], progress))

    def _paint_row(self, brush: Brush, box: Box, row: int, colours: CellColours) -> None:
        columns = len(colours.edge)
        width = box.width / columns
        if min(width, box.height) < FINEST:
            brush.pixels(colours.fill[None], box, self.opacity)
            return
        half, radius = Cells.gap_of(width, box.height) / 2, 0.16 * min(width, box.height)
        size = self.origin.font_size(width, box.height)
        for column in range(columns):
            left, right = box.left + column * width, box.left + (column + 1) * width
            cell = Box(left, right, box.bottom, box.top).grown(-half)
            self.paint_cell(brush, cell, radius, colours[column], self.origin.readings[row, column], size)


def _between(start: Box, end: Box, progress: float, lift: float = 0.0) -> Box:
    width = start.width + (end.width - start.width) * progress
    height = start.height + (end.height - start.height) * progress
    x = start.x + (end.x - start.x) * progress
    y = start.y + (end.y - start.y) * progress + lift * 4 * progress * (1 - progress)
    return Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2)


class _Fly(Animation):
    """The movers of a flight leave one after another, and are gone when they have arrived.

    taken: what is no longer there once they have left.
    """

    def __init__(self, flight: Flight, taken: Mobject | None = None, **kwargs: Any) -> None:
        self.taken = taken
        super().__init__(flight, rate_func=linear, introducer=True, remover=True, **kwargs)

    def _setup_scene(self, scene: Scene) -> None:
        super()._setup_scene(scene)
        if self.taken is not None:
            scene.remove(*self.taken.get_family())

    def interpolate_mobject(self, alpha: float) -> None:
        self.mobject.advance(alpha)


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
    flight = CellFlight(source.cells, target.cells, place, order, lift)
    scene.play(_Fly(flight, None if keep else source, run_time=run_time))
    target.reveal()
    scene.add(target)


def fly_rows(
    scene: Scene, source: Matrix, target: Matrix, pairs: Sequence[tuple[int, int]], run_time: float = 2.0
) -> None:
    """Fly copies of rows of `source` to their rows of `target`, where they stay."""
    scene.play(_Fly(RowFlight(source.cells, target.cells, pairs), run_time=run_time))
    target.reveal(rows=[place for _, place in pairs])
