"""A lesson of so many minutes: at what pace it goes, and which steps are left out.

First the pace alone: between a little slower and a little faster than it is made. If that is not enough, steps go, the
least important first, until what is left fits at the fastest of these paces. Of every chapter its last step, the whole
picture, stays longest, then its first; of those between, what comes later goes sooner, in all chapters alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from studio.films.scheduler import Scheduler
from studio.lessons.lengths import Timed, timed
from studio.lessons.lesson import Lesson, Part

SLOWEST, FASTEST = 0.8, 1.25
TURNS = 3  # at most, in which the lengths are found anew
Step = tuple[int, str]  # of which part, from 0


@dataclass(frozen=True)
class Fit:
    """pace: how fast it goes; left_out: the steps that are not shown; seconds: about how long it lasts then."""

    pace: float
    left_out: tuple[Step, ...]
    seconds: float


def fitted(lesson: Lesson, language: str, scheduler: Scheduler) -> tuple[Lesson, Fit]:
    """The lesson at the pace and with the steps that its minutes have room for, as long as it has been found to be."""
    wanted = room = 60 * (lesson.minutes or 0)
    parts = timed(lesson.parts, language, scheduler)
    for _ in range(TURNS):  # captions are read in their time, whatever the pace
        fit = fit_into(parts, room)
        left = (_without(part, fit, number) for number, part in enumerate(lesson.parts))
        short = replace(lesson, parts=tuple(part for part in left if part.steps))
        seconds = sum(part.seconds for part in timed(short.parts, language, scheduler))
        if seconds <= wanted:
            break
        room *= wanted / seconds
    return short, replace(fit, seconds=seconds)


def _without(part: Part, fit: Fit, number: int) -> Part:
    steps = tuple(step for step in part.steps if (number, step) not in fit.left_out)
    told = {language: replace(settings, pace=fit.pace) for language, settings in part.told.items()}
    return replace(part, of=replace(part.of, steps=steps), told=told)


def fit_into(parts: Sequence[Timed], seconds: float) -> Fit:
    """The pace and the steps with which parts fit into so many seconds; if nothing helps, what comes nearest."""
    left_out: list[Step] = []
    for step in _least_important_first(parts):
        if _seconds(parts, left_out, FASTEST) <= seconds:
            break
        left_out.append(step)
    moving, fixed = _times(parts, left_out)
    wanted = moving / (seconds - fixed) if seconds > fixed else FASTEST
    pace = min(max(ceil(100 * wanted) / 100, SLOWEST), FASTEST)
    return Fit(pace, tuple(left_out), moving / pace + fixed)


def _least_important_first(parts: Sequence[Timed]) -> Iterator[Step]:
    """All steps but the last of each part."""
    between = [
        (place / (len(part.steps) - 1), number, step)
        for number, part in enumerate(parts)
        for place, step in enumerate(part.steps)
        if 0 < place < len(part.steps) - 1
    ]
    yield from ((number, step) for _, number, step in sorted(between, reverse=True))
    for number in reversed(range(len(parts))):
        if len(parts[number].steps) > 1:
            yield number, next(iter(parts[number].steps))


def _seconds(parts: Sequence[Timed], left_out: Collection[Step], pace: float) -> float:
    moving, fixed = _times(parts, left_out)
    return moving / pace + fixed


def _times(parts: Sequence[Timed], left_out: Collection[Step]) -> tuple[float, float]:
    """The seconds that a pace changes, and those that it does not."""
    kept = [
        (part.steps[step], part.fixed[step])
        for number, part in enumerate(parts)
        for step in part.steps
        if (number, step) not in left_out
    ]
    fixed = sum(still for _, still in kept)
    return sum(seconds for seconds, _ in kept) - fixed, fixed + sum(part.passages for part in parts)
