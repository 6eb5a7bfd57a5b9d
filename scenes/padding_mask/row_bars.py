"""One row of weights as bars: its numbers above them, its tokens below, its sum beside the title."""

from __future__ import annotations

import numpy as np
from manim import DOWN, RIGHT, VGroup

from core.trace import Tensor
from core.trace.opened import Opened
from scenes.stage.charts.bars import Bars
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import HAIR, LABEL, SMALL, Box
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten, text_width

NAMED = 0.32  # the least width of a bar that is named


class RowBars(VGroup):
    """Row `query` of weights (queries, keys) in `box`; bars of `closed` keys are grey; a bar of `highest` fills the
    height. Numbers stand where they fit. total: their sum, ≈ where the printed numbers do not add up to it.
    """

    def __init__(
        self,
        weights: Tensor,
        query: int,
        total: Opened,
        closed: np.ndarray,
        title: Label,
        box: Box,
        theme: Theme,
        *,
        highest: float = 1.0,
    ) -> None:
        super().__init__()
        pitch, ink = box.width / weights.shape[1], theme.ink
        sign, result = "Σ = " if total.closes else "Σ ≈ ", total.result
        total_label = Label((Run(sign, theme.quiet), Run(result.text, ink, (result,))), title.size, ink, "semibold")
        self.title = title
        self.head = VGroup(title, total_label).arrange(RIGHT, buff=0.25)
        above = 0.34
        if self.head.width * theme.size(SMALL) > box.width * title.size:
            self.head.arrange(DOWN, buff=HAIR)
            above = 0.5
        head, body, foot = box.inset().rows(above, box.height - above - 0.34, 0.34)
        row = weights.values[query]
        colours = np.where(closed[:, None], np.array(theme.hue("mask")), np.array(theme.hue("weights")))
        self.bars = Bars(row, highest, body.inset(top=0.14 + theme.size(SMALL)), colours, theme)
        shrink(self.head, box.width, theme, LABEL).move_to(head.centre)
        self.add(self.bars, self.head)
        tokens = weights.axis_labels("keys") or ()
        for key, token in enumerate(tokens):
            bar = self.bars.bar_box(key)
            reading = weights.at(query, key)
            if text_width(reading.text, theme.size(SMALL)) < pitch:
                number = Label((Run(reading.text, None, (reading,)),), theme.size(SMALL), ink)
                self.add(number.move_to([bar.x, bar.top + 0.13, 0]))
            if pitch < NAMED:
                continue
            text = shorten(token, pitch - 0.03, theme.size(SMALL))
            name = Label(text, theme.size(SMALL), theme.quiet, structural=True)
            self.add(name.move_to([bar.x, foot.y, 0]))
