"""Make all that a batch wants: identical steps are drawn once, what fails stops nothing else, what is there stays."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from studio.batch.wishes import Wish
from studio.engine.quality import Picture
from studio.errors import in_words, judge
from studio.exports.sidecars import render
from studio.films.failures import Failures
from studio.films.order import Order
from studio.films.plan import plan
from studio.films.scheduler import Scheduler
from studio.films.store import SegmentStore


@dataclass
class Outcome:
    """What came of one wish: the files that were asked for, or why it could not be had."""

    wish: Wish
    files: list[Path] = field(default_factory=list)
    error: str = ""


@dataclass
class Tally:
    """What came of a batch; seconds: of the clock, with so many workers."""

    outcomes: list[Outcome]
    seconds: float
    workers: int
    drawn: int = 0
    reused: int = 0

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]


@dataclass(frozen=True)
class Forecast:
    """How much there is to do: films, their steps and seconds, and how many of these have to be drawn."""

    films: int
    steps: int
    missing: int
    seconds: float
    missing_seconds: float
    core_hours: float
    seen_here: bool


def forecast(wishes: Sequence[Wish], scheduler: Scheduler) -> Forecast:
    """What making it would take, found by running each chapter without drawing."""
    from studio.films.pace import pace_of

    films, keys, cores, seen = 0, dict[str, tuple[float, bool]](), 0.0, True
    for order in merged(wishes):
        store = SegmentStore(order.out)
        films += len(order.films) + len(order.clips)
        pace, here = pace_of(order.picture)
        seen = seen and here
        for chapter in plan(order.parts, order.picture, scheduler):
            for span in chapter.spans:
                if span.key not in keys:
                    keys[span.key] = (span.frames / order.picture.fps, store.has(span.key))
                    cores += 0 if keys[span.key][1] else span.frames / pace
    missing = [seconds for seconds, there in keys.values() if not there]
    every = sum(seconds for seconds, _ in keys.values())
    return Forecast(films, len(keys), len(missing), every, sum(missing), cores / 3600, seen)


def make(wishes: Sequence[Wish], scheduler: Scheduler) -> Tally:
    """Make everything; what cannot be made is in the tally, by the wish that it costs."""
    begun, failures = time.monotonic(), Failures()
    for order in merged(wishes):
        for movie in render(order, scheduler, failures):
            print(movie, flush=True)
    outcomes = [_outcome(wish, failures, scheduler) for wish in wishes]
    passed = time.monotonic() - begun
    return Tally(outcomes, passed, scheduler.workers, len(failures.drawn), len(failures.found))


def merged(wishes: Sequence[Wish]) -> Iterator[Order]:
    """One order for all films of a size of picture: what they share is drawn once, and no worker waits for another."""
    by_picture: dict[tuple[Picture, Path], list[Order]] = {}
    for order in (order for wish in wishes for order in wish.orders):
        by_picture.setdefault((order.picture, order.out), []).append(order)
    for (picture, out), orders in by_picture.items():
        films = {film.path: film for order in orders for film in order.films}
        parts = {part.path for film in films.values() for part in film.parts}
        clips = {clip.path: clip for order in orders for clip in order.clips if clip.path not in parts}
        yield Order(tuple(films.values()), tuple(clips.values()), picture, out, "batch")


def _outcome(wish: Wish, failures: Failures, scheduler: Scheduler) -> Outcome:
    """The exports of a wish whose movies are there, or what went wrong."""
    outcome = Outcome(wish)
    for order in wish.orders:
        movies = [film.path for film in order.films] or [clip.path for clip in order.clips]
        lost = [failures.movies[path] for path in movies if path in failures.movies]
        if lost:
            return replace(outcome, error=in_words(lost[0]))
        outcome.files += movies
        for export in wish.exports:
            try:
                outcome.files += exported(export, order, wish, scheduler)
            except Exception as error:
                if judge(error) is None:
                    raise
                return replace(outcome, error=f"{export}: {in_words(error)}")
    return outcome


def exported(export: str, order: Order, wish: Wish, scheduler: Scheduler) -> list[Path]:
    """One export of an order whose movies are there; the film is."""
    if export == "clips":
        from studio.exports.step_clips import Wanted, make_clips

        return list(make_clips(order, Wanted(), scheduler))
    if export == "slides":
        from studio.exports.slides import check_kind, write_slides

        return list(write_slides(order, check_kind(None), False, scheduler))
    if export == "page":
        from studio.exports.page.build import write_page
        from studio.films.film_script import scripts

        return [write_page(scripts(order, scheduler), order.out / "pages" / order.name)]
    if export == "handout":
        from studio.exports.handout import write_handout

        return [write_handout(order.parts, order.out / "handouts" / f"{order.name}.pdf", scheduler)]
    if export == "stills":
        from studio.exports.stills import save_image, still

        return [
            save_image(
                still(one.chapter, one.step, one.settings, one.picture), order.out / "stills" / f"{one.file}.png"
            )
            for one in wish.making.stills(wish.words)
        ]
    return []
