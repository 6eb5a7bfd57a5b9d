"""How far two matrices of the same kind, of two examples, are apart: what the printed digits say, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.trace.opened import as_printed
from core.trace.reading import Reading
from core.trace.tensor import Tensor

SAME = 1e-9


@dataclass(frozen=True)
class Difference:
    """A tensor of one example and that of the same name and shape of another.

    Raises ValueError for two shapes.
    """

    before: Tensor
    after: Tensor

    def __post_init__(self) -> None:
        if self.before.shape != self.after.shape:
            raise ValueError(f"{self.before.name}: shapes {self.before.shape} and {self.after.shape}")

    @cached_property
    def values(self) -> np.ndarray:
        """What the printed numbers of the other have more than those of the one, so that who subtracts them finds it; 0
        where both are −∞.
        """
        before, after = as_printed(self.before), as_printed(self.after)
        with np.errstate(invalid="ignore"):
            apart = after - before
        apart = np.where(before == after, 0.0, apart)
        return np.where(np.abs(apart) < SAME, 0.0, apart)

    @cached_property
    def differs(self) -> np.ndarray:
        """Which cells do not print the same number, boolean, in the shape of both."""
        return self.values != 0

    @property
    def count(self) -> int:
        """How many cells differ."""
        return int(self.differs.sum())

    @property
    def tensor(self) -> Tensor:
        """The differences as a tensor of the same axes."""
        decimals = max(self.before.decimals, self.after.decimals)
        one = self.before
        return Tensor(f"{one.name}.difference", self.values, one.axes, one.labels, None, decimals, one.offset)

    def largest_of(self, cells: np.ndarray) -> tuple[int, ...]:
        """Of some cells (boolean, in the shape of both) the one that differs most, the first of equals; a finite
        difference before one to or from −∞.
        """
        apart = np.where(cells, np.abs(self.values), 0.0)
        finite = np.where(np.isfinite(apart), apart, 0.0).round(9)
        sizes = finite if finite.any() else apart
        return tuple(int(place) for place in np.unravel_index(int(sizes.argmax()), sizes.shape))

    def at(self, *index: int) -> tuple[Reading, Reading, Reading]:
        """What a cell has in the one, in the other, and the difference."""
        return self.before.at(*index), self.after.at(*index), self.tensor.at(*index)
