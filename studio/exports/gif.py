"""Short moving pictures that play by themselves wherever a picture can stand: GIF, and animated WebP."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.engine.quality import Picture
from studio.engine.redraw import Area

WIDEST = (960, 540)
RATES = (20, 10, 5, 4, 2, 1)  # frames a second that are whole hundredths of a second apart, as GIF has them
HOLD = 2.0  # seconds that the last picture stands before it begins anew
COLOURS = 256
SAMPLES = 12
_WEBP: dict[str, Any] = {"lossless": True, "quality": 30, "method": 2}


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

    def save(self, path: Path) -> None:
        """Write them, as what the file's ending says."""
        if path.suffix == ".gif":
            self._save(path, self._in_few_colours())
        else:
            self._save(path, map(self._image, self.frames), **_WEBP)

    def _save(self, path: Path, images: Iterator[Image.Image], **options: Any) -> None:
        durations = [round(1000 * kept.repeat / self.picture.fps) for kept in self.frames]
        durations[-1] += round(1000 * HOLD)
        first = next(images)
        first.save(path, save_all=True, append_images=images, duration=durations, loop=0, **options)

    def _in_few_colours(self) -> Iterator[Image.Image]:
        """The frames in the colours that suit all of them; nothing here is shaded, so nothing is dithered."""
        places = np.linspace(0, len(self.frames) - 1, min(SAMPLES, len(self.frames))).astype(int)
        samples = [np.asarray(self._image(self.frames[place])) for place in places]
        palette = Image.fromarray(np.concatenate(samples)).quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
        for kept in self.frames:
            yield self._image(kept).quantize(palette=palette, dither=Image.Dither.NONE)

    def _image(self, kept: _Kept) -> Image.Image:
        size = (self.picture.width, self.picture.height)
        return Image.frombytes("RGB", size, zlib.decompress(kept.packed))
