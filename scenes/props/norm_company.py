"""The same token's row, normalised alone and in company: unchanged under layer norm, changed under batch norm."""

from __future__ import annotations

from manim import VGroup

from scenes.stage.chapter import Chapter
from scenes.stage.label import Label
from scenes.stage.layout import Box
from scenes.stage.matrix import Matrix

LARGEST_CELL = (1.1, 0.5)
SPACE = 0.18
TITLE = 0.3
GROUP_ROOM = 0.85  # title, gaps
NOTE = 0.25


class Company(VGroup):
    """Two groups of two lines each: under layer norm and under batch norm, the row alone and the row in the batch."""

    def __init__(self, chapter: Chapter, token: int, box: Box) -> None:
        super().__init__()
        trace, theme = chapter.trace, chapter.theme
        names = [f"batch_norm.{kind}_{where}" for kind in ("layer", "batch") for where in ("alone", "batch")]
        lines = [trace[name].line(token) for name in names]
        self.lines = [Matrix(line, "x", theme, reserve=lines).without_slots() for line in lines]
        self.sides = [chapter.label(key, 0.23) for key in ("alone", "in_batch") * 2]
        self.titles = [chapter.label(key, TITLE, theme.ink, "semibold") for key in ("layer_norm", "batch_norm")]
        changes = [trace[f"batch_norm.{kind}_change"].at() for kind in ("layer", "batch")]
        self.notes = [chapter.label("change", NOTE, theme.ink, change=change) for change in changes]
        self._place(box)
        self.add(*self.lines, *self.sides, *self.titles, *self.notes)

    def _place(self, box: Box) -> None:
        left = max(label.width for label in self.sides) + SPACE
        right = max(label.width for label in self.notes) + 2 * SPACE
        width = min(box.width - left - right, self.lines[0].columns * LARGEST_CELL[0])
        start = box.x - (left + width + right) / 2 + left
        height = min(0.14 * box.height, LARGEST_CELL[1])
        group = 2 * height + GROUP_ROOM
        for kind in (0, 1):
            self._place_group(kind, start, width, height, box.y + (1 - kind) * group - (kind - 0.5) * 0.2)

    def _place_group(self, kind: int, start: float, width: float, height: float, top: float) -> None:
        title = self.titles[kind]
        title.move_to([start + title.width / 2, top - title.height / 2, 0])
        upper = top - title.height - 0.16
        for number in (2 * kind, 2 * kind + 1):
            self.lines[number].place(Box(start, start + width, upper - height, upper))
            side = self.sides[number]
            side.move_to([start - SPACE - side.width / 2, upper - height / 2, 0])
            upper -= height + 0.1
        note = self.notes[kind]
        pair = self.pair_box(kind)
        note.move_to([pair.right + SPACE + note.width / 2, pair.y, 0])

    def pair_box(self, kind: int) -> Box:
        """Around the two lines of a group."""
        first, second = self.lines[2 * kind].box, self.lines[2 * kind + 1].box
        return Box(first.left, first.right, second.bottom, first.top)

    def group(self, kind: int) -> list[Label]:
        """What is written around the lines of a group before their numbers stand."""
        return [self.titles[kind], *self.sides[2 * kind : 2 * kind + 2]]
