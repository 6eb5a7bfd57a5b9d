"""Scaling at one look: random scores at a small and at a large d_k, and under each what the division makes of them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from scenes.stage.charts.histogram import Histogram
from scenes.stage.paint.layout import TIGHT, Box
from scenes.stage.paint.painting import Brush, Drawn
from scenes.stage.paint.theme import Colour

SHARES = (1.2, 0.6, 1)  # of the height: before, the division, after
OPENNESS = 0.16


class Funnel(Drawn):
    """What is divided narrows: a band from the width of `above` to that of `below`. State: `drawn` (from above)."""

    STATE: ClassVar[tuple[str, ...]] = ("drawn",)

    def __init__(self, above: Box, below: Box, colour: Colour) -> None:
        self.above, self.below, self.drawn = above, below, np.ones(1)
        left, right = min(above.left, below.left), max(above.right, below.right)
        super().__init__(Box(left, right, below.top, above.bottom), colour)

    def paint(self, brush: Brush) -> None:
        box, context, drawn = self.box, brush.context, float(self.drawn[0])
        context.save()
        context.rectangle(box.left, box.top - drawn * box.height, box.width, drawn * box.height)
        context.clip()
        for fill in (True, False):
            for first, last in ((self.above.left, self.below.left), (self.below.right, self.above.right)):
                start, end = (box.top, box.bottom) if last == self.below.left else (box.bottom, box.top)
                (context.move_to if start == box.top or not fill else context.line_to)(first, start)
                context.curve_to(first, box.y, last, box.y, last, end)
            if fill:
                context.close_path()
                brush.fill(self.colour, OPENNESS * self.opacity)
            else:
                brush.stroke(self.colour, 0.8 * self.opacity, 0.02)
        context.restore()


class ScalingPoster:
    """Two columns, one for each d_k: its samples, the division, and the samples divided, all on one scale."""

    def __init__(self, box: Box, gap: float) -> None:
        columns = box.columns(1, 1, gap=gap)
        self.rooms = [column.rows(*SHARES, gap=TIGHT) for column in columns]

    def funnel(self, before: Histogram, after: Histogram, spans: tuple[Box, Box], colour: Colour) -> Funnel:
        """From one standard deviation around 0 of the samples to that of the divided ones."""
        above = Box(spans[0].left, spans[0].right, spans[0].bottom - TIGHT, spans[0].top)
        below = Box(spans[1].left, spans[1].right, spans[1].bottom, after.axis.box.top)
        return Funnel(above, below, colour)
