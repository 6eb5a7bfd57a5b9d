"""The title of a film, that of its example, and what it is about."""

from __future__ import annotations

from manim import DOWN, VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, TEXT, TITLE, WIDE, Box


def title_card(chapter: Chapter, box: Box) -> VGroup:
    """Title and subtitle of the chapter's film in the middle of `box`, between them the title that the example has."""
    film, theme = chapter.texts.films[chapter.entry.film], chapter.theme
    title = Label(film.title, theme.size(TITLE), theme.ink, "semibold")
    subtitle = shrink(Label(film.subtitle, theme.size(TEXT), theme.quiet), box.width, theme)
    own = chapter.example.own_title(chapter.settings.language)
    if not own:
        return VGroup(title, subtitle).arrange(DOWN, buff=WIDE).move_to(box.centre)
    example = shrink(Label(own, theme.size(TEXT), theme.ink), box.width, theme)
    return VGroup(title, example, subtitle).arrange(DOWN, buff=GAP).move_to(box.centre)
