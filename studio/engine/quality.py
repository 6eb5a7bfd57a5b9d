"""Sizes and frame rates, and how frames are encoded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from studio.errors import BadInput, typed, unknown

CODEC: Final = "libx264"
COLOURS = "colorprim=bt709:transfer=bt709:colormatrix=bt709"  # as players take films of this size, told or not
CODEC_OPTIONS = {"preset": "superfast", "crf": "23", "threads": "1", "x264-params": f"scenecut=0:b-adapt=0:{COLOURS}"}
PIXEL_FORMAT = "yuv420p"
HIGHEST_FPS = 120
LARGEST_DENOMINATOR = 1001
_RATE = re.compile(r"[0-9]{1,9}([.][0-9]{1,9}|/0*[1-9][0-9]{0,9})?")
BROADCAST = [Fraction(whole * 1000, 1001) for whole in (24, 30, 48, 60, 120)]
SAME = Fraction(1, 200)  # what is written as 29.97 or 23.98 is nearer than this to the rate that is meant


@dataclass(frozen=True)
class Picture:
    """Width and height in pixels, frames per second: a whole number where it is one."""

    width: int
    height: int
    fps: float

    @property
    def rate(self) -> Fraction:
        """Frames per second, exactly: 30000/1001 for 29.97002997…"""
        return Fraction(self.fps).limit_denominator(LARGEST_DENOMINATOR)

    def in_frame(self, frame: str) -> Picture:
        """The picture of another frame than 16:9, as wide or as high as this is high: in it, type is as large."""
        wide, high = map(int, frame.split(":"))
        if (wide, high) == (16, 9):
            return self
        if (wide, high) == (9, 16):
            return Picture(self.height, self.width, self.fps)
        return Picture(2 * round(self.height * wide / high / 2), self.height, self.fps)


QUALITIES = {
    "preview": Picture(854, 480, 15),
    "low": Picture(854, 480, 30),
    "medium": Picture(1280, 720, 30),
    "high": Picture(1920, 1080, 30),
    "4k": Picture(3840, 2160, 60),
}


def picture_of(quality: str, fps: str | None = None) -> Picture:
    """The picture of a named quality, at another frame rate if one is given: `25`, `12.5`, `29.97`, `30000/1001`."""
    if quality not in QUALITIES:
        raise unknown("--quality", quality, QUALITIES)
    picture = QUALITIES[quality]
    if fps is None:
        return picture
    rate = rate_of(fps)
    return Picture(picture.width, picture.height, rate.numerator if rate.denominator == 1 else float(rate))


def rate_of(text: str) -> Fraction:
    """Frames per second as they are typed; 29.97, 23.976 and their kin are the rates of television."""
    rate = Fraction(text) if _RATE.fullmatch(text) else None
    if rate is not None and "/" not in text:
        rate = next((near for near in BROADCAST if rate.denominator > 1 and abs(rate - near) < SAME), rate)
    if rate is None or not 1 <= rate <= HIGHEST_FPS or rate.denominator > LARGEST_DENOMINATOR:
        allowed = f"a number from 1 to {HIGHEST_FPS}, such as 25, 12.5, 29.97 or 30000/1001"
        raise BadInput(f"--fps: found {typed(text)}; allowed: {allowed}")
    return rate
