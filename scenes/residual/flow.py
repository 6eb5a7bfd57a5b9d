"""A sub-layer with its residual connection: input, sub-layer, output in a row, the connection below, ⊕, the sum."""

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
from scenes.stage.paint.layout import HAIR, TEXT, Box, box_of
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.wires import Block, Plus, Wire, way_past

LARGEST_CELL = (0.66, 0.46)
BLOCK_HEIGHT, BLOCK_WIDTH, LOWEST_BLOCK = 0.95, 1.55, 0.5
WAY = 0.42
BYPASS_ROOM = 0.62
THICK = 0.06
SMALL = Box(-0.45, 0.45, -0.3, 0.3)


class ResidualFlow(VGroup):
    """x → sub-layer → output → ⊕ → sum, and the connection from x past the sub-layer to ⊕.

    matrices: x, output, sum; name: of the sub-layer; largest: how wide and high a cell may be.
    """

    def __init__(
        self,
        matrices: Sequence[Matrix],
        name: str,
        box: Box,
        theme: Theme,
        largest: tuple[float, float] = LARGEST_CELL,
    ) -> None:
        super().__init__()
        self.theme, self.matrices, self.largest = theme, list(matrices), largest
        self.x, self.output, self.sum = self.matrices
        self._place_matrices(box)
        y = self.x.box.y
        self.block = self._block(name)
        self.plus = Plus(self.output.box.right + WAY + Plus.RADIUS, y, theme)
        self.connection = self._connection(y)
        self.wires = self._wires(y)
        self.add(self.connection, *self.wires, self.block, self.plus, *self.matrices)

    def _place_matrices(self, box: Box) -> None:
        gaps = (2 * WAY + BLOCK_WIDTH, 2 * WAY + 2 * Plus.RADIUS)
        height = box.height
        for _ in range(5):  # tags and tokens take room that depends on the cells
            margins = [(m.whole.top - m.box.top, m.box.left - m.whole.left) for m in self.matrices]
            top, left = max(m[0] for m in margins), margins[0][1]
            right = self.sum.whole.right - self.sum.box.right
            height = min(box.height - top - BYPASS_ROOM, self.x.rows * self.largest[1])
            width = min((box.width - left - right - sum(gaps)) / 3, self.x.columns * self.largest[0])
            total = left + 3 * width + sum(gaps) + right
            x, upper = box.x - total / 2 + left, box.y + (height + BYPASS_ROOM - top) / 2
            for matrix, gap in zip(self.matrices, (*gaps, 0.0), strict=True):
                matrix.place(Box(x, x + width, upper - height, upper))
                x += width + gap

    def _block(self, name: str) -> Block:
        before, left = self.x.box, self.x.box.right + WAY
        half = min(BLOCK_HEIGHT, max(LOWEST_BLOCK, before.height)) / 2
        box = Box(left, left + BLOCK_WIDTH, before.y - half, before.y + half)
        return Block(name, box, self.theme.hue("scores"), self.theme)

    def _connection(self, y: float) -> Wire:
        depth = self.x.box.bottom - 0.66 * BYPASS_ROOM
        points = way_past((self.x.box.right + 0.45 * WAY, y), self.plus.box, depth)
        return Wire(points, self.theme.hue("x"), thickness=THICK, head=0.15)

    def _wires(self, y: float) -> list[Wire]:
        """What leads from x to the block, from there to the output, on to ⊕, and to the sum."""
        stops = [self.x.box, self.block.box, self.output.box, self.plus.box, self.sum.box]
        pairs = zip(stops, stops[1:], ("x", "output", "output", "output"), strict=False)
        return [Wire([(a.right + HAIR, y), (b.left - HAIR, y)], self.theme.hue(hue), head=0.13) for a, b, hue in pairs]

    def frames(self, row: int) -> list[Frame]:
        """Around one row in each matrix."""
        return [Frame(matrix.row_box(row), self.theme) for matrix in self.matrices]

    # --- in motion ------------------------------------------------------------------------------------------------

    def go_through(self, scene: Scene) -> None:
        """The input goes into the sub-layer, and its output comes out."""
        scene.play(FadeIn(self.block), self.wires[0].undrawn().animate.draw(), run_time=0.6)
        send(scene, self.x, self.wires[0], run_time=0.5)
        scene.play(FadeIn(self.output), self.wires[1].undrawn().animate.draw(), run_time=0.4)
        scene.play(CellWave(self.output, Matrix.reveal, run_time=0.9))

    def go_past(self, scene: Scene) -> None:
        """A copy of the input goes past; it meets the sub-layer's output at ⊕."""
        scene.play(self.connection.undrawn().animate.draw(), run_time=0.7)
        scene.play(FadeIn(self.plus), self.wires[2].undrawn().animate.draw(), run_time=0.3)
        send(scene, self.x, self.connection, run_time=1.1)
        scene.play(FadeIn(self.sum), self.wires[3].undrawn().animate.draw(), run_time=0.4)
        scene.play(CellWave(self.sum, Matrix.reveal, run_time=1.0))

    def one_sum(self, row: int, box: Box) -> list[VMobject]:
        """One cell of the sum in numbers: the largest thing that the sub-layer had to say about the row."""
        column = int(np.abs(self.output.tensor.values[row]).argmax())
        x, output, total = (matrix.tensor.at(row, column) for matrix in self.matrices)
        first, second, third = (self.theme.hue(matrix.meaning) for matrix in self.matrices)
        frames = [Frame(matrix.cell_box(row, column), self.theme) for matrix in self.matrices]
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
    line = Label(runs, theme.size(TEXT), theme.ink).move_to(box.centre)
    return VGroup(Panel(box_of(line).grown(0.2), theme), line)


def send(scene: Scene, matrix: Matrix, *wires: Wire, run_time: float = 1.4) -> None:
    """Small pictures of `matrix` travel along these wires, one on each."""
    small = [Miniature(matrix.tensor, matrix.meaning, matrix.theme, side="").place_within(SMALL) for _ in wires]
    for picture, wire in zip(small, wires, strict=True):
        picture.at(wire.path().get_start())
    scene.play(*(FadeIn(picture, scale=0.5) for picture in small), run_time=0.3)
    scene.play(*(Travel(picture, wire.path()) for picture, wire in zip(small, wires, strict=True)), run_time=run_time)
    scene.play(*(FadeOut(picture, scale=0.4) for picture in small), run_time=0.3)
