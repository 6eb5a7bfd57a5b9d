"""Small movies and stand-ins for chapters, importable by spawned processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from studio.clips import ClipJob, StepDone
from studio.picture import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture
from studio.timeline import Span

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


def fake_clip(job: ClipJob, report: Callable[[StepDone], None]) -> tuple[Span, ...]:
    """A chapter of two steps that is a plain movie."""
    write_movie(job.movie, FRAMES, job.picture, shade=10 * len(job.chapter))
    steps = (Span("first", "First", 0, 12), Span("second", "Second", 12, FRAMES))
    for number, step in enumerate(steps, start=1):
        report(StepDone(step.name, number, step.end))
    return steps


def clip_without_disk(job: ClipJob, report: Callable[[StepDone], None]) -> tuple[Span, ...]:
    raise RuntimeError("Failed to encode") from OSError(28, "No space left on device", str(job.movie))


def clip_with_fault(job: ClipJob, report: Callable[[StepDone], None]) -> tuple[Span, ...]:
    raise ZeroDivisionError("a fault of the program")


def clip_or_not(job: ClipJob, report: Callable[[StepDone], None]) -> tuple[Span, ...]:
    """The chapter `scaling` fails, after the others had time to end."""
    if job.chapter == "scaling":
        time.sleep(1)
        raise OSError(28, "No space left on device")
    return fake_clip(job, report)


def double(job: int, report: Callable[[str], None]) -> int:
    report(f"working on {job}")
    return 2 * job


def dies(job: int, report: Callable[[str], None]) -> int:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
    return job
