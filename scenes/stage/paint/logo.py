"""A logo: a drawing or a picture of pixels, as it is, as large as it has room."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np
import typst
from PIL import Image

from scenes.stage.paint.fonts import FONTS
from scenes.stage.paint.layout import FRAME, HAIR, SAFE, Box
from scenes.stage.paint.painting import Brush, Painted

MOST_PIXELS = 1024  # on a side: more than 4K has for a logo
HIGH, POINTS = 320, 48  # a drawing's height in pixels, and in points while it is made to pixels
WIDEST = 2.4  # in the margin


class Logo(Painted):
    """The logo in an SVG or PNG file, as tall as that, and no wider than that; parts of it may be clear."""

    MARGIN: ClassVar[float] = 0.0

    def __init__(self, file: Path, height: float, width: float) -> None:
        self.image = _pixels(file, file.stat().st_mtime_ns)
        rows, columns, _ = self.image.shape
        height = min(height, width * rows / columns)
        super().__init__(Box(0, height * columns / rows, 0, height))

    def in_margin(self) -> Logo:
        """At the right end of the margin below everything, where nothing else ever stands."""
        self.move_to([SAFE.right - self.width / 2, (FRAME.bottom + SAFE.bottom) / 2, 0])
        return self

    def paint(self, brush: Brush) -> None:
        brush.image(self.image, self.box, self.opacity)


def small_logo(file: Path) -> Logo:
    """A logo in the margin of the frame."""
    return Logo(file, SAFE.bottom - FRAME.bottom - HAIR, WIDEST).in_margin()


@cache
def _pixels(file: Path, changed: int) -> np.ndarray:
    """What a file held at that time, as colours and opacities from 0 to 1.  # (rows, columns, 4)"""
    with TemporaryDirectory() as passing:
        picture = Path(passing) / "logo.png"
        if file.suffix.lower() == ".svg":
            _draw(file, picture)
        else:
            copyfile(file, picture)
        with Image.open(picture) as image:
            image.thumbnail((MOST_PIXELS, MOST_PIXELS))
            return np.asarray(image.convert("RGBA"), dtype=float) / 255


def _draw(drawing: Path, picture: Path) -> None:
    """Make pixels of a drawing, on no ground."""
    copyfile(drawing, picture.with_name("logo.svg"))
    page = f'#set page(width: auto, height: auto, margin: 0pt, fill: none)\n#image("logo.svg", height: {POINTS}pt)'
    source = picture.with_name("logo.typ")
    source.write_text(page, encoding="utf-8")
    typst.compile(
        str(source),
        output=str(picture),
        root=str(picture.parent),
        font_paths=[str(FONTS)],
        format="png",
        ppi=72 * HIGH / POINTS,
    )
