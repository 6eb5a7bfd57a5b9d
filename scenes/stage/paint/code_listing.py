"""Code beside picture: a function's own source, read when the film is made, with the line that runs lit."""

from __future__ import annotations

import ast
import inspect
import io
import keyword
import textwrap
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

LEADING = 1.85
PADDING = 0.22
WEIGHT = "code"


@dataclass(frozen=True)
class Source:
    """The lines of a function without its docstring. `numbers`: which line of the whole source each one is, from 0."""

    lines: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Source:
        """The source of `function` as it stands in its file."""
        whole = textwrap.dedent(inspect.getsource(function)).rstrip("\n").split("\n")
        numbers = [number for number in range(len(whole)) if number not in _docstring("\n".join(whole))]
        return cls(tuple(whole[number] for number in numbers), tuple(numbers))

    def shown_line(self, number: int) -> int:
        """Which of the shown lines is line `number` of the whole source."""
        return self.numbers.index(number)


def _docstring(source: str) -> range:
    """The lines that a function's docstring takes, from 0."""
    function = ast.parse(source).body[0]
    if not isinstance(function, ast.FunctionDef) or ast.get_docstring(function) is None:
        return range(0)
    text = function.body[0]
    return range(text.lineno - 1, text.end_lineno or text.lineno)


class CodeListing(Painted):
    """The source of a function in a box, as large as it allows, its variables in the hues of their pictures.

    hues: a colour for each name worth one. State: `light` of each line, `band` (which line, 0 the first, is running,
    and how visible the band behind it is).
    """

    STATE: ClassVar[tuple[str, ...]] = ("light", "band")
    MARGIN = 0.02
    REST = 0.75

    def __init__(self, function: Callable[..., Any], box: Box, hues: Mapping[str, Colour], theme: Theme) -> None:
        self.source = Source.of(function)
        self.theme = theme
        self.pieces = _coloured(self.source.lines, hues, theme)
        self.light = np.ones(len(self.source.lines))
        self.band = np.zeros(2)
        self.columns = max(len(line) for line in self.source.lines)
        wide = (box.width - 2 * PADDING) / (self.columns * text_width("0", 1.0, WEIGHT))
        high = (box.height - 2 * PADDING) / (len(self.source.lines) * LEADING)
        font = theme.fitting(min(wide, high))
        height = font * LEADING * len(self.source.lines) + 2 * PADDING
        width = font * self.columns * text_width("0", 1.0, WEIGHT) + 2 * PADDING
        super().__init__(
            Box(box.x - width / 2, box.x + width / 2, box.y - height / 2, box.y + height / 2), theme.surface
        )

    @property
    def size(self) -> float:
        """Font size as it stands now, in scene units."""
        return (self.box.width - 2 * PADDING) / (self.columns * text_width("0", 1.0, WEIGHT))

    def line_box(self, place: float) -> Box:
        """The box of one shown line, as wide as the listing."""
        pitch = (self.box.height - 2 * PADDING) / len(self.source.lines)
        top = self.box.top - PADDING - place * pitch
        return Box(self.box.left, self.box.right, top - pitch, top)

    def run(self, number: int) -> CodeListing:
        """Light line `number` of the function's source, which is running; the others step back."""
        place = self.source.shown_line(number)
        self.light = np.where(np.arange(len(self.light)) == place, 1.0, self.REST)
        self.band = np.array([place, 1.0])
        return self

    def begin(self, number: int) -> CodeListing:
        """The band stands at that line, not yet seen."""
        self.band = np.array([self.source.shown_line(number), 0.0])
        return self

    def rest(self) -> CodeListing:
        """No line is running: all are as bright."""
        self.light = np.ones(len(self.light))
        self.band = np.array([self.band[0], 0.0])
        return self

    @property
    def running(self) -> int | None:
        """The line of the function's source that is lit."""
        return self.source.numbers[round(float(self.band[0]))] if self.band[1] > 0.5 else None

    def paint(self, brush: Brush) -> None:
        box = self.box
        for stroke in (False, True):
            brush.rounded(box.left, box.bottom, box.width, box.height, 0.12)
            if stroke:
                brush.stroke(self.theme.rule, self.opacity, 0.015)
            else:
                brush.fill(self.theme.surface, self.opacity)
        self._paint_band(brush)
        size = self.size
        advance = text_width("0", size, WEIGHT)
        for place, pieces in enumerate(self.pieces):
            line = self.line_box(place)
            baseline = line.y - 0.5 * CAP_HEIGHT * size
            for column, text, colour in pieces:
                brush.text(text, box.left + PADDING + column * advance, baseline, size, WEIGHT)
                brush.fill(colour, self.opacity * float(self.light[place]))

    def _paint_band(self, brush: Brush) -> None:
        line, visible, focus = self.line_box(float(self.band[0])), float(self.band[1]), self.theme.hue("focus")
        brush.rounded(line.left + 0.05, line.bottom, line.width - 0.1, line.height, 0.06)
        brush.fill(focus, 0.13 * self.opacity * visible)
        brush.rounded(line.left + 0.05, line.bottom, 0.055, line.height, 0.03)
        brush.fill(focus, self.opacity * visible)

    def printed(self) -> list[PrintedText]:
        """Its lines: their digits are the source's own."""
        size = self.size
        advance, ink = text_width("0", size, WEIGHT), np.asarray(self.theme.ink)
        texts = []
        for place, text in enumerate(self.source.lines):
            line, left = self.line_box(place), self.box.left + PADDING
            start = left + (len(text) - len(text.lstrip())) * advance
            half = CAP_HEIGHT * size / 2
            box = Box(start, left + len(text) * advance, line.y - half, line.y + half)
            opacity = self.opacity * float(self.light[place])
            surface = np.asarray(self.theme.surface)
            texts.append(PrintedText(text, box, size, ink, surface, (), structural=True, opacity=opacity))
        return texts


Piece = tuple[int, str, Colour]


def _coloured(lines: tuple[str, ...], hues: Mapping[str, Colour], theme: Theme) -> list[list[Piece]]:
    """The pieces of each line: column, text, colour."""
    pieces: list[list[Piece]] = [[] for _ in lines]
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
        if token.string.strip():
            (row, column), text = token.start, token.string
            pieces[row - 1].append((column, text, _colour(token.type, text, hues, theme)))
    return pieces


def _colour(kind: int, text: str, hues: Mapping[str, Colour], theme: Theme) -> Colour:
    if text in hues:
        return hues[text]
    if kind == tokenize.COMMENT or kind == tokenize.OP or keyword.iskeyword(text):
        return theme.quiet
    return theme.ink
