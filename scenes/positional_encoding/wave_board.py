"""The board of the waves: columns of the map of positions as curves, and the row where a line cuts them."""

from __future__ import annotations

from manim import VGroup

from core.trace import Tensor, Trace
from scenes.positional_encoding.waves import Waves
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import LABEL, SMALL, TITLE, Box
from scenes.stage.paint.theme import Theme, mix

HEAD, FOOT, SCALE = 0.72, 0.62, 0.75
BELOW = 0.55  # of the hue, where a wave is negative


class WaveBoard:
    """Waves under their heads, the scale of the positions at their left, and the cells of one row below."""

    def __init__(self, trace: Trace, box: Box, theme: Theme) -> None:
        self.trace, self.theme = trace, theme
        middle = box.inset(left=SCALE, top=HEAD, bottom=FOOT)
        last = float(trace["positions.curves.samples"].values[-1])
        hue = theme.hue("positions")
        hues = hue, mix(theme.background, hue, BELOW)
        self.waves = Waves(trace["positions.curves"].values, last, middle, hues, theme)
        self.heads = VGroup(*(self._head(curve) for curve in range(self.waves.values.shape[1])))
        self.scale = self._scale()
        self.cells = self._cells(middle)

    def _head(self, curve: int) -> VGroup:
        """Which wave it is, of which pair of columns."""
        strip, pair = self.waves.strip_box(curve), self.trace["positions.curves.pairs"].at(curve)
        wave = formula(("sin", "cos")[curve % 2], self.theme.ink, self.theme.size(TITLE))
        name = Label((Run("i = "), Run(pair.text, None, (pair,))), self.theme.size(SMALL), self.theme.quiet, "code")
        wave.move_to([strip.x, strip.top + 0.5, 0])
        name.move_to([strip.x, strip.top + 0.2, 0])
        return VGroup(wave, name)

    def _scale(self) -> VGroup:
        """Numbers of positions down the side."""
        ticks = self.trace["positions.map.ticks"]
        scale = VGroup(Label("pos", self.theme.size(LABEL), self.theme.quiet, "code"))
        scale[0].move_to([self.waves.box.left - 0.5, self.waves.box.top + 0.3, 0])
        for index in range(ticks.shape[0]):
            tick = ticks.at(index)
            label = Label((Run(tick.text, None, (tick,)),), self.theme.size(SMALL), self.theme.quiet)
            scale.add(label.move_to([self.waves.box.left - 0.3 - label.width / 2, self.waves.level(tick.value), 0]))
        return scale

    def row(self, position: int) -> Tensor:
        """One row of the map, of the columns that are drawn."""
        return self.trace["positions.curves.rows"].line(position)

    def _cells(self, box: Box) -> Matrix:
        cells = Matrix(self.row(0), "positions", self.theme, reserve=[self.trace["positions.curves.rows"]])
        return cells.place(Box(box.left, box.right, box.bottom - FOOT, box.bottom - FOOT + 0.46))
