"""How much of the picture an encoding keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

EVERY = 10


def psnr_y(movie: Path, raw: Path) -> float:
    """Peak signal-to-noise ratio of the luma against the raw frames, in decibels, over every tenth frame.

    Raises ValueError if the two have not the same number of frames.
    """
    pairs = zip(_frames(movie), _frames(raw), strict=True)
    errors = [_error(_luma(shown), _luma(meant)) for number, (shown, meant) in enumerate(pairs) if number % EVERY == 0]
    mean = float(np.mean(errors))
    return 10 * float(np.log10(255**2 / mean)) if mean else float("inf")


def _frames(movie: Path) -> Iterator[av.VideoFrame]:
    with av.open(movie) as container:
        container.streams.video[0].thread_type = "AUTO"
        yield from container.decode(video=0)


def _luma(frame: av.VideoFrame) -> np.ndarray:
    """The brightness of every pixel.  # (height, width)"""
    return frame.to_ndarray(format="yuv420p")[: frame.height]


def _error(shown: np.ndarray, meant: np.ndarray) -> float:
    return float(np.mean((shown.astype(np.float32) - meant) ** 2))


def frame_count(movie: Path) -> int:
    with av.open(movie) as container:
        return sum(1 for packet in container.demux(video=0) if packet.dts is not None)
