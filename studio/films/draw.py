"""Draw: the steps that the store lacks are drawn into segments, by as many jobs as there is work for; and bridges."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scenes.stage.chapter.settings import Settings
from scenes.storyboard import CARD
from studio.engine.quality import Picture
from studio.errors import placed
from studio.films.failures import Failures
from studio.films.order import Part
from studio.films.pace import note_pace
from studio.films.packets import is_whole
from studio.films.plan import PlannedChapter
from studio.films.progress import Progress
from studio.films.scheduler import Failed, Job, Scheduler
from studio.films.spans import Span
from studio.films.store import SegmentStore

SHARES = 4  # jobs per worker: enough that no worker waits long for the last one
PASSAGE_SECONDS = 2.0  # about, for those who wait
SHORTEST_JOB = 6  # seconds of film, below which running the chapter up to there costs more than drawing


@dataclass(frozen=True)
class Drawn:
    """News of a job: so many more frames are drawn; `key` is given when a step's segment is whole."""

    frames: int
    key: str | None = None


@dataclass(frozen=True)
class DrawJob(Job[Drawn, None]):
    """Draw some steps of a chapter, each into a segment of the folder `work`.

    kept: the steps of the part that they belong to, before whose first it opens and after whose last it closes.
    """

    chapter: str
    settings: Settings
    picture: Picture
    steps: tuple[Span, ...]
    kept: tuple[str, ...]
    work: Path

    @property
    def frames(self) -> int:
        return _frames(self.steps)

    @property
    def home(self) -> Path:
        return self.work

    def moved_to(self, folder: Path) -> DrawJob:
        return replace(self, work=folder)

    def segment(self, key: str) -> Path:
        return self.work / f"{key}.part.mp4"

    def run(self, report: Callable[[Drawn], None]) -> None:
        """Draw them; what is not asked for is skipped."""
        from studio.engine.steps import draw_steps

        keys = {step.name: step.key for step in self.steps}
        with placed(self.work):
            draw_steps(
                self.chapter,
                self.settings,
                self.picture,
                set(keys),
                kept=self.kept,
                segment=lambda step: self.segment(keys[step]),
                progress=lambda frames: report(Drawn(frames)),
                done=lambda step: report(Drawn(0, keys[step])),
            )


@dataclass(frozen=True)
class PassageJob(Job[int, None], ABC):
    """Draw a passage of a film into a segment of the folder `work`; key: the hash of what it is made from."""

    key: str
    picture: Picture
    work: Path

    @property
    @abstractmethod
    def name(self) -> str: ...

    @property
    def home(self) -> Path:
        return self.work

    def moved_to(self, folder: Path) -> PassageJob:
        return replace(self, work=folder)

    @property
    def segment(self) -> Path:
        return self.work / f"{self.key}.part.mp4"

    @abstractmethod
    def run(self, report: Callable[[int], None]) -> None:
        """Draw it; `report` is told the frames as they are drawn."""


@dataclass(frozen=True)
class BridgeJob(PassageJob):
    """What leads from the last step of one part to the first of another. Both chapters are run without drawing."""

    before: Part
    after: Part

    @property
    def name(self) -> str:
        """`scores-softmax`; within a part by its steps, `maximum-divide`."""
        before, after = self.before, self.after
        if before.path == after.path:
            return f"{before.steps[-1]}-{after.steps[0]}"
        return f"{before.chapter}-{after.chapter}"

    def run(self, report: Callable[[int], None]) -> None:
        from studio.engine.steps import draw_bridge

        with placed(self.work):
            draw_bridge(self.before.scene, self.after.scene, self.picture, self.segment, report)


@dataclass(frozen=True)
class CardJob(PassageJob):
    """The card with which a film begins; it goes over into the first picture of its first part."""

    part: Part
    name = CARD

    def run(self, report: Callable[[int], None]) -> None:
        from studio.engine.steps import draw_card

        heading = self.part.heading
        with placed(self.work):
            draw_card(self.part.scene, *heading.card, self.picture, self.segment, report)


def segment_in(work: Path, key: str) -> Path:
    """Where in the work folder a segment is once it is whole, be it drawn or kept from before."""
    return work / f"{key}.mp4"


def draw_passages(
    jobs: Sequence[PassageJob], store: SegmentStore, scheduler: Scheduler, failed: Failures | None = None
) -> None:
    """Draw those passages that the store lacks. failed: where errors are noted; without it the first is raised."""
    different = {job.key: job for job in jobs}.values()
    missing = [job for job in different if not _is_there(job.key, store, job.work, job.picture)]
    if not missing:
        return
    rough = round(PASSAGE_SECONDS * len(missing) * missing[0].picture.fps)
    with Progress(rough, 0, 0, missing[0].picture.fps, "between chapters") as progress:
        scheduler.run(
            missing,
            lambda number, frames: progress.drawn(missing[number].name, frames),
            lambda number, result: _take(missing[number].segment, missing[number].key, store, missing[number].work),
            _noting(failed, [(job.key,) for job in missing]),
        )


def _noting(failed: Failures | None, keys: Sequence[Sequence[str]]) -> Failed | None:
    """What a scheduler is to do with errors. keys: of each job, those of its segments."""
    return None if failed is None else lambda number, error: failed.segments.update(dict.fromkeys(keys[number], error))


def draw(
    chapters: Sequence[PlannedChapter],
    picture: Picture,
    store: SegmentStore,
    work: Path,
    scheduler: Scheduler,
    finish: Callable[[PlannedChapter], None],
    kept: int = 0,
    failed: Failures | None = None,
) -> None:
    """Draw what the store lacks of some chapters; `finish` is called with each as soon as it has all of its steps.

    kept: how many further chapters need nothing, for those who wait to know; failed: where errors are noted; without
    it the first is raised.
    """
    waiting = list(chapters)
    jobs = list(_jobs(chapters, picture, store, work, scheduler.workers))
    with Progress(sum(job.frames for job in jobs), len(chapters), kept, picture.fps) as progress:

        def finish_what_is_there() -> None:
            for chapter in [one for one in waiting if all(segment_in(work, span.key).exists() for span in one.spans)]:
                waiting.remove(chapter)
                finish(chapter)
                progress.finished(chapter.part.chapter, chapter.frames)

        def news(number: int, drawn: Drawn) -> None:
            progress.drawn(jobs[number].chapter, drawn.frames)
            if drawn.key is not None:
                _take(jobs[number].segment(drawn.key), drawn.key, store, work)
                finish_what_is_there()

        finish_what_is_there()
        keys = [[step.key for step in job.steps] for job in jobs]
        if failed is not None:
            failed.drawn |= {key for run in keys for key in run}
            failed.found |= {span.key for chapter in chapters for span in chapter.spans} - failed.drawn
        scheduler.run(jobs, news, lambda number, result: None, _noting(failed, keys))
        note_pace(picture, progress.done, time.monotonic() - progress.begun, scheduler.workers)


def _jobs(
    chapters: Sequence[PlannedChapter], picture: Picture, store: SegmentStore, work: Path, workers: int
) -> Iterator[DrawJob]:
    """Runs of missing steps of about equal length, longest first; what several parts need is drawn for the first."""
    needed = {span.key: (one, span) for one in reversed(chapters) for span in one.spans}
    lacking = {key for key, (_, span) in needed.items() if not _is_there(key, store, work, picture, span.frames)}
    missing = [
        (one.part, [span for span in one.spans if span.key in lacking and needed[span.key][0] is one])
        for one in chapters
    ]
    share = max(sum(_frames(steps) for _, steps in missing) / (workers * SHARES), SHORTEST_JOB * picture.fps)
    runs = [(part, run) for part, steps in missing for run in _runs(steps, share)]
    for part, run in sorted(runs, key=lambda pair: -_frames(pair[1])):
        yield DrawJob(part.chapter, part.settings, picture, tuple(run), part.steps, work)


def _is_there(key: str, store: SegmentStore, work: Path, picture: Picture, frames: int | None = None) -> bool:
    """Whether a segment is there with all its frames: from now on in the work folder, which nobody else clears."""
    segment = segment_in(work, key)
    if not segment.exists() and not store.lend(key, segment):
        return False
    if is_whole(segment, picture.rate, frames):
        return True
    segment.unlink()
    return False


def _take(drawn: Path, key: str, store: SegmentStore, work: Path) -> None:
    """A segment is whole: it is kept for later, and used now."""
    store.take(drawn, key)
    drawn.replace(segment_in(work, key))


def _runs(steps: Sequence[Span], share: float) -> Iterator[list[Span]]:
    """Cut a list of steps into runs of about `share` frames."""
    run: list[Span] = []
    for step in steps:
        run.append(step)
        if _frames(run) >= share:
            yield run
            run = []
    if run:
        yield run


def _frames(steps: Sequence[Span]) -> int:
    return sum(step.frames for step in steps)
