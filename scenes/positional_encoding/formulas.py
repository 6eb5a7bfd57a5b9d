"""The two formulas over the table that they fill, and what their letters stand for."""

from __future__ import annotations

from manim import DOWN, LEFT, VGroup

from core.trace import Trace
from scenes.positional_encoding.thinned_tokens import thinned
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.frame import Frame, Panel
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, LABEL, Box
from scenes.stage.paint.theme import Theme

PE = 'op("PE")'
HEADER = (
    'op("PE")_("pos", med 2 i med "|" med 2 i + 1) = {{ sin : sin }} thin "|" thin {{ cos : cos }} '
    'lr(( "pos" slash 10000^(2 i slash d_script("model")) ))'
)
LINES = [
    'op("PE")_({{ "pos" : row }}, {{ ' + column + " : column }}) = {{ " + wave + " : wave }} "
    'lr(( frac({{ "pos" : numerator }}, 10000^({{ 2 i : exponent }} slash d_"model")) ))'
    for column, wave in (("2 i", "sin"), ("2 i + 1", "cos"))
]
ROW_PARTS, COLUMN_PARTS = ("row", "numerator"), ("column", "exponent")
ROWS, PAIRS = 3, 2  # that are pointed at
CELL = (0.95, 0.36)


def both_formulas(theme: Theme, size: float, box: Box) -> VGroup:
    """The two formulas, one above the other, as large as the box allows."""
    lines = VGroup(*(formula(line, theme.ink, size) for line in LINES)).arrange(DOWN, buff=0.34, aligned_edge=LEFT)
    return lines.scale(min(1.0, box.width / lines.width, box.height / lines.height)).move_to(box.centre)


class FormulaTable:
    """The formulas, and under them the table of the sentence, still empty."""

    def __init__(self, trace: Trace, box: Box, theme: Theme) -> None:
        self.theme = theme
        above, below = box.rows(1, 1.2, gap=0.35)
        self.lines = both_formulas(theme, 0.45, above)
        tensor = trace["positions.table"]
        tokens = thinned(tensor.axis_labels("tokens"), below.height - 0.75)
        self.table = Matrix(tensor, "positions", theme, symbol=PE, tag_side="left", row_tokens=tokens)
        place_level([self.table], below.inset(bottom=0.75), right=1.6, largest=CELL)
        self.panel = Panel(self.table.box.grown(0.08), theme)

    def parts(self, *names: str) -> list[VGroup]:
        """These parts of both formulas."""
        return [line.parts[name] for line in self.lines for name in names if isinstance(line, Formula)]

    def rows(self) -> list[VGroup]:
        """Pointers to the first rows: each is a position."""
        boxes = [self.table.row_box(row) for row in range(min(ROWS, self.table.rows))]
        return [self._pointer(box, f"pos = {row}", box.right + GAP, box.y) for row, box in enumerate(boxes)]

    def pairs(self) -> list[VGroup]:
        """Pointers to the first pairs of columns, whose sine and cosine share an angle."""
        pointers, last = [], self.table.columns - 1
        for pair in range(min(PAIRS, (last + 2) // 2)):
            box = self.table.cells.part_box(columns=[2 * pair, min(2 * pair + 1, last)])
            pointers.append(self._pointer(box, f"i = {pair}: sin, cos", box.left, box.bottom - 0.28))
        return pointers

    def _pointer(self, box: Box, words: str, left: float, y: float) -> VGroup:
        """A frame, and words that begin at `left`."""
        name = Label(words, self.theme.size(LABEL), self.theme.hue("focus"), "code", structural=True)
        return VGroup(Frame(box, self.theme), name.move_to([left + name.width / 2, y, 0]))
