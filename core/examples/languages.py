"""The languages that films are told in. A language is there when its file is: `assets/texts/<language>.toml`.

The file is named by the language's code (ISO 639: `en`, `zh`, `de`); its table [language] says how it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.examples.faults import ChapterError, Fault
from core.examples.text_files import ROOT, differences, place, read_texts

TEXTS = ROOT / "assets" / "texts"
LANGUAGES = tuple(sorted(path.stem for path in TEXTS.glob("*.toml")))
FIRST = "en"  # the language that the others are held against, and the one that is spoken if none is asked for
_CODE = re.compile("[a-z]{2,3}")


@dataclass(frozen=True)
class Pace:
    """How fast a language is read: words and ideographs a second at ease, and, for subtitles, the most letters and
    ideographs a second. In a text of both, each counts as its own.
    """

    words: float
    ideographs: float
    most_letters: float
    most_ideographs: float


@dataclass(frozen=True)
class Office:
    """A language in a PowerPoint file: its tag with a country, and the fonts of its letters and its ideographs."""

    tag: str
    latin: str
    east_asian: str


@dataclass(frozen=True)
class Language:
    """How a language is written.

    name: what it calls itself; tag: its name for browsers (BCP 47);
    spaces: whether they part its words: where not, lines may break between ideographs and are measured in them;
    longest_line: of a subtitle, in letters, or in ideographs;
    begins_a_line, ends_a_line: the words that a line of subtitles begins or ends with rather than with others.
    """

    code: str
    name: str
    tag: str
    spaces: bool
    longest_line: float
    begins_a_line: frozenset[str]
    ends_a_line: frozenset[str]
    pace: Pace
    office: Office

    @property
    def gap(self) -> str:
        """What stands between two sentences that are put together."""
        return " " if self.spaces else ""


_TABLE = {
    "name": str,
    "tag": str,
    "spaces": bool,
    "longest_line": float,
    "begins_a_line": list,
    "ends_a_line": list,
    "pace": dict.fromkeys(Pace.__dataclass_fields__, float),
    "office": dict.fromkeys(Office.__dataclass_fields__, str),
}


@cache
def language_of(code: str) -> Language:
    """The language of a code. Raises ChapterError with what its file lacks."""
    path = TEXTS / f"{code}.toml"
    table = read_texts(path, "a file of texts for each language").get("language", {})
    faults = list(_faults(path, table))
    if faults:
        raise ChapterError(faults)
    words = {name: frozenset(table[name]) for name in ("begins_a_line", "ends_a_line")}
    return Language(
        **table | words | {"code": code, "pace": Pace(**table["pace"]), "office": Office(**table["office"])}
    )


def _faults(path: Path, table: Any) -> list[Fault]:
    file = place(path)
    faults = list(differences(file, table, _TABLE, "language"))
    if not _CODE.fullmatch(path.stem):
        faults.append(Fault(file, "", f'the name "{path.stem}"', "the code of a language, two or three small letters"))
    return faults


@cache
def new_file_texts(code: str) -> dict[str, str]:
    """What new files say in a language: the `template` of an example and its `sentence`, and a `lesson`.

    Raises ChapterError.
    """
    path = TEXTS / f"{code}.toml"
    table = read_texts(path, "a file of texts for each language").get("new", {})
    faults = list(differences(place(path), table, {"sentence": str, "template": str, "lesson": str}, "new"))
    if faults:
        raise ChapterError(faults)
    return dict(table)
