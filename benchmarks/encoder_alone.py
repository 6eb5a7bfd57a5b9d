"""The encoder alone: raw frames that were captured before, encoded with the engine's settings and nothing else.

`python -m benchmarks.encoder_alone FILE --frames FOLDER` encodes the frames of the lossless segments in FOLDER into
FILE, and says beside it, in JSON, what that took. Getting at the raw frames is not counted.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from benchmarks.film import Film
from benchmarks.processes import side_by_side
from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT
from studio.films.packets import Stretch, join


@dataclass(frozen=True)
class Job:
    """Lossless segments to read, and the folder for segments of the same names."""

    sources: tuple[Path, ...]
    folder: Path


@dataclass(frozen=True)
class Encoded:
    """Segments, and what encoding them took: seconds by the clock, and of CPU."""

    segments: list[Path]
    frames: int
    seconds: float
    cpu: float


class Stopwatch:
    """Adds up the stretches of time that it is asked to take."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter(), time.thread_time()

    def __exit__(self, *error: object) -> None:
        self.seconds += time.perf_counter() - self._start[0]
        self.cpu += time.thread_time() - self._start[1]


def encode(job: Job) -> Encoded:
    """Encode each source into a segment of its own."""
    watch, frames = Stopwatch(), 0
    segments = [job.folder / source.name for source in job.sources]
    for source, segment in zip(job.sources, segments, strict=True):
        frames += _encode_segment(source, segment, watch)
    return Encoded(segments, frames, watch.seconds, watch.cpu)


def _encode_segment(source: Path, target: Path, watch: Stopwatch) -> int:
    with av.open(source) as raw, av.open(target, "w") as output:
        model = raw.streams.video[0]
        rate = model.average_rate
        assert rate is not None
        stream = output.add_stream(CODEC, rate=rate, options=dict(CODEC_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = model.width, model.height, PIXEL_FORMAT
        stream.codec_context.time_base = 1 / rate
        count = 0
        for frame in raw.decode(model):
            frame.pts, frame.time_base, frame.pict_type = count, 1 / rate, PictureType.NONE
            count += 1
            with watch:
                output.mux(stream.encode(frame))
        with watch:
            output.mux(stream.encode(None))
    return count


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoder_alone", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--frames", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--fps", type=int, default=60)
    parser.add_argument("--size", type=int, default=6)
    given = parser.parse_args()
    parts = Film(given.size).parts(given.workers)
    jobs = [Job(tuple(given.frames / f"{step}.mp4" for step in steps), given.file.parent) for steps in parts]
    encoded = side_by_side(encode, jobs)
    stretches = [Stretch(path) for part in encoded for path in part.segments]
    join(stretches, given.file, Fraction(given.fps), "Benchmark", [])
    report = json.dumps([asdict(part) for part in encoded], default=str, indent=1)
    given.file.with_suffix(".json").write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
