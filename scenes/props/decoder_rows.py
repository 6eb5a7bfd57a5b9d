"""The decoder's rows, one per position, and the word that each is to predict."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.props.encoder_tile import CROWN, NAME_FONT, Tile, beside_tokens
from scenes.stage.chapter import Chapter
from scenes.stage.chips import AIR, Chip, chip_width
from scenes.stage.label import Label
from scenes.stage.layout import SMALLEST_FONT, Box
from scenes.stage.miniature import cable

ARROW = 1.0
WIDEST_CHIP = 2.0
LARGEST_FONT = 0.26


class OutputRows:
    """The result of the last layer with its tokens; from every row an arrow to the word expected there."""

    def __init__(self, chapter: Chapter, expected: Sequence[str], box: Box) -> None:
        self.theme = chapter.theme
        tensor = chapter.trace["decoder.output"]
        pitch = (box.height - 2 * CROWN) / len(expected)
        font = max(SMALLEST_FONT, min(LARGEST_FONT, 0.6 * pitch))
        widest = min(WIDEST_CHIP, max(chip_width(word, font) for word in expected))
        tokens = beside_tokens(tensor, box, self.theme)
        room = box.inset(right=ARROW + widest + 0.3)
        most = room.x + tensor.shape[1] * 0.3 + (tokens + ARROW + widest) / 2
        room = Box(room.left, min(room.right, most), room.bottom, room.top)
        self.tile = Tile(tensor, "output", chapter.words("result"), self.theme, room, tokens=True)
        shift = box.x - (self.tile.get_left()[0] + self.tile.box.right + ARROW + widest) / 2
        self.tile.shift([shift, 0, 0])
        left = self.tile.box.right + ARROW
        self.words, self.arrows = VGroup(), VGroup()
        for i, word in enumerate(expected):
            row = self.tile.matrix.row_box(i)
            width, high = min(widest, chip_width(word, font)), min(0.86 * row.height, font + 1.2 * AIR * font)
            place = Box(left, left + width, row.y - high / 2, row.y + high / 2)
            self.words.add(Chip(word, self.theme).stand(place, font))
            self.arrows.add(self._arrow(row.right + 0.08, left - 0.08, row.y))
        self.name = Label(chapter.words("expected"), NAME_FONT, self.theme.hue("output"), "semibold")
        self.name.move_to([left + widest / 2, self.tile.name.box.y, 0])

    def _arrow(self, start: float, end: float, y: float) -> VGroup:
        colour, tip = self.theme.hue("output"), 0.08
        ways = ([(start, y), (end, y)], [(end - tip, y + tip), (end, y)], [(end - tip, y - tip), (end, y)])
        return VGroup(*(cable(way, colour, width=2.2, opacity=0.7) for way in ways))

    @property
    def all(self) -> VGroup:
        return VGroup(self.tile, self.arrows, self.words, self.name)
