"""The title of a film, that of its example, and what it is about."""

from __future__ import annotations

from manim import DOWN, LEFT, VGroup

from scenes.stage.chapter.caption import LINE_PITCH, broken
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, LABEL, SMALL, SPACE, TEXT, TITLE, WIDE, Box, Type
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT

# of a tall card: the size of its title, that of the rest, and the gap between them, the most spacious first
SPACIOUS = ((TITLE, TEXT, WIDE), (TITLE, LABEL, WIDE), (TITLE, LABEL, GAP))
CARDS = (*SPACIOUS, (TEXT, LABEL, GAP), (TEXT, SMALL, GAP), (TEXT, SMALL, SPACE))


def title_card(chapter: Chapter, box: Box) -> VGroup:
    """Title and subtitle of the chapter's film in the middle of `box`, between them the title that the example has."""
    film, theme = chapter.texts.films[chapter.entry.film], chapter.theme
    title = Label(film.title, theme.size(TITLE), theme.ink, "semibold")
    subtitle = shrink(Label(film.subtitle, theme.size(TEXT), theme.quiet), box.width, theme)
    own = chapter.example.own_title(chapter.settings.language)
    if not own:
        return VGroup(title, subtitle).arrange(DOWN, buff=WIDE).move_to(box.centre)
    example = shrink(Label(own, theme.size(TEXT), theme.ink, structural=True), box.width, theme)
    return VGroup(title, example, subtitle).arrange(DOWN, buff=GAP).move_to(box.centre)


def tall_title_card(chapter: Chapter, box: Box) -> VGroup:
    """The same in a column, broken into lines from the left side of `box`, in the largest type with which all fit."""
    film, theme = chapter.texts.films[chapter.entry.film], chapter.theme
    own = chapter.example.own_title(chapter.settings.language)
    for large, small, gap in CARDS:
        title = _paragraph(film.title, large, box.width, theme, theme.ink, "semibold")
        rest = [_paragraph(own, small, box.width, theme, theme.ink)] if own else []
        rest.append(_paragraph(film.subtitle, small, box.width, theme, theme.quiet))
        card = VGroup(title, *rest).arrange(DOWN, buff=gap, aligned_edge=LEFT)
        if card.height <= box.height:
            break
    return card.move_to([box.left + card.width / 2, box.y, 0])


def _paragraph(text: str, size: Type, width: float, theme: Theme, colour: Colour, weight: str = "regular") -> VGroup:
    font = theme.size(size)
    lines = [Label(line, font, colour, weight, structural=True) for line in broken(text, font, width, weight)]
    lines = [shrink(line, width, theme, size) for line in lines]
    gap = (LINE_PITCH - CAP_HEIGHT) * font
    return VGroup(*lines).arrange(DOWN, buff=gap, aligned_edge=LEFT)
