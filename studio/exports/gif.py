"""Short moving pictures that play by themselves wherever a picture can stand: GIF, and animated WebP."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

from studio.engine.quality import Picture
from studio.engine.redraw import Area

WIDEST = (960, 540)
RATES = (20, 10, 5, 4, 2, 1)  # frames a second that are whole hundredths of a second apart, as GIF has them
HOLD = 2.0  # seconds that the last picture stands before it begins anew
TICKS = 100  # a second, in GIF
COLOURS = 256
SAMPLES = 12
SPARSE = 2  # of so many rows and columns one is looked at for the colours that suit all
FOR_EVER = 0


def small_picture(picture: Picture) -> Picture:
    """The size and frame rate for pictures that move: no larger than a slide shows, no faster than GIF can."""
    width, height = min((picture.width, picture.height), WIDEST)
    return Picture(width, height, next(rate for rate in RATES if rate <= picture.fps))


@dataclass(frozen=True)
class _Kept:
    packed: bytes
    repeat: int


class Animation:
    """Keeps the frames that it is given, packed, and writes them to files when all are there."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.frames: list[_Kept] = []

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        """Append a frame, shown for `repeat` frames."""
        packed = zlib.compress(np.ascontiguousarray(pixels[..., :3]).tobytes(), 1)
        if self.frames and self.frames[-1].packed == packed:
            self.frames[-1] = _Kept(packed, self.frames[-1].repeat + repeat)
        else:
            self.frames.append(_Kept(packed, repeat))

    def save(self, path: Path, loop: int = 1) -> None:
        """Write them, as what the file's ending says, to be played `loop` times; 0: for ever."""
        if path.suffix == ".gif":
            self._save_gif(path, loop)
        else:
            self._save_webp(path, loop)

    def _save_webp(self, path: Path, loop: int) -> None:
        """Only changes are kept: a key frame in between costs three times the work and twice the room."""
        first, *others = map(self._image, self.frames)
        durations = [round(1000 * seconds) for seconds in self._seconds()]
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=durations,
            loop=loop,
            lossless=True,
            quality=30,
            method=2,
            kmin=0,
            kmax=0,
        )

    def _save_gif(self, path: Path, loop: int) -> None:
        """GIF counts how often a picture is played again, and one that says nothing of it is played once."""
        ticks = [round(TICKS * seconds) for seconds in self._seconds()]
        again = {FOR_EVER: 0, 1: -1}.get(loop, loop - 1)
        with av.open(str(path), "w", options={"loop": str(again), "final_delay": str(ticks[-1])}) as container:
            stream = container.add_stream("gif", rate=self.picture.rate)
            stream.width, stream.height, stream.pix_fmt = self.picture.width, self.picture.height, "pal8"
            stream.codec_context.time_base = Fraction(1, TICKS)
            start = 0
            for frame, length in zip(self._in_few_colours(), ticks, strict=True):
                frame.pts, frame.time_base = start, Fraction(1, TICKS)
                start += length
                container.mux(stream.encode(frame))
            container.mux(stream.encode())

    def _seconds(self) -> list[float]:
        """How long each frame is shown."""
        seconds = [kept.repeat / self.picture.fps for kept in self.frames]
        return [*seconds[:-1], seconds[-1] + HOLD]

    def _in_few_colours(self) -> Iterator[av.VideoFrame]:
        """The frames in the colours that suit all of them; nothing here is shaded, so nothing is dithered."""
        palette = self._palette()
        colours = np.full((COLOURS, 4), 255, np.uint8)  # alpha, red, green, blue
        found = np.array(palette.getpalette("RGB"), np.uint8).reshape(-1, 3)[:COLOURS]
        colours[: len(found), 1:] = found
        for kept in self.frames:
            places = np.asarray(self._image(kept).quantize(palette=palette, dither=Image.Dither.NONE))
            yield av.VideoFrame.from_ndarray((places, colours), format="pal8")  # type: ignore[arg-type]

    def _palette(self) -> Image.Image:
        places = np.linspace(0, len(self.frames) - 1, min(SAMPLES, len(self.frames))).astype(int)
        samples = [np.asarray(self._image(self.frames[place]))[::SPARSE, ::SPARSE] for place in places]
        return Image.fromarray(np.concatenate(samples)).quantize(COLOURS, method=Image.Quantize.FASTOCTREE)

    def _image(self, kept: _Kept) -> Image.Image:
        size = (self.picture.width, self.picture.height)
        return Image.frombytes("RGB", size, zlib.decompress(kept.packed))
