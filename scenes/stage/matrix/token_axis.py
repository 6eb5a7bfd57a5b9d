"""Token labels along one side of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

import numpy as np
from manim import VMobject

from core.examples.fields import has_ideographs
from scenes.stage.paint.layout import SMALLEST_FONT, SPACE, TIGHT, Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import DIM, Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width


class TokenAxis(Painted):
    """The token labels along one side of a matrix: rows (to the left, flush right) or columns (above, or turned).

    `light` holds one brightness per token. Tokens too long for their place are turned (columns) or shortened.
    """

    STATE: ClassVar[tuple[str, ...]] = ("light",)
    MARGIN = 0.3
    LONGEST = 2.0
    TURN = np.pi / 5
    LONGEST_TURNED = 1.3
    LEADING = (0.95, 1.3)  # from line to line of turned labels, in font sizes: letters; hanzi and brackets
    AIR = 0.12

    def __init__(self, tokens: Sequence[str], side: str, theme: Theme, colour: Colour | None = None) -> None:
        self.tokens = tuple(tokens)
        self.side = side
        self.theme = theme
        self.light = np.ones(len(self.tokens))
        self.font = 0.25
        self.turned = False
        self.turn = self.TURN
        self.texts: tuple[str, ...] = self.tokens
        self.start, self.span = 0.0, 1.0
        super().__init__(Box(0, 1, 0, 1), colour or theme.ink)

    def place(self, cells: Box) -> TokenAxis:
        """Place the labels beside `cells`, with the largest type the pitch allows."""
        pitch = (cells.height if self.side == "rows" else cells.width) / len(self.tokens)
        if self.side == "rows":
            self.font = float(np.clip(0.72 * pitch, SMALLEST_FONT, 0.28))
            self.texts = tuple(shorten(token, self.LONGEST, self.font) for token in self.tokens)
            width = max(text_width(text, self.font) for text in self.texts)
            self.set_box(Box(cells.left - SPACE - width, cells.left - SPACE, cells.bottom, cells.top))
            return self
        self.font = min(0.25, self._level_font(pitch))
        self.turned = self.font < SMALLEST_FONT
        if self.turned:
            height = self._turn(pitch)
        else:
            self.texts = self.tokens
            height = self.font
        before, after = self._overhang(pitch)
        left = min(cells.left, cells.left + pitch / 2 - before)
        right = max(cells.right, cells.right - pitch / 2 + after)
        self.start, self.span = (cells.left - left) / (right - left), cells.width / (right - left)
        self.set_box(Box(left, right, cells.top + TIGHT, cells.top + TIGHT + height))
        return self

    def _turn(self, pitch: float) -> float:
        """Turn the labels so far that neighbours keep clear of each other, to no more height; return that height."""
        leading = self.LEADING[any(has_ideographs(token) or "[" in token for token in self.tokens)]
        self.font = float(np.clip(pitch * np.sin(self.TURN) / leading, SMALLEST_FONT, 0.22))
        rise = float(np.clip(leading * self.font / pitch, np.sin(self.TURN), 1))
        self.turn = float(np.arcsin(rise))
        limit = self.LONGEST_TURNED * np.sin(self.TURN) / rise
        self.texts = tuple(shorten(token, limit, self.font) for token in self.tokens)
        return max(text_width(text, self.font) for text in self.texts) * rise + 0.8 * self.font

    def _level_font(self, pitch: float) -> float:
        """The largest type at which level column labels keep clear of each other."""
        widths = [text_width(token, 1.0) for token in self.tokens]
        neighbours = [(a + b) / 2 for a, b in pairwise(widths)] or [widths[0] / 2]
        return (pitch - self.AIR) / max(neighbours)

    def _overhang(self, pitch: float) -> tuple[float, float]:
        """How far labels reach to the left of the first column's middle, and to the right of the last one's."""
        widths = [text_width(text, self.font) for text in self.texts]
        if not self.turned:
            return widths[0] / 2, widths[-1] / 2
        ends = [width * float(np.cos(self.turn)) - i * pitch for i, width in enumerate(reversed(widths))]
        return TIGHT, max(ends) + self._aside

    @property
    def _aside(self) -> float:
        """How far to the right a turned label begins, so that its letters stand over the middle of their column."""
        return float(CAP_HEIGHT * self.font / 2 * np.sin(self.turn))

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        if isinstance(start, TokenAxis) and isinstance(target, TokenAxis):
            self.font = start.font + (target.font - start.font) * alpha
            nearer = target if alpha >= 0.5 else start
            self.texts, self.turned, self.turn = nearer.texts, nearer.turned, nearer.turn
            self.start, self.span = nearer.start, nearer.span

    def light_up(self) -> TokenAxis:
        """Light all tokens."""
        self.light = np.ones(len(self.tokens))
        return self

    def spotlight(self, *lit: int) -> TokenAxis:
        """Light these tokens and dim the others."""
        self.light = np.full(len(self.tokens), DIM)
        self.light[list(lit)] = 1.0
        return self

    def token_box(self, index: int) -> Box:
        """Where one token's text stands."""
        box, n = self.box, len(self.tokens)
        width = text_width(self.texts[index], self.font)
        if self.side == "rows":
            y = box.top - (index + 0.5) * box.height / n
            return Box(box.right - width, box.right, y - CAP_HEIGHT * self.font / 2, y + CAP_HEIGHT * self.font / 2)
        x = box.left + (self.start + (index + 0.5) * self.span / n) * box.width
        if self.turned:
            right = x + width * np.cos(self.turn) + self._aside
            return Box(x - TIGHT, right, box.bottom, box.bottom + width * np.sin(self.turn) + self.font)
        return Box(x - width / 2, x + width / 2, box.bottom, box.bottom + CAP_HEIGHT * self.font)

    def paint(self, brush: Brush) -> None:
        for index, text in enumerate(self.texts):
            where = self.token_box(index)
            if self.side == "columns" and self.turned:
                brush.text(text, where.left + TIGHT + self._aside, where.bottom + 0.04, self.font, turn=self.turn)
            else:
                brush.text(text, where.left, where.bottom, self.font)
            brush.fill(self.colour, self.opacity * self.light[index])

    def printed(self) -> list[PrintedText]:
        if self.side == "columns" and self.turned:
            text, light = " ".join(self.texts), float(self.opacity * self.light.max())
            return [PrintedText(text, self.box, self.font, self.colour, None, structural=True, opacity=light)]
        return [
            PrintedText(text, self.token_box(i), self.font, self.colour, None, structural=True, opacity=float(light))
            for i, (text, light) in enumerate(zip(self.texts, self.opacity * self.light, strict=True))
        ]
