"""How long the steps of a lesson's parts are, found by running their chapters without drawing; remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from scenes.stage.chapter.settings import Settings
from scenes.storyboard import PASSAGES
from studio.engine.quality import QUALITIES
from studio.films.keys import clip_key
from studio.films.plan import PlanJob
from studio.films.scheduler import Scheduler, results
from studio.lessons.lesson import Part
from studio.machine import remember, remembered

KIND = "lengths"
PICTURE = QUALITIES["preview"]


@dataclass(frozen=True)
class Timed:
    """A part in seconds: what each of its steps takes in order, its pictures that stand longer, what leads in and out.

    fixed: seconds of each step that no pace changes: its hold, or all of one that has a pace of its own.
    """

    chapter: str
    steps: Mapping[str, float]
    fixed: Mapping[str, float]
    passages: float

    @property
    def seconds(self) -> float:
        return sum(self.steps.values()) + self.passages


def timed(parts: Sequence[Part], language: str, scheduler: Scheduler) -> list[Timed]:
    """The lengths of parts as they are shown in a language; a chapter of the same settings is run once."""
    settings = [part.settings(language) for part in parts]
    pictures = [PICTURE.in_frame(one.frame) for one in settings]
    scenes = list(zip((part.chapter for part in parts), settings, pictures, strict=True))
    keys = [clip_key(*scene) for scene in scenes]
    told = dict(zip(keys, scenes, strict=True))
    known = {key: _remembered(key) for key in told}
    missing = [key for key, lengths in known.items() if lengths is None]
    jobs = [PlanJob(*told[key]) for key in missing]
    for key, spans in zip(missing, results(scheduler, jobs) if jobs else [], strict=True):
        known[key] = {span.name: span.frames / PICTURE.fps for span in spans}
        remember(KIND, key, known[key])
    return [_timed(part, one, known[key] or {}) for part, one, key in zip(parts, settings, keys, strict=True)]


def _remembered(key: str) -> dict[str, float] | None:
    with suppress(AttributeError, TypeError, ValueError):  # nothing is there, or it is damaged
        return {str(name): float(seconds) for name, seconds in remembered(KIND, key).items()}
    return None


def _timed(part: Part, settings: Settings, lengths: Mapping[str, float]) -> Timed:
    steps = {step: lengths.get(step, 0.0) for step in part.steps}
    fixed = {step: _fixed(settings, step, seconds) for step, seconds in steps.items()}
    return Timed(part.chapter, steps, fixed, sum(lengths.get(name, 0.0) for name in PASSAGES))


def _fixed(settings: Settings, step: str, seconds: float) -> float:
    own = settings.steps.get(step)
    return seconds if own is not None and own.pace is not None else min(settings.hold_of(step), seconds)
