"""The rhythm of a chapter: how much moves from frame to frame, what is said when, and when numbers move.

A chapter is run small and slow, and its frames are held against each other; or it is not drawn at all, and a frame
counts as moving in which an animation plays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.pacing import moves_numbers
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import OPENING
from studio.engine.quality import Picture
from studio.engine.redraw import Area
from studio.engine.run import EndedStep, bridge_to, run

SMALL = Picture(480, 270, 15)
VISIBLE = 6  # of 255 levels by which a pixel has to change for an eye to see it


@dataclass(frozen=True)
class Caption:
    """What is said: from when to when, in seconds of its step, and how long it takes to read."""

    text: str
    start: float
    end: float
    reading: float


@dataclass(frozen=True)
class Section:
    """A step or a passage of a chapter, frame by frame.

    any, seen: which share of the picture differs from the frame before at all, and visibly, 0…1; numbers: when numbers
    begin and stop to move, in seconds of the section.
    """

    chapter: str
    name: str
    any: np.ndarray
    seen: np.ndarray
    captions: tuple[Caption, ...]
    numbers: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        return len(self.any) / SMALL.fps


@dataclass
class _Shares:
    """Takes frames, and keeps what share of each is other than in the one before: at all, and visibly."""

    any: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    last: np.ndarray | None = None

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        now = pixels[..., :3].astype(np.int16)
        difference = np.abs(now - (now if self.last is None else self.last)).max(axis=-1)  # (height, width)
        self.last = now
        self.any += [float((difference > 0).mean())] + [0.0] * (repeat - 1)
        self.seen += [float((difference > VISIBLE).mean())] + [0.0] * (repeat - 1)

    def count(self, frames: int, moving: bool) -> None:
        """Frames that were not drawn."""
        self.any += [float(moving)] * frames
        self.seen += [float(moving)] * frames


class _Listener:
    """Follows a chapter through its animations, and keeps its sections."""

    def __init__(self, chapter: str, drawn: bool) -> None:
        self.chapter, self.drawn = chapter, drawn
        self.shares = _Shares()
        self.sections: list[Section] = []
        self.numbers: list[tuple[float, float]] = []
        self.reading: dict[str, float] = {}

    def watch(self, scene: Chapter, name: str, ended: bool) -> None:
        """An animation has begun, or ended."""
        if ended:
            return
        frames = max(1, round(scene.duration * SMALL.fps))
        if not self.drawn:
            self.shares.count(frames, not scene.is_current_animation_frozen_frame())
        if scene.caption is not None:
            self.reading[scene.caption.text] = scene.caption.reading_time()
        if any(map(moves_numbers, scene.animations or ())):
            now = float(scene.time)
            self.numbers.append((now, now + frames / SMALL.fps))

    def ended(self, step: EndedStep) -> None:
        """A section has ended."""
        said = step.scene.said if step.name in step.scene.steps else []
        spans = pairwise([*(time - step.start for time, _ in said), step.seconds])
        captions = [Caption(text, *span, self.reading[text]) for span, (_, text) in zip(spans, said, strict=True)]
        numbers = tuple((start - step.start, end - step.start) for start, end in self.numbers)
        changes = np.array(self.shares.any), np.array(self.shares.seen)
        self.sections.append(Section(self.chapter, step.name, *changes, tuple(captions), numbers))
        self.shares.any, self.shares.seen, self.numbers, self.reading = [], [], [], {}


@dataclass(frozen=True)
class TakeJob:
    """Follow one chapter. after: the next one of the film, with its settings, to which a bridge leads; alone: it opens
    and closes; drawn: frames are drawn and compared, else every animation counts as motion.
    """

    chapter: str
    settings: Settings
    after: tuple[str, Settings] | None = None
    alone: bool = True
    drawn: bool = True

    def run(self, report: Callable[[None], None] | None = None) -> tuple[Section, ...]:
        """Run the chapter. Of a film, only its first chapter opens and only its last one closes."""
        listener = _Listener(self.chapter, self.drawn)
        picture = SMALL
        run(
            self.chapter,
            self.settings,
            picture,
            sink=(lambda step: listener.shares) if self.drawn else None,
            watch=listener.watch,
            on_step=listener.ended,
            on_passage=listener.ended,
            departure=bridge_to(*self.after, picture) if self.after else None,
        )
        return tuple(section for section in listener.sections if len(section.any) and self._shown(section))

    def _shown(self, section: Section) -> bool:
        return self.alone or section.name != OPENING
