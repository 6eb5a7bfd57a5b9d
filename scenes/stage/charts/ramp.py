"""Legends of matrices: what their colours mean, over the ramp of weights or over signed cells."""

from __future__ import annotations

import numpy as np
from manim import DOWN, VGroup

from core.trace import Tensor
from scenes.stage.charts.legend import HEIGHT, WeightRamp, legend
from scenes.stage.matrix.cells import paint_cell
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import HAIR, SMALL, SPACE, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme


class SignedRamp(Painted):
    """Cells as those of a tensor, from its smallest value to its largest."""

    CELLS = 7

    def __init__(self, values: np.ndarray, meaning: str, theme: Theme, width: float = 1.3) -> None:
        self.theme = theme
        self.meaning = meaning
        self.range = np.array([values.min(), values.max()])
        super().__init__(Box(0, width, 0, HEIGHT), theme.surface)

    def paint(self, brush: Brush) -> None:
        values = np.linspace(self.range[0], self.range[1], self.CELLS)
        colours = self.theme.signed_cells(values, self.meaning, float(np.abs(self.range).max()))
        for place, cell in enumerate(self.box.columns(*[1] * self.CELLS, gap=0.2 * HAIR)):
            paint_cell(brush, self.theme, cell, 0.16 * cell.height, colours[place], self.opacity)


def weight_legend(words: Label, theme: Theme) -> VGroup:
    """What the colours of weights mean, over their ramp from 0 to 1."""
    zero, one = (Label(text, theme.size(SMALL), theme.quiet, structural=True) for text in "01")
    return VGroup(words, legend((zero, WeightRamp(theme), one))).arrange(DOWN, buff=SPACE)


def signed_legend(words: Label, tensor: Tensor, meaning: str, theme: Theme) -> VGroup:
    """What the colours of a signed matrix mean, over cells from its smallest finite value to its largest."""
    values = tensor.values
    finite = np.isfinite(values)
    low = np.unravel_index(np.argmin(np.where(finite, values, np.inf)), values.shape)
    high = np.unravel_index(np.argmax(np.where(finite, values, -np.inf)), values.shape)
    ends = [tensor.at(*(int(i) for i in place)) for place in (low, high)]
    left, right = (Label((Run(end.text, None, (end,)),), theme.size(SMALL), theme.quiet) for end in ends)
    ramp = SignedRamp(values[finite] if finite.any() else np.zeros(1), meaning, theme)  # all −∞: no colours
    return VGroup(words, legend((left, ramp, right))).arrange(DOWN, buff=SPACE)
