"""What every drawing command can be told: example, language, theme, size of type, quality, output folder, workers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from cyclopts import Parameter, Token

from core.examples.faults import listed, quote
from core.examples.languages import LANGUAGES
from scenes.storyboard import EXAMPLES, FILMS, entry_of, example_of
from studio.engine.quality import QUALITIES, Picture, picture_of, rate_of
from studio.errors import BadInput, typed, unknown
from studio.files import ENDINGS, check_length

if TYPE_CHECKING:
    from core.examples.example import Example
    from scenes.stage.chapter.settings import Settings
    from studio.films.order import Order
    from studio.films.scheduler import Scheduler
    from studio.lessons.lesson import Lesson

DEFAULT_QUALITY = "high"
MOST_WORKERS = 64
MOST_LOOPS = 1000  # of a GIF or WebP
MARK = "of"
MOST_NAMED = 20  # of characters that no font has
_QUALITY_HELP = """\
preview (480p, 15 frames a second), low (480p30), medium (720p30), high (1080p30) or 4k (2160p60). \
If none is given: medium for sheets, high for everything else."""
_FPS_HELP = "Frames per second, if not the quality's: 25, 12.5, 29.97, 30000/1001."
EXAMPLE_HELP = "A shipped example's name, or a .toml file."
_EXAMPLES = ", ".join(f"{' or '.join(shown.values())} (by language) in {film}" for film, shown in EXAMPLES.items())
LanguageOption = Annotated[
    str, Parameter(name="--language", metavar="|".join(LANGUAGES), help="Language of the texts.")
]
SizeOption = Annotated[
    str, Parameter(name="--size", metavar="normal|large", help="Of type: large for the last row of a hall.")
]
OUT_HELP = "The folder for what is made."
_WORKERS_HELP = "Chapters drawn at once, if not as many as there are processors."
_CLUSTER_HELP = "Draw on the Dask cluster whose scheduler is at this address: tcp://HOST:8786."


def whole_number(field: str, least: int, most: int) -> Callable[[type, Sequence[Token]], int]:
    """What reads an option that is a whole number; 1.5 is none."""

    def read(kind: type, tokens: Sequence[Token]) -> int:
        text = tokens[0].value
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise BadInput(f"{field}: found {typed(text)}; allowed: a whole number from {least} to {most}")
        return int(text)

    return read


def seconds(field: str, least: float, most: float) -> Callable[[type, Sequence[Token]], float]:
    """What reads an option that is a time."""

    def read(kind: type, tokens: Sequence[Token]) -> float:
        text = tokens[0].value
        found = float(text) if re.fullmatch(r"[+-]?[0-9]{1,9}([.][0-9]{1,9})?", text) else -1.0
        if not least <= found <= most:
            raise BadInput(f"{field}: found {typed(text)}; allowed: seconds from {least:g} to {most:g}")
        return found

    return read


_workers = whole_number("--workers", 1, MOST_WORKERS)


def _out(kind: type, tokens: Sequence[Token]) -> Path:
    """What is typed after `--out`. A colon in it would be read as a protocol where films are written."""
    text = tokens[0].value
    if not text.strip():
        raise BadInput(f"--out: found {quote(text)}; allowed: a folder")
    check_length(*Path(text).parts, field="--out")
    return Path(text).absolute() if ":" in text else Path(text)


OutOption = Annotated[Path, Parameter(name="--out", metavar="DIR", help=OUT_HELP, converter=_out)]


WorkersOption = Annotated[int | None, Parameter(name="--workers", metavar="N", help=_WORKERS_HELP, converter=_workers)]
ClusterOption = Annotated[str | None, Parameter(name="--cluster", metavar="ADDRESS", help=_CLUSTER_HELP)]


def scheduler_of(workers: int | None, cluster: str | None) -> Scheduler:
    """Who does the work: processes of this machine, or the workers of a Dask cluster."""
    if cluster is not None:
        if workers is not None:
            raise BadInput("--workers: found it beside --cluster; allowed: one of them: a cluster has its own workers")
        from studio.films.cluster import DaskCluster

        return DaskCluster(cluster)
    from studio.films.local_processes import LocalProcesses, processors

    return LocalProcesses(workers or processors())


class Default(str):
    """What an option is if nobody asks: a lesson may say otherwise."""

    __slots__ = ()


LANGUAGE, THEME, SIZE = Default("en"), Default("dark"), Default("normal")
LOOKS = ("language", "theme", "size")  # what a lesson may say otherwise


@Parameter(name="*")
@dataclass(frozen=True)
class Look:
    """What is shown, in which language and colours, and how large its type is."""

    example: Annotated[
        str | None, Parameter(name="--example", metavar="NAME|FILE", help=f"{EXAMPLE_HELP} If none: {_EXAMPLES}.")
    ] = None
    language: LanguageOption = LANGUAGE
    theme: Annotated[str, Parameter(name="--theme", metavar="dark|light|projector", help="Colours.")] = THEME
    size: SizeOption = SIZE

    @property
    def asked(self) -> dict[str, str]:
        """What somebody has asked for of language, theme and size, checked."""
        self._check()
        return {name: value for name in LOOKS if not isinstance(value := getattr(self, name), Default)}

    def _check(self) -> None:
        from scenes.stage.chapter.settings import THEMES

        check_language(self.language)
        if self.theme not in THEMES:
            raise unknown("--theme", self.theme, THEMES)
        check_size(self.size)

    def lesson(self, path: str) -> Lesson:
        """The lesson of a file, of the example that is asked for, if one is."""
        from studio.lessons.file import load_lesson
        from studio.lessons.ordering import beside, examples_of

        check_length(*Path(path).parts, field="lesson")
        lesson = load_lesson(path, None if self.example is None else drawable(self.example))
        asked = self.asked.get("language")
        languages = [asked] if asked else lesson.languages
        for example in (*examples_of(lesson, *languages), *beside(lesson, *languages)):
            check_drawable(example)
        return lesson

    def settings(self, chapter: str) -> Settings:
        """What a chapter is told: the example read, and everything checked."""
        from scenes.stage.chapter.settings import Settings

        self._check()
        example = self._example(chapter)
        check_suits(example, chapter)
        return Settings(example, str(self.language), str(self.theme), str(self.size))

    def left_out(self, chapters: Iterable[str]) -> frozenset[str]:
        """Those of the chapters of whole films for which the example has not what they need. Says so."""
        lacks = {chapter: entry_of(chapter).lacking(self._example(chapter)) for chapter in chapters}
        for lack in {lack for lack in lacks.values() if lack is not None}:
            found = [chapter for chapter, its in lacks.items() if its == lack]
            print(f"Left out: {listed(found, 'and')}. {self._example(found[0]).name}: {lack.why}.", file=sys.stderr)
        return frozenset(chapter for chapter, lack in lacks.items() if lack is not None)

    def _example(self, chapter: str) -> Example:
        language = check_language(self.language)
        return drawable(example_of(entry_of(chapter).film, language) if self.example is None else self.example)


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
    fps: Annotated[str | None, Parameter(name="--fps", metavar="N", help=_FPS_HELP)] = None
    out: OutOption = Path("films")

    def picture(self, default_quality: str = DEFAULT_QUALITY) -> Picture:
        return picture_of(default_quality if self.quality is None else self.quality, self.fps)


class Still(NamedTuple):
    """The last picture of a step, and what its file is called, without its ending."""

    chapter: str
    step: str
    settings: Settings
    picture: Picture
    file: str


@Parameter(name="*")
@dataclass(frozen=True)
class Making:
    """What commands are told that make several chapters: what is shown, how large and where to, and by how many."""

    look: Look = Look()
    output: Output = Output()
    workers: WorkersOption = None
    cluster: ClusterOption = None

    def suffix(self, quality: str = DEFAULT_QUALITY, lesson: Lesson | None = None, language: str | None = None) -> str:
        """What sets apart what is made with other than the default options; quality: the default one."""
        return suffix(self.look, self.output, quality, lesson, language)

    def orders(
        self, words: Sequence[str], *files: str, commands: Iterable[str] = (), quality: str = DEFAULT_QUALITY
    ) -> Sequence[Order]:
        """What words want, as the films' makers take it, for each language one.

        files: the endings of what `--out` may name but folders; commands: what words may be meant for; quality: the
        default one.
        """
        from studio.films.order import Order
        from studio.lessons.ordering import lesson_among
        from studio.selection import select

        lesson, rest = lesson_among(words)
        if lesson:
            check_folder(self.output.out, *files)
            return self._lesson_orders(lesson, rest, quality)
        selection = select(words, commands)
        check_folder(self.output.out, *files)
        end = self.suffix(quality)
        shown = selection.without(self.look.left_out(selection.of_films))
        check_length(f"{selection.name}{end}")
        return [Order.of(shown, self.look.settings, self.output.picture(quality), self.output.out, end)]

    def stills(self, words: Sequence[str]) -> list[Still]:
        """The last pictures of the steps that words want; of a chapter, and of a part of a lesson, that of the last."""
        from studio.lessons.ordering import last_pictures, lesson_among
        from studio.selection import select_steps

        lesson, rest = lesson_among(words)
        if lesson:
            orders = self._lesson_orders(lesson, rest, DEFAULT_QUALITY)
            pictures = [picture for order in orders for picture in last_pictures(order, rest)]
            return [Still(part.chapter, step, part.settings, part.picture, name) for part, step, name in pictures]
        wanted = [(part.chapter, step) for part in select_steps(words) for step in part.steps]
        look, picture, end = self.look, self.output.picture(), self.suffix()
        return [Still(name, step, look.settings(name), picture, f"{name}-{step}{end}") for name, step in wanted]

    def _lesson_orders(self, path: str, words: Sequence[str], quality: str) -> list[Order]:
        """What a lesson wants, or what words name of it, in each language in which it is to be shown."""
        from studio.lessons.ordering import Wish, order_of

        lesson, asked = self.look.lesson(path), self.look.asked
        languages = [asked.pop("language")] if "language" in asked else lesson.languages
        if lesson.minutes is not None:
            lesson = self._fitted(lesson, languages[0])
        picture, orders = self.output.picture(quality).in_frame(lesson.frame), []
        for language in languages:
            end = self.suffix(quality, lesson, language)
            wish = Wish(words, language, asked, picture, self.output.out, f"{_stem(path)}{end}")
            orders.append(order_of(lesson, wish))
            check_length(orders[-1].name)
        return orders

    def _fitted(self, lesson: Lesson, language: str) -> Lesson:
        """The lesson as its minutes have room for it. Says what is left out."""
        from studio.lessons.fit import fitted
        from studio.lessons.overview import fitting

        with self.scheduler() as scheduler:
            short, fit = fitted(lesson, language, scheduler)
        print(fitting(lesson, fit), file=sys.stderr)
        return short

    def scheduler(self) -> Scheduler:
        """Who does the work."""
        return scheduler_of(self.workers, self.cluster)


@Parameter(name="*")
@dataclass(frozen=True)
class PaperMaking(Making):
    """As `Making`, for what is printed; how it looks on paper does not depend on the quality."""

    look: PaperLook = PaperLook()

    def suffix(self, quality: str = DEFAULT_QUALITY, lesson: Lesson | None = None, language: str | None = None) -> str:
        """The same, whatever the quality."""
        return suffix(self.look, Output(), lesson=lesson, language=language)


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
    from studio.lessons.fields import is_lesson

    if not path_or_name.strip():
        raise BadInput(f"example: found {quote(path_or_name)}; allowed: a shipped example's name, or a .toml file")
    check_length(*Path(path_or_name).parts, field="example")
    if is_lesson(path_or_name):
        hint = f"./render.sh {path_or_name}, for a lesson names its examples itself"
        raise BadInput(f"example: found the lesson {quote(path_or_name)}; allowed: an example; did you mean {hint}?")
    return load_example(path_or_name)


@cache
def drawable(path_or_name: str) -> Example:
    return check_drawable(read_example(path_or_name))


def check_suits(example: Example, chapter: str) -> None:
    """Raises BadInput for an example that has not what a chapter needs."""
    if (lack := entry_of(chapter).lacking(example)) is not None:
        raise BadInput(f"{example.path}: {lack.field}: found {lack.found}; {chapter} needs {lack.needed}")


def check_drawable(example: Example) -> Example:
    """The example, if there is a font for each character of its tokens."""
    from scenes.stage.paint.fonts import why_missing
    from scenes.stage.paint.typography import codes, missing_characters

    missing = missing_characters("\n".join((*example.vocabulary, *example.target)))
    if missing:
        named = listed(map(codes, missing[:MOST_NAMED]), "and")
        named += f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        raise BadInput(f"{example.path}: no font has {named}: {why_missing(missing)}; change the text")
    return example


def check_folder(out: Path, *pictures: str) -> Path:
    """`out`, if it is not the name of a file of a kind that is not made. pictures: the endings of those that are."""
    ending = out.suffix[1:].lower()
    if ending in ENDINGS and ending not in pictures and not out.is_dir():
        file = f", or a file that ends in {listed('.' + kind for kind in pictures)}" if pictures else ""
        raise BadInput(f"--out: found {quote(str(out))}; allowed: a folder{file}")
    return out


def suffix(
    look: Look,
    output: Output,
    default_quality: str = DEFAULT_QUALITY,
    lesson: Lesson | None = None,
    language: str | None = None,
) -> str:
    """What distinguishes the names of files made with other than the default options: `-by-hand-zh-light-preview`.

    No two sets of options have the same: an example that is called as chapters or options are is marked.
    lesson: what is shown, whose own language and look are the default ones; language: in which it is shown.
    """
    stem = None if look.example is None else _stem(look.example)
    usual = {name: getattr(type(look), name) for name in LOOKS}
    if lesson is not None:
        usual |= {name: getattr(lesson, name) for name, value in usual.items() if isinstance(value, Default)}
    told = usual | {name: value for name in LOOKS if not isinstance(value := getattr(look, name), Default)}
    told["language"] = language or told["language"]
    last = lesson.name if lesson is not None and stem is None else stem
    parts = [
        stem or "",
        *(told[name] if told[name] != usual[name] or _is_in_doubt(name, last) else "" for name in LOOKS),
        output.quality if output.quality and output.quality != default_quality else "",
        f"{rate_of(output.fps)}fps".replace("/", "-") if output.fps else "",
    ]
    return "".join(f"-{part}" for part in parts if part)


def _is_in_doubt(name: str, stem: str | None) -> bool:
    """Whether a language has to be named, for what files are named after could be taken for an option."""
    return name == "language" and _ends_as_an_option(stem)


def _stem(example: str) -> str:
    """What files of an example are named after: `of-scores` if it could be taken for a chapter; with its ending if it
    could be taken for one that is shipped.
    """
    from core.examples.example import EXAMPLES, shipped_examples
    from studio.selection import EVERYTHING, all_chapters

    path = Path(example)
    own = path.suffix and path.stem in shipped_examples() and path.resolve().parent != EXAMPLES
    name = path.name if own else path.stem
    first = name.partition("-")[0]
    return f"{MARK}-{name}" if first in (MARK, EVERYTHING, *FILMS, *all_chapters()) else name


def _ends_as_an_option(stem: str | None) -> bool:
    """`default-zh`, which could be `default` in Chinese; it says then in which language it is."""
    from scenes.stage.chapter.settings import LANGUAGES, SIZES, THEMES

    last = (stem or "").rpartition("-")[2]
    return last in (*LANGUAGES, *THEMES, *SIZES, *QUALITIES) or last.endswith("fps")
