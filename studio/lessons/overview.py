"""What a lesson would show, in words: what stands above it, how it looks, its parts and steps, how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from core.examples.changes import changes
from core.examples.example import Example
from core.examples.faults import listed, quote
from core.trace.focus import Focus
from scenes.stage.chapter.settings import Settings
from studio.lessons.fit import Fit
from studio.lessons.lengths import Timed
from studio.lessons.lesson import Lesson, Part

_INDENT = 11


def shown(lesson: Lesson, language: str) -> str:
    """A line for each thing that the file says, and one for each part."""
    heading = lesson.heading
    above = [getattr(heading, name)(language) for name in ("title", "author", "date", "occasion")]
    facts = [
        ("Lesson", " · ".join(text for text in above if text) or "without a title"),
        ("Languages", listed(lesson.languages, "and")),
        ("Look", f"{lesson.theme}, {lesson.frame}, type {lesson.size}{_colours(lesson)}"),
        *(("Own claims", name) for name in lesson.own),
        *([("Left out", f"{listed(lesson.left_out, 'and')}: not for this example")] if lesson.left_out else []),
    ]
    lines = [f"{label:<{_INDENT - 1}} {text}" for label, text in facts]
    return "\n".join([*lines, "Parts", *(f"  {_part(part, language)}" for part in lesson.parts)])


def _colours(lesson: Lesson) -> str:
    settings = next(iter(lesson.parts[0].told.values()))
    own = [f"{meaning} {colour}" for meaning, colour in settings.colours.items()]
    return "".join([f", {listed(own, 'and')}" if own else "", ", with a logo" if settings.logo else ""])


def _part(part: Part, language: str) -> str:
    settings = part.settings(language)
    steps = "all steps" if part.of.is_whole else ", ".join(part.steps)
    return "; ".join([f"{part.chapter}: {steps}", f"of {settings.example.name}", *_manner(settings)])


def _manner(settings: Settings) -> Iterator[str]:
    """What is otherwise than it is made."""
    if settings.against is not None:
        yield f"beside it {_other(settings.example, settings.against)}"
    if settings.pace != 1:
        yield f"pace {settings.pace:g}"
    if settings.hold:
        yield f"hold {settings.hold:g} s"
    if settings.captions != "burnt":
        yield f"captions {settings.captions}"
    if not settings.header:
        yield "no header"
    focus = list(_focus(settings.focus, settings.example.rows, settings.example.target))
    if focus:
        yield f"focus on {listed(focus, 'and')}"


def _other(example: Example, other: Example) -> str:
    """What is shown beside an example: another one, or what of it is changed."""
    if example.path != other.path:
        return other.name
    told = [f"{one.field}" if one.after is None else f"{one.field} = {one.after}" for one in changes(example, other)]
    return f"with {listed(told, 'and')}" if told else "the same"


def _focus(focus: Focus, rows: Sequence[str], words: Sequence[str]) -> Iterator[str]:
    for field in fields(focus):
        place = getattr(focus, field.name)
        if place is not None:
            tokens = () if field.name == "head" else words if field.name == "word" else rows
            yield f"{field.name} {place + 1}" + (f" {quote(tokens[place])}" if tokens else "")


def lasting(parts: Sequence[Timed]) -> str:
    """How long it takes: each part, and all."""
    each = [f"  {part.chapter}: {clock(part.seconds)}" for part in parts]
    return "\n".join([f"{'Lasts':<{_INDENT - 1}} about {clock(sum(part.seconds for part in parts))}", *each])


def fitting(lesson: Lesson, fit: Fit) -> str:
    """What a lesson of so many minutes leaves out, and how fast it goes; `lesson` as its file has it."""
    minutes = lesson.minutes or 0
    names = [f"{lesson.parts[number].chapter}:{step}" for number, step in fit.left_out]
    left_out = f"; left out: {', '.join(names)}" if names else ""
    short = "" if fit.seconds <= 60 * minutes + 1 else "; it does not become shorter"
    return f"To last {minutes:g} min: pace {fit.pace:g}, about {clock(fit.seconds)}{short}{left_out}"


def clock(seconds: float) -> str:
    """`2:05`."""
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"
