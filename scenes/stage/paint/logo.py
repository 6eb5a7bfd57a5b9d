"""A logo: a drawing as it is, or a picture of pixels as large as it has room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from manim import SVGMobject, VMobject
from PIL import Image

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted

MOST_PIXELS = 1024  # on a side: more than 4K has for a logo


class PixelPicture(Painted):
    """A picture of pixels, of which some may be clear."""

    MARGIN = 0.0

    def __init__(self, file: Path, height: float) -> None:
        with Image.open(file) as image:
            image.thumbnail((MOST_PIXELS, MOST_PIXELS))
            self.image = np.asarray(image.convert("RGBA"), dtype=float) / 255  # (rows, columns, 4)
        rows, columns, _ = self.image.shape
        super().__init__(Box(0, height * columns / rows, 0, height))

    def paint(self, brush: Brush) -> None:
        brush.image(self.image, self.box, self.opacity)


def logo(file: Path, height: float, width: float) -> VMobject:
    """The logo in an SVG or PNG file, as tall as that, and no wider than that."""
    drawn: VMobject = SVGMobject(file, height=height) if file.suffix.lower() == ".svg" else PixelPicture(file, height)
    return drawn.scale(min(1.0, width / drawn.width))
