"""The film's fonts for a page that stands alone: only the characters it needs, inside its style sheet."""

from __future__ import annotations

import base64
import logging
from io import BytesIO

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from scenes.stage.paint.fonts import FONTS

FACES = (
    ("Deck Latin", "Inter-Regular.ttf", 400),
    ("Deck Latin", "Inter-SemiBold.ttf", 600),
    ("Deck Chinese", "NotoSansSC-Regular.ttf", 400),
)

logging.getLogger("fontTools").setLevel(logging.WARNING)


def font_faces(text: str) -> str:
    """Rules of CSS for the fonts that have characters of `text`, each with those alone."""
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("data:font/woff;base64,{data}"); }}'
        for family, file, weight in FACES
        if (data := _subset(file, text))
    )


def _subset(file: str, text: str) -> str:
    """The font with those of the characters that it has, in base64; nothing if it has none."""
    with TTFont(FONTS / file, recalcTimestamp=False) as font:
        wanted = {ord(char) for char in text} & set(font.getBestCmap())
        if not wanted:
            return ""
        subsetter = Subsetter(Options())
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        font.flavor = "woff"
        stream = BytesIO()
        font.save(stream)
    return base64.b64encode(stream.getvalue()).decode()
