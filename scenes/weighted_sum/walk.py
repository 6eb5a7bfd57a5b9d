"""The output on its way among the values: weight × value of one token after the other, tip to tail."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.shared.arrows import paint_arrow
from scenes.stage.paint.layout import HAIR, TIGHT, around_points
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme

POINT = 0.1  # the radius of what is carried


class Walk(Painted):
    """A way of straight steps, drawn as far as it has been gone, and the point that goes it.

    places: (1 + steps, 2) where each step begins and ends. State: `gone`, in steps.
    """

    STATE: ClassVar[tuple[str, ...]] = ("gone",)
    MARGIN = 0.3

    def __init__(self, places: np.ndarray, steps: Colour, point: Colour, theme: Theme) -> None:
        self.places, self.point, self.ground, self.gone = places, point, theme.background, np.zeros(1)
        super().__init__(around_points(places).grown(HAIR), steps)

    def go(self, steps: int) -> Walk:
        """Have gone so many steps."""
        self.gone = np.array([float(steps)])
        return self

    def paint(self, brush: Brush) -> None:
        gone, at = float(self.gone[0]), self.places[0]
        for number, (start, end) in enumerate(zip(self.places[:-1], self.places[1:], strict=True)):
            part = min(gone - number, 1.0)
            if part <= 0:
                break
            at = start + part * (end - start)
            if float(np.hypot(*(at - start))) >= HAIR / 2:
                paint_arrow(brush, start, at, self.colour, self.opacity)
        brush.context.arc(float(at[0]), float(at[1]), POINT, 0, 2 * np.pi)
        brush.colour(self.point, self.opacity)
        brush.context.fill_preserve()
        brush.stroke(self.ground, self.opacity, TIGHT / 4)
