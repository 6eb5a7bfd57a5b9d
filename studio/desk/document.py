"""What is on the desk: the text of an example file, its versions, and the file on the disk that it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.examples.example import EXAMPLES, Example, parse_example, shipped_examples
from core.examples.faults import FileError, quote
from core.examples.overview import template
from core.examples.toml_text import MOST_BYTES, read_text
from studio.desk.edits import edited
from studio.errors import BadInput
from studio.files import check_length, whole_file

MOST_UNDOS = 500
UNTITLED = "untitled"


@dataclass(frozen=True)
class Version:
    """A text, and the burst of edits that led to it: what is typed in one go is undone in one go."""

    text: str
    burst: str = ""


class Document:
    """The text that is edited. folder: where it is opened and saved; nothing outside of it is read or written.

    number counts changes, so that whoever shows the document knows which it has; saved: the text as the disk has it;
    conflict: another text that the disk has got meanwhile.
    """

    def __init__(self, folder: Path, name: str, text: str, *, on_disk: bool) -> None:
        self.folder, self.name = folder, name
        self.versions, self.at = [Version(text)], 0
        self.saved: str | None = text if on_disk else None
        self.conflict: str | None = None
        self.number = 1
        self._read: tuple[str, Example] | None = None

    @classmethod
    def opened(cls, folder: Path, name: str) -> Document:
        """A file of the folder, or a copy of an example that comes with the program. Raises ExampleError."""
        if name in shipped_examples():
            return cls(folder, f"my-{name}.toml", read_text(EXAMPLES / f"{name}.toml"), on_disk=False)
        check_name(name)
        return cls(folder, name, read_text(folder / name), on_disk=True)

    @classmethod
    def new(cls, folder: Path, language: str) -> Document:
        """What `./render.sh new` writes."""
        return cls(folder, f"{UNTITLED}.toml", template(UNTITLED, language), on_disk=False)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def text(self) -> str:
        return self.versions[self.at].text

    @property
    def changed(self) -> bool:
        """Whether something is on the desk that the disk does not have."""
        return self.text != self.saved

    def example(self) -> Example:
        """The example as the text has it. Raises ExampleError."""
        if self._read is None or self._read[0] != self.text:
            self._read = (self.text, parse_example(self.text, self.path))
        return self._read[1]

    def described(self) -> dict[str, Any]:
        """What a page shows of it."""
        return {
            "number": self.number,
            "name": self.name,
            "text": self.text,
            "changed": self.changed,
            "undo": self.at > 0,
            "redo": self.at + 1 < len(self.versions),
            "conflict": self.conflict is not None,
        }

    # --- changes ------------------------------------------------------------------------------------------------------

    def edit(self, edit: Mapping[str, Any], burst: str = "") -> None:
        """Do an edit. One of the same burst as the last takes its place. Raises BadInput, FileError."""
        last = self.versions[self.at]
        again = bool(burst) and burst == last.burst and self.at > 0
        before = self.versions[self.at - 1].text if again else last.text
        text = edited(before, edit, lambda: self.example() if before == self.text else parse_example(before, self.path))
        self._to(text, burst, self.at if again else self.at + 1)

    def write(self, text: str, number: int, burst: str = "") -> None:
        """Put another text in its place, which was made from version `number`. Raises BadInput if that is not the last."""
        if number != self.number:
            raise BadInput("The text has changed meanwhile; yours was made from an older one.")
        again = bool(burst) and burst == self.versions[self.at].burst and self.at > 0
        self._to(text, burst, self.at if again else self.at + 1)

    def _to(self, text: str, burst: str, place: int) -> None:
        if len(text.encode()) > MOST_BYTES:
            raise BadInput(f"The text would have more than {MOST_BYTES // 2**20} MB.")
        if text == self.text:
            return
        self.versions[place:] = [Version(text, burst)]
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
        """Write it to its file, or to another of the folder. Raises BadInput if that is there already, or not allowed."""
        name = check_name(name or self.name)
        target = self.folder / name
        if self.saved is None or name != self.name:
            if target.exists():
                raise BadInput(f"{name} is there already; give another name")
        with whole_file(target) as part:
            part.write_text(self.text, encoding="utf-8", newline="\n")
        self.name, self.saved, self.conflict = name, self.text, None
        self.number += 1

    def disk_says(self, text: str) -> None:
        """The file has another text: it is shown, unless something here would be lost by that."""
        if text in (self.saved, self.text):
            self.saved, self.conflict = text, None
        elif self.changed:
            self.conflict = text
        else:
            self.saved = text
            self._to(text, "", self.at + 1)
            return
        self.number += 1

    def settle(self, *, keep: bool) -> None:
        """End a conflict: keep what is on the desk, or take what is on the disk; the other can be had by undoing."""
        if self.conflict is None:
            return
        self.saved, self.conflict = self.conflict, None
        self.number += 1
        if not keep:
            self._to(self.saved, "", self.at + 1)

    # --- drafts -------------------------------------------------------------------------------------------------------

    def as_draft(self) -> dict[str, Any]:
        """What is kept in case that something ends."""
        base = None if self.saved is None else _hash(self.saved)
        return {"name": self.name, "text": self.text, "base": base}

    def take_draft(self, draft: Mapping[str, Any] | None) -> bool:
        """Go on where a draft was left, if it was one of this file; says whether there was anything to go on with."""
        if not draft or draft.get("name") != self.name or not isinstance(text := draft.get("text"), str):
            return False
        if text == self.text:
            return False
        self._to(text, "", self.at + 1)
        return True


def opened(file: str | None, language: str) -> Document:
    """A file by its path or the name of a shipped example; a new example if none is named. Raises BadInput, FileError."""
    if file is None:
        return Document.new(Path.cwd(), language)
    if file in shipped_examples():
        return Document.opened(Path.cwd(), file)
    path = Path(file).absolute()
    return Document.opened(path.parent, path.name)


def check_name(name: str) -> str:
    """The name of an example file in the folder itself. Raises BadInput."""
    plain = Path(name).name
    if not name or plain != name or name.startswith(".") or not name.endswith(".toml") or "\\" in name or "\0" in name:
        raise BadInput(f"name: found {quote(name)}; allowed: a name that ends in .toml, without a folder")
    check_length(name, field="name")
    return name


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def files_in(folder: Path) -> list[str]:
    """The example files of the folder."""
    return sorted(path.name for path in folder.glob("*.toml") if path.is_file() and not path.name.startswith("."))[:200]
