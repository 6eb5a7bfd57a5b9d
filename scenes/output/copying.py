"""What each place has read and what it must say: the answer stands one place on, unless a mask hides it."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from core.trace import Tensor
from scenes.shared.arc_diagram import CHIP_HEIGHT, ArcDiagram, rise
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import GAP, HAIR, LABEL, TIGHT, TITLE, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten
from scenes.stage.paint.wires import Wire

ARC, ARROW = 2.0, 1.2  # how high an arc rises over the words, and how far below them the answers stand
HEAD = 0.14  # of an arrow
FAINT = 0.5  # of an arc that has been cut


class Copying:
    """The words read with arcs to the next ones, the words wanted below them, and the weights on the arcs.

    names: what the two lines are called; weights: (queries, keys) of the decoder's attention.
    """

    def __init__(
        self, read: Sequence[str], wanted: Sequence[str], names: tuple[Label, Label], weights: Tensor, box: Box,
        theme: Theme,
    ) -> None:  # fmt: skip
        left = max(name.width for name in names) + 0.3
        chip, above = CHIP_HEIGHT * theme.size(TITLE), ARC + WIDE  # over the arcs stand weights
        bottom = box.y - (above + chip - ARROW - theme.size(TITLE)) / 2
        top = bottom + chip + ARC / rise(1, len(read))
        self.arcs = ArcDiagram(read, Box(box.left + left, box.right - GAP, bottom, top), theme, TITLE)
        self.answer_line = bottom - ARROW - self.arcs.fit.font / 2
        self.pairs = [(place, place + 1) for place in range(len(read) - 1)]
        self.wanted = self._wanted(wanted, theme)
        self.names = names
        arcs = self.arcs
        for name, y in zip(names, (arcs.floor - HAIR - arcs.fit.height / 2, self.answer_line), strict=True):
            name.move_to([box.left + name.width / 2, y, 0])
        self.weights = self._weights(weights, theme)

    @property
    def pace(self) -> float:
        """Seconds for each arc."""
        return max(0.15, min(0.5, 2.4 / max(1, len(self.pairs))))

    def _wanted(self, words: Sequence[str], theme: Theme) -> VGroup:
        labels = VGroup()
        for place, word in enumerate(words):
            size, x, y = self.arcs.fit.font, self.arcs.x_of(place), self.answer_line
            text = shorten(word, self.arcs.pitch - TIGHT, size)
            label = Label(text, size, theme.hue("output"), structural=True).move_to([x, y, 0])
            way = [(x, self.arcs.box.bottom - TIGHT), (x, y + size / 2 + TIGHT)]
            labels.add(VGroup(Wire(way, theme.hue("output"), head=HEAD), label))
        return labels

    def _weights(self, weights: Tensor, theme: Theme) -> VGroup:
        """Over every arc the weight that the attention gives there, where there is room for it."""
        labels, arcs = VGroup(), self.arcs
        for query, key in self.pairs:
            reading = weights.at(query, key)
            label = Label((Run(reading.text, None, (reading,)),), theme.size(LABEL), theme.hue("weights"))
            if label.width < arcs.pitch - TIGHT:
                labels.add(label.move_to([(arcs.x_of(query) + arcs.x_of(key)) / 2, arcs.crown(query, key) + 0.26, 0]))
        return labels
