"""Runs a chapter without filming it: every animation jumps to its end, and frames are taken where they are wanted."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any

from manim import tempconfig
from manim.scene.scene import Scene
from manim.utils.exceptions import EndSceneEarlyException
from PIL import Image
from tqdm import tqdm

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.painting import StageCamera
from scenes.storyboard import chapter_class
from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture
from studio.engine.renderer import StepRenderer

tqdm.set_lock(RLock())  # Manim's bars are off; their default lock is a semaphore that outlives a stopped process

RARELY = (100_000, 50, 100)
Take = Callable[[Image.Image], None]


@contextmanager
def configured(picture: Picture, media: Path | None = None) -> Iterator[None]:
    """Manim's configuration for a picture, whatever the user's own says; without a media folder nothing is filmed.

    Manim keeps drawn formulas in its media folder, so one is needed even then: a passing one.
    """
    with _collecting_rarely():
        if media is None:
            with TemporaryDirectory() as passing, tempconfig(_options(picture, Path(passing)) | {"dry_run": True}):
                yield
        else:
            with tempconfig(_options(picture, media)):
                yield


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """A scene is thousands of objects that stay; to look through them at every turn takes a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _options(picture: Picture, media: Path) -> dict[str, Any]:
    return {
        "renderer": "cairo",
        "pixel_width": picture.width,
        "pixel_height": picture.height,
        "frame_height": 8.0,
        "frame_width": 8.0 * 16 / 9,
        "frame_rate": picture.fps,
        "background_opacity": 1.0,
        "from_animation_number": 0,
        "upto_animation_number": -1,
        "disable_caching": True,
        "max_files_cached": -1,
        "save_sections": False,
        "preview": False,
        "progress_bar": "none",
        "verbosity": "ERROR",
        "video_codec": CODEC,
        "pixel_format": PIXEL_FORMAT,
        "video_encoder_options": dict(CODEC_OPTIONS),
        "media_dir": str(media),
        "format": "mp4",
        "transparent": False,
        "dry_run": False,
    }


def walk(
    chapter: str,
    settings: Settings,
    picture: Picture,
    on_step: Callable[[str, float, Callable[[], Image.Image]], bool],
    midway: Take | None = None,
) -> None:
    """Run a chapter; at the end of each step call `on_step(name, seconds, look)`, where `look()` draws the frame.

    The walk ends when `on_step` returns True. `midway` is given the frame halfway through each animation.
    """

    def watch(scene: Scene, step: str, ended: bool) -> None:
        if midway is not None and not ended and not scene.is_current_animation_frozen_frame():
            scene.update_to_time(scene.duration / 2)
            midway(_picture(renderer, scene))

    def step_ended(name: str, start: float, end: float) -> None:
        if on_step(name, end - start, lambda: _picture(renderer, scene)):
            raise EndSceneEarlyException

    with configured(picture):
        renderer = StepRenderer(StageCamera, lambda step: None, watch)
        scene: Chapter = chapter_class(chapter)(settings, on_step=step_ended, renderer=renderer)
        scene.render()


def _picture(renderer: StepRenderer, scene: Scene) -> Image.Image:
    """The scene as it stands."""
    return Image.fromarray(renderer.still(scene)).convert("RGB")
