"""What both kinds of slides are made from: a movie, its last frame, the words and the numbers of each step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, islice
from pathlib import Path
from unicodedata import east_asian_width

from scenes.stage.chapter.settings import LANGUAGES
from scenes.stage.paint.theme import Theme, theme_named
from studio.engine.quality import Picture
from studio.exports.about_example import about_examples
from studio.exports.poster import frame_at
from studio.exports.transcript import numbers_text
from studio.films.film_script import ChapterScript, StepScript
from studio.films.packets import cut
from studio.films.titles import BETWEEN, NUMBER_GAP, Heading
from studio.lessons.overview import clock

POSTER_QUALITY = 92
EXAMPLE_SIZES = (20, 18, 16, 14, 12, 10, 8)  # in points, on a slide that is 960 wide
EXAMPLE_WIDTH, EXAMPLE_HEIGHT = 780, 150
LEADING, LETTER = 1.25, 0.56  # of a line and of a letter, in sizes of type


@dataclass(frozen=True)
class Slide:
    """A step: its title, what is said (in the deck's language, and in the others by these), its numbers as text, its
    movie in a file of its own, the picture that the movie ends on, how long it lasts, and, if all are played one after
    the other, when it begins.
    """

    name: str
    title: str
    said: tuple[str, ...]
    said_otherwise: Mapping[str, tuple[str, ...]]
    numbers: str
    movie: Path
    poster: Path
    milliseconds: int
    begins: int = 0

    @property
    def times(self) -> str:
        """From when to when it plays, `0:45–0:58`."""
        return "–".join(clock(time / 1000) for time in (self.begins, self.begins + self.milliseconds))

    @property
    def notes(self) -> list[str]:
        """What the lecturer reads: times, paragraphs in the deck's language, those in the others below."""
        return [self.times, *(line for said in (self.said, *self.said_otherwise.values()) for line in (*said, ""))][:-1]


@dataclass(frozen=True)
class Section:
    """A chapter: its number in all films as it is printed ("3", or nothing), its title, and its slides."""

    number: str
    title: str
    slides: tuple[Slide, ...]


@dataclass(frozen=True)
class Part:
    """The chapters of one film, and what there is to say of it and of their examples."""

    title: str
    subtitle: str
    example: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def example_size(self) -> int:
        """The largest size of type, in points, in which what is said of the example has room below the subtitle."""
        fits = (size for size in EXAMPLE_SIZES if tall(self.example, size, EXAMPLE_WIDTH) <= EXAMPLE_HEIGHT)
        return next(fits, EXAMPLE_SIZES[-1])


@dataclass(frozen=True)
class Deck:
    """All slides, in one language and one theme, for pictures of one size; author: "" if nobody is named."""

    language: str
    theme: Theme
    picture: Picture
    parts: tuple[Part, ...]
    author: str = ""

    @property
    def title(self) -> str:
        return BETWEEN.join(part.title for part in self.parts)

    @property
    def slides(self) -> Iterator[Slide]:
        return (slide for part in self.parts for section in part.sections for slide in section.slides)


def wide(char: str, letter: float = LETTER) -> float:
    """How wide a letter is, in sizes of type; an ideograph is as wide as it is tall, and capitals nearly so."""
    return 1.0 if east_asian_width(char) in "WF" or char in "MW" else letter


def tall(lines: Iterable[str], size: int, width: float) -> float:
    """How tall lines are in points, broken between words where they are wider than `width`, else anywhere."""
    return sum(_broken(line, width / size) for line in lines) * LEADING * size


def _broken(line: str, room: float) -> int:
    """How many lines a line becomes."""
    count, used = 1, 0.0
    for word in line.split(" "):
        length = sum(map(wide, word)) + LETTER
        if used and used + length > room and not any(east_asian_width(char) in "WF" for char in word):
            count, used = count + 1, 0.0
        used += length
        count, used = count + int(used // room), used % room
    return count


def make_deck(chapters: Sequence[ChapterScript], media: Path) -> Deck:
    """Cut the movies of all steps into the folder `media`, with a picture beside each."""
    settings = chapters[0].settings
    groups = groupby(chapters, key=lambda chapter: chapter.part.heading)
    parts = tuple(_one_after_the_other([_part(heading, tuple(group), media) for heading, group in groups]))
    authors = dict.fromkeys(chapter.part.heading.author for chapter in chapters)
    theme = theme_named(settings.theme, colours=settings.colours)
    return Deck(settings.language, theme, chapters[0].picture, parts, BETWEEN.join(authors))


def _part(heading: Heading, chapters: Sequence[ChapterScript], media: Path) -> Part:
    example = about_examples(chapter.settings for chapter in chapters)
    sections = tuple(_section(chapter, media) for chapter in chapters)
    return Part(heading.title, BETWEEN.join(heading.lines), example, sections)


def _one_after_the_other(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts, each of their slides beginning when the one before it ends."""
    slides = [slide for part in parts for section in part.sections for slide in section.slides]
    ends = accumulate((slide.milliseconds for slide in slides), initial=0)
    timed = iter([replace(slide, begins=begins) for slide, begins in zip(slides, ends, strict=False)])
    for part in parts:
        sections = (replace(one, slides=tuple(islice(timed, len(one.slides)))) for one in part.sections)
        yield replace(part, sections=tuple(sections))


def _section(chapter: ChapterScript, media: Path) -> Section:
    number, _, title = chapter.titles[chapter.settings.language].rpartition(NUMBER_GAP)
    return Section(number, title, tuple(_slide(chapter, step, media) for step in chapter.steps))


def _slide(chapter: ChapterScript, step: StepScript, media: Path) -> Slide:
    language, picture = chapter.settings.language, chapter.picture
    name = f"{chapter.file_name}-{step.file_name}"
    movie, poster = media / f"{name}.mp4", media / f"{name}.jpg"
    cut(chapter.movie, movie, picture.rate, step.titles[language], step.start, step.end)
    last = frame_at(chapter.movie, step.end - 1)
    last.save(poster, format="JPEG", quality=POSTER_QUALITY, subsampling=0)
    said = {other: tuple(cue.text for cue in step.captions[other]) for other in LANGUAGES}
    return Slide(
        name,
        step.titles[language],
        said[language],
        {other: lines for other, lines in said.items() if other != language},
        numbers_text(chapter.tensors(step), language),
        movie,
        poster,
        round(1000 * (step.end - step.start) / picture.fps),
    )
