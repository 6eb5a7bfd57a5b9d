"""Runs a chapter without filming it: every animation jumps to its end, and frames are taken where they are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any

from manim import tempconfig
from manim.renderer.cairo_renderer import CairoRenderer
from manim.scene.scene import Scene
from manim.utils.exceptions import EndSceneEarlyException
from PIL import Image
from tqdm import tqdm

from scenes.stage.chapter import Chapter
from scenes.stage.painting import StageCamera
from scenes.stage.settings import Settings
from scenes.stage.storyboard import chapter_class
from studio.picture import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture

tqdm.set_lock(RLock())  # Manim's bars are off; their default lock is a semaphore that outlives a stopped process

Take = Callable[[Image.Image], None]


@contextmanager
def configured(picture: Picture, media: Path | None = None) -> Iterator[None]:
    """Manim's configuration for a picture, whatever the user's own says; without a media folder nothing is filmed.

    Manim keeps drawn formulas in its media folder, so one is needed even then: a passing one.
    """
    if media is None:
        with TemporaryDirectory() as passing, tempconfig(_options(picture, Path(passing)) | {"dry_run": True}):
            yield
    else:
        with tempconfig(_options(picture, media)):
            yield


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


class Fast(CairoRenderer):
    """Plays an animation by going to its end; nothing is drawn, unless `midway` wants the frame halfway through."""

    def __init__(self, midway: Take | None = None) -> None:
        super().__init__(camera_class=StageCamera, skip_animations=True)
        self.midway = midway

    def play(self, scene: Scene, *args: Any, **kwargs: Any) -> None:
        scene.compile_animation_data(*args, **kwargs)
        self.time += scene.duration
        scene.begin_animations()
        if not scene.is_current_animation_frozen_frame():
            if self.midway is not None:
                scene.update_to_time(scene.duration / 2)
                self.midway(self.picture_of(scene))
            scene.play_internal(skip_rendering=True)
        self.num_plays += 1

    def picture_of(self, scene: Scene) -> Image.Image:
        """The scene as it stands."""
        self.static_image = None
        self.update_frame(scene)
        return Image.fromarray(self.get_frame()).convert("RGB")


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
    with configured(picture):
        renderer = Fast(midway)
        scene: Chapter

        def step_ended(name: str, start: float, end: float) -> None:
            if on_step(name, end - start, lambda: renderer.picture_of(scene)):
                raise EndSceneEarlyException

        scene = chapter_class(chapter)(settings, on_step=step_ended, renderer=renderer)
        scene.render()
