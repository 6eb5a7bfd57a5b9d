"""The making of films, from one end to the other: plan → draw → join → publish. What is there is not made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from scenes.storyboard import BRIDGE
from studio.errors import placed
from studio.files import sweep, work_folder, writable_folder
from studio.films.draw import BridgeJob, draw, draw_bridges, segment_in
from studio.films.join import Bridge, Parts, join_chapter, join_film
from studio.films.keys import digest
from studio.films.order import Clip, Order
from studio.films.plan import PlannedChapter, plan
from studio.films.publish import is_published, publish, published_parts
from studio.films.scheduler import Scheduler
from studio.films.store import SegmentStore
from studio.films.titles import film_title


def fulfil(order: Order, scheduler: Scheduler) -> Iterator[Path]:
    """Make what is not there yet; yields the paths of all that was asked for, clips first."""
    clips = {chapter: order.clip(chapter) for chapter in order.chapters}
    writable_folder(order.out)
    sweep(*{folder for clip in clips.values() for folder in (clip.path.parent, clip.path.with_suffix(""))})
    store = SegmentStore(order.out)
    with work_folder(order.out) as work, placed(order.out):
        shown = _make_chapters(order, list(clips.values()), store, work, scheduler)
        yield from (clips[chapter].path for chapter in order.selection.chapters)
        for film in order.selection.films:
            parts = [clips[chapter] for chapter in order.parts_of(film)]
            yield from (clip.path for clip in parts)
            yield _make_film(order, film, parts, shown, store, work, scheduler)
        store.trim()


def _make_chapters(
    order: Order, clips: Sequence[Clip], store: SegmentStore, work: Path, scheduler: Scheduler
) -> Mapping[str, Parts]:
    """Bring chapters up to date, each published as soon as its last step is drawn; returns what they all show when."""
    there = {clip.chapter: published_parts(clip.path, clip.key) for clip in clips}
    shown = {chapter: parts for chapter, parts in there.items() if parts is not None}
    missing = [clip for clip in clips if clip.chapter not in shown]
    if not missing:
        return shown
    for folder in {clip.path.parent for clip in missing}:
        writable_folder(folder)

    def finish(chapter: PlannedChapter) -> None:
        clip, joined = chapter.clip, join_chapter(chapter, order.picture, work)
        publish(joined, clip.path, clip.key, order.picture)
        shown[clip.chapter] = Parts(chapter.steps, chapter.passages)

    planned = plan(missing, order.picture, scheduler)
    draw(planned, order.picture, store, work, scheduler, finish, kept=len(clips) - len(missing))
    return shown


def _make_film(
    order: Order,
    name: str,
    clips: Sequence[Clip],
    shown: Mapping[str, Parts],
    store: SegmentStore,
    work: Path,
    scheduler: Scheduler,
) -> Path:
    """Join a film's chapters with bridges between them, if they are not there joined; returns its path."""
    settings = clips[0].settings
    path, title = order.film(name), film_title(name, settings.example, settings.language)
    key = digest([title, [[clip.title, clip.key] for clip in clips]])
    if not is_published(path, key):
        jobs = [
            BridgeJob(before, after, _bridge_key(shown[before.chapter], shown[after.chapter]), order.picture, work)
            for before, after in pairwise(clips)
        ]
        draw_bridges(jobs, store, scheduler)
        bridges = [Bridge(job.name, segment_in(work, job.key)) for job in jobs]
        joined = join_film(name, title, clips, shown, bridges, order.picture, work)
        publish(joined, path, key, order.picture)
    return path


def _bridge_key(before: Parts, after: Parts) -> str:
    """A bridge is made from what two steps are made from: the one after which it comes, and the one before."""
    return digest([BRIDGE, before.steps[-1].key, after.steps[0].key])
