"""What is on the desk: the texts of an example and of a lesson about it, their versions, and the files on the disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.examples.example import EXAMPLES, Example, parse_example, shipped_examples
from core.examples.faults import FileError, quote
from core.examples.overview import template
from core.examples.toml_text import MOST_BYTES, parse_toml, read_text
from scenes.storyboard import example_of
from studio.desk import edits, lesson_edits
from studio.errors import BadInput
from studio.files import check_length, whole_file
from studio.lessons.fields import PARTS, says_lesson
from studio.selection import DEFAULT_FILM, parts_of

EXAMPLE, LESSON = "example", "lesson"
MOST_UNDOS = 500
MOST_LISTED = 200
UNTITLED = "untitled"
VALUES = ("text", "tokens", "value", "place", "parts")  # what an edit puts somewhere


@dataclass(frozen=True)
class Version:
    """The texts, and the burst of edits that led to them: what is typed in one go is undone in one go."""

    example: str
    lesson: str = ""
    burst: str = ""


@dataclass
class Paper:
    """A file. saved: its text on the disk, None if it has no file yet; origin: what it began as; conflict: another text
    that the disk has got meanwhile.
    """

    name: str
    origin: str = ""
    saved: str | None = None
    conflict: str | None = None

    def differs(self, text: str) -> bool:
        """Whether a text would be lost with the desk."""
        return text != (self.origin if self.saved is None else self.saved)


class Document:
    """The texts that are edited. folder: where they are opened and saved; nothing outside of it is read or written.

    number counts changes, so that whoever shows the document knows which it has; stands_for: how the lesson calls the
    example that is on the desk.
    """

    def __init__(self, folder: Path, example: Paper, lesson: Paper, texts: Version, stands_for: str = "") -> None:
        self.folder, self.papers = folder, {EXAMPLE: example, LESSON: lesson}
        self.stands_for = stands_for or example.name
        self.versions, self.at = [texts], 0
        self.number = 1
        self._read: tuple[str, Example] | None = None

    @classmethod
    def opened(cls, folder: Path, name: str, language: str) -> Document:
        """A file of the folder, or a copy of an example that comes with the program. Raises FileError, BadInput."""
        if name in shipped_examples():
            example, text = _example(folder, name)
            return cls(folder, example, _lesson_of(example.name), Version(text))
        text = read_text(folder / check_name(name))
        if not says_lesson(text):
            return cls(folder, Paper(name, text, text), _lesson_of(name), Version(text))
        named = parse_toml(name, text).get(LESSON, {}).get(EXAMPLE) or example_of(DEFAULT_FILM, language)
        example, example_text = _example(folder, str(named))
        return cls(folder, example, Paper(name, text, text), Version(example_text, text), str(named))

    @classmethod
    def new(cls, folder: Path, language: str) -> Document:
        """What `./render.sh new` writes."""
        text, name = template(UNTITLED, language), f"{UNTITLED}.toml"
        return cls(folder, Paper(name, text), _lesson_of(name), Version(text))

    @property
    def text(self) -> Version:
        return self.versions[self.at]

    @property
    def main(self) -> str:
        """Which of the papers the whole is named after: the lesson, where there is one on the disk."""
        return LESSON if self.papers[LESSON].saved is not None else EXAMPLE

    @property
    def path(self) -> Path:
        return self.folder / self.papers[self.main].name

    @property
    def changed(self) -> bool:
        """Whether something is on the desk that the disk does not have."""
        return any(paper.differs(getattr(self.text, kind)) for kind, paper in self.papers.items())

    def example(self) -> Example:
        """The example as its text has it. Raises ExampleError."""
        if self._read is None or self._read[0] != self.text.example:
            self._read = (self.text.example, self._parsed(self.text.example))
        return self._read[1]

    def _parsed(self, text: str) -> Example:
        return parse_example(text, self.folder / self.papers[EXAMPLE].name)

    def job(self) -> dict[str, Any]:
        """What those who draw are told of it."""
        paths = {f"{kind}_path": str(self.folder / paper.name) for kind, paper in self.papers.items()}
        return {"example": self.text.example, "lesson": self.text.lesson, "stands_for": self.stands_for, **paths}

    def described(self) -> dict[str, Any]:
        """What a page shows of it."""
        return {
            "number": self.number,
            "name": self.papers[self.main].name,
            "names": {kind: paper.name for kind, paper in self.papers.items()},
            "texts": {EXAMPLE: self.text.example, LESSON: self.text.lesson},
            "said": _said(self.text.lesson),
            "shown": _shown(self.text.lesson),
            "fresh": self.papers[self.main].saved is None,
            "changed": self.changed,
            "undo": self.at > 0,
            "redo": self.at + 1 < len(self.versions),
            "conflict": next((paper.name for paper in self.papers.values() if paper.conflict is not None), ""),
        }

    # --- changes ------------------------------------------------------------------------------------------------------

    def edit(self, edit: Mapping[str, Any], burst: str = "") -> None:
        """Do an edit, of whichever text; one of a burst takes the place of the last. Raises BadInput, FileError."""
        burst = burst and f"{burst} {_target(edit)}"
        before = self.versions[self.at - 1] if self._goes_on(burst) else self.text
        if edit.get("do") in lesson_edits.EDITS:
            text = before.lesson or lesson_edits.start(self.stands_for)
            lesson = edits.edited(text, edit, self.example, lesson_edits.EDITS)
            self._to(replace(before, lesson=lesson, burst=burst))
        else:
            text = edits.edited(before.example, edit, lambda: self._parsed(before.example))
            self._to(replace(before, example=text, burst=burst))

    def write(self, kind: str, text: str, number: int, burst: str = "") -> None:
        """Put another text in the place of one, made from version `number`. Raises BadInput if that is not the last."""
        if number != self.number:
            raise BadInput("The text has changed meanwhile; yours was made from an older one.")
        if kind not in self.papers:
            raise BadInput(f"text: found {quote(kind)}")
        self._to(replace(self.text, **{kind: text}, burst=burst and f"{burst} {kind}"))

    def _goes_on(self, burst: str) -> bool:
        return bool(burst) and burst == self.text.burst and self.at > 0

    def _to(self, version: Version) -> None:
        """Another version, in the place of all that were undone, and of the last if it is of the same burst."""
        if max(len(text.encode()) for text in (version.example, version.lesson)) > MOST_BYTES:
            raise BadInput(f"The text would have more than {MOST_BYTES // 2**20} MB.")
        if (version.example, version.lesson) == (self.text.example, self.text.lesson):
            return
        place = self.at if self._goes_on(version.burst) else self.at + 1
        self.versions[place:] = [version]
        self.at = place
        if len(self.versions) > MOST_UNDOS:
            del self.versions[0]
            self.at -= 1
        self.number += 1

    def undo(self) -> None:
        self._go(self.at - 1)

    def redo(self) -> None:
        self._go(self.at + 1)

    def _go(self, place: int) -> None:
        if 0 <= place < len(self.versions):
            self.at = place
            self.number += 1

    # --- the disk -----------------------------------------------------------------------------------------------------

    def save(self, name: str = "") -> None:
        """Write what is not on the disk; name: of the main file, if it is to have another.

        Raises BadInput if a file of that name is there already, or if the name is not allowed.
        """
        main = self.papers[self.main]
        new = check_name(name or main.name)
        if new != main.name or main.saved is None:
            self._rename(self.main, new)
        if self.text.lesson and self.papers[EXAMPLE].differs(self.text.example):
            self._name_in_lesson(self.papers[EXAMPLE].name)
        for kind, paper in self.papers.items():
            text = getattr(self.text, kind)
            if text and (paper.differs(text) or (kind == self.main and paper.saved is None)):
                self._write(paper, text)
        self.number += 1

    def _rename(self, kind: str, name: str) -> None:
        if (self.folder / name).exists():
            raise BadInput(f"{name} is there already; give another name")
        self.papers[kind].name, self.papers[kind].saved = name, None
        if kind == EXAMPLE and self.papers[LESSON].saved is None:
            self.papers[LESSON].name = _lesson_of(name).name

    def _name_in_lesson(self, name: str) -> None:
        """The lesson names the example as it is called on the disk from now on."""
        if self.stands_for != name:
            edit = {"do": "look", "name": EXAMPLE, "value": name}
            lesson = edits.edited(self.text.lesson, edit, self.example, lesson_edits.EDITS)
            self.versions[self.at] = replace(self.text, lesson=lesson)
            self.stands_for = name

    def _write(self, paper: Paper, text: str) -> None:
        target = self.folder / paper.name
        if paper.saved is None and target.exists():
            raise BadInput(f"{paper.name} is there already; give another name")
        with whole_file(target) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
        paper.saved, paper.conflict = text, None

    def disk_says(self, kind: str, text: str) -> None:
        """A file has another text: it is shown, unless something here would be lost by that."""
        paper, own = self.papers[kind], getattr(self.text, kind)
        if text == paper.saved:
            return
        if text == own:
            paper.saved, paper.conflict = text, None
        elif paper.differs(own):
            paper.conflict = text
        else:
            paper.saved = text
            self._to(replace(self.text, **{kind: text}, burst=""))
            return
        self.number += 1

    def settle(self, *, keep: bool) -> None:
        """End a conflict: keep what is on the desk, or take what is on the disk; the other can be had by undoing."""
        for kind, paper in self.papers.items():
            if paper.conflict is not None:
                paper.saved, paper.conflict = paper.conflict, None
                self.number += 1
                if not keep:
                    self._to(replace(self.text, **{kind: paper.saved}, burst=""))

    # --- drafts -------------------------------------------------------------------------------------------------------

    def as_draft(self) -> dict[str, Any]:
        """What is kept in case that something ends."""
        return {"example": self.text.example, "lesson": self.text.lesson}

    def take_draft(self, draft: Mapping[str, Any] | None) -> bool:
        """Go on where a draft was left; says whether there was anything to go on with."""
        texts = [(draft or {}).get(kind) for kind in (EXAMPLE, LESSON)]
        if not all(isinstance(text, str) for text in texts):
            return False
        before = self.number
        self._to(Version(*map(str, texts)))
        return self.number != before


def _example(folder: Path, name: str) -> tuple[Paper, str]:
    """The paper of an example, by its file or by the name of one that comes with the program, and its text."""
    if name in shipped_examples():
        text = read_text(EXAMPLES / f"{name}.toml")
        return Paper(f"my-{name}.toml", text), text
    text = read_text(folder / check_name(name))
    return Paper(name, text, text), text


def _said(lesson: str) -> dict[str, Any]:
    """The tables of a lesson's text as JSON can hold them; none of a text that cannot be read."""
    try:
        said: dict[str, Any] = json.loads(json.dumps(parse_toml(LESSON, lesson), default=str))
    except FileError:
        return {}
    return said


def _shown(lesson: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """The number of a part from 1, 0 where the lesson has none, with each chapter in it and the steps that are shown of
    that, in order, as far as they can be read.
    """
    parts = _said(lesson).get(PARTS)
    try:
        return [
            (number, one.chapter, one.steps)
            for number, part in enumerate(parts or [{}], 1 if parts else 0)
            for one in parts_of(part.get("steps", []))
        ]
    except (BadInput, AttributeError, TypeError):
        return []


def _target(edit: Mapping[str, Any]) -> str:
    """What an edit changes, whatever it is changed to."""
    return json.dumps({name: value for name, value in edit.items() if name not in VALUES}, default=str)


def _lesson_of(name: str) -> Paper:
    """The paper of a lesson that is not there yet, about an example of that name."""
    return Paper(f"{name.removesuffix('.toml')}-lesson.toml")


def opened(file: str | None, language: str) -> Document:
    """A file by its path or a shipped example by its name; a new one if none is named. Raises BadInput, FileError."""
    if file is None:
        return Document.new(Path.cwd(), language)
    if file in shipped_examples():
        return Document.opened(Path.cwd(), file, language)
    path = Path(file).absolute()
    return Document.opened(path.parent, path.name, language)


def check_name(name: str) -> str:
    """The name of a file in the folder itself. Raises BadInput."""
    plain = Path(name).name
    if not name or plain != name or name.startswith(".") or not name.endswith(".toml") or "\\" in name or "\0" in name:
        raise BadInput(f"name: found {quote(name)}; allowed: a name that ends in .toml, without a folder")
    check_length(name, field="name")
    return name


def files_in(folder: Path) -> list[str]:
    """The files of the folder that may be opened."""
    names = sorted(path.name for path in folder.glob("*.toml") if path.is_file() and not path.name.startswith("."))
    return names[:MOST_LISTED]
