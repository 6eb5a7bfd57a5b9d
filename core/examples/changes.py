"""An example with something changed, all else as it was; and in what two examples differ."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from core.examples.example import Example, build_example, named
from core.examples.faults import ExampleError, Fault, describe, listed, nearest, quote
from core.examples.fields import BIASES, WEIGHTS
from core.model.special_tokens import PAD

WITHOUT: dict[str, dict[str, Any]] = {  # what an example can be shown without, as changes of its fields
    "scaling": {"scale": False},
    "mask": {"mask": "none"},
    "positions": {"positions": False},
    "heads": {"heads": 1},
}
_CELL = re.compile(r"(?P<table>weights|embeddings)\.(?P<name>.+?)(?P<places>(\[\d{1,4}\]){1,2})")
_MATRIX = re.compile(r"weights\.[wb]_[qkvo]|embeddings\..+")
_KEPT = ("mask", "mask_true", "positions", "heads", "scale", "decimals", "target", "title", "glosses")


@dataclass(frozen=True)
class Change:
    """One thing in which an example differs from another.

    field: of the example file; before, after: its values where they can be said in a word or a number; place: the cell
    of a matrix, from 0, where it is the only one.
    """

    field: str
    before: Any = None
    after: Any = None
    place: tuple[int, ...] = ()


def changed(example: Example, change: Mapping[str, Any]) -> Example:
    """The example with some fields otherwise, by their names in a file; `weights.w_q[1][2]`: one number, from 1.

    Unless it changes what they depend on, its weights and embeddings stay, be they given, read or drawn.
    Raises ExampleError with every fault, each with the field that it names.
    """
    data = copy.deepcopy(dict(example.source))
    cells = {name: found for name in change if (found := _CELL.fullmatch(name))}
    plain = {name: value for name, value in change.items() if name not in cells}
    if example.loaded is None and all(name in _KEPT or _MATRIX.fullmatch(name) for name in plain):
        _keep(data, example, "heads" in plain)
    faults = [fault for name, found in cells.items() for fault in _set_cell(data, example, name, found, change[name])]
    for name, value in plain.items():
        table, _, field = name.partition(".")
        home = data.setdefault(table, {}) if field else data
        home[field or table] = value
    try:
        made = build_example(data, example.path)
    except ExampleError as error:
        raise ExampleError((*faults, *error.faults)) from None
    if faults:
        raise ExampleError(faults)
    return made


def without(example: Example, what: str) -> Example:
    """The example without one of the things of WITHOUT. Raises ExampleError if it has not got it."""
    there = [name for name in WITHOUT if _has(example, name)]
    if what not in there:
        found = f"{quote(what)}, which it does not have" if what in WITHOUT else quote(what)
        near = nearest(what, there)
        raise ExampleError(
            [Fault(named(example.path), "without", found, listed(map(quote, there)), near and quote(near))]
        )
    return changed(example, WITHOUT[what])


def _has(example: Example, name: str) -> bool:
    has = {"scaling": example.scale, "positions": example.positions, "heads": example.heads > 1}
    return has.get(name, example.mask != "none")


def _keep(data: dict[str, Any], example: Example, other_heads: bool) -> None:
    """All weights and embeddings become those that the example has."""
    given = {name: getattr(example, name) for name in (*WEIGHTS, *BIASES)}
    data["weights"] = {name: array.tolist() for name, array in given.items() if array is not None}
    if "embeddings" in (*example.drawn, *example.read):
        rows = zip(example.vocabulary, example.embedding_table.tolist(), strict=True)
        data["embeddings"] = {word: row for word, row in rows if word != PAD or any(row)}
    if other_heads:
        data.pop("d_k", None)
        data.pop("d_v", None)


def _set_cell(data: dict[str, Any], example: Example, name: str, found: re.Match[str], value: Any) -> Iterator[Fault]:
    """Put a number in the place of another one."""
    file, table, row = named(example.path), found["table"], found["name"]
    known = (*WEIGHTS, *BIASES) if table == "weights" else example.vocabulary
    if row not in known or (table == "weights" and getattr(example, row) is None):
        yield Fault(file, name, f"{quote(row)} below {table}", listed(known), nearest(row, known))
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Fault(file, name, describe(value), "a number")
        return
    array = getattr(example, row) if table == "weights" else example.embedding_table[example.vocabulary.index(row)]
    places = tuple(int(place) - 1 for place in re.findall(r"\d+", found["places"]))
    if len(places) != array.ndim or not all(0 <= p < n for p, n in zip(places, array.shape, strict=True)):
        yield Fault(file, name, found["places"], "".join(f"[1 to {length}]" for length in array.shape))
        return
    if example.loaded is not None:
        yield Fault(file, name, "a weight of a trained model", "a weight of an example without model.file")
        return
    home = data.setdefault(table, {})
    if isinstance(home, dict):
        cells = np.array(home[row], dtype=float)
        cells[places] = value
        home[row] = cells.tolist()
    else:
        words = dict.fromkeys(token for sentence in example.batch for token in sentence)
        home[[*words, PAD].index(row)][places[0]] = float(value)


# --- in what two examples differ --------------------------------------------------------------------------------------


def changes(before: Example, after: Example) -> tuple[Change, ...]:
    """In what one example differs from another, by the fields of a file."""
    return (*_words(before, after), *_sizes(before, after), *_masks(before, after), *_numbers(before, after))


def _words(before: Example, after: Example) -> Iterator[Change]:
    if before.rows != after.rows:
        yield Change("sentence", before.sentence, after.sentence)
    if before.target != after.target:
        yield Change("target", " ".join(before.target), " ".join(after.target))


def _sizes(before: Example, after: Example) -> Iterator[Change]:
    for name in ("d_model", "heads", "positions", "scale", "decimals"):
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            yield Change(name, one, other)
    for name in (field.name for field in fields(before.config) if not hasattr(before, field.name)):
        one, other = getattr(before.config, name), getattr(after.config, name)
        if one != other:
            yield Change(f"model.{name}", one, other)


def _masks(before: Example, after: Example) -> Iterator[Change]:
    if before.mask != after.mask:
        yield Change("mask", before.mask, after.mask)
    elif before.mask_matrix is not None and not np.array_equal(before.mask_matrix, after.mask_matrix):  # type: ignore[arg-type]
        yield Change("mask")


def _numbers(before: Example, after: Example) -> Iterator[Change]:
    """Weights that differ; of embeddings only those of words that both have."""
    for name in (*WEIGHTS, *BIASES):
        one, other = getattr(before, name), getattr(after, name)
        if (one is None) != (other is None):
            yield Change(f"weights.{name}")
        elif one is not None:
            yield from _apart(f"weights.{name}", one, other)
    if before.d_model != after.d_model:
        return
    for word in before.vocabulary:
        if word in after.vocabulary:
            rows = (one.embedding_table[one.vocabulary.index(word)] for one in (before, after))
            yield from _apart(f"embeddings.{word}", *rows)


def _apart(field: str, one: np.ndarray, other: np.ndarray) -> Iterator[Change]:
    if one.shape != other.shape:
        yield Change(field)
        return
    places = np.argwhere(one != other)
    if len(places) == 1:
        place = tuple(int(p) for p in places[0])
        yield Change(field, float(one[place]), float(other[place]), place)
    elif len(places):
        yield Change(field)
