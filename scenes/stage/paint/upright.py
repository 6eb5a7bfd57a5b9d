"""Texts that have no room to stand level: Chinese from top to bottom, all else turned to read upwards."""

from __future__ import annotations

import re

import numpy as np

from core.examples.fields import has_ideographs
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width

MIDDLE = 0.38  # of a character above its baseline, in font sizes
LETTERS = re.compile(r"[^\W\d_]", re.ASCII)
LYING = frozenset("（）［］｛｝〈〉《》「」『』【】〔〕()[]{}<>—–…～~·")  # turned with the line
STOPS = frozenset("，。、,.")  # in the upper right corner of their place


def stands_upright(text: str) -> bool:
    """Whether a text can be written from top to bottom: Chinese without Latin letters, or a single character."""
    return len(text) == 1 or (has_ideographs(text) and not LETTERS.search(text))


def upright_height(text: str, size: float) -> float:
    """How high `text` stands at font size `size`, both in scene units."""
    return len(text) * size


def shorten_upright(text: str, limit: float, size: float) -> str:
    """`text`, or its beginning and an ellipsis where it stands higher than `limit`."""
    room = max(1, int(limit / size + 1e-9))
    return text if len(text) <= room else text[: room - 1] + "…"


def write_upright(brush: Brush, text: str, x: float, bottom: float, size: float) -> None:
    """Add `text` to the path, its characters centred on `x`, the last one standing on `bottom`."""
    for place, character in enumerate(reversed(text)):
        y = bottom + (place + 0.5) * size
        width = text_width(character, size)
        if character in LYING and len(text) > 1:
            brush.text(character, x - MIDDLE * size, y + width / 2, size, turn=-np.pi / 2)
        else:
            aside = 0.5 * size if character in STOPS and len(text) > 1 else 0.0
            brush.text(character, x - width / 2 + aside, y - MIDDLE * size + aside, size)


def height_off_level(text: str, size: float) -> float:
    """How high a text stands that is not level: upright, or turned."""
    return upright_height(text, size) if stands_upright(text) else text_width(text, size)


def width_off_level(text: str, size: float) -> float:
    """How wide it stands: its widest character, or a line of capitals."""
    return max(text_width(c, size) for c in text) if stands_upright(text) else CAP_HEIGHT * size


def shorten_off_level(text: str, limit: float, size: float) -> str:
    """`text`, or its beginning and an ellipsis where it would stand higher than `limit`."""
    return (shorten_upright if stands_upright(text) else shorten)(text, limit, size)


def write_off_level(brush: Brush, text: str, x: float, bottom: float, size: float) -> None:
    """Add `text` to the path, centred on `x`, standing on `bottom`."""
    if stands_upright(text):
        write_upright(brush, text, x, bottom, size)
    else:
        brush.text(text, x + CAP_HEIGHT * size / 2, bottom, size, turn=np.pi / 2)
