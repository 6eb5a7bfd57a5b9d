"""The schema of a lesson file: what each field may hold, each checked by itself.

What depends on an example, on chapters or on other files is checked in `studio.lessons.resolver`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError, create_model

from core.examples.changes import WITHOUT
from core.examples.checks import Flaw, Table, file_name, flaw_faults, number, one_of, reject, switch, whole
from core.examples.faults import MOST_FAULTS, Fault, FileError, describe, further, listed, nearest, quote
from core.examples.fields import LARGEST_MODEL, ExampleFile, as_shown, text_in_languages, token_flaws
from core.examples.fields import TABLES as EXAMPLE_TABLES
from core.examples.languages import LANGUAGES
from core.examples.toml_text import read_text
from scenes.stage.chapter.settings import CAPTIONS, FASTEST, FRAMES, SIZES, SLOWEST, THEMES
from scenes.stage.paint.theme import ACCENTS

LESSON, PARTS, FOCUS, COLOURS, WORDS = "lesson", "parts", "focus", "lesson.colours", "words"
TABLES = (LESSON, FOCUS, PARTS, WORDS)  # of a lesson file
MOST_PARTS = 100
LONGEST_HOLD = 10.0  # seconds
MOST_MINUTES = 120.0
_EXAMPLE = "a shipped example's name, or a .toml file beside the lesson"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_NO_COLOUR = "a colour as six digits, such as #e0a030"
_NO_PLACE = f"a token in quotes, or its number from 1 to {LARGEST_MODEL}"
_NO_STEPS = 'a list of chapters and steps, such as ["scores", "softmax:lift..divide", "-softmax:heat"]'


# --- single values ----------------------------------------------------------------------------------------------------


def _languages(value: Any) -> tuple[str, ...]:
    allowed = f"a list of some of {listed(map(quote, LANGUAGES), 'and')}, each once"
    if not isinstance(value, list) or not value:
        raise reject(Flaw("", describe(value), allowed))
    strange = [name for name in value if name not in LANGUAGES]
    flaws = [Flaw("", describe(name), allowed, nearest(name, LANGUAGES)) for name in strange]
    if not flaws and len(set(value)) < len(value):
        flaws.append(Flaw("", "a language twice", allowed))
    if flaws:
        raise reject(*flaws)
    return tuple(value)


def _date(value: Any) -> dict[str, str]:
    """A date of TOML as it is written, or a text."""
    if isinstance(value, datetime.date):
        value = str(value)
    return text_in_languages(value)


def _steps(value: Any) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words:
        raise reject(Flaw("", describe(value), _NO_STEPS))
    flaws = [
        Flaw(f"entry {place}", describe(word), 'a text such as "softmax:divide"')
        for place, word in enumerate(words, 1)
        if not isinstance(word, str) or not word.strip()
    ]
    if flaws:
        raise reject(*flaws)
    return tuple(word.strip() for word in words)


def _change(value: Any) -> dict[str, Any]:
    """Fields of an example and their other values, `weights.w_q[1][2]` in quotes or not."""
    if not isinstance(value, dict) or not value:
        raise reject(Flaw("", describe(value), 'a table of fields of the example, such as { mask = "none" }'))
    return dict(_flat(value))


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of tables within by their whole names."""
    for name, value in table.items():
        if isinstance(value, dict) and name in EXAMPLE_TABLES:
            yield from ((f"{name}.{field}", one) for field, one in value.items())
        else:
            yield name, value


def _place(value: Any) -> str | int:
    """A token as it is shown, or a number from 1."""
    if isinstance(value, str):
        flaws = [Flaw("", flaw.found, _NO_PLACE) for flaw in token_flaws(value, "")]
        if flaws and not (value.startswith("[") and value.endswith("]")):
            raise reject(*flaws)
        return as_shown(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST_MODEL:
        raise reject(Flaw("", describe(value), _NO_PLACE, "1" if value == 0 else None))
    return value


def _colour(value: Any) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise reject(Flaw("", describe(value), _NO_COLOUR, _six_digits(value)))
    return value.lower()


def _six_digits(value: Any) -> str | None:
    """What a colour was meant to be: `e0a030`, `#ea3`."""
    digits = value.strip().lstrip("#") if isinstance(value, str) else ""
    if re.fullmatch("[0-9a-fA-F]{3}", digits):
        digits = "".join(2 * digit for digit in digits)
    return f"#{digits}" if re.fullmatch("[0-9a-fA-F]{6}", digits) else None


Texts = Annotated[dict[str, str], BeforeValidator(text_in_languages)]
Place = Annotated[str | int, BeforeValidator(_place)]
Pace = Annotated[float, number(SLOWEST, FASTEST)]
Hold = Annotated[float, number(0, LONGEST_HOLD)]
ExampleName = Annotated[str, file_name(_EXAMPLE)]

# --- tables -----------------------------------------------------------------------------------------------------------


class Manner(Table):
    """What the whole lesson has and a part may have otherwise."""

    example: ExampleName | None = None
    size: Annotated[str, one_of(SIZES)] | None = None
    pace: Pace | None = None
    hold: Hold | None = None
    captions: Annotated[str, one_of(CAPTIONS)] | None = None
    header: Annotated[bool, switch()] | None = None


class LessonTable(Manner):
    """`[lesson]`: what stands above all, and how all of it is shown."""

    title: Texts | None = None
    author: Texts | None = None
    date: Annotated[dict[str, str], BeforeValidator(_date)] | None = None
    occasion: Texts | None = None
    languages: Annotated[tuple[str, ...], BeforeValidator(_languages)] = LANGUAGES[:1]
    theme: Annotated[str, one_of(THEMES)] = THEMES[0]
    frame: Annotated[str, one_of(FRAMES)] = FRAMES[0]
    minutes: Annotated[float, number(1, MOST_MINUTES)] | None = None
    logo: Annotated[str, file_name("an .svg or .png file beside the lesson")] | None = None
    colours: Any = None


class FocusTable(Table):
    """`[focus]`: what is worked through, by token or by number from 1."""

    query: Place | None = None
    key: Place | None = None
    head: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    row: Place | None = None
    word: Place | None = None


class PartTable(Manner):
    """One of `[[parts]]`: chapters and steps, what is otherwise in them, and what they are shown beside."""

    steps: Annotated[tuple[str, ...], BeforeValidator(_steps)] | None = None
    focus: Any = None
    against: ExampleName | None = None
    without: Annotated[str, one_of(tuple(WITHOUT))] | None = None
    change: Annotated[dict[str, Any], BeforeValidator(_change)] | None = None


Colour = Annotated[str, BeforeValidator(_colour)]
_hues: dict[str, Any] = dict.fromkeys(ACCENTS, (Colour | None, None))
ColoursTable = create_model("ColoursTable", __base__=Table, **_hues)  # `[lesson.colours]`: hues by what they mean

# --- from parsed TOML to tables ---------------------------------------------------------------------------------------

KINDS: dict[str, type[Table]] = {LESSON: LessonTable, FOCUS: FocusTable, "[parts]": PartTable, COLOURS: ColoursTable}
T = TypeVar("T", bound=Table)


def read_table(file: str, prefix: str, data: Any, kind: type[T]) -> tuple[T, list[Fault]]:
    """The valid fields of a table, the others at their defaults, and what is wrong with it.

    prefix: what stands before the names of its fields in faults, such as `lesson.` or `part 2, `.
    """
    if not isinstance(data, dict):
        return kind(), [Fault(file, prefix.rstrip("., "), describe(data), "a table of fields")]
    known = kind.model_fields
    kept = {name: value for name, value in data.items() if name in known}
    faults = [*unknown_faults(file, prefix, [name for name in data if name not in known], known)]
    try:
        return kind.model_validate(kept), faults
    except ValidationError as error:
        problems = error.errors(include_url=False)
    for problem in problems:
        faults += flaw_faults(file, f"{prefix}{problem['loc'][0]}", problem)
    bad = {problem["loc"][0] for problem in problems}
    return kind.model_validate({name: value for name, value in kept.items() if name not in bad}), faults


def unknown_faults(
    file: str, prefix: str, names: Sequence[str], known: Collection[str], what: str = "an unknown field"
) -> Iterator[Fault]:
    """What is said of names that there are not: at most 20, and how many more."""
    for name in names[:MOST_FAULTS]:
        near = nearest(name, known) or _elsewhere(name)
        yield Fault(file, f"{prefix}{quote(name)[1:-1]}", what, listed(known), near)
    if len(names) > MOST_FAULTS:
        yield further(file, prefix.rstrip("., "), len(names) - MOST_FAULTS, "unknown names")


def _elsewhere(name: str) -> str | None:
    """Where a field belongs that stands in the wrong table, or in the wrong file."""
    if name in ExampleFile.model_fields and name not in LessonTable.model_fields:
        return f"{name} in a file of its own, which [lesson] names as its example"
    near = {table: nearest(name, kind.model_fields) for table, kind in KINDS.items()}
    return next((f"{other} below [{table}]" for table, other in near.items() if other), None)


# --- lessons and examples ---------------------------------------------------------------------------------------------

_TABLES = re.compile(rf"^[ \t]*\[+[ \t]*(?:{LESSON}|{PARTS})[ \t]*[\].]", re.MULTILINE)


def says_lesson(text: str) -> bool:
    """Whether the text of a file is that of a lesson, right or wrong: it has its tables."""
    return bool(_TABLES.search(text))


def is_lesson(word: str | Path) -> bool:
    """Whether a word is the path of a lesson file."""
    path = Path(word)
    try:
        return path.suffix == ".toml" and path.is_file() and says_lesson(read_text(path))
    except (FileError, OSError, ValueError):
        return False
