"""Join: segments become chapters, and chapters, a seam between each two, become films."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.engine.quality import Picture
from studio.errors import Failure
from studio.films.crossfade import write_seam
from studio.films.order import Clip
from studio.films.packets import join
from studio.films.plan import PlannedChapter
from studio.films.spans import Span
from studio.films.store import SegmentStore


@dataclass(frozen=True)
class Joined:
    """A whole movie in the work folder, and what it shows when: its spans, by what they are."""

    movie: Path
    spans: Mapping[str, Sequence[Span]]


def join_chapter(chapter: PlannedChapter, picture: Picture, store: SegmentStore, work: Path) -> Joined:
    """The steps of a chapter."""
    movie = work / f"{chapter.clip.chapter}.mp4"
    segments = [store.path(step.key) for step in chapter.steps]
    frames = join(segments, movie, picture.rate, chapter.clip.title, chapter.spans)
    if frames != chapter.frames:
        raise Failure(f"{chapter.clip.chapter}: {frames} frames were written, but its steps have {chapter.frames}.")
    return Joined(movie, {"steps": chapter.spans})


def join_film(
    name: str, title: str, clips: Sequence[Clip], steps: Mapping[str, Sequence[Span]], picture: Picture, work: Path
) -> Joined:
    """The chapters of a film, which are published already; steps: of each."""
    segments: list[Path] = []
    chapters: list[Span] = []
    seams: list[Span] = []
    end = 0
    for before, clip in zip([None, *clips], clips, strict=False):
        if before is not None:
            seam = work / f"seam-{clip.chapter}.mp4"
            frames = write_seam(before.path, clip.path, seam, picture)
            seams.append(Span(f"{before.chapter}-{clip.chapter}", "", end, end + frames))
            segments.append(seam)
            end += frames
        parts = tuple(steps[clip.chapter])
        chapters.append(Span(clip.chapter, clip.title, 0, parts[-1].end, parts).moved(end))
        segments.append(clip.path)
        end = chapters[-1].end
    movie = work / f"{name}.mp4"
    joined = join(segments, movie, picture.rate, title, _contiguous(chapters))
    if joined != end:
        raise Failure(f"{name}: {joined} frames were joined, but chapters and seams have {end}.")
    return Joined(movie, {"chapters": chapters, "seams": seams})


def _contiguous(chapters: Sequence[Span]) -> list[Span]:
    """Chapter marks without gaps: each lasts until the next begins."""
    ends = [*(chapter.start for chapter in chapters[1:]), chapters[-1].end]
    return [Span(c.name, c.title, c.start, end) for c, end in zip(chapters, ends, strict=True)]
