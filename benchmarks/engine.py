"""The engine, as the benchmarks use it. This is the one place that knows its names.

`python -m benchmarks.engine FILE` draws the film into FILE, and says beside it, in JSON, what that took.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contestants import width_of
from benchmarks.film import Film
from benchmarks.processes import side_by_side
from studio.engine.quality import Picture
from studio.films.packets import Stretch, join

if TYPE_CHECKING:
    import numpy as np

    from studio.engine.encoder import SegmentEncoder
    from studio.engine.redraw import Area

LOSSLESS = {"preset": "ultrafast", "crf": "0", "threads": "1"}


@dataclass(frozen=True)
class Job:
    """Some neighbouring steps of the film, to be drawn into one segment each; options: the encoder's, None: its own."""

    film: Film
    picture: Picture
    steps: tuple[str, ...]
    folder: Path
    options: dict[str, str] | None


@dataclass
class Drawn:
    """What came of a job. Times are CPU seconds of this process; peaks are kilobytes, after each step."""

    segments: list[Path] = field(default_factory=list)
    frames: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    writing: float = 0.0
    peaks: list[int] = field(default_factory=list)


def draw(job: Job) -> Drawn:
    """Draw the steps of a job; the others are run without drawing."""
    from benchmarks.scene import ProjectFilm
    from scenes.stage.paint.painting import StageCamera
    from studio.engine.configuration import configured
    from studio.engine.renderer import StepRenderer

    start, cpu = time.perf_counter(), time.process_time()
    segments = Segments(job)
    with configured(job.picture):
        ProjectFilm(job.film, renderer=StepRenderer(StageCamera, segments.sink)).render()
    segments.close()
    segments.drawn.seconds = time.perf_counter() - start
    segments.drawn.cpu = time.process_time() - cpu
    return segments.drawn


class Segments:
    """One encoder after the other, one for each step of the job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.drawn = Drawn()
        self.step = ""
        self.encoder: SegmentEncoder | None = None

    def sink(self, step: str) -> Segments | None:
        """Where the frames of a step go. The film ends when the job's last step has been drawn."""
        from manim.utils.exceptions import EndSceneEarlyException

        if step not in self.job.steps:
            if self.encoder is not None:
                raise EndSceneEarlyException
            return None
        if step != self.step:
            self.close()
            self.open(step)
        return self

    def open(self, step: str) -> None:
        from studio.engine.encoder import SegmentEncoder

        picture, path = self.job.picture, self.job.folder / f"{step}.mp4"
        self.encoder = SegmentEncoder(path, picture.width, picture.height, picture.rate, self.job.options)
        self.step = step
        self.drawn.segments.append(path)

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        assert self.encoder is not None
        start = time.thread_time()
        self.encoder.write(pixels, repeat, areas)
        self.drawn.writing += time.thread_time() - start

    def close(self) -> None:
        if self.encoder is None:
            return
        start = time.thread_time()
        self.encoder.close()
        self.drawn.writing += time.thread_time() - start
        self.drawn.frames += self.encoder.count
        self.drawn.peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def render(film: Film, picture: Picture, workers: int, target: Path, options: dict[str, str] | None) -> list[Drawn]:
    """Draw the film with so many processes into `target`; its segments stay beside it."""
    jobs = [Job(film, picture, steps, target.parent, options) for steps in film.parts(workers)]
    drawn = side_by_side(draw, jobs)
    join([Stretch(path) for part in drawn for path in part.segments], target, picture.rate, "Benchmark", [])
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--fps", type=int, default=60)
    parser.add_argument("--size", type=int, default=6)
    parser.add_argument("--laps", type=int, default=1)
    parser.add_argument("--lossless", action="store_true")
    given = parser.parse_args()
    picture = Picture(width_of(given.height), given.height, given.fps)
    options = LOSSLESS if given.lossless else None
    drawn = render(Film(given.size, given.laps), picture, given.workers, given.file, options)
    report = json.dumps([asdict(part) for part in drawn], default=str, indent=1)
    given.file.with_suffix(".json").write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
