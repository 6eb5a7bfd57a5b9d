"""The arithmetic line: one dot product written out with its numbers, closing on its result."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, RIGHT, Animation, AnimationGroup, FadeIn, LaggedStart, VGroup

from core.trace import DotProduct, Reading
from scenes.stage.paint.frame import Panel
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import TEXT, Box, box_of
from scenes.stage.paint.theme import Colour, Theme

MOST_TERMS = 5


class Arithmetic(VGroup):
    """`a × b + c × d + … = total` on a panel, centred in `box`.

    It closes: what a viewer recomputes from the printed operands is the printed total, else the line says ≈.
    Of more than five terms the first two, the last and the one that counts most are written, with ellipses between.
    """

    def __init__(self, product: DotProduct, left: Colour, right: Colour, total: Colour, theme: Theme, box: Box) -> None:
        super().__init__()
        self.theme = theme
        self.left: list[Label] = []
        self.right: list[Label] = []
        self.signs = VGroup()
        self.shown_terms = _chosen(len(product.left), product.largest)
        line = VGroup()
        for position, index in enumerate(self.shown_terms):
            if position:
                line.add(self._sign("+"))
                if index - self.shown_terms[position - 1] > 1:
                    line.add(self._sign("⋯"), self._sign("+"))
            self.left.append(self._number(product.left[index], left, bracketed=position > 0))
            self.right.append(self._number(product.right[index], right, bracketed=True))
            line.add(self.left[-1], self._sign("×"), self.right[-1])
        self.equals = self._sign("=" if product.closes else "≈")
        self.total = self._number(product.total, total, weight="semibold")
        line.add(self.equals, self.total)
        line.arrange(RIGHT, buff=0.11).move_to(box.centre)
        for part in line:
            part.align_to(self.total, DOWN)
        shrink(line, box.width - 0.5, theme)
        self.panel = Panel(_padded(box_of(line)), theme)
        self.add(self.panel, line)

    def _sign(self, text: str) -> Label:
        sign = Label(text, self.theme.size(TEXT), self.theme.quiet)
        self.signs.add(sign)
        return sign

    def _number(self, reading: Reading, colour: Colour, *, bracketed: bool = False, weight: str = "regular") -> Label:
        text = f"({reading.text})" if bracketed and reading.value < 0 else reading.text
        return Label((Run(text, colour, (reading,)),), self.theme.size(TEXT), colour, weight)

    def opened(self) -> Animation:
        """The panel appears, empty but for its signs."""
        return FadeIn(VGroup(self.panel, *self.signs[:-1]))

    def fly_in(self, left_cells: Sequence[Box], right_cells: Sequence[Box]) -> Animation:
        """The operands leave their cells in pairs and land in the line. One box per index of the sum."""
        pairs = zip(self.left, self.right, self.shown_terms, strict=True)
        flights = [
            AnimationGroup(
                FadeIn(a, target_position=left_cells[index].centre),
                FadeIn(b, target_position=right_cells[index].centre),
            )
            for a, b, index in pairs
        ]
        return LaggedStart(*flights, lag_ratio=0.35)

    def result(self) -> Animation:
        """The sum appears."""
        return FadeIn(VGroup(self.equals, self.total), scale=1.15)

    def total_flight(self, cell: Box) -> Animation:
        """A copy of the sum flies into its cell and is gone there."""
        copy = self.total.copy()
        return copy.animate(remover=True).move_to(cell.centre).set_opacity(0.6)


def _chosen(terms: int, largest: int) -> list[int]:
    if terms <= MOST_TERMS:
        return list(range(terms))
    ends = [0, 1, terms - 1]
    return sorted([*ends, 2 if largest in ends else largest])


def _padded(box: Box) -> Box:
    return Box(box.left - 0.28, box.right + 0.28, box.bottom - 0.17, box.top + 0.17)
