"""The card that a lesson's film begins with: its title, a line that is drawn below, who gives it, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, UP, FadeIn, FadeOut, Mobject, VGroup

from scenes.stage.chapter.caption import LINE_PITCH, broken
from scenes.stage.chapter.framed_scene import FramedScene
from scenes.stage.chapter.passages import map_for
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, SAFE, TEXT, TIGHT, TITLE, WIDE, Box, Type
from scenes.stage.paint.painting import Brush, Drawn
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT

COMING, LINES, STANDING, GOING = 0.6, 0.5, 1.3, 0.5  # seconds
LINE_SHARE, LINE_THICK = 0.12, 0.05  # of the width; in scene units
TEXT_SHARE = 0.8  # of the width, for the words


class Stroke(Drawn):
    """A short line in the accent's colour, drawn from its left end on."""

    STATE: ClassVar[tuple[str, ...]] = ("drawn",)
    MARGIN = 0.0

    def __init__(self, box: Box, theme: Theme) -> None:
        self.drawn = np.ones(1)
        super().__init__(box, theme.hue("focus"))

    def paint(self, brush: Brush) -> None:
        box = self.box
        brush.rounded(box.left, box.bottom, float(self.drawn[0]) * box.width, box.height, 0.0)
        brush.fill(self.colour, self.opacity)


def show_card(chapter: FramedScene, title: str, lines: Sequence[str]) -> None:
    """The card comes, stands and goes; what the chapter opens on comes in its place."""
    first = list(chapter.mobjects)
    if chapter.is_on_map:
        first = [*chapter.frame_parts, map_for(chapter)]
    head, stroke, below = card_of(title, lines, SAFE, chapter.theme)
    chapter.mobjects = [stroke.undrawn()]
    chapter.play(FadeIn(head, shift=TIGHT * UP), stroke.animate.draw(), run_time=COMING)
    if below:
        chapter.play(FadeIn(below, shift=TIGHT * UP), run_time=LINES)
    chapter.wait(STANDING)
    chapter.play(FadeOut(head, stroke, below), run_time=GOING)
    _come(chapter, first)


def _come(chapter: FramedScene, first: Sequence[Mobject]) -> None:
    chapter.play(FadeIn(*first), run_time=GOING)


def card_of(title: str, lines: Sequence[str], box: Box, theme: Theme) -> tuple[VGroup, Stroke, VGroup]:
    """The title, the line below it, and the words below that, from one left edge in the middle of `box`."""
    width = TEXT_SHARE * box.width
    head = _paragraph(title, TITLE, width, theme, theme.ink, "semibold")
    stroke = Stroke(Box(0, LINE_SHARE * width, 0, LINE_THICK), theme)
    below = VGroup(*(_paragraph(line, TEXT, width, theme, theme.quiet) for line in lines))
    below.arrange(DOWN, buff=GAP, aligned_edge=LEFT)
    VGroup(head, stroke, below).arrange(DOWN, buff=WIDE, aligned_edge=LEFT).move_to(box.centre)
    return head, stroke, below


def _paragraph(text: str, size: Type, width: float, theme: Theme, colour: Colour, weight: str = "regular") -> VGroup:
    """A text in as many lines as it needs."""
    font = theme.size(size)
    lines = [Label(line, font, colour, weight, structural=True) for line in broken(text, font, width, weight)]
    return VGroup(*lines).arrange(DOWN, buff=(LINE_PITCH - CAP_HEIGHT) * font, aligned_edge=LEFT)
