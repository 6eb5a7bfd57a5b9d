"""What `check` says of numbers that have no room in the pictures: where a lens or colours stand for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.films.scheduler import Scheduler, results

if TYPE_CHECKING:
    from scenes.stage.chapter.settings import Settings

WAYS = DIGITS, LENS, PART, COLOURS = "in digits", "through a lens", "in part", "as colours"
MOST_NAMED = 4
KEYS = "step", "name", "cure"


@dataclass(frozen=True)
class Shown:
    """How a matrix shows its numbers when a step ends.

    how: one of WAYS; cure: what of the example would have to be other for all of them to have room.
    """

    step: str
    name: str
    how: str
    cure: str = ""


@dataclass(frozen=True)
class RoomJob:
    """A chapter to be looked through."""

    chapter: str
    settings: Settings

    def run(self, report: Callable[[None], None]) -> list[Shown]:
        from studio.engine.readable import matrices_of

        return cramped(matrices_of(self.chapter, self.settings))


def cramped(found: Sequence[Shown]) -> list[Shown]:
    """Of the matrices that no step shows in full, the steps that show most."""
    best = {one.name: min(WAYS.index(other.how) for other in found if other.name == one.name) for one in found}
    return [one for one in found if one.how != DIGITS and WAYS.index(one.how) == best[one.name]]


def told(chapters: Sequence[str], settings: Settings, scheduler: Scheduler) -> list[str]:
    """For each chapter, and each way of showing that is not digits alone: the steps, the matrices, and the cures."""
    jobs = [RoomJob(chapter, settings) for chapter in chapters]
    lines = []
    for chapter, found in zip(chapters, results(scheduler, jobs), strict=True):
        for how in WAYS:
            those = [one for one in found if one.how == how]
            if those:
                steps, names, cures = ([*dict.fromkeys(getattr(one, key) for one in those)] for key in KEYS)
                reach = " … ".join(dict.fromkeys((steps[0], steps[-1])))
                lines.append(f"  {chapter}:{reach}  {_few(names)} {how} ({_together(cures)})")
    return lines


def _together(cures: Sequence[str]) -> str:
    """All that is needed: of several numbers of decimals the fewest."""
    decimals = sorted(cure for cure in cures if cure.startswith("decimals"))
    return ", ".join([*decimals[:1], *(cure for cure in cures if cure not in decimals)])


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:MOST_NAMED])} and {more} more"
