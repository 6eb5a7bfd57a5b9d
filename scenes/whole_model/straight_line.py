"""A straight way in, and what comes out: straight through attention, bent by the feed-forward network."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from manim import VGroup

from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import GAP, Box
from scenes.stage.paint.painting import Brush, Drawn, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width

FONT, NAME_FONT = 0.24, 0.22
LONGEST_NAME = 1.6
HUES = {"whole": "learned", "without": "scores"}
DOT = 0.06


class Way(Drawn):
    """One number of the result along the way, over the straight line between its ends; half-way the gap is marked.

    line, chord: (stages,); bend: the distance of the whole result from the straight line, half-way.
    State: `drawn` (how much of the way has been gone), `marked` (the gap and its number).
    """

    STATE: ClassVar[tuple[str, ...]] = ("drawn", "marked")
    MARGIN = 0.4

    def __init__(self, line: Tensor, chord: Tensor, bend: Tensor, box: Box, colour: Colour, theme: Theme) -> None:
        self.line, self.chord, self.bend, self.theme = line.values, chord.values, bend, theme
        both = np.concatenate([self.line, self.chord])
        self.low, self.high = float(both.min()), float(both.max())
        self.drawn, self.marked = np.zeros(1), np.zeros(1)
        super().__init__(box, colour)

    def mark(self) -> Way:
        self.marked = np.ones(1)
        return self

    def point(self, stage: float, value: float) -> tuple[float, float]:
        """Where a value stands after so many stages."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.box.left + stage / (len(self.line) - 1) * self.box.width, self.box.bottom + share * self.box.height

    def paint(self, brush: Brush) -> None:
        context, last = brush.context, len(self.line) - 1
        context.set_dash([0.09, 0.07])
        context.move_to(*self.point(0, self.chord[0]))
        context.line_to(*self.point(last, self.chord[-1]))
        brush.stroke(self.theme.quiet, 0.9 * self.opacity, 0.022)
        context.set_dash([])
        self._paint_gap(brush, last // 2)
        reached = float(self.drawn[0]) * last
        stages = [*range(int(reached) + 1), reached]
        values = np.interp(stages, np.arange(last + 1), self.line)
        for number, (stage, value) in enumerate(zip(stages, values, strict=True)):
            (context.line_to if number else context.move_to)(*self.point(stage, float(value)))
        brush.stroke(self.colour, self.opacity, 0.05)
        for stage in (0, last):
            if stage <= reached + 1e-9:
                self._dot(brush, stage, self.line[stage], self.colour)
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, text.size)
            brush.fill(text.colour, text.opacity)

    def _paint_gap(self, brush: Brush, half: int) -> None:
        opacity = self.opacity * float(self.marked[0])
        if opacity <= 0:
            return
        brush.context.move_to(*self.point(half, self.chord[half]))
        brush.context.line_to(*self.point(half, self.line[half]))
        brush.stroke(self.theme.hue("focus"), opacity, 0.04)
        self._dot(brush, half, self.chord[half], self.theme.quiet, opacity)
        self._dot(brush, half, self.line[half], self.theme.hue("focus"), opacity)

    def _dot(
        self, brush: Brush, stage: int, value: float, colour: Colour | np.ndarray, opacity: float | None = None
    ) -> None:
        brush.context.new_sub_path()
        brush.context.arc(*self.point(stage, float(value)), DOT, 0, 2 * np.pi)
        brush.fill(colour, self.opacity if opacity is None else opacity)

    def printed(self) -> list[PrintedText]:
        """How far the result is from the straight line, half-way."""
        opacity, reading = self.opacity * float(self.marked[0]), self.bend.at()
        if opacity <= 0:
            return []
        half = len(self.line) // 2
        x, high = self.point(half, self.line[half])
        _, low = self.point(half, self.chord[half])
        below = high < low
        y = min(high, low) - GAP if below else max(high, low) + GAP
        width, cap = text_width(reading.text, FONT) / 2, CAP_HEIGHT * FONT / 2
        box = Box(x - width, x + width, y - cap, y + cap)
        return [PrintedText(reading.text, box, FONT, np.asarray(self.theme.ink), None, (reading,), opacity=opacity)]


def ends_of(chapter: Chapter) -> tuple[Run, Run]:
    """The two words between which the way leads; from a single word it leads to a row of zeros."""
    ends, hue = chapter.trace["ablation.feed_forward.ends"], chapter.theme.hue("x")
    first, second = ends.axis_labels("ends") or ("", "")
    alone = ends.values[0] == ends.values[1]
    last = Run(chapter.words("zero_row"), hue) if alone else Run(second, hue, structural=True)
    return Run(first, hue, structural=True), last


def way_through(chapter: Chapter, name: str, box: Box) -> Way:
    """The way through attention alone ("without" feed-forward) or through feed-forward ("whole")."""
    lead = f"ablation.feed_forward.{name}"
    line, chord, bend = (chapter.trace[f"{lead}.{part}"] for part in ("line", "chord", "bend"))
    room = box.inset(left=0.9, right=0.9, top=0.72, bottom=0.52)
    return Way(line, chord, bend, room, chapter.theme.hue(HUES[name]), chapter.theme)


def words_of(chapter: Chapter, name: str, way: Way) -> VGroup:
    """What the way leads through, and between which words."""
    box, theme = way.box, chapter.theme
    title = chapter.label(f"way_{name}", 0.25, theme.hue(HUES[name]), "semibold").move_to([box.x, box.top + 0.55, 0])
    texts = [shorten(run.text, LONGEST_NAME, NAME_FONT) for run in ends_of(chapter)]
    ends = [Label(text, NAME_FONT, theme.ink, structural=True) for text in texts]
    for label, x in zip(ends, (box.left, box.right), strict=True):
        label.move_to([x, box.bottom - 0.36, 0])
    return VGroup(title, *ends)
