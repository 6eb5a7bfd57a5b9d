"""Token chips: words that can stand as plain text, be cut apart, and lie in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

import numpy as np

from core.examples.fields import spaced
from scenes.stage.paint.bidi import stands_right_to_left
from scenes.stage.paint.layout import SMALL, TIGHT, Box, around
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width

AIR = 0.6
ROUND = 0.3  # how round a chip's corners are, by its height
NARROWEST = 0.5  # of a word that is cut
SHORTER = 0.85  # from try to try, what words may have that do not all find room
GROUND = 0.85  # from this body on, what a chip lies on is hidden


class Chip(Painted):
    """One token. State: `body` (0 plain text, 1 a chip), `font` (its size). A quiet chip is hatched: it is filling.

    hue: the meaning whose colour its edge has; gloss: what a foreign token means, in small type under it.
    """

    STATE: ClassVar[tuple[str, ...]] = ("body", "font")

    def __init__(
        self, text: str, theme: Theme, *, quiet: bool = False, body: float = 1.0, hue: str = "x", gloss: str = ""
    ) -> None:
        self.text, self.gloss = text, gloss
        self.edge = theme.rule if quiet else theme.hue(hue)
        self.theme = theme
        self.quiet = quiet
        self.body = np.array([body])
        self.font = np.array([0.3])
        super().__init__(Box(0, chip_width(text, 0.3), 0, 0.5), theme.quiet if quiet else theme.ink)

    def place(self, box: Box, font: float, body: float = 1.0) -> Chip:
        """Fill `box` with type of that size, as text (0) or as a chip (1)."""
        self.set_box(box)
        self.font, self.body = np.array([font]), np.array([body])
        return self

    def shrink_to(self, share: float, centre: np.ndarray) -> Chip:
        """Stand at `centre`, of that share of its size, type and all."""
        self.font = self.font * share
        return self.scale(share).move_to(centre)

    @property
    def shown_text(self) -> str:
        air = 0.5 * AIR * self.body[0] * self.font[0]
        return shorten(self.text, self.box.width - air + 1e-3, float(self.font[0]))

    def paint(self, brush: Brush) -> None:
        body = float(self.body[0]) * self.opacity
        if body > 0:
            hatching = (self.theme.hue("mask"), 0.45 * body) if self.quiet else None
            ground, edge = (self.theme.surface, body), (self.edge, body)
            brush.plate(self.box, ROUND * self.box.height, ground, edge, 0.018, hatching)
        brush.write(self.printed())

    @property
    def with_gloss(self) -> Box:
        """Its box, down to where its gloss ends."""
        return self.box.inset(bottom=-gloss_height(self.gloss, self.theme))

    @property
    def reach(self) -> Box:
        beyond = max(0.0, gloss_width(self.gloss, self.theme) - self.box.width) / 2
        return super().reach.inset(-beyond, -beyond, -gloss_height(self.gloss, self.theme))

    def printed(self) -> list[PrintedText]:
        box, size, small = self.box, float(self.font[0]), self.theme.size(SMALL)
        ground = np.array(self.theme.surface) if self.body[0] > GROUND else None
        lines = [self._line(self.shown_text, size, box.y, self.colour, ground)]
        if self.gloss:
            y = box.bottom - TIGHT - CAP_HEIGHT * small / 2
            lines.append(self._line(self.gloss, small, y, np.array(self.theme.quiet)))
        return lines

    def _line(
        self, text: str, size: float, y: float, colour: np.ndarray, ground: np.ndarray | None = None
    ) -> PrintedText:
        half, high = text_width(text, size) / 2, CAP_HEIGHT * size / 2
        place = Box(self.box.x - half, self.box.x + half, y - high, y + high)
        return PrintedText(text, place, size, colour, ground, structural=True, opacity=self.opacity)


def gloss_width(gloss: str, theme: Theme) -> float:
    """How wide a gloss under a token is."""
    return text_width(gloss, theme.size(SMALL))


def gloss_height(gloss: str, theme: Theme) -> float:
    """How far a gloss reaches below its token, 0 where there is none."""
    return TIGHT + theme.size(SMALL) if gloss else 0.0


def chip_width(text: str, font: float, body: float = 1.0) -> float:
    """Width of a token as plain text (body 0) or as a chip (1)."""
    return text_width(text, font) + 2 * AIR * font * body


def word_boxes(
    tokens: Sequence[str], font: float, height: float, pitch: float, box: Box, read: Sequence[str] | None = None
) -> list[Box]:
    """Boxes of words set as a text in the middle of `box`, as they are read; no space is between Chinese ones.

    read: the sentence in whose direction they stand, where they are a part of it.
    """
    widths = [min(text_width(token, font), box.width) for token in tokens]
    spaces = [text_width(" ", font) if spaced(*pair) else 0.0 for pair in pairwise(tokens)]
    return as_read(read or tokens, flow_boxes(capped(widths, spaces, pitch, box), spaces, height, pitch, box))


def capped(widths: Sequence[float], gaps: Sequence[float], pitch: float, box: Box) -> list[float]:
    """Those widths, the longest cut as far as lets all stand in the lines that `box` has."""
    room = max(1, int(box.height / pitch + 1e-6)) if pitch else 1
    longest = max(widths)
    while longest > NARROWEST and len(_greedy([min(width, longest) for width in widths], gaps, box.width)) > room:
        longest *= SHORTER
    return [min(width, longest) for width in widths]


def as_read(tokens: Sequence[str], boxes: Sequence[Box]) -> list[Box]:
    """Boxes of tokens that stand from left to right, from right to left where their sentence is read so."""
    if not stands_right_to_left(tokens):
        return list(boxes)
    edges = around(*boxes).left + around(*boxes).right
    return [replace(box, left=edges - box.right, right=edges - box.left) for box in boxes]


def lines_of(boxes: Sequence[Box]) -> int:
    """In how many lines they stand."""
    return len({round(box.y, 3) for box in boxes})


def flow_boxes(widths: Sequence[float], gaps: Sequence[float], height: float, pitch: float, box: Box) -> list[Box]:
    """Boxes of those widths set side by side in balanced, centred lines inside `box`, `pitch` from line to line.

    gaps: the room between each two neighbours, one fewer than widths.
    """
    lines = _balanced(widths, gaps, box.width)
    y = box.y + (len(lines) - 1) * pitch / 2
    boxes = []
    for line in lines:
        x = box.x - (sum(widths[i] for i in line) + sum(gaps[i] for i in line[:-1])) / 2
        for i in line:
            boxes.append(Box(x, x + widths[i], y - height / 2, y + height / 2))
            x += widths[i] + (gaps[i] if i < len(gaps) else 0.0)
        y -= pitch
    return boxes


def _balanced(widths: Sequence[float], gaps: Sequence[float], limit: float) -> list[list[int]]:
    fewest = len(_greedy(widths, gaps, limit))
    tries = np.linspace(max(widths), limit, 40) if max(widths) < limit else [limit]
    return next(lines for width in tries if len(lines := _greedy(widths, gaps, float(width))) <= fewest)


def _greedy(widths: Sequence[float], gaps: Sequence[float], limit: float) -> list[list[int]]:
    lines: list[list[int]] = [[]]
    used = 0.0
    for i, width in enumerate(widths):
        gap = gaps[i - 1] if i else 0.0
        if lines[-1] and used + gap + width > limit + 1e-6:
            lines.append([])
        used = width if not lines[-1] else used + gap + width
        lines[-1].append(i)
    return lines


def column_boxes(count: int, left: float, width: float, rows: Box) -> list[Box]:
    """`count` boxes one above the other at `left`, one in each equal row of `rows`."""
    pitch = rows.height / count
    high = min(0.84 * pitch, 0.46)
    tops = [rows.top - (i + 0.5) * pitch + high / 2 for i in range(count)]
    return [Box(left, left + width, top - high, top) for top in tops]
