"""Captions as files, SubRip and WebVTT: at most two lines a cue, none overlapping, nothing left out.

A caption that is too long for one cue becomes several, which share its time by how long each takes to read. How fast
captions may be is held by the film itself (`scenes/stage/chapter/reading_speed.py`).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import srt

from scenes.stage.chapter.reading_speed import least_seconds
from studio.engine.cue import Cue
from studio.exports.caption_lines import laid_out
from studio.exports.escape import readable, subrip


@dataclass(frozen=True)
class Subtitle:
    """What is shown from `start` to before `end`, in seconds: one or two lines."""

    start: float
    end: float
    lines: tuple[str, ...]


def subtitles(cues: Iterable[Cue], language: str, fps: float) -> Iterator[Subtitle]:
    """The subtitles of captions, in order."""
    for cue in cues:
        groups = laid_out(cue.text, language)
        shares = [least_seconds("".join(lines), language) for lines in groups]
        first, seconds = cue.start / fps, (cue.end - cue.start) / fps
        for number, lines in enumerate(groups):
            start, end = (first + seconds * sum(shares[:count]) / sum(shares) for count in (number, number + 1))
            yield Subtitle(start, end, lines)


def as_srt(shown: Iterable[Subtitle]) -> str:
    """SubRip."""
    return str(
        srt.compose(
            srt.Subtitle(
                number, timedelta(seconds=one.start), timedelta(seconds=one.end), "\n".join(map(subrip, one.lines))
            )
            for number, one in enumerate(shown, start=1)
        )
    )


def as_vtt(shown: Iterable[Subtitle]) -> str:
    """WebVTT."""
    return "\n".join(["WEBVTT\n", *(_vtt_cue(one) for one in shown)])


def _vtt_cue(one: Subtitle) -> str:
    start, end = (srt.timedelta_to_srt_timestamp(timedelta(seconds=time)) for time in (one.start, one.end))
    return f"{start} --> {end}".replace(",", ".") + f"\n{html.escape(readable(chr(10).join(one.lines)), quote=False)}\n"
