"""What every drawing command can be told: example, language, theme, size of type, quality, output folder, workers."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from core.examples.faults import listed
from core.examples.languages import LANGUAGES
from scenes.storyboard import EXAMPLES, entry_of, example_of
from studio.engine.quality import Picture, picture_of
from studio.errors import BadInput, unknown

if TYPE_CHECKING:
    from core.examples.example import Example
    from scenes.stage.chapter.settings import Settings
    from studio.films.order import Order
    from studio.films.scheduler import Scheduler
    from studio.selection import Selection

DEFAULT_EXAMPLE = "default"
DEFAULT_QUALITY = "high"
_QUALITY_HELP = """\
preview (480p, 15 frames a second), low (480p30), medium (720p30), high (1080p30) or 4k (2160p60). \
If none is given: medium for sheets, high for everything else."""
_EXAMPLE_HELP = "A shipped example's name, or a .toml file."
_EXAMPLES = ", ".join(f"{' or '.join(shown.values())} (by language) in {film}" for film, shown in EXAMPLES.items())
ExampleOption = Annotated[str, Parameter(name="--example", metavar="NAME|FILE", help=_EXAMPLE_HELP)]
LanguageOption = Annotated[
    str, Parameter(name="--language", metavar="|".join(LANGUAGES), help="Language of the texts.")
]
SizeOption = Annotated[
    str, Parameter(name="--size", metavar="normal|large", help="Of type: large for the last row of a hall.")
]
_WORKERS_HELP = "Chapters drawn at once, if not as many as there are processors."


@Parameter(name="*")
@dataclass(frozen=True)
class Look:
    """What is shown, in which language and colours, and how large its type is."""

    example: Annotated[
        str | None, Parameter(name="--example", metavar="NAME|FILE", help=f"{_EXAMPLE_HELP} If none: {_EXAMPLES}.")
    ] = None
    language: LanguageOption = "en"
    theme: Annotated[str, Parameter(name="--theme", metavar="dark|light|projector", help="Colours.")] = "dark"
    size: SizeOption = "normal"

    def settings(self, chapter: str) -> Settings:
        """What a chapter is told: the example read, and everything checked."""
        from scenes.stage.chapter.settings import THEMES, Settings

        check_language(self.language)
        if self.theme not in THEMES:
            raise unknown("--theme", self.theme, THEMES)
        check_size(self.size)
        example = self._example(chapter)
        if _lacks_encoder(chapter, example):
            raise BadInput(
                f'{example.path}: model.kind: found "{example.config.kind}"; {chapter} needs "encoder-decoder"'
            )
        return Settings(example, self.language, self.theme, self.size)

    def left_out(self, chapters: Iterable[str]) -> frozenset[str]:
        """Those of the chapters of whole films that need an encoder, where the model has none. Says so."""
        found = [chapter for chapter in chapters if _lacks_encoder(chapter, self._example(chapter))]
        if found:
            print(
                f"Left out: {listed(found, 'and')}. The model of {self._example(found[0]).name} has no encoder.",
                file=sys.stderr,
            )
        return frozenset(found)

    def _example(self, chapter: str) -> Example:
        return _drawable(self.example or example_of(entry_of(chapter).film, check_language(self.language)))


@Parameter(name="*")
@dataclass(frozen=True)
class PaperLook(Look):
    """As `Look`, for what is printed: light, if nothing else is asked for."""

    theme: Annotated[str, Parameter(name="--theme", metavar="dark|light|projector", help="Colours.")] = "light"


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How large the pictures are and where they go."""

    quality: Annotated[str | None, Parameter(name="--quality", metavar="NAME", help=_QUALITY_HELP)] = None
    fps: Annotated[
        int | None, Parameter(name="--fps", metavar="N", help="Frames per second, if not the quality's.")
    ] = None
    out: Annotated[Path, Parameter(name="--out", metavar="DIR", help="The folder for what is made.")] = Path("films")

    def picture(self, default_quality: str = DEFAULT_QUALITY) -> Picture:
        return picture_of(self.quality or default_quality, self.fps)


@Parameter(name="*")
@dataclass(frozen=True)
class Making:
    """What commands are told that make several chapters: what is shown, how large and where to, and by how many."""

    look: Look = Look()
    output: Output = Output()
    workers: Annotated[int | None, Parameter(name="--workers", metavar="N", help=_WORKERS_HELP)] = None

    @property
    def suffix(self) -> str:
        return suffix(self.look, self.output)

    def order(self, selection: Selection) -> Order:
        """What is wanted, as the films' makers take it."""
        from studio.films.order import Order

        left_out = self.look.left_out(selection.of_films)
        return Order(selection, self.look.settings, self.output.picture(), self.output.out, self.suffix, left_out)

    def chapters(self, names: Sequence[str]) -> tuple[str, ...]:
        """Chapters by name, a film standing for those that its example's model can show."""
        from studio.selection import select, select_chapters

        left_out = self.look.left_out(select(names).of_films)
        return tuple(chapter for chapter in select_chapters(names) if chapter not in left_out)

    def scheduler(self) -> Scheduler:
        """Who does the work."""
        from studio.films.local_processes import LocalProcesses, processors

        if self.workers is not None and self.workers < 1:
            raise BadInput(f"--workers: found {self.workers}; allowed: a whole number from 1")
        return LocalProcesses(self.workers or processors())


@Parameter(name="*")
@dataclass(frozen=True)
class PaperMaking(Making):
    """As `Making`, for what is printed; how it looks on paper does not depend on the quality."""

    look: PaperLook = PaperLook()

    @property
    def suffix(self) -> str:
        return suffix(self.look, Output())


def _lacks_encoder(chapter: str, example: Example) -> bool:
    return entry_of(chapter).needs == "encoder" and not example.config.has_encoder


def check_language(language: str) -> str:
    from scenes.stage.chapter.settings import LANGUAGES

    if language not in LANGUAGES:
        raise unknown("--language", language, LANGUAGES)
    return language


def check_size(size: str) -> str:
    from scenes.stage.chapter.settings import SIZES

    if size not in SIZES:
        raise unknown("--size", size, SIZES)
    return size


def read_example(path_or_name: str) -> Example:
    from core.examples.example import load_example

    return load_example(path_or_name)


@cache
def _drawable(path_or_name: str) -> Example:
    return check_drawable(read_example(path_or_name))


def check_drawable(example: Example) -> Example:
    """The example, if there is a font for each character of its tokens."""
    from scenes.stage.paint.typography import missing_characters

    missing = missing_characters("".join((*example.vocabulary, *example.target)))
    if missing:
        named = ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)
        raise BadInput(
            f"{example.path}: no font on this machine has {named}; install one that does, or change the text"
        )
    return example


def suffix(look: Look, output: Output, default_quality: str = DEFAULT_QUALITY) -> str:
    """What distinguishes the names of files made with other than the default options: `-by-hand-zh-light-preview`."""
    parts = [
        Path(look.example).stem if look.example is not None else "",
        look.language if look.language != "en" else "",
        look.theme if look.theme != type(look).theme else "",
        look.size if look.size != type(look).size else "",
        output.quality if output.quality and output.quality != default_quality else "",
        f"{output.fps}fps" if output.fps else "",
    ]
    return "".join(f"-{part}" for part in parts if part)
