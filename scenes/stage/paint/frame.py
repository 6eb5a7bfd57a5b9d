"""Frames around what is being computed, and panels behind what is written out."""

from __future__ import annotations

import cairo

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme


class Frame(Painted):
    """A rounded frame in ink, with a halo. `frame.animate.around(box)` moves it."""

    AIR = 0.015
    STROKE, CASING = 0.035, 0.075  # the casing parts the frame from what is as bright as it
    HALO = (0.03, 0.05, 0.075, 0.1, 0.13)  # how far its layers reach outwards
    GLOW = 0.06  # opacity of each
    RADIUS = 0.07
    MARGIN = 0.16

    def __init__(self, box: Box, theme: Theme, colour: Colour | None = None) -> None:
        self.ground = theme.background
        super().__init__(box.grown(self.AIR), colour or theme.hue("focus"))

    def around(self, box: Box) -> Frame:
        """Frame `box`."""
        self.set_box(box.grown(self.AIR))
        return self

    def paint(self, brush: Brush) -> None:
        for reach in self.HALO:
            self._rounded(brush, self.box.grown(reach), self.RADIUS + reach)
            self._rounded(brush, self.box, self.RADIUS)
            brush.context.set_fill_rule(cairo.FILL_RULE_EVEN_ODD)  # nothing falls on what is framed
            brush.fill(self.colour, self.GLOW * self.opacity)
            brush.context.set_fill_rule(cairo.FILL_RULE_WINDING)
        for colour, opacity, width in ((self.ground, 0.8, self.CASING), (self.colour, 1.0, self.STROKE)):
            self._rounded(brush, self.box, self.RADIUS)
            brush.stroke(colour, opacity * self.opacity, width)

    @staticmethod
    def _rounded(brush: Brush, box: Box, radius: float) -> None:
        brush.rounded(box.left, box.bottom, box.width, box.height, radius)


class Panel(Painted):
    """A quiet rounded surface behind an arithmetic line, a note, a command.

    radius: of its corners; dense: how opaque its ground is; line: the width of its edge.
    """

    MARGIN = 0.02

    def __init__(
        self, box: Box, theme: Theme, *, radius: float = 0.12, dense: float = 0.92, line: float = 0.015
    ) -> None:
        self.edge = theme.rule
        self.radius, self.dense, self.line = radius, dense, line
        super().__init__(box, theme.surface)

    def paint(self, brush: Brush) -> None:
        ground, edge = (self.colour, self.dense * self.opacity), (self.edge, self.opacity)
        brush.plate(self.box, self.radius, ground, edge, self.line)
