"""Arcs over a line of words: who looks at whom, as broad and as bright as the attention that flows there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.shared.strands import POINTS, Course
from scenes.stage.paint.layout import TIGHT
from scenes.stage.paint.theme import Theme

THIN, BROAD = 0.016, 0.19  # width of an arc without weight, and what all the weight adds
UNSEEN = 0.004  # a weight that has no arc
HINT = 0.6  # how clear an arc is whose weight is not yet known
AMONG_ALL = 0.8  # how clear arcs are where all are drawn
ASIDE = 0.09  # arcs land beside the middle of a word, towards where they come from
LOOP, HOOP = 0.7, 0.3  # height of an arc from a word to itself, and half its width
SHAPE = 0.75  # how fast arcs rise with their width


@dataclass(frozen=True)
class WordArcs:
    """All arcs between the words of a line. weights: (queries, keys); spots: (tokens,) x of each word; floor: the
    height they stand on; room: how high the longest rises.
    """

    weights: np.ndarray
    spots: np.ndarray
    floor: float
    room: float
    theme: Theme

    @property
    def seen(self) -> np.ndarray:
        """Which arcs there are.  # (queries, keys)"""
        return self.weights > UNSEEN

    def hinting(self, query: int) -> Course:
        """Thin arcs from a query to every word."""
        light = np.zeros_like(self.weights)
        light[query] = HINT
        return self._course(np.full_like(self.weights, THIN), light)

    def of(self, query: int) -> Course:
        """The attention of one query."""
        light = np.zeros_like(self.weights)
        light[query] = np.where(self.seen[query], 0.35 + 0.65 * self.weights[query] ** 0.6, 0.0)
        return self._course(THIN + BROAD * self.weights, light)

    def of_all(self) -> Course:
        """The attention of every query."""
        return self._course(THIN + BROAD * self.weights, np.where(self.seen, AMONG_ALL * self.weights**0.5, 0.0))

    def _course(self, widths: np.ndarray, light: np.ndarray) -> Course:
        pairs = list(np.ndindex(self.weights.shape))
        points = np.array([self._arc(query, key) for query, key in pairs])
        tints = np.array([[self.theme.hue("q"), self.theme.hue("weights")]] * len(pairs))
        return Course(points, widths.ravel(), light.ravel(), tints)

    def _arc(self, query: int, key: int) -> np.ndarray:
        """From a query over to a key.  # (POINTS, 2)"""
        start, end = float(self.spots[query]), float(self.spots[key])
        angle = np.linspace(0, np.pi, POINTS)
        if query == key:
            height = min(LOOP, self.room)
            return np.stack([start - HOOP * np.cos(angle), self.floor + height * np.sin(angle)], axis=-1)
        end += ASIDE * np.sign(start - end)
        widest = max(TIGHT, float(np.ptp(self.spots)))
        height = self.room * (abs(end - start) / widest) ** SHAPE
        x = (start + end) / 2 - (end - start) / 2 * np.cos(angle)
        return np.stack([x, self.floor + height * np.sin(angle)], axis=-1)
