"""Sizes and frame rates, and how frames are encoded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from studio.errors import BadInput, unknown

CODEC: Final = "libx264"
COLOURS = "colorprim=bt709:transfer=bt709:colormatrix=bt709"  # as players take films of this size, told or not
CODEC_OPTIONS = {"preset": "superfast", "crf": "23", "threads": "1", "x264-params": f"scenecut=0:b-adapt=0:{COLOURS}"}
PIXEL_FORMAT = "yuv420p"
HIGHEST_FPS = 120


@dataclass(frozen=True)
class Picture:
    """Width and height in pixels, frames per second."""

    width: int
    height: int
    fps: int

    @property
    def rate(self) -> Fraction:
        return Fraction(self.fps)


QUALITIES = {
    "preview": Picture(854, 480, 15),
    "low": Picture(854, 480, 30),
    "medium": Picture(1280, 720, 30),
    "high": Picture(1920, 1080, 30),
    "4k": Picture(3840, 2160, 60),
}


def picture_of(quality: str, fps: int | None = None) -> Picture:
    """The picture of a named quality, at another frame rate if one is given."""
    if quality not in QUALITIES:
        raise unknown("--quality", quality, QUALITIES)
    picture = QUALITIES[quality]
    if fps is None:
        return picture
    if not 1 <= fps <= HIGHEST_FPS:
        raise BadInput(f"--fps: found {fps}; allowed: a whole number from 1 to {HIGHEST_FPS}")
    return Picture(picture.width, picture.height, fps)
