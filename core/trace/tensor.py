"""A tensor of the trace: an array with named axes, labels and decimals that knows how it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from core.trace.origin import All, Origin
from core.trace.reading import Reading


@dataclass(frozen=True)
class Tensor:
    """A named array with named axes.

    values: read-only array; axes: one name per dimension (``("heads", "queries", "keys")``);
    labels: for axes that carry tokens (or words of the vocabulary), their texts;
    origin: how it was made; every tensor of a trace has one; beside: the tensor that it is shown beside and compared
    with, of another example, None if there is none.
    """

    name: str
    values: np.ndarray
    axes: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    origin: Origin | None = None
    decimals: int = 2
    offset: tuple[Any, ...] = ()
    beside: Tensor | None = None

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

    @property
    def largest(self) -> float:
        """The largest finite magnitude, by which colours are scaled: also of what it is shown beside; 1 without any."""
        both = [self.values] if self.beside is None else [self.values, self.beside.values]
        return max((float(np.abs(v[np.isfinite(v)]).max()) for v in both if np.isfinite(v).any()), default=1.0)

    def _of_beside(self, take: Callable[[Tensor], Tensor]) -> Tensor | None:
        """The same part of the tensor beside, where that has it."""
        try:
            return None if self.beside is None else take(self.beside)
        except (IndexError, ValueError):
            return None

    @property
    def product(self) -> tuple[str, str] | None:
        """Of a matrix product, rows times columns, the names of its left and right operand."""
        if self.origin is None or self.origin.kind != "product":
            return None
        left, right = self.origin.operands
        rows_by_columns = left.index[-1:] == (All(),) and right.index[-2:-1] == (All(),)
        return (left.name, right.name) if rows_by_columns else None

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
            self.origin,
            self.decimals,
            (*self.offset, *index),
            self._of_beside(lambda other: other.part(*index)),
        )

    def line(self, *index: int, standing: bool = False) -> Tensor:
        """The vector at the leading `index` as a matrix: one row, or one column if `standing`.

        Its readings keep their address: ``weights.line(2).at(0, 5)`` is cell (2, 5) of the weights.
        """
        vector = self.part(*index)
        values = vector.values[:, None] if standing else vector.values[None, :]
        axes = (*vector.axes, "line") if standing else ("line", *vector.axes)
        beside = self._of_beside(lambda other: other.line(*index, standing=standing))
        return _Line(self.name, values, axes, vector.labels, self.origin, self.decimals, vector.offset, beside)

    def picked(self, rows: Sequence[int], columns: Sequence[int]) -> Tensor:
        """These rows and columns of a matrix, in this order. Their readings keep their address."""
        places = dict(zip(self.axes, (rows, columns), strict=True))
        labels = {axis: tuple(texts[i] for i in places[axis]) for axis, texts in self.labels.items() if axis in places}
        values = self.values[np.ix_(rows, columns)]
        beside = self._of_beside(lambda other: other.picked(rows, columns))
        return _Picked(self.name, values, self.axes, labels, self.origin, self.decimals, beside=beside,
                       source=self, rows=tuple(rows), columns=tuple(columns))  # fmt: skip


class _Line(Tensor):
    """A vector drawn as a matrix of one row or one column."""

    def at(self, *index: int) -> Reading:
        place = index[1] if self.axes[0] == "line" else index[0]
        return Reading(self.name, (*self.offset, place), float(self.values[index]), self.decimals)


@dataclass(frozen=True, kw_only=True)
class _Picked(Tensor):
    """Some rows and columns of the matrix `source`."""

    source: Tensor
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def at(self, *index: int) -> Reading:
        return self.source.at(self.rows[index[0]], self.columns[index[1]])
