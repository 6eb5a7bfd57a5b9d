"""The decoder's layers stacked, each reading the same memory."""

from __future__ import annotations

from manim import VGroup

from scenes.shared.layer_stack import DECODER_BLOCKS, Stack
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.miniature import Miniature, cable
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, HAIR, LABEL, Box, layout_now

MEMORY, NARROW_MEMORY = 1.9, 1.3
APART = 0.07


class StackWithMemory:
    """A stack with the memory at its left, from which keys and values run into every layer.

    stack; memory: its picture with its name; cables: for every level the two cables.
    """

    def __init__(self, chapter: Chapter, layers: int, box: Box) -> None:
        theme, trace = chapter.theme, chapter.trace
        names = [f"decoder.{number}.input" for number in range(1, layers + 1)]
        tensors = [*(trace[name] for name in names), trace["decoder.output"]]
        meanings = ["x"] * layers + ["output"]
        wide, gap = (NARROW_MEMORY, 0.4) if layout_now().is_square else (MEMORY, 0.7)
        place = box.inset(left=wide + gap)
        self.stack = Stack(tensors, meanings, chapter.template("layer"), DECODER_BLOCKS, theme, place)
        room = Box(box.left, box.left + wide, box.y - 0.6, box.y + 0.6)
        picture = Miniature(trace["memory"], "v", theme, side="below").place_within(room.inset(left=0.3, right=0.3))
        name = Label(chapter.words("memory"), theme.size(LABEL), theme.hue("v"), "semibold")
        name.move_to([picture.box.x, picture.box.top + GAP, 0])
        self.memory = VGroup(picture, name)
        self.cables = [
            self._cables(picture, level.plate, theme.hue("k"), theme.hue("v")) for level in self.stack.levels
        ]

    @staticmethod
    def _cables(memory: Miniature, plate: VGroup, *hues: tuple[float, float, float]) -> VGroup:
        """Keys and values from the memory to the left side of a plate, side by side."""
        cables, left = VGroup(), float(plate.get_left()[0])
        start, y = memory.box.right + 0.08, float(plate.get_center()[1])
        up = 1 if y >= memory.box.y else -1
        for place, hue in zip((APART, -APART), hues, strict=True):
            turn = (start + left) / 2 - up * place
            corners = [
                (start, memory.box.y + place),
                (turn, memory.box.y + place),
                (turn, y + place),
                (left - HAIR, y + place),
            ]
            cables.add(cable(corners, hue, width=2.6, opacity=0.7))
        return cables

    @property
    def parts(self) -> VGroup:
        return VGroup(self.stack.parts, self.memory, *self.cables)
