"""The list of chapters as YouTube reads it from a description: from 0:00 on, each ten seconds long or longer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST = 10  # seconds
MOST_CHARACTERS = 100


@dataclass(frozen=True)
class Mark:
    """Where something begins, in seconds, and its title."""

    start: float
    title: str


def youtube_chapters(marks: Sequence[Mark], end: float) -> str:
    """A line each; what is too short is told together with what comes before it."""
    lines: list[tuple[int, list[str]]] = []
    for mark in marks:
        second = math.ceil(mark.start) if lines else 0
        if lines and (second - lines[-1][0] < SHORTEST or end - second < SHORTEST):
            lines[-1][1].append(mark.title)
        else:
            lines.append((second, [mark.title]))
    return "".join(f"{_clock(second)} {_joined(titles)}\n" for second, titles in lines)


def _clock(second: int) -> str:
    hours, minutes = second // 3600, second // 60 % 60
    return f"{hours}:{minutes:02}:{second % 60:02}" if hours else f"{minutes}:{second % 60:02}"


def _joined(titles: Sequence[str]) -> str:
    """As many of the titles as a line has room for."""
    line = titles[0]
    for title in titles[1:]:
        if len(line) + len(title) + 3 <= MOST_CHARACTERS:
            line += f" · {title}"
    return line
