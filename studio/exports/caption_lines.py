"""A caption cut into cues of at most two lines, where a reader would pause."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise

from core.examples.languages import Language, language_of
from scenes.stage.chapter.reading_speed import least_seconds

MOST_LINES = 2
SENTENCE, CLAUSE, PHRASE, WORD, FORMULA, INSIDE = range(6)  # what a line ends with: the later, the worse
_END_OF_LINE = (0.0, 2.0, 5.0, 9.0, 14.0, 60.0)
_END_OF_CUE = (0.0, 10.0, 24.0, 36.0, 50.0, 150.0)
_CUE, _LINE, _UNEVEN, _FLASH, _OVERFULL = 30.0, 5.0, 6.3, 40.0, 1000.0
_SHORTEST_CUE = 1.0  # seconds that a cue needs, below which it flashes by
_STOPS, _PAUSES = ".!?。！？", ",;:，；：、—…→"
_CLOSING, _OPENING = "’”)）》」]", "‘“(（《「["
_CLINGING = _CLOSING + _STOPS + _PAUSES
_WIDE_STOPS, _WIDE_CLOSING, _WIDE_OPENING = "。！？，；：、—", "”’）》」", "“‘（《「"
_OPERATORS = frozenset("=≈+−×·/÷<>≤≥")


@dataclass(frozen=True)
class Break:
    """A place where a line may end, at `end`, and the next begin, at `start`; kind: what the line ends with."""

    end: int
    start: int
    kind: int


Lines = tuple[str, ...]


@cache
def laid_out(text: str, language: str) -> tuple[Lines, ...]:
    """A caption as the lines of its cues. Words are not cut; one that is longer than a line stands alone on it."""
    text, written = " ".join(text.split()), language_of(language)
    places = list(_breaks(text, written))
    if not written.spaces and not _fits(text, places, written):
        places = list(_breaks(text, written, inside=True))
    return _cheapest(text, [Break(0, 0, SENTENCE), *places, Break(len(text), len(text), SENTENCE)], written)


def line_width(line: str, language: str) -> float:
    """The length of a line: in letters, an ideograph being two; where no spaces part words in ideographs, a letter
    being half of one.
    """
    return _width(line, language_of(language))


def _width(line: str, language: Language) -> float:
    if language.spaces:
        return float(sum(2 if _is_wide(char) else 1 for char in line))
    return sum(1.0 if ord(char) > 127 else 0.5 for char in line)


def _fits(text: str, places: Sequence[Break], language: Language) -> bool:
    """Whether no stretch between two places is longer than a line."""
    starts, ends = [0, *(place.start for place in places)], [*(place.end for place in places), len(text)]
    return all(_width(text[a:b], language) <= language.longest_line for a, b in zip(starts, ends, strict=True))


class _Lengths:
    """How wide the parts of a text are, and how long they take to read."""

    def __init__(self, text: str, language: Language) -> None:
        self.limit = language.longest_line
        self._widths = [0.0, *accumulate(_width(char, language) for char in text)]
        self._seconds = [0.0, *accumulate(least_seconds(char, language.code) for char in text)]

    def width(self, start: Break, end: Break) -> float:
        return self._widths[end.end] - self._widths[start.start]

    def seconds(self, start: Break, end: Break) -> float:
        return self._seconds[end.end] - self._seconds[start.start]


def _cheapest(text: str, places: Sequence[Break], language: Language) -> tuple[Lines, ...]:
    """The way to cut a text at some of the places that costs least."""
    lengths = _Lengths(text, language)
    costs: list[float] = [0.0]
    ways: list[tuple[tuple[Break, ...], ...]] = [()]
    for end in range(1, len(places)):
        options = (
            (costs[start] + cost, (*ways[start], cue))
            for start in range(end)
            for cue, cost in _cues(lengths, places[start : end + 1])
        )
        cost, way = min(options, key=lambda option: option[0])
        costs.append(cost)
        ways.append(way)
    return tuple(tuple(text[a.start : b.end] for a, b in pairwise(cue)) for cue in ways[-1])


def _cues(lengths: _Lengths, places: Sequence[Break]) -> Iterator[tuple[tuple[Break, ...], float]]:
    """The ways to show what stands between the first and the last place as one cue, and what each costs."""
    first, *between, last = places
    whole, limit = lengths.width(first, last), lengths.limit
    if between and whole > MOST_LINES * limit + 1:
        return
    cost = _CUE + _END_OF_CUE[last.kind] + (_FLASH if lengths.seconds(first, last) < _SHORTEST_CUE else 0)
    if not between or whole <= limit:
        yield (first, last), cost + _overfull(whole, limit)
    for place in between:
        upper, lower = lengths.width(first, place), lengths.width(place, last)
        line = _LINE + _END_OF_LINE[place.kind] + _UNEVEN * abs(upper - lower) / limit
        yield (first, place, last), cost + line + _overfull(upper, limit) + _overfull(lower, limit)


def _overfull(width: float, limit: float) -> float:
    return _OVERFULL * (width - limit) if width > limit else 0.0


def _breaks(text: str, language: Language, *, inside: bool = False) -> Iterator[Break]:
    """The places where a line may end; with `inside` also between any two ideographs."""
    for place in range(1, len(text)):
        before, after = text[place - 1], text[place]
        if after == " ":
            yield Break(place, place + 1, _kind(text[:place], text[place + 1 :], language))
        elif not language.spaces and before != " ":
            kind = _kind_without_space(text[:place], after, language)
            if kind < INSIDE or (inside and _is_wide(before) and _is_wide(after) and after not in _CLINGING):
                yield Break(place, place, kind)


def _kind(before: str, after: str, language: Language) -> int:
    """What a line ends with that is broken at a space."""
    ending = _ending(before)
    if ending < WORD:
        return ending
    if before[-1] in _OPERATORS or after[0] in _OPERATORS or before.count("(") > before.count(")"):
        return FORMULA
    return PHRASE if not language.spaces or after.split(" ", 1)[0].lower() in language.begins_a_line else WORD


def _kind_without_space(before: str, after: str, language: Language) -> int:
    """What a line ends with that is broken where there is no space; INSIDE: perhaps in the midst of a word."""
    if after in _CLINGING or before[-1] in _OPENING:
        return INSIDE
    if before[-1] in _WIDE_STOPS or before[-1] in _WIDE_CLOSING:
        return min(_ending(before), PHRASE)
    after_particle = _is_wide(after) and before.endswith(tuple(language.ends_a_line))
    return PHRASE if after in _WIDE_OPENING or after_particle else INSIDE


def _ending(before: str) -> int:
    char = before.rstrip(_CLOSING)[-1:]
    return SENTENCE if char in _STOPS else CLAUSE if char in _PAUSES else WORD


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
