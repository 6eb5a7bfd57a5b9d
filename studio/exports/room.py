"""What `check` says of numbers that have no room in the pictures: where a lens or colours stand for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.examples.example import Example
from scenes.storyboard import CHAPTERS
from studio.engine.shown import WAYS, Shown, cramped
from studio.films.local_processes import LocalProcesses, processors
from studio.films.scheduler import Scheduler, results

if TYPE_CHECKING:
    from scenes.stage.chapter.settings import Settings

MOST_NAMED = 4
KEYS = "step", "name", "cure"


@dataclass(frozen=True)
class RoomJob:
    """Chapters to be looked through."""

    chapters: tuple[str, ...]
    settings: Settings

    def run(self, report: Callable[[None], None]) -> dict[str, list[Shown]]:
        from studio.engine.readable import matrices_of

        return {chapter: cramped(matrices_of(chapter, self.settings)) for chapter in self.chapters}


def without_room(example: Example, language: str = "en", size: str = "normal") -> str:
    """For which numbers the chapters have no room in type of that size, and what would give them some."""
    from scenes.stage.chapter.settings import Settings

    chapters = [entry.name for entry in CHAPTERS if entry.needs != "encoder" or example.config.has_encoder]
    with LocalProcesses(processors()) as scheduler:
        lines = told(chapters, Settings(example, language, size=size), scheduler)
    if not lines:
        return "Digits     for all numbers"
    return "\n".join(["Without room for all digits (what would make room)", *lines])


def told(chapters: Sequence[str], settings: Settings, scheduler: Scheduler) -> list[str]:
    """For each chapter, and each way of showing that is not digits alone: the steps, the matrices, and the cures."""
    shares = [tuple(chapters[first :: scheduler.workers]) for first in range(scheduler.workers)]
    seen = dict(pair for one in results(scheduler, [RoomJob(c, settings) for c in shares if c]) for pair in one.items())
    lines = []
    for chapter in chapters:
        found = seen[chapter]
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
