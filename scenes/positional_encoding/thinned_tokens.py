"""Token labels where rows are low: every second, third … one stands, so that they keep clear of each other."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

LOWEST_ROW = 0.19


def thinned(tokens: Sequence[str] | None, height: float) -> tuple[str, ...]:
    """The tokens that have room beside a matrix of that height, the last one always; the others are empty."""
    texts = tuple(tokens or ())
    stride = max(1, ceil(LOWEST_ROW * len(texts) / height))
    return tuple("" if (len(texts) - 1 - place) % stride else text for place, text in enumerate(texts))
