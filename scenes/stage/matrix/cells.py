"""The cells of a matrix: one mobject whose state is arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from manim import VMobject

from core.trace import Tensor
from scenes.stage.paint.layout import SMALL, Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import CellColours, Colour, Theme, contrast, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

CELL_GAP = 0.07
MOST_NUMBERS, MOST_IN_ROW = 400, 1024  # of which a matrix, or a single row, prints any
LARGEST_NUMBER = 0.34
TYPE_SHARE = 0.64  # of the height of a cell, for the size of its number
FINEST = 0.06  # pitch below which cells without numbers are the pixels of an image
RING_ROOM = (0.05, 0.09)  # sides of cells between which rings come in: smaller ones have no room for them
THINNEST, STOUTEST = 0.012, 0.45  # the finest ring, and the side of a cell from which on rings grow no thicker
ALMOST = 0.999  # of the widest column: as wide, but for rounding
FULLNESS = 0.87  # share of a cell's inside that its widest number may take
WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
Index = int | slice | Sequence[int]


class Cells(Painted):
    """The cells of one matrix.

    State, one entry per cell: `fill` colour, `ring` colour, `edge` (how thick the ring is, 0 none to 1), `shown` (0 an
    empty slot, 1 there), `light` (1 lit, less where it steps back), `ink` (opacity of the number), `veil` (hatching of
    a mask); and for the whole: `numbers` (1 numbers, 0 heat alone), `slots` (how visible empty slots are); `widths` of
    the columns as shares of the whole. A number never ticks through values that were not computed: when a cell's number
    changes, the old one fades out and the new one fades in.
    At rest numbers are readable or absent; they fade (`fading`) only while cells grow or shrink past that size.
    """

    BY_CELL: ClassVar[tuple[str, ...]] = ("fill", "ring", "edge", "shown", "light", "ink", "veil")
    STATE: ClassVar[tuple[str, ...]] = (*BY_CELL, "numbers", "slots", "widths")
    MARGIN = 0.02

    def __init__(self, tensor: Tensor, meaning: str, theme: Theme, *, reserve: Iterable[Tensor] = ()) -> None:
        if tensor.values.ndim != 2:
            raise ValueError(f"{tensor.name}: a matrix needs 2 axes, this has {tensor.axes}")
        self.theme = theme
        self.meaning = meaning
        self.tensor = tensor
        shape = tensor.shape
        self.fill, self.ring, self.edge = np.zeros((*shape, 3)), np.zeros((*shape, 3)), np.zeros(shape)
        self.shown = np.zeros(shape)
        self.light = np.ones(shape)
        self.ink = np.ones(shape)
        self.veil = np.zeros(shape)
        self.numbers = np.ones(1)
        self.slots = np.ones(1)
        self.readings = np.full(shape, None, dtype=object)
        self.widths = np.full(shape[1], 1 / shape[1])
        self.fading: np.ndarray | None = None
        self.numeric = tensor.values.size <= (MOST_IN_ROW if shape[0] == 1 else MOST_NUMBERS)
        held = [t for t in (tensor, tensor.beside, *reserve) if t is not None]  # both of a comparison print, or neither
        self.widest = max(map(widest_number, held)) if self.numeric else 0.0
        super().__init__(Box(0, shape[1] * 0.6, 0, shape[0] * 0.42), theme.ink)
        self.set_values(tensor)

    @property
    def shape(self) -> tuple[int, int]:
        return self.tensor.shape  # type: ignore[return-value]

    # --- geometry -----------------------------------------------------------------------------------------------

    @property
    def is_there(self) -> bool:
        """Whether any of it can be seen."""
        return bool(self.opacity * self.shown.max(initial=0) > 0)

    @property
    def pitch(self) -> tuple[float, float]:
        """Width and height of a cell with its gap, in the widest column."""
        return self.box.width * float(self.widths.max()), self.box.height / self.shape[0]

    @property
    def edges(self) -> np.ndarray:
        """Where columns begin, and where the last one ends.  # (columns + 1,)"""
        return self.box.left + self.box.width * np.concatenate([[0.0], np.cumsum(self.widths)])

    def part_box(self, rows: Index = slice(None), columns: Index = slice(None)) -> Box:
        """The box around some rows and columns."""
        box, height, edges = self.box, self.pitch[1], self.edges
        i = np.atleast_1d(np.arange(self.shape[0])[rows])
        j = np.atleast_1d(np.arange(self.shape[1])[columns])
        return Box(
            float(edges[j.min()]),
            float(edges[j.max() + 1]),
            box.top - (i.max() + 1) * height,
            box.top - i.min() * height,
        )

    def font_size(self, width: float, height: float) -> float:
        """The size at which every number of this matrix fits a cell of that pitch with air on both sides."""
        if not self.numeric:
            return 0.0
        gap = self.gap_of(width, height)
        return min(
            TYPE_SHARE * height, LARGEST_NUMBER * self.theme.scale, (width - gap) * FULLNESS / max(self.widest, 1e-6)
        )

    def numbers_fit(self, width: float, height: float) -> bool:
        return self.font_size(width, height) >= self.theme.size(SMALL)

    def legible(self) -> np.ndarray:
        """Which numbers can be read as the cells stand, 1 or 0.  # (rows, columns)"""
        wide = self.widths >= self.widths.max() * ALMOST
        return np.broadcast_to(np.where(wide, float(self.numbers_fit(*self.pitch)), 0.0), self.shape)

    @property
    def readable(self) -> np.ndarray:
        """How far the numbers can be read: 1, 0, or between while they fade.  # (rows, columns)"""
        return self.legible() if self.fading is None else self.fading

    @staticmethod
    def gap_of(width: float, height: float) -> float:
        return min(CELL_GAP, 0.14 * min(width, height))

    def smallest_numeric_pitch(self) -> tuple[float, float]:
        """The smallest cell pitch at which the numbers are still legible."""
        size = 1.02 * self.theme.size(SMALL)
        return size * max(self.widest, 1.2) / FULLNESS + CELL_GAP * 0.8, size / TYPE_SHARE

    # --- changes --------------------------------------------------------------------------------------------------

    def set_values(self, tensor: Tensor, rows: Index = slice(None), columns: Index = slice(None)) -> Cells:
        """Take values, colours and printed numbers from `tensor`, for all cells or some."""
        where = np.ix_(np.atleast_1d(np.arange(self.shape[0])[rows]), np.atleast_1d(np.arange(self.shape[1])[columns]))
        self.take_colours(self.colours_of(tensor), where)
        if self.numeric:
            self.readings = self.readings.copy()
            for i, j in np.argwhere(_mask(self.shape, where)):
                self.readings[i, j] = tensor.at(int(i), int(j))
        return self

    @property
    def colours(self) -> CellColours:
        """How all cells look."""
        return CellColours(self.fill, self.ring, self.edge)

    def take_colours(self, colours: CellColours, where: Any = slice(None)) -> Cells:
        """Let all cells (or those at the index `where`) look as they do among `colours`, (rows, columns) of them."""
        for name in ("fill", "ring", "edge"):
            state = getattr(self, name).copy()
            state[where] = getattr(colours, name)[where]
            setattr(self, name, state)
        return self

    def colour_by(self, limit: float) -> Cells:
        """Colour the cells by their values, `limit` being the magnitude of the strongest colour."""
        return self.take_colours(self.theme.signed_cells(self.tensor.values, self.meaning, limit))

    def colours_of(self, tensor: Tensor) -> CellColours:
        """How a tensor's cells look by this matrix's meaning."""
        if self.meaning == "weights":
            return self.theme.weight_cells(tensor.values)
        return self.theme.signed_cells(tensor.values, self.meaning, tensor.largest)

    def set_state(self, name: str, value: float, rows: Index = slice(None), columns: Index = slice(None)) -> Cells:
        """Give the state `name` of these cells (all, by default) that value."""
        state = getattr(self, name).copy()
        i = np.atleast_1d(np.arange(self.shape[0])[rows])
        j = np.atleast_1d(np.arange(self.shape[1])[columns])
        state[np.ix_(i, j)] = value
        setattr(self, name, state)
        return self

    # --- interpolation and painting ---------------------------------------------------------------------------------

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        if isinstance(start, Cells) and isinstance(target, Cells):
            self.fading = _on_the_way(start.readable, target.readable, alpha)
            self.cross_numbers(start, target, np.full(self.shape, alpha))

    def cross_numbers(self, start: Cells, target: Cells, alpha: np.ndarray) -> None:
        """Fade each number that changes out and the new one in, `alpha` of the way per cell."""
        if start.readings is target.readings or start.shape != target.shape:
            return
        changed = (start.readings != target.readings) & (start.shown > 0)
        late = (alpha >= 0.5) | ~changed
        self.readings = np.where(late, target.readings, start.readings)
        self.ink = np.where(changed, self.ink * np.abs(2 * alpha - 1), self.ink)

    def wave_between(self, start: Cells, target: Cells, alpha: np.ndarray) -> None:
        """Stand `alpha` (rows, columns) of the way from `start` to `target`, each cell at its own pace."""
        for name in self.BY_CELL:
            first, last = getattr(start, name), getattr(target, name)
            weight = alpha[..., None] if first.ndim == 3 else alpha
            setattr(self, name, first + (last - first) * weight)
        self.cross_numbers(start, target, alpha)

    def paint(self, brush: Brush) -> None:
        if self._as_pixels:
            self._paint_pixels(brush)
            return
        width, height = self.pitch
        radius = 0.16 * min(width, height)
        boxes, colours = self.cell_boxes(), self.colours
        clip = brush.clip
        inside = [(i, j) for i, j in np.ndindex(self.shape) if boxes[i][j].grown(self.MARGIN).overlaps(clip)]
        for i, j in inside:
            self._paint_cell(brush, i, j, boxes[i][j], radius, colours[i, j])
        size = self.font_size(width, height)
        visible = self.number_opacity(size)
        white = self.white_ink()
        for i, j in inside:
            if visible[i, j] <= 0:
                continue
            cell, colour = boxes[i][j], WHITE if white[i, j] else BLACK
            brush.text_centred(self.readings.item(i, j).text, cell.x, cell.y, size)
            brush.fill(colour, float(visible[i, j]))

    def changed_box(self, before: Mapping[str, Any], changed: Collection[str]) -> Box | None:
        """The cells that changed."""
        if self._as_pixels or not {*self.BY_CELL, "readings"}.issuperset(changed):
            return None
        other = self.readings != before["readings"]  # (rows, columns)
        for name in self.BY_CELL:
            differs = getattr(self, name) != before[name]
            other = other | (differs.any(axis=-1) if differs.ndim == 3 else differs)
        rows, columns = np.nonzero(other)
        if not rows.size:
            return replace(self.box, right=self.box.left)
        return self.part_box(range(rows.min(), rows.max() + 1), range(columns.min(), columns.max() + 1))

    @property
    def _as_pixels(self) -> bool:
        return not self.numeric and min(self.pitch) < FINEST

    def cell_boxes(self) -> list[list[Box]]:
        """The inside of every cell, without the gaps."""
        box, (width, height) = self.box, self.pitch
        half = self.gap_of(min(width, box.width * float(self.widths.min())), height) / 2
        rows = [box.top - i * height for i in range(self.shape[0])]
        columns = [(float(x) + half, float(end) - half) for x, end in pairwise(self.edges)]
        return [[Box(x, end, y - height + half, y - half) for x, end in columns] for y in rows]

    def _paint_cell(self, brush: Brush, i: int, j: int, cell: Box, radius: float, colours: CellColours) -> None:
        shown, light = self.shown[i, j], self.light[i, j]
        if shown < 1 and self.slots[0] > 0:
            brush.rounded(cell.left, cell.bottom, cell.width, cell.height, radius)
            brush.stroke(self.theme.rule, self.opacity * self.slots[0] * (1 - shown) * light, 0.012)
        if shown > 0:
            paint_cell(brush, self.theme, cell, radius, colours, self.opacity * shown * light)
        if self.veil[i, j] > 0:
            brush.hatch(cell, radius, self.theme.hue("mask"), self.opacity * self.veil[i, j] * light)

    def number_opacity(self, size: float) -> np.ndarray:
        """How visible each number is at font size `size`.  # (rows, columns)"""
        if not self.numeric:
            return np.zeros(self.shape)
        return self.shown * self.light * self.ink * self.readable * (self.opacity * self.numbers[0])

    def white_ink(self) -> np.ndarray:
        """Where white reads better than black on the cell as it stands over the background.  # (rows, columns)"""
        seen = self.seen()
        return contrast(np.array(WHITE), seen) >= contrast(np.array(BLACK), seen)

    def seen(self) -> np.ndarray:
        """The insides of the cells as they stand over the background.  # (rows, columns, 3)"""
        return mix(self.theme.background, self.fill, self.shown * self.light)

    def _paint_pixels(self, brush: Brush) -> None:
        brush.pixels(self.seen(), self.box, self.opacity * float(self.shown.max(initial=0)))

    def printed(self) -> list[PrintedText]:
        """The numbers now on screen."""
        size = self.font_size(*self.pitch)
        visible, white, boxes, seen = self.number_opacity(size), self.white_ink(), self.cell_boxes(), self.seen()
        return [
            self._printed(i, j, boxes[i][j], size, visible[i, j], WHITE if white[i, j] else BLACK, seen[i, j])
            for i, j in np.argwhere(visible > 0)
        ]

    def _printed(
        self, i: int, j: int, cell: Box, size: float, opacity: float, colour: Colour, background: np.ndarray
    ) -> PrintedText:
        reading = self.readings[i, j]
        half, high = text_width(reading.text, size) / 2, CAP_HEIGHT * size / 2
        box = Box(cell.x - half, cell.x + half, cell.y - high, cell.y + high)
        return PrintedText(
            reading.text, box, size, np.array(colour), background, (reading,), cell=cell, opacity=float(opacity)
        )


def paint_cell(brush: Brush, theme: Theme, cell: Box, radius: float, colours: CellColours, opacity: float) -> None:
    """One cell: its filling, and its ring if it has one and is large enough for it."""
    side, edge = min(cell.width, cell.height), float(colours.edge)
    room = min(1.0, (side - RING_ROOM[0]) / (RING_ROOM[1] - RING_ROOM[0]))
    ringed = edge > 0 and room > 0
    width = edge * max(THINNEST, theme.ring * min(side, STOUTEST)) if ringed else 0.0
    brush.rounded(cell.left + width / 2, cell.bottom + width / 2, cell.width - width, cell.height - width, radius)
    brush.colour(colours.fill, opacity)
    if not ringed:
        brush.context.fill()
        return
    brush.context.fill_preserve()
    brush.stroke(colours.ring, opacity * room, width)


def _on_the_way(start: np.ndarray, end: np.ndarray, alpha: float) -> np.ndarray | None:
    """Between two arrays of opacities; None where it has arrived, or where they are the same."""
    if start.shape != end.shape or min(alpha, 1 - alpha) < 1e-6 or np.array_equal(start, end):
        return None
    return start + (end - start) * alpha


def widest_number(tensor: Tensor) -> float:
    """The width of the widest printed number of a matrix, at font size 1."""
    rows, columns = tensor.shape
    return max(text_width(tensor.at(i, j).text, 1.0) for i in range(rows) for j in range(columns))


def _mask(shape: tuple[int, int], where: tuple[np.ndarray, ...]) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[where] = True
    return mask
