"""Matrices travel to where they are needed and none lies over another on the way: they go together, or one after the
other, as they have room. Each goes first and then grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice, permutations
from typing import Any

import numpy as np
from manim import ReplacementTransform, smooth

from scenes.stage.paint.layout import HAIR, Box
from scenes.stage.paint.painting import Painted

Window = tuple[float, float]  # when something travels, from 0 (all begins) to 1 (all is over)
SHARES = (0.7, 0.55, 0.4)  # of the time, that each travels where they go one after the other
MOST_ORDERS = 120
MOMENTS = np.linspace(0, 1, 25)


class Travel(ReplacementTransform):
    """Something painted becomes another, in its part (`window`) of the time in which all travel."""

    def __init__(self, mobject: Painted, target: Painted, window: Window, **kwargs: Any) -> None:
        self.start, self.end, self.window = mobject.box, target.box, window
        super().__init__(mobject, target, rate_func=lambda moment: paced(window, moment), **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        super().interpolate_mobject(alpha)
        self.mobject.set_box(on_the_way(self.start, self.end, self.rate_func(alpha)))


def travels(pairs: Sequence[tuple[Painted, Painted]]) -> list[Travel]:
    """Each first becomes its second; to be played together."""
    times = windows([start.box for start, _ in pairs], [end.box for _, end in pairs])
    return [Travel(start, end, window) for (start, end), window in zip(pairs, times, strict=True)]


def windows(starts: Sequence[Box], ends: Sequence[Box]) -> list[Window]:
    """When each travels so that none lies on another on the way, or as little as can be."""
    least, best = np.inf, [(0.0, 1.0)] * len(starts)
    for plan in _plans(len(starts)):
        covered = _covered(plan, starts, ends)
        if covered < least:
            least, best = covered, plan
        if not covered:
            break
    return best


def paced(window: Window, moment: float) -> float:
    """How far something has come that travels in that window: slow, fast, slow."""
    start, end = window
    return float(smooth(np.clip((moment - start) / (end - start), 0, 1)))


def on_the_way(start: Box, end: Box, share: float) -> Box:
    """Where something stands that has come so far; its size follows later."""
    grown = share * share
    x, y = start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share
    half_width = (start.width + (end.width - start.width) * grown) / 2
    half_height = (start.height + (end.height - start.height) * grown) / 2
    return Box(x - half_width, x + half_width, y - half_height, y + half_height)


def _plans(count: int) -> Iterator[list[Window]]:
    yield [(0.0, 1.0)] * count
    if count < 2:
        return
    for share in SHARES:
        lag = (1 - share) / (count - 1)
        for order in islice(permutations(range(count)), MOST_ORDERS):
            yield [(place * lag, place * lag + share) for place in order]


def _covered(plan: Sequence[Window], starts: Sequence[Box], ends: Sequence[Box]) -> float:
    """How much of them lies on one another on the way."""
    covered = 0.0
    for moment in MOMENTS:
        places = [
            on_the_way(start, end, paced(window, moment)).grown(HAIR / 2)
            for window, start, end in zip(plan, starts, ends, strict=True)
        ]
        for one, other in combinations(places, 2):
            wide = min(one.right, other.right) - max(one.left, other.left)
            high = min(one.top, other.top) - max(one.bottom, other.bottom)
            covered += max(0.0, wide) * max(0.0, high)
    return covered
