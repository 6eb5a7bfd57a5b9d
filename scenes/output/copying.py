"""What each place has read and what it must say: the answer stands one place on, unless a mask hides it."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from core.trace import Tensor
from scenes.shared.arc_diagram import ArcDiagram
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import HAIR, SMALL, TIGHT, WIDE, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten


class Copying:
    """The words read with arcs to the next ones, the words wanted below them, and the weights on the arcs.

    names: what the two lines are called; weights: (queries, keys) of the decoder's attention.
    """

    def __init__(
        self, read: Sequence[str], wanted: Sequence[str], names: tuple[Label, Label], weights: Tensor, box: Box,
        theme: Theme,
    ) -> None:  # fmt: skip
        left = max(name.width for name in names) + 0.3
        self.arcs = ArcDiagram(read, Box(box.left + left, box.right - 0.2, box.y - 0.6, box.y + 1.9), theme)
        self.pairs = [(place, place + 1) for place in range(len(read) - 1)]
        self.wanted = self._wanted(wanted, theme)
        self.names = names
        arcs = self.arcs
        for name, y in zip(names, (arcs.floor - HAIR - arcs.fit.height / 2, arcs.box.bottom - WIDE), strict=True):
            name.move_to([box.left + name.width / 2, y, 0])
        self.weights = self._weights(weights, theme)

    @property
    def pace(self) -> float:
        """Seconds for each arc."""
        return max(0.15, min(0.5, 2.4 / max(1, len(self.pairs))))

    def _wanted(self, words: Sequence[str], theme: Theme) -> VGroup:
        labels = VGroup()
        for place, word in enumerate(words):
            text = shorten(word, self.arcs.pitch - TIGHT, theme.size(SMALL))
            label = Label(text, theme.size(SMALL), theme.hue("focus"), structural=True)
            labels.add(label.move_to([self.arcs.x_of(place), self.arcs.box.bottom - WIDE, 0]))
        return labels

    def _weights(self, weights: Tensor, theme: Theme) -> VGroup:
        """Over every arc the weight that the attention gives there, where there is room for it."""
        labels, arcs = VGroup(), self.arcs
        for query, key in self.pairs:
            reading = weights.at(query, key)
            label = Label((Run(reading.text, None, (reading,)),), theme.size(SMALL), theme.hue("weights"))
            if label.width < arcs.pitch - TIGHT:
                labels.add(label.move_to([(arcs.x_of(query) + arcs.x_of(key)) / 2, arcs.crown(query, key) + 0.26, 0]))
        return labels
