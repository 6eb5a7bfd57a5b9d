"""Steps drawn again by worker processes, as GIF, WebP, WebM or MOV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenes.stage.chapter.settings import Settings
from studio.engine.one_step import draw_step
from studio.engine.quality import Picture
from studio.engine.redraw import Area
from studio.exports.gif import Animation, small_picture
from studio.exports.transparent import Overlay
from studio.files import whole_file


@dataclass(frozen=True)
class MovingJob:
    """A step to be drawn in the chapter's picture and colours, into files whose endings say what they are."""

    chapter: str
    step: str
    settings: Settings
    picture: Picture
    targets: tuple[Path, ...]

    def run(self, report: Callable[[None], None]) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class AnimationJob(MovingJob):
    """Small pictures that move, on the theme's background."""

    def run(self, report: Callable[[None], None]) -> None:
        """Draw them in a worker."""
        animation = Animation(small_picture(self.picture))
        draw_step(self.chapter, self.step, self.settings, animation.picture, animation)
        for target in self.targets:
            with whole_file(target) as part:
                animation.save(part)


@dataclass(frozen=True)
class OverlayJob(MovingJob):
    """Movies on no background."""

    def run(self, report: Callable[[None], None]) -> None:
        """Draw them in a worker, all at once."""
        with ExitStack() as files:
            parts = [files.enter_context(whole_file(target)) for target in self.targets]
            overlays = [files.enter_context(Overlay(part, self.picture)) for part in parts]
            draw_step(self.chapter, self.step, self.settings, self.picture, _All(overlays), clear=True)


class _All:
    """Hands every frame to several takers."""

    def __init__(self, overlays: Sequence[Overlay]) -> None:
        self.overlays = overlays

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        for overlay in self.overlays:
            overlay.write(pixels, repeat, areas)
