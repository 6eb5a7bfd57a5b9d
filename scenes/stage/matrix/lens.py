"""Numbers that don't fit: a lens over a few cells of a large matrix."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

import numpy as np
from manim import VGroup

from scenes.stage.matrix.cells import TYPE_SHARE
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, SMALL, TIGHT, WIDE, Box, around
from scenes.stage.paint.painting import Brush, Drawn
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten

AIRY = 1.25  # a cell under a lens, in the smallest cells in which its numbers can be read
LARGEST_CELL = (0.9, 0.42)
NARROWEST = 0.55  # so that a short name has room under a cell
MOST_COLUMNS = 7
BEAM, FOLD = WIDE, WIDE  # height of the lines that join; width of an ellipsis
LEFT_OUT = "⋯"


def folded(count: int, focus: Sequence[int], most: int = MOST_COLUMNS) -> list[int]:
    """Which of `count` columns stand for all: those in focus, the first ones and the last, `most` in all, in order."""
    ends = [0, count - 1, *range(1, count)]
    return sorted(list(dict.fromkeys([*focus, *ends]))[: min(most, count)])


class Beams(Drawn):
    """Two quiet lines from each run of cells to the same cells under the lens. State: `ends`, `drawn`.

    ends: of each run left, right and height where it leaves, then where it arrives.  # (runs, 6)
    """

    STATE: ClassVar[tuple[str, ...]] = ("ends", "drawn")

    def __init__(self, theme: Theme) -> None:
        self.ends, self.drawn = np.zeros((0, 6)), np.ones(1)
        super().__init__(Box(0, 1, 0, 1), theme.quiet)

    def join(self, sources: Sequence[Box], targets: Sequence[Box]) -> Beams:
        """Run from the lower edge of each source to the upper edge of its target."""
        pairs = zip(sources, targets, strict=True)
        self.ends = np.array([[a.left, a.right, a.bottom, b.left, b.right, b.top] for a, b in pairs])
        return self.set_box(around(*sources, *targets))

    def paint(self, brush: Brush) -> None:
        for left, right, y, far_left, far_right, low in self.ends:
            for x, end in ((left, far_left), (right, far_right)):
                way = float(self.drawn[0])
                brush.context.move_to(x, y)
                brush.context.line_to(x + way * (end - x), y + way * (low - y))
            brush.stroke(self.colour, 0.55 * self.opacity, 0.014)


class Lens(VGroup):
    """A frame over some cells of a large matrix, and below it the same cells with their numbers, joined by quiet lines.

    rows, columns: which cells, in order; where columns are left out between two of them stands an ellipsis; box: where
    the cells stand when they have come out; names: a text for each column of the matrix, written under its cell; air:
    how large a cell is, in the smallest in which its numbers can be read.
    It is made shut, all of it in its frame: `lens.animate.open()` lets the cells come out, `shut` takes them back,
    `over` moves it to other rows.
    """

    def __init__(
        self, matrix: Matrix, rows: Sequence[int], columns: Sequence[int], box: Box, theme: Theme,
        names: Sequence[str] = (), *, air: float = AIRY,
    ) -> None:  # fmt: skip
        super().__init__()
        self.air = air
        self.theme, self.rows, self.stand = theme, list(rows), box
        self.runs = runs_of(columns)
        tensors = [matrix.tensor.picked(self.rows, run) for run in self.runs]
        self.parts = [Matrix(tensor, matrix.meaning, theme, reserve=tensors) for tensor in tensors]
        texts = [names[column] for column in columns] if names else []
        self.folds = VGroup(*(Label(LEFT_OUT, theme.size(SMALL), theme.quiet) for _ in self.runs[1:]))
        self.cell = self._cell()
        self.names = VGroup(*(self._name(text) for text in texts))
        self.beams, self.frame = Beams(theme), Frame(matrix.box, theme)
        self.add(self.beams, self.frame, *self.parts, self.folds, self.names)
        self.look_at(matrix).shut()

    def _cell(self) -> tuple[float, float]:
        """Width and height of a cell: its numbers stand with air around them where the box has room for that."""
        least = np.array([part.cells.smallest_numeric_pitch() for part in self.parts]).max(axis=0)
        count = sum(map(len, self.runs))
        room = (self.stand.width - FOLD * len(self.folds)) / count
        return min(max(self.air * float(least[0]), NARROWEST), room), self.air * float(least[1])

    def _name(self, text: str) -> Label:
        size = self.theme.size(SMALL)
        return Label(shorten(text, self.cell[0] - HAIR, size), size, self.theme.quiet, structural=True)

    def look_at(self, matrix: Matrix) -> Lens:
        """Take colours and places of the cells from the matrix as it stands."""
        self.sources = [matrix.cells.part_box(self.rows, run) for run in self.runs]
        for part, run in zip(self.parts, self.runs, strict=True):
            part.cells.take_colours(matrix.cells.colours[np.ix_(self.rows, run)])
        self.frame.around(around(*self.sources))
        return self

    def over(self, matrix: Matrix, rows: Sequence[int]) -> Lens:
        """Move to other rows of the matrix, as many as now; what has come out of the frame stays where it is."""
        self.rows = list(rows)
        for part, run in zip(self.parts, self.runs, strict=True):
            part.set_values(matrix.tensor.picked(self.rows, run))
        self.look_at(matrix)
        self.beams.join(self.sources, [part.box for part in self.parts])
        return self

    def cell_box(self, row: int, column: int) -> Box:
        """Where a cell stands under the lens; row, column: in the matrix."""
        part, run = next(pair for pair in zip(self.parts, self.runs, strict=True) if column in pair[1])
        return part.cell_box(self.rows.index(row), run.index(column))

    # --- states ---------------------------------------------------------------------------------------------------

    def open(self) -> Lens:
        """The cells stand under the frame, in the box."""
        width, height = self.cell
        total = sum(map(len, self.runs)) * width + FOLD * len(self.folds)
        half, box = total / 2, self.stand
        left = float(np.clip(around(*self.sources).x, box.left + half, box.right - half)) - half
        for part in self.parts:
            part.place(Box(left, left + part.columns * width, box.top - part.rows * height, box.top))
            left = part.box.right + FOLD
        self._label().labels.set_opacity(1)
        self.beams.join(self.sources, [part.box for part in self.parts]).draw()
        return self

    def shut(self) -> Lens:
        """All cells lie in the frame, and nothing is labelled."""
        self.open().labels.set_opacity(0)
        for part, source in zip(self.parts, self.sources, strict=True):
            part.place(source)
        self.beams.join(self.sources, self.sources).undrawn()
        return self

    @property
    def labels(self) -> VGroup:
        return VGroup(*self.folds, *self.names)

    def _label(self) -> Lens:
        """Ellipses between the cells and names under them, as these now stand."""
        for fold, part in zip(self.folds, self.parts, strict=False):
            fold.move_to([part.box.right + FOLD / 2, part.box.y, 0])
        cells = [part.column_box(j) for part in self.parts for j in range(part.columns)]
        for name, cell in zip(self.names, cells, strict=False):
            name.move_to([cell.x, cell.bottom - TIGHT - name.height / 2, 0])
        return self

    def reveal(self, columns: Sequence[int] | None = None) -> Lens:
        """Fill in the cells of these columns of the matrix, of all by default."""
        for part, run in zip(self.parts, self.runs, strict=True):
            chosen = [place for place, column in enumerate(run) if columns is None or column in columns]
            if chosen:
                part.reveal(columns=chosen)
        return self


def lens_height(theme: Theme, rows: int = 1, *, named: bool = False, air: float = AIRY) -> float:
    """The height that a lens over so many rows needs below its frame."""
    size = theme.size(SMALL)
    return BEAM + rows * air * 1.02 * size / TYPE_SHARE + (size + TIGHT if named else 0.0)


def runs_of(columns: Sequence[int]) -> list[list[int]]:
    """Neighbouring columns together: `[0, 1, 5]` → `[[0, 1], [5]]`."""
    groups = groupby(enumerate(columns), key=lambda pair: pair[1] - pair[0])
    return [[column for _, column in group] for _, group in groups]
