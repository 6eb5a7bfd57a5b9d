"""What films and chapters are called, in files, on title cards and above pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.examples.example import Example
from scenes.stage.chapter.own_words import chapter_text
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts

BETWEEN = " · "
NUMBER_GAP = "  "  # between a chapter's number and its title


@dataclass(frozen=True)
class Heading:
    """What stands above a film or a lesson, in one language; "" where there is nothing to say.

    own: the title that its example's file gives itself; has_card: whether the film begins with all this on a card.
    """

    title: str
    subtitle: str = ""
    own: str = ""
    author: str = ""
    occasion: str = ""
    date: str = ""
    logo: Path | None = None
    has_card: bool = False

    @property
    def name(self) -> str:
        """`Attention in Motion · Rain`: its title and that of the example, in one line."""
        return BETWEEN.join(part for part in (self.title, self.own) if part)

    @property
    def given(self) -> str:
        """Who gives it, where and when, in one line."""
        return BETWEEN.join(part for part in (self.author, self.occasion, self.date) if part)

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands below the title."""
        when = BETWEEN.join(part for part in (self.occasion, self.date) if part)
        return tuple(line for line in (self.subtitle, self.author, when) if line)

    @property
    def card(self) -> tuple[str, tuple[str, ...], Path | None]:
        """The title, the lines below it, and the logo, as they stand on a card."""
        own = (self.own,) if self.own and self.own != self.title else ()
        return self.title, (*own, *self.lines), self.logo

    @property
    def tags(self) -> dict[str, str]:
        """What files say of themselves beside the title, by the names that MP4 has for it."""
        tags = {"artist": self.author, "comment": self.occasion, "date": self.date}
        return {name: text for name, text in tags.items() if text}


def heading_of(film: str, example: Example, language: str) -> Heading:
    """What stands above a film of the storyboard."""
    texts = load_texts(language).films[film]
    return Heading(texts.title, texts.subtitle, example.own_title(language))


def chapter_title(chapter: str, settings: Settings, language: str) -> str:
    """The title of a chapter with its number."""
    return chapter_text(chapter, language, settings.words).title


def step_title(chapter: str, step: str, settings: Settings, language: str) -> str:
    return chapter_text(chapter, language, settings.words).steps[step].title
