"""Join: segments become chapters, and chapters, a bridge between each two, become films."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenes.storyboard import CLOSING, OPENING
from studio.engine.quality import Picture
from studio.errors import Failure
from studio.films.draw import segment_in
from studio.films.order import Clip
from studio.films.packets import Stretch, frame_order, join
from studio.films.plan import PlannedChapter
from studio.films.spans import Span


@dataclass(frozen=True)
class Joined:
    """A whole movie in the work folder, and what it shows when: its spans, by what they are."""

    movie: Path
    spans: Mapping[str, Sequence[Span]]


@dataclass(frozen=True)
class Parts:
    """What the movie of a chapter shows when: its steps, and the passages around them."""

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


@dataclass(frozen=True)
class Bridge:
    """What leads from one chapter of a film to the next: its name, and the segment in which it is drawn."""

    name: str
    segment: Path


def join_chapter(chapter: PlannedChapter, picture: Picture, work: Path) -> Joined:
    """The opening of a chapter, its steps, its closing."""
    movie = work / f"{chapter.clip.chapter}.mp4"
    segments = [Stretch(segment_in(work, part.key)) for part in chapter.parts]
    frames = join(segments, movie, picture.rate, chapter.clip.title, _contiguous(chapter.steps, chapter.frames))
    if frames != chapter.frames:
        raise Failure(f"{chapter.clip.chapter}: {frames} frames were written, but its parts have {chapter.frames}.")
    return Joined(movie, {"steps": chapter.steps, "passages": chapter.passages})


def join_film(
    name: str,
    title: str,
    clips: Sequence[Clip],
    shown: Mapping[str, Parts],
    bridges: Sequence[Bridge],
    picture: Picture,
    work: Path,
) -> Joined:
    """The opening of the first chapter, the steps of all, a bridge between each two, and the closing of the last.

    The chapters are published already; shown: what each has; bridges: one fewer than chapters.
    """
    first, last = shown[clips[0].chapter], shown[clips[-1].chapter]
    passages, end = first.passage(OPENING), first.first
    stretches, chapters = [Stretch(clips[0].path, 0, end)] if end else [], []
    for clip, bridge in zip(clips, [*bridges, None], strict=True):
        parts = shown[clip.chapter]
        steps = tuple(step.moved(end - parts.first) for step in parts.steps)
        chapters.append(Span(clip.chapter, clip.title, end, steps[-1].end, steps))
        stretches.append(Stretch(clip.path, parts.first, parts.last))
        end = steps[-1].end
        if bridge is not None:
            stretches.append(Stretch(bridge.segment))
            passages.append(Span(bridge.name, "", end, end + len(frame_order(bridge.segment, picture.rate))))
            end = passages[-1].end
    for closing in last.passage(CLOSING):
        stretches.append(Stretch(clips[-1].path, closing.start, closing.end))
        passages.append(closing.moved(end - closing.start))
        end = passages[-1].end
    movie = work / f"{name}.mp4"
    joined = join(stretches, movie, picture.rate, title, _contiguous(chapters, end))
    if joined != end:
        raise Failure(f"{name}: {joined} frames were joined, but its chapters and passages have {end}.")
    return Joined(movie, {"chapters": chapters, "passages": passages})


def _contiguous(spans: Sequence[Span], frames: int) -> list[Span]:
    """Marks without gaps: the first from the beginning, each until the next begins."""
    starts = [0, *(span.start for span in spans[1:])]
    ends = [*starts[1:], frames]
    return [Span(one.name, one.title, start, end) for one, start, end in zip(spans, starts, ends, strict=True)]
