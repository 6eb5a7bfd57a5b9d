"""Two examples side by side, as the command line asks for them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from core.examples.changes import changed, without
from core.examples.example import Example
from core.examples.faults import quote
from scenes.storyboard import entry_of
from studio.errors import BadInput, typed
from studio.files import check_length
from studio.lessons.fields import is_lesson
from studio.options import Making, check_folder, check_suits, drawable
from studio.selection import select

if TYPE_CHECKING:
    from scenes.stage.chapter.settings import Settings
    from studio.films.order import Order

MOST_IN_NAME = 60  # characters of what changed, in the names of files


class Other(NamedTuple):
    """What an example is shown beside; mark: what sets its files apart; words: chapters and steps."""

    example: Example
    mark: str
    words: Sequence[str]


def other_of(first: str, words: Sequence[str], lacks: str | None, changes: Sequence[str]) -> Other:
    """The second of `words`, an example, or the first example with something left out or changed."""
    if lacks is not None and changes:
        raise BadInput("--change: found it beside --without; allowed: one of them")
    if lacks is not None:
        return Other(without(drawable(first), lacks), f"without-{lacks}", words)
    if changes:
        mark = re.sub(r"[^\w.]+", "_", "-".join(changes)).strip("_")[:MOST_IN_NAME]
        return Other(changed(drawable(first), dict(map(_read, changes))), f"with-{mark}", words)
    if not words:
        raise BadInput("compare: found one example; allowed: two examples, or one with --without or --change")
    return Other(drawable(words[0]), f"against-{_name(words[0])}", words[1:])


def _name(example: str) -> str:
    return re.sub(r"\.toml$", "", re.sub(r".*[/\\]", "", example))


def _read(change: str) -> tuple[str, Any]:
    """`mask=none` as a field and its value, as TOML has it; what is not TOML is a text."""
    field, equals, value = (part.strip() for part in change.partition("="))
    if not (field and equals and value):
        raise BadInput(f"--change: found {typed(change)}; allowed: a field and its value, such as mask=none")
    try:
        return field, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return field, value


def compared(making: Making, first: str, other: Other) -> Order:
    """The chapters and steps of the first example, each beside the other one."""
    from studio.films.order import Order

    if making.look.example is not None:
        raise BadInput(f"--example: found {quote(making.look.example)} beside the examples that are compared")
    if lesson := next(filter(is_lesson, (first, *other.words)), None):
        allowed = "examples; a lesson says against, without or change itself"
        raise BadInput(f"compare: found the lesson {quote(lesson)}; allowed: {allowed}")
    making = replace(making, look=replace(making.look, example=first))
    selection = select(other.words)
    check_folder(making.output.out)
    end = f"{making.suffix()}-{other.mark}"
    check_length(f"{selection.name}{end}")
    left_out = {*making.look.left_out(selection.of_films), *_left_out(other.example, selection.of_films)}

    def settings(chapter: str) -> Settings:
        check_suits(other.example, chapter)
        return replace(making.look.settings(chapter), against=other.example)

    return Order.of(selection.without(left_out), settings, making.output.picture(), making.output.out, end)


def _left_out(example: Example, chapters: Sequence[str]) -> list[str]:
    """The chapters of films for which the other example has not what they need."""
    return [chapter for chapter in chapters if not entry_of(chapter).suits(example)]
