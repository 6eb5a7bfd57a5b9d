"""The weight matrix that stays in its place while the form of attention changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from manim import VGroup, smooth

from core.trace import Tensor, Trace
from scenes.stage.matrix.cell_wave import Changing
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.layout import SPACE, TIGHT, Box
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Theme

LARGEST = (0.94, 0.5)
SPREAD = 0.6
UNPADDED = ("bare", "learned", "scaled", "causal", "cross")


class FormMatrix(VGroup):
    """Cells for the largest of the forms. Each form fills its upper left corner; the rest is not to be seen.

    Rows are named by the sentence's own tokens or by those of the other sentence. padded: whether there is room for
    the sentence filled up with [PAD].
    """

    def __init__(self, trace: Trace, theme: Theme, *, padded: bool) -> None:
        super().__init__()
        tensors = [trace[f"forms.{form}.weights"] for form in UNPADDED]
        paddings = [trace["forms.padding.weights"], trace["forms.padding.unmasked_weights"]]
        sizes = tensors + paddings if padded else tensors
        rows, columns = (max(tensor.shape[axis] for tensor in sizes) for axis in (0, 1))
        canvas = Tensor("forms", np.zeros((rows, columns)), ("queries", "keys"), decimals=tensors[0].decimals)
        self.cells = Cells(canvas, "weights", theme, reserve=[*tensors, *paddings])
        self.cells.slots = np.zeros(1)
        keys = trace["forms.padding.weights"].axis_labels("keys") or ()
        target = trace["forms.cross.weights"].axis_labels("queries") or ()
        self.axes = {
            "keys": TokenAxis(_filled(keys, columns), "columns", theme),
            "own": TokenAxis(_filled(keys, rows), "rows", theme),
            "target": TokenAxis(_filled(target, rows), "rows", theme, theme.hue("q")),
        }
        self.extent = (0, 0)
        self.add(self.cells, *self.axes.values())
        self.place(Box(0, columns * LARGEST[0], 0, rows * LARGEST[1]))

    def place(self, box: Box) -> FormMatrix:
        """Put all cells, seen and unseen, into `box`; the labels follow."""
        self.cells.set_box(box)
        for axis in self.axes.values():
            axis.place(box)
        return self

    def place_within(self, room: Box) -> FormMatrix:
        """Make it as large as `room` allows, labels and all."""
        rows, columns = self.cells.shape
        width, height, beyond = columns * LARGEST[0], rows * LARGEST[1], 0.0
        for _ in range(3):  # labels turn with the pitch
            self.place(Box(0, width, 0, height))
            left = max(axis.box.width for name, axis in self.axes.items() if name != "keys") + SPACE
            above = self.axes["keys"].box.height + TIGHT
            beyond = max(beyond, self.axes["keys"].box.right - width)
            width = min(columns * LARGEST[0], room.width - left - beyond)
            height = min(rows * LARGEST[1], room.height - above)
        x = room.x + (left - beyond - width) / 2
        top = room.y + (height - above) / 2
        return self.place(Box(x, x + width, top - height, top))

    def few_rows(self, weights: Tensor) -> Matrix:
        """The rows that are seen, of the other sentence, as a matrix of its own in their place."""
        target = weights.axis_labels("queries") or ()
        few = Matrix(weights, "weights", self.cells.theme, row_tokens=target).reveal().place(self.box)
        if few.row_tokens is not None:
            few.row_tokens.set_fill(hexadecimal(self.axes["target"].colour))
        return few

    @property
    def box(self) -> Box:
        """The box of the cells that are seen."""
        return self.part(*self.extent)

    def part(self, rows: int, columns: int) -> Box:
        return self.cells.part_box(slice(0, max(1, rows)), slice(0, max(1, columns)))

    def cell_box(self, i: int, j: int) -> Box:
        return self.cells.part_box(i, j)

    # --- changes ----------------------------------------------------------------------------------------------------

    def show(self, weights: Tensor, rows: str = "own", closed: np.ndarray | None = None) -> FormMatrix:
        """Print and colour the cells by these weights (queries, keys); `closed` cells are hatched."""
        queries, keys = self.extent = weights.shape[0], weights.shape[1]
        cells, shape = self.cells, self.cells.shape
        cells.set_values(corner(weights, shape), range(queries), range(keys))
        shown, veil = np.zeros(shape), np.zeros(shape)
        shown[:queries, :keys] = 1.0
        if closed is not None:
            veil[:queries, :keys] = closed
        cells.shown, cells.veil = shown, veil
        for name, axis in self.axes.items():
            seen = keys if name == "keys" else queries if name == rows else 0
            axis.light = (np.arange(len(axis.tokens)) < seen).astype(float)
        return self


def corner(weights: Tensor, shape: tuple[int, int]) -> Tensor:
    """Weights (queries, keys) as the upper left corner of a matrix of that shape."""
    values = np.zeros(shape)
    values[: weights.shape[0], : weights.shape[1]] = weights.values
    return Tensor(weights.name, values, weights.axes, decimals=weights.decimals, offset=weights.offset)


def _filled(tokens: Sequence[str], length: int) -> tuple[str, ...]:
    return (*tokens, *[""] * (length - len(tokens)))[:length]


class Morph(Changing):
    """From one form to the next: the change spreads over the cells from the one that tells most.

    Words that leave have left before others come in their place.
    """

    def __init__(
        self, matrix: FormMatrix, origin: tuple[int, int], change: Callable[[FormMatrix], object], **kwargs: Any
    ) -> None:
        self.origin = origin
        super().__init__(matrix, change, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        matrix, start, target = self.mobject, self.starting_mobject, self.target
        i, j = np.indices(matrix.cells.shape)
        distance = np.hypot(i - self.origin[0], j - self.origin[1])
        delay = SPREAD * distance / max(1.0, float(distance.max()))
        pace = np.clip((alpha - delay) / (1 - SPREAD), 0, 1)
        matrix.cells.wave_between(start.cells, target.cells, pace * pace * (3 - 2 * pace))
        for name, axis in matrix.axes.items():
            first, last = start.axes[name], target.axes[name]
            leaves = last.light.sum() < first.light.sum()
            axis.interpolate(first, last, smooth(float(np.clip(2 * alpha if leaves else 2 * alpha - 1, 0, 1))))

    def finish(self) -> None:
        super().finish()
        matrix, target = self.mobject, self.target
        matrix.extent = target.extent
        for name in (*Cells.STATE, "readings"):
            setattr(matrix.cells, name, getattr(target.cells, name))
        for name, axis in matrix.axes.items():
            axis.light = target.axes[name].light
