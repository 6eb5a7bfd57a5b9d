"""From a lesson to an order: its parts joined to a film, or, where only some of it is asked for, those as clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.examples.example import Example
from core.examples.faults import listed, quote
from core.examples.languages import LANGUAGES
from scenes.storyboard import entry_of
from studio.engine.quality import Picture
from studio.errors import BadInput
from studio.films.order import MOVIE, Film, Order
from studio.films.order import Part as OrderedPart
from studio.films.titles import Heading, heading_of
from studio.lessons.fields import is_lesson
from studio.lessons.lesson import Lesson, Part
from studio.selection import STEPS, parts_of


@dataclass(frozen=True)
class Wish:
    """What is asked of a lesson beside its file.

    words: chapters and steps, if not all of it; over: fields of settings that are otherwise; name: what files of it are
    called, without their endings.
    """

    words: Sequence[str]
    language: str
    over: Mapping[str, Any]
    picture: Picture
    out: Path
    name: str


def lesson_among(words: Sequence[str]) -> tuple[str, list[str]]:
    """The lesson that words name, "" for none, and the other words. Raises BadInput for several lessons."""
    lessons = [word for word in words if is_lesson(word)]
    if len(lessons) > 1:
        raise BadInput(f"lesson: found {listed(map(quote, lessons), 'and')}; allowed: one lesson at a time")
    return "".join(lessons), [word for word in words if word not in lessons]


def order_of(lesson: Lesson, wish: Wish) -> Order:
    """What a lesson wants in a language. Raises BadInput for words that name nothing of it."""
    headings = {language: _heading(lesson, language) for language in LANGUAGES}
    chosen = _chosen(lesson, wish.words) if wish.words else dict(enumerate(lesson.parts, 1))
    parts = tuple(_ordered(part, number, wish, headings) for number, part in chosen.items())
    if wish.words:
        name = "-".join([wish.name, *(part.shown.name for part in parts)])
        return Order((), parts, wish.picture, wish.out, name)
    film = Film(wish.out / f"{wish.name}{MOVIE}", headings, parts)
    return Order((film,), (), wish.picture, wish.out, wish.name)


def _ordered(part: Part, number: int, wish: Wish, headings: Mapping[str, Heading]) -> OrderedPart:
    settings = part.settings(wish.language, **wish.over)
    path = wish.out / wish.name / f"{number:02}-{part.of.name}{MOVIE}"
    return OrderedPart(part.of, settings, wish.picture, path, number, headings)


def _chosen(lesson: Lesson, words: Sequence[str]) -> dict[int, Part]:
    """The parts of a lesson by their number from 1, with those of their steps that words name."""
    wanted = {(part.chapter, step) for part in parts_of(words) for step in part.steps}
    chosen = {}
    for number, part in enumerate(lesson.parts, 1):
        steps = tuple(step for step in part.steps if (part.chapter, step) in wanted)
        if steps:
            chosen[number] = replace(part, of=replace(part.of, steps=steps))
    if not chosen:
        there = listed(dict.fromkeys(part.chapter for part in lesson.parts))
        raise BadInput(f"{' '.join(words)}: found nothing of it in {lesson.path}; allowed: steps of its parts: {there}")
    return chosen


def last_pictures(order: Order, words: Sequence[str]) -> list[tuple[OrderedPart, str, str]]:
    """The steps whose last pictures are wanted, and what they are called: of a part of which no single steps are named
    the last.
    """
    singly = {word.partition(STEPS)[0] for word in words if STEPS in word}
    return [
        (part, step, f"{part.path.parent.name}-{part.number:02}-{part.chapter}-{step}")
        for part in order.parts
        for step in (part.steps if part.chapter in singly else part.steps[-1:])
    ]


def examples_of(lesson: Lesson, *languages: str) -> list[Example]:
    """The examples that a lesson shows in some languages, each once."""
    told = (part.settings(language) for part in lesson.parts for language in languages)
    return list({id(settings.example): settings.example for settings in told}.values())


def beside(lesson: Lesson, *languages: str) -> list[Example]:
    """The examples that parts of a lesson are shown beside in some languages."""
    told = (part.settings(language).against for part in lesson.parts for language in languages)
    return list({id(example): example for example in told if example is not None}.values())


def only_example(lesson: Lesson, language: str | None) -> Example:
    """The example of a lesson in a language, its own if none is asked for. Raises BadInput where it has several."""
    first, *others = examples_of(lesson, language or lesson.language)
    if others:
        names = listed((example.name for example in (first, *others)), "and")
        raise BadInput(f"{lesson.path}: found the examples {names}; allowed: one, or --example NAME")
    return first


def _heading(lesson: Lesson, language: str) -> Heading:
    """What stands above the lesson; its film's, where the file does not say."""
    told, heading = lesson.parts[0].settings(language), lesson.heading
    film = heading_of(entry_of(lesson.parts[0].chapter).film, told.example, language)
    title, author = heading.title(language), heading.author(language)
    occasion, date = heading.occasion(language), heading.date(language)
    return Heading(
        title or film.title,
        "" if title else film.subtitle,
        film.own if len(examples_of(lesson, language)) == 1 else "",
        author,
        occasion,
        date,
        told.logo,
        has_card=bool(title or author or occasion or date or told.logo),
    )
