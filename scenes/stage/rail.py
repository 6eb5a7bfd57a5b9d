"""The progress rail: one dash per chapter of the film, the present one lit."""

from __future__ import annotations

from scenes.stage.layout import HEADER, Box
from scenes.stage.painting import Brush, Painted
from scenes.stage.theme import Theme

DASH, GAP, THICKNESS = 0.2, 0.07, 0.055


class Rail(Painted):
    """Dashes at the right of the header; `position` counts from 0."""

    def __init__(self, position: int, length: int, theme: Theme) -> None:
        self.position, self.length, self.theme = position, length, theme
        width = length * (DASH + GAP) - GAP
        middle = HEADER.y
        box = Box(HEADER.right - width, HEADER.right, middle - THICKNESS / 2, middle + THICKNESS / 2)
        super().__init__(box, theme.quiet)

    def paint(self, brush: Brush) -> None:
        box = self.box
        for index in range(self.length):
            brush.rounded(box.left + index * (DASH + GAP), box.bottom, DASH, box.height, box.height / 2)
            here, past = index == self.position, index < self.position
            colour = self.theme.hue("focus") if here else self.theme.quiet if past else self.theme.rule
            brush.fill(colour, self.opacity)
