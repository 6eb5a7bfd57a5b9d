"""An eye, which looks back or ahead."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme


class Eye(Painted):
    """An eye. `gaze` says where it looks: −1 left (what is known), 1 right (what is to come)."""

    STATE: ClassVar[tuple[str, ...]] = ("gaze",)

    def __init__(self, box: Box, theme: Theme) -> None:
        self.gaze = np.zeros(1)
        self.theme = theme
        super().__init__(box, theme.ink)

    def towards(self, side: float) -> Eye:
        self.gaze = np.array([side])
        return self

    def paint(self, brush: Brush) -> None:
        box, context = self.box, brush.context
        bulge = box.height * 2 / 3
        context.move_to(box.left, box.y)
        context.curve_to(
            box.left + 0.3 * box.width, box.y + bulge, box.right - 0.3 * box.width, box.y + bulge, box.right, box.y
        )
        context.curve_to(
            box.right - 0.3 * box.width, box.y - bulge, box.left + 0.3 * box.width, box.y - bulge, box.left, box.y
        )
        context.close_path()
        brush.stroke(self.theme.hue("q"), self.opacity, 0.03)
        radius = 0.3 * box.height
        x = box.x + float(self.gaze[0]) * 0.22 * box.width
        brush.rounded(x - radius, box.y - radius, 2 * radius, 2 * radius, radius)
        brush.fill(self.theme.hue("q"), self.opacity)
