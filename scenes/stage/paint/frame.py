"""Frames around what is being computed, and panels behind what is written out."""

from __future__ import annotations

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme


class Frame(Painted):
    """A rounded frame. `frame.animate.around(box)` moves it."""

    MARGIN = 0.015
    STROKE = 0.035

    def __init__(self, box: Box, theme: Theme, colour: Colour | None = None) -> None:
        super().__init__(box.grown(self.MARGIN), colour or theme.hue("focus"))

    def around(self, box: Box) -> Frame:
        """Frame `box`."""
        self.set_box(box.grown(self.MARGIN))
        return self

    def paint(self, brush: Brush) -> None:
        box = self.box
        brush.rounded(box.left, box.bottom, box.width, box.height, 0.07)
        brush.stroke(self.colour, self.opacity, self.STROKE)


class Panel(Painted):
    """A quiet rounded surface behind an arithmetic line or a note."""

    MARGIN = 0.02

    def __init__(self, box: Box, theme: Theme) -> None:
        self.edge = theme.rule
        super().__init__(box, theme.surface)

    def paint(self, brush: Brush) -> None:
        box = self.box
        brush.rounded(box.left, box.bottom, box.width, box.height, 0.12)
        brush.fill(self.colour, 0.92 * self.opacity)
        brush.rounded(box.left, box.bottom, box.width, box.height, 0.12)
        brush.stroke(self.edge, self.opacity, 0.015)
