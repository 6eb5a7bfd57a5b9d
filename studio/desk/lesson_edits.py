"""Edits of a lesson file as operations on its text: how it looks, what is worked through, steps, own words."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Table, Whitespace

from core.examples.faults import listed, quote
from scenes.stage.chapter.texts import load_texts
from scenes.stage.chapter.wording import Wording
from scenes.stage.paint.theme import ACCENTS
from studio.desk.edits import Edit, Sheet, text_of
from studio.errors import BadInput
from studio.lessons.fields import FOCUS, LESSON, MOST_PARTS, PARTS, WORDS, FocusTable, LessonTable
from studio.lessons.resolver import AGAINST
from studio.lessons.words import OWN, TEXT
from studio.selection import all_chapters, parts_of

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


def _focus(sheet: Sheet, name: str, place: int | None = None, part: int = 0) -> None:
    """What is worked through in a part of that number, 0: in the lesson, by its own number from 1; None: what the
    numbers find most telling.
    """
    if name not in FocusTable.model_fields or not (place is None or isinstance(place, int)):
        raise BadInput(f"focus: found {quote(str(name))}; allowed: {listed(FocusTable.model_fields)}")
    home = sheet.tables[PARTS][part - 1] if part else sheet.tables
    _put(_inner(home, FOCUS), name, place)
    _drop_empty(home, FOCUS)


def _parts(sheet: Sheet, parts: Sequence[Mapping[str, Any]]) -> None:
    """What is shown, in its order; none: everything.

    Each part has the `words` that name its chapters and steps, and in `of` the number of the part that it was, whose
    other fields it keeps, or 0; `beside`: what it is shown beside from now on, `{"without": "scaling"}` or nothing.
    """
    if not isinstance(parts, list) or len(parts) > MOST_PARTS:
        raise BadInput(f"parts: found something else; allowed: at most {MOST_PARTS} parts")
    old = sheet.tables.get(PARTS, [])
    if old and not isinstance(old, AoT):
        raise BadInput(f"{PARTS}: found a list in one line; edit the text")
    new = tomlkit.aot()
    for part in parts:
        new.append(_part(_copied(old[part["of"] - 1]) if part["of"] else tomlkit.table(), part))
    sheet.put(PARTS, new if parts else None)


def _part(table: Table, part: Mapping[str, Any]) -> Table:
    """The table of a part with what is new; words that name the same as before stay as they are."""
    words = [text_of(word) for word in part["words"]]
    if len(words) > MOST_WORDS or not words:
        raise BadInput(f"steps: found {len(words)} words; allowed: 1 to {MOST_WORDS}")
    before = table.get("steps")
    if before is None or parts_of(before) != parts_of(words):
        table["steps"] = words
    if "beside" in part:
        for name in AGAINST:
            table.pop(name, None)
        for name, value in part["beside"].items():
            if name not in AGAINST:
                raise BadInput(f"beside: found {quote(str(name))}; allowed: {listed(AGAINST)}")
            table[name] = _plain_table(value) if isinstance(value, Mapping) else text_of(value)
    return table


def _copied(table: Table) -> Table:
    """A table without the empty lines below it: where it goes there are some."""
    new = copy.deepcopy(table)
    while new.value.body and isinstance(new.value.body[-1][1], Whitespace):
        new.value.body.pop()
    return new


def _plain_table(change: Mapping[str, Any]) -> InlineTable:
    """Fields of an example with texts, numbers or switches."""
    table = tomlkit.inline_table()
    for name, value in change.items():
        if isinstance(value, str):
            text_of(value)
        elif not isinstance(value, bool | int | float):
            raise BadInput(f"{name}: found a list; edit the text")
        table[text_of(name)] = value
    return table


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


EDITS: dict[str, Edit] = {"look": _look, "colour": _colour, "focus": _focus, "parts": _parts, "words": _words}
