"""What is wanted: parts of chapters, each with its settings and a place for its clip, alone and joined to films.

Imports no Manim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.storyboard import entry_of
from studio.engine.quality import Picture
from studio.films.keys import clip_key, digest
from studio.films.titles import Heading, chapter_title, heading_of
from studio.selection import PartOfChapter, Selection, stretches

MOVIE = ".mp4"


@dataclass(frozen=True)
class Part:
    """A chapter or some of its steps, as a movie of its own at `path`.

    number: its place in the film or lesson that it belongs to, from 1; headings: by language, what stands above that.
    """

    shown: PartOfChapter
    settings: Settings
    picture: Picture
    path: Path
    number: int
    headings: Mapping[str, Heading]

    @property
    def chapter(self) -> str:
        return self.shown.chapter

    @property
    def steps(self) -> tuple[str, ...]:
        return self.shown.steps

    @property
    def scene(self) -> tuple[str, Settings, tuple[str, ...]]:
        """What is run to show it."""
        return self.chapter, self.settings, self.steps

    @property
    def heading(self) -> Heading:
        """In its own language."""
        return self.headings[self.settings.language]

    @property
    def title(self) -> str:
        return chapter_title(self.chapter, self.settings, self.settings.language)

    @cached_property
    def key(self) -> str:
        """The hash of everything that it is made from."""
        whole = clip_key(self.chapter, self.settings, self.picture)
        facts = [() if self.shown.is_whole else self.steps, self.heading.tags]
        return digest([whole, *facts]) if any(facts) else whole

    @property
    def stretches(self) -> tuple[Part, ...]:
        """Its steps in parts, each of neighbours."""
        of_steps = stretches(self.chapter, self.steps)
        return tuple(replace(self, shown=PartOfChapter(self.chapter, steps)) for steps in of_steps)


@dataclass(frozen=True)
class Film:
    """Parts that are joined to one movie at `path`, and what stands above it, by language."""

    path: Path
    headings: Mapping[str, Heading]
    parts: tuple[Part, ...]

    @property
    def heading(self) -> Heading:
        """In its own language."""
        return self.headings[self.parts[0].settings.language]


@dataclass(frozen=True)
class Order:
    """What to render, how large, and where to.

    clips: what is wanted as movies of their own alone; name: what a file of all of it is called, without its ending.
    """

    films: tuple[Film, ...]
    clips: tuple[Part, ...]
    picture: Picture
    out: Path
    name: str

    @classmethod
    def of(
        cls, selection: Selection, settings: Callable[[str], Settings], picture: Picture, out: Path, suffix: str = ""
    ) -> Order:
        """What is selected, with what settings each chapter.

        suffix: sets apart what is made with other than the default options.
        """

        def part(shown: PartOfChapter) -> Part:
            entry, told = entry_of(shown.chapter), settings(shown.chapter)
            path = _path(out / f"{entry.film}{suffix}", entry.place, shown)
            return Part(shown, told, picture, path, entry.place, _headings(entry.film, told))

        films = []
        for film in selection.films:
            parts = tuple(map(part, film.parts))
            films.append(Film(out / f"{film.name}{suffix}{MOVIE}", parts[0].headings, parts))
        return cls(tuple(films), tuple(map(part, selection.clips)), picture, out, f"{selection.name}{suffix}")

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part that is needed: those of the films, and those alone."""
        return (*(part for film in self.films for part in film.parts), *self.clips)

    @property
    def as_clips(self) -> Order:
        """The same without films: their parts alone."""
        return replace(self, films=(), clips=self.parts)


def _path(folder: Path, number: int, shown: PartOfChapter) -> Path:
    """`03-scores.mp4`: sorts as the story goes."""
    return folder / f"{number:02}-{shown.name}{MOVIE}"


def _headings(film: str, settings: Settings) -> dict[str, Heading]:
    return {language: heading_of(film, settings.example, language) for language in LANGUAGES}
