"""What is wanted: films and chapters, with what settings, how large, and where to. Imports no Manim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import FILMS, entry_of
from studio.engine.quality import Picture
from studio.films.keys import clip_key
from studio.selection import Selection


@dataclass(frozen=True)
class Clip:
    """A chapter as a movie of its own: where it stands, and the hash of everything that it is made from."""

    chapter: str
    settings: Settings
    path: Path
    key: str

    @property
    def title(self) -> str:
        return load_texts(self.settings.language).chapters[self.chapter].title


@dataclass(frozen=True)
class Order:
    """What to render, with what settings each chapter, and where to.

    suffix: sets apart what is made with other than the default options;
    left_out: chapters of the films that their example's model cannot show.
    """

    selection: Selection
    settings: Callable[[str], Settings]
    picture: Picture
    out: Path
    suffix: str
    left_out: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What a file of all that is selected is called, without its ending."""
        return self.selection.name + self.suffix

    @property
    def chapters(self) -> tuple[str, ...]:
        """Every chapter that is needed, once: those of the films, and those alone."""
        films = (chapter for film in self.selection.films for chapter in self.parts_of(film))
        return tuple(dict.fromkeys([*films, *self.selection.chapters]))

    def parts_of(self, film: str) -> tuple[str, ...]:
        """The chapters of a film, in order."""
        return tuple(chapter for chapter in FILMS[film] if chapter not in self.left_out)

    def clip(self, chapter: str) -> Clip:
        entry, settings = entry_of(chapter), self.settings(chapter)
        path = self.out / f"{entry.film}{self.suffix}" / f"{entry.file_name}.mp4"
        return Clip(chapter, settings, path, clip_key(chapter, settings, self.picture))

    def film(self, name: str) -> Path:
        return self.out / f"{name}{self.suffix}.mp4"
