"""Evidence: what the model does with a part and without it, row by row, in heat and in one number for each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from manim import VGroup

from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, SMALLEST_FONT, SPACE, Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

HEADING, NOTE = 0.52, 0.46
LARGEST_ROW, LARGEST_COLUMN = 0.6, 0.6
GROUP_GAP, HEAT_GAP = 0.45, 0.16
HEAT_SHARE = 0.52
LARGEST_FONT = 0.23


class ValueColumn(Painted):
    """One number for each row as a bar from the line of zero, printed beside it. State: `shown` (rows,)."""

    STATE: ClassVar[tuple[str, ...]] = ("shown",)
    MARGIN = 0.05

    def __init__(self, values: Tensor, low: float, high: float, box: Box, colour: Colour, theme: Theme) -> None:
        self.values, self.low, self.high, self.theme = values, min(0.0, low), max(0.0, high, 1e-9), theme
        self.shown = np.zeros(values.shape[0])
        self.texts = tuple(values.at(row).text for row in range(values.shape[0]))
        super().__init__(box, colour)

    def reveal(self) -> ValueColumn:
        self.shown = np.ones_like(self.shown)
        return self

    @property
    def font(self) -> float:
        return float(np.clip(0.7 * self.box.height / len(self.texts), SMALLEST_FONT, LARGEST_FONT))

    @property
    def bars(self) -> Box:
        """The part of the box that the bars have, beside the numbers."""
        widest = max(text_width(text, self.font) for text in self.texts)
        return self.box.inset(right=widest + 0.12)

    def paint(self, brush: Brush) -> None:
        room, count = self.bars, len(self.texts)
        unit = room.width / (self.high - self.low)
        zero, pitch = room.left - self.low * unit, self.box.height / count
        for row in range(count):
            end = zero + float(self.values.values[row]) * unit * float(self.shown[row])
            left, width, high = min(zero, end), abs(end - zero), 0.46 * pitch
            if width > 1e-4:
                brush.rounded(left, self._y(row) - high / 2, width, high, min(0.05, width / 2))
                brush.fill(self.colour, self.opacity * 0.85)
        brush.context.move_to(zero, room.bottom)
        brush.context.line_to(zero, room.top)
        brush.stroke(self.theme.quiet, 0.6 * self.opacity, 0.014)
        for text in self.printed():
            brush.text(text.text, text.box.left, text.box.bottom, text.size)
            brush.fill(text.colour, text.opacity)

    def _y(self, row: int) -> float:
        return self.box.top - (row + 0.5) * self.box.height / len(self.texts)

    def printed(self) -> list[PrintedText]:
        half = CAP_HEIGHT * self.font / 2
        return [
            PrintedText(
                text,
                Box(
                    self.box.right - text_width(text, self.font),
                    self.box.right,
                    self._y(row) - half,
                    self._y(row) + half,
                ),
                self.font,
                np.asarray(self.theme.ink),
                None,
                (self.values.at(row),),
                opacity=self.opacity * float(self.shown[row]),
            )
            for row, text in enumerate(self.texts)
        ]


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what it is called, its heat maps (rows, …), and a number for each row."""

    heading: str
    heats: Sequence[Tensor]
    values: Tensor
    meaning: str


class Evidence(VGroup):
    """Both sides beside each other, the tokens to the left. note: what the numbers are."""

    def __init__(self, tokens: Sequence[str], sides: Sequence[Side], note: Label, box: Box, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.tokens = TokenAxis(tokens, "rows", theme)
        room = box.inset(top=HEADING, bottom=NOTE)
        height = min(room.height, LARGEST_ROW * len(tokens))
        rows = Box(room.left, room.right, room.y - height / 2, room.y + height / 2)
        self.tokens.place(rows)
        left = rows.left + self.tokens.box.width + SPACE
        columns = Box(left, rows.right, rows.bottom, rows.top).columns(*[1.0] * len(sides), gap=GROUP_GAP)
        self.tokens.place(Box(left, rows.right, rows.bottom, rows.top))
        low = min(float(side.values.values.min()) for side in sides)
        high = max(float(side.values.values.max()) for side in sides)
        self.heats: list[list[Cells]] = []
        self.values: list[ValueColumn] = []
        self.headings: list[Label] = []
        for side, column in zip(sides, columns, strict=True):
            self._side(side, column, low, high)
        note.move_to([rows.x, rows.bottom - 0.34, 0])
        self.note = note
        self.add(self.tokens, *self.headings, *(heat for heats in self.heats for heat in heats), *self.values, note)

    def _side(self, side: Side, box: Box, low: float, high: float) -> None:
        heat_room, value_room = box.columns(HEAT_SHARE, 1 - HEAT_SHARE, gap=HEAT_GAP)
        places = heat_room.columns(*[1.0] * len(side.heats), gap=HEAT_GAP)
        heats = []
        for tensor, place in zip(side.heats, places, strict=True):
            cells = Cells(tensor, side.meaning, self.theme)
            cells.shown, cells.numbers = np.ones(tensor.shape), np.zeros(1)
            width = min(place.width, LARGEST_COLUMN * tensor.shape[1])
            heats.append(cells.set_box(Box(place.right - width, place.right, place.bottom, place.top)))
        self.heats.append(heats)
        self.values.append(ValueColumn(side.values, low, high, value_room, self.theme.hue("output"), self.theme))
        heading = Label(side.heading, 0.25, self.theme.ink, "semibold")
        heading.move_to([(heats[0].box.left + value_room.right) / 2, box.top + 0.3, 0])
        self.headings.append(heading)

    def row_box(self, side: int, row: int) -> Box:
        """One row of one side, heat and number."""
        heat, values = self.heats[side][0], self.values[side].box
        part = heat.part_box(rows=row)
        return Box(part.left, values.right + HAIR, part.bottom, part.top)


def compared(chapter: Chapter, part: str, heats: Sequence[str], values: str, meaning: str, box: Box) -> Evidence:
    """The model with a part and without it, as the trace has them; the words are the chapter's labels."""
    trace = chapter.trace
    sides = []
    for name in ("whole", "without"):
        lead = f"ablation.{part}.{name}"
        pictures = [trace[f"{lead}.{heat}"] for heat in heats]
        sides.append(Side(chapter.words(f"{name}_{part}"), pictures, trace[f"{lead}.{values}"], meaning))
    tokens = sides[0].values.axis_labels("tokens") or ()
    return Evidence(tokens, sides, chapter.label(f"note_{part}", 0.21), box, chapter.theme)
