"""Arcs over a sentence: who looks at whom, drawn from word to word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme

POINTS = 48
STAGGER = 0.6
ROUNDEST = 0.42  # height per width of the longest arc


class Arcs(Painted):
    """Attention from each token to each other: backwards above the line of the words, forwards below it.

    weights: (queries, keys); spots: x of each token. An arc leaves its query in the query's hue and arrives in the
    key's; the more weight, the broader and the clearer. State: `progress` (0 nothing, 1 all arcs drawn).
    """

    STATE: ClassVar[tuple[str, ...]] = ("progress",)

    def __init__(self, weights: np.ndarray, spots: Sequence[float], clearance: float, box: Box, theme: Theme) -> None:
        self.weights = weights
        self.shares = (np.asarray(spots) - box.left) / box.width
        self.clearance = clearance
        self.theme = theme
        self.progress = np.zeros(1)
        super().__init__(box, theme.hue("q"))

    def drawn(self) -> Arcs:
        self.progress = np.ones(1)
        return self

    def paint(self, brush: Brush) -> None:
        count = len(self.weights)
        for query in range(count):
            delay = STAGGER * query / max(1, count - 1)
            part = float(np.clip((self.progress[0] - delay) / (1 - STAGGER), 0, 1))
            for key in range(count):
                if key != query and part > 0 and self.weights[query, key] > 0.004:
                    self._arc(brush, query, key, part)

    def _arc(self, brush: Brush, query: int, key: int, part: float) -> None:
        points = self.path(query, key)[: max(2, round(part * POINTS))]
        weight = float(self.weights[query, key])
        brush.context.move_to(*points[0])
        for x, y in points[1:]:
            brush.context.line_to(x, y)
        colours = (self.theme.hue("q"), self.theme.hue("k"))
        ends = (tuple(self.path(query, key)[0]), tuple(self.path(query, key)[-1]))
        brush.stroke_blend(colours, ends, self.opacity * (0.1 + 0.9 * weight**0.7), 0.012 + 0.075 * weight)

    def path(self, query: int, key: int) -> np.ndarray:
        """The whole arc from query to key.  # (points, 2)"""
        box = self.box
        start, end = box.left + self.shares[query] * box.width, box.left + self.shares[key] * box.width
        widest = max(1e-6, (self.shares.max() - self.shares.min()) * box.width)
        room = min(box.height / 2 - self.clearance, ROUNDEST * widest)
        height = room * (abs(end - start) / widest) ** 0.8
        angle = np.linspace(0, np.pi, POINTS)
        x = (start + end) / 2 - (end - start) / 2 * np.cos(angle)
        side = 1 if key < query else -1
        return np.stack([x, box.y + side * (self.clearance + height * np.sin(angle))], axis=1)
