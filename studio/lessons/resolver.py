"""From the tables of a lesson file to a lesson: what its parts show of which examples, or one list of faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.examples.changes import changed, without
from core.examples.example import Example, shipped_examples
from core.examples.faults import Fault, FileError, describe, listed, nearest, quote
from core.examples.languages import LANGUAGES
from core.trace.focus import Focus
from scenes.stage.chapter.settings import BURNT, SIZES, Settings
from scenes.storyboard import entry_of, example_of
from studio.errors import BadInput, told_by
from studio.lessons.colours import colour_faults
from studio.lessons.fields import (
    COLOURS,
    FOCUS,
    LESSON,
    MOST_PARTS,
    PARTS,
    TABLES,
    WORDS,
    ColoursTable,
    FocusTable,
    LessonTable,
    Manner,
    PartTable,
    is_lesson,
    read_table,
    unknown_faults,
)
from studio.lessons.focus import focus_in
from studio.lessons.lesson import Heading, Lesson, Part
from studio.lessons.logo import logo_faults
from studio.lessons.words import OwnWords, read_words
from studio.selection import PartOfChapter, parts_of

AGAINST = ("against", "without", "change")  # what a part may be shown beside
Reading = Callable[[str | Path], Example]
MANNER: dict[str, Any] = {"size": SIZES[0], "pace": 1.0, "hold": 0.0, "captions": BURNT, "header": True}


class LessonError(FileError):
    """A lesson that cannot be used."""


class _Entry:
    """An entry of `[[parts]]`: its table and that of its focus, and what stands before its fields in faults."""

    def __init__(self, number: int, table: PartTable, focus: FocusTable) -> None:
        self.number, self.table, self.focus = number, table, focus
        self.prefix = f"part {number}, " if number else f"{LESSON}."


class Resolver:
    """Reads the tables, checks what depends on several of them, on examples and on files, and puts parts together."""

    def __init__(
        self, path: Path, file: str, data: Mapping[str, Any], reading: Reading, instead: Example | None = None
    ) -> None:
        """data: the file as parsed; reading: what reads an example, by the name or path of one; instead: the example
        that is shown in the place of those that the file names.
        """
        self.path, self.file, self.reading, self.instead = path, file, reading, instead
        self.faults: list[Fault] = []
        self.examples: dict[str, Example | None] = {}
        self.left_out: dict[str, None] = {}
        self.faults += unknown_faults(
            file, "", [name for name in data if name not in TABLES], TABLES, "an unknown table"
        )
        self.lesson = self._lesson(data)
        self.colours = self._colours()
        self.focus = self._table(f"{FOCUS}.", data.get(FOCUS), FocusTable)
        self.entries = self._entries(data.get(PARTS))
        self.words = self._words(data.get(WORDS))
        if self.lesson.logo is not None:
            self.faults += logo_faults(file, path.parent, self.lesson.logo)
        self._check_pace()
        self._check_against()

    def resolved(self) -> Lesson:
        """The lesson. Raises LessonError with all faults."""
        for field, name in self._named_examples():
            self._example(name, field)
        made = [(entry, part) for entry in self.entries for part in self._parts_of(entry)]
        foci = [self._foci(entry, part) for entry, part in made]
        for entry, part in made:
            self._others(entry, part.chapter)
        if self.faults:
            raise LessonError(dict.fromkeys(self.faults))
        parts = [self._part(*both, focus) for both, focus in zip(made, foci, strict=True)]
        lesson = self.lesson
        return Lesson(
            self.path,
            Heading(lesson.title or {}, lesson.author or {}, lesson.date or {}, lesson.occasion or {}),
            lesson.languages,
            lesson.theme,
            lesson.size or MANNER["size"],
            lesson.frame,
            tuple(parts),
            lesson.minutes,
            tuple(self.left_out),
            tuple(self.words.own),
        )

    def _fault(self, field: str, found: str, allowed: str, suggestion: str | None = None) -> None:
        self.faults.append(Fault(self.file, field, found, allowed, suggestion))

    def _check_against(self) -> None:
        """A part is shown beside one thing."""
        for entry in self.entries:
            named = [name for name in AGAINST if getattr(entry.table, name) is not None]
            if len(named) > 1:
                self._fault(f"{entry.prefix}{named[1]}", f"{listed(named, 'and')} in one part", "only one of them")

    def _check_pace(self) -> None:
        """Who says how many minutes it takes does not say how fast it goes."""
        for prefix, table in self._manners() if self.lesson.minutes is not None else ():
            if table.pace is not None:
                self._fault(
                    f"{prefix}pace", f"a pace beside {LESSON}.minutes", "one of the two: minutes chooses a pace"
                )

    # --- tables

    def _table(self, prefix: str, data: Any, kind: type[Any]) -> Any:
        table, faults = read_table(self.file, prefix, {} if data is None else data, kind)
        self.faults += faults
        return table

    def _lesson(self, data: Mapping[str, Any]) -> LessonTable:
        if LESSON not in data:
            self._fault(LESSON, "nothing", f"a table [{LESSON}] at the top of the file: it may be empty")
        return self._table(f"{LESSON}.", data.get(LESSON), LessonTable)

    def _colours(self) -> dict[str, str]:
        table = self._table(f"{COLOURS}.", self.lesson.colours, ColoursTable)
        colours = {meaning: colour for meaning, colour in table if colour is not None}
        if not any(fault.field == f"{LESSON}.theme" for fault in self.faults):
            self.faults += colour_faults(self.file, colours, self.lesson.theme)
        return colours

    def _entries(self, data: Any) -> list[_Entry]:
        if data is None:
            return [_Entry(0, PartTable(), FocusTable())]
        if not isinstance(data, list) or not data:
            self._fault(PARTS, describe(data), f"tables [[{PARTS}]], in two brackets, one for each part")
            return []
        if len(data) > MOST_PARTS:
            self._fault(PARTS, f"{len(data):,} parts", f"at most {MOST_PARTS}")
        return [self._entry(number, table) for number, table in enumerate(data[:MOST_PARTS], 1)]

    def _entry(self, number: int, data: Any) -> _Entry:
        table = self._table(f"part {number}, ", data, PartTable)
        return _Entry(number, table, self._table(f"part {number}, {FOCUS}.", table.focus, FocusTable))

    def _words(self, data: Any) -> OwnWords:
        size, frame = self.lesson.size or MANNER["size"], self.lesson.frame
        words, faults = read_words(self.file, {} if data is None else data, size, frame)
        self.faults += faults
        return words

    # --- parts

    def _parts_of(self, entry: _Entry) -> Iterator[PartOfChapter]:
        """What an entry names, without what its example's model cannot show; to name just that is a fault."""
        words = entry.table.steps or ()
        singly = (self._step_faults(entry, [word.lstrip("-−")], f", {quote(word)}") for word in words)
        faults = [fault for faults in singly for fault in faults] or list(self._step_faults(entry, words))
        self.faults += faults
        for part in () if faults else parts_of(words):
            if (unsuited := self._unsuited(entry, part.chapter)) is None:
                yield part
            elif any(word.partition(":")[0] == part.chapter for word in words):
                lack = entry_of(part.chapter).lacking(unsuited)
                found = f"{part.chapter}, which needs {lack.field} = {lack.needed}" if lack else part.chapter
                self._fault(f"{entry.prefix}steps", found, f"chapters that the model of {unsuited.name} can show")
            else:
                self.left_out[part.chapter] = None

    def _step_faults(self, entry: _Entry, words: Sequence[str], which: str = "") -> Iterator[Fault]:
        try:
            parts_of(words)
        except BadInput as error:
            yield Fault(self.file, f"{entry.prefix}steps{which}", *told_by(error)[1:])

    def _unsuited(self, entry: _Entry, chapter: str) -> Example | None:
        """An example of a chapter whose model has not what the chapter needs."""
        examples = (*self._examples(entry, chapter).values(), *self._others(entry, chapter).values())
        return next((one for one in examples if one is not None and not entry_of(chapter).suits(one)), None)

    def _foci(self, entry: _Entry, part: PartOfChapter) -> dict[str, Focus]:
        """What is worked through in a part, by language: what the part says, and the lesson where it does not."""
        foci = {}
        own = entry.focus.model_dump(exclude_none=True)
        rest = FocusTable.model_construct(**self.focus.model_dump(exclude=set(own)))
        for language, example in self._examples(entry, part.chapter).items():
            if example is None:
                continue
            general, faults = focus_in(example, rest, self.file, f"{FOCUS}.")
            special, further = focus_in(example, entry.focus, self.file, f"{entry.prefix}{FOCUS}.")
            foci[language] = replace(general, **{name: getattr(special, name) for name in own})
            self.faults += [*faults, *further] if language in self.lesson.languages else []
        return foci

    def _part(self, entry: _Entry, part: PartOfChapter, foci: Mapping[str, Focus]) -> Part:
        examples, others = self._examples(entry, part.chapter), self._others(entry, part.chapter)
        told = {
            language: self._settings(entry, part.chapter, language, example, foci[language], others[language])
            for language, example in examples.items()
            if example is not None
        }
        return Part(part, told, entry.number)

    def _settings(
        self,
        entry: _Entry,
        chapter: str,
        language: str,
        example: Example,
        focus: Focus,
        other: Example | None,
    ) -> Settings:
        """other: the example that it is shown beside; of two, only own words are said that are true of any."""
        words, logo = self.words, self.lesson.logo
        texts = {
            code: {
                key: own.said(example, focus)
                for key, own in words.texts[code, chapter].items()
                if other is None or not own.claim
            }
            for code in LANGUAGES
            if (code, chapter) in words.texts
        }
        return Settings(
            example,
            language,
            self.lesson.theme,
            frame=self.lesson.frame,
            colours=self.colours,
            logo=None if logo is None else self.path.parent / logo,
            focus=focus,
            words=texts,
            steps=words.steps.get((language, chapter), {}),
            against=other,
            **{name: self._manner(entry, name) for name in MANNER},
        )

    def _manner(self, entry: _Entry, name: str) -> Any:
        """What the part says, or else the lesson, or else nobody."""
        said = (getattr(table, name) for table in (entry.table, self.lesson))
        return next((value for value in said if value is not None), MANNER[name])

    # --- examples

    def _named_examples(self) -> Iterator[tuple[str, str]]:
        """The examples that the file names, each with its field."""
        return ((f"{prefix}example", table.example) for prefix, table in self._manners() if table.example is not None)

    def _manners(self) -> Iterator[tuple[str, Manner]]:
        """The table of the lesson and those of its parts, each with what stands before its fields in faults."""
        yield f"{LESSON}.", self.lesson
        yield from ((entry.prefix, entry.table) for entry in self.entries if entry.number)

    def _examples(self, entry: _Entry, chapter: str) -> dict[str, Example | None]:
        """The example of a chapter by language: the one that is named, or that of its film; None for a faulty one."""
        if self.instead is not None:
            return dict.fromkeys(LANGUAGES, self.instead)
        named = entry.table.example or self.lesson.example
        where = entry.prefix if entry.table.example else f"{LESSON}."
        film = entry_of(chapter).film
        names = {language: named or example_of(film, language) for language in LANGUAGES}
        return {language: self._example(name, f"{where}example") for language, name in names.items()}

    def _others(self, entry: _Entry, chapter: str) -> dict[str, Example | None]:
        """The example that a chapter is shown beside, by language; None where there is none, or a faulty one."""
        own = self._examples(entry, chapter)
        return {language: example and self._other(entry, example) for language, example in own.items()}

    def _other(self, entry: _Entry, example: Example) -> Example | None:
        """What the part says that its example is shown beside."""
        table, prefix = entry.table, entry.prefix
        if table.against is not None:
            return self._example(table.against, f"{prefix}against")
        key = f"{entry.number} {id(example)}"
        if key not in self.examples and (table.without or table.change):
            self.examples[key] = None
            try:
                self.examples[key] = (
                    without(example, table.without) if table.without else changed(example, table.change or {})
                )
            except FileError as error:
                where = "" if table.without else "change."
                faults = (
                    replace(fault, file=self.file, field=f"{prefix}{where}{fault.field}") for fault in error.faults
                )
                self.faults += faults
        return self.examples.get(key)

    def _example(self, name: str, field: str) -> Example | None:
        if name not in self.examples:
            self.examples[name] = None
            if (path := self._located(name, field)) is not None:
                try:
                    self.examples[name] = self.reading(path)
                except FileError as error:
                    self.faults += error.faults
        return self.examples[name]

    def _located(self, name: str, field: str) -> str | Path | None:
        """A shipped example's name, or the path of a file beside the lesson."""
        shipped = shipped_examples()
        if name in shipped:
            return name
        allowed = f"a .toml file beside the lesson, or one of {listed(shipped)}"
        try:
            return self._beside(name, field, allowed)
        except (OSError, RuntimeError, ValueError):
            self._fault(field, f"{quote(name)}, which is no usable path", allowed)
            return None

    def _beside(self, name: str, field: str, allowed: str) -> Path | None:
        """The path of an example beside the lesson. Raises OSError, RuntimeError or ValueError for what is no path."""
        folder = self.path.parent
        path = folder / name
        if not name.endswith(".toml"):
            near = f"{name}.toml" if (folder / f"{name}.toml").is_file() else nearest(name, shipped_examples())
            self._fault(field, f"{quote(name)}, no example of that name", allowed, near and quote(near))
        elif not path.resolve().is_relative_to(folder.resolve()):
            self._fault(field, f"{quote(name)}, which lies outside the lesson's folder", allowed)
        elif path.is_file() and is_lesson(path):
            self._fault(field, f"{quote(name)}, which is a lesson", "an example: what has tokens and numbers")
        else:
            return path
        return None
