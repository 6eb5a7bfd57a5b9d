"""Manim's configuration while a chapter runs: the project's own, whatever the user's says."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any

from manim import RendererType, config
from tqdm import tqdm

from scenes.stage.paint.layout import FRAMES
from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture

tqdm.set_lock(RLock())  # Manim's bars are off; their default lock is a semaphore that outlives a stopped process

RARELY = (100_000, 50, 100)
gc.freeze()  # what is imported by now stays, and need not be looked through


@contextmanager
def configured(picture: Picture, frame: str = "16:9") -> Iterator[None]:
    """Manim's configuration for a picture of a frame; Manim itself films nothing.

    It keeps drawn formulas in its media folder, so one is needed even then: a passing one.
    """
    with _collecting_rarely(), TemporaryDirectory() as media, _set(_options(picture, frame, media)):
        yield


@contextmanager
def _set(options: dict[str, Any]) -> Iterator[None]:
    """As Manim's own `tempconfig`, which sets and restores everything: to set the renderer, even to what it is, makes
    Manim change all of its classes, and Python forget what it knows of them.
    """
    options = {name: value for name, value in options.items() if config[name] != value}
    before = {name: config[name] for name in options}
    config.update(options)
    try:
        yield
    finally:
        config.update(before)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """A scene is thousands of objects that stay; to look through them at every turn takes a tenth of the time."""
    gc.collect()  # the scene before this one
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _options(picture: Picture, frame: str, media: str) -> dict[str, Any]:
    width, height = FRAMES[frame]
    return {
        "renderer": RendererType.CAIRO,
        "pixel_width": picture.width,
        "pixel_height": picture.height,
        "frame_height": height,
        "frame_width": width,
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
        "media_dir": media,
        "format": "mp4",
        "transparent": False,
        "dry_run": True,
    }
