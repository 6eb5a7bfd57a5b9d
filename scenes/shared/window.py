"""Windows: a block of the figure opened. A cable leads from it to a frame in its hue, with its picture inside."""

from __future__ import annotations

from manim import Animation, AnimationGroup, Create, FadeIn, VGroup

from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.miniature import cable
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import TEXT, Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import text_width

HEAD, AIR = 0.5, 0.2


class WindowFrame(Painted):
    """The frame of a window."""

    def __init__(self, box: Box, colour: Colour) -> None:
        super().__init__(box, colour)

    def paint(self, brush: Brush) -> None:
        box = self.box
        brush.rounded(box.left, box.bottom, box.width, box.height, 0.16)
        brush.stroke(self.colour, 0.55 * self.opacity, 0.02)


class Window(VGroup):
    """The frame around the opened picture of one block, its title, and the cable to the block.

    inside: where the picture stands; around: how far above the block's middle the cable runs, around what is beside it.
    """

    def __init__(
        self, figure: Figure, block: str, title: str, box: Box, theme: Theme, around: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        super().__init__()
        hue, source = figure.hue_of(block), figure.part_box(block)
        colour = theme.quiet if hue == theme.hue("mask") else hue
        self.frame = WindowFrame(box, colour)
        size = theme.fitting((box.width - 2 * AIR) / text_width(title, 1.0, "semibold"), TEXT)
        self.title = Label(title, size, colour, "semibold")
        self.title.move_to([box.left + AIR + self.title.width / 2, box.top - HEAD / 2, 0])
        outward = 1 if box.x > source.x else -1
        start, end = (source.right, box.left) if outward > 0 else (source.left, box.right)
        out, up = around
        if box.top < source.bottom:  # below the figure: the cable runs down beside it
            self._lead_down(source, box, colour)
            return
        turns = [(start + outward * out, source.y), (start + outward * out, source.y + up)] if up else []
        leaves, arrives = source.y, source.y + up
        self.cable = cable([(start, leaves), *turns, (end, arrives)], colour, width=2.4, opacity=0.7)
        self.inside = box.inset(AIR, AIR, AIR, HEAD)
        self.add(self.cable, self.frame, self.title)

    def _lead_down(self, source: Box, box: Box, colour: Colour) -> None:
        """A cable from the block along the side of the stage that is nearer, down to the window."""
        left = source.x < box.x
        start, lane = (source.left, box.left + AIR) if left else (source.right, box.right - AIR)
        self.cable = cable([(start, source.y), (lane, source.y), (lane, box.top)], colour, width=2.4, opacity=0.7)
        self.inside = box.inset(AIR, AIR, AIR, HEAD)
        self.add(self.cable, self.frame, self.title)

    def opened(self) -> Animation:
        """The cable grows out of the block, and the frame appears at its end."""
        return AnimationGroup(Create(self.cable, run_time=0.5), FadeIn(self.frame, self.title, run_time=0.7))
