"""Bars: the numbers of one row as heights, and histograms. One mobject whose state is an array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme


class Bars(Painted):
    """Bars that stand side by side on a base line inside a box, as wide as the box's equal parts.

    heights: (bars,) in the unit of `limit`, which is the height of the box; negative bars hang below the base line
    where `signed`. State: `heights`, `tints` (bars, 3), `light` (bars,).
    """

    STATE: ClassVar[tuple[str, ...]] = ("heights", "tints", "light")
    MARGIN = 0.02

    def __init__(
        self,
        heights: np.ndarray | Sequence[float],
        limit: float,
        box: Box,
        colour: Colour | np.ndarray,
        theme: Theme,
        *,
        signed: bool = False,
        fullness: float = 0.72,
    ) -> None:
        self.heights = np.asarray(heights, dtype=float)
        self.limit = limit
        self.signed = signed
        self.fullness = fullness
        self.tints = np.broadcast_to(np.asarray(colour, dtype=float), (len(self.heights), 3)).copy()
        self.light = np.ones(len(self.heights))
        super().__init__(box, theme.quiet)

    def set_heights(self, heights: np.ndarray | Sequence[float]) -> Bars:
        self.heights = np.asarray(heights, dtype=float)
        return self

    def flat(self) -> Bars:
        """No height yet: bars grow from here."""
        return self.set_heights(np.zeros_like(self.heights))

    @property
    def base(self) -> float:
        """Where the base line stands."""
        return self.box.y if self.signed else self.box.bottom

    def bar_box(self, index: int) -> Box:
        """The box of one bar as it stands."""
        box = self.box
        pitch = box.width / len(self.heights)
        unit = (box.height / 2 if self.signed else box.height) / (self.limit or 1.0)
        height = float(np.nan_to_num(self.heights[index], neginf=0.0)) * unit
        left = box.left + (index + (1 - self.fullness) / 2) * pitch
        low, high = sorted((self.base, self.base + height))
        return Box(left, left + pitch * self.fullness, low, high)

    def paint(self, brush: Brush) -> None:
        for index, tint in enumerate(self.tints):
            bar = self.bar_box(index)
            if bar.height > 1e-4:
                brush.rounded(bar.left, bar.bottom, bar.width, bar.height, min(0.04, bar.width / 4))
                brush.fill(tint, self.opacity * self.light[index])
        box = self.box
        brush.context.move_to(box.left, self.base)
        brush.context.line_to(box.right, self.base)
        brush.stroke(self.colour, 0.7 * self.opacity, 0.014)
