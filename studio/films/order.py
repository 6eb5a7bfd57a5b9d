"""Films and clips: what of an order is there already, what has to be rendered, and how it is joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scenes.stage.chapter.settings import Settings
from scenes.storyboard import FILMS, entry_of
from scenes.stage.chapter.texts import load_texts
from studio.films.keys import clip_key, digest
from studio.films.build import Clip, Workshop
from studio.errors import Failure
from studio.files import work_folder, writable_folder
from studio.selection import Selection
from studio.engine.quality import Picture
from studio.films.crossfade import SECONDS
from studio.films.store import SegmentStore
from studio.films.record import Span, publish, read_record, spans_of
from studio.films.workers import Crew


@dataclass(frozen=True)
class Order:
    """What to render, with what settings each chapter, and where to.

    suffix: sets apart what is made with other than the default options.
    """

    selection: Selection
    settings: Callable[[str], Settings]
    picture: Picture
    out: Path
    suffix: str


def fulfil(order: Order, workers: int) -> Iterator[Path]:
    """Render what is not there yet; yields the paths of all that was asked for, clips first."""
    clips = {clip.chapter: clip for clip in _clips(order)}
    writable_folder(order.out)
    with work_folder(order.out) as work:
        _make_missing(order, list(clips.values()), work, workers)
        yield from (clips[chapter].path for chapter in order.selection.chapters)
        for film in order.selection.films:
            parts = [clips[chapter] for chapter in FILMS[film]]
            yield from (clip.path for clip in parts)
            yield _film(order, film, parts, work)


def _clips(order: Order) -> Iterator[Clip]:
    """Every chapter that the order needs, once, with its steps if it is there already."""
    needed = dict.fromkeys([*(c for film in order.selection.films for c in FILMS[film]), *order.selection.chapters])
    for chapter in needed:
        entry, settings = entry_of(chapter), order.settings(chapter)
        path = order.out / f"{entry.film}{order.suffix}" / f"{entry.file_name}.mp4"
        clip = Clip(chapter, settings, path, clip_key(chapter, settings, order.picture))
        record = read_record(path, clip.key)
        clip.steps = spans_of(record["steps"]) if record else ()
        yield clip


def _make_missing(order: Order, clips: list[Clip], work: Path, workers: int) -> None:
    missing = [clip for clip in clips if not clip.steps]
    for folder in {clip.path.parent for clip in missing}:
        writable_folder(folder)
    if missing:
        store = SegmentStore(order.out)
        with Crew(workers) as crew:
            Workshop(order.picture, work, store, crew).make(missing, kept=len(clips) - len(missing))
        store.trim()


def _film(order: Order, name: str, clips: list[Clip], work: Path) -> Path:
    """The clips joined, a seam between each two."""
    path = order.out / f"{name}{order.suffix}.mp4"
    title = load_texts(clips[0].settings.language).films[name].title
    key = digest([title, SECONDS, [[clip.title, clip.key] for clip in clips]])
    if read_record(path, key):
        return path
    from studio.films.join import join
    from studio.films.crossfade import write_seam

    segments: list[Path] = []
    chapters: list[Span] = []
    seams: list[Span] = []
    end = 0
    for before, clip in zip([None, *clips], clips, strict=False):
        if before is not None:
            seam = work / f"seam-{clip.chapter}.mp4"
            frames = write_seam(before.path, clip.path, seam, order.picture)
            seams.append(Span(f"{before.chapter}-{clip.chapter}", "", end, end + frames))
            segments.append(seam)
            end += frames
        chapters.append(Span(clip.chapter, clip.title, 0, clip.frames, clip.steps).moved(end))
        segments.append(clip.path)
        end += clip.frames
    movie = work / f"{name}.mp4"
    joined = join(segments, movie, order.picture.rate, title, _contiguous(chapters))
    if joined != end:
        raise Failure(f"{name}: {joined} frames were joined, but chapters and seams have {end}.")
    publish(movie, path, key, order.picture, {"chapters": chapters, "seams": seams})
    return path


def _contiguous(chapters: list[Span]) -> list[Span]:
    """Chapter marks without gaps: each lasts until the next begins."""
    ends = [*(chapter.start for chapter in chapters[1:]), chapters[-1].end]
    return [Span(c.name, c.title, c.start, end) for c, end in zip(chapters, ends, strict=True)]
