"""The making of films, from one end to the other: plan → draw → join → publish. What is there is not made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    writable_folder(order.out)
    sweep(*{folder for part in order.parts for folder in (part.path.parent, part.path.with_suffix(""))})
    store = SegmentStore(order.out)
    with work_folder(order.out) as work, placed(order.out):
        making = _Making(order, store, work, scheduler, failed)
        shown = making.parts()
        yield from (clip.path for clip in order.clips if clip.path in shown)
        for film in order.films:
            yield from (part.path for part in film.parts if part.path in shown)
            if not _is_lost(film, shown, failed) and making.film(film, shown):
                yield film.path
        store.trim()


def _is_lost(film: Film, shown: Mapping[Path, Parts], failed: Failures | None) -> bool:
    """Whether a part of a film could not be made. Notes that."""
    lost = next((part.path for part in film.parts if part.path not in shown), None)
    if lost is not None and failed is not None:
        failed.note(film.path, failed.movies[lost])
    return lost is not None


@dataclass(frozen=True)
class _Making:
    """An order under way, in a work folder."""

    order: Order
    store: SegmentStore
    work: Path
    scheduler: Scheduler
    failed: Failures | None

    def parts(self) -> Mapping[Path, Parts]:
        """Bring parts up to date, each published as soon as its last step is drawn; returns what they all show when."""
        there = {part.path: published_parts(part.path, part.key) for part in self.order.parts}
        shown = {path: parts for path, parts in there.items() if parts is not None}
        missing = [part for part in self.order.parts if part.path not in shown]
        if not missing:
            return shown
        for folder in {part.path.parent for part in missing}:
            writable_folder(folder)
        planned = plan(missing, self.order.picture, self.scheduler, self.failed)
        jumps = {chapter.part.path: self._jumps(chapter) for chapter in planned}
        draw_passages([job for jobs in jumps.values() for job in jobs], self.store, self.scheduler, self.failed)
        planned = [one for one in planned if not self._cost(one.part.path, [job.key for job in jumps[one.part.path]])]

        def finish(chapter: PlannedChapter) -> None:
            part = chapter.part
            joined = join_chapter(chapter, jumps[part.path], self.order.picture, self.work)
            publish(joined, part.path, part.key, self.order.picture)
            shown[part.path] = Parts(tuple(joined.spans["steps"]), tuple(joined.spans["passages"]))

        kept = len(there) - len(missing)
        draw(planned, self.order.picture, self.store, self.work, self.scheduler, finish, kept, self.failed)
        for chapter in planned:
            self._cost(chapter.part.path, [span.key for span in chapter.spans])
        return shown

    def film(self, film: Film, shown: Mapping[Path, Parts]) -> bool:
        """Join a film's parts with bridges between them, if they are not there joined; whether it is there then."""
        key = digest([fact_of(film.heading), [[part.title, part.key] for part in film.parts]])
        if is_published(film.path, key):
            return True
        steps = {part.path: shown[part.path].steps for part in film.parts}
        bridges = [
            self._bridge(before, after, steps[before.path][-1].key, steps[after.path][0].key)
            for before, after in pairwise(film.parts)
        ]
        cards = self._cards(film, steps[film.parts[0].path][0].key)
        draw_passages([*cards, *bridges], self.store, self.scheduler, self.failed)
        if self._cost(film.path, [job.key for job in (*cards, *bridges)]):
            return False
        joined = join_film(film, shown, cards, bridges, self.order.picture, self.work)
        publish(joined, film.path, key, self.order.picture)
        return True

    def _cost(self, movie: Path, keys: Sequence[str]) -> bool:
        """Whether a movie lacks one of the segments that it needs. Notes that."""
        return self.failed is not None and self.failed.cost(movie, *keys)

    def _jumps(self, chapter: PlannedChapter) -> list[BridgeJob]:
        """What leads over the steps of a chapter that are not wanted."""
        keys = {span.name: span.key for span in chapter.spans}
        return [
            self._bridge(before, after, keys[before.steps[-1]], keys[after.steps[0]])
            for before, after in pairwise(chapter.part.stretches)
        ]

    def _bridge(self, before: Part, after: Part, last: str, first: str) -> BridgeJob:
        """A bridge is made from what two steps are made from: the one after which it comes, and the one before."""
        return BridgeJob(digest([BRIDGE, last, first]), self.order.picture, self.work, before, after)

    def _cards(self, film: Film, first: str) -> Sequence[CardJob]:
        """The card of a film, made from its heading and the first step; nothing for a film without."""
        if not film.heading.has_card:
            return []
        return [CardJob(digest([CARD, fact_of(film.heading), first]), self.order.picture, self.work, film.parts[0])]
