"""Ribbons: bands that run from one place to another, as thick as the share that flows in them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Drawn
from scenes.stage.paint.theme import Colour

THINNEST = 0.012


class Ribbons(Drawn):
    """Bands from left to right. Each leaves level, arrives level, and widens or narrows on its way.

    starts, ends: (ribbons, 3) x, y and thickness at either end; light: (ribbons,) how strongly each shows.
    State: all of these, and `drawn` (0 nothing, 1 the whole way).
    """

    STATE: ClassVar[tuple[str, ...]] = ("starts", "ends", "light", "drawn", "tints")

    def __init__(self, starts: ArrayLike, ends: ArrayLike, light: ArrayLike, colour: Colour | np.ndarray) -> None:
        self.starts = np.asarray(starts, dtype=float)
        self.ends = np.asarray(ends, dtype=float)
        self.light = np.asarray(light, dtype=float)
        self.drawn = np.ones(1)
        self.tints = np.broadcast_to(np.asarray(colour, dtype=float), (len(self.starts), 3)).copy()
        ends_of_all = np.concatenate([self.starts, self.ends])
        x, y = ends_of_all[:, 0], ends_of_all[:, 1]
        super().__init__(Box(float(x.min()), float(x.max()), float(y.min()), float(y.max())))

    def flow(self, starts: ArrayLike, ends: ArrayLike, light: ArrayLike | None = None) -> Ribbons:
        """Run between these ends."""
        self.starts, self.ends = np.asarray(starts, dtype=float), np.asarray(ends, dtype=float)
        if light is not None:
            self.light = np.asarray(light, dtype=float)
        return self

    def paint(self, brush: Brush) -> None:
        context = brush.context
        context.save()
        self._clip(brush)
        for start, end, light, tint in zip(self.starts, self.ends, self.light, self.tints, strict=True):
            _band(brush, start, end)
            brush.fill(tint, self.opacity * float(light))
        context.restore()

    def _clip(self, brush: Brush) -> None:
        """Leave only the stretch that is drawn."""
        ends = np.concatenate([self.starts, self.ends])
        left, right = ends[:, 0].min(), ends[:, 0].max()
        low, high = (ends[:, 1] - ends[:, 2]).min(), (ends[:, 1] + ends[:, 2]).max()
        brush.context.rectangle(left, low, (right - left) * float(self.drawn[0]), high - low)
        brush.context.clip()


def _band(brush: Brush, start: np.ndarray, end: np.ndarray) -> None:
    """Add one band to the path."""
    (x0, y0, thick0), (x1, y1, thick1) = start, end
    half0, half1 = max(thick0, THINNEST) / 2, max(thick1, THINNEST) / 2
    middle, context = (x0 + x1) / 2, brush.context
    context.move_to(x0, y0 + half0)
    context.curve_to(middle, y0 + half0, middle, y1 + half1, x1, y1 + half1)
    context.line_to(x1, y1 - half1)
    context.curve_to(middle, y1 - half1, middle, y0 - half0, x0, y0 - half0)
    context.close_path()


def row_ends(box: Box, shares: np.ndarray, side: str, fullness: float = 1.0) -> np.ndarray:
    """Where ribbons meet the side of a box, stacked without gaps in proportion to `shares`.  # (ribbons, 3)"""
    heights = np.asarray(shares, dtype=float) * box.height * fullness
    tops = box.y + heights.sum() / 2 - np.concatenate([[0.0], np.cumsum(heights)[:-1]])
    x = np.full(len(heights), box.left if side == "left" else box.right)
    return np.stack([x, tops - heights / 2, heights], axis=1)
