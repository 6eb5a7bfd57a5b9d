"""Token labels along one side of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

import numpy as np
from manim import VMobject

from scenes.stage.paint.layout import LABEL, SMALL, SPACE, TIGHT, Box, Type
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width
from scenes.stage.paint.upright import height_off_level, shorten_off_level, width_off_level, write_off_level


def even_widths(count: int) -> np.ndarray:
    """The widths of columns that are all alike, as shares of the whole.  # (columns,)"""
    return np.full(count, 1 / max(1, count))


class TokenAxis(Painted):
    """The token labels along one side of a matrix: rows (to the left, flush right) or columns (above).

    `light` holds one brightness per token. Labels of columns are level where all fit; else Chinese stands upright, one
    character under the other, and all else is turned to read upwards. What is too long is shortened. Where not even
    that keeps neighbours clear of each other, there are no labels.
    """

    STATE: ClassVar[tuple[str, ...]] = ("light", "passing", "widths")
    MARGIN = 0.3
    LONGEST = 2.0  # of a label of a row, and the highest label of a column
    HIGHEST = 1.15
    LARGEST: Type = LABEL  # of the sizes of type
    LEADING = 1.06  # from line to line, in font sizes
    AIR = 0.12  # between level neighbours

    def __init__(self, tokens: Sequence[str], side: str, theme: Theme, colour: Colour | None = None) -> None:
        self.tokens = tuple(tokens)
        self.side = side
        self.theme = theme
        self.light = np.ones(len(self.tokens))
        self.passing = np.ones(1)  # less than 1 while labels pass from one arrangement to another
        self.font = theme.size(LABEL)
        self.level = True
        self.texts: tuple[str, ...] = self.tokens
        self.start, self.span = 0.0, 1.0
        self.widths = even_widths(len(self.tokens))
        super().__init__(Box(0, 1, 0, 1), colour or theme.ink)

    def place(self, cells: Box, widths: np.ndarray | None = None) -> TokenAxis:
        """Place the labels beside `cells`, with the largest type the pitch allows.

        widths: of the columns, as shares of the whole; None: all alike.
        """
        self.widths = even_widths(len(self.tokens)) if widths is None else widths
        self._place_rows(cells) if self.side == "rows" else self._place_columns(cells)
        return self

    def _place_rows(self, cells: Box) -> None:
        pitch = cells.height / len(self.tokens)
        self.font = self._size_within(pitch)
        self.texts = tuple(shorten(token, self.LONGEST, self.font) for token in self.tokens)
        if pitch < CAP_HEIGHT * self.LEADING * self.font:
            self.texts = ("",) * len(self.tokens)
        width = max(text_width(text, self.font) for text in self.texts)
        self.set_box(Box(cells.left - SPACE - width, cells.left - SPACE, cells.bottom, cells.top))

    def _place_columns(self, cells: Box) -> None:
        pitch = cells.width * float(self.widths.min())
        font = self._level_font(pitch)
        self.level = font is not None
        if font is not None:
            self.font, self.texts, height = font, self.tokens, font
        else:
            height = self._turn(pitch)
        reach = [text_width(text, self.font) / 2 if self.level else 0.0 for text in (self.texts[0], self.texts[-1])]
        halves = cells.width * self.widths[[0, -1]] / 2
        left = min(cells.left, cells.left + float(halves[0]) - reach[0])
        right = max(cells.right, cells.right - float(halves[1]) + reach[1])
        self.start, self.span = (cells.left - left) / (right - left), cells.width / (right - left)
        self.set_box(Box(left, right, cells.top + TIGHT, cells.top + TIGHT + height))

    def _size_within(self, pitch: float) -> float:
        """The largest of the sizes for labels that lines of that pitch allow, or the smallest."""
        return self.theme.fitting(pitch / self.LEADING, self.LARGEST)

    def _level_font(self, pitch: float) -> float | None:
        """The size at which level labels of columns keep clear of each other; None: there is none."""
        widths = [text_width(token, 1.0) for token in self.tokens]
        widest = max([(a + b) / 2 for a, b in pairwise(widths)] or [widths[0] / 2])
        size = self.theme.fitting((pitch - self.AIR) / widest)
        return size if widest * size + self.AIR <= pitch else None

    def _turn(self, pitch: float) -> float:
        """Turn the labels, in the largest size that shortens none; return the height they take."""
        self.font = self._size_within(pitch)
        if max(height_off_level(token, self.font) for token in self.tokens) > self.HIGHEST:
            self.font = min(self.font, self.theme.size(SMALL))
        if pitch < self.LEADING * self.font:
            self.texts = ("",) * len(self.tokens)
            return 0.0
        self.texts = tuple(shorten_off_level(token, self.HIGHEST, self.font) for token in self.tokens)
        return max(height_off_level(text, self.font) for text in self.texts)

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        if isinstance(start, TokenAxis) and isinstance(target, TokenAxis):
            self.font = start.font + (target.font - start.font) * alpha
            turn = self._turning(start, target)
            nearer = target if alpha >= turn else start
            if (start.texts, start.level) != (target.texts, target.level):
                self.passing = nearer.passing * ((alpha - turn) / (1 - turn) if alpha >= turn else 1 - alpha / turn)
            self.texts, self.level = nearer.texts, nearer.level
            self.start, self.span = nearer.start, nearer.span

    @staticmethod
    def _turning(start: TokenAxis, target: TokenAxis) -> float:
        """When labels pass from one arrangement to another: the higher one stands only while what is above it is clear.

        A share of the motion, in which what is above it travels as far as the heights differ.
        """
        higher = target.box.height - start.box.height if target.side == "columns" else 0.0
        clear = min(0.5, SPACE / max(abs(higher), SPACE))
        return 1 - clear if higher > 0 else clear

    def light_up(self) -> TokenAxis:
        """Light all tokens."""
        self.light = np.ones(len(self.tokens))
        return self

    def spotlight(self, *lit: int) -> TokenAxis:
        """Light these tokens and dim the others."""
        self.light = np.full(len(self.tokens), self.theme.dim)
        self.light[list(lit)] = 1.0
        return self

    def token_box(self, index: int) -> Box:
        """Where one token's text stands."""
        box, text = self.box, self.texts[index]
        width, half = text_width(text, self.font), CAP_HEIGHT * self.font / 2
        if self.side == "rows":
            y = box.top - (index + 0.5) * box.height / len(self.tokens)
            return Box(box.right - width, box.right, y - half, y + half)
        middle = float(self.widths[:index].sum() + self.widths[index] / 2)
        x = box.left + (self.start + middle * self.span) * box.width
        if self.level:
            return Box(x - width / 2, x + width / 2, box.bottom, box.bottom + CAP_HEIGHT * self.font)
        half = width_off_level(text, self.font) / 2
        return Box(x - half, x + half, box.bottom, box.bottom + height_off_level(text, self.font))

    def paint(self, brush: Brush) -> None:
        for index, text in enumerate(self.texts):
            where = self.token_box(index)
            if self.side == "rows" or self.level:
                brush.text(text, where.left, where.bottom, self.font)
            else:
                write_off_level(brush, text, where.x, where.bottom, self.font)
            brush.fill(self.colour, self._visible(index))

    def _visible(self, index: int) -> float:
        return float(self.opacity * self.light[index] * self.passing[0])

    def printed(self) -> list[PrintedText]:
        return [
            PrintedText(
                text, self.token_box(i), self.font, self.colour, None, structural=True, opacity=self._visible(i)
            )
            for i, text in enumerate(self.texts)
            if text
        ]
