"""The seam between two chapters: a short cross-dissolve from the last frame of one to the first frame of the next."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture

SECONDS = 0.5


def seam_frames(fps: int) -> int:
    return max(1, round(SECONDS * fps))


def write_seam(before: Path, after: Path, target: Path, picture: Picture) -> int:
    """Encode the frames between the end of `before` and the beginning of `after`; return their number."""
    first, last = _last_frame(before), _first_frame(after)
    count = seam_frames(picture.fps)
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream(CODEC, rate=picture.rate, options=dict(CODEC_OPTIONS))
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, PIXEL_FORMAT
        for number in range(count):
            share = _ease((number + 1) / (count + 1))
            mixed = np.rint(first + (last - first) * share).astype(np.uint8)  # (height · 3/2, width): Y, U, V planes
            frame = av.VideoFrame.from_ndarray(mixed, format=PIXEL_FORMAT)
            frame.pts, frame.time_base = number, 1 / picture.rate
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    return count


def _ease(share: float) -> float:
    """Slow, fast, slow."""
    return share * share * (3 - 2 * share)


def _first_frame(path: Path) -> np.ndarray:
    with av.open(path) as container:
        return _planes(next(container.decode(video=0)))


def _last_frame(path: Path) -> np.ndarray:
    with av.open(path) as container:
        stream = container.streams.video[0]
        container.seek(stream.duration or 0, stream=stream)
        for frame in container.decode(stream):
            last = frame
    return _planes(last)


def _planes(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray(format=PIXEL_FORMAT).astype(np.float32)
