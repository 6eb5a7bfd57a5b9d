"""The feed-forward network at one look: all rows above; below, one row wide and bent as bars beside the activation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VMobject

from scenes.feed_forward.flow import FeedForwardFlow
from scenes.feed_forward.network import Network
from scenes.feed_forward.plot import ActivationPlot
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.spread_bars import SpreadBars, common_range
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import LABEL, TIGHT, WIDE, Box


class FeedForwardPoster:
    """flow: all rows; frames: the worked row in each matrix; groups: the pictures below, left to right."""

    def __init__(self, chapter: Chapter, network: Network, matrices: Sequence[Matrix], box: Box) -> None:
        self.chapter, self.network, self.theme = chapter, network, chapter.theme
        upper, lower = box.rows(1.25, 1, gap=0.2)
        self.flow = FeedForwardFlow(matrices, network.operations, upper, self.theme)
        self.frames = [Frame(matrix.row_box(network.row), self.theme) for matrix in matrices]
        left, middle, right = lower.inset(left=0.3, right=TIGHT).columns(1.1, 1, 1.1, gap=0.7)
        hidden, bent = (matrices[i].tensor.values[network.row] for i in (1, 2))
        span = common_range(hidden, bent)
        self.groups = [
            self._bars(hidden, "wide_row", span, left),
            self._plot(middle),
            self._bars(bent, network.own, span, right),
        ]

    def _bars(self, values: np.ndarray, key: str, span: tuple[float, float], box: Box) -> list[VMobject]:
        title = self.chapter.label(key, LABEL, self.theme.ink)
        title.move_to([box.x, box.top - title.height / 2, 0])
        bars = SpreadBars(len(values), box.inset(top=WIDE), self.theme).span(*span)
        return [title, bars.show(values, self.theme.hue("output"))]

    def _plot(self, box: Box) -> list[VMobject]:
        plot = ActivationPlot(self.chapter.trace, box.inset(top=0.3), self.theme)
        own, other = self.network.own, self.network.other
        curves = [plot.curve(name, hue).draw() for name, hue in ((other, "x"), (own, "output"))]
        return [plot, *curves, *plot.names(own, other)]
