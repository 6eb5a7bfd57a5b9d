"""One query reads the source: ribbons as thick as its weights run from the rows of the memory's values into one row."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from scenes.shared.tile import CROWN, FOOT
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import LABEL, SPACE, Box
from scenes.stage.paint.ribbons import Ribbons, row_ends

SHARE = 0.62  # of a row's height that the thickest ribbon takes
LARGEST = (0.5, 0.62)
MOST_BESIDE = 0.75  # of the room, for the tokens and their weights
PITCH_FOR_NUMBERS = 0.24


class SourceReading(VGroup):
    """Values of one head, the weights of one query beside them, ribbons, and the row they are mixed into.

    block: such as `decoder.1.cross_attention`.
    """

    def __init__(self, chapter: Chapter, block: str, head: int, query: int, box: Box) -> None:
        super().__init__()
        self.theme, trace = chapter.theme, chapter.trace
        self.weights = trace[f"{block}.heads.weights"].part(head)
        self.shares = self.weights.values[query]  # (keys,)
        values = trace[f"{block}.heads.v"].part(head)
        result = trace[f"{block}.heads.context"].line(head, query)
        left, _, right = box.columns(1.3, 1.0, 0.8)
        room = left.inset(bottom=FOOT, top=CROWN)
        height = min(room.height, len(self.shares) * LARGEST[1])
        self.tokens = TokenAxis(values.axis_labels("keys") or (), "rows", self.theme)
        self.percents = self._percents(query, height / len(self.shares))
        aside = max((number.width + SPACE for number in self.percents), default=0.0)
        self.tokens.LONGEST = min(TokenAxis.LONGEST, MOST_BESIDE * room.width - aside)
        beside = self.tokens.place(Box(0, 1, 0, height)).box.width + SPACE + aside
        width = min(room.width - beside, values.shape[1] * LARGEST[0])
        place = Box(room.right - width, room.right, room.y - height / 2, room.y + height / 2)
        self.values = Matrix(values, "v", self.theme).as_heat().reveal().place(place)
        for key, number in enumerate(self.percents):
            row = self.values.row_box(key)
            number.move_to([row.left - SPACE - number.width / 2, row.y, 0])
        self.tokens.place(place.inset(left=-aside))
        self.result = Matrix(result, "output", self.theme).as_heat()
        half, across = min(LARGEST[1], 0.6) / 2, min(right.width - 0.2, width)
        self.result.place(Box(right.x - across / 2, right.x + across / 2, room.y - half, room.y + half))
        self.ribbons = self._ribbons()
        self.names = self._names(chapter)
        self.add(self.values, self.tokens, self.percents, self.result, self.ribbons, self.names)

    def _percents(self, query: int, pitch: float) -> VGroup:
        """The weight of every row, where the rows are high enough to be read."""
        if pitch < PITCH_FOR_NUMBERS:
            return VGroup()
        readings = [self.weights.at(query, key) for key in range(len(self.shares))]
        size, hue = self.theme.fitting(0.6 * pitch), self.theme.hue("weights")
        return VGroup(*(Label((Run(reading.percent, None, (reading,)),), size, hue) for reading in readings))

    def _ribbons(self) -> Ribbons:
        """From every row of the values, as thick as its weight, into the one row."""
        rows = [self.values.row_box(key) for key in range(len(self.shares))]
        thick = self.shares / (self.shares.max() or 1.0) * SHARE * rows[0].height
        starts = np.array([[row.right + 0.05, row.y, t] for row, t in zip(rows, thick, strict=True)])
        ends = row_ends(self.result.box, self.shares, "left", 0.9) - [0.05, 0, 0]
        light = np.where(self.shares > 0, 0.3 + 0.45 * self.shares, 0.0)
        return Ribbons(starts, ends, light, self.theme.hue("v")).undrawn()

    def _names(self, chapter: Chapter) -> VGroup:
        over = self.values.box.top + CROWN / 2 + 0.02
        words = ((chapter.words("values"), "v", self.values), (chapter.words("read"), "output", self.result))
        names = VGroup()
        for text, hue, matrix in words:
            y = over if matrix is self.values else matrix.box.top + CROWN / 2 + 0.02
            names.add(
                Label(text, self.theme.size(LABEL), self.theme.hue(hue), "semibold").move_to([matrix.box.x, y, 0])
            )
        return names
