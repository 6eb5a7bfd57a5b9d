"""Steps of a chapter, and the passages around them: planned without drawing, and drawn into one video segment each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from manim import Scene

from scenes.stage.chapter.chapter import Passage
from scenes.stage.chapter.settings import Settings
from scenes.stage.matrix.cells import Cells
from scenes.storyboard import BRIDGE
from studio.engine.cue import Cue
from studio.engine.encoder import SegmentEncoder
from studio.engine.fingerprint import StepHash
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, bridge_to, run


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


def plan_steps(chapter: str, settings: Settings, picture: Picture) -> tuple[StepPlan, ...]:
    """Run a chapter without drawing, and say what its opening, its steps and its closing will be, where it has them."""
    hashes: dict[str, StepHash] = defaultdict(StepHash)
    plans: list[StepPlan] = []

    def watch(scene: Scene, step: str, ended: bool) -> None:
        hashes[step].add_scene(scene)
        for animation in scene.animations or ():
            hashes[step].add_animation(animation)

    def planned(step: EndedStep) -> None:
        first = round(step.start * picture.fps)
        frames = round(step.end * picture.fps) - first
        if not frames:
            return
        cues = _cues(step.scene.said, picture.fps, first, frames)
        plans.append(StepPlan(step.name, frames, hashes[step.name].hexdigest(), cues, tensors_in(step.scene)))

    run(chapter, settings, picture, watch=watch, on_step=planned, on_passage=planned)
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
    departure: tuple[str, Passage] | None = None,
) -> None:
    """Draw the named steps and passages, each into the file `segment(step)`; the others are run without drawing,
    and the chapter ends with the last of them. departure: what comes after its steps, if it is not to close.

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
            departure=departure,
        )
    finally:
        for encoder in encoders.values():
            encoder.abort()


def draw_bridge(
    before: tuple[str, Settings],
    after: tuple[str, Settings],
    picture: Picture,
    segment: Path,
    progress: Callable[[int], None],
) -> None:
    """Draw what leads from the end of one chapter to the beginning of another into the file `segment`."""
    draw_steps(
        *before,
        picture,
        [BRIDGE],
        segment=lambda step: segment,
        progress=progress,
        done=lambda step: None,
        departure=bridge_to(*after, picture),
    )
