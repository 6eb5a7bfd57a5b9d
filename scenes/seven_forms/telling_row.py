"""The row of weights that tells most, as bars over its columns: what it was, what it is, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import VGroup, VMobject

from core.trace import Reading
from scenes.seven_forms.form_matrix import FormMatrix
from scenes.stage.chapter.caption import percent
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import HAIR, LABEL, SPACE, STAGE, TIGHT, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten

CHANGE, BARS = 0.34, 0.84  # heights of the words above the bars, and of the bars
NAME = 0.24
NARROWEST_NAME = 0.6
INK = 1e-3  # of a weight, to be seen at all


class TellingRow(VGroup):
    """Bars over the columns of `weights`, the row's token on their left, and a frame around the cell that tells most.

    place: the cell, (query, key); room: the part of the stage that it has; framed: whether the frame is there at once.
    """

    def __init__(
        self, weights: FormMatrix, place: tuple[int, ...], token: str, room: Box, theme: Theme, *, framed: bool
    ) -> None:
        super().__init__()
        self.room, self.theme = room, theme
        self.query, self.key = place
        columns, foot = weights.cells.box, weights.axes["keys"].box.top + TIGHT
        self.bars = ChangeBars(weights.cells.shape[1], theme)
        self.bars.set_box(Box(columns.left, columns.right, foot, min(room.top - CHANGE, foot + BARS)))
        self.frame = Frame(weights.cell_box(self.query, self.key), theme)
        self.add(self.bars, self._name(token), *[self.frame] * framed)

    def _name(self, token: str) -> Label:
        """Whose row it is."""
        room = max(NARROWEST_NAME, self.bars.box.left - self.room.left - 0.2)
        label = Label(
            shorten(token, room, NAME), self.theme.size(LABEL), self.theme.hue("q"), "semibold", structural=True
        )
        return label.move_to([self.bars.box.left - SPACE - label.width / 2, self.bars.box.bottom + label.height / 2, 0])

    def change(self, readings: Sequence[Reading]) -> list[VMobject]:
        """`1% → 95%` over the cell's bar, and the frame if it is not there yet; returns what is to appear."""
        runs = [Run(" → ", self.theme.quiet)] * (2 * len(readings) - 1)
        runs[::2] = [percent(reading) for reading in readings]
        label = Label(runs, self.theme.size(LABEL), self.theme.ink, "semibold")
        half = label.width / 2
        x = min(max(self.bars.bar_x(self.key), self.room.left + half), STAGE.right - half)
        label.move_to([x, self.bars.box.top + HAIR + label.height / 2, 0])
        coming = [part for part in (self.frame, label) if part not in self]
        self.add(*coming)
        return coming


class ChangeBars(Painted):
    """One row of weights as bars over its columns: what it was as a pale outline, what it is filled.

    State: `before`, `after` (columns,), weights 0…1 that fill the height at 1; `span`, how many columns there are.
    """

    STATE: ClassVar[tuple[str, ...]] = ("before", "after", "span")
    MARGIN = 0.02

    def __init__(self, columns: int, theme: Theme) -> None:
        self.before, self.after = np.zeros(columns), np.zeros(columns)
        self.span = np.full(1, float(columns))
        self.ghost, self.full = theme.quiet, theme.hue("weights")
        super().__init__(Box(0, columns, 0, 1), theme.quiet)

    def bar_x(self, column: int) -> float:
        return self.box.left + (column + 0.5) * self.box.width / len(self.after)

    def start(self, weights: np.ndarray | None, keys: int) -> ChangeBars:
        """The row as it was over so many keys, nothing of it changed yet; None: there was none."""
        self.span = np.full(1, float(keys))
        values = self._filled(weights)
        self.before, self.after = values, values
        return self

    def become(self, weights: np.ndarray) -> ChangeBars:
        self.after, self.span = self._filled(weights), np.full(1, float(len(weights)))
        return self

    def _filled(self, weights: np.ndarray | None) -> np.ndarray:
        values = np.zeros(len(self.before))
        if weights is not None:
            values[: len(weights)] = weights
        return values

    def paint(self, brush: Brush) -> None:
        box, pitch = self.box, self.box.width / len(self.before)
        for j, (was, now) in enumerate(zip(self.before, self.after, strict=True)):
            x = box.left + j * pitch
            if now > INK:
                brush.rounded(x + 0.24 * pitch, box.bottom, 0.52 * pitch, now * box.height, 0.03)
                brush.fill(self.full, self.opacity)
            if was > INK:
                brush.rounded(x + 0.16 * pitch, box.bottom, 0.68 * pitch, was * box.height, 0.03)
                brush.stroke(self.ghost, 0.9 * self.opacity, 0.016)
        brush.context.move_to(box.left, box.bottom)
        brush.context.line_to(box.left + float(self.span[0]) * pitch, box.bottom)
        brush.stroke(self.ghost, 0.6 * self.opacity, 0.014)
