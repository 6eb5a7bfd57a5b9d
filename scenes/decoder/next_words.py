"""The decoder's rows, one per position, and the word that each is to predict."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.shared.tile import CROWN, Tile, beside_tokens
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.chips import AIR, Chip, chip_width
from scenes.stage.matrix.miniature import cable
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, LABEL, TIGHT, Box

ARROW, ARROW_SHARE = 1.0, 0.16
WIDEST_SHARE = 0.3  # of the box that the words may take
WIDEST_COLUMN = 0.36


class NextWords:
    """The result of the last layer with its tokens; from every row an arrow to the word expected there."""

    def __init__(self, chapter: Chapter, expected: Sequence[str], box: Box) -> None:
        self.theme = chapter.theme
        tensor, words = chapter.trace["decoder.output"], chapter.words
        font = self.theme.fitting(0.6 * (box.height - 2 * CROWN) / len(expected))
        widest = min(WIDEST_SHARE * box.width, max(chip_width(word, font) for word in expected))
        tokens, way = beside_tokens(tensor, box, self.theme), min(ARROW, ARROW_SHARE * box.width)
        cells = min(box.width - tokens - way - widest, tensor.shape[1] * WIDEST_COLUMN)
        left = box.x - (tokens + cells + way + widest) / 2
        room = Box(left, left + tokens + cells, box.bottom, box.top)
        self.tile = Tile(tensor, "output", words("result"), self.theme, room, tokens=True)
        left = self.tile.box.right + way
        self.words, self.arrows = VGroup(), VGroup()
        for i, word in enumerate(expected):
            row = self.tile.matrix.row_box(i)
            width, high = min(widest, chip_width(word, font)), min(0.86 * row.height, font + 1.2 * AIR * font)
            place = Box(left, left + width, row.y - high / 2, row.y + high / 2)
            self.words.add(Chip(word, self.theme).place(place, font))
            self.arrows.add(self._arrow(row.right + 0.08, left - 0.08, row.y))
        self.name = Label(words("expected"), self.theme.size(LABEL), self.theme.hue("output"), "semibold")
        self._part_names(left + widest / 2, box)

    def _part_names(self, x: float, box: Box) -> None:
        """The two names keep clear of each other and of the box's sides; where both are too long, one stands below."""
        first, second = self.tile.name, self.name
        y = first.box.y
        second.move_to([min(x, box.right - second.width / 2), y, 0])
        x = max(min(first.box.x, second.box.left - GAP - first.width / 2), box.left + first.width / 2)
        first.move_to([x, y, 0])
        if first.box.right + TIGHT > second.box.left:
            size = self.tile.size
            second.move_to([second.box.x, size.box.y, 0])
            size.move_to([min(size.box.x, second.box.left - TIGHT - size.width / 2), size.box.y, 0])

    def _arrow(self, start: float, end: float, y: float) -> VGroup:
        colour, tip = self.theme.hue("output"), 0.08
        ways = ([(start, y), (end, y)], [(end - tip, y + tip), (end, y)], [(end - tip, y - tip), (end, y)])
        return VGroup(*(cable(way, colour, width=2.2, opacity=0.7) for way in ways))

    @property
    def all(self) -> VGroup:
        return VGroup(self.tile, self.arrows, self.words, self.name)
