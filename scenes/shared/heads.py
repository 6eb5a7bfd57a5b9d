"""Heads: the sheets into which a matrix is cut. They stand edge to edge, lie fanned in a stack, or hang on a wall."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import ClassVar

import numpy as np
from manim import VGroup

from core.trace import Tensor
from scenes.stage.matrix.cells import Cells, Index, widest_number
from scenes.stage.paint.layout import SMALL, TIGHT, Box, around
from scenes.stage.paint.painting import Brush, PrintedText
from scenes.stage.paint.symbols import symbol_of
from scenes.stage.paint.theme import CellColours, Colour, Theme, mix
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

MARGIN = 0.08
TAB = 0.31
FAN_STEP = (0.2, TAB)
FAN_REACH = (0.7, 0.62)
PIXEL_PITCH = 0.07


def head_tint(theme: Theme, head: int, heads: int) -> Colour:
    """The tint of one head's card: from aqua over lilac to peach."""
    return theme.card_tint(head / max(1, heads - 1))


class Sheet(Cells):
    """The cells of one head, on a card with a tab that names the head.

    State beyond that of cells: `card` (how visible the card is), `tab` (how visible its name is), `beside` (room for
    the name to the right of the cells).
    """

    STATE: ClassVar[tuple[str, ...]] = (*Cells.STATE, "card", "tab", "beside")

    def __init__(self, tensor: Tensor, limit: float, names: Sequence[str], tint: Colour, theme: Theme) -> None:
        self.limit = limit
        self.names = tuple(names)
        self.tint = tint
        self.card = np.zeros(1)
        self.tab = np.zeros(1)
        self.beside = np.zeros(1)
        super().__init__(tensor, symbol_of(tensor.name).meaning, theme)

    def colours_of(self, tensor: Tensor) -> CellColours:
        """As bright as in the uncut matrix: all heads share one limit."""
        if self.meaning == "weights":
            return self.theme.weight_cells(tensor.values)
        return self.theme.signed_cells(tensor.values, self.meaning, self.limit)

    @property
    def card_box(self) -> Box:
        return self.box.inset(-MARGIN, -MARGIN, -MARGIN, -TAB if self.names[0] else -MARGIN)

    @property
    def head_name(self) -> str:
        """The longest of the head's names that the tab has room for."""
        room = self.card_box.width - TIGHT if self.card[0] > 0.5 else self.box.width + float(self.beside[0]) - TIGHT
        return next((name for name in self.names if text_width(name, self.theme.size(SMALL), "semibold") <= room), "")

    def paint(self, brush: Brush) -> None:
        if self.card[0] > 0:
            self._paint_card(brush)
        if min(self.pitch) < PIXEL_PITCH:
            self._paint_pixels(brush)
        else:
            super().paint(brush)
        if self.tab[0] > 0 and self.head_name:
            box = self._name_box()
            brush.text(self.head_name, box.left, box.bottom, self.theme.size(SMALL), "semibold")
            brush.fill(self.tint, self.opacity * float(self.tab[0]))

    def _paint_card(self, brush: Brush) -> None:
        card, opacity = self.card_box, self.opacity * float(self.card[0])
        ground, radius = mix(self.theme.background, self.tint, 0.1), min(0.09, card.width / 5)
        brush.plate(card, radius, (ground, opacity), (self.tint, 0.75 * opacity), 0.02)

    def _name_box(self) -> Box:
        box, size = self.box, self.theme.size(SMALL)
        width = text_width(self.head_name, size, "semibold")
        left = min(box.left, box.x - width / 2)
        bottom = box.top + (TAB - CAP_HEIGHT * size) / 2
        return Box(left, left + width, bottom, bottom + CAP_HEIGHT * size)

    def printed(self) -> list[PrintedText]:
        texts = [] if min(self.pitch) < PIXEL_PITCH else super().printed()
        opacity = self.opacity * float(self.tab[0])
        if self.head_name and opacity > 0:
            background = mix(self.theme.background, self.tint, 0.1 * float(self.card[0]))
            texts.append(
                PrintedText(
                    self.head_name, self._name_box(), self.theme.size(SMALL), np.array(self.tint), background,
                    structural=True, opacity=opacity,
                )
            )  # fmt: skip
        return texts


class Heads(VGroup):
    """One sheet per head of a tensor (heads, rows, columns); the first head lies on top.

    name: the template of a head's name, e.g. `head {head}`. All changes return the heads, as those of a matrix do.
    """

    def __init__(self, tensor: Tensor, theme: Theme, name: str) -> None:
        super().__init__()
        self.tensor = tensor
        self.theme = theme
        count, limit = len(tensor.values), tensor.largest
        self.sheets = [
            Sheet(
                tensor.part(head),
                limit,
                (name.format(head=head + 1), str(head + 1)),
                head_tint(theme, head, count),
                theme,
            )
            for head in range(count)
        ]
        self._share_type()
        self.add(*reversed(self.sheets))

    def _share_type(self, *reserved: Tensor) -> None:
        """One size of type on all sheets."""
        widest = max([sheet.widest for sheet in self.sheets])
        for tensor in reserved:
            widest = max([widest, *(widest_number(tensor.part(head)) for head in range(len(self.sheets)))])
        for sheet in self.sheets:
            sheet.widest = widest

    def reserve(self, *tensors: Tensor) -> Heads:
        """Leave room for the numbers of other tensors, which these cells will hold later."""
        if self.sheets[0].numeric:
            self._share_type(*tensors)
        return self

    # --- geometry -----------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        return len(self.sheets)

    @property
    def rows(self) -> int:
        return self.sheets[0].shape[0]

    @property
    def columns(self) -> int:
        return self.sheets[0].shape[1]

    @property
    def front(self) -> Sheet:
        return self.sheets[0]

    @property
    def whole(self) -> Box:
        """The box around all cards."""
        return around(*(sheet.card_box for sheet in self.sheets))

    def cell_box(self, head: int, i: int, j: int) -> Box:
        return self.sheets[head].part_box(i, j)

    # --- places ---------------------------------------------------------------------------------------------------

    def side_by_side(self, box: Box, gap: float, *, cards: bool = False, tabs: bool = True) -> Heads:
        """Place the sheets next to each other as column groups of one matrix that fills `box`, `gap` apart.

        Where not every sheet has room for its number, every second or third one is numbered.
        """
        places = box.columns(*[1] * self.count, gap=gap)
        pitch = (box.width + gap) / self.count
        apart = ceil((text_width(str(self.count), self.theme.size(SMALL), "semibold") + TIGHT) / pitch)
        for head, (sheet, place) in enumerate(zip(self.sheets, places, strict=True)):
            sheet.set_box(place)
            sheet.numbers = np.ones(1)
            sheet.beside = np.full(1, apart * pitch - place.width)
            sheet.card, sheet.tab = np.full(1, float(cards)), np.full(1, float(tabs and head % apart == 0))
        return self

    def fan(self, box: Box, scale: float = 1.0) -> Heads:
        """Lie in a stack, the first head's cells in `box`, each following card a little to the right and up."""
        x, y = (scale * shift for shift in fan_step(self.count))
        for head, sheet in enumerate(self.sheets):
            sheet.set_box(Box(box.left + head * x, box.right + head * x, box.bottom + head * y, box.top + head * y))
            sheet.numbers = np.full(1, float(head == 0))
            sheet.card, sheet.tab = np.ones(1), np.full(1, float(head == 0 or y >= TAB))
        return self

    def wall(self, boxes: Sequence[Box]) -> Heads:
        """Hang side by side, all to be seen."""
        for sheet, place in zip(self.sheets, boxes, strict=True):
            sheet.set_box(place)
            sheet.numbers, sheet.card, sheet.tab = np.ones(1), np.ones(1), np.ones(1)
        return self

    # --- states ---------------------------------------------------------------------------------------------------

    def reveal(self, rows: Index = slice(None), columns: Index = slice(None)) -> Heads:
        """Fill these cells in, on every sheet."""
        for sheet in self.sheets:
            sheet.set_state("shown", 1.0, rows, columns)
        return self

    def spotlight(self, *heads: int, rows: Index = slice(None)) -> Heads:
        """Light these rows of these heads and dim everything else."""
        for head, sheet in enumerate(self.sheets):
            sheet.set_state("light", self.theme.dim)
            if head in heads:
                sheet.set_state("light", 1.0, rows)
        return self

    def light_up(self) -> Heads:
        for sheet in self.sheets:
            sheet.set_state("light", 1.0)
        return self

    def recede(self) -> Heads:
        return self.spotlight()

    def set_values(self, tensor: Tensor) -> Heads:
        """Print and colour every sheet by another tensor (heads, rows, columns)."""
        self.tensor = tensor
        limit, meaning = tensor.largest, symbol_of(tensor.name).meaning
        for head, sheet in enumerate(self.sheets):
            sheet.limit, sheet.meaning = limit, meaning
            sheet.set_values(tensor.part(head))
        return self

    def veil(self, masked: np.ndarray) -> Heads:
        """Hatch the cells where `masked` (rows, columns) is true, on every sheet."""
        for sheet in self.sheets:
            sheet.veil = np.where(masked, 1.0, 0.0)
        return self


def fan_step(heads: int) -> tuple[float, float]:
    """How far each card of a fanned stack lies to the right of, and above, the one before it."""
    behind = max(1, heads - 1)
    return min(FAN_STEP[0], FAN_REACH[0] / behind), min(FAN_STEP[1], FAN_REACH[1] / behind)


def fan_room(heads: int, scale: float = 1.0) -> tuple[float, float]:
    """How far a fanned stack reaches beyond the first head's cells, to the right and upwards."""
    x, y = (scale * shift for shift in fan_step(heads))
    return (heads - 1) * x + MARGIN, (heads - 1) * y + TAB
