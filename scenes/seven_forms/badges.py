"""The numbers of the forms in circles, one of them lit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import HAIR, LABEL, Box, layout_now
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

DIAMETER = 0.36
BETWEEN = 0.17


class Badges(Painted):
    """Circled numbers in a row. State: `lit`, how lit each is (badges,)."""

    STATE: ClassVar[tuple[str, ...]] = ("lit",)
    MARGIN = 0.02

    def __init__(self, numbers: Sequence[int], theme: Theme) -> None:
        self.numbers = tuple(numbers)
        self.theme = theme
        self.lit = np.zeros(len(self.numbers))
        self.between = HAIR if layout_now().is_narrow else BETWEEN
        width = len(self.numbers) * (DIAMETER + self.between) - self.between
        super().__init__(Box(0, width, 0, DIAMETER), theme.quiet)

    def light(self, *numbers: int) -> Badges:
        """Light these numbers, and no others."""
        self.lit = np.isin(self.numbers, numbers).astype(float)
        return self

    def badge_box(self, place: int) -> Box:
        left = self.box.left + place * (DIAMETER + self.between)
        return Box(left, left + DIAMETER, self.box.bottom, self.box.top)

    def _ground(self, place: int) -> np.ndarray:
        return mix(self.theme.background, self.theme.hue("focus"), self.lit[place])

    def _ink(self, place: int) -> np.ndarray:
        return mix(self.theme.quiet, self.theme.background, self.lit[place])

    def paint(self, brush: Brush) -> None:
        for place, number in enumerate(self.numbers):
            box = self.badge_box(place).grown(-0.012)
            ground = self._ground(place)
            edge = mix(self.theme.rule, ground, self.lit[place])
            brush.plate(box, box.width / 2, (ground, self.opacity), (edge, self.opacity), 0.02)
            brush.text_centred(str(number), box.x, box.y, self.theme.size(LABEL), "semibold")
            brush.fill(self._ink(place), self.opacity)

    def printed(self) -> list[PrintedText]:
        return [self._printed(place, str(number)) for place, number in enumerate(self.numbers)]

    def _printed(self, place: int, text: str) -> PrintedText:
        size, at = self.theme.size(LABEL), self.badge_box(place)
        half, high = text_width(text, size, "semibold") / 2, CAP_HEIGHT * size / 2
        box = Box(at.x - half, at.x + half, at.y - high, at.y + high)
        ink, ground = self._ink(place), self._ground(place)
        return PrintedText(text, box, size, ink, ground, structural=True, opacity=self.opacity)
