"""Clips: every step of a chapter as files of its own, in a folder beside the chapter's movie, in the story's order.

`03-scores.mp4` has its steps in `03-scores/`: `02-first_score.mp4`, its poster, captions and transcript. They are cut
out of the movie; other formats are drawn anew.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import unknown
from studio.exports.poster import frame_at
from studio.exports.sidecars import write_beside, write_texts
from studio.files import whole_file, writable_folder
from studio.films.film_script import ChapterScript, StepScript, scripts
from studio.films.order import Order
from studio.films.packets import cut
from studio.films.scheduler import Scheduler

if TYPE_CHECKING:
    from studio.exports.animated_jobs import MovingJob

MOVIE = "mp4"
MOVING = ("gif", "webp")
CLEAR = ("webm", "mov")
FORMATS = (MOVIE, *MOVING, *CLEAR)


def check_formats(text: str) -> tuple[str, ...]:
    """`mp4,gif` as a list of formats."""
    names = [name.strip().lower() for name in text.split(",")]
    for name in names:
        if name not in FORMATS:
            raise unknown("--format", name, FORMATS)
    return tuple(dict.fromkeys(names))


def make_clips(order: Order, formats: Collection[str], longest: float, scheduler: Scheduler) -> Iterator[Path]:
    """Make the clips of an order's chapters, rendered where they are not there yet; yields the movies and pictures
    in the story's order. What is newer than the movie of its chapter is left as it is.

    longest: seconds of a step that may still become a GIF or WebP.
    """
    chapters = scripts(order, scheduler)
    for chapter in chapters:
        writable_folder(chapter.movie.with_suffix(""))
        write_beside(chapter.movie, [chapter])
        _write_poster(chapter, chapter.steps[-1], chapter.movie.with_suffix(".png"))
    _draw([job for chapter in chapters for job in _jobs(chapter, formats, longest)], scheduler)
    for chapter in chapters:
        if MOVIE in formats:
            yield chapter.movie
        for step in chapter.steps:
            yield from _step_files(chapter, step, formats)


def clip_path(chapter: ChapterScript, step: StepScript, ending: str) -> Path:
    """Where a step's file of some kind is: `03-scores/02-first_score.mp4`."""
    return chapter.movie.with_suffix("") / f"{step.file_name}.{ending}"


def _step_files(chapter: ChapterScript, step: StepScript, formats: Collection[str]) -> Iterator[Path]:
    movie = clip_path(chapter, step, MOVIE)
    if MOVIE in formats and _is_due(movie, chapter):
        with whole_file(movie) as part:
            title = step.titles[chapter.settings.language]
            cut(chapter.movie, part, chapter.picture.rate, title, step.start, step.end)
    _write_poster(chapter, step, movie.with_suffix(".png"))
    write_texts(movie, [replace(chapter, steps=(step.moved(-step.start),))])
    yield from (path for name in formats if (path := clip_path(chapter, step, name)).is_file())


def _write_poster(chapter: ChapterScript, step: StepScript, target: Path) -> None:
    """The picture that a step ends on: its words said, its numbers there."""
    if _is_due(target, chapter):
        with whole_file(target) as part:
            frame_at(chapter.movie, step.end - 1).save(part)


def _is_due(target: Path, chapter: ChapterScript) -> bool:
    return not target.is_file() or target.stat().st_mtime_ns < chapter.movie.stat().st_mtime_ns


# --- what has to be drawn ---------------------------------------------------------------------------------------------


def _jobs(chapter: ChapterScript, formats: Collection[str], longest: float) -> Iterator[MovingJob]:
    """What is asked for and not there, step by step."""
    from studio.exports.animated_jobs import AnimationJob, OverlayJob

    for step in chapter.steps:
        seconds = (step.end - step.start) / chapter.picture.fps
        for job, kinds in ((AnimationJob, MOVING), (OverlayJob, CLEAR)):
            wanted = [clip_path(chapter, step, kind) for kind in kinds if kind in formats]
            due = tuple(path for path in wanted if _is_due(path, chapter))
            if due and job is AnimationJob and seconds > longest:
                length = f"{seconds:.0f} s, longer than --longest {longest:g}"
                _tell(f"{chapter.name} {step.name}: not as {_kinds(due)}: {length}")
            elif due:
                yield job(chapter.name, step.name, chapter.settings, chapter.picture, due)


def _draw(jobs: Sequence[MovingJob], scheduler: Scheduler) -> None:
    begun, done = time.monotonic(), 0

    def drawn(number: int, result: None) -> None:
        nonlocal done
        done += 1
        job = jobs[number]
        passed = time.monotonic() - begun
        _tell(f"{done} of {len(jobs)}: {job.chapter} {job.step} as {_kinds(job.targets)}, after {passed:.0f} s")

    scheduler.run(jobs, lambda number, news: None, drawn)


def _kinds(paths: Sequence[Path]) -> str:
    return " and ".join(path.suffix[1:].upper() for path in paths)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
