"""What worker processes do for a chapter: plan its steps without drawing, and draw some of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from studio.films.keys import digest, drawing_key
from studio.engine.quality import Picture
from studio.films.record import Cue


@dataclass(frozen=True)
class PlannedStep:
    """A step, its length in frames, the hash of everything that it is made from, its captions, and what it shows."""

    name: str
    title: str
    frames: int
    key: str
    cues: tuple[Cue, ...] = ()
    tensors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """News of a worker: so many more frames are drawn; `key` is given when a step's segment is whole."""

    frames: int
    key: str | None = None


@dataclass(frozen=True)
class PlanJob:
    """Find out what the steps of a chapter will be."""

    chapter: str
    settings: Settings
    picture: Picture

    def run(self, report: Callable[[Drawn], None]) -> tuple[PlannedStep, ...]:
        """Run the chapter without drawing."""
        from studio.engine.steps import plan_steps

        base = drawing_key(self.chapter, self.settings.theme, self.picture)
        titles = load_texts(self.settings.language).chapters[self.chapter].steps
        plans = plan_steps(self.chapter, self.settings, self.picture)
        return tuple(
            PlannedStep(
                plan.name,
                titles[plan.name].title,
                plan.frames,
                digest([base, plan.name, plan.shows]),
                plan.cues,
                plan.tensors,
            )
            for plan in plans
        )


@dataclass(frozen=True)
class DrawJob:
    """Draw some steps of a chapter, each into a segment of the folder `work`."""

    chapter: str
    settings: Settings
    picture: Picture
    steps: tuple[PlannedStep, ...]
    work: Path

    @property
    def frames(self) -> int:
        return sum(step.frames for step in self.steps)

    def segment(self, key: str) -> Path:
        return self.work / f"{key}.mp4"

    def run(self, report: Callable[[Drawn], None]) -> None:
        """Draw them; what is not asked for is skipped."""
        from studio.engine.steps import draw_steps

        keys = {step.name: step.key for step in self.steps}
        draw_steps(
            self.chapter,
            self.settings,
            self.picture,
            set(keys),
            segment=lambda step: self.segment(keys[step]),
            progress=lambda frames: report(Drawn(frames)),
            done=lambda step: report(Drawn(0, keys[step])),
        )
