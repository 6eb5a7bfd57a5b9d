"""A division written out: a score, the root that it is divided by, and what comes of it."""

from __future__ import annotations

from manim import RIGHT, Animation, FadeIn, VGroup

from core.trace import Quotient, Reading
from scenes.stage.matrix.arithmetic import Landing, Operand
from scenes.stage.paint.frame import Panel
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, STAGE, TEXT, Box, box_of
from scenes.stage.paint.theme import Colour, Theme


class RootQuotient(VGroup):
    """`5.00 ÷ √4 = 5.00 ÷ 2 = 2.50` on a panel, centred in `box`; = where nothing is rounded away, else ≈.

    under: the number under the root, a count of the example.
    """

    def __init__(self, quotient: Quotient, under: int, colour: Colour, theme: Theme, box: Box) -> None:
        super().__init__()
        self.theme, self.colour = theme, colour
        root = quotient.denominator
        self.first = self._number(quotient.numerator)
        self.by_root = self._words(Run("÷"), Run(f"√{under}", theme.ink, structural=True))
        self.simpler = self._words(
            Run("=" if root.exact else "≈"), self._run(quotient.numerator), Run("÷"), Run(root.text, theme.ink, (root,))
        )
        self.equals = self._words(Run("=" if quotient.closes else "≈"))
        self.result = self._number(quotient.result, "semibold")
        line = VGroup(self.first, self.by_root, self.simpler, self.equals, self.result).arrange(RIGHT, buff=0.2)
        shrink(line, min(line.width, STAGE.width - 2 * GAP), theme).move_to(box.centre)
        self.panel = Panel(box_of(line).grown(0.2), theme)
        self.add(self.panel, line)

    def _run(self, reading: Reading) -> Run:
        return Run(reading.text, self.colour, (reading,))

    def _number(self, reading: Reading, weight: str = "regular") -> Operand:
        return Operand(reading, reading.text, self.colour, self.theme, weight)

    def _words(self, *runs: Run) -> Label:
        spaced = [part for run in runs for part in (run, Run("  "))][:-1]
        return Label(spaced, self.theme.size(TEXT), self.theme.quiet)

    def opened(self, cell: Box) -> list[Animation]:
        """The panel opens, and the score comes from its cell."""
        return [FadeIn(self.panel), Landing(self.first, cell)]

    def result_flight(self, cell: Box) -> Animation:
        """A copy of the result flies into its cell and is gone there."""
        return self.result.flight(cell)
