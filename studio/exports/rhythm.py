"""Figures of the rhythm of a film or a chapter: how much moves, what stands still, what is said over what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.examples.languages import language_of
from scenes.stage.chapter.pacing import READ_BEFORE_NUMBERS
from scenes.stage.chapter.reading_speed import is_ideograph
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import FILMS, PASSAGES
from studio.engine.rhythm import SMALL, Section, TakeJob

MUCH = 0.01  # of the picture
MOST_STILL = 3.0  # seconds
LEAST_STAND = 1.0  # seconds of a result
LEAST_BURST, FEW = 0.6, 4  # seconds of motion at a time, the median of so many or more
PAUSE = 0.2  # seconds: a shorter one does not end a burst
LONGEST = {True: 65, False: 20}  # letters of a caption where spaces part words, ideographs where they don't
FRAME = 1 / SMALL.fps


@dataclass(frozen=True)
class Place:
    """Something that breaks the rhythm: where, in seconds of the step, and what."""

    chapter: str
    step: str
    second: float
    what: str

    def __str__(self) -> str:
        return f"{self.chapter}.{self.step} +{self.second:.1f} s: {self.what}"


@dataclass(frozen=True)
class Rhythm:
    """The figures of some sections in a row.

    moving, moving_much: share of frames in which anything, or more than 1% of the picture, differs from the frame
    before; still: stretches without motion of more than 3 s; burst: seconds of motion between pauses, the median;
    letters: median and most of a caption; speed: of these a second, while it stands, the median; reading, motion:
    seconds in all; long: captions of too many letters; early: numbers that move before one has read; brief: results
    that stand less than a second; staccato: steps of short bursts.
    """

    name: str
    seconds: float
    moving: float
    moving_much: float
    still: tuple[Place, ...]
    burst: float
    bursts_a_minute: float
    captions: int
    letters: tuple[float, int]
    speed: float
    reading: float
    motion: float
    long: tuple[Place, ...]
    early: tuple[Place, ...]
    brief: tuple[Place, ...]
    staccato: tuple[Place, ...]

    @property
    def faults(self) -> dict[str, tuple[Place, ...]]:
        """All that breaks the rhythm, by its kind."""
        kinds = ("still", "long", "early", "brief", "staccato")
        return {kind: getattr(self, kind) for kind in kinds}


def take_jobs(
    chapters: Sequence[str], settings: Callable[[str], Settings], *, film: bool, drawn: bool = True
) -> list[TakeJob]:
    """Who finds the sections of chapters; of a film with the bridges between them."""
    following = [*chapters[1:], None] if film else [None] * len(chapters)
    return [
        TakeJob(chapter, settings(chapter), (after, settings(after)) if after else None, not film or not place, drawn)
        for place, (chapter, after) in enumerate(zip(chapters, following, strict=True))
    ]


def chapters_of(name: str) -> tuple[tuple[str, ...], bool]:
    """The chapters of a film, or a chapter alone; and whether it is a film."""
    return (FILMS[name], True) if name in FILMS else ((name,), False)


def rhythm(name: str, sections: Sequence[Section], language: str) -> Rhythm:
    """The figures of sections in a row."""
    some = np.concatenate([section.any for section in sections])  # (frames,)
    seen = np.concatenate([section.seen for section in sections])  # (frames,)
    seconds = len(some) * FRAME
    bursts = [end - start for start, end in _bursts(seen > 0)]
    captions = [caption for section in sections for caption in section.captions]
    counts = [letters(caption.text, language) for caption in captions] or [0]
    speeds = [count / (c.end - c.start) for count, c in zip(counts, captions, strict=False)] or [0.0]
    return Rhythm(
        name,
        seconds,
        float((some > 0).mean()),
        float((seen > MUCH).mean()),
        tuple(_still(sections, some > 0)),
        float(np.median(bursts or [0])) * FRAME,
        60 * len(bursts) / seconds,
        len(captions),
        (float(np.median(counts)), max(counts)),
        float(np.median(speeds)),
        sum(caption.reading for caption in captions),
        float((some > 0).sum()) * FRAME,
        tuple(_long(sections, language)),
        tuple(place for section in sections for place in _early(section)),
        tuple(place for section in sections for place in _brief(section)),
        tuple(place for section in sections for place in _staccato(section)),
    )


def letters(text: str, language: str) -> int:
    """The length of a caption: letters and spaces; where no spaces part words, ideographs alone."""
    return len(text) if language_of(language).spaces else sum(map(is_ideograph, text))


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Where a mask is true, from … to before …"""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _bursts(moving: np.ndarray) -> list[tuple[int, int]]:
    """Runs of motion, over pauses that are too short to be felt."""
    bursts: list[tuple[int, int]] = []
    for start, end in runs(moving):
        if bursts and start - bursts[-1][1] < PAUSE / FRAME:
            start = bursts.pop()[0]
        bursts.append((start, end))
    return bursts


def _still(sections: Sequence[Section], moving: np.ndarray) -> Iterator[Place]:
    starts = np.cumsum([0, *(len(section.any) for section in sections)])
    for start, end in runs(~moving):
        if (end - start) * FRAME > MOST_STILL + FRAME / 2:
            index = int(np.searchsorted(starts, start, side="right")) - 1
            section, second = sections[index], (start - starts[index]) * FRAME
            yield Place(section.chapter, section.name, float(second), f"still for {(end - start) * FRAME:.1f} s")


def _long(sections: Iterable[Section], language: str) -> Iterator[Place]:
    most = LONGEST[language_of(language).spaces]
    for section in sections:
        for caption in section.captions:
            if (count := letters(caption.text, language)) > most:
                yield Place(section.chapter, section.name, caption.start, f"{count} letters: {caption.text}")


def _early(section: Section) -> Iterator[Place]:
    """Numbers that begin to move before most of the caption has been read."""
    for caption in section.captions:
        free = caption.start + READ_BEFORE_NUMBERS * caption.reading
        for start, _ in section.numbers:
            if caption.start < start < free - 0.05 - FRAME:
                yield Place(section.chapter, section.name, start, f"{free - start:.1f} s too soon: {caption.text}")


def _brief(section: Section) -> Iterator[Place]:
    """Results after which something is said, or the step ends, too soon."""
    if section.name in PASSAGES:
        return
    for number, (_, end) in enumerate(section.numbers):
        following = [start for start, _ in section.numbers[number + 1 :]]
        ends = [caption.start for caption in section.captions if caption.start > end - FRAME] + [section.seconds]
        until = min(ends)
        if until - end < LEAST_STAND - 0.05 - FRAME and not any(start < until for start in following):
            yield Place(section.chapter, section.name, end, f"stands for {until - end:.1f} s")


def _staccato(section: Section) -> Iterator[Place]:
    """A step whose motion comes in short bursts."""
    bursts = [(end - start) * FRAME for start, end in _bursts(section.seen > 0)]
    if section.name not in PASSAGES and len(bursts) >= FEW and (median := float(np.median(bursts))) < LEAST_BURST:
        yield Place(section.chapter, section.name, 0.0, f"{len(bursts)} bursts, the median of {median:.2f} s")
