"""One sentence in two orders through the same attention, threads between the rows of the same words, and how far these
rows are apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import VGroup, VMobject

from core.trace import Trace
from core.trace.positions import compared_rows, moved_places
from scenes.positional_encoding.thinned_tokens import thinned
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, STAGE, TEXT, TITLE, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.threads import AT_REST, CLEAR, THICKNESS, before_row, row_threads, thread
from scenes.stage.paint.threads import row as tied

LARGEST_CELL = (0.86, 0.6)
INPUT_CELL, WIDEST_INPUT = 0.22, 1.3
MIDDLE = 1.0  # from the output of one order to the tokens of the other
APART = 0.7  # from the output of the other order to the differences
PASSAGE = 0.8
NAME = 0.5
FOOT = 1.0  # room for what is said about the outputs
MOST_SPELLED = 4


class TwoOrders:
    """Input → output at the left, the output and the input of the other order at the right.

    The inputs are small pictures of themselves, the outputs as large as the box allows; without `inputs` the outputs
    stand side by side, and beside them how far the rows of the same words are apart. run: "blind" or "cured"; symbols:
    of the input in the first order and in the other; compared: which row of the outputs is the compared word's, in the
    one order and in the other.
    """

    def __init__(
        self, trace: Trace, run: str, source: str, symbols: tuple[str, str], theme: Theme, box: Box,
        *, inputs: bool = True, middle: float = MIDDLE,
    ) -> None:  # fmt: skip
        self.theme = theme
        self.order = trace["positions.order"].values.astype(int)
        self.moved, self.compared = moved_places(trace), compared_rows(trace)
        room = box.inset(top=NAME, bottom=FOOT if inputs else 0)
        self.height, self.middle, self.room = room.height, middle, room
        names = (f"positions.{source}", f"positions.shuffled_{source}") if inputs else ()
        self.inputs = [self._matrix(trace, name, "x", rows=place == 0).as_heat() for place, name in enumerate(names)]
        self.outputs = [
            self._matrix(trace, f"positions.{run}.{name}", "output", rows=True)
            for name in ("output", "shuffled_output")
        ]
        self.difference = self._difference(trace, run)
        self._stand_side_by_side()
        self.beside = [matrix.box for matrix in self.outputs]
        if inputs:
            matrices = [self.inputs[0], *self.outputs, self.inputs[1]]
            self._place(matrices, [PASSAGE, middle, PASSAGE])
            self.words.set_opacity(0.0)
        self.names = [self._name(m, s, "x") for m, s in zip(self.inputs, symbols, strict=False)]
        self.names += [self._name(m, s, "output") for m, s in zip(self.outputs, ("O", "O'"), strict=True)]
        self.passages = [self._passage(*pair) for pair in zip(self.inputs, self.outputs, strict=False)]
        self.apart = self._name(self.difference, "abs(O - O')", "output")

    def _matrix(self, trace: Trace, name: str, meaning: str, *, rows: bool) -> Matrix:
        tensor = trace[name]
        return Matrix(
            tensor, meaning, self.theme, row_tokens=thinned(tensor.axis_labels("tokens"), self.height) if rows else None
        )

    def _difference(self, trace: Trace, run: str) -> Matrix:
        """How far apart, row by row of the other order; both runs have one scale of colour."""
        largest = max(float(trace[f"positions.{name}.difference"].values) for name in ("blind", "cured"))
        seen = trace[f"positions.{run}.differences"]
        matrix = Matrix(seen, "output", self.theme).without_slots()
        matrix.cells.colour_by(largest if np.round(largest, seen.decimals) else 1.0)
        return matrix.without_zeros()

    def _name(self, matrix: Matrix, symbol: str, meaning: str) -> VGroup:
        name = formula(symbol, self.theme.hue(meaning), self.theme.size(TITLE))
        return name.move_to(self._over(matrix.box, name.width))

    @staticmethod
    def _over(box: Box, width: float) -> list[float]:
        """The place of a name so wide, over the middle of a matrix where the stage has room for it."""
        return [min(box.x, STAGE.right - width / 2), box.top + NAME / 2 + 0.03, 0]

    # --- where it stands --------------------------------------------------------------------------------------------

    def _stand_side_by_side(self) -> None:
        """Both outputs, and their differences level with the rows of the other order."""
        self._place([*self.outputs, self.difference], [self.middle, APART])

    def _place(self, matrices: Sequence[Matrix], gaps: Sequence[float]) -> None:
        """From left to right, the inputs narrow and the others alike."""
        box, (rows, columns) = self.room, self.outputs[0].cells.shape
        height = min(box.height, rows * LARGEST_CELL[1])
        for matrix in matrices:
            matrix.place(Box(0, 1, 0, height))
        labels = [matrix.box.left - matrix.whole.left for matrix in matrices]
        narrow = [min(m.columns * INPUT_CELL, WIDEST_INPUT) if m in self.inputs else 0.0 for m in matrices]
        room = box.width - sum(labels) - sum(gaps) - sum(narrow)
        wide = min(room / narrow.count(0.0), columns * LARGEST_CELL[0])
        widths = [width or wide for width in narrow]
        x = box.x - (sum(widths) + sum(gaps) + sum(labels)) / 2
        for matrix, label, width, gap in zip(matrices, labels, widths, [*gaps, 0.0], strict=True):
            x += label
            matrix.place(Box(x, x + width, box.y - height / 2, box.y + height / 2))
            x += width + gap

    def moves_side_by_side(self) -> list[Any]:
        """The outputs, with their names, go where their differences have room beside them; to be played together."""
        names = self.names[len(self.inputs) :]
        pairs = zip(self.outputs, names, self.beside, strict=True)
        moves = [(m.animate.place(box), name.animate.move_to(self._over(box, name.width))) for m, name, box in pairs]
        return [animation for pair in moves for animation in pair]

    @property
    def words(self) -> VMobject:
        """The words beside the first output, which stand beside its input before."""
        return self.outputs[0].row_tokens

    def leaving(self) -> list[VMobject]:
        """What makes room for the differences."""
        return [*self.inputs, *self.names[: len(self.inputs)], *self.passages]

    def _passage(self, source: Matrix, target: Matrix) -> VGroup:
        """Threads through attention, whose name stands under them."""
        first, last = (source, target) if source.box.x < target.box.x else (target, source)
        threads = row_threads(first, last, self.theme.quiet)
        name = formula('op("Attention")', self.theme.quiet, self.theme.size(TEXT))
        return VGroup(threads, name.move_to([(first.box.right + last.box.left) / 2, first.box.bottom - 0.27, 0]))

    def threads(self) -> VGroup:
        """From each row of the output, as it stands, to the row of the same word in the other order."""
        output, shuffled = self.outputs
        threads = VGroup()
        for place, row in enumerate(self.order):
            moved = place in self.moved
            colour = self.theme.hue("focus" if moved else "output")
            ends = tied(output, int(row), "right"), before_row(shuffled, place)
            threads.add(thread(*ends, colour, width=3.2 if moved else THICKNESS, opacity=CLEAR if moved else AT_REST))
        return threads

    def levels(self) -> VGroup:
        """From each row of the other order to its differences."""
        return row_threads(self.outputs[1], self.difference, self.theme.hue("output"))

    # --- what is compared -------------------------------------------------------------------------------------------

    def frames(self) -> VGroup:
        """Frames around that word's row in both outputs."""
        pairs = zip(self.outputs, self.compared, strict=True)
        return VGroup(*(Frame(matrix.row_box(row), self.theme) for matrix, row in pairs))

    def notes(self, label: Label) -> VGroup:
        """How far the outputs are apart; and under each, if it shows no numbers, those its row begins with."""
        output, shuffled = self.outputs
        rows = []
        shrink(label, self.difference.box.width + APART, self.theme)
        if not output.has_numbers:
            beside = min(self.difference.box.x, STAGE.right - label.width / 2) - label.width / 2 - GAP
            room = min(shuffled.box.x - output.box.x - WIDE, 2 * (beside - shuffled.box.x))
            rows = [self._spelled(matrix, row, room) for matrix, row in zip(self.outputs, self.compared, strict=True)]
        for line, matrix in zip((*rows, label), (*self.outputs[: len(rows)], self.difference), strict=True):
            half = line.width / 2
            x = min(max(matrix.box.x, STAGE.left + half), STAGE.right - half)
            line.move_to([x, output.box.bottom - WIDE, 0])
        return VGroup(*rows, label)

    def _spelled(self, matrix: Matrix, row: int, room: float) -> Label:
        """As many of a row's first numbers as have room."""
        counts = range(min(MOST_SPELLED, matrix.columns), 0, -1)
        lines = (self._beginning(matrix, row, count) for count in counts)
        return next((line for line in lines if line.width <= room), self._beginning(matrix, row, 1))

    def _beginning(self, matrix: Matrix, row: int, count: int) -> Label:
        """A row's first numbers."""
        readings = [matrix.tensor.at(row, column) for column in range(count)]
        runs = [Run(f"{reading.text}   ", None, (reading,)) for reading in readings]
        runs[-1] = Run(readings[-1].text, None, (readings[-1],))
        rest = [Run("   …")] if count < matrix.columns else []
        return Label([*runs, *rest], self.theme.size(TEXT), self.theme.hue("output"))
