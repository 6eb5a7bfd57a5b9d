"""Walk a chapter without rendering: every step is built, and looked at when its last frame stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manim import Mobject, tempconfig

from core.examples.example import Example, load_example
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import chapter_class

DRY = {
    "dry_run": True,
    "verbosity": "ERROR",
    "progress_bar": "none",
    "pixel_width": 32,
    "pixel_height": 18,
    "frame_rate": 15,
}


def walk(
    scene: str | type[Chapter],
    look: Callable[[Chapter, str], None],
    example: str | Example = "default",
    language: str = "en",
    theme: str = "dark",
    size: str = "normal",
    **told: Any,
) -> Chapter:
    """Run a chapter with all animations skipped; `look(chapter, step)` is called at the end of each step.

    told: further settings.
    """
    with tempconfig(DRY):
        cls = chapter_class(scene) if isinstance(scene, str) else scene
        chapter: Chapter = cls(
            Settings(load_example(example) if isinstance(example, str) else example, language, theme, size, **told),
            only=(),
            on_step=lambda step, *_: look(chapter, step),
        )
        chapter.render()
    return chapter


def planted_faults(plant: Callable[[Chapter], Mobject], faults: Callable[[Chapter], list[str]]) -> list[str]:
    """What a check finds in the stills of a chapter, in which it finds nothing before, with something planted."""
    found: list[str] = []

    def look(scene: Chapter, _: str) -> None:
        assert not faults(scene)
        planted = plant(scene)
        scene.add(planted)
        found.extend(faults(scene))
        scene.remove(planted)

    walk("scores", look)
    return found
