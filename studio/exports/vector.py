"""Stills as true vectors: the last frames of steps as SVG or PDF, drawn by the scene's own camera.

Texts are outlines, so no reader needs a font; only heat maps stay images, of a few pixels a cell.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cairo
import numpy as np
from manim import ManimColor, Scene, VMobject
from manim.camera.camera import Camera

from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted, StageCamera
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, run
from studio.errors import Failure
from studio.files import whole_file
from studio.films.scheduler import Job
from studio.films.titles import chapter_title, step_title

WIDTH, HEIGHT = 960, 540  # points: a slide of 13⅓ × 7½ inches
SHARP = 0.012  # scene units a pixel; smaller ones are drawn smoothed
MOST_GRAINS = 16
PAGE = Picture(WIDTH, HEIGHT, 15)

_IDS = re.compile(r'\bid="([^"]+)"')
_REFERENCES = re.compile(r'(\bid="|"#|url\(#)([^")]+)')
_LONG_NUMBERS = re.compile(r"\d+\.\d{5,}")
_HEAD = re.compile(r"<svg [^>]*>")
_UNIT = re.compile(r'(?<=\d)pt(?=")')


class VectorBrush(Brush):
    """A brush whose sharp images stay sharp where a viewer smooths them: each cell is given several pixels."""

    def pixels(self, image: np.ndarray, box: Box, opacity: float) -> None:
        rows, columns, _ = image.shape
        grains = int(np.clip(min(box.width / columns, box.height / rows) / SHARP, 1, MOST_GRAINS))
        super().pixels(image.repeat(grains, axis=0).repeat(grains, axis=1), box, opacity)


class VectorCamera(StageCamera):
    """The scenes' camera for surfaces without pixels, whose colours are red, green, blue; Manim's are blue first."""

    def display_vectorized(self, vmobject: VMobject, ctx: cairo.Context) -> VectorCamera:
        if not isinstance(vmobject, Painted):
            super().display_vectorized(vmobject, ctx)
        elif vmobject.opacity > 0:
            ctx.new_path()
            vmobject.paint(VectorBrush(ctx, self))
        return self

    def set_cairo_context_color(self, ctx: cairo.Context, rgbas: Any, vmobject: VMobject) -> VectorCamera:
        swapped = np.asarray(rgbas)[:, [2, 1, 0, 3]]
        super().set_cairo_context_color(ctx, swapped, vmobject)
        return self


def svg(scene: Scene, camera: Camera, title: str, said: Sequence[str] = ()) -> bytes:
    """The scene as it stands, as SVG that says what it shows. The same scene gives the same bytes."""
    stream = BytesIO()
    surface = cairo.SVGSurface(stream, WIDTH, HEIGHT)
    _draw(scene, camera, surface)
    return _tidy(stream.getvalue().decode(), title, " ".join(said)).encode()


def pdf(scene: Scene, camera: Camera, title: str, said: Sequence[str] = ()) -> bytes:
    """The scene as it stands, as a PDF of one page without a date."""
    stream = BytesIO()
    surface = cairo.PDFSurface(stream, WIDTH, HEIGHT)
    surface.set_metadata(cairo.PDF_METADATA_TITLE, title)
    surface.set_metadata(cairo.PDF_METADATA_CREATE_DATE, "")
    _draw(scene, camera, surface)
    return stream.getvalue()


FORMATS: dict[str, Callable[[Scene, Camera, str, Sequence[str]], bytes]] = {"svg": svg, "pdf": pdf}


def _draw(scene: Scene, camera: Camera, surface: cairo.Surface) -> None:
    context = cairo.Context(surface)
    context.set_matrix(
        cairo.Matrix(WIDTH / camera.frame_width, 0, 0, -HEIGHT / camera.frame_height, WIDTH / 2, HEIGHT / 2)
    )
    context.set_source_rgb(*ManimColor(camera.background_color).to_rgb())
    context.paint()
    for mobject in camera.get_mobjects_to_display(scene.mobjects):
        if not isinstance(mobject, VMobject) or mobject.get_background_image() is not None:
            raise Failure(f"A {type(mobject).__name__} of the scene cannot be drawn as a vector.")
        camera.display_vectorized(mobject, context)
    surface.finish()


def _tidy(text: str, title: str, described: str) -> str:
    """With a title and a description, names that count from 1, numbers of at most four decimals, and a size in pixels,
    which is the same whatever a program takes an inch to be.
    """
    names = {name: f"part{number}" for number, name in enumerate(dict.fromkeys(_IDS.findall(text)), start=1)}
    text = _REFERENCES.sub(lambda found: found[1] + names.get(found[2], found[2]), text)
    text = _LONG_NUMBERS.sub(lambda found: f"{float(found[0]):.4f}".rstrip("0").rstrip("."), text)
    told = f'<title id="title">{html.escape(title)}</title>\n<desc id="description">{html.escape(described)}</desc>'
    role = ' role="img" aria-labelledby="title description">'
    return _HEAD.sub(lambda found: f"{_UNIT.sub('', found[0])[:-1]}{role}\n{told}", text, count=1)


@dataclass(frozen=True)
class VectorStill:
    """The last frame of a step as the contents of a file, and what has been said in the step."""

    data: bytes
    said: tuple[str, ...]


@dataclass(frozen=True)
class VectorJob(Job[None, dict[str, VectorStill]]):
    """The vector stills of a chapter, of some steps or of all, if none are named; can be sent to a worker."""

    chapter: str
    settings: Settings
    kind: str
    steps: tuple[str, ...] = ()

    def run(self, report: Callable[[None], None]) -> dict[str, VectorStill]:
        """The stills by step."""
        stills: dict[str, VectorStill] = {}
        language = self.settings.language
        chapter = chapter_title(self.chapter, self.settings, language)

        def ended(step: EndedStep) -> bool:
            if not self.steps or step.name in self.steps:
                title = f"{chapter}: {step_title(self.chapter, step.name, self.settings, language)}"
                said = tuple(text for _, text in step.scene.said)
                stills[step.name] = VectorStill(FORMATS[self.kind](step.scene, step.scene.camera, title, said), said)
            return step.name in self.steps[-1:]

        run(self.chapter, self.settings, PAGE, camera=VectorCamera, on_step=ended)
        return stills


def save_vector(chapter: str, step: str, settings: Settings, target: Path) -> Path:
    """Write the last frame of a step as SVG or PDF, by the ending of `target`."""
    drawn = VectorJob(chapter, settings, target.suffix[1:].lower(), (step,)).run(lambda news: None)
    with whole_file(target) as part:
        part.write_bytes(drawn[step].data)
    return target
