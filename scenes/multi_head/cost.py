"""The bill: multiplications of one wide head and of many narrow ones, below what each of them sees."""

from __future__ import annotations

from manim import VGroup

from scenes.shared.heads import MARGIN, TAB, Heads
from scenes.shared.heads_layout import sheet_size, wall_boxes
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import SPACE, STAGE, TEXT, TITLE, WIDE, Box, box_of

BILL_HEIGHT = 1.7
NAME_WIDTH = 1.1
HEADING = 0.5
PRODUCTS = ("Q K^top", "A V")


class HeadsCost:
    """Left the one wide head's pattern, right the wall of the heads' patterns; below, line by line, their costs."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.trace, self.theme = chapter, chapter.trace, chapter.theme
        pictures, bill = STAGE.inset(bottom=BILL_HEIGHT), STAGE.inset(top=STAGE.height - BILL_HEIGHT)
        self.sides = pictures.inset(left=NAME_WIDTH).columns(1, min(2, chapter.example.heads), gap=0.9)
        self.wide = VGroup(self._wide_map(self.sides[0]), self._heading("one_wide", self.sides[0]))
        self.narrow = VGroup(
            self._wall(self.sides[1]),
            self._heading("narrow", self.sides[1]),
        )
        rows = bill.inset(top=0.2).rows(1, 1)
        self.lines = [
            self._line(product, name, row) for product, (name, row) in enumerate(zip(PRODUCTS, rows, strict=True))
        ]
        self.group = VGroup(self.wide, self.narrow, *self.lines)

    def _heading(self, key: str, side: Box) -> Label:
        label = self.chapter.label(key, TEXT, self.theme.ink, "semibold", heads=self.chapter.example.heads)
        return label.move_to([side.x, side.top - label.height / 2, 0])

    def _wide_map(self, side: Box) -> Matrix:
        """The attention of the full width, as in the chapters before."""
        wide = self.chapter.matrix("weights", tag="").reveal()
        room = side.inset(left=MARGIN, right=MARGIN, top=HEADING + TAB, bottom=MARGIN)
        width, height = sheet_size(wide.cells, room.width, room.height)
        return wide.place(Box(room.x - width / 2, room.x + width / 2, room.y - height / 2, room.y + height / 2))

    def _wall(self, side: Box) -> Heads:
        wall = Heads(self.trace["heads.weights"], self.theme, self.chapter.template("head")).reveal()
        return wall.wall(wall_boxes(wall, side.inset(top=HEADING)))

    def _line(self, product: int, source: str, box: Box) -> VGroup:
        """`QKᵀ  6 × 6 × 4 = 144   =   2 × 6 × 6 × 2 = 144`"""
        name = formula(source, self.theme.hue("scores" if product == 0 else "output"), self.theme.size(TITLE))
        name.move_to([STAGE.left + name.width / 2, box.y, 0])
        operand = "q" if product == 0 else "v"
        heads, rows, keys = self.trace["heads.weights"].shape
        wide, narrow = self.trace[operand].shape[-1], self.trace[f"heads.{operand}"].shape[-1]
        counts = (f"{rows} × {keys} × {wide}", f"{heads} × {rows} × {keys} × {narrow}")
        line = VGroup(name)
        for arrangement, (side, count) in enumerate(zip(self.sides, counts, strict=True)):
            total = self.trace["heads.multiplications"].at(arrangement, product)
            runs = (Run(f"{count} = ", self.theme.quiet, structural=True), Run(total.text, self.theme.ink, (total,)))
            told = Label(runs, self.theme.size(TEXT), self.theme.ink)
            beside = SPACE if arrangement == 0 else WIDE  # where a sign stands between
            x = max(side.x, box_of(line[-1]).right + beside + told.width / 2)
            line.add(told.move_to([min(x, STAGE.right - told.width / 2), box.y, 0]))
        between = (box_of(line[1]).right + box_of(line[2]).left) / 2
        line.add(Label("=", self.theme.size(TITLE), self.theme.hue("focus")).move_to([between, box.y, 0]))
        return line
