"""The trace: an ordered, named, immutable record of every intermediate of one example.

A scene, a test, an export and a person ask for a number by its name (``trace["scores"]``), and every number that
leaves the trace remembers where it stood (`Tensor.at` gives a `Reading`), so that what is printed can be checked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from core.model.special_tokens import PAD

MINUS = "\N{MINUS SIGN}"
INFINITY = "\N{INFINITY}"


def format_number(value: float, decimals: int) -> str:
    """Print `value` with `decimals` places, a true minus, the infinity sign, and never a negative zero."""
    if math.isinf(value):
        return (MINUS if value < 0 else "") + INFINITY
    text = f"{abs(value):.{decimals}f}"
    negative = value < 0 and float(text) != 0
    return (MINUS if negative else "") + text


def decimals_needed(values: np.ndarray, limit: int) -> int:
    """The fewest decimals (at most `limit`) at which every finite value prints exactly; `limit` if none does."""
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    for decimals in range(limit):
        if np.allclose(finite, np.round(finite, decimals), rtol=0, atol=1e-9):
            return decimals
    return limit


@dataclass(frozen=True)
class Reading:
    """One number of the trace, and where it stands: tensor name and full index."""

    name: str
    index: tuple[int, ...]
    value: float
    decimals: int

    def __deepcopy__(self, memo: dict) -> Reading:
        return self

    @property
    def text(self) -> str:
        return format_number(self.value, self.decimals)

    @property
    def exact(self) -> bool:
        """Whether the printed digits are the whole number, nothing rounded away."""
        return math.isinf(self.value) or abs(round(self.value, self.decimals) - self.value) < 1e-9

    @property
    def percent(self) -> str:
        """The value as a whole percentage, `0.694` → `69%`."""
        return f"{format_number(100 * self.value, 0)}%"

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Tensor:
    """A named array with named axes.

    values: read-only array; axes: one name per dimension (``("heads", "queries", "keys")``);
    labels: for axes that carry tokens (or words of the vocabulary), their texts;
    product: for a matrix product, the names of its left and right operand.
    """

    name: str
    values: np.ndarray
    axes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    product: tuple[str, str] | None = None
    decimals: int = 2
    offset: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        values = np.array(self.values)
        values.flags.writeable = False
        if values.ndim != len(self.axes):
            raise ValueError(f"{self.name}: {values.ndim} dimensions but the axes are {self.axes}")
        for axis, labels in self.labels.items():
            if axis in self.axes and values.shape[self.axes.index(axis)] != len(labels):
                raise ValueError(f"{self.name}: {len(labels)} labels for the axis {axis} of shape {values.shape}")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))

    def __deepcopy__(self, memo: dict) -> Tensor:
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def axis_labels(self, axis: str) -> tuple[str, ...] | None:
        return self.labels.get(axis)

    def at(self, *index: int) -> Reading:
        """The number at `index` of this tensor (or of the part that `part` took), with its full address."""
        return Reading(self.name, (*self.offset, *index), float(self.values[index]), self.decimals)

    def part(self, *index: int) -> Tensor:
        """The sub-tensor at the leading `index`, e.g. one head's weights: ``weights.part(0)``."""
        return Tensor(
            self.name,
            self.values[index],
            self.axes[len(index) :],
            {axis: labels for axis, labels in self.labels.items() if axis in self.axes[len(index) :]},
            self.product,
            self.decimals,
            (*self.offset, *index),
        )

    def line(self, *index: int, standing: bool = False) -> Tensor:
        """The vector at the leading `index` as a matrix: one row, or one column if `standing`.

        Its readings keep their address: ``weights.line(2).at(0, 5)`` is cell (2, 5) of the weights.
        """
        vector = self.part(*index)
        values = vector.values[:, None] if standing else vector.values[None, :]
        axes = (*vector.axes, "line") if standing else ("line", *vector.axes)
        return _Line(self.name, values, axes, vector.labels, None, self.decimals, vector.offset)


class _Line(Tensor):
    """A vector drawn as a matrix of one row or one column."""

    def at(self, *index: int) -> Reading:
        place = index[1] if self.axes[0] == "line" else index[0]
        return Reading(self.name, (*self.offset, place), float(self.values[index]), self.decimals)


@dataclass(frozen=True)
class DotProduct:
    """One cell of a matrix product, opened: its terms and their sum, each a `Reading`."""

    left: tuple[Reading, ...]
    right: tuple[Reading, ...]
    total: Reading

    @property
    def largest(self) -> int:
        """The term that counts most, the first of equals."""
        sizes = [abs(a.value * b.value) for a, b in zip(self.left, self.right, strict=True)]
        return sizes.index(max(sizes))

    @property
    def closes(self) -> bool:
        """Whether the printed operands give the printed total at its printed precision, nothing rounded away."""
        pairs = zip(self.left, self.right, strict=True)
        recomputed = sum(round(a.value, a.decimals) * round(b.value, b.decimals) for a, b in pairs)
        return self.total.exact and abs(recomputed - round(self.total.value, self.total.decimals)) < 1e-9


@dataclass(frozen=True)
class Quotient:
    """One number of the trace divided by another, and the result."""

    numerator: Reading
    denominator: Reading
    result: Reading

    @property
    def closes(self) -> bool:
        """Whether the printed operands give exactly the printed result."""
        numerator, denominator, result = (
            round(reading.value, reading.decimals) for reading in (self.numerator, self.denominator, self.result)
        )
        return abs(numerator / denominator - result) < 1e-9


class Trace(Mapping[str, Tensor]):
    """An ordered, immutable mapping from names to tensors.

    later: gives further tensors, computed only when one of them, or everything, is asked for.
    """

    def __init__(self, tensors: Mapping[str, Tensor], later: Callable[[], Mapping[str, Tensor]] | None = None) -> None:
        self._tensors = MappingProxyType(dict(tensors))
        self._later = later

    def _all(self) -> Mapping[str, Tensor]:
        if self._later is not None:
            self._tensors = MappingProxyType({**self._tensors, **self._later()})
            self._later = None
        return self._tensors

    def __getitem__(self, name: str) -> Tensor:
        if name in self._tensors:
            return self._tensors[name]
        try:
            return self._all()[name]
        except KeyError:
            raise KeyError(f"no '{name}' in the trace; it has: {', '.join(self._tensors)}") from None

    def __deepcopy__(self, memo: dict) -> Trace:
        return self

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def largest_in_row(self, name: str, row: int | tuple[int, ...]) -> int:
        """The column of the largest number in one row of a matrix; of a stack of matrices `row` is (head, row)."""
        return int(np.argmax(self[name].values[row]))

    def telling_pair(self) -> tuple[int, int]:
        """The query and the key worth talking about: the largest attention weight between two different tokens.

        A query of padding, which nobody uses, is not worth it.
        """
        weights = self["weights"].values.copy()  # (queries, keys)
        if min(weights.shape) > 1:
            np.fill_diagonal(weights, -1.0)
        for query, token in enumerate(self["weights"].axis_labels("queries") or ()):
            if token == PAD:
                weights[query] -= 2.0
        best_query, best_key = np.unravel_index(np.argmax(weights), weights.shape)
        return int(best_query), int(best_key)

    def telling_heads(self, query: int) -> tuple[int, int]:
        """The two heads that look from `query` at different keys with the most weight; the first two if none differ.

        With a single head it is that head twice.
        """
        rows = self["heads.weights"].values[:, query]  # (heads, keys)
        peaks, keys = rows.max(axis=-1), rows.argmax(axis=-1)
        first = int(peaks.argmax())
        others = np.flatnonzero(keys != keys[first])
        if not others.size:
            return 0, min(1, len(rows) - 1)
        second = int(others[peaks[others].argmax()])
        return min(first, second), max(first, second)

    def explain(self, name: str, *index: int) -> DotProduct:
        """Open the cell `index` of the matrix product `name` into the terms of its sum.

        Leading indices (heads) are shared by both operands where these have them.
        """
        tensor = self[name]
        if tensor.product is None:
            raise ValueError(f"{name} is not a matrix product")
        *lead, row, column = index
        left, right = (self[operand] for operand in tensor.product)
        left = left.part(*lead) if left.values.ndim > 2 else left
        right = right.part(*lead) if right.values.ndim > 2 else right
        length = left.shape[-1]
        return DotProduct(
            tuple(left.at(row, t) for t in range(length)),
            tuple(right.at(t, column) for t in range(length)),
            tensor.at(*index),
        )
