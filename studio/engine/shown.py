"""The ways in which a matrix shows its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WAYS = DIGITS, LENS, PART, COLOURS = "in digits", "through a lens", "in part", "as colours"


@dataclass(frozen=True)
class Shown:
    """How a matrix shows its numbers when a step ends.

    how: one of WAYS; cure: what of the example would have to be other for all of them to have room.
    """

    step: str
    name: str
    how: str
    cure: str = ""


def cramped(found: Sequence[Shown]) -> list[Shown]:
    """Of the matrices that no step shows in full, the steps that show most."""
    best = {one.name: min(WAYS.index(other.how) for other in found if other.name == one.name) for one in found}
    return [one for one in found if one.how != DIGITS and WAYS.index(one.how) == best[one.name]]
