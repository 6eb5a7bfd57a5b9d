"""Small movies and stand-ins for chapters, importable by spawned processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import av
import numpy as np

from scenes.storyboard import CLOSING, OPENING
from studio.engine.cue import Cue
from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture
from studio.films.draw import BridgeJob, DrawJob, Drawn
from studio.films.fulfil import fulfil
from studio.films.keys import digest
from studio.films.local_processes import LocalProcesses
from studio.films.order import Order
from studio.films.plan import PlanJob
from studio.films.scheduler import Failed, Job, fail
from studio.films.spans import Span

TINY = Picture(96, 54, 10)
FRAMES = 20


def write_movie(path: Path, frames: int, picture: Picture = TINY, shade: int = 0) -> Path:
    """A movie whose frame i is a plain grey of shade + i, noisy enough to need B-frames."""
    noise = np.random.default_rng(shade).integers(0, 40, (picture.height, picture.width, 3), dtype=np.uint8)
    with av.open(path, "w", format="mp4") as output:
        stream = output.add_stream(CODEC, rate=picture.rate, options=dict(CODEC_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, PIXEL_FORMAT
        for number in range(frames):
            pixels = np.roll(noise, number, axis=1) + np.uint8((shade + number) % 216)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, 1 / picture.rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return path


def shades(path: Path) -> list[float]:
    """The mean brightness of each frame, decoded."""
    with av.open(path) as container:
        return [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]


PARTS = ((OPENING, 0, 4), ("first", 4, 10), ("second", 10, 17), (CLOSING, 17, FRAMES))
STEPS_FRAMES = 13
BRIDGE_FRAMES = 6


class FakePlan(PlanJob):
    """A chapter of two steps, with an opening and a closing."""

    def run(self, report: Callable[[None], None]) -> tuple[Span, ...]:
        facts = [self.chapter, self.settings.theme, self.picture.width, self.picture.fps]
        said: dict[str, tuple[Cue, ...]] = {self.settings.language: ()}
        return tuple(
            Span(name, name.title(), *frames, captions=said, key=digest([facts, name])) for name, *frames in PARTS
        )


class FakeDraw(DrawJob):
    """Its steps are plain movies."""

    def run(self, report: Callable[[Drawn], None]) -> None:
        for step in self.steps:
            write_movie(self.segment(step.key), step.frames, self.picture, shade=10 * len(self.chapter))
            report(Drawn(step.frames))
            report(Drawn(0, step.key))


class FakeBridge(BridgeJob):
    """A plain movie."""

    def run(self, report: Callable[[int], None]) -> None:
        write_movie(self.segment, BRIDGE_FRAMES, self.picture, shade=200)
        report(BRIDGE_FRAMES)


class BridgeOrNot(FakeBridge):
    """The bridge to `scaling` fails, after the others had time to end."""

    def run(self, report: Callable[[int], None]) -> None:
        if self.after.chapter == "scaling":
            time.sleep(1)
            raise OSError(28, "No space left on device")
        super().run(report)


class DrawWithoutDisk(FakeDraw):
    def run(self, report: Callable[[Drawn], None]) -> None:
        raise RuntimeError("Failed to encode") from OSError(28, "No space left on device", str(self.work))


class DrawWithFault(FakeDraw):
    def run(self, report: Callable[[Drawn], None]) -> None:
        raise ZeroDivisionError("a fault of the program")


class DrawOrNot(FakeDraw):
    """The chapter `scaling` fails, after the others had time to end."""

    def run(self, report: Callable[[Drawn], None]) -> None:
        if self.chapter == "scaling":
            time.sleep(1)
            raise OSError(28, "No space left on device")
        super().run(report)


@dataclass(frozen=True)
class Double(Job[str, int]):
    number: int

    def run(self, report: Callable[[str], None]) -> int:
        report(f"working on {self.number}")
        return 2 * self.number


@dataclass(frozen=True)
class DiesAtFirst(Job[str, int]):
    """Its process dies, unless one has before; so that one can look: a file says so."""

    trace: Path

    def run(self, report: Callable[[str], None]) -> int:
        if not self.trace.exists():
            self.trace.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 1


@dataclass(frozen=True)
class Fails(Job[str, int]):
    def run(self, report: Callable[[str], None]) -> int:
        raise OSError(28, "No space left on device")


@dataclass(frozen=True)
class Writes(Job[str, str]):
    """Writes two files, and says between them that there is one."""

    folder: Path
    name: str

    @property
    def home(self) -> Path:
        return self.folder

    def moved_to(self, folder: Path) -> Writes:
        return Writes(folder, self.name)

    def run(self, report: Callable[[str], None]) -> str:
        (self.folder / f"{self.name}.1").write_text("one", encoding="utf-8")
        report(f"{self.name}.1")
        (self.folder / f"{self.name}.2").write_text("two", encoding="utf-8")
        return self.name


@dataclass(frozen=True)
class Dies(Job[str, int]):
    def run(self, report: Callable[[str], None]) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


def made_by(workers: int, order: Order) -> list[Path]:
    """What an order makes, with so many processes."""
    with LocalProcesses(workers) as scheduler:
        return list(fulfil(order, scheduler))


class InProcess:
    """A scheduler that does all work here, one job after the other, so that it sees what a test has changed."""

    workers = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nobody to send home."""

    def run(
        self,
        jobs: Sequence[Any],
        on_news: Callable[[int, Any], None],
        on_done: Callable[[int, Any], None],
        on_failed: Failed | None = None,
    ) -> None:
        for number, job in enumerate(jobs):
            try:
                result = job.run(lambda news, number=number: on_news(number, news))
            except Exception as error:
                fail(number, error, on_failed)
            else:
                on_done(number, result)


class Nobody(InProcess):
    """A scheduler that must not be asked."""

    def run(self, *arguments: object) -> None:
        raise AssertionError("there is work")
