"""Pieces of the chapter on positional encoding: its formulas, its maps, rows of a map held side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from manim import DOWN, LEFT, Animation, VGroup, linear

from core.trace import Tensor, Trace
from scenes.props.positions_waves import wave_colours
from scenes.stage.flow import thread
from scenes.stage.formula import Formula, formula
from scenes.stage.label import Label
from scenes.stage.layout import Box
from scenes.stage.painting import Brush, Painted
from scenes.stage.theme import Theme, mix

PE = 'op("PE")'
HEADER = (
    'op("PE")_("pos", med 2 i med "|" med 2 i + 1) = {{ sin : sin }} thin "|" thin {{ cos : cos }} '
    'lr(( "pos" slash 10000^(2 i slash d_"model") ))'
)
LINES = [
    'op("PE")_({{ "pos" : row }}, {{ ' + column + " : column }}) = {{ " + wave + " : wave }} "
    'lr(( frac({{ "pos" : numerator }}, 10000^({{ 2 i : exponent }} slash d_"model")) ))'
    for column, wave in (("2 i", "sin"), ("2 i + 1", "cos"))
]
ROW_PARTS = ("row", "numerator")
COLUMN_PARTS = ("column", "exponent")


def both_formulas(theme: Theme, size: float, box: Box) -> VGroup:
    """The two formulas, one above the other, as large as the box allows."""
    lines = VGroup(*(formula(line, theme.ink, size) for line in LINES)).arrange(DOWN, buff=0.34, aligned_edge=LEFT)
    scale = min(1.0, box.width / lines.width, box.height / lines.height)
    return lines.scale(scale).move_to(box.centre)


def parts(lines: VGroup, *names: str) -> list[VGroup]:
    """These parts of both formulas."""
    return [line.parts[name] for line in lines for name in names if isinstance(line, Formula)]


class HeatMap(Painted):
    """A table as an image: one pixel per number, no gaps. State: `shown`, how visible each column is.

    colours: (rows, columns, 3).
    """

    STATE: ClassVar[tuple[str, ...]] = ("shown",)
    MARGIN = 0.02

    def __init__(self, colours: np.ndarray, box: Box, theme: Theme) -> None:
        self.colours, self.theme = colours, theme
        self.shown = np.zeros(colours.shape[1])
        super().__init__(box, theme.surface)

    def show(self, columns: int | None = None) -> HeatMap:
        """Let all columns be seen, or only the first ones."""
        self.shown = np.where(np.arange(len(self.shown)) < (columns or len(self.shown)), 1.0, 0.0)
        return self

    def part(self, row: int, column: int, rows: int = 1, columns: int = 1) -> Box:
        """The box around some cells."""
        box, (height, width) = self.box, np.array([self.box.height, self.box.width]) / self.colours.shape[:2]
        left, top = box.left + column * width, box.top - row * height
        return Box(float(left), float(left + columns * width), float(top - rows * height), float(top))

    def row_box(self, row: int) -> Box:
        return self.part(row, 0, columns=self.colours.shape[1])

    def column_box(self, column: int) -> Box:
        return self.part(0, column, rows=self.colours.shape[0])

    def paint(self, brush: Brush) -> None:
        if self.shown.any():
            seen = mix(self.theme.background, self.colours, self.shown[None, :])
            brush.pixels(seen, self.box, self.opacity)


class Sweep(Animation):
    """The columns of a heat map appear one after the other."""

    SPREAD = 0.75

    def __init__(self, table: HeatMap, **kwargs: Any) -> None:
        super().__init__(table, rate_func=linear, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        delay = np.linspace(0, self.SPREAD, len(self.mobject.shown))
        self.mobject.shown = np.clip((alpha - delay) / (1 - self.SPREAD), 0, 1)


def heat_map(tensor: Tensor, theme: Theme, box: Box) -> HeatMap:
    """A table of numbers from −1 to 1 in the hues of the positions."""
    return HeatMap(wave_colours(tensor.values, theme), box, theme)


def product_map(tensor: Tensor, theme: Theme, box: Box) -> HeatMap:
    """Dot products: the larger, the further up the ramp."""
    values = tensor.values
    return HeatMap(theme.weight_colour((values - values.min()) / np.ptp(values)), box, theme)


class Fingerprints(VGroup):
    """Some rows of a map, each drawn large beside it, with a thread from where it stands."""

    def __init__(self, trace: Trace, source: HeatMap, rows: Sequence[int], box: Box, theme: Theme) -> None:
        super().__init__()
        table = trace["positions.map"]
        self.strips, self.threads, self.names = VGroup(), VGroup(), VGroup()
        for row, place in zip(rows, box.rows(*([1] * len(rows)), gap=0.5), strict=True):
            aside = place.height / 2 - 0.3
            strip = heat_map(table.line(row), theme, place.inset(top=aside, bottom=aside))
            name = Label(f"pos = {row}", 0.24, theme.ink, "code", structural=True)
            name.move_to([strip.box.left + name.width / 2, strip.box.top + 0.24, 0])
            start = np.array([source.box.right + 0.06, source.row_box(row).y, 0])
            end = np.array([strip.box.left - 0.08, strip.box.y, 0])
            self.threads.add(thread(start, end, theme.hue("focus"), opacity=0.6))
            self.strips.add(strip.show())
            self.names.add(name)
        self.add(self.threads, self.strips, self.names)
