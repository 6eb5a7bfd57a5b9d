"""The loss as a picture: the right cells framed, and −ln p as a curve on which every position has its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import SMALL, TIGHT, Box
from scenes.stage.paint.painting import Brush, Drawn, Painted, PrintedText
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

LEAST_RANGE = 2.5  # of the curve, so that it bends even where all losses are small
STEPS = 80
RADIUS = 0.065
LINE = 0.4  # how clear a line is


class CellMarks(Painted):
    """Frames around some cells of a matrix, and where it has no numbers lines from them to the ends of their rows; they
    follow the matrix when they take its box. State: `light` (cells,).
    """

    STATE: ClassVar[tuple[str, ...]] = ("light",)

    def __init__(self, matrix: Matrix, cells: Sequence[tuple[int, int]], theme: Theme) -> None:
        self.shape = (matrix.rows, matrix.columns)
        self.cells = tuple(cells)
        self.light = np.ones(len(self.cells))
        self.line = np.array(theme.hue("weights"))
        self.clear = 0.0 if matrix.has_numbers else LINE
        super().__init__(matrix.box, theme.hue("focus"))

    def show(self, count: int) -> CellMarks:
        """Show the first `count` frames alone."""
        self.light = (np.arange(len(self.cells)) < count).astype(float)
        return self

    def paint(self, brush: Brush) -> None:
        box, (rows, columns) = self.box, self.shape
        width, height = box.width / columns, box.height / rows
        for (i, j), light in zip(self.cells, self.light, strict=True):
            if light > 0:
                y = box.top - (i + 0.5) * height
                brush.context.move_to(box.left + (j + 1) * width + TIGHT, y)
                brush.context.line_to(box.right, y)
                brush.stroke(self.line, self.opacity * float(light) * self.clear, 0.02)
                brush.rounded(
                    box.left + j * width, box.top - (i + 1) * height, width, height, 0.16 * min(width, height)
                )
                brush.stroke(self.colour, self.opacity * float(light), 0.028)


class LossCurve(Drawn):
    """−ln p over p from 0 to 1, and a dot where each position stands.

    State: `drawn` (how much of the curve), `light` (positions,) how clearly each dot shows.
    """

    STATE: ClassVar[tuple[str, ...]] = ("drawn", "light")
    EDGE = 0.3  # room for the marks of the axes

    def __init__(self, shares: np.ndarray, losses: np.ndarray, names: tuple[str, str], box: Box, theme: Theme) -> None:
        self.theme, self.names = theme, names
        self.shares, self.losses = np.asarray(shares, dtype=float), np.asarray(losses, dtype=float)
        self.range = max(LEAST_RANGE, 1.08 * float(self.losses.max()))
        self.drawn, self.light = np.ones(1), np.ones(len(self.shares))
        super().__init__(box, theme.hue("output"))

    def undrawn(self) -> LossCurve:
        self.light = np.zeros(len(self.shares))
        return super().undrawn()

    def show_dots(self) -> LossCurve:
        """Every position has its dot."""
        self.light = np.ones(len(self.shares))
        return self

    def point(self, share: float, loss: float) -> tuple[float, float]:
        """Where a probability and its loss stand."""
        box = self.box
        left, bottom = box.left + self.EDGE, box.bottom + self.EDGE
        return left + share * (box.right - left), bottom + loss / self.range * (box.top - bottom)

    def paint(self, brush: Brush) -> None:
        context, quiet = brush.context, self.theme.quiet
        context.move_to(*self.point(0, self.range))
        context.line_to(*self.point(0, 0))
        context.line_to(*self.point(1, 0))
        brush.stroke(quiet, 0.8 * self.opacity, 0.014)
        losses = self.range * (1 - np.linspace(0, 1, STEPS) * float(self.drawn[0]))
        for loss in losses:
            context.line_to(*self.point(float(np.exp(-loss)), float(loss)))
        brush.stroke(self.colour, 0.9 * self.opacity, 0.03)
        for share, loss, light in zip(self.shares, self.losses, self.light, strict=True):
            x, y = self.point(float(share), float(loss))
            brush.rounded(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS, RADIUS)
            brush.fill(self.theme.ink, self.opacity * float(light))
        brush.write(self.printed())

    def printed(self) -> list[PrintedText]:
        """The ends 0 and 1 of the lower axis, 0 of the upright one, and what the axes mean."""
        (left, bottom), (right, _) = self.point(0, 0), self.point(1, 0)
        size = self.theme.size(SMALL)
        below = bottom - TIGHT - CAP_HEIGHT * size
        across, up = self.names
        half = text_width(across, size) / 2
        narrow = 2 * half + 2 * TIGHT + 2 * text_width("0", size) > right - left
        under = below - narrow * (TIGHT + CAP_HEIGHT * size)
        middle = min((left + right) / 2, self.box.right - half)
        return [
            self._text("0", left, below),
            self._text("1", right - text_width("1", size), below),
            self._text(across, middle - half, under),
            self._text(up, self.point(float(np.exp(-self.range)), 0)[0] + 0.15, self.box.top - CAP_HEIGHT * size),
        ]

    def _text(self, text: str, left: float, bottom: float) -> PrintedText:
        size = self.theme.size(SMALL)
        box = Box(left, left + text_width(text, size), bottom, bottom + CAP_HEIGHT * size)
        return PrintedText(text, box, size, np.array(self.theme.quiet), None, structural=True, opacity=self.opacity)
