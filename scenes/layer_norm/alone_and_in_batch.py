"""The same token's row, normalised alone and in the batch, and how far these are apart: unchanged under layer norm,
changed under batch norm.
"""

from __future__ import annotations

from manim import VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SPACE, TEXT, TIGHT, Box, around

KINDS = ("layer", "batch")
LARGEST_CELL = (0.9, 0.42)
LABEL_GAP = 0.18
WHERE = ("alone", "batch", "differences")
GROUP_GAP = 0.5


class AloneAndInBatch(VGroup):
    """Two groups of lines, side by side: under layer norm and under batch norm, a row alone, in the batch, and how far
    each number is moved.

    token: whose row; box: room for both groups and, left of the first, for what their lines are.
    """

    def __init__(self, chapter: Chapter, token: int, box: Box) -> None:
        super().__init__()
        trace, theme = chapter.trace, chapter.theme
        rows = [trace[f"batch_norm.{kind}_{where}"].line(token) for kind in KINDS for where in WHERE]
        hues = ("x", "x", "output") * len(KINDS)
        self.lines = [
            Matrix(row, hue, theme, reserve=rows).without_slots() for row, hue in zip(rows, hues, strict=True)
        ]
        largest = max(float(line.tensor.values.max()) for line in self._differences)
        for line in self._differences:
            line.cells.colour_by(largest or 1.0)
        self.sides = [chapter.label(key, LABEL) for key in ("alone", "in_batch", "difference")]
        self.titles = [chapter.label(f"{kind}_norm", TEXT, theme.ink, "semibold") for kind in KINDS]
        changes = [trace[f"batch_norm.{kind}_change"].at() for kind in KINDS]
        self.notes = [chapter.label("change", LABEL, theme.ink, change=change) for change in changes]
        beside = max(side.width for side in self.sides) + LABEL_GAP
        words = max(title.width + TIGHT + note.width for title, note in zip(self.titles, self.notes, strict=True))
        most = max(self.lines[0].columns * LARGEST_CELL[0], words)
        width = min((box.width - beside - GROUP_GAP) / 2, most)
        left = box.x - (2 * width + GROUP_GAP - beside) / 2
        for kind in range(len(KINDS)):
            start = left + kind * (width + GROUP_GAP)
            self._place(kind, Box(start, start + width, box.bottom, box.top))
        for side, line in zip(self.sides, self.lines, strict=False):
            side.move_to([left - LABEL_GAP - side.width / 2, line.box.y, 0])
        self.add(*self.lines, *self.sides, *self.titles, *self.notes)

    def _place(self, kind: int, room: Box) -> None:
        """A group: its title, its lines, and by how much the first two differ at most."""
        title, note = self.titles[kind], self.notes[kind]
        below = title.width + note.width + TIGHT > room.width  # the note has no room beside the title
        words = title.height + below * (note.height + TIGHT) + LABEL_GAP + (len(WHERE) - 1) * TIGHT + SPACE
        height = min((room.height - words) / len(WHERE), LARGEST_CELL[1])
        upper = room.y + (words + len(WHERE) * height) / 2
        title.move_to([room.left + title.width / 2, upper - title.height / 2, 0])
        note.move_to([room.right - note.width / 2, title.get_center()[1], 0])
        upper -= title.height + LABEL_GAP
        if below:
            note.move_to([room.left + note.width / 2, upper + LABEL_GAP - TIGHT - note.height / 2, 0])
            upper -= note.height + TIGHT
        for line in self.pair(kind):
            line.place(Box(room.left, room.right, upper - height, upper))
            upper -= height + TIGHT
        upper -= SPACE  # clear of the frame around both
        self.difference(kind).place(Box(room.left, room.right, upper - height, upper))

    def pair(self, kind: int) -> list[Matrix]:
        """The row alone, and the row in the batch."""
        return self.lines[len(WHERE) * kind :][:2]

    def difference(self, kind: int) -> Matrix:
        """How far each number of the row is moved."""
        return self._differences[kind]

    @property
    def _differences(self) -> list[Matrix]:
        return self.lines[len(WHERE) - 1 :: len(WHERE)]

    def pair_box(self, kind: int) -> Box:
        """Around the two lines of a group."""
        return around(*(line.box for line in self.pair(kind)))

    def words(self, kind: int) -> list[Label]:
        """What is written around the lines of a group before their numbers stand; what the lines are, once for both."""
        return [self.titles[kind], *(self.sides if kind == 0 else ())]
