"""A batch file: tables `[[films]]` of TOML, or the rows of a CSV file, each field checked by itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from core.examples.checks import Flaw, Table, reject
from core.examples.faults import Fault, FileError, describe, listed, nearest, quote
from core.examples.languages import LANGUAGES
from core.examples.toml_text import parse_toml, read_text
from scenes.stage.chapter.settings import SIZES, THEMES
from studio.engine.quality import QUALITIES
from studio.lessons.fields import read_table

EXPORTS = ("film", "clips", "slides", "page", "handout", "stills")
MOST_ROWS = 10_000
FILMS = "films"
_NAMES = "a list of texts, such as"


class BatchError(FileError):
    """All that is wrong with a batch file."""


def _several(allowed: str, names: Sequence[str] = ()) -> BeforeValidator:
    """A text, or a list of texts, of some names if these are given."""

    def check(value: Any) -> tuple[str, ...]:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not texts:
            raise reject(Flaw("", describe(value), allowed))
        flaws = [
            Flaw(f"entry {place}", describe(text), allowed, _near(text, names))
            for place, text in enumerate(texts, 1)
            if not isinstance(text, str) or not text.strip() or (names and text not in names)
        ]
        if flaws:
            raise reject(*flaws)
        return tuple(dict.fromkeys(text.strip() for text in texts))

    return BeforeValidator(check)


def _near(text: Any, names: Sequence[str]) -> str | None:
    return nearest(text, names) if isinstance(text, str) and names else None


def _some_of(names: Sequence[str]) -> BeforeValidator:
    return _several(f"one or several of {listed(map(quote, names))}", names)


class Row(Table):
    """Films of some examples or lessons, in each of these languages, themes, sizes and qualities, as these exports."""

    examples: Annotated[tuple[str, ...], _several(f'{_NAMES} ["default", "mine.toml", "class/*.toml"]')] = ()
    lessons: Annotated[tuple[str, ...], _several(f'{_NAMES} ["lesson.toml", "lessons/*.toml"]')] = ()
    show: Annotated[tuple[str, ...], _several(f'{_NAMES} ["attention"] or ["scores", "softmax:divide"]')] = ()
    languages: Annotated[tuple[str, ...], _some_of(LANGUAGES)] = ()
    themes: Annotated[tuple[str, ...], _some_of(THEMES)] = THEMES[:1]
    sizes: Annotated[tuple[str, ...], _some_of(SIZES)] = SIZES[:1]
    qualities: Annotated[tuple[str, ...], _some_of(tuple(QUALITIES))] = ("high",)
    exports: Annotated[tuple[str, ...], _some_of(EXPORTS)] = EXPORTS[:1]


def read_batch(path: Path) -> tuple[dict[int, Row], list[Fault]]:
    """The valid rows of a batch file by their number from 1, and what is wrong with the others.

    Raises FileError for a file that is none.
    """
    text = read_text(path)
    tables = _of_csv(text) if path.suffix.lower() == ".csv" else _of_toml(str(path), text)
    if not tables:
        allowed = f"a table [[{FILMS}]] for each kind of film, or rows of CSV"
        raise BatchError([Fault(str(path), FILMS, "nothing", allowed)])
    if len(tables) > MOST_ROWS:
        raise BatchError([Fault(str(path), FILMS, f"{len(tables):,} rows", f"at most {MOST_ROWS:,}")])
    rows, faults = dict[int, Row](), list[Fault]()
    for number, table in enumerate(tables, 1):
        row, found = read_table(str(path), f"{FILMS} {number}, ", table, Row)
        faults += found
        if not found:
            rows[number] = row
    return rows, faults


def _of_toml(file: str, text: str) -> list[Any]:
    data = parse_toml(file, text)
    faults = [
        Fault(file, quote(name)[1:-1], "an unknown field", f"[[{FILMS}]]", FILMS if nearest(name, [FILMS]) else None)
        for name in data
        if name != FILMS
    ]
    tables = data.get(FILMS, [])
    if not isinstance(tables, list):
        faults.append(Fault(file, FILMS, describe(tables), f"tables [[{FILMS}]]", f"[[{FILMS}]]"))
    if faults:
        raise BatchError(faults)
    return list(tables)


def _of_csv(text: str) -> list[Any]:
    """Rows as tables; in a cell several things stand with semicolons between them."""
    lines = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), skipinitialspace=True)
    return [
        {_field(name): _parts(cell) for name, cell in line.items() if name is not None and cell and cell.strip()}
        for line in lines
    ]


def _field(name: str) -> str:
    """`language` is `languages`."""
    plain = name.strip().casefold()
    plurals = {field[:-1]: field for field in Row.model_fields if field != "show"} | {"quality": "qualities"}
    return plurals.get(plain, plain)


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]
