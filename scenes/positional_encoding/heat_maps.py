"""Maps of the chapter on positional encoding: the table as an image, its rows as fingerprints, their dot products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from manim import RIGHT, Animation, VGroup, linear

from core.trace import Tensor, Trace
from scenes.positional_encoding.waves import wave_colours
from scenes.stage.paint.frame import Frame, Panel
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, LABEL, SMALL, SPACE, STAGE, TIGHT, WIDE, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme, mix
from scenes.stage.paint.threads import edge, thread
from scenes.stage.paint.threads import row as tied

RAMP = (0.9, 0.14)


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
        for position, place in zip(rows, box.rows(*([1] * len(rows)), gap=0.5), strict=True):
            aside = place.height / 2 - 0.3
            strip = heat_map(table.line(position), theme, place.inset(top=aside, bottom=aside))
            name = Label(f"pos = {position}", theme.size(LABEL), theme.ink, "code", structural=True)
            name.move_to([strip.box.left + name.width / 2, strip.box.top + GAP, 0])
            self.threads.add(thread(tied(source, position, "right"), edge(strip, "left"), theme.hue("focus")))
            self.strips.add(strip.show())
            self.names.add(name)
        self.add(self.threads, self.strips, self.names)


class MapWords(VGroup):
    """What stands around a map of positions: fast and slow under it, a ramp between them, the positions at its side."""

    def __init__(self, table: HeatMap, fast: Label, slow: Label, theme: Theme, *, positions: bool = True) -> None:
        super().__init__()
        box = table.box
        level = box.bottom - GAP
        fast.move_to([box.left + fast.width / 2, level, 0])
        slow.move_to([box.right - slow.width / 2, level, 0])
        self.add(fast, slow)
        if fast.width + slow.width + RAMP[0] + 2 * WIDE < box.width:
            self.add(self._ramp(box.x, level, theme))
        for row in (0, len(table.colours) - 1) if positions else ():
            name = Label(f"pos = {row}", theme.size(SMALL), theme.quiet, "code", structural=True)
            shrink(name, box.left - SPACE - STAGE.left, theme, SMALL)
            self.add(name.move_to([box.left - SPACE - name.width / 2, table.row_box(row).y, 0]))

    @staticmethod
    def _ramp(x: float, level: float, theme: Theme) -> VGroup:
        """The colours of the numbers from −1 to 1."""
        width, height = RAMP
        box = Box(x - width / 2, x + width / 2, level - height / 2, level + height / 2)
        ends = [Label(text, theme.size(SMALL), theme.quiet, structural=True) for text in ("−1", "1")]
        for end, place in zip(
            ends, (box.left - TIGHT - ends[0].width / 2, box.right + TIGHT + ends[1].width / 2), strict=True
        ):
            end.move_to([place, level, 0])
        return VGroup(HeatMap(wave_colours(np.linspace(-1, 1, 64)[None], theme), box, theme).show(), *ends)


def marked(image: HeatMap, tensor: Tensor, pairs: Sequence[tuple[int, int]], theme: Theme) -> VGroup:
    """Frames around some cells of a map, each with its number beside it."""
    marks = VGroup()
    for pair in pairs:
        frame = Frame(image.part(*pair).grown(0.05), theme)
        reading = tensor.at(*pair)
        number = Label((Run(reading.text, None, (reading,)),), theme.size(LABEL), theme.ink)
        ground = Panel(Box(0, number.width + 0.2, 0, 0.34), theme).next_to(frame, RIGHT, buff=TIGHT)
        marks.add(VGroup(frame, ground, number.move_to(ground)))
    return marks
