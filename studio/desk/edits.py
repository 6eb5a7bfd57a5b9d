"""Edits of an example file as operations on its text: what is not edited stays as its author has written it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, InlineTable, Table

from core.examples.example import Example
from core.examples.faults import listed, quote
from core.examples.fields import LONGEST_SENTENCE, MOST_TOKENS, WEIGHTS, split_sentence
from core.examples.seeded import word_embeddings
from core.trace.pipeline import main_mask
from studio.errors import BadInput

FIELDS = ("title", "target", "d_model", "heads", "d_k", "d_v", "decimals", "mask", "positions", "seed", "show")
SENTENCES = ("sentence", "tokens", "sentences")
TOGETHER = ("w_q", "w_k")  # they are drawn to suit each other and the embeddings
LARGEST = 10**6  # of a number that is typed here


class Sheet:
    """The text of a file, open for edits. example: what it said before, read when first asked for."""

    def __init__(self, text: str, example: Callable[[], Example]) -> None:
        self.example = example
        try:
            self.tables = tomlkit.parse(text)
        except TOMLKitError:
            raise BadInput("The text is no TOML as it stands; mend it first.") from None

    @property
    def text(self) -> str:
        return tomlkit.dumps(self.tables)

    def put(self, name: str, value: Any) -> None:
        """Give a field of the file itself a value; None: take the field away."""
        if value is None:
            self.tables.pop(name, None)
        else:
            self.tables[name] = value

    def table(self, name: str) -> Table | InlineTable:
        """A table of the file, made if need be."""
        if name not in self.tables:
            if self.tables:
                self.tables.add(tomlkit.nl())
            self.tables.add(name, tomlkit.table())
        table = self.tables[name]
        if not isinstance(table, Table | InlineTable):
            raise BadInput(f"{name}: found something that is no table; edit the text")
        return table


Edit = Callable[..., None]


def edited(
    text: str, edit: Mapping[str, Any], example: Callable[[], Example], edits: Mapping[str, Edit] | None = None
) -> str:
    """The text after an edit, `{"do": "sentence", …}`; edits: those that there are, if not those of an example file.

    Raises BadInput for an edit that there is not, or that cannot be.
    """
    given, edits = dict(edit), edits or EDITS
    name = str(given.pop("do", ""))
    if name not in edits:
        raise BadInput(f"do: found {quote(name)}; allowed: {listed(edits)}")
    sheet = Sheet(text, example)
    try:
        edits[name](sheet, **given)
    except (TypeError, IndexError, KeyError, AttributeError):
        raise BadInput(f"{name}: the text has changed, or the edit is none") from None
    return sheet.text


# --- words ------------------------------------------------------------------------------------------------------------


def _sentence(sheet: Sheet, text: str) -> None:
    """Another main sentence: as a text."""
    text_of(text)
    _put_sentence(sheet, "sentence", text, split_sentence(text))


def _tokens(sheet: Sheet, tokens: Sequence[str]) -> None:
    """Another main sentence: token by token."""
    if not isinstance(tokens, list) or len(tokens) > 4 * MOST_TOKENS:
        raise BadInput(f"tokens: found something else; allowed: at most {MOST_TOKENS} texts")
    _put_sentence(sheet, "tokens", [text_of(token) for token in tokens], tokens)


def _put_sentence(sheet: Sheet, field: str, value: Any, tokens: Sequence[str]) -> None:
    """Where the file has several sentences it is the one that is shown; rows and masks follow the number of tokens."""
    if "sentences" in sheet.tables:
        sheet.tables["sentences"][int(sheet.tables.get("show", 1)) - 1] = value
    else:
        _replace(sheet, field, value)
    _add_rows(sheet, tokens)
    _fit_mask(sheet, len(tokens))


def _replace(sheet: Sheet, field: str, value: Any) -> None:
    """Put the sentence in the place of the one there is, however that is called."""
    for name in SENTENCES:
        if name != field:
            sheet.put(name, None)
    sheet.put(field, value)


def _add_rows(sheet: Sheet, tokens: Sequence[str]) -> None:
    """Rows for words that a table of embeddings lacks, as they would be drawn from the seed."""
    rows = sheet.tables.get("embeddings")
    if isinstance(rows, Array):
        _name_rows(sheet)
        rows = sheet.tables["embeddings"]
    if not isinstance(rows, Table | InlineTable):
        return
    new = [token for token in dict.fromkeys(tokens) if token not in rows]
    width = len(next(iter(rows.values()), [])) or int(sheet.tables.get("d_model", 4))
    if new:
        seed, decimals = str(sheet.tables.get("seed", "attention")), int(sheet.tables.get("decimals", 2))
        for token, row in zip(new, word_embeddings(seed, new, width, decimals), strict=True):
            rows[token] = [_plain(number) for number in row]


def _name_rows(sheet: Sheet) -> None:
    """A matrix of embeddings as a table, in which each row has its word."""
    example = sheet.example()
    table = tomlkit.table()
    for word, row in zip(example.vocabulary, example.embedding_table, strict=True):
        if any(row) or word in example.tokens:
            table[word] = [_plain(number) for number in row]
    sheet.tables.pop("embeddings")
    sheet.tables["embeddings"] = table


def _fit_mask(sheet: Sheet, tokens: int) -> None:
    """A mask given as a matrix keeps what it says of the tokens that there still are."""
    mask = sheet.tables.get("mask")
    if not isinstance(mask, Array) or len(mask) == tokens:
        return
    said = mask.unwrap()
    may = sheet.tables.get("mask_true") == "visible"
    new: Any = may if isinstance(said[0][0], bool) else 0 if _is_added(said) else 1
    rows = [[_at(said, row, column, new) for column in range(tokens)] for row in range(tokens)]
    sheet.put("mask", _rows(rows))


def _at(mask: Sequence[Sequence[Any]], row: int, column: int, otherwise: Any) -> Any:
    return mask[row][column] if row < len(mask) and column < len(mask[row]) else otherwise


def text_of(text: Any) -> str:
    if not isinstance(text, str) or len(text) > LONGEST_SENTENCE:
        raise BadInput(f"found something else than a text; allowed: at most {LONGEST_SENTENCE} characters")
    return text


# --- fields -----------------------------------------------------------------------------------------------------------


def _field(sheet: Sheet, name: str, value: Any = None) -> None:
    """A field of the file; None or nothing: as by default."""
    if name not in FIELDS:
        raise BadInput(f"field: found {quote(str(name))}; allowed: {listed(FIELDS)}")
    if isinstance(value, str):
        text_of(value)
    elif not (value is None or isinstance(value, bool | int | float)):
        raise BadInput(f"{name}: found a list; allowed: a text or a number")
    sheet.put(name, None if value == "" else value)
    if name == "mask":
        sheet.put("mask_true", None)


def _redraw(sheet: Sheet, names: Sequence[str], seed: str | None = None) -> None:
    """Draw from the seed (another one, if it is given) what is given or read: `embeddings`, `w_q` …"""
    for name in names:
        if name == "embeddings":
            sheet.put(name, None)
        elif name in WEIGHTS:
            sheet.table("weights").pop(name, None)
        else:
            raise BadInput(f"draw: found {quote(str(name))}; allowed: embeddings, {listed(WEIGHTS)}")
    if not sheet.tables.get("weights", {"": 0}):
        sheet.put("weights", None)
    if seed is not None:
        sheet.put("seed", text_of(seed))


# --- cells ------------------------------------------------------------------------------------------------------------


def _cell(sheet: Sheet, row: int, column: int) -> None:
    """Turn a cell of the mask; one that has a name becomes a matrix."""
    mask = sheet.tables.get("mask")
    if not isinstance(mask, Array):
        seen = main_mask(sheet.example()).astype(int).tolist()
        seen[row][column] = 1 - seen[row][column]
        sheet.put("mask", _rows(seen))
        return
    said = mask.unwrap()
    old = said[row][column]
    if isinstance(old, bool):
        mask[row][column] = not old
    elif _is_added(said):
        mask[row][column] = 0 if old else -math.inf
    else:
        mask[row][column] = 1 - int(old)


def _is_added(mask: Sequence[Sequence[Any]]) -> bool:
    """Whether a mask is one of what is added to the scores."""
    return any(cell == -math.inf for row in mask for cell in row)


def _weight(sheet: Sheet, name: str, row: int, column: int, value: float) -> None:
    """A number of a matrix; one that was drawn or read is written down, all of it."""
    if name not in WEIGHTS:
        raise BadInput(f"weights: found {quote(str(name))}; allowed: {listed(WEIGHTS)}")
    number = _number(value)
    _write_down(sheet, *(TOGETHER if name in TOGETHER else (name,)))
    sheet.table("weights")[name][row][column] = number


def _write_down(sheet: Sheet, *names: str) -> None:
    """Matrices that were drawn or read as they are, so that they stay so."""
    weights = sheet.table("weights")
    for name in names:
        if name not in weights:
            values = getattr(sheet.example(), name)
            weights[name] = _rows([[_plain(cell) for cell in line] for line in values])


def _embedding(sheet: Sheet, word: str, column: int, value: float) -> None:
    """A number of a word's row; rows that were drawn are written down, those of all words."""
    number = _number(value)
    if isinstance(sheet.tables.get("embeddings"), Array):
        _name_rows(sheet)
    rows = sheet.table("embeddings")
    example = sheet.example()
    for other in dict.fromkeys((*(word for sentence in example.batch for word in sentence), *example.target)):
        if other not in rows and other in example.vocabulary:
            line = example.embedding_table[example.vocabulary.index(other)]
            rows[other] = [_plain(cell) for cell in line]
    rows[word][column] = number
    _write_down(sheet, *TOGETHER)


def _number(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise BadInput(f"number: found something else; allowed: a number up to {LARGEST:,}")
    return _plain(value)


def _plain(number: float) -> float | int:
    """A number as one writes it: whole ones without a point."""
    number = round(float(number), 12)
    return int(number) if number == int(number) else number


def _rows(rows: Sequence[Sequence[Any]]) -> Array:
    """A matrix as a list, a row a line."""
    array = tomlkit.array()
    for row in rows:
        array.append(list(row))
    return array.multiline(True)


EDITS: dict[str, Edit] = {
    "sentence": _sentence,
    "tokens": _tokens,
    "field": _field,
    "redraw": _redraw,
    "cell": _cell,
    "weight": _weight,
    "embedding": _embedding,
}
