"""A sub-layer with its residual lane: input, sub-layer and its output in a row, the lane below, the sum after ⊕."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import FadeIn, FadeOut, Scene, VGroup, VMobject

from core.trace import Reading
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.miniature import Miniature, Travel
from scenes.stage.paint.frame import Frame, Panel
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import Box, box_of
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.wires import Block, Plus, Wire, lane_past

LARGEST_CELL = (0.66, 0.46)
BLOCK_HEIGHT = 0.95
WAY = 0.42
LANE_ROOM = 0.62
LANE = 0.06
SMALL = Box(-0.45, 0.45, -0.3, 0.3)


class ResidualFlow(VGroup):
    """x → sub-layer → output → ⊕ → sum, and the lane from x to ⊕; perhaps → norm → normed.

    matrices: x, output, sum and perhaps normed; names: of the sub-layer and perhaps of the norm.
    """

    def __init__(
        self, matrices: Sequence[Matrix], names: Sequence[str], box: Box, theme: Theme, *, block_width: float = 1.55
    ) -> None:
        super().__init__()
        self.theme, self.matrices, self.block_width = theme, list(matrices), block_width
        self.x, self.output, self.sum = self.matrices[:3]
        self.normed = self.matrices[3] if len(self.matrices) > 3 else None
        self._place_matrices(box)
        self.blocks = [self._block(names[0], self.x.box, "scores")]
        if self.normed is not None:
            self.blocks.append(self._block(names[1], self.sum.box, "mask"))
        y = self.x.box.y
        self.plus = Plus(self.output.box.right + WAY + Plus.RADIUS, y, theme)
        self.lane = self._lane(y)
        self.wires = self._wires(y)
        self.add(self.lane, *self.wires, *self.blocks, self.plus, *self.matrices)

    def _place_matrices(self, box: Box) -> None:
        gaps = [2 * WAY + self.block_width, 2 * WAY + 2 * Plus.RADIUS]
        gaps += [2 * WAY + self.block_width] if self.normed is not None else []
        columns = self.x.columns
        height = box.height
        for _ in range(5):  # tags and tokens take room that depends on the cells
            margins = [(m.whole.top - m.box.top, m.box.left - m.whole.left) for m in self.matrices]
            top, left = max(m[0] for m in margins), margins[0][1]
            right = self.matrices[-1].whole.right - self.matrices[-1].box.right
            height = min(box.height - top - LANE_ROOM, self.x.rows * LARGEST_CELL[1])
            width = min((box.width - left - right - sum(gaps)) / len(self.matrices), columns * LARGEST_CELL[0])
            total = left + len(self.matrices) * width + sum(gaps) + right
            x, upper = box.x - total / 2 + left, box.y + (height + LANE_ROOM - top) / 2
            for matrix, gap in zip(self.matrices, (*gaps, 0.0), strict=True):
                matrix.place(Box(x, x + width, upper - height, upper))
                x += width + gap

    def _block(self, name: str, before: Box, hue: str) -> Block:
        left = before.right + WAY
        half = min(BLOCK_HEIGHT, max(0.5, before.height)) / 2
        box = Box(left, left + self.block_width, before.y - half, before.y + half)
        return Block(name, box, self.theme.hue(hue), self.theme)

    def _lane(self, y: float) -> Wire:
        depth = self.x.box.bottom - 0.66 * LANE_ROOM
        points = lane_past((self.x.box.right + 0.45 * WAY, y), self.plus.box, depth)
        return Wire(points, self.theme.hue("x"), thickness=LANE, head=0.15)

    def _wires(self, y: float) -> list[Wire]:
        """What leads from x to the block, from there to the output, on to ⊕, to the sum, and so on."""
        stops = [self.x.box, self.blocks[0].box, self.output.box, self.plus.box, self.sum.box]
        hues = ["x", "output", "output", "output"]
        if self.normed is not None:
            stops += [self.blocks[1].box, self.normed.box]
            hues += ["output", "x"]
        pairs = zip(stops, stops[1:], hues, strict=False)
        return [Wire([(a.right + 0.05, y), (b.left - 0.04, y)], self.theme.hue(hue), head=0.13) for a, b, hue in pairs]

    # --- in motion ------------------------------------------------------------------------------------------------

    def go_through(self, scene: Scene) -> None:
        """The input goes into the sub-layer, and its output comes out."""
        scene.play(FadeIn(self.blocks[0]), self.wires[0].undrawn().animate.draw(), run_time=0.6)
        send(scene, self.x, self.wires[0], run_time=0.5)
        scene.play(FadeIn(self.output), self.wires[1].undrawn().animate.draw(), run_time=0.4)
        scene.play(CellWave(self.output, Matrix.reveal, run_time=0.9))

    def go_past(self, scene: Scene) -> None:
        """A copy of the input takes the lane; it meets the sub-layer's output at ⊕."""
        scene.play(self.lane.undrawn().animate.draw(), run_time=0.7)
        scene.play(FadeIn(self.plus), self.wires[2].undrawn().animate.draw(), run_time=0.3)
        send(scene, self.x, self.lane, run_time=1.1)
        scene.play(FadeIn(self.sum), self.wires[3].undrawn().animate.draw(), run_time=0.4)
        scene.play(CellWave(self.sum, Matrix.reveal, run_time=1.0))

    def one_sum(self, row: int, box: Box) -> list[VMobject]:
        """One cell of the sum in numbers: the largest thing that the sub-layer had to say about the row."""
        column = int(np.abs(self.output.tensor.values[row]).argmax())
        x, output, total = (matrix.tensor.at(row, column) for matrix in self.matrices[:3])
        first, second, third = (self.theme.hue(matrix.meaning) for matrix in self.matrices[:3])
        frames = [Frame(matrix.cell_box(row, column), self.theme) for matrix in self.matrices[:3]]
        return [*frames, addition((x, output, total), (first, second, third), box, self.theme)]


def addition(
    terms: tuple[Reading, Reading, Reading], hues: tuple[Colour, Colour, Colour], box: Box, theme: Theme
) -> VGroup:
    """`0.50 + (−1.25) = −0.75` on a panel; it says = only where nothing is rounded away."""
    first, second, total = terms
    equals = "=" if all(reading.exact for reading in terms) else "≈"
    bracketed = f"({second.text})" if second.value < 0 else second.text
    runs = [
        Run(first.text, hues[0], (first,)),
        Run("  +  ", theme.quiet),
        Run(bracketed, hues[1], (second,)),
        Run(f"  {equals}  ", theme.quiet),
        Run(total.text, hues[2], (total,)),
    ]
    line = Label(runs, 0.32, theme.ink).move_to(box.centre)
    return VGroup(Panel(box_of(line).grown(0.2), theme), line)


def send(scene: Scene, matrix: Matrix, *wires: Wire, run_time: float = 1.4) -> None:
    """Small pictures of `matrix` travel along these wires, one on each."""
    small = [Miniature(matrix.tensor, matrix.meaning, matrix.theme, side="").place_within(SMALL) for _ in wires]
    for picture, wire in zip(small, wires, strict=True):
        picture.at(wire.path().get_start())
    scene.play(*(FadeIn(picture, scale=0.5) for picture in small), run_time=0.3)
    scene.play(*(Travel(picture, wire.path()) for picture, wire in zip(small, wires, strict=True)), run_time=run_time)
    scene.play(*(FadeOut(picture, scale=0.4) for picture in small), run_time=0.3)
