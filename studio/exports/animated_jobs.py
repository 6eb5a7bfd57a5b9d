"""Steps drawn again by worker processes, as GIF, WebP, WebM or MOV."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from manim.camera.camera import Camera

from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.painting import StageCamera
from studio.engine.quality import Picture
from studio.engine.redraw import Area
from studio.engine.renderer import FrameSink
from studio.engine.run import Watch, run
from studio.exports.gif import Animation, small_picture
from studio.exports.transparent import ClearCamera, Overlay, hide_frame
from studio.files import whole_file
from studio.films.scheduler import Job


@dataclass(frozen=True)
class MovingJob(Job[None, None], ABC):
    """A step to be drawn in the chapter's picture and colours, into files whose endings say what they are."""

    chapter: str
    step: str
    settings: Settings
    picture: Picture
    targets: tuple[Path, ...]

    @property
    def home(self) -> Path:
        return self.targets[0].parent

    def moved_to(self, folder: Path) -> MovingJob:
        return replace(self, targets=tuple(folder / target.name for target in self.targets))

    @abstractmethod
    def run(self, report: Callable[[None], None]) -> None:
        """Draw it in a worker."""

    def draw(
        self, picture: Picture, sink: FrameSink, camera: type[Camera] = StageCamera, watch: Watch | None = None
    ) -> None:
        """Draw the step's frames into `sink`."""
        run(
            self.chapter,
            self.settings,
            picture,
            camera=camera,
            watch=watch,
            sink=lambda step: sink,
            only=[self.step],
            on_step=lambda ended: ended.name == self.step,
        )


@dataclass(frozen=True)
class AnimationJob(MovingJob):
    """Small pictures that move, on the theme's background; loop: how often they play, 0: for ever."""

    loop: int = 1

    def run(self, report: Callable[[None], None]) -> None:
        """Draw them in a worker."""
        animation = Animation(small_picture(self.picture))
        self.draw(animation.picture, animation)
        for target in self.targets:
            with whole_file(target) as part:
                animation.save(part, self.loop)


@dataclass(frozen=True)
class OverlayJob(MovingJob):
    """Movies of the stage alone, on no background."""

    def run(self, report: Callable[[None], None]) -> None:
        """Draw them in a worker, all at once."""
        with ExitStack() as files:
            parts = [files.enter_context(whole_file(target)) for target in self.targets]
            overlays = [files.enter_context(Overlay(part, self.picture)) for part in parts]
            self.draw(self.picture, _All(overlays), ClearCamera, hide_frame)


class _All:
    """Hands every frame to several takers."""

    def __init__(self, overlays: Sequence[Overlay]) -> None:
        self.overlays = overlays

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        for overlay in self.overlays:
            overlay.write(pixels, repeat, areas)
