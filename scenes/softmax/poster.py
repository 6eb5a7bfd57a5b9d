"""Softmax at one look: scores on the left, one row worked through in the middle, weights on the right."""

from __future__ import annotations

from manim import VGroup

from scenes.softmax.worked_row import WorkedRow
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, SPACE, TEXT, TIGHT, WIDE, Box, around, box_of, layout_now
from scenes.stage.paint.ribbons import Ribbons
from scenes.stage.paint.theme import Theme

FLOW, NARROW_FLOW = 0.55, 0.25
ABOVE = (1.1, 1)  # in a tall frame: the heights of the worked row and of the matrices below it
LARGEST_CELL = (0.66, 0.46)
TALLEST = 4.2
SYMBOL, LEGEND = 0.7, 0.75  # height of a matrix's name, and of its legend, with their distances


class SoftmaxPoster:
    """Places scores, worked row and weights in `box`, the two matrices level, and draws how `query`'s row goes.

    The bands leave `before` for the first line of the row, and its last line for `after`; they stand undrawn. In a
    tall frame there are none.
    """

    def __init__(
        self, before: Matrix, row: WorkedRow, after: Matrix, query: int, width: float, box: Box, theme: Theme
    ) -> None:
        self.before, self.row, self.after, self.query, self.theme = before, row, after, query, theme
        self.box = box
        for _ in range(2):  # tokens are as wide as the height of their rows allows
            self._place(width)
        self.frames = [Frame(matrix.row_box(query), theme) for matrix in (before, after)]
        self.out: Ribbons | None
        self.back: Ribbons | None
        self.out, self.back = self._bands()

    def _place(self, middle: float) -> None:
        n, box = self.before.columns, self.box
        tokens = self.before.row_tokens.box.width + SPACE if self.before.row_tokens else 0.0
        if box.is_tall:
            return self._place_below(tokens)
        flow = NARROW_FLOW if layout_now().is_narrowest else FLOW
        width = min(LARGEST_CELL[0], (box.width - middle - tokens - 2 * flow) / (2 * n))
        height = n * min(LARGEST_CELL[1], TALLEST / n)
        left = box.x - (tokens + 2 * n * width + middle + 2 * flow) / 2 + tokens
        right = left + n * width + 2 * flow + middle
        self._place_level(left, right, n * width, height)
        self.row.place(Box(left + n * width + flow, right - flow, box.bottom + 0.2, box.top))
        return None

    def _place_below(self, tokens: float) -> None:
        """In a tall frame: the worked row at the top, below it both matrices, each with its own tokens."""
        above, self.box = self.box.rows(*ABOVE, gap=GAP)
        left, right = self.box.columns(1, 1, gap=WIDE)
        width = left.width - tokens
        self._place_level(left.left + tokens, right.left + tokens, width, self.before.rows * LARGEST_CELL[1])
        self.row.place(above)
        self.box = around(above, self.box)

    def _place_level(self, left: float, right: float, width: float, height: float) -> None:
        """Both matrices in the middle, or lower and less high where names, column labels and legends need room."""
        box, y = self.box, self.box.y
        for _ in range(2):
            for matrix, x in ((self.before, left), (self.after, right)):
                matrix.place(Box(x, x + width, y - height / 2, y + height / 2)).as_heat()
            room = box.inset(bottom=LEGEND, top=SYMBOL + self.before.whole.top - self.before.box.top)
            height = min(height, room.height)
            y = min(max(y, room.bottom + height / 2), room.top - height / 2)

    def symbols(self, scores: str) -> VGroup:
        """What the two matrices are called."""
        over = VGroup()
        for source, matrix in ((scores, self.before), ("A", self.after)):
            symbol = formula(source, self.theme.hue(matrix.meaning), self.theme.size(TEXT))
            above = matrix.column_tokens.box.top if matrix.column_tokens else matrix.box.top
            half, box = symbol.width / 2, matrix.box
            x = min(box.x, box.right - half) if matrix is self.before else max(box.x, box.left + half)
            x = min(max(x, self.box.left + half), self.box.right - half)
            over.add(symbol.move_to([x, above + SPACE + symbol.height / 2, 0]))
        return over

    def put_below(self, *legends: VGroup) -> None:
        """Place one legend under each matrix; the bars of the row stay above those that reach under them."""
        for legend, matrix in zip(legends, (self.before, self.after), strict=True):
            half = legend.width / 2
            x = min(max(matrix.box.x, self.box.left + half), self.box.right - half)
            legend.move_to([x, matrix.box.bottom - GAP - legend.height / 2, 0])
            if box_of(legend).overlaps(self.row.bars.box.grown(WIDE)):
                self.row.floor = float(legend.get_top()[1]) + GAP
        self.row.bars_under(len(self.row.lines))

    def _bands(self) -> tuple[Ribbons, Ribbons] | tuple[None, None]:
        if self.box.is_tall:
            return None, None
        first, last = self.row.lines[0].box, self.row.lines[-1].box
        left = min(label.box.left for label in self.row.operations) - TIGHT
        right = self.row.notes[-1].box.right + TIGHT
        leaves, arrives = (matrix.row_box(self.query) for matrix in (self.before, self.after))
        out = Ribbons(
            [[leaves.right + 0.05, leaves.y, 0.9 * leaves.height]], [[left, first.y, 0.9 * first.height]], [0.35],
            self.theme.hue("scores"),
        )  # fmt: skip
        back = Ribbons(
            [[right, last.y, 0.9 * last.height]], [[arrives.left - 0.05, arrives.y, 0.9 * arrives.height]], [0.35],
            self.theme.hue("weights"),
        )  # fmt: skip
        return out.undrawn(), back.undrawn()
