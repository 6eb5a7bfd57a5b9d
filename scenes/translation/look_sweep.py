"""A light that runs over the words said: each word's ribbons and its row of the table shine as it passes."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, VGroup, linear

from scenes.translation.alignment_ribbons import AlignmentRibbons
from scenes.translation.alignment_table import AlignmentTable

FAINT = 0.2  # how much is left of the others
BREADTH = 1.4  # of the light, in words
TURNING = 0.12  # of the time, until the others are faint, and until they are light again


class LookSweep(Animation):
    """From the first word to the last; at the end all words are lit alike."""

    def __init__(self, ribbons: AlignmentRibbons, table: AlignmentTable, **kwargs: Any) -> None:
        self.ribbons, self.table = ribbons, table
        self.before = ribbons.light, table.cells.light  # (words,), (words, source words)
        super().__init__(VGroup(ribbons, table), **{"run_time": 2.4, "rate_func": linear, **kwargs})

    def interpolate_mobject(self, alpha: float) -> None:
        way, words = self.rate_func(alpha), np.arange(len(self.ribbons.weights))
        shine = np.clip(1 - np.abs(words - way * (len(words) - 1)) / BREADTH, FAINT, 1)  # (words,)
        begun, ending = min(1.0, way / TURNING), min(1.0, (1 - way) / TURNING)
        light = 1 - ending * (1 - shine)
        self.ribbons.light = self.before[0] + begun * (light - self.before[0])
        self.table.cells.light = self.before[1] + begun * (light[:, None] - self.before[1])
