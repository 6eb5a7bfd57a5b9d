"""Who looks at whom: a line of tokens, with arcs from each query to the tokens it may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from scenes.stage.paint.bidi import stands_right_to_left
from scenes.stage.paint.layout import HAIR, LABEL, SMALL, SPACE, TIGHT, Box, Type
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width
from scenes.stage.paint.upright import height_off_level, shorten_off_level, width_off_level, write_off_level

CHIP_HEIGHT = 1.75  # in font sizes
LONGEST = 1.1  # of a text below a dot
CUT = 0.2  # half of the gap that a cut leaves


@dataclass(frozen=True)
class Fit:
    """How the tokens stand in their places: their type, whether they hang turned, and the height they take."""

    font: float
    turned: bool
    texts: tuple[str, ...]
    height: float


@lru_cache(maxsize=4096)
def _fit(tokens: tuple[str, ...], pitch: float, sizes: tuple[float, ...]) -> Fit:
    """As chips in the first of the sizes in which all fit; else, in the last one, below dots."""
    widest = max(text_width(token, 1.0) for token in tokens)
    for font in sizes:
        if widest * font <= pitch - 2 * HAIR:
            return Fit(font, False, tokens, CHIP_HEIGHT * font)
    font = sizes[-1]
    texts = tuple(shorten_off_level(token, LONGEST, font) for token in tokens)
    return Fit(font, True, texts, max(height_off_level(text, font) for text in texts) + SPACE + HAIR)


def rise(steps: int, count: int) -> float:
    """How high an arc over so many steps rises among so many tokens, as a share of the room over them."""
    return min(1.0, 0.22 + 0.78 * (steps / max(1, count - 1)) ** 0.7)


class ArcDiagram(Painted):
    """Tokens side by side as they are read, at the foot of a box, one per equal part of its width, arcs above them.

    State: `look` (queries, keys) how visible the arc from a query to a key is, `breadth` its thickness, `cut`
    (queries, keys) how far it is cut through, `light` (tokens,) brightness of the tokens, `mirrored` (1,) how far they
    stand from right to left. Tokens too long for their place hang below a dot, upright or turned.
    """

    STATE: ClassVar[tuple[str, ...]] = ("look", "breadth", "cut", "light", "mirrored")

    def __init__(self, tokens: Sequence[str], box: Box, theme: Theme, largest: Type = LABEL) -> None:
        self.tokens = tuple(tokens)
        self.sizes = tuple(dict.fromkeys(map(theme.size, (largest, LABEL, SMALL))))
        self.mirrored = np.array([float(stands_right_to_left(self.tokens))])
        self.theme = theme
        count = len(self.tokens)
        self.look = np.zeros((count, count))
        self.breadth = np.full((count, count), 0.03)
        self.cut = np.zeros((count, count))
        self.light = np.ones(count)
        super().__init__(box, theme.ink)

    # --- geometry ---------------------------------------------------------------------------------------------------

    @property
    def pitch(self) -> float:
        return self.box.width / len(self.tokens)

    @property
    def fit(self) -> Fit:
        return _fit(self.tokens, round(self.pitch, 4), self.sizes)

    @property
    def floor(self) -> float:
        """Where the arcs stand."""
        return self.box.bottom + self.fit.height + HAIR

    def x_of(self, index: int) -> float:
        away = (index + 0.5) * self.pitch
        mirrored = float(self.mirrored[0])
        return (1 - mirrored) * (self.box.left + away) + mirrored * (self.box.right - away)

    def token_box(self, index: int) -> Box:
        """The chip of one token, or where its turned text stands."""
        x, box = self.x_of(index), self.box
        if not self.fit.turned:
            half = text_width(self.tokens[index], self.fit.font) / 2 + min(0.13, (self.pitch - 0.06) / 2)
            half = min(half, self.pitch / 2 - 0.03)
            return Box(x - half, x + half, box.bottom, box.bottom + self.fit.height)
        text, size, top = self.fit.texts[index], self.fit.font, self.floor - TIGHT - SPACE
        half = width_off_level(text, size) / 2
        return Box(x - half, x + half, top - height_off_level(text, size), top)

    def focus_box(self, index: int) -> Box:
        """What to frame for one token: its chip, or its dot."""
        if not self.fit.turned:
            return self.token_box(index).grown(0.04)
        x, y = self.x_of(index), self.floor - TIGHT
        return Box(x, x, y, y).grown(0.12)

    def crown(self, query: int, key: int) -> float:
        """How high the arc from a query to a key rises."""
        return float(_point(self._bend(query, key), 0.5)[1])

    # --- changes ----------------------------------------------------------------------------------------------------

    def over_columns(self) -> ArcDiagram:
        """Stand as the columns of a matrix do, from left to right, whatever way the sentence is read."""
        self.mirrored = np.zeros(1)
        return self

    def looking(self, query: int, keys: Iterable[int], amount: float = 1.0) -> ArcDiagram:
        """Draw the arcs from `query` to `keys`, beside those that stand."""
        self.look = self.look.copy()
        self.look[query, list(keys)] = amount
        return self

    def only(self, query: int, keys: Iterable[int]) -> ArcDiagram:
        """Draw the arcs from `query` to `keys`, light these tokens, and step everything else back."""
        seen = list(keys)
        self.look = np.where(self.look > 0, 0.12, 0.0)
        self.light = np.full(len(self.tokens), self.theme.dim)
        self.light[[query, *seen]] = 1.0
        return self.looking(query, seen)

    def cleared(self) -> ArcDiagram:
        """No arcs; all tokens lit."""
        self.look, self.cut = np.zeros_like(self.look), np.zeros_like(self.cut)
        self.light = np.ones(len(self.tokens))
        return self

    def lit(self, *tokens: int) -> ArcDiagram:
        """Light these tokens too."""
        self.light = self.light.copy()
        self.light[list(tokens)] = 1.0
        return self

    def all_seen(self, open_pairs: np.ndarray, amount: float = 0.6) -> ArcDiagram:
        """The arcs of every query to all that it may see, (queries, keys)."""
        self.look = np.where(open_pairs, amount, 0.0)
        self.light = np.ones(len(self.tokens))
        return self

    def severed(self, query: int, keys: Iterable[int]) -> ArcDiagram:
        """Cut the arcs from `query` to `keys`."""
        self.cut = self.cut.copy()
        self.cut[query, list(keys)] = 1.0
        return self

    def as_weights(self, weights: np.ndarray) -> ArcDiagram:
        """Every arc as thick as its weight (queries, keys); what has no weight has no arc."""
        self.breadth = 0.014 + 0.11 * weights
        self.look = np.where(weights > 0, 0.25 + 0.75 * weights, 0.0)
        self.light = np.ones(len(self.tokens))
        return self

    # --- painting ---------------------------------------------------------------------------------------------------

    def paint(self, brush: Brush) -> None:
        for query, key in np.argwhere(self.look > 0.01):
            self._arc(brush, int(query), int(key))
        for index, text in enumerate(self.fit.texts):
            (self._dot if self.fit.turned else self._chip)(brush, index, text)

    def _chip(self, brush: Brush, index: int, text: str) -> None:
        chip, light = self.token_box(index), self.opacity * self.light[index]
        brush.rounded(chip.left, chip.bottom, chip.width, chip.height, 0.09)
        brush.fill(mix(self.theme.surface, self.theme.hue("x"), 0.22), light)
        brush.text_centred(text, chip.x, chip.y, self.fit.font)
        brush.fill(self.theme.ink, light)

    def _dot(self, brush: Brush, index: int, text: str) -> None:
        x, y = self.x_of(index), self.floor - TIGHT
        light = self.opacity * self.light[index]
        brush.rounded(x - 0.045, y - 0.045, 0.09, 0.09, 0.045)
        brush.fill(self.theme.hue("x"), light)
        place = self.token_box(index)
        write_off_level(brush, text, place.x, place.bottom, self.fit.font)
        brush.fill(self.theme.ink, light)

    def _bend(self, query: int, key: int) -> np.ndarray:
        """The four points of an arc.  # (4, 2)"""
        room = self.box.top - self.floor
        steps = abs(query - key)
        reach = rise(steps, len(self.tokens))
        high = self.floor + (4 / 3) * room * reach * 0.96
        start, end = self.x_of(query), self.x_of(key)
        spread = np.sign(end - start) * min(0.24, 0.2 * self.pitch) * (1 - (steps - 1) / len(self.tokens))
        start, end = start + spread, end - spread  # nested arcs do not cross at their feet
        if query == key:
            start, end = start - 0.09, end + 0.09
            bulge = 0.16
            high = self.floor + min(room, 0.3) * 4 / 3
            return np.array([[start, self.floor], [start - bulge, high], [end + bulge, high], [end, self.floor]])
        return np.array([[start, self.floor], [start, high], [end, high], [end, self.floor]])

    def _arc(self, brush: Brush, query: int, key: int) -> None:
        points, cut = self._bend(query, key), float(self.cut[query, key])
        light = self.opacity * float(self.look[query, key]) * (1 - 0.45 * cut)
        width = float(self.breadth[query, key])
        gap = CUT * cut / max(1.0, abs(points[3, 0] - points[0, 0]) + points[1, 1] - points[0, 1])
        grey = self.theme.hue("mask")
        first, last = (_towards(self.theme.hue(end), grey, cut) for end in ("q", "k"))
        ends = (tuple(points[0]), tuple(points[-1] + (0.001 if query == key else 0.0)))
        parts = [(0.0, 1.0)] if cut < 0.01 else [(0.0, 0.5 - gap), (0.5 + gap, 1.0)]
        for start, end in parts:
            _curve(brush, _between(points, start, end))
            brush.stroke_blend((first, last), ends, 0.85 * light, width)
        x, y = points[-1]
        brush.rounded(x - 0.04, y - 0.04, 0.08, 0.08, 0.04)
        brush.fill(last, light)
        if cut > 0.5:
            _cross(brush, _point(points, 0.5), 0.085)
            brush.stroke(self.theme.hue("output"), self.opacity * (2 * cut - 1) * float(self.look[query, key]), 0.035)

    def printed(self) -> list[PrintedText]:
        if self.opacity < 0.05:
            return []
        texts, size = [], self.fit.font
        for index, text in enumerate(self.fit.texts):
            box, opacity = self.token_box(index), float(self.opacity * self.light[index])
            if not self.fit.turned:
                half, high = text_width(text, size) / 2, CAP_HEIGHT * size / 2
                box = Box(box.x - half, box.x + half, box.y - high, box.y + high)
            texts.append(PrintedText(text, box, size, np.array(self.theme.ink), None, structural=True, opacity=opacity))
        return texts


def _towards(first: Colour, second: Colour, amount: float) -> Colour:
    red, green, blue = mix(first, second, amount)
    return red, green, blue


def _between(points: np.ndarray, start: float, end: float) -> np.ndarray:
    """The stretch of a cubic curve between two of its times, as a cubic curve.  # (4, 2)"""
    times = ((start, start, start), (start, start, end), (start, end, end), (end, end, end))
    return np.array([_blossom(points, *t) for t in times])


def _blossom(points: np.ndarray, *times: float) -> np.ndarray:
    for time in times:
        points = points[:-1] * (1 - time) + points[1:] * time
    return points[0]


def _point(points: np.ndarray, time: float) -> np.ndarray:
    return _blossom(points, time, time, time)


def _curve(brush: Brush, points: np.ndarray) -> None:
    brush.context.move_to(*points[0])
    brush.context.curve_to(*points[1], *points[2], *points[3])


def _cross(brush: Brush, centre: np.ndarray, arm: float) -> None:
    x, y = centre
    for slope in (1, -1):
        brush.context.move_to(x - arm, y - slope * arm)
        brush.context.line_to(x + arm, y + slope * arm)
