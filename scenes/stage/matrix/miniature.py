"""Miniatures: a tensor as a small true picture of itself, its shape beside it, which travels along cables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, VGroup, VMobject

from core.trace import Tensor
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import SMALL, TIGHT, Box, around, box_of
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import text_width

LARGEST_CELL = 0.13
SHAPE_GAP = TIGHT
BEND = 0.16


def shape_room(shape: Sequence[int], theme: Theme) -> float:
    """The width of a shape written beside a miniature, with its distance on both sides."""
    return text_width(f"{shape[0]} × {shape[1]}", theme.size(SMALL)) + 2 * SHAPE_GAP


class Miniature(VGroup):
    """The cells of a tensor (rows, columns) as tiny squares of its own heat, and its shape.

    side: where the shape stands ("right", "left", "below", "above", "" for none). All changes return the miniature.
    """

    def __init__(self, tensor: Tensor, meaning: str, theme: Theme, *, side: str = "right") -> None:
        super().__init__()
        self.tensor, self.meaning = tensor, meaning
        self.side = side
        self.cells = Cells(tensor, meaning, theme)
        self.cells.shown, self.cells.numbers = np.ones(tensor.shape), np.zeros(1)
        rows, columns = tensor.shape
        self.shape = Label(f"{rows} × {columns}", theme.size(SMALL), theme.quiet, structural=True) if side else VGroup()
        self.add(self.cells, self.shape)
        self.place_within(Box(0, 1, 0, 1))

    @property
    def box(self) -> Box:
        """The box of the cells alone."""
        return self.cells.box

    @property
    def whole(self) -> Box:
        """The box of the cells with their shape."""
        return around(self.box, box_of(self.shape)) if self.side else self.box

    def place(self, box: Box) -> Miniature:
        """Put the cells into `box` exactly; the shape follows."""
        self.cells.set_box(box)
        if self.side:
            half_width, half_height = self.shape.width / 2 + SHAPE_GAP, self.shape.height / 2 + SHAPE_GAP
            where = {
                "right": (box.right + half_width, box.y),
                "left": (box.left - half_width, box.y),
                "below": (box.x, box.bottom - half_height),
                "above": (box.x, box.top + half_height),
            }[self.side]
            self.shape.move_to([*where, 0])
        return self

    def place_within(
        self, box: Box, widest: int | None = None, tallest: int | None = None, largest: float = LARGEST_CELL
    ) -> Miniature:
        """Place it in the middle of `box`, with square cells where these fit.

        widest, tallest: the columns and rows that fill the box (of the largest tensor that is shown like this, so that
        all are drawn to one scale), this tensor's own by default; largest: the side of the largest cell.
        """
        rows, columns = self.tensor.shape
        width = min(largest, box.width / max(widest or columns, columns)) * columns
        height = min(largest, box.height / max(tallest or rows, rows)) * rows
        return self.place(Box(box.x - width / 2, box.x + width / 2, box.y - height / 2, box.y + height / 2))

    def at(self, point: Sequence[float] | np.ndarray) -> Miniature:
        """Move it with the middle of the cells at `point`."""
        return self.shift(np.asarray(point, dtype=float) - self.box.centre)

    def recede(self) -> Miniature:
        """Step back: context that no longer takes part."""
        return self.set_opacity(self.cells.theme.dim)


class Travel(Animation):
    """A miniature (or any mobject) travels along a path, its middle on it: of a miniature, the middle of its cells."""

    def __init__(self, mobject: VMobject, path: VMobject, **kwargs: Any) -> None:
        self.path = path
        super().__init__(mobject, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        carried = self.mobject
        middle = carried.box.centre if isinstance(carried, Miniature) else carried.get_center()
        carried.shift(self.path.point_from_proportion(self.rate_func(alpha)) - middle)


def cable(points: Sequence[Sequence[float]], colour: Colour, *, width: float = 2.2, opacity: float = 0.45) -> VMobject:
    """A cable laid along `points` (x, y) with rounded corners."""
    corners = np.array([[x, y, 0.0] for x, y in points])
    path = VMobject().start_new_path(corners[0])
    for before, corner, after in zip(corners[:-2], corners[1:-1], corners[2:], strict=True):
        back, ahead = before - corner, after - corner
        lengths = float(np.linalg.norm(back)), float(np.linalg.norm(ahead))
        bend = min(BEND, lengths[0] / 2, lengths[1] / 2)
        if bend < 1e-6:
            continue
        start, end = corner + back / lengths[0] * bend, corner + ahead / lengths[1] * bend
        path.add_line_to(start)
        path.add_cubic_bezier_curve_to(start + (corner - start) * 0.55, end + (corner - end) * 0.55, end)
    path.add_line_to(corners[-1])
    return path.set_stroke(hexadecimal(colour), width, opacity)


def level_cable(source: Box, target: Box, colour: Colour, **style: float) -> VMobject:
    """A cable from the right side of one box to the left side of another, by way of the middle between them."""
    middle = (source.right + target.left) / 2
    corners = [(source.right + 0.05, source.y), (middle, source.y), (middle, target.y), (target.left - 0.05, target.y)]
    return cable(corners, colour, **style)
