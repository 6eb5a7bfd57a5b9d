"""Numbers as they are printed, and a single number of the trace that knows where it stood."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

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
    def printed(self) -> float:
        """The number that the printed digits say."""
        return self.value if math.isinf(self.value) else round(self.value, self.decimals)

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
