"""A line of text as one mobject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
from manim import Mobject

from core.trace import Reading
from scenes.stage.paint.layout import GAP, HAIR, SMALL, TEXT, Box, Type
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

M = TypeVar("M", bound=Mobject)


@dataclass(frozen=True)
class Run:
    """A stretch of text in one colour (None: the label's own), with the numbers of the trace that it prints.

    structural: its digits are a count of the picture, not a value; name: it may be shortened.
    """

    text: str
    colour: Colour | None = None
    readings: tuple[Reading, ...] = ()
    structural: bool = False
    name: bool = False


def shrink(text: M, width: float, theme: Theme, written: Type = TEXT) -> M:
    """Bring a text, or a row of them, that is `written` in that size into the largest size no wider than `width`."""
    full = theme.size(written)
    return text.scale(theme.fitting(full * width / text.width, written) / full)


def part(left: Mobject, right: Mobject, box: Box, theme: Theme, written: Type = TEXT) -> None:
    """One text at the left of `box`, one at its right, level with the first, as large as both have room; below it,
    where they have none.
    """
    y = float(left.get_center()[1])
    widest = left.width + right.width
    if widest * SMALL.value / theme.size(written) > box.width - GAP:
        for text in (left, right):
            shrink(text, min(text.width * SMALL.value / theme.size(written), box.width), theme, written)
        left.move_to([box.left + left.width / 2, y, 0])
        right.move_to([box.right - right.width / 2, y - left.height / 2 - HAIR - right.height / 2, 0])
        return
    for text in (left, right):
        shrink(text, (box.width - GAP) * text.width / widest, theme, written)
    left.move_to([box.left + left.width / 2, y, 0])
    right.move_to([box.right - right.width / 2, y, 0])


class Label(Painted):
    """One line of text. Its box is as wide as the text and one capital high; scaling the box scales the text.

    text: a string or runs of different colours; size: font size in scene units;
    structural: the digits in it are counts of the picture (a shape, a chapter's number), not values of the trace.
    """

    STATE: ClassVar[tuple[str, ...]] = ("colours",)

    def __init__(
        self,
        text: str | Sequence[Run],
        size: float,
        colour: Colour,
        weight: str = "regular",
        *,
        structural: bool = False,
        **kwargs: Any,
    ) -> None:
        self.runs = (Run(text),) if isinstance(text, str) else tuple(text)
        self.weight = weight
        self.structural = structural
        self.colours = np.array([run.colour if run.colour is not None else colour for run in self.runs], dtype=float)
        widths = [text_width(run.text, 1.0, weight) for run in self.runs]
        self.starts = np.concatenate([[0.0], np.cumsum(widths)]) / (sum(widths) or 1.0)
        width = sum(widths) * size
        super().__init__(Box(-width / 2, width / 2, -CAP_HEIGHT * size / 2, CAP_HEIGHT * size / 2), colour, **kwargs)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading for run in self.runs for reading in run.readings)

    @property
    def ink(self) -> float:
        """How strongly its letters show."""
        return self.opacity

    @property
    def size(self) -> float:
        """Font size as it stands now, in scene units."""
        return self.box.height / CAP_HEIGHT

    def printed(self) -> list[PrintedText]:
        box = self.box
        edges = box.left + self.starts * box.width
        return [
            PrintedText(
                run.text,
                Box(float(left), float(right), box.bottom, box.top),
                self.size,
                colour,
                None,
                run.readings,
                self.structural or run.structural,
                opacity=self.ink,
            )
            for run, colour, left, right in zip(self.runs, self.colours, edges[:-1], edges[1:], strict=True)
        ]

    @property
    def reach(self) -> Box:
        """Letters reach below and above a line of capitals, and a little to the sides."""
        return self.box.grown(self.size)

    def paint(self, brush: Brush) -> None:
        box = self.box
        for run, colour, start in zip(self.runs, self.colours, self.starts[:-1], strict=True):
            brush.text(run.text, box.left + start * box.width, box.bottom, self.size, self.weight)
            brush.fill(colour, self.ink)
