"""The making of films, from one end to the other: plan → draw → join → publish. What is there is not made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from scenes.storyboard import BRIDGE, CARD
from studio.errors import placed
from studio.files import sweep, work_folder, writable_folder
from studio.films.draw import BridgeJob, CardJob, draw, draw_passages
from studio.films.failures import Failures
from studio.films.join import Parts, join_chapter, join_film
from studio.films.keys import digest, fact_of
from studio.films.order import Film, Order, Part
from studio.films.plan import PlannedChapter, plan
from studio.films.publish import is_published, publish, published_parts
from studio.films.scheduler import Scheduler
from studio.films.store import SegmentStore


def fulfil(order: Order, scheduler: Scheduler, failed: Failures | None = None) -> Iterator[Path]:
    """Make what is not there yet; yields the paths of all that was asked for, clips first.

    failed: where is noted what cannot be made, which stops nothing else; without it the first error is raised.
    """
    parts = order.parts
    writable_folder(order.out)
    sweep(*{folder for part in parts for folder in (part.path.parent, part.path.with_suffix(""))})
    store = SegmentStore(order.out)
    with work_folder(order.out) as work, placed(order.out):
        shown = _make_parts(order, store, work, scheduler, failed)
        yield from (clip.path for clip in order.clips if clip.path in shown)
        for film in order.films:
            yield from (part.path for part in film.parts if part.path in shown)
            if failed is not None and _is_lost(film, shown, failed):
                continue
            if _make_film(film, shown, order, store, work, scheduler, failed):
                yield film.path
        store.trim()


def _is_lost(film: Film, shown: Mapping[Path, Parts], failed: Failures) -> bool:
    """Whether a part of a film could not be made. Notes that."""
    lost = next((part.path for part in film.parts if part.path not in shown), None)
    if lost is not None:
        failed.note(film.path, failed.movies[lost])
    return lost is not None


def _make_parts(
    order: Order, store: SegmentStore, work: Path, scheduler: Scheduler, failed: Failures | None
) -> Mapping[Path, Parts]:
    """Bring parts up to date, each published as soon as its last step is drawn; returns what they all show when."""
    there = {part.path: published_parts(part.path, part.key) for part in order.parts}
    shown = {path: parts for path, parts in there.items() if parts is not None}
    missing = [part for part in order.parts if part.path not in shown]
    if not missing:
        return shown
    for folder in {part.path.parent for part in missing}:
        writable_folder(folder)
    planned = plan(missing, order.picture, scheduler, failed)
    jumps = {chapter.part.path: _jumps(chapter, order, work) for chapter in planned}
    draw_passages([job for jobs in jumps.values() for job in jobs], store, scheduler, failed)
    if failed is not None:
        planned = [one for one in planned if not failed.cost(one.part.path, *(job.key for job in jumps[one.part.path]))]

    def finish(chapter: PlannedChapter) -> None:
        part = chapter.part
        joined = join_chapter(chapter, jumps[part.path], order.picture, work)
        publish(joined, part.path, part.key, order.picture)
        shown[part.path] = Parts(tuple(joined.spans["steps"]), tuple(joined.spans["passages"]))

    draw(planned, order.picture, store, work, scheduler, finish, len(there) - len(missing), failed)
    if failed is not None:
        for chapter in planned:
            failed.cost(chapter.part.path, *(span.key for span in chapter.spans))
    return shown


def _jumps(chapter: PlannedChapter, order: Order, work: Path) -> list[BridgeJob]:
    """What leads over the steps of a chapter that are not wanted."""
    keys = {span.name: span.key for span in chapter.spans}
    return [
        _bridge(before, after, keys[before.steps[-1]], keys[after.steps[0]], order, work)
        for before, after in pairwise(chapter.part.stretches)
    ]


def _make_film(
    film: Film,
    shown: Mapping[Path, Parts],
    order: Order,
    store: SegmentStore,
    work: Path,
    scheduler: Scheduler,
    failed: Failures | None,
) -> bool:
    """Join a film's parts with bridges between them, if they are not there joined; whether it is there then."""
    key = digest([fact_of(film.heading), [[part.title, part.key] for part in film.parts]])
    if is_published(film.path, key):
        return True
    steps = {part.path: shown[part.path].steps for part in film.parts}
    bridges = [
        _bridge(before, after, steps[before.path][-1].key, steps[after.path][0].key, order, work)
        for before, after in pairwise(film.parts)
    ]
    cards = _cards(film, steps[film.parts[0].path][0].key, order, work)
    draw_passages([*cards, *bridges], store, scheduler, failed)
    if failed is not None and failed.cost(film.path, *(job.key for job in (*cards, *bridges))):
        return False
    joined = join_film(film, shown, cards, bridges, order.picture, work)
    publish(joined, film.path, key, order.picture)
    return True


def _bridge(before: Part, after: Part, last: str, first: str, order: Order, work: Path) -> BridgeJob:
    """A bridge is made from what two steps are made from: the one after which it comes, and the one before."""
    return BridgeJob(digest([BRIDGE, last, first]), order.picture, work, before, after)


def _cards(film: Film, first: str, order: Order, work: Path) -> Sequence[CardJob]:
    """The card of a film, made from its heading and the first step; nothing for a film without."""
    if not film.heading.has_card:
        return []
    return [CardJob(digest([CARD, fact_of(film.heading), first]), order.picture, work, film.parts[0])]
