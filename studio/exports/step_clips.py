"""Clips: every step of a chapter as files of its own, in a folder beside the chapter's movie, in the story's order.

`03-scores.mp4` has its steps in `03-scores/`: `02-first_score.mp4`, its poster, captions and transcript. They are cut
out of the movie; other formats are drawn anew.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import BadInput, unknown
from studio.exports.noted import note_made, unmade
from studio.exports.poster import frame_at
from studio.exports.sidecars import write_beside, write_texts
from studio.files import whole_file, writable_folder
from studio.films.film_script import ChapterScript, StepScript, scripts
from studio.films.keys import digest, sources_key
from studio.films.order import Order
from studio.films.packets import cut
from studio.films.scheduler import Scheduler
from studio.options import MOST_LOOPS

if TYPE_CHECKING:
    from studio.exports.animated_jobs import MovingJob

MOVIE = "mp4"
MOVING = ("gif", "webp")
CLEAR = ("webm", "mov")
FORMATS = (MOVIE, *MOVING, *CLEAR)
CUT = "cut"  # the key of what is taken out of a movie: nothing but the movie makes it


def check_formats(text: str) -> tuple[str, ...]:
    """`mp4,gif` as a list of formats."""
    names = [name.strip().lower() for name in text.split(",")]
    for name in names:
        if name not in FORMATS:
            raise unknown("--format", name, FORMATS)
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Wanted:
    """Which clips are wanted.

    formats: their endings; longest: seconds of a step that may still become a GIF or WebP; loop: how often these play,
    0: for ever.
    """

    formats: tuple[str, ...] = (MOVIE,)
    longest: float = 15
    loop: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.loop <= MOST_LOOPS:
            raise BadInput(f"--loop: found {self.loop}; allowed: a whole number from 0 (for ever) to {MOST_LOOPS}")


def make_clips(order: Order, wanted: Wanted, scheduler: Scheduler) -> Iterator[Path]:
    """Make clips of an order's chapters, rendered where they are not there yet; yields the movies and pictures in the
    story's order. What is there already, made from the same, is left as it is.
    """
    chapters = scripts(order, scheduler)
    for chapter in chapters:
        writable_folder(chapter.movie.with_suffix(""))
        write_beside(chapter.movie, [chapter])
        _write_poster(chapter, chapter.steps[-1], chapter.movie.with_suffix(".png"))
    _draw([drawing for chapter in chapters for drawing in _drawings(chapter, wanted)], scheduler)
    for chapter in chapters:
        if MOVIE in wanted.formats and chapter.part.shown.is_whole:
            yield chapter.movie
        for step in chapter.steps:
            yield from _step_files(chapter, step, wanted.formats)


def clip_path(chapter: ChapterScript, step: StepScript, ending: str) -> Path:
    """Where a step's file of some kind is: `03-scores/02-first_score.mp4`."""
    return chapter.movie.with_suffix("") / f"{step.file_name}.{ending}"


def _step_files(chapter: ChapterScript, step: StepScript, formats: Collection[str]) -> Iterator[Path]:
    movie = clip_path(chapter, step, MOVIE)
    if MOVIE in formats and unmade(chapter.movie, [movie], CUT):
        with whole_file(movie) as part:
            title = step.titles[chapter.settings.language]
            cut(chapter.movie, part, chapter.picture.rate, title, step.start, step.end)
        note_made(chapter.movie, [movie], CUT)
    _write_poster(chapter, step, movie.with_suffix(".png"))
    write_texts(movie, [replace(chapter, steps=(step.moved(-step.start),))])
    yield from (path for name in formats if (path := clip_path(chapter, step, name)).is_file())


def _write_poster(chapter: ChapterScript, step: StepScript, target: Path) -> None:
    """The picture that a step ends on: its words said, its numbers there."""
    if unmade(chapter.movie, [target], CUT):
        with whole_file(target) as part:
            frame_at(chapter.movie, step.end - 1).save(part)
        note_made(chapter.movie, [target], CUT)


# --- what has to be drawn ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Drawing:
    """A job, the movie of its chapter, and the key of what its files are made from."""

    job: MovingJob
    movie: Path
    key: str


def _drawings(chapter: ChapterScript, wanted: Wanted) -> Iterator[_Drawing]:
    """What is asked for and not there, step by step."""
    from studio.exports.animated_jobs import AnimationJob, OverlayJob

    code = sources_key("studio.exports.animated_jobs")
    for step in chapter.steps:
        seconds = (step.end - step.start) / chapter.picture.fps
        about = (chapter.name, step.name, chapter.settings, chapter.picture)
        moving = _due(chapter, step, MOVING, wanted, key := digest([code, wanted.loop]))
        if moving and seconds > wanted.longest:
            length = f"{seconds:.0f} s, longer than --longest {wanted.longest:g}"
            _tell(f"{chapter.name} {step.name}: not as {_kinds(moving)}: {length}")
        elif moving:
            yield _Drawing(AnimationJob(*about, moving, wanted.loop), chapter.movie, key)
        if clear := _due(chapter, step, CLEAR, wanted, code):
            yield _Drawing(OverlayJob(*about, clear), chapter.movie, code)


def _due(chapter: ChapterScript, step: StepScript, kinds: Sequence[str], wanted: Wanted, key: str) -> tuple[Path, ...]:
    return unmade(chapter.movie, (clip_path(chapter, step, kind) for kind in kinds if kind in wanted.formats), key)


def _draw(drawings: Sequence[_Drawing], scheduler: Scheduler) -> None:
    begun, done = time.monotonic(), 0

    def drawn(number: int, result: None) -> None:
        nonlocal done
        done += 1
        job = drawings[number].job
        note_made(drawings[number].movie, job.targets, drawings[number].key)
        passed = time.monotonic() - begun
        _tell(f"{done} of {len(drawings)}: {job.chapter} {job.step} as {_kinds(job.targets)}, after {passed:.0f} s")

    scheduler.run([drawing.job for drawing in drawings], lambda number, news: None, drawn)


def _kinds(paths: Sequence[Path]) -> str:
    return " and ".join(path.suffix[1:].upper() for path in paths)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
