"""One whole of attention: a bar of light of length 1 that is poured out over the words as columns."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from core.trace import Tensor
from scenes.stage.paint.layout import HAIR, LABEL, SMALL, TEXT, TIGHT, Box, around, around_edges
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width

WIDEST = 0.62  # of a column
LENGTH = 4.0  # of the bar before it is poured out
THICKEST = 0.3


class Shares(Painted):
    """Columns under the words, each as high as the weight of its word; a full column would be a weight of 1.

    weights: (queries, keys); spots: x of each word; box: from the floor to a full column. State: `parts` (keys, 4)
    left, right, bottom, top; `spots`; `amounts` (keys,) the weights by which they shine; `slots` how
    visible full columns are; `ink` how visible the percentages are.
    """

    STATE: ClassVar[tuple[str, ...]] = ("parts", "spots", "amounts", "slots", "ink")

    def __init__(self, weights: Tensor, spots: np.ndarray, box: Box, theme: Theme) -> None:
        self.weights, self.spots, self.theme = weights, np.asarray(spots), theme
        self.query, self.slots, self.ink = 0, np.zeros(1), np.zeros(1)
        super().__init__(box, theme.ink)
        self.pour(0)

    @property
    def width(self) -> float:
        """Of a column."""
        pitch = float(np.abs(np.diff(self.spots)).min()) if len(self.spots) > 1 else WIDEST + TIGHT
        return min(WIDEST, pitch - TIGHT)

    # --- changes ----------------------------------------------------------------------------------------------------

    def whole(self, query: int) -> Shares:
        """All the attention of a query as one bar, lying below it; its parts are still one."""
        self.query, self.amounts = query, self.weights.values[query].copy()
        length = min(LENGTH, self.box.width)
        middle = float(np.clip(self.spots[query], self.box.left + length / 2, self.box.right - length / 2))
        way = -length if self.spots[0] > self.spots[-1] else length  # as the words are read
        edges = middle - way / 2 + way * np.concatenate([[0.0], np.cumsum(self.amounts)])
        y, half = self.box.y, min(THICKEST, self.width * self.box.height / length) / 2
        low, high = np.full(len(self.amounts), y - half), np.full(len(self.amounts), y + half)
        self.parts = np.stack([*np.sort([edges[:-1], edges[1:]], axis=0), low, high], axis=-1)
        self.slots, self.ink = np.zeros(1), np.zeros(1)
        return self

    def pour(self, query: int) -> Shares:
        """The attention of a query as columns."""
        self.query, self.amounts = query, self.weights.values[query].copy()
        half, floor = self.width / 2, np.full(len(self.amounts), self.box.bottom)
        tops = self.box.bottom + self.amounts * self.box.height
        self.parts = np.stack([self.spots - half, self.spots + half, floor, tops], axis=-1)
        self.slots = np.ones(1)
        return self

    def move_into(self, other: Shares) -> Shares:
        """Stand where others stand."""
        self.parts, self.spots = other.parts, other.spots
        return self.set_box(other.box)

    def write(self, amount: float = 1.0) -> Shares:
        """Write the percentages."""
        self.ink = np.array([amount])
        return self

    # --- painting ---------------------------------------------------------------------------------------------------

    @property
    def reach(self) -> Box:
        slots = Box(float(self.spots.min()), float(self.spots.max()), self.box.bottom, self.box.top)
        return around(around_edges(self.parts), slots.grown(self.width / 2)).grown(TIGHT + self.theme.size(TEXT))

    def paint(self, brush: Brush) -> None:
        half, box = self.width / 2, self.box
        for x in self.spots if self.slots[0] > 0 else ():
            brush.rounded(x - half, box.bottom, 2 * half, box.height, HAIR)
            brush.fill(self.theme.surface, 0.6 * self.opacity * float(self.slots[0]))
        colours = self.theme.weight_colour(self.amounts)
        for (left, right, bottom, top), colour in zip(self.parts, colours, strict=True):
            brush.rounded(left, bottom, right - left, top - bottom, HAIR)
            brush.fill(colour, self.opacity)
        brush.write(self.printed())

    def printed(self) -> list[PrintedText]:
        texts, opacity = [], float(self.opacity * self.ink[0])
        readings = [self.weights.at(self.query, key) for key in range(len(self.amounts))] if opacity > 0 else []
        usual, most = self._font([reading.percent for reading in readings]), self.theme.size(TEXT)
        for x, top, reading in zip(self.spots, self.parts[:, 3], readings, strict=False):
            largest = reading.value == self.amounts.max() and text_width(reading.percent, most) <= self.width + TIGHT
            size = most if largest else usual
            half, bottom = text_width(reading.percent, size) / 2, top + HAIR
            box = Box(float(x) - half, float(x) + half, bottom, bottom + CAP_HEIGHT * size)
            colour = np.array(self.theme.ink)
            texts.append(PrintedText(reading.percent, box, size, colour, None, (reading,), opacity=opacity))
        return texts

    def _font(self, texts: list[str]) -> float:
        """The size at which percentages stand beside each other."""
        room = self.width + TIGHT - HAIR
        large, small = self.theme.size(LABEL), self.theme.size(SMALL)
        return large if all(text_width(text, large) <= room for text in texts) else small
