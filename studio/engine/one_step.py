"""A step drawn again, frame by frame, for what is not an MP4: on the theme's background, or on none."""

from __future__ import annotations

import numpy as np
from manim.utils.exceptions import EndSceneEarlyException

from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.painting import StageCamera
from scenes.storyboard import chapter_class
from studio.engine.quality import Picture
from studio.engine.renderer import FrameSink, StepRenderer
from studio.engine.run import configured


class ClearCamera(StageCamera):
    """Draws on nothing at all, whatever colour a scene wants behind it; its pixels are premultiplied."""

    def init_background(self) -> None:
        super().init_background()
        self.background[:] = 0


def draw_step(
    chapter: str,
    step: str,
    settings: Settings,
    picture: Picture,
    sink: FrameSink,
    *,
    clear: bool = False,
) -> None:
    """Draw one step's frames into `sink`; with `clear` on no background."""

    def ended(name: str, start: float, end: float) -> None:
        if name == step:
            raise EndSceneEarlyException

    with configured(picture):
        renderer = StepRenderer(ClearCamera if clear else StageCamera, lambda name: sink)
        chapter_class(chapter)(settings, only=[step], on_step=ended, renderer=renderer).render()


def straight(pixels: np.ndarray) -> np.ndarray:
    """Premultiplied pixels with their own colours, as files keep them.  # (height, width, 4)"""
    result = pixels.copy()
    partly = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    alpha = pixels[partly][:, 3:].astype(np.uint16)  # (pixels, 1)
    result[partly, :3] = np.minimum((pixels[partly][:, :3].astype(np.uint16) * 255 + alpha // 2) // alpha, 255)
    return result
