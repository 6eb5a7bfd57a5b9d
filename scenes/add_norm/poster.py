"""Add & Norm at one look: the lane and the norm; one row before and after; what layer and batch norm average."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup

from scenes.add_norm.batch_sheets import Sheets
from scenes.add_norm.flow import ResidualFlow
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.spread_bars import SpreadBars, common_range
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import WIDE, Box

FONT = 0.22


class NormPoster(VGroup):
    """matrices: x, output, sum, normed; names: of sub-layer and norm; row: the row whose bars stand below."""

    def __init__(
        self, chapter: Chapter, matrices: Sequence[Matrix], names: Sequence[str], row: int, norm: str, box: Box
    ) -> None:
        super().__init__()
        self.chapter, self.theme, self.row = chapter, chapter.theme, row
        upper, lower = box.rows(1.2, 1, gap=0.2)
        self.flow = ResidualFlow(matrices, names, upper, self.theme, block_width=1.25)
        self.frames = [Frame(m.row_box(row), self.theme) for m in (self.flow.sum, self.flow.matrices[3])]
        left, middle, right = lower.columns(1.25, 1, 1, gap=0.45)
        self.bars = self._bars(norm, left)
        self.layer = self._sheets(middle, "over_row")
        self.batch = self._sheets(right, "over_column")
        self.add(self.flow, *self.frames, *self.bars, *self.layer, *self.batch)

    def _bars(self, norm: str, box: Box) -> list[VGroup]:
        """The row before and after, on one scale, titled."""
        trace, row = self.chapter.trace, self.row
        before, after = trace[f"{norm}.centred"].values[row], trace[f"{norm}.normalised"].values[row]
        mean, deviation = (trace[f"{norm}.{name}"].at(row).value for name in ("mean", "deviation"))
        raw = self.flow.sum.tensor.values[row]
        low, high = common_range(raw, before, after, np.array([mean - deviation, mean + deviation, 1.0, -1.0]))
        parts: list[VGroup] = []
        halves = box.columns(1, 1, gap=0.5)
        looks = ((raw, mean, deviation, "output", "before"), (after, 0.0, 1.0, "x", "after"))
        for half, (values, middle, band, hue, key) in zip(halves, looks, strict=True):
            title = self.chapter.label(key, FONT, self.theme.ink)
            bars = SpreadBars(len(values), half.inset(left=0.2, top=WIDE), self.theme).span(low, high)
            bars.show(values, self.theme.hue(hue)).mark(middle, band, line=1.0, width=1.0, unit=float(key == "after"))
            parts += [bars, self._over(title, half)]
        return parts

    def _over(self, title: Label, box: Box) -> Label:
        return title.move_to([box.x, box.top - title.height / 2, 0])

    def _sheets(self, box: Box, key: str) -> list[VGroup]:
        """The batch as small sheets, lit where a norm averages."""
        title = self._over(self.chapter.label(key, FONT, self.theme.ink), box)
        sheets = Sheets(self.chapter, box.inset(top=0.35), titled=False, labelled=False)
        token, column = (int(self.chapter.trace[f"batch_norm.{name}"].values) for name in ("token", "feature"))
        if key == "over_row":
            for index, matrix in enumerate(sheets.sheets):
                matrix.recede()
                if index == sheets.main:
                    matrix.light_up(rows=token)
            return [sheets, sheets.row_frame(token), title]
        for matrix in sheets.sheets:
            matrix.spotlight(columns=column)
        return [sheets, *sheets.column_frames(column), title]
