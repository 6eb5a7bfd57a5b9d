"""The card that a lesson's film begins with: its title, a line that is drawn below, who gives it, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, UP, FadeIn, FadeOut, VGroup

from scenes.stage.chapter.caption import LINE_PITCH, broken
from scenes.stage.chapter.framed_scene import FramedScene
from scenes.stage.chapter.passages import map_for
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, LABEL, SAFE, SMALL, TEXT, TIGHT, TITLE, WIDE, Box, Type
from scenes.stage.paint.logo import Logo
from scenes.stage.paint.painting import Brush, Drawn
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT

COMING, BELOW, STANDING, GOING = 0.5, 0.4, 1.2, 0.4  # seconds
LOGO = 1.0  # height of a logo
SIZES = ((TITLE, TEXT), (TEXT, LABEL), (TEXT, SMALL), (LABEL, SMALL))  # of title and words
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


def show_card(chapter: FramedScene, title: str, lines: Sequence[str], logo_file: Path | None = None) -> None:
    """The title stands; the rest of the card comes; all goes, and what the chapter opens on comes in its place."""
    first = [*chapter.frame_parts, map_for(chapter)] if chapter.is_on_map else list(chapter.mobjects)
    card = card_in(SAFE, chapter.theme, title, lines, logo_file)
    chapter.mobjects = [card.head, card.stroke.undrawn()]
    chapter.play(card.stroke.animate.draw(), run_time=COMING)
    if card.below:
        chapter.play(FadeIn(card.below, shift=TIGHT * UP), run_time=BELOW)
    chapter.wait(STANDING)
    chapter.play(FadeOut(card), run_time=GOING)
    chapter.mobjects = []
    chapter.play(FadeIn(*first), run_time=GOING)


class Card(VGroup):
    """The title, under a logo if there is one; a line below it; further words; from one left edge in `box`.

    sizes: of type, that of the title and that of the words.
    """

    def __init__(
        self, title: str, lines: Sequence[str], logo: Path | None, sizes: tuple[Type, Type], box: Box, theme: Theme
    ) -> None:
        width, (large, small) = TEXT_SHARE * box.width, sizes
        words = _paragraph(title, large, width, theme, theme.ink, "semibold")
        self.head = VGroup(*([Logo(logo, LOGO, width)] if logo else []), words)
        self.head.arrange(DOWN, buff=WIDE, aligned_edge=LEFT)
        self.stroke = Stroke(Box(0, LINE_SHARE * width, 0, LINE_THICK), theme)
        self.below = VGroup(*(_paragraph(line, small, width, theme, theme.quiet) for line in lines))
        self.below.arrange(DOWN, buff=GAP, aligned_edge=LEFT)
        super().__init__(self.head, self.stroke, self.below)
        self.arrange(DOWN, buff=WIDE, aligned_edge=LEFT).move_to(box.centre)


def card_in(box: Box, theme: Theme, title: str, lines: Sequence[str], logo: Path | None) -> Card:
    """The card in the largest type in which it has room in `box`, or in the smallest."""
    for sizes in SIZES:
        card = Card(title, lines, logo, sizes, box, theme)
        if card.height <= box.height:
            break
    return card


def _paragraph(text: str, size: Type, width: float, theme: Theme, colour: Colour, weight: str = "regular") -> VGroup:
    """A text in as many lines as it needs."""
    font = theme.size(size)
    lines = [Label(line, font, colour, weight, structural=True) for line in broken(text, font, width, weight)]
    lines = [shrink(line, width, theme, size) for line in lines]
    return VGroup(*lines).arrange(DOWN, buff=(LINE_PITCH - CAP_HEIGHT) * font, aligned_edge=LEFT)
