"""The end card: how one films a sentence of one's own."""

from __future__ import annotations

from manim import DOWN, RIGHT, VGroup

from core.examples.languages import FIRST
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.frame import Panel
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SPACE, TEXT, TIGHT, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.storyboard import FILMS


def commands(film: str, language: str) -> tuple[str, str]:
    """What to type for an example file, and then for a film of it, in a language."""
    spoken = "" if language == FIRST else f" --language {language}"
    named = "" if film == next(iter(FILMS)) else f" {film}"
    return f"./render.sh new mine{spoken}", f"./render.sh{named} --example mine.toml{spoken}"


def end_card(chapter: Chapter, box: Box) -> VGroup:
    """What to type, in `box`: an example file, and the film of it."""
    heading = chapter.label("your_own", TEXT, chapter.theme.ink, "semibold")
    typed = commands(chapter.entry.film, chapter.settings.language)
    lines = [Label(text, chapter.theme.size(LABEL), chapter.theme.ink, "code", structural=True) for text in typed]
    room, widest = box.width - WIDE - 4 * GAP, sum(line.width for line in lines)
    beside = widest * chapter.theme.fitting(0.0) <= room * chapter.theme.size(LABEL)
    for line in lines:
        shrink(line, room * line.width / widest if beside else box.width - 2 * GAP, chapter.theme, LABEL)
    plates = VGroup(*(_plate(line, chapter.theme) for line in lines))
    plates.arrange(RIGHT if beside else DOWN, buff=WIDE if beside else HAIR)
    return VGroup(heading, plates).arrange(DOWN, buff=GAP if beside else TIGHT).move_to(box.centre)


def _plate(line: Label, theme: Theme) -> VGroup:
    half, high = line.width / 2 + GAP, line.height / 2 + SPACE
    return VGroup(Panel(Box(-half, half, -high, high), theme, radius=SPACE, dense=1.0, line=0.02), line)
