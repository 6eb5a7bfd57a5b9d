"""One sentence in two orders through the same attention, and threads between the rows of the same words."""

from __future__ import annotations

from manim import VGroup

from core.trace import Trace
from core.trace.positions import compared_rows, moved_places
from scenes.positional_encoding.thinned_tokens import thinned
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import STAGE, TEXT, TITLE, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.threads import AT_REST, CLEAR, THICKNESS, before_row, row_threads, thread
from scenes.stage.paint.threads import row as tied

LARGEST_CELL = (0.86, 0.6)
INPUT_CELL, WIDEST_INPUT = 0.22, 1.3
MIDDLE = 1.0  # from the output of one order to the tokens of the other
PASSAGE = 0.8
NAME = 0.5
FOOT = 1.4  # room for what is said about the outputs
MOST_SPELLED = 4


class TwoOrders:
    """Input → output at the left, the output and the input of the other order at the right.

    The inputs are small pictures of themselves, the outputs as large as the box allows; without `inputs` there are only
    the outputs. run: "blind" or "cured"; symbols: of the input in the first order and in the other; compared: which row
    of the outputs is the compared word's, in the one order and in the other.
    """

    def __init__(
        self, trace: Trace, run: str, source: str, symbols: tuple[str, str], theme: Theme, box: Box,
        *, inputs: bool = True, middle: float = MIDDLE,
    ) -> None:  # fmt: skip
        self.theme = theme
        self.order = trace["positions.order"].values.astype(int)
        self.moved, self.compared = moved_places(trace), compared_rows(trace)
        room = box.inset(top=NAME, bottom=FOOT if inputs else 0)
        self.height = room.height
        names = (f"positions.{source}", f"positions.shuffled_{source}") if inputs else ()
        self.inputs = [self._matrix(trace, name, "x", rows=place == 0).as_heat() for place, name in enumerate(names)]
        self.outputs = [
            self._matrix(trace, f"positions.{run}.{name}", "output", rows=bool(place) or not inputs)
            for place, name in enumerate(("output", "shuffled_output"))
        ]
        self._place(room, middle)
        self.names = [self._name(m, s, "x") for m, s in zip(self.inputs, symbols, strict=False)]
        self.names += [self._name(m, s, "output") for m, s in zip(self.outputs, ("O", "O'"), strict=True)]
        self.passages = [self._passage(*pair) for pair in zip(self.inputs, self.outputs, strict=False)]
        self.threads = self._threads()

    def _matrix(self, trace: Trace, name: str, meaning: str, *, rows: bool) -> Matrix:
        tensor = trace[name]
        return Matrix(
            tensor, meaning, self.theme, row_tokens=thinned(tensor.axis_labels("tokens"), self.height) if rows else None
        )

    def _name(self, matrix: Matrix, symbol: str, meaning: str) -> VGroup:
        name = formula(symbol, self.theme.hue(meaning), self.theme.size(TITLE))
        x = min(matrix.box.x, STAGE.right - name.width / 2)
        return name.move_to([x, matrix.box.top + NAME / 2 + 0.03, 0])

    # --- where it stands --------------------------------------------------------------------------------------------

    @property
    def matrices(self) -> list[Matrix]:
        """From left to right."""
        return [*self.inputs[:1], *self.outputs, *self.inputs[1:]]

    def _place(self, box: Box, middle: float) -> None:
        rows, columns = self.outputs[0].cells.shape
        height = min(box.height, rows * LARGEST_CELL[1])
        for matrix in self.matrices:
            matrix.place(Box(0, 1, 0, height))
        labels = [matrix.box.left - matrix.whole.left for matrix in self.matrices]
        narrow = min(self.inputs[0].columns * INPUT_CELL, WIDEST_INPUT) if self.inputs else 0.0
        gaps = [PASSAGE, middle, PASSAGE] if self.inputs else [middle]
        room = box.width - sum(labels) - sum(gaps) - 2 * narrow
        wide = min(room / 2, columns * LARGEST_CELL[0])
        widths = [narrow, wide, wide, narrow] if self.inputs else [wide, wide]
        x = box.x - (sum(widths) + sum(gaps) + sum(labels)) / 2
        for matrix, label, width, gap in zip(self.matrices, labels, widths, [*gaps, 0.0], strict=True):
            x += label
            matrix.place(Box(x, x + width, box.y - height / 2, box.y + height / 2))
            x += width + gap

    def _passage(self, source: Matrix, target: Matrix) -> VGroup:
        """Threads through attention, whose name stands under them."""
        first, last = (source, target) if source.box.x < target.box.x else (target, source)
        threads = row_threads(first, last, self.theme.quiet)
        name = formula('op("Attention")', self.theme.quiet, self.theme.size(TEXT))
        return VGroup(threads, name.move_to([(first.box.right + last.box.left) / 2, first.box.bottom - 0.27, 0]))

    def _threads(self) -> VGroup:
        """From each row of the output to the row of the same word in the other order."""
        output, shuffled = self.outputs
        threads = VGroup()
        for place, row in enumerate(self.order):
            moved = place in self.moved
            colour = self.theme.hue("focus" if moved else "output")
            ends = tied(output, int(row), "right"), before_row(shuffled, place)
            threads.add(thread(*ends, colour, width=3.2 if moved else THICKNESS, opacity=CLEAR if moved else AT_REST))
        return threads

    # --- what is compared -------------------------------------------------------------------------------------------

    def frames(self) -> VGroup:
        """Frames around the two rows of that word."""
        pairs = zip(self.outputs, self.compared, strict=True)
        return VGroup(*(Frame(output.row_box(row), self.theme) for output, row in pairs))

    def notes(self, label: Label) -> VGroup:
        """How far the outputs are apart; and under each, if it shows no numbers, those its row begins with."""
        output, shuffled = self.outputs
        level, middle = output.box.bottom - 0.72, (output.box.right + shuffled.whole.left) / 2
        if output.has_numbers:
            return VGroup(label.move_to([middle, level, 0]))
        room = shuffled.box.x - output.box.x - WIDE
        rows = [self._spelled(matrix, row, room) for matrix, row in zip(self.outputs, self.compared, strict=True)]
        for line, matrix in zip(rows, self.outputs, strict=True):
            half = line.width / 2
            x = min(max(matrix.box.x, STAGE.left + half), STAGE.right - half)
            line.move_to([x, level, 0])
        return VGroup(*rows, label.move_to([middle, level - WIDE, 0]))

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
