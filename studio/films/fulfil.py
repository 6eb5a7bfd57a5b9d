"""The making of films, from one end to the other: plan → draw → join → publish. What is there is not made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import FILMS
from studio.files import work_folder, writable_folder
from studio.films.crossfade import SECONDS
from studio.films.draw import draw
from studio.films.join import join_chapter, join_film
from studio.films.keys import digest
from studio.films.order import Clip, Order
from studio.films.plan import PlannedChapter, plan
from studio.films.publish import is_published, publish, published_steps
from studio.films.scheduler import Scheduler
from studio.films.spans import Span
from studio.films.store import SegmentStore


def fulfil(order: Order, scheduler: Scheduler) -> Iterator[Path]:
    """Make what is not there yet; yields the paths of all that was asked for, clips first."""
    clips = {chapter: order.clip(chapter) for chapter in order.chapters}
    writable_folder(order.out)
    with work_folder(order.out) as work:
        steps = _make_chapters(order, list(clips.values()), work, scheduler)
        yield from (clips[chapter].path for chapter in order.selection.chapters)
        for film in order.selection.films:
            parts = [clips[chapter] for chapter in FILMS[film]]
            yield from (clip.path for clip in parts)
            yield _make_film(order, film, parts, steps, work)


def _make_chapters(
    order: Order, clips: Sequence[Clip], work: Path, scheduler: Scheduler
) -> Mapping[str, Sequence[Span]]:
    """Bring chapters up to date, each published as soon as its last step is drawn; returns the steps of them all."""
    steps: dict[str, Sequence[Span]] = {clip.chapter: published_steps(clip.path, clip.key) for clip in clips}
    missing = [clip for clip in clips if not steps[clip.chapter]]
    if not missing:
        return steps
    for folder in {clip.path.parent for clip in missing}:
        writable_folder(folder)
    store = SegmentStore(order.out)

    def finish(chapter: PlannedChapter) -> None:
        clip, joined = chapter.clip, join_chapter(chapter, order.picture, store, work)
        publish(joined, clip.path, clip.key, order.picture)
        steps[clip.chapter] = chapter.spans

    planned = plan(missing, order.picture, scheduler)
    draw(planned, order.picture, store, work, scheduler, finish, kept=len(clips) - len(missing))
    store.trim()
    return steps


def _make_film(order: Order, name: str, clips: Sequence[Clip], steps: Mapping[str, Sequence[Span]], work: Path) -> Path:
    """Join a film's chapters, if they are not there joined; returns its path."""
    path, title = order.film(name), load_texts(clips[0].settings.language).films[name].title
    key = digest([title, SECONDS, [[clip.title, clip.key] for clip in clips]])
    if not is_published(path, key):
        joined = join_film(name, title, clips, steps, order.picture, work)
        publish(joined, path, key, order.picture)
    return path
