"""Contact sheets: the last frames of all steps of some chapters, labelled, in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cairo
import numpy as np
from PIL import Image

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.typography import shorten, text_width
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, frame_of, run
from studio.films.order import Part
from studio.films.scheduler import Job, Scheduler, results
from studio.films.titles import chapter_title, step_title

THUMB = (480, 270)
COLUMNS = 4
GAP = 12
LABEL = 34
HEADING = 52
HEADING_SIZE, LABEL_SIZE = 24, 15
MOST_MIDWAY = 3
_PAPER, _INK, _QUIET = (236, 238, 242), (24, 28, 36), (96, 104, 118)


@dataclass
class Strip:
    """One chapter's frames: name, title and picture of each."""

    title: str
    frames: list[tuple[str, str, Image.Image]] = field(default_factory=list)


@dataclass(frozen=True)
class StripJob(Job[None, Strip]):
    """A chapter to be run for a sheet, of which some steps are looked at."""

    chapter: str
    settings: Settings
    picture: Picture
    steps: tuple[str, ...]
    motion: bool

    def run(self, report: Callable[[None], None]) -> Strip:
        """Run the chapter once, and look at each step when it ends."""
        about = (self.settings, self.settings.language)
        strip = Strip(f"{chapter_title(self.chapter, *about)}   ({self.chapter})")
        midst: list[Image.Image] = []

        def watch(scene: Chapter, step: str, ended: bool) -> None:
            if step in self.steps and not ended and not scene.is_current_animation_frozen_frame():
                scene.update_to_time(scene.duration / 2)
                midst.append(_thumb(frame_of(scene)))

        def ended(step: EndedStep) -> bool:
            if step.name not in self.steps:
                return False
            strip.frames += [(f"{step.name} …", "", image) for image in _spread(midst, MOST_MIDWAY)]
            midst.clear()
            title = f"{step_title(self.chapter, step.name, *about)} ({step.seconds:.1f} s)"
            strip.frames.append((step.name, title, _thumb(step.still())))
            return step.name == self.steps[-1]

        run(self.chapter, self.settings, self.picture, watch=watch if self.motion else None, on_step=ended)
        return strip


def contact_sheet(
    parts: Sequence[Part], picture: Picture, scheduler: Scheduler, *, motion: bool = False
) -> Image.Image:
    """The sheet of some parts; with `motion` also up to three frames from the midst of each step's animations."""
    jobs = [StripJob(part.chapter, part.settings, picture, part.steps, motion) for part in parts]
    return arrange(results(scheduler, jobs))


def arrange(strips: Sequence[Strip]) -> Image.Image:
    """Strips below each other, four frames a row."""
    width = GAP + COLUMNS * (THUMB[0] + GAP)
    sheet = Image.new("RGB", (width, GAP + sum(_height(strip) for strip in strips)), _PAPER)
    top = GAP
    for strip in strips:
        _write(sheet, strip.title, GAP, top + 10, HEADING_SIZE, _INK)
        for number, (name, title, image) in enumerate(strip.frames):
            row, column = divmod(number, COLUMNS)
            x, y = GAP + column * (THUMB[0] + GAP), top + HEADING + row * (THUMB[1] + LABEL + GAP)
            sheet.paste(image, (x, y))
            _label(sheet, x, y + THUMB[1] + 6, name, title)
        top += _height(strip)
    return sheet


def _height(strip: Strip) -> int:
    rows = -(-len(strip.frames) // COLUMNS)
    return HEADING + rows * (THUMB[1] + LABEL + GAP)


def _label(sheet: Image.Image, x: int, y: int, name: str, title: str) -> None:
    """The name of a step and, as far as it has room, its title."""
    _write(sheet, name, x, y, LABEL_SIZE, _INK)
    start = x + int(text_width(f"{name}   ", LABEL_SIZE))
    _write(sheet, shorten(title, x + THUMB[0] - start, LABEL_SIZE), start, y, LABEL_SIZE, _QUIET)


def _write(sheet: Image.Image, text: str, x: int, y: int, size: int, colour: tuple[int, int, int]) -> None:
    """A line of text in the fonts of the film, its upper left corner at x, y."""
    width, height = int(text_width(text, size)) + 2, 2 * size
    surface = cairo.ImageSurface(cairo.FORMAT_A8, width, height)
    context = cairo.Context(surface)
    context.translate(0, size)
    context.scale(1, -1)
    brush = Brush(context)
    brush.text(text, 0, 0, size)
    brush.fill((0.0, 0.0, 0.0))
    surface.flush()
    mask = np.frombuffer(surface.get_data(), np.uint8).reshape(height, surface.get_stride())[:, :width]
    sheet.paste(colour, (x, y), Image.fromarray(np.ascontiguousarray(mask)))


def _thumb(image: Image.Image) -> Image.Image:
    return image.resize(THUMB, Image.Resampling.LANCZOS)


def _spread(images: Sequence[Image.Image], most: int) -> list[Image.Image]:
    """At most so many of the images, evenly spread."""
    count = min(most, len(images))
    return [images[(2 * place + 1) * len(images) // (2 * count)] for place in range(count)]
