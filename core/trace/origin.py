"""How a tensor was made: the kind of operation, and which cells of which other tensors each of its cells is made of.

Written as in index notation: ``made("product[ij]", "q[id]", "k_transposed[dj]")`` says that cell (i, j) is made of row
i of q and column j of Kᵀ; a letter that the result does not have runs over the whole axis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from core.trace.reading import Reading

Array = np.ndarray
Json = dict[str, Any]


class Readable(Protocol):
    """A tensor, as far as an origin needs it."""

    @property
    def values(self) -> Array: ...

    def at(self, *index: int) -> Reading: ...


# --- which place along one axis of an operand -------------------------------------------------------------------------


@dataclass
class Cells:
    """Cells of a result, for which the places in an operand are sought.

    index: for each axis of the result the places of the cells, arrays that broadcast against each other and have
    `runs` more axes at their end, one for each axis of the operand that is run over.
    """

    index: tuple[Array, ...]
    values: Callable[[str], Array]
    runs: int
    used: int = 0

    def run(self, start: int, stop: int) -> Array:
        """The places from `start` to `stop`, along the next axis that is run over."""
        self.used += 1
        return np.arange(start, stop).reshape(-1, *[1] * (self.runs - self.used))


class Selector(Protocol):
    """Where along one axis of the operand, of so many places, the cells are found that a result's cell is made of."""

    @property
    def runs(self) -> int: ...

    def places(self, cells: Cells, length: int) -> Array: ...

    def as_json(self) -> Json: ...


@dataclass(frozen=True)
class Axis:
    """The place of the result's cell along its axis k, times `stride`, plus `offset`."""

    k: int
    stride: int = 1
    offset: int = 0
    runs = 0

    def places(self, cells: Cells, length: int) -> Array:
        return cells.index[self.k] * self.stride + self.offset

    def as_json(self) -> Json:
        return {"axis": self.k, "stride": self.stride, "offset": self.offset}


@dataclass(frozen=True)
class Sum:
    """Several axes of the result counted together: column 2 of head 1 of width 4 is column 1 · 4 + 2."""

    parts: tuple[Axis, ...]
    runs = 0

    def places(self, cells: Cells, length: int) -> Array:
        total: Array = sum((part.places(cells, length) for part in self.parts), np.array(0))
        return total

    def as_json(self) -> Json:
        return {"sum": [part.as_json() for part in self.parts]}


@dataclass(frozen=True)
class Block:
    """In which block of `size` places the result's cell stands along its axis k."""

    k: int
    size: int
    runs = 0

    def places(self, cells: Cells, length: int) -> Array:
        return cells.index[self.k] // self.size

    def as_json(self) -> Json:
        return {"block": self.k, "size": self.size}


@dataclass(frozen=True)
class Within:
    """At which place within its block of `size` the result's cell stands along its axis k."""

    k: int
    size: int
    runs = 0

    def places(self, cells: Cells, length: int) -> Array:
        return cells.index[self.k] % self.size

    def as_json(self) -> Json:
        return {"within": self.k, "size": self.size}


@dataclass(frozen=True)
class All:
    """All places, or those from `start` up to, but not including, `stop`."""

    start: int = 0
    stop: int | None = None
    runs = 1

    def places(self, cells: Cells, length: int) -> Array:
        return cells.run(self.start, length if self.stop is None else self.stop)

    def as_json(self) -> Json:
        return {"all": [self.start, self.stop]}


@dataclass(frozen=True)
class Fixed:
    """Always the same place."""

    n: int
    runs = 0

    def places(self, cells: Cells, length: int) -> Array:
        return np.array(self.n)

    def as_json(self) -> Json:
        return {"fixed": self.n}


@dataclass(frozen=True)
class Looked:
    """The place that the whole number at `index` of the tensor `name` says: a token's id, the word chosen."""

    name: str
    index: tuple[Selector, ...] = ()

    @property
    def runs(self) -> int:
        return sum(selector.runs for selector in self.index)

    def places(self, cells: Cells, length: int) -> Array:
        values = cells.values(self.name)
        found: Array = values[_places(self.index, values.shape, cells)]
        return np.asarray(found).astype(int)

    def as_json(self) -> Json:
        return {"looked": self.name, "index": [selector.as_json() for selector in self.index]}


def _places(index: tuple[Selector, ...], shape: tuple[int, ...], cells: Cells) -> tuple[Array, ...]:
    return tuple(selector.places(cells, length) for selector, length in zip(index, shape, strict=True))


def _looked(index: tuple[Selector, ...]) -> tuple[str, ...]:
    looked = [selector for selector in index if isinstance(selector, Looked)]
    return tuple(name for selector in looked for name in (selector.name, *_looked(selector.index)))


# --- operands and origins ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operand:
    """Cells of the tensor `name`: for each of its axes, how the place follows from the index of the result's cell."""

    name: str
    index: tuple[Selector, ...] = ()

    @property
    def runs(self) -> int:
        """How many axes are run over: 0 if each cell of the result is made of a single one."""
        return sum(selector.runs for selector in self.index)

    @property
    def names(self) -> tuple[str, ...]:
        """The tensor, and those whose numbers say which of its places are meant."""
        return (self.name, *_looked(self.index))

    def places(self, values: Callable[[str], Array], index: tuple[Array, ...]) -> tuple[Array, ...]:
        """The places along each axis, arrays (cells…, axes run over…) that broadcast against each other.

        values: a tensor's array by its name; index: the cells' places along each axis of the result, as of `np.ix_`.
        """
        runs = self.runs
        cells = Cells(tuple(places.reshape(places.shape + (1,) * runs) for places in index), values, runs)
        return _places(self.index, values(self.name).shape, cells)

    def terms(self, values: Callable[[str], Array], index: tuple[Array, ...]) -> Array:
        """The operand's numbers, (cells…, terms): all that a cell is made of, in one last axis."""
        found = np.asarray(values(self.name)[self.places(values, index)])
        rank = len(index) + self.runs
        found = found.reshape((1,) * (rank - found.ndim) + found.shape)
        return found.reshape(*found.shape[: len(index)], -1)

    def readings(self, trace: Mapping[str, Readable], index: tuple[int, ...]) -> tuple[Reading, ...]:
        """The numbers that the result's cell at `index` is made of."""
        cell = tuple(np.array(place).reshape((1,) * len(index)) for place in index)
        places = np.broadcast_arrays(np.array(0), *self.places(lambda name: trace[name].values, cell))[1:]
        tensor = trace[self.name]
        if not places:
            return (tensor.at(),)
        return tuple(tensor.at(*map(int, place)) for place in zip(*(axis.ravel() for axis in places), strict=True))

    def as_json(self) -> Json:
        return {"name": self.name, "index": [selector.as_json() for selector in self.index]}


@dataclass(frozen=True)
class Origin:
    """How a tensor was made.

    kind: the operation (`core.trace.operations` computes each); constant: a number it needs that no tensor holds;
    note: what else there is to say, as where a given number comes from, or which activation.
    """

    kind: str
    operands: tuple[Operand, ...] = ()
    constant: float | None = None
    note: str = ""

    def as_json(self) -> Json:
        return {
            "kind": self.kind,
            "operands": [operand.as_json() for operand in self.operands],
            "constant": self.constant,
            "note": self.note,
        }


def given(note: str) -> Origin:
    """Of numbers that were not made of others; note: where they come from."""
    return Origin("given", note=note)


# --- notation ---------------------------------------------------------------------------------------------------------

_RESULT = re.compile(r"(\w+)\[(\w*)\]")
_OPERAND = re.compile(r"([^\[\]]+)\[(.*)\]")
_PLACE = re.compile(r"\(([^\[\]]+)\[([^\[\]]*)\]\)|(\d+):(\d+)|(\d+)|([a-z])(?:\+(\d+))?|(\*)|[, ]")


def made(result: str, *operands: str | Operand, constant: float | None = None, note: str = "") -> Origin:
    """The origin of a tensor in index notation: the kind with the result's letters, then the operands.

    In an operand's brackets stands for each of its axes: a letter of the result, ``i`` or ``i+1``; another letter or
    ``*``, all places; ``2:5``, these places; ``3``, this place; ``(token_ids[i])``, the place that this number says.

    Raises ValueError for what is none of these.
    """
    found = _RESULT.fullmatch(result)
    if found is None:
        raise ValueError(f"found '{result}'; expected a kind and letters, as product[ij]")
    kind, letters = found.groups()
    parsed = tuple(operand if isinstance(operand, Operand) else _operand(operand, letters) for operand in operands)
    return Origin(kind, parsed, constant, note)


@cache
def _operand(text: str, letters: str) -> Operand:
    found = _OPERAND.fullmatch(text)
    if found is None:
        raise ValueError(f"found '{text}'; expected a name and an index, as q[id]")
    name, places = found.groups()
    return Operand(name, _index(places, letters))


def _index(places: str, letters: str) -> tuple[Selector, ...]:
    rest = _PLACE.sub("", places)
    if rest:
        raise ValueError(f"found '{rest}' in the index '{places}'")
    return tuple(_selector(found, letters) for found in _PLACE.finditer(places) if found.group() not in (",", " "))


def _selector(found: re.Match[str], letters: str) -> Selector:
    name, index, start, stop, place, letter, offset, _ = found.groups()
    if name:
        return Looked(name, _index(index, letters))
    if start:
        return All(int(start), int(stop))
    if place:
        return Fixed(int(place))
    if letter and letter in letters:
        return Axis(letters.index(letter), 1, int(offset or 0))
    return All()
