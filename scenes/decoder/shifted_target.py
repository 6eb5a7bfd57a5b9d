"""The target shifted by one place: what the decoder is fed, under what it is to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from manim import VGroup

from scenes.stage.matrix.chips import AIR, Chip, as_read, gloss_height, gloss_width
from scenes.stage.matrix.miniature import cable
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, TIGHT, TITLE, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width

HIGH = 1.1
BROAD = 1.3  # a chip at least, where all have room
ROOM = 3.1  # from row to row
APART = 0.34  # from chip to chip, where there are few


class ShiftedTarget:
    """Two rows of chips, place over place: below what the decoder is fed, above what it is to say there.

    fed: [START] and the words; expected: the words and [END]; names: of the two rows, to their left; gloss: what a
    word means to the reader, "" where it is known.
    """

    def __init__(
        self,
        fed: Sequence[str],
        expected: Sequence[str],
        names: Sequence[Label],
        gloss: Callable[[str], str],
        theme: Theme,
        box: Box,
    ) -> None:
        self.theme, self.gloss = theme, gloss
        room = max(name.width for name in names) + WIDE
        self.places = self._places(fed, expected, box.inset(left=room), theme)
        self.rows = {"expected": box.y + ROOM / 2, "fed": box.y - ROOM / 2}
        self.fed = [self._chip(word, i, "fed") for i, word in enumerate(fed)]
        self.expected = [self._chip(word, i, "expected") for i, word in enumerate(expected)]
        left = min(place.left for place in self.places) - 0.3
        self.names = VGroup(
            *(n.move_to([left - n.width / 2, y, 0]) for n, y in zip(names, self.rows.values(), strict=True))
        )
        self.arrows = VGroup(*(self._arrow(place.x) for place in self.places))

    def _places(self, fed: Sequence[str], expected: Sequence[str], box: Box, theme: Theme) -> list[Box]:
        """Where the positions stand from left to right: as wide as both words need, where all have room."""
        pairs = list(zip(fed, expected, strict=True))
        widest = [max(text_width(word, 1.0) for word in pair) for pair in pairs]
        gap = APART if len(pairs) < 9 else TIGHT
        usable = box.width - gap * (len(pairs) - 1)
        self.font = theme.fitting(usable / sum(width + 2 * AIR for width in widest), TITLE)
        glosses = [max(gloss_width(self.gloss(word), theme) for word in pair) for pair in pairs]
        needs = [max((wide + 2 * AIR) * self.font, gloss) for wide, gloss in zip(widest, glosses, strict=True)]
        spare = (usable - sum(needs)) / len(pairs)
        needs = [max(need, min(BROAD, need + max(0.0, spare))) for need in needs]
        if sum(needs) > usable + 1e-9:
            needs = [usable / len(pairs)] * len(pairs)
        left, places = box.x - (sum(needs) + gap * (len(pairs) - 1)) / 2, []
        for width in needs:
            places.append(Box(left, left + width, box.y, box.y))
            left += width + gap
        return as_read([*fed, *expected], places)

    def slot(self, index: int, row: str) -> Box:
        """Where the chip of one position stands in one of the rows."""
        place, y = self.places[index], self.rows[row]
        return Box(place.left, place.right, y - HIGH / 2, y + HIGH / 2)

    def _chip(self, word: str, index: int, row: str) -> Chip:
        slot, gloss = self.slot(index, row), self.gloss(word)
        shown = gloss if gloss_width(gloss, self.theme) <= slot.width + HAIR else ""
        return Chip(word, self.theme, gloss=shown).place(slot, self.font)

    def _arrow(self, x: float) -> VGroup:
        """From what is fed in at one position to what is to come out there."""
        below = max(gloss_height(chip.gloss, self.theme) for chip in self.expected)
        low, high = self.rows["fed"] + HIGH / 2 + TIGHT, self.rows["expected"] - HIGH / 2 - below - TIGHT
        colour = self.theme.hue("output")
        tip = 0.11
        return VGroup(
            cable([(x, low), (x, high)], colour, width=2.4, opacity=0.8),
            cable([(x - tip, high - tip), (x, high)], colour, width=2.4, opacity=0.8),
            cable([(x + tip, high - tip), (x, high)], colour, width=2.4, opacity=0.8),
        )

    @property
    def all(self) -> VGroup:
        return VGroup(*self.fed, *self.expected, self.names, self.arrows)
