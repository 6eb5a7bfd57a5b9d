"""Attention as a machine that grows: from X at its foot to the result at its top, one ingredient after another.

Laid out as the paper draws it. Source: Vaswani et al. (2017), "Attention Is All You Need", figure 2.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from manim import Animation, AnimationGroup, Line, VGroup, smooth
from manim.utils.rate_functions import squish_rate_func

from core.trace import Tensor, Trace
from scenes.shared.masks import masked_cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, LABEL, SPACE, TEXT, TIGHT, Box, around
from scenes.stage.paint.painting import Brush, Painted, hexadecimal
from scenes.stage.paint.theme import Theme, mix

ROWS = (0.95, 1.05, 0.95, 0.95, 0.95, 0.95, 0.5, 1, 0.95)
LEVELS = ("join", "mix", "softmax", "mask", "scale", "scores", "letters", "learned", "source")
LANES = {"q": 0.15, "k": 0.45, "v": 0.88}
HEIGHT, FULLNESS = 0.39, 0.75  # of a block; at most, of the height of its level
PICTURE = 1.0
MOST_SHEETS = 3
BEHIND = 0.09
FIRST, THEN = squish_rate_func(smooth, 0, 0.5), squish_rate_func(smooth, 0.5, 1)
TOGETHER = {
    "bare": ("raw", "source"),
    "learned": ("learned", "source"),
    "scaled": ("learned", "scale", "source"),
    "padding": ("learned", "scale", "mask", "padding", "source"),
    "causal": ("learned", "scale", "mask", "causal", "source"),
    "cross": ("learned", "scale", "cross"),
    "multi_head": ("learned", "scale", "sheets", "heads", "source"),
}


class MachinePlate(Painted):
    """The body of a block, in its hue."""

    MARGIN = 0.02

    def __init__(self, box: Box, hue: str, theme: Theme) -> None:
        self.ground = theme.background
        super().__init__(box, theme.hue(hue))

    def paint(self, brush: Brush) -> None:
        ground = mix(self.ground, self.colour, 0.2)
        brush.plate(self.box.grown(-0.01), 0.09, (ground, self.opacity), (self.colour, 0.9 * self.opacity), 0.02)


class MachineSheets(Painted):
    """Further copies of the machine behind it: one sheet for each head, at most three."""

    MARGIN = 0.02

    def __init__(self, box: Box, heads: int, theme: Theme) -> None:
        self.behind = min(heads, MOST_SHEETS) - 1
        self.face, self.edge = theme.surface, theme.quiet
        reach = self.behind * BEHIND
        super().__init__(box.inset(right=-reach, top=-reach), theme.surface)

    def paint(self, brush: Brush) -> None:
        box, reach = self.box.grown(-0.01), self.behind * BEHIND
        for step in range(self.behind, -1, -1):
            sheet = box.inset(right=reach, top=reach).shifted(step * BEHIND, step * BEHIND)
            brush.plate(sheet, 0.12, (self.face, 0.9 * self.opacity), (self.edge, 0.6 * self.opacity), 0.015)


class Machine(VGroup):
    """The machine in `box`. `show(form)` lets the ingredients of that form be there and no others."""

    def __init__(self, trace: Trace, theme: Theme, box: Box) -> None:
        super().__init__()
        self.theme = theme
        self.count = len(trace["forms.multi_head.weights"].values)
        self.rows = dict(zip(LEVELS, box.rows(*ROWS), strict=True))
        self.lanes = {lane: box.left + share * box.width for lane, share in LANES.items()}
        self.middle = (self.lanes["q"] + self.lanes["k"]) / 2
        self.top_lane = (self.middle + self.lanes["v"]) / 2
        self.half = 0.17 * box.width / 2
        self.right = box.right
        self.plates: dict[str, MachinePlate] = {}
        self.shown: frozenset[str] = frozenset()
        self.parts = {
            "sheets": VGroup(self._sheets()),
            "wires": self._wires(box),
            "always": self._always(),
            "raw": VGroup(self._sign("X X^top", "scores"), self._sign("times X", "mix")),
            "source": self._block("source", "x", "X", self.lanes["q"], self.lanes["v"], "source"),
            "cross": self._cross(),
            "learned": self._learned(),
            "scale": self._block("scale", "scores", "slash thin sqrt(d_k)", self.lanes["q"], self.lanes["k"], "scale"),
            "mask": self._block("mask", "mask", "+ thin M", self.lanes["q"], self.lanes["k"], "mask"),
            "heads": self._join(),
            "padding": self._picture(trace["forms.padding.mask"]),
            "causal": self._picture(trace["forms.causal.mask"]),
        }
        self.add(*self.parts.values())

    # --- what it shows ----------------------------------------------------------------------------------------------

    def show(self, form: str) -> Machine:
        """The ingredients of this form."""
        return self.with_parts(TOGETHER[form])

    def becoming(self, form: str) -> Animation:
        """From what it shows to this form: what it has no more goes, then what is new comes."""
        before, after = self.shown, frozenset(TOGETHER[form])
        self.shown = after
        going = (self.parts[name].animate(rate_func=FIRST).set_opacity(0) for name in sorted(before - after))
        coming = (self.parts[name].animate(rate_func=THEN).set_opacity(1) for name in sorted(after - before))
        staying = self.parts["always"].animate.set_opacity(1)
        # as parts of the machine: none of them comes to lie on top of the others
        return AnimationGroup(*(part.build() for part in (staying, *going, *coming)), group=self)

    def with_parts(self, names: Collection[str]) -> Machine:
        self.shown = frozenset(names)
        for name, part in self.parts.items():
            part.set_opacity(1.0 if name in ("wires", "always", *names) else 0.0)
        self.parts["wires"].set_fill(opacity=0)
        return self

    def new_boxes(self, form: str) -> list[Box]:
        """Where this form's ingredient stands."""
        names = {
            "bare": ("source",),
            "learned": ("w_q", "w_k", "w_v"),
            "scaled": ("scale",),
            "padding": ("mask",),
            "causal": ("mask",),
            "cross": ("other",),
            "multi_head": ("join",),
        }
        return [self.plates[name].box.grown(0.05) for name in names[form]]

    # --- parts ------------------------------------------------------------------------------------------------------

    def _span(self, left: float, right: float, level: str) -> Box:
        y, height = self.rows[level].y, min(HEIGHT, FULLNESS * self.rows["softmax"].height)
        return Box(left - self.half, right + self.half, y - height / 2, y + height / 2)

    def _block(self, level: str, hue: str, source: str, left: float, right: float, name: str) -> VGroup:
        plate = self.plates[name] = MachinePlate(self._span(left, right, level), hue, self.theme)
        sign = formula(source, self.theme.ink, self.theme.size(TEXT)).move_to(plate.box.centre)
        return VGroup(plate, sign)

    def _sign(self, source: str, level: str) -> Formula:
        return formula(source, self.theme.ink, self.theme.size(TEXT)).move_to(self.plates[level].box.centre)

    def _always(self) -> VGroup:
        """Compare, softmax, mix: what every form has."""
        q, k, v = self.lanes.values()
        blocks = VGroup()
        for name, hue, left, right in (("scores", "scores", q, k), ("softmax", "weights", q, k)):
            self.plates[name] = MachinePlate(self._span(left, right, name), hue, self.theme)
            blocks.add(self.plates[name])
        self.plates["mix"] = MachinePlate(self._span(self.middle, v, "mix"), "output", self.theme)
        word = Label("softmax", self.theme.size(LABEL), self.theme.ink).move_to(self.plates["softmax"].box.centre)
        return blocks.add(self.plates["mix"], word)

    def _learned(self) -> VGroup:
        """The three learned matrices, and the letters of what leaves them."""
        group = VGroup(self._sign("Q K^top", "scores"), self._sign("times V", "mix"))
        for lane, x in self.lanes.items():
            letter = lane.upper()
            group.add(self._block("learned", "learned", f"W_{letter}", x, x, f"w_{lane}"))
            sign = formula(letter, self.theme.hue(lane), self.theme.size(TEXT))
            group.add(sign.move_to([x + 0.12 + sign.width / 2, self.rows["letters"].y, 0]))
        return group

    def _cross(self) -> VGroup:
        """Two sentences instead of one: Y asks, X is asked."""
        q, k, v = self.lanes.values()
        return VGroup(
            self._block("source", "q", "Y", q, q, "other"),
            self._block("source", "x", "X", k, v, "keys"),
        )

    def _join(self) -> VGroup:
        """Concat and W_O over the sheets, and how many heads there are."""
        block = self._block("join", "output", 'op("Concat") dot W_O', self.middle, self.lanes["v"], "join")
        count = Label(f"× {self.count}", self.theme.size(LABEL), self.theme.ink, "semibold", structural=True)
        region = self._region()
        x = region.left + count.width / 2 + TIGHT
        return VGroup(block, count.move_to([x, region.top - 0.24, 0]))

    def _region(self) -> Box:
        """What every head has of its own."""
        both = around(self.rows["mix"], self.rows["learned"])
        left, right = self.lanes["q"] - self.half - 0.12, self.lanes["v"] + self.half + 0.12
        return Box(left, right, both.bottom + HAIR, both.top - 0.04)

    def _sheets(self) -> MachineSheets:
        return MachineSheets(self._region(), self.count, self.theme)

    def _picture(self, mask: Tensor) -> Matrix:
        """The mask itself, small, beside its block."""
        side = min(PICTURE, 0.2 * max(mask.shape) + 0.3)
        left = self.lanes["k"] + self.half + SPACE
        x = left + side / 2
        y = self.rows["mask"].y
        picture = Matrix(mask, "mask", self.theme).reveal().as_heat().veil(masked_cells(mask))
        picture.place(Box(x - side / 2, x + side / 2, y - side / 2, y + side / 2))
        return picture

    def _wires(self, box: Box) -> VGroup:
        foot, scores, mix_level = self.rows["source"].y, self.rows["scores"].y, self.rows["mix"].y
        paths = [
            ((self.lanes["q"], foot), (self.lanes["q"], scores)),
            ((self.lanes["k"], foot), (self.lanes["k"], scores)),
            ((self.lanes["v"], foot), (self.lanes["v"], mix_level)),
            ((self.middle, scores), (self.middle, mix_level)),
            ((self.top_lane, mix_level), (self.top_lane, box.top)),
        ]
        wires = VGroup()
        for start, end in paths:
            line = Line(np.array([*start, 0]), np.array([*end, 0]))
            wires.add(line.set_stroke(hexadecimal(self.theme.quiet), 2.5, 1))
        return wires
