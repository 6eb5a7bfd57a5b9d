"""A sentence as plain words on one line or several, and a batch of sentences as a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.examples.fields import spaced
from core.model.special_tokens import PAD
from scenes.stage.matrix.chips import Chip, chip_width, flow_boxes
from scenes.stage.paint.layout import SPACE, Box
from scenes.stage.paint.typography import text_width

FONTS = (0.5, 0.44, 0.38, 0.34, 0.3, 0.26, 0.23, 0.2)
AIRY_WIDTH = 0.8
AIRY_GAP = 1.0
CHIP_GAP = SPACE
CHIP_HEIGHT = 1.75  # in font sizes


def word_spaces(tokens: Sequence[str], font: float) -> list[float]:
    """The space between each two words of this sentence: none between Chinese ones."""
    return [text_width(" ", font) if spaced(*pair) else 0.0 for pair in pairwise(tokens)]


def text_boxes(tokens: Sequence[str], font: float, box: Box) -> list[Box]:
    """Boxes of the words set as a text, centred in `box`."""
    widths = [min(text_width(token, font), box.width) for token in tokens]
    return flow_boxes(widths, word_spaces(tokens, font), font * 1.2, font * 1.6, box)


def chip_boxes(tokens: Sequence[str], font: float, box: Box) -> list[Box]:
    """Boxes of the same words as chips."""
    widths = [min(chip_width(token, font), box.width) for token in tokens]
    height = CHIP_HEIGHT * font
    return flow_boxes(widths, [CHIP_GAP] * (len(tokens) - 1), height, height * 1.35, box)


def lines_of(boxes: Sequence[Box]) -> int:
    return len({round(box.y, 3) for box in boxes})


def font_for(tokens: Sequence[str], box: Box, lines: int) -> float:
    """The largest type at which the words, even as chips, take at most so many lines and no word is cut."""
    fitting = (
        font
        for font in FONTS
        if max(chip_width(token, font) for token in tokens) <= box.width
        and lines_of(chip_boxes(tokens, font, box)) <= lines
    )
    return next(fitting, FONTS[-1])


def place_as_text(chips: Sequence[Chip], font: float, box: Box, *, airy: bool = False) -> None:
    """Place chips as the words of a text; an airy one takes more of the width where it is short."""
    tokens = [chip.text for chip in chips]
    places = text_boxes(tokens, font, box)
    if airy and lines_of(places) == 1 and len(tokens) > 1:
        free = AIRY_WIDTH * box.width - (places[-1].right - places[0].left)
        wider = min(AIRY_GAP, max(0.0, free / (len(tokens) - 1)))
        middle = (len(tokens) - 1) / 2
        places = [place.shifted((i - middle) * wider) for i, place in enumerate(places)]
    for chip, place in zip(chips, places, strict=True):
        chip.place(place, font, 0.0)


def table_boxes(batch: Sequence[Sequence[str]], columns: int, box: Box) -> tuple[list[list[Box]], float]:
    """The cells of the table that a batch is, row by row, and the size of its type."""
    tokens = {token for row in batch for token in row} | {PAD}
    room = box.width / columns - CHIP_GAP
    font = next((f for f in FONTS[1:] if max(chip_width(t, f) for t in tokens) <= room), FONTS[-1])
    width = min(room, max(chip_width(token, font) for token in tokens))
    height = CHIP_HEIGHT * font
    pitch = min(1.4 * height, box.height / len(batch))
    tops = [box.y + ((len(batch) - 1) / 2 - i) * pitch for i in range(len(batch))]
    rows = [Box(box.left, box.right, y - height / 2, y + height / 2) for y in tops]
    return [flow_boxes([width] * columns, [CHIP_GAP] * (columns - 1), height, height, row) for row in rows], font
