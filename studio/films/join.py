"""Join: segments become parts of chapters, and parts, a bridge between each two, become films."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenes.storyboard import CLOSING, OPENING, PASSAGES
from studio.engine.quality import Picture
from studio.errors import Failure
from studio.films.draw import PassageJob, segment_in
from studio.films.order import Film
from studio.films.packets import Stretch, frame_order, join
from studio.films.plan import PlannedChapter
from studio.films.spans import Span
from studio.films.titles import Heading


@dataclass(frozen=True)
class Joined:
    """A whole movie in the work folder, and what it shows when: its spans, by what they are."""

    movie: Path
    spans: Mapping[str, Sequence[Span]]


@dataclass(frozen=True)
class Parts:
    """What the movie of a part shows when: its steps, and the passages around and between them."""

    steps: tuple[Span, ...]
    passages: tuple[Span, ...]

    @property
    def first(self) -> int:
        """The frame with which its steps begin."""
        return self.steps[0].start

    @property
    def last(self) -> int:
        """The frame before which they end."""
        return self.steps[-1].end

    def passage(self, name: str) -> list[Span]:
        """The opening or the closing, if it has one."""
        return [span for span in self.passages if span.name == name]


class _Reel:
    """Stretches of movies one after the other, and the passages among them; end: the frame that comes next."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.passages: list[Span] = []
        self.end = 0

    def add(self, stretch: Stretch, frames: int) -> int:
        """Put so many frames at the end; returns the frame with which they begin."""
        self.stretches.append(stretch)
        self.end += frames
        return self.end - frames

    def add_passage(self, name: str, stretch: Stretch, frames: int) -> None:
        start = self.add(stretch, frames)
        self.passages.append(Span(name, "", start, self.end))

    def add_drawn(self, job: PassageJob) -> None:
        """Put a passage at the end that has been drawn for it."""
        segment = segment_in(job.work, job.key)
        self.add_passage(job.name, Stretch(segment), len(frame_order(segment, job.picture.rate)))

    def join(self, movie: Path, picture: Picture, title: str, heading: Heading, marks: Sequence[Span]) -> Path:
        """Write all of it as one movie, with marks that follow one another without gaps."""
        frames = join(self.stretches, movie, picture.rate, title, _contiguous(marks, self.end), heading.tags)
        if frames != self.end:
            raise Failure(f"{movie.stem}: {frames} frames were joined, but its parts have {self.end}.")
        return movie


def join_chapter(chapter: PlannedChapter, jumps: Sequence[PassageJob], picture: Picture, work: Path) -> Joined:
    """The opening of a part, its steps, its closing.

    jumps: what leads over steps that are not wanted, one for each two stretches of neighbours; they are drawn.
    """
    part, reel, steps = chapter.part, _Reel(), list[Span]()
    leads = dict(zip((stretch.steps[-1] for stretch in part.stretches), jumps, strict=False))
    for span in chapter.spans:
        segment = Stretch(segment_in(work, span.key))
        if span.name in PASSAGES:
            reel.add_passage(span.name, segment, span.frames)
        else:
            steps.append(span.moved(reel.add(segment, span.frames) - span.start))
        if span.name in leads:
            reel.add_drawn(leads[span.name])
    movie = reel.join(work / part.path.name, picture, part.title, part.heading, steps)
    return Joined(movie, {"steps": steps, "passages": reel.passages})


def join_film(
    film: Film,
    shown: Mapping[Path, Parts],
    cards: Sequence[PassageJob],
    bridges: Sequence[PassageJob],
    picture: Picture,
    work: Path,
) -> Joined:
    """The card of a film that has one, the opening of its first part, the steps of all, a bridge between each two, and
    the closing of the last.

    The parts are published already; shown: what each has, by its path; bridges: one fewer than parts.
    """
    first, last, reel, chapters = film.parts[0].path, film.parts[-1].path, _Reel(), list[Span]()
    for card in cards:
        reel.add_drawn(card)
    for opening in shown[first].passage(OPENING):
        reel.add_passage(OPENING, Stretch(first, opening.start, opening.end), opening.frames)
    for part, bridge in zip(film.parts, [*bridges, None], strict=True):
        there = shown[part.path]
        start = reel.add(Stretch(part.path, there.first, there.last), there.last - there.first)
        steps = tuple(step.moved(start - there.first) for step in there.steps)
        chapters.append(Span(part.chapter, part.title, start, reel.end, steps))
        if bridge is not None:
            reel.add_drawn(bridge)
    for closing in shown[last].passage(CLOSING):
        reel.add_passage(CLOSING, Stretch(last, closing.start, closing.end), closing.frames)
    movie = reel.join(work / film.path.name, picture, film.heading.name, film.heading, chapters)
    return Joined(movie, {"chapters": chapters, "passages": reel.passages})


def _contiguous(spans: Sequence[Span], frames: int) -> list[Span]:
    """Marks without gaps: the first from the beginning, each until the next begins."""
    starts = [0, *(span.start for span in spans[1:])]
    ends = [*starts[1:], frames]
    return [Span(one.name, one.title, start, end) for one, start, end in zip(spans, starts, ends, strict=True)]
