"""Captions as files, SubRip and WebVTT: at most two lines a cue, none overlapping, nothing left out.

A caption that is too long for one cue becomes several, which share its time by how long each takes to read. How fast
captions may be is held by the film itself (`scenes/stage/chapter/reading_speed.py`); one that is faster than is usual
stands on into the pause behind it, if there is one.
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

USUAL = 17 / 20  # of the fastest that a language allows: 17 letters a second in English


@dataclass(frozen=True)
class Subtitle:
    """What is shown from `start` to before `end`, in seconds: one or two lines."""

    start: float
    end: float
    lines: tuple[str, ...]


def subtitles(cues: Iterable[Cue], language: str, fps: float) -> Iterator[Subtitle]:
    """The subtitles of captions, in order."""
    in_order = list(cues)
    nexts = [*(cue.start for cue in in_order[1:]), in_order[-1].end] if in_order else []
    for cue, following in zip(in_order, nexts, strict=True):
        groups = laid_out(cue.text, language)
        shares = [least_seconds("".join(lines), language) for lines in groups]
        first, own, most = cue.start / fps, (cue.end - cue.start) / fps, (following - cue.start) / fps
        seconds = max(own, min(sum(shares) / USUAL, most))
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
