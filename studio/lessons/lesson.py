"""A lesson: what is shown of which examples, in what order, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenes.stage.chapter.settings import Settings
from studio.selection import PartOfChapter


@dataclass(frozen=True)
class Part:
    """A chapter with those of its steps that are shown, and what the chapter is told, by language.

    number: of the entry of `[[parts]]` that it comes from, from 1; 0 where the file has none.
    """

    of: PartOfChapter
    told: Mapping[str, Settings]
    number: int = 0

    @property
    def chapter(self) -> str:
        return self.of.chapter

    @property
    def steps(self) -> tuple[str, ...]:
        return self.of.steps

    def settings(self, language: str, **other: Any) -> Settings:
        """What the chapter is told in a language; other: fields that are otherwise, as the command line may want them.

        The colours are those of the lesson's theme; another theme has its own.
        """
        told = self.told[language]
        if other.get("theme", told.theme) != told.theme:
            other = {"colours": {}} | other
        return replace(told, **other)


@dataclass(frozen=True)
class Heading:
    """What stands above a lesson, each by language; empty where the file does not say."""

    titles: Mapping[str, str]
    authors: Mapping[str, str]
    dates: Mapping[str, str]
    occasions: Mapping[str, str]

    def title(self, language: str) -> str:
        return _in(self.titles, language)

    def author(self, language: str) -> str:
        return _in(self.authors, language)

    def date(self, language: str) -> str:
        return _in(self.dates, language)

    def occasion(self, language: str) -> str:
        return _in(self.occasions, language)


def _in(texts: Mapping[str, str], language: str) -> str:
    """A text in a language, or in another if there is none in this one."""
    return texts.get(language) or next(iter(texts.values()), "")


@dataclass(frozen=True)
class Lesson:
    """A whole, valid lesson.

    languages: those in which it is shown, the first if nobody asks for another; minutes: how long it is to last, None
    if it may take as long as it does; left_out: chapters that the model of their example cannot show;
    own: own words that claim what the film's words do not, as they are named in the file.
    """

    path: Path
    heading: Heading
    languages: tuple[str, ...]
    theme: str
    size: str
    frame: str
    parts: tuple[Part, ...]
    minutes: float | None = None
    left_out: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.path.stem

    @property
    def language(self) -> str:
        """The language in which it is shown if nobody asks for another."""
        return self.languages[0]
