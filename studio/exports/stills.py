"""Stills: the frame a step ends on, drawn without drawing anything before it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from scenes.stage.chapter.settings import Settings
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, run
from studio.files import whole_file


def still(chapter: str, step: str, settings: Settings, picture: Picture) -> Image.Image:
    """The last frame of a step."""
    found: list[Image.Image] = []

    def ended(one: EndedStep) -> bool:
        if one.name == step:
            found.append(one.still())
        return bool(found)

    run(chapter, settings, picture, on_step=ended, straight=True)
    return found[0]


def save_image(image: Image.Image, target: Path) -> Path:
    """Write a PNG that appears only when it is whole."""
    with whole_file(target) as part:
        image.save(part, format="PNG")
    return target
