"""Chapters brought up to date: what is there is kept, steps that changed are drawn, and chapters are put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.stage.chapter.texts import load_texts
from studio.films.jobs import DrawJob, Drawn, PlanJob, PlannedStep
from studio.errors import Failure
from studio.engine.quality import Picture
from studio.films.progress import Progress
from studio.films.store import SegmentStore
from studio.films.record import Cue, Span, publish
from studio.films.workers import Crew

SHARES = 4  # jobs per worker: enough that no worker waits long for the last one
SHORTEST_JOB = 6  # seconds of film, below which running the chapter up to there costs more than drawing


Captions = dict[str, tuple[Cue, ...]]


@dataclass
class Clip:
    """A chapter: its file, what it is made from, and, once it is there, its steps."""

    chapter: str
    settings: Settings
    path: Path
    key: str
    steps: tuple[Span, ...] = ()

    @property
    def title(self) -> str:
        return load_texts(self.settings.language).chapters[self.chapter].title

    @property
    def frames(self) -> int:
        return self.steps[-1].end


class Workshop:
    """Makes the missing chapters of an order in a work folder, with a crew and the store of steps."""

    def __init__(self, picture: Picture, work: Path, store: SegmentStore, crew: Crew) -> None:
        self.picture, self.work, self.store, self.crew = picture, work, store, crew

    def make(self, clips: Sequence[Clip], kept: int) -> None:
        """Plan the chapters, draw the steps that the store lacks, and put each chapter together when it can be."""
        plans = self._plan(clips)
        told = self._tell(clips, plans)
        missing = [(clip, [step for step in plans[clip.chapter] if not self._is_kept(step)]) for clip in clips]
        waiting = {clip.chapter: clip for clip in clips}
        jobs = list(self._jobs(missing))
        with Progress(sum(job.frames for job in jobs), len(clips), kept, self.picture.fps) as progress:

            def put_together() -> None:
                for chapter in [
                    c for c, clip in waiting.items() if all(self._is_there(s) for s in plans[clip.chapter])
                ]:
                    clip = waiting.pop(chapter)
                    self._join(clip, plans[chapter], told[chapter])
                    progress.finished(chapter, clip.frames)

            def news(number: int, drawn: Drawn) -> None:
                progress.drawn(jobs[number].chapter, drawn.frames)
                if drawn.key is not None:
                    self.store.take(jobs[number].segment(drawn.key), drawn.key)
                    put_together()

            put_together()
            self.crew.run(jobs, news, lambda number, result: None)

    def _plan(self, clips: Sequence[Clip]) -> dict[str, tuple[PlannedStep, ...]]:
        jobs = [PlanJob(clip.chapter, clip.settings, self.picture) for clip in clips]
        plans: dict[str, tuple[PlannedStep, ...]] = {}
        self.crew.run(jobs, lambda number, news: None, lambda number, plan: plans.update({jobs[number].chapter: plan}))
        return plans

    def _tell(self, clips: Sequence[Clip], plans: Mapping[str, Sequence[PlannedStep]]) -> dict[str, list[Captions]]:
        """The captions of every step in all languages, at the times of the language that the chapter is shown in."""
        jobs = [
            PlanJob(clip.chapter, replace(clip.settings, language=language), self.picture)
            for clip in clips
            for language in LANGUAGES
            if language != clip.settings.language
        ]
        told = {clip.chapter: [{clip.settings.language: s.cues} for s in plans[clip.chapter]] for clip in clips}

        def translate(number: int, steps: Sequence[PlannedStep]) -> None:
            job = jobs[number]
            for captions, shown, step in zip(told[job.chapter], plans[job.chapter], steps, strict=True):
                pairs = zip(shown.cues, step.cues, strict=True)
                captions[job.settings.language] = tuple(replace(cue, text=other.text) for cue, other in pairs)

        self.crew.run(jobs, lambda number, news: None, translate)
        return told

    def _is_kept(self, step: PlannedStep) -> bool:
        """Whether the store has the step with all its frames; what is damaged is taken out."""
        from studio.films.join import is_whole

        if not self.store.has(step.key):
            return False
        segment = self.store.path(step.key)
        if is_whole(segment, step.frames, self.picture.rate):
            return True
        segment.unlink(missing_ok=True)
        return False

    def _is_there(self, step: PlannedStep) -> bool:
        return self.store.path(step.key).exists()

    def _jobs(self, missing: Sequence[tuple[Clip, list[PlannedStep]]]) -> Iterator[DrawJob]:
        """Runs of steps of about equal length, longest first."""
        total = sum(step.frames for _, steps in missing for step in steps)
        share = max(total / (self.crew.workers * SHARES), SHORTEST_JOB * self.picture.fps)
        runs = [(clip, run) for clip, steps in missing for run in _runs(steps, share)]
        for clip, run in sorted(runs, key=lambda pair: -sum(step.frames for step in pair[1])):
            yield DrawJob(clip.chapter, clip.settings, self.picture, tuple(run), self.work)

    def _join(self, clip: Clip, steps: Sequence[PlannedStep], told: Sequence[Captions]) -> None:
        from studio.films.join import join

        spans, start = [], 0
        for step, captions in zip(steps, told, strict=True):
            span = Span(step.name, step.title, 0, step.frames, captions=captions, tensors=step.tensors)
            spans.append(span.moved(start))
            start += step.frames
        movie = self.work / f"{clip.chapter}.mp4"
        frames = join([self.store.path(step.key) for step in steps], movie, self.picture.rate, clip.title, spans)
        if frames != start:
            raise Failure(f"{clip.chapter}: {frames} frames were written, but its steps have {start}.")
        clip.steps = tuple(spans)
        publish(movie, clip.path, clip.key, self.picture, {"steps": clip.steps})


def _runs(steps: Sequence[PlannedStep], share: float) -> Iterator[list[PlannedStep]]:
    """Cut a list of steps into runs of about `share` frames."""
    run: list[PlannedStep] = []
    for step in steps:
        run.append(step)
        if sum(s.frames for s in run) >= share:
            yield run
            run = []
    if run:
        yield run
