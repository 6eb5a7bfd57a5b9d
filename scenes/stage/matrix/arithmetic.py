"""The arithmetic line: one dot product written out with its numbers, closing on its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from manim import DOWN, RIGHT, Animation, AnimationGroup, FadeIn, LaggedStart, VGroup, smooth
from manim.typing import PathFuncType
from manim.utils.rate_functions import squish_rate_func

from core.trace import DotProduct, Reading
from scenes.stage.paint.frame import Panel
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import SMALL, TEXT, TIGHT, Box, box_of
from scenes.stage.paint.painting import Brush, PrintedText
from scenes.stage.paint.theme import Colour, Theme

MOST_TERMS = (5, 3, 2)  # that are written: where numbers are too long for so many, fewer
SOLID = 0.85  # from this opacity on a chip hides what is below it, and its number begins to show
LIFTED, LANDED = 0.1, 0.7  # of an operand's flight: it shows in full; its chip begins to go, and its signs to show


class Operand(Label):
    """A number of the line. State beyond that of labels: `ground`, how solid the chip is that it flies on."""

    STATE: ClassVar[tuple[str, ...]] = (*Label.STATE, "ground")

    def __init__(self, reading: Reading, text: str, colour: Colour, theme: Theme, weight: str) -> None:
        self.chip, self.ground = theme.surface, np.zeros(1)
        super().__init__((Run(text, colour, (reading,)),), theme.size(TEXT), colour, weight)

    def flight(self, cell: Box) -> Animation:
        """A copy of it flies into a cell on its chip, and is gone there."""
        copy = self.copy()
        copy.ground = np.ones(1)
        return copy.animate(remover=True, path_func=upright_first).move_to(cell.centre)

    @property
    def ink(self) -> float:
        """On a chip the number comes once the chip hides what it lies on."""
        return max(0.0, (self.opacity - SOLID) / (1 - SOLID)) if self.ground[0] > 0 else self.opacity

    def printed(self) -> list[PrintedText]:
        background = np.array(self.chip) if self.ground[0] > 0 else None
        return [replace(text, background=background) for text in super().printed()]

    def paint(self, brush: Brush) -> None:
        if self.ground[0] > 0:
            box = self.box.grown(TIGHT)
            brush.rounded(box.left, box.bottom, box.width, box.height, TIGHT)
            brush.fill(self.chip, min(1.0, self.opacity / SOLID) * float(self.ground[0]))
        super().paint(brush)


class Landing(FadeIn):
    """A number leaves its cell on a chip and lands in the line from straight above; `path` is another way there."""

    def __init__(self, number: Operand, cell: Box, path: PathFuncType | None = None) -> None:
        super().__init__(number, target_position=cell.centre, path_func=path or sideways_first)

    def interpolate_mobject(self, alpha: float) -> None:
        super().interpolate_mobject(alpha)
        self.mobject.set_opacity(min(1.0, alpha / LIFTED))
        self.mobject.ground = np.full(1, float(np.clip((1 - alpha) / (1 - LANDED), 0, 1)))


class Arithmetic(VGroup):
    """`a × b + c × d + … = total` on a panel, centred in `box`.

    It closes: what a viewer recomputes from the printed operands is the printed total, else the line says ≈.
    Of more than five terms the first two, the last and the one that counts most are written, with ellipses between;
    of numbers that are too long for that, fewer.
    """

    def __init__(self, product: DotProduct, left: Colour, right: Colour, total: Colour, theme: Theme, box: Box) -> None:
        super().__init__()
        self.theme = theme
        room, smallest = box.width - 0.5, theme.size(SMALL) / theme.size(TEXT)
        for most in MOST_TERMS:
            line = self._line(product, _chosen(len(product.left), product.largest, most), (left, right, total))
            if line.width * smallest <= room:
                break
        line.move_to(box.centre)
        for part in line:
            part.align_to(self.total, DOWN)
        shrink(line, room, theme)
        self.panel = Panel(_padded(box_of(line)), theme)
        self.add(self.panel, line)

    def _line(self, product: DotProduct, shown: list[int], colours: tuple[Colour, Colour, Colour]) -> VGroup:
        """The numbers and signs side by side, of the terms shown; colours: of left and right operands, and the sum."""
        self.shown_terms, (left, right, total) = shown, colours
        self.left, self.right, self.signs = list[Operand](), list[Operand](), list[VGroup]()
        line = VGroup()
        for position, index in enumerate(self.shown_terms):
            before, times = self._signs_before(position), self._sign("×")
            self.left.append(self._number(product.left[index], left, bracketed=position > 0))
            self.right.append(self._number(product.right[index], right, bracketed=True))
            self.signs.append(VGroup(*before, times))
            line.add(*before, self.left[-1], times, self.right[-1])
        self.equals = self._sign("=" if product.closes else "≈")
        self.total = self._number(product.total, total, weight="semibold")
        line.add(self.equals, self.total)
        return line.arrange(RIGHT, buff=0.11)

    def _signs_before(self, position: int) -> list[Label]:
        """What stands before a term: nothing before the first, + before the others, an ellipsis for those left out."""
        if not position:
            return [self._sign(text) for text in ("⋯", "+")] if self.shown_terms[0] else []
        left_out = self.shown_terms[position] - self.shown_terms[position - 1] > 1
        return [self._sign(text) for text in (("+", "⋯", "+") if left_out else ("+",))]

    def _sign(self, text: str) -> Label:
        return Label(text, self.theme.size(TEXT), self.theme.quiet)

    def _number(self, reading: Reading, colour: Colour, *, bracketed: bool = False, weight: str = "regular") -> Operand:
        text = f"({reading.text})" if bracketed and reading.value < 0 else reading.text
        return Operand(reading, text, colour, self.theme, weight)

    def opened(self) -> Animation:
        """The panel appears, empty."""
        return FadeIn(self.panel)

    def fly_in(self, left_cells: Sequence[Box], right_cells: Sequence[Box]) -> Animation:
        """The operands leave their cells in pairs and land in the line from straight above; their signs follow.

        left_cells, right_cells: one box per index of the sum.
        """
        terms = zip(self.left, self.right, self.signs, self.shown_terms, strict=True)
        flights = [
            AnimationGroup(
                Landing(a, left_cells[index]),
                Landing(b, right_cells[index]),
                FadeIn(signs, rate_func=squish_rate_func(smooth, LANDED, 1)),
            )
            for a, b, signs, index in terms
        ]
        return LaggedStart(*flights, lag_ratio=0.35)

    def result(self) -> Animation:
        """The sum appears."""
        return FadeIn(VGroup(self.equals, self.total), scale=1.15)

    def total_flight(self, cell: Box) -> Animation:
        """A copy of the sum flies into its cell and is gone there."""
        return self.total.flight(cell)


def sideways_first(start: np.ndarray, end: np.ndarray, alpha: float) -> np.ndarray:
    """Sideways soon, up or down late: what lands does not pass over what has landed."""
    return start + (end - start) * np.array([1 - (1 - alpha) ** 2, alpha**3, alpha])


def upright_first(start: np.ndarray, end: np.ndarray, alpha: float) -> np.ndarray:
    """Up or down soon, sideways late."""
    return start + (end - start) * np.array([alpha**3, 1 - (1 - alpha) ** 2, alpha])


def _chosen(terms: int, largest: int, most: int) -> list[int]:
    """The terms that are written: the one that counts most among them, and the last."""
    if terms <= most:
        return list(range(terms))
    ends = {5: [0, 1, terms - 1], 3: [0, terms - 1], 2: [terms - 1]}[most]
    return sorted([*ends, next(i for i in (largest, *range(terms)) if i not in ends)])


def _padded(box: Box) -> Box:
    return Box(box.left - 0.28, box.right + 0.28, box.bottom - 0.17, box.top + 0.17)
