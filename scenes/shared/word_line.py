"""The words of a sentence, which stand as a text, in one line under arcs, or one below the other beside a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from manim import Animation, Succession, Transform

from core.model.special_tokens import PAD
from scenes.stage.matrix.chips import ROUND, as_read, flow_boxes, lines_of, word_boxes
from scenes.stage.paint.layout import LABEL, SMALL, TEXT, TIGHT, TITLE, Box, around, around_edges
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme, contrast, mix
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width

AIR = 0.28  # beside a word in its chip, in font sizes
HEIGHT = 1.75  # of a chip, in font sizes
LEADING = 1.5  # from line to line of a text
MOST_LINES = 2  # of a text in the largest type
SHORTENED = 0.3  # of a block's width, for a word where words are too long for it
LONGEST_BESIDE = 1.7  # of a word beside a row
WIDEST_GAP = 0.5
FULL_LIGHT = 0.25  # from this weight on, a chip has all the colour of its weight
STEM = 0.018


@dataclass(frozen=True)
class Places:
    """Where each word stands, its size of type, and how far it is a chip (1) or plain text (0).

    hanging: every second word hangs from the line that the arcs stand on, below the others.
    """

    boxes: tuple[Box, ...]
    font: float
    body: float = 1.0
    hanging: bool = False

    @property
    def extent(self) -> Box:
        return around(*self.boxes)

    def on_stairs(self, rows: Places) -> Places:
        """Each word where it is from left to right, and as high and large as among these rows, on its chip as here."""
        pairs, air = zip(self.boxes, rows.boxes, strict=True), AIR * rows.font * self.body
        halves = [(here.x, row.width / 2 + air, row) for here, row in pairs]
        boxes = (Box(x - half, x + half, row.bottom, row.top) for x, half, row in halves)
        return Places(tuple(boxes), rows.font, self.body)

    def spots(self) -> np.ndarray:
        """The middle of each word.  # (tokens,)"""
        return np.array([box.x for box in self.boxes])


def as_text(tokens: Sequence[str], box: Box, theme: Theme) -> Places:
    """The words as a text in the middle of `box`, in the largest type."""
    large, small = theme.size(TITLE), theme.size(TEXT)
    font = large if lines_of(_text_boxes(tokens, large, box)) <= MOST_LINES else small
    return Places(tuple(_text_boxes(tokens, font, box)), font, 0.0)


def _text_boxes(tokens: Sequence[str], font: float, box: Box) -> list[Box]:
    return word_boxes(tokens, font, font * HEIGHT, font * LEADING, box)


def in_line(tokens: Sequence[str], box: Box, theme: Theme, read: Sequence[str] | None = None) -> Places:
    """The words as chips on one line below the top of `box`; where they are too many, every second one hangs lower.

    read: the words in whose direction they stand, where their own are still blanks.
    """
    places = _in_line(tokens, box, theme)
    return replace(places, boxes=tuple(as_read(read or tokens, places.boxes)))


def _in_line(tokens: Sequence[str], box: Box, theme: Theme) -> Places:
    for size in (TITLE, TEXT, LABEL):
        font = theme.size(size)
        widths = [text_width(token, font) + 2 * AIR * font for token in tokens]
        free = box.width - sum(widths)
        if free >= TIGHT * (len(tokens) - 1):
            gap = min(WIDEST_GAP, free / max(1, len(tokens) - 1))
            return Places(tuple(_level(widths, gap, HEIGHT * font, box)), font)
    return _hanging(tokens, box, theme)


def _level(widths: Sequence[float], gap: float, height: float, box: Box) -> list[Box]:
    boxes, x = [], box.x - (sum(widths) + gap * (len(widths) - 1)) / 2
    for width in widths:
        boxes.append(Box(x, x + width, box.top - height, box.top))
        x += width + gap
    return boxes


def _hanging(tokens: Sequence[str], box: Box, theme: Theme) -> Places:
    """At equal distances, on two levels, as wide as twice the distance allows."""
    pitch = box.width / (len(tokens) + 1)
    limit = 2 * pitch - TIGHT
    sizes = [theme.size(size) for size in (LABEL, SMALL)]
    fitting = (s for s in sizes if max(text_width(token, s) for token in tokens) + 2 * AIR * s <= limit)
    font = next(fitting, sizes[-1])
    boxes = []
    for place, token in enumerate(tokens):
        x, half = box.left + (place + 1) * pitch, min(limit, text_width(token, font) + 2 * AIR * font) / 2
        top = box.top - (place % 2) * (HEIGHT * font + TIGHT)
        boxes.append(Box(x - half, x + half, top - HEIGHT * font, top))
    return Places(tuple(boxes), font, hanging=True)


def in_block(tokens: Sequence[str], box: Box, theme: Theme, read: Sequence[str] | None = None) -> Places:
    """The words as small chips in lines that fill `box` from its top left corner; the longest are shortened.

    read: as in `in_line`.
    """
    for size, share in ((TITLE, 1.0), (TEXT, 1.0), (LABEL, 1.0), (SMALL, 1.0), (SMALL, SHORTENED)):
        font = theme.size(size)
        widths = [min(share * box.width, text_width(token, font) + 2 * AIR * font) for token in tokens]
        flowing = flow_boxes(widths, [TIGHT] * (len(tokens) - 1), HEIGHT * font, HEIGHT * font + TIGHT, box)
        boxes = as_read(read or tokens, flowing)
        extent = around(*boxes)
        if extent.height <= box.height:
            break
    return Places(tuple(b.shifted(box.left - extent.left, box.top - extent.top) for b in boxes), font)


def beside_rows(tokens: Sequence[str], rows: Sequence[Box], right: float, theme: Theme) -> Places:
    """Plain words one below the other, flush right, level with these rows."""
    pitch = rows[0].height
    font = theme.size(LABEL) if pitch >= theme.size(LABEL) else theme.fitting(pitch / CAP_HEIGHT, SMALL)
    widths = [min(LONGEST_BESIDE, text_width(token, font)) for token in tokens]
    boxes = [Box(right - width, right, row.bottom, row.top) for width, row in zip(widths, rows, strict=True)]
    return Places(tuple(boxes), font, 0.0)


def falling(line: WordLine, start: Places, rows: Places, **kwargs: Any) -> Animation:
    """Words go from their line to rows: down, then aside, so that none crosses another; hanging ones go and come."""
    stops = [line.copy().stand(start.on_stairs(rows)).dark(), line.copy().stand(rows).dark()]
    if start.hanging:
        stops = [line.copy().dark().unwritten(), line.copy().stand(rows).dark().unwritten(), stops[1]]
    return Succession(*(Transform(line, stop) for stop in stops), **kwargs)


def rising(line: WordLine, rows: Places, end: Places, **kwargs: Any) -> Animation:
    """Words go back from rows to their line on the same way."""
    stops = [line.copy().stand(end.on_stairs(rows)), line.copy().stand(end)]
    if end.hanging:
        stops = [line.copy().unwritten(), line.copy().stand(end).unwritten(), stops[1]]
    return Succession(*(Transform(line, stop) for stop in stops), **kwargs)


class WordLine(Painted):
    """Words in their places. State: `places` (tokens, 4) left, right, bottom, top; `font`, `body`, `stems`; `glow`
    (tokens,) the weight whose light a word has; `light` (tokens,) its brightness; `written` (1,) how far the sentence
    is written, from its first word on; `known` (tokens,) how far words are there, of blanks only the chips are.
    """

    STATE: ClassVar[tuple[str, ...]] = ("places", "font", "body", "stems", "glow", "light", "written", "known")

    def __init__(self, tokens: Sequence[str], places: Places, theme: Theme, *, hue: str = "x") -> None:
        self.tokens, self.theme, self.edge = tuple(tokens), theme, theme.hue(hue)
        self.glow, self.light = np.zeros(len(self.tokens)), np.ones(len(self.tokens))
        self.written, self.known = np.ones(1), np.ones(len(self.tokens))
        super().__init__(places.extent, theme.ink)
        self.stand(places)

    # --- changes ----------------------------------------------------------------------------------------------------

    def stand(self, places: Places) -> WordLine:
        """Take these places."""
        self.places = np.array([[b.left, b.right, b.bottom, b.top] for b in places.boxes])
        self.font, self.body = np.array([places.font]), np.array([places.body])
        self.stems = np.array([float(places.hanging)])
        return self.set_box(places.extent)

    def unwritten(self) -> WordLine:
        self.written = np.zeros(1)
        return self

    def write(self, words: int | None = None) -> WordLine:
        """So many words are written, all of them if no number is given."""
        self.written = np.array([1.0 if words is None else words / (len(self.tokens) + 1)])
        return self

    def blank(self) -> WordLine:
        """The words are still unknown."""
        self.known = np.zeros(len(self.tokens))
        return self

    def reveal(self, *words: int) -> WordLine:
        """These words, all of them if none is named, are known."""
        self.known = self.known.copy()
        self.known[list(words) or slice(None)] = 1.0
        return self

    def spotlight(self, *words: int) -> WordLine:
        """Light these words and dim all others."""
        self.light = np.full(len(self.tokens), self.theme.dim)
        self.light[list(words)] = 1.0
        return self

    def light_up(self) -> WordLine:
        self.light = np.ones(len(self.tokens))
        return self

    def shine(self, weights: np.ndarray) -> WordLine:
        """Each word has the light of its weight (tokens,)."""
        self.glow = np.asarray(weights, dtype=float)
        return self

    def dark(self) -> WordLine:
        return self.shine(np.zeros(len(self.tokens)))

    # --- geometry ---------------------------------------------------------------------------------------------------

    def word_box(self, index: int) -> Box:
        left, right, bottom, top = map(float, self.places[index])
        return Box(left, right, bottom, top)

    def _shown_text(self, index: int) -> str:
        font = float(self.font[0])
        room = self.word_box(index).width - 2 * AIR * font * float(self.body[0])
        return shorten(self.tokens[index], room + 1e-3, font)

    def _opacity(self, index: int) -> float:
        """Words come one after the other while the sentence is written."""
        coming = float(np.clip(self.written[0] * (len(self.tokens) + 1) - index, 0, 1))
        return self.opacity * float(self.light[index]) * coming

    def _ground(self, index: int) -> np.ndarray:
        """What a word stands on: the background, its chip, the light on it."""
        weight = float(self.glow[index])
        lit = mix(self.theme.surface, self.theme.weight_colour(np.array(weight)), min(1.0, weight / FULL_LIGHT))
        return mix(self.theme.background, lit, float(self.body[0]))

    # --- painting ---------------------------------------------------------------------------------------------------

    @property
    def reach(self) -> Box:
        return around_edges(self.places).grown(TIGHT + float(self.font[0]))

    def paint(self, brush: Brush) -> None:
        line = float(self.places[:, 3].max())
        for index, token in enumerate(self.tokens):
            box, body, opacity = self.word_box(index), float(self.body[0]), self._opacity(index)
            if self.stems[0] > 0 and line - box.top > STEM:
                brush.context.move_to(box.x, box.top)
                brush.context.line_to(box.x, line)
                brush.stroke(self.edge, 0.5 * opacity * float(self.stems[0]), STEM)
            if body > 0:
                self._paint_chip(brush, box, index, body * opacity, quiet=token == PAD)
        brush.write(self.printed())

    def _paint_chip(self, brush: Brush, box: Box, index: int, opacity: float, *, quiet: bool) -> None:
        hatching = (self.theme.hue("mask"), 0.45 * opacity) if quiet else None
        brush.plate(box, ROUND * box.height, (self._ground(index), opacity), (self.edge, 0.8 * opacity), STEM, hatching)

    def printed(self) -> list[PrintedText]:
        texts, size = [], float(self.font[0])
        for index in range(len(self.tokens)):
            box, text, ground = self.word_box(index), self._shown_text(index), self._ground(index)
            half, high = text_width(text, size) / 2, CAP_HEIGHT * size / 2
            place = Box(box.x - half, box.x + half, box.y - high, box.y + high)
            inks = np.array([self.theme.ink, self.theme.background])
            colour = inks[int(np.argmax([contrast(ink, ground) for ink in inks]))]
            opacity = self._opacity(index) * float(self.known[index])
            texts.append(PrintedText(text, place, size, colour, ground, structural=True, opacity=opacity))
        return texts


__all__ = ["Places", "WordLine", "as_text", "beside_rows", "falling", "in_block", "in_line", "rising"]
