"""Threads: quiet curves from the rows or columns of one thing to those of another."""

from __future__ import annotations

import numpy as np
from manim import CubicBezier, VGroup
from numpy.typing import ArrayLike

from scenes.stage.paint.layout import HAIR, Box
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour


def thread(
    start: ArrayLike,
    end: ArrayLike,
    colour: Colour,
    *,
    width: float = 2.0,
    opacity: float = 0.5,
    way: str = "across",
) -> CubicBezier:
    """A quiet curve from `start` to `end`, leaving and arriving level ("across") or upright ("down")."""
    first, last = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
    bend = (last - first) * (np.array([0.5, 0, 0]) if way == "across" else np.array([0, 0.5, 0]))
    curve = CubicBezier(first, first + bend, last - bend, last)
    return curve.set_stroke(hexadecimal(colour), width=width, opacity=opacity)


def row_threads(
    source: Box,
    target: Box,
    rows: int,
    colour: Colour,
    *,
    widths: np.ndarray | None = None,
    opacity: float = 0.5,
    gap: float = HAIR,
) -> VGroup:
    """One thread per row from the right edge of `source` to the left edge of `target`, both cut into `rows` rows."""
    threads = VGroup()
    for row in range(rows):
        share = (row + 0.5) / rows
        start = np.array([source.right + gap, source.top - share * source.height, 0])
        end = np.array([target.left - gap, target.top - share * target.height, 0])
        width = 2.0 if widths is None else float(widths[row])
        threads.add(thread(start, end, colour, width=width, opacity=opacity))
    return threads


def column_threads(source: Box, target: Box, columns: int, colour: Colour, *, opacity: float = 0.5) -> VGroup:
    """One thread per column from the bottom edge of `source` to the top edge of `target`."""
    threads = VGroup()
    for column in range(columns):
        share = (column + 0.5) / columns
        start = np.array([source.left + share * source.width, source.bottom - 0.04, 0])
        end = np.array([target.left + share * target.width, target.top + 0.04, 0])
        threads.add(thread(start, end, colour, opacity=opacity, way="down"))
    return threads
