"""A sentence as plain words or as chips, on one line or several."""

from __future__ import annotations

from collections.abc import Sequence

from scenes.stage.matrix.chips import Chip, as_read, capped, chip_width, flow_boxes, lines_of, word_boxes
from scenes.stage.paint.layout import WIDE, Box, Type
from scenes.stage.paint.theme import Theme

CHIP_GAP = WIDE
CHIP_HEIGHT = 2.2  # in font sizes


def text_boxes(tokens: Sequence[str], font: float, box: Box) -> list[Box]:
    """Boxes of the words set as a text, centred in `box`, on the lines that they have as chips."""
    chips = chip_boxes(tokens, font, box)
    boxes: list[Box] = []
    for y in dict.fromkeys(round(chip.y, 3) for chip in chips):
        line = [token for token, chip in zip(tokens, chips, strict=True) if round(chip.y, 3) == y]
        boxes += word_boxes(line, font, font * 1.2, 0.0, Box(box.left, box.right, y, y), tokens)
    return boxes


def chip_boxes(tokens: Sequence[str], font: float, box: Box) -> list[Box]:
    """Boxes of the same words as chips."""
    widths = [min(chip_width(token, font), box.width) for token in tokens]
    height = CHIP_HEIGHT * font
    gaps, pitch = [CHIP_GAP] * (len(tokens) - 1), height * 1.35
    return as_read(tokens, flow_boxes(capped(widths, gaps, pitch, box), gaps, height, pitch, box))


def font_for(tokens: Sequence[str], box: Box, lines: int, theme: Theme) -> float:
    """The largest type at which the words, even as chips, take at most so many lines and no word is cut."""
    sizes = [theme.size(name) for name in Type]
    return next((font for font in sizes if _fits(tokens, font, box, lines)), sizes[-1])


def _fits(tokens: Sequence[str], font: float, box: Box, lines: int) -> bool:
    """Whether chips of that type are whole on so many lines."""
    boxes = chip_boxes(tokens, font, box)
    whole = all(place.width >= chip_width(token, font) - 1e-6 for place, token in zip(boxes, tokens, strict=True))
    return whole and lines_of(boxes) <= lines


def place_as_text(chips: Sequence[Chip], font: float, box: Box) -> None:
    """Place chips as the words of a text."""
    words = word_boxes([chip.text for chip in chips], font, font * 1.2, font * 1.6, box)
    for chip, place in zip(chips, words, strict=True):
        chip.place(place, font, 0.0)
