"""A video segment: frames go in as camera pixels, only what changed is converted, one single-threaded x264 writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Colorspace

from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT
from studio.engine.redraw import Area

ALIGN = 2
PAD = 16  # pixels around a change that its conversion looks at, and more
REACH = 2  # pixels around a change whose chroma it changes, too
APART = 64  # pixels between changes that are cheaper to convert apart than together


class SegmentEncoder:
    """Encodes one segment. Frames are (height, width, 4) RGBA arrays of 8 bits.

    `write` compares a frame with the last one and converts the rectangle that changed; the result is the same to the
    bit as converting the whole frame.
    """

    def __init__(
        self, path: Path, width: int, height: int, rate: Fraction, options: dict[str, str] | None = None
    ) -> None:
        self.container = av.open(str(path), "w", format="mp4")
        self.stream = self.container.add_stream(CODEC, rate=rate, options=dict(options or CODEC_OPTIONS))
        self.stream.width, self.stream.height = width, height
        self.stream.pix_fmt = PIXEL_FORMAT
        self.stream.codec_context.time_base = 1 / rate
        self.width, self.height = width, height
        self.frame = av.VideoFrame(width, height, PIXEL_FORMAT)
        self.planes = [_plane(self.frame, i) for i in range(3)]
        self.last: np.ndarray | None = None
        self.count = 0

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        """Append `pixels`, shown for `repeat` frames; outside `areas` nothing has changed since the last frame."""
        self._take(pixels, areas)
        for _ in range(repeat):
            self.frame.pts = self.count
            self.count += 1
            self.container.mux(self.stream.encode(self.frame))

    def close(self) -> None:
        """Finish the file."""
        self.container.mux(self.stream.encode(None))
        self.container.close()

    def abort(self) -> None:
        """Let go of the file without finishing it."""
        self.container.close()

    def _take(self, pixels: np.ndarray, areas: Sequence[Area] | None) -> None:
        whole = Area(0, 0, self.width, self.height)
        if self.last is None:
            self.last = pixels.copy()
            self._convert(pixels, whole)
            return
        for area in (whole,) if areas is None else areas:
            for change in _changed(self.last, pixels, area):
                self._convert(pixels, change)
                self.last[change.rows, change.columns] = pixels[change.rows, change.columns]

    def _convert(self, pixels: np.ndarray, area: Area) -> None:
        """Convert an area and the chroma it reaches, with enough around to come out as in the whole frame."""
        left, top, right, bottom = area
        x0, x1 = max(0, (left - PAD) // ALIGN * ALIGN), min(self.width, -(-(right + PAD) // ALIGN) * ALIGN)
        y0, y1 = max(0, (top - PAD) // ALIGN * ALIGN), min(self.height, -(-(bottom + PAD) // ALIGN) * ALIGN)
        source = av.VideoFrame(x1 - x0, y1 - y0, "rgba")
        _rgba(source)[:] = pixels[y0:y1, x0:x1]
        converted = source.reformat(format=PIXEL_FORMAT, dst_colorspace=Colorspace.ITU709, threads=1)
        near_x, near_y = (max(0, left - REACH), right + REACH), (max(0, top - REACH), bottom + REACH)
        for index, plane in enumerate(self.planes):
            scale = 1 if index == 0 else 2
            (a, b), (c, d) = ((start // scale, -(-end // scale)) for start, end in (near_x, near_y))
            part = _plane(converted, index)
            plane[c:d, a:b] = part[c - y0 // scale : d - y0 // scale, a - x0 // scale : b - x0 // scale]


def _changed(old: np.ndarray, new: np.ndarray, area: Area) -> Iterator[Area]:
    """Areas that hold all that differs between two frames within `area`, far parts apart."""
    different = old.view(np.uint32)[area.rows, area.columns, 0] != new.view(np.uint32)[area.rows, area.columns, 0]
    for top, bottom in _runs(different.any(axis=1)):
        for left, right in _runs(different[top:bottom].any(axis=0)):
            yield Area(area.left + left, area.top + top, area.left + right, area.top + bottom)


def _runs(marked: np.ndarray) -> Iterator[tuple[int, int]]:
    """Stretches of marked places, those closer than APART taken as one."""
    places = np.flatnonzero(marked)
    if places.size == 0:
        return
    breaks = np.flatnonzero(np.diff(places) > APART)
    starts = places[np.concatenate([[0], breaks + 1])]
    ends = places[np.concatenate([breaks, [places.size - 1]])] + 1
    yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _plane(frame: av.VideoFrame, index: int) -> np.ndarray:
    plane = frame.planes[index]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _rgba(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size // 4, 4)[:, : plane.width]
