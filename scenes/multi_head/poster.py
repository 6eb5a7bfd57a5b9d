"""The paper's figure of multi-head attention with real matrices. Source: Vaswani et al. (2017), figure 2, right."""

from __future__ import annotations

from manim import DOWN, Create, LaggedStart, VGroup

from scenes.shared.heads import MARGIN, TAB, Heads, Sheet, fan_room
from scenes.shared.heads_layout import labelled_wall, sheet_size
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.charts.legend import WeightRamp, legend
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SMALL, SPACE, TITLE, Box, around
from scenes.stage.paint.threads import End, edge, thread

SHARES = (2.0, 1.7, 5.4, 3.5)
COLUMN_GAP = 0.5
HEAD = 0.5
LETTER = 0.6
NAME = 0.55
FOOT = 0.7
BETWEEN = 0.65
SMALL_FAN = 0.6


class HeadsPoster:
    """Q, K, V → stacks of heads → the wall of their patterns → Concat × W_O = O.

    stations: the parts from left to right; flow(): the threads that join them.
    """

    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.trace, self.theme = chapter, chapter.trace, chapter.theme
        self.count = chapter.example.heads
        first, second, third, fourth = STAGE.columns(*SHARES, gap=COLUMN_GAP)
        self.sources = [self._matrix(name, box.inset(left=LETTER)) for name, box in _thirds("qkv", first)]
        self.stacks = [self._stack(name, box) for name, box in _thirds("qkv", second)]
        self.wall, self.wall_axes = self._wall(third)
        self.concat, self.w_o, self.output = self._product(fourth.inset(bottom=NAME))
        self.stations = [
            VGroup(*self.sources, *self._letters()),
            VGroup(*self.stacks, self._title("heads", second)),
            VGroup(self.wall, *self.wall_axes, self._ramp(around(first, second))),
            VGroup(self.concat, self.w_o, self.output, *self._names()),
        ]

    # --- what stands where ----------------------------------------------------------------------------------------

    def _matrix(self, name: str, box: Box) -> Matrix:
        """A matrix as large as `box` allows, in its middle."""
        matrix = self.chapter.matrix(name, tag="").reveal()
        return matrix.place(_fitted(matrix.cells, box))

    def _stack(self, name: str, box: Box) -> Heads:
        heads = Heads(self.trace[f"heads.{name}"], self.theme, "").reveal()
        right, above = fan_room(self.count, SMALL_FAN)
        room = box.inset(left=MARGIN, right=right, top=above - TAB + MARGIN, bottom=MARGIN)
        return heads.fan(_fitted(heads.front, room), SMALL_FAN)

    def _wall(self, box: Box) -> tuple[Heads, list[TokenAxis]]:
        wall = Heads(self.trace["heads.weights"], self.theme, self.chapter.template("head")).reveal()
        boxes, axes = labelled_wall(wall, box, self.trace["scores"].axis_labels("queries") or ())
        return wall.wall(boxes), axes

    def _product(self, box: Box) -> tuple[Heads, Matrix, Matrix]:
        """Concat × W_O = O as a multiplication table, level with the rest of the picture."""
        concat = Heads(self.trace["heads.context"], self.theme, self.chapter.template("head")).reveal()
        w_o, output = (self.chapter.matrix(name, tag="").reveal() for name in ("w_o", "multi_head_output"))
        left, right = box.columns(w_o.rows**0.5, output.columns**0.5, gap=BETWEEN)
        upper, lower = box.rows(w_o.rows**0.5, output.rows**0.5, gap=BETWEEN)
        above, below = (
            _fitted(w_o.cells, upper),
            _fitted(output.cells, Box(right.left, right.right, lower.bottom, lower.top)),
        )
        width, height = below.width, below.height
        first = min(left.width, width * w_o.rows / output.columns)
        top = box.y + (above.height + BETWEEN + height) / 2 - above.height - BETWEEN
        concat.side_by_side(Box(left.right - first, left.right, top - height, top), 0.0)
        output.place(Box(right.left, right.left + width, top - height, top))
        w_o.place(Box(right.left, right.left + width, top + BETWEEN, top + BETWEEN + above.height))
        return concat, w_o, output

    # --- words ----------------------------------------------------------------------------------------------------

    def _letters(self) -> list[Formula]:
        letters = []
        for letter, matrix in zip("QKV", self.sources, strict=True):
            sign = formula(letter, self.theme.hue(matrix.meaning), self.theme.size(TITLE))
            x = max(matrix.box.left - SPACE - sign.width / 2, STAGE.left + sign.width / 2)
            letters.append(sign.move_to([x, matrix.box.y, 0]))
        return letters

    def _title(self, key: str, column: Box) -> Label:
        label = self.chapter.label(key, LABEL, self.theme.quiet, heads=self.count)
        return label.move_to([column.x, column.top - label.height / 2, 0])

    def _ramp(self, column: Box) -> VGroup:
        entry = (
            Label("0", self.theme.size(SMALL), self.theme.quiet),
            WeightRamp(self.theme),
            Label("1", self.theme.size(SMALL), self.theme.quiet),
        )
        axes = self.chapter.label("axes", SMALL, self.theme.quiet)
        ramp = VGroup(legend(entry), axes).arrange(DOWN, buff=SPACE)
        return ramp.move_to([max(column.x, STAGE.left + ramp.width / 2), column.bottom + ramp.height / 2, 0])

    def _names(self) -> list[Formula]:
        """Concat and O are named below, W_O beside itself."""
        signs = []
        concat = around(*(sheet.box for sheet in self.concat.sheets))
        for box, source in ((concat, 'op("Concat")'), (self.output.box, "O")):
            sign = formula(source, self.theme.hue("output"), self.theme.size(TITLE))
            signs.append(sign.move_to([box.x, box.bottom - 0.18 - sign.height / 2, 0]))
        sign = formula("W_O", self.theme.hue("learned"), self.theme.size(TITLE))
        return [*signs, sign.move_to([self.w_o.box.left - 0.2 - sign.width / 2, self.w_o.box.y, 0])]

    # --- flow -----------------------------------------------------------------------------------------------------

    def flow(self) -> LaggedStart:
        """Threads from each matrix to its stack, from the stacks to the wall, from each head to its place in Concat."""
        pairs = []
        for matrix, stack in zip(self.sources, self.stacks, strict=True):
            hue = self.theme.hue(matrix.meaning)
            pairs.append((edge(matrix, "right"), End(stack.front, "left", "card_box"), hue))
            pairs += [(End(sheet, "right", "card_box"), inlet, hue) for sheet, inlet in self._inlets(stack)]
        first, last = self.concat.sheets[0], self.concat.sheets[-1]
        for head, sheet in enumerate(self.wall.sheets):
            place = edge(first, "left", (head + 0.5) / self.count)
            pairs.append((self._outlet(sheet), place, sheet.tint))
        pairs.append((edge(last, "right"), edge(self.output, "left"), self.theme.hue("output")))
        threads = VGroup(*(thread(*pair, width=3.0, opacity=0.6) for pair in pairs))
        return LaggedStart(*(Create(line) for line in threads), lag_ratio=0.12, run_time=1.8)

    def _outlet(self, sheet: Sheet) -> End:
        """Where a head's thread leaves: at the last card of its row, beside those of its row."""
        level = [other for other in self.wall.sheets if abs(other.box.y - sheet.box.y) < 1e-6]
        return End(level[-1], "right", "card_box", along=(1 + level.index(sheet)) / (1 + len(level)))

    def _inlets(self, stack: Heads) -> list[tuple[Sheet, End]]:
        """Where the threads of a stack arrive: at the wall's first cards, or at the words beside them."""
        words = [axis for axis in self.wall_axes if axis.side == "rows" and any(axis.texts)]
        level = (1 + self.stacks.index(stack)) / (1 + len(self.stacks))
        if words:
            ends = [edge(axis, "left", level) for axis in words]
        else:
            left = min(sheet.card_box.left for sheet in self.wall.sheets)
            cards = [sheet for sheet in self.wall.sheets if sheet.card_box.left < left + SPACE]
            ends = [End(sheet, "left", "card_box", along=level) for sheet in cards]
        return [(stack.sheets[-1], end) for end in ends]


def _thirds(names: str, column: Box) -> list[tuple[str, Box]]:
    return list(zip(names, column.inset(top=HEAD, bottom=FOOT).rows(1, 1, 1, gap=0.25), strict=True))


def _fitted(cells: Cells, room: Box) -> Box:
    width, height = sheet_size(cells, room.width, room.height)
    return Box(room.x - width / 2, room.x + width / 2, room.y - height / 2, room.y + height / 2)
