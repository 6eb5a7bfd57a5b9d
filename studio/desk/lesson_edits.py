"""Edits of a lesson file as operations on its text: how it looks, what is worked through, steps, own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from core.examples.faults import listed, quote
from scenes.stage.chapter.texts import load_texts
from scenes.stage.chapter.wording import Wording
from scenes.stage.paint.theme import ACCENTS
from studio.desk.edits import Edit, Sheet, text_of
from studio.errors import BadInput
from studio.lessons.fields import FOCUS, LESSON, PARTS, WORDS, FocusTable, LessonTable
from studio.lessons.words import OWN, TEXT
from studio.selection import all_chapters

LOOKS = tuple(name for name in LessonTable.model_fields if name != "colours")
MOST_WORDS = 200  # that name steps


def start(example: str) -> str:
    """A lesson about an example that says nothing else yet."""
    return tomlkit.dumps({LESSON: {"example": example}})


def _look(sheet: Sheet, name: str, value: Any = None) -> None:
    """A field of `[lesson]`; None or nothing: as by default."""
    if name not in LOOKS:
        raise BadInput(f"lesson: found {quote(str(name))}; allowed: {listed(LOOKS)}")
    values = value if isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, str):
            text_of(one)
        elif not (one is None or isinstance(one, bool | int | float)):
            raise BadInput(f"{name}: found a table; edit the text")
    _put(sheet.table(LESSON), name, None if value in ("", []) else value)


def _colour(sheet: Sheet, meaning: str, value: str | None = None) -> None:
    """An accent; None: the theme's own."""
    if meaning not in ACCENTS:
        raise BadInput(f"colours: found {quote(str(meaning))}; allowed: {listed(ACCENTS)}")
    lesson = sheet.table(LESSON)
    _put(_inner(lesson, "colours"), meaning, value and text_of(value))
    _drop_empty(lesson, "colours")


def _focus(sheet: Sheet, name: str, place: int | None = None) -> None:
    """What is worked through, by its number from 1; None: what the numbers find most telling."""
    if name not in FocusTable.model_fields or not (place is None or isinstance(place, int)):
        raise BadInput(f"focus: found {quote(str(name))}; allowed: {listed(FocusTable.model_fields)}")
    _put(sheet.table(FOCUS), name, place)
    _drop_empty(sheet.tables, FOCUS)


def _steps(sheet: Sheet, words: Sequence[str]) -> None:
    """What is shown, in its order: the words that name chapters and steps; none: everything."""
    if not isinstance(words, list) or len(words) > MOST_WORDS:
        raise BadInput(f"steps: found something else; allowed: at most {MOST_WORDS} texts")
    parts = sheet.tables.get(PARTS)
    if isinstance(parts, AoT) and len(parts) > 1:
        raise BadInput("The lesson has several parts; edit them in its text.")
    if not words:
        sheet.put(PARTS, None)
        return
    if not isinstance(parts, AoT):
        parts = tomlkit.aot()
        parts.append(tomlkit.table())
        sheet.put(PARTS, parts)
        parts = sheet.tables[PARTS]
    parts[0]["steps"] = [text_of(word) for word in words]


def _words(sheet: Sheet, language: str, chapter: str, key: str, text: str | None = None) -> None:
    """An own text in the place of `title`, `labels.KEY`, `steps.STEP.title`, `steps.STEP.captions.N` (N from 0)."""
    if chapter not in all_chapters():
        raise BadInput(f"chapter: found {quote(str(chapter))}")
    texts = load_texts(language).chapters[chapter]
    kind, *rest = key.split(".")
    home = _inner(_inner(sheet.table(WORDS), language), chapter)
    if kind == "title":
        _put(home, "title", text and text_of(text))
    elif kind == "labels":
        _put(_inner(home, "labels"), rest[0], _own(text, texts.labels[rest[0]]))
    else:
        step = _inner(_inner(home, "steps"), rest[0])
        if rest[1] == "title":
            _put(step, "title", text and text_of(text))
        else:
            _put_caption(step, texts.steps[rest[0]].captions, int(rest[2]), text)
    _drop_empty(sheet.tables, WORDS)


def _put_caption(step: Any, originals: Sequence[Wording], place: int, text: str | None) -> None:
    """A caption of a step; the others stay as they are."""
    said = list(step.get("captions", [""] * len(originals)))
    said[place] = _own(text, originals[place]) or ""
    _put(step, "captions", said if any(said) else None)


def _own(text: str | None, original: Wording) -> Any:
    """A text as the file has it: marked as the lecturer's own where the film's text claims something."""
    if not text:
        return None
    text_of(text)
    return {TEXT: text, OWN: True} if original.claim else text


# --- tables -----------------------------------------------------------------------------------------------------------


def _inner(table: Any, name: str) -> Any:
    """A table within a table, made if need be."""
    inner = table.setdefault(name, tomlkit.table())
    if not isinstance(inner, Mapping):
        raise BadInput(f"{name}: found something that is no table; edit the text")
    return table[name]


def _put(table: Table | InlineTable | Any, name: str, value: Any) -> None:
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value


def _drop_empty(tables: Any, name: str) -> None:
    """Take away a table in which nothing is, and those within it."""
    table = tables.get(name)
    if isinstance(table, Mapping):
        for inner in list(table):
            _drop_empty(table, inner)
        if not table:
            tables.pop(name)


EDITS: dict[str, Edit] = {"look": _look, "colour": _colour, "focus": _focus, "steps": _steps, "words": _words}
