"""Positional encoding at one look: without positions other order gives the same rows, with them it does not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manim import Mobject, VGroup

from core.trace import Trace
from scenes.positional_encoding.formulas import PE, both_formulas
from scenes.positional_encoding.heat_maps import MapWords, heat_map
from scenes.positional_encoding.two_orders import TwoOrders
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Panel
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import GAP, LABEL, SMALL, TEXT, Box, layout_now
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.threads import edge, thread

MIDDLE = 1.0
HEAD = 0.42
RUNS = (("blind", "x", ("X", "X'"), "X"), ("cured", "input", (PE, PE), f"X + {PE}"))


class PositionsPoster:
    """Left: the formulas over the map of positions; right: attention of X, and of X + PE, in both orders."""

    def __init__(self, trace: Trace, box: Box, theme: Theme, label: Callable[..., Label]) -> None:
        self.trace, self.theme, self.label = trace, theme, label
        narrow = layout_now().is_narrow  # where only the header has room for the formulas
        inside = box.inset(top=0.05)
        left, right = inside.columns(1, 3.4 if narrow else 2.05, gap=0.75)
        if box.is_tall:
            left, right = inside.rows(1, 1.6, gap=GAP)
        above, below = left.rows(1, 2.1, gap=0.3)
        formulas = VGroup() if narrow else both_formulas(theme, 0.42, above)
        below = left if narrow else below
        self.map = heat_map(trace["positions.map"], theme, self._map_box(below)).show()
        words = MapWords(self.map, label("fast", SMALL), label("slow", SMALL), theme, positions=False)
        halves = right.rows(1, 1, gap=0.22)
        self.parts: list[list[Mobject]] = [
            [formulas, self.map, words],
            *(self._half(run, half) for run, half in zip(RUNS, halves, strict=True)),
        ]
        self.threads = self._threads(self.parts[-1][0])

    @staticmethod
    def _map_box(box: Box) -> Box:
        room = box.inset(bottom=0.34)
        side = min(room.width, 1.15 * room.height)
        return Box(room.x - side / 2, room.x + side / 2, room.bottom, room.top)

    def _half(self, run: tuple[str, str, tuple[str, str], str], box: Box) -> list[Mobject]:
        """Both outputs and the threads between them; above, what goes in and how far the outputs are apart."""
        name, source, symbols, given = run
        inside = box.inset(left=0.2, right=0.2, top=HEAD - 0.32, bottom=0.12)
        orders = TwoOrders(self.trace, name, source, symbols, self.theme, inside, inputs=False, middle=MIDDLE)
        matrices = [matrix.reveal() for matrix in (*orders.outputs, orders.difference)]
        title = formula(f'op("Attention")({given})', self.theme.ink, self.theme.size(TEXT))
        title.move_to([box.left + 0.25 + title.width / 2, box.top - 0.3, 0])
        note = self.label("difference", LABEL, self.theme.ink, value=self.trace[f"positions.{name}.difference"].at())
        shrink(note, box.right - title.get_right()[0] - 0.5, self.theme, LABEL)
        note.move_to([box.right - 0.25 - note.width / 2, box.top - 0.3, 0])
        return [Panel(box, self.theme), *matrices, orders.threads(), orders.levels(), title, note]

    def _threads(self, target: Mobject) -> VGroup:
        """The positions flow into what attends below."""
        hue = self.theme.hue("positions")
        pairs = ((edge(self.map, "right", share), edge(target, "left", share)) for share in np.linspace(0.1, 0.9, 7))
        return VGroup(*(thread(*pair, hue) for pair in pairs))
