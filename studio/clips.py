"""One chapter rendered to one MP4: the job of a worker process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scenes.stage.settings import Settings
from scenes.stage.texts import load_texts
from studio.errors import Failure
from studio.picture import Picture
from studio.timeline import Span


@dataclass(frozen=True)
class ClipJob:
    """A chapter to render in the folder `work`, which is the job's alone."""

    chapter: str
    settings: Settings
    picture: Picture
    work: Path

    @property
    def movie(self) -> Path:
        return self.work / "clip.mp4"


@dataclass(frozen=True)
class StepDone:
    """News of a worker: a step is drawn, and so many steps and frames of the chapter; first of all, none."""

    step: str
    steps: int
    frames: int


def render_clip(job: ClipJob, report: Callable[[StepDone], None]) -> tuple[Span, ...]:
    """Render the chapter to `job.movie`, its steps as chapter marks; return the steps' spans."""
    from scenes.stage.storyboard import chapter_class
    from studio.join import join
    from studio.stage_hand import configured

    text = load_texts(job.settings.language).chapters[job.chapter]
    steps: list[Span] = []
    report(StepDone("", 0, 0))

    def step_ended(name: str, start: float, end: float) -> None:
        fps = job.picture.fps
        steps.append(Span(name, text.steps[name].title, round(start * fps), round(end * fps)))
        report(StepDone(name, len(steps), steps[-1].end))

    media = job.work / "media"
    with configured(job.picture, media):
        scene = chapter_class(job.chapter)(job.settings, on_step=step_ended)
        scene.render()
        segments = [scene.renderer.file_writer.movie_file_path]
    frames = join(segments, job.movie, job.picture.rate, text.title, steps)
    if frames != steps[-1].end:
        raise Failure(f"{job.chapter}: {frames} frames were written, but its steps have {steps[-1].end}.")
    shutil.rmtree(media)
    return tuple(steps)
