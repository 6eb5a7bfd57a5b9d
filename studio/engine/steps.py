"""Steps of a chapter, and the passages around them: planned without drawing, and drawn into one video segment each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from manim import Scene

from scenes.stage.chapter.card import show_card
from scenes.stage.chapter.chapter import Passage
from scenes.stage.chapter.settings import Settings
from scenes.stage.matrix.cells import Cells
from scenes.storyboard import BRIDGE, OPENING, PASSAGES
from studio.engine.cue import Cue
from studio.engine.encoder import SegmentEncoder
from studio.engine.fingerprint import StepHash
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, bridge_to, run

Steps = tuple[str, Settings, Sequence[str]]  # a chapter, what it is told, and those of its steps that are shown


@dataclass(frozen=True)
class StepPlan:
    """What a step or a passage will be: its length in frames, the hash of what it shows, its captions with its frames
    in which they stand, and the names of the tensors whose numbers or colours stand there at its end.
    """

    name: str
    frames: int
    shows: str
    cues: tuple[Cue, ...]
    tensors: tuple[str, ...]


def plan_steps(chapter: str, settings: Settings, picture: Picture, kept: Sequence[str] = ()) -> tuple[StepPlan, ...]:
    """Run a chapter without drawing, and say what its opening, its steps and its closing will be, where it has them.

    kept: the steps that are wanted, if not all.
    """
    hashes: dict[str, StepHash] = defaultdict(StepHash)
    plans: list[StepPlan] = []

    def is_left_out(name: str) -> bool:
        return bool(kept) and name not in (*kept, *PASSAGES)

    def watch(scene: Scene, step: str, ended: bool) -> None:
        if is_left_out(step):
            return
        hashes[step].add_scene(scene)
        for animation in scene.animations or ():
            hashes[step].add_animation(animation)

    def planned(step: EndedStep) -> None:
        first = round(step.start * picture.fps)
        frames = round(step.end * picture.fps) - first
        if not frames or is_left_out(step.name):
            return
        cues = _cues(step.scene.said, picture.fps, first, frames)
        plans.append(StepPlan(step.name, frames, hashes[step.name].hexdigest(), cues, tensors_in(step.scene)))

    run(chapter, settings, picture, watch=watch, on_step=planned, on_passage=planned, kept=kept)
    return tuple(plans)


def _cues(said: Sequence[tuple[float, str]], fps: float, first: int, frames: int) -> tuple[Cue, ...]:
    """Captions of a step that begins with frame `first`, each until the next one or the step's end."""
    starts = [round(time * fps) - first for time, _ in said]
    return tuple(Cue(*span, text) for span, (_, text) in zip(pairwise([*starts, frames]), said, strict=True))


def tensors_in(scene: Scene) -> tuple[str, ...]:
    """The tensors whose cells can be seen, in the order in which they came onto the stage."""
    parts = (part for mobject in scene.mobjects for part in mobject.get_family() if isinstance(part, Cells))
    return tuple(dict.fromkeys(cells.tensor.name for cells in parts if cells.is_there))


def draw_steps(
    chapter: str,
    settings: Settings,
    picture: Picture,
    steps: Collection[str],
    segment: Callable[[str], Path],
    progress: Callable[[int], None],
    done: Callable[[str], None],
    kept: Sequence[str] = (),
    arrival: Passage | None = None,
    departure: tuple[str, Passage] | None = None,
) -> None:
    """Draw the named steps and passages, each into the file `segment(step)`; the others are run without drawing,
    and the chapter ends with the last of them. kept: the steps that it is to show, if not all; arrival, departure: what
    comes before them and after them, if it is not to open and to close.

    `progress` is called after every animation with the frames that it had, `done` with each step whose file is whole.
    """
    encoders: dict[str, SegmentEncoder] = {}
    left = set(steps)
    told = 0

    def tell(scene: Scene, step: str, ended: bool) -> None:
        nonlocal told
        if step in encoders and encoders[step].count > told:
            progress(encoders[step].count - told)
            told = encoders[step].count

    def sink(step: str) -> SegmentEncoder:
        if step not in encoders:
            encoders[step] = SegmentEncoder(segment(step), picture.width, picture.height, picture.rate)
        return encoders[step]

    def ended(step: EndedStep) -> bool:
        nonlocal told
        told = 0
        if step.name in encoders:
            encoders.pop(step.name).close()
            done(step.name)
            left.discard(step.name)
        return not left

    try:
        run(
            chapter,
            settings,
            picture,
            sink=sink,
            watch=tell,
            only=steps,
            on_step=ended,
            on_passage=ended,
            kept=kept,
            arrival=arrival,
            departure=departure,
        )
    finally:
        for encoder in encoders.values():
            encoder.abort()


def draw_bridge(before: Steps, after: Steps, picture: Picture, segment: Path, progress: Callable[[int], None]) -> None:
    """Draw what leads from the end of the one to the beginning of the other into the file `segment`."""
    chapter, settings, kept = after
    departure = bridge_to(chapter, settings, picture, kept)
    _draw_passage(before, picture, BRIDGE, segment, progress, departure=departure)


def draw_card(
    first: Steps,
    title: str,
    lines: Sequence[str],
    logo_file: Path | None,
    picture: Picture,
    segment: Path,
    progress: Callable[[int], None],
) -> None:
    """Draw a card with a logo, a title and lines, which comes before the opening of some steps, into `segment`."""
    card = partial(show_card, title=title, lines=lines, logo_file=logo_file)
    _draw_passage(first, picture, OPENING, segment, progress, arrival=card)


def _draw_passage(
    steps: Steps, picture: Picture, name: str, segment: Path, progress: Callable[[int], None], **ways: Any
) -> None:
    chapter, settings, kept = steps
    draw_steps(
        chapter,
        settings,
        picture,
        [name],
        segment=lambda step: segment,
        progress=progress,
        done=lambda step: None,
        kept=kept,
        **ways,
    )
