"""One row of logits over its probabilities, every word a column, and bars under both."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scenes.output.column_words import column_words
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.range_bars import RangeBars
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import SMALL, TIGHT, Box
from scenes.stage.paint.theme import Colour

LARGEST = 0.9
HEIGHT = 0.4
WORDS = 1.35  # room over the logits
BARS = 1.1
CANDIDATES = 11.0  # width of the candidates under the strip, at most
BELOW = 0.6  # from the upper strip down to what stands below it alone
LINE = 0.6  # height of a candidate's line, at most


class RowSoftmax:
    """logits, shares: one row of each (line, vocabulary); their bars; words: over the columns; names: at the left.

    row: which row; picks: ids of the words that must be named.
    """

    def __init__(self, chapter: Chapter, row: int, picks: Sequence[int], box: Box) -> None:
        self.theme, self.box = chapter.theme, box
        theme = chapter.theme
        logits, shares = (chapter.trace[name].line(row) for name in ("logits", "probabilities"))
        count = logits.shape[1]
        self.logits, self.shares = Matrix(logits, "scores", theme), Matrix(shares, "weights", theme)
        hues = {"logits": theme.hue("scores"), "shares": theme.hue("weights")}
        self.names = [chapter.label(key, SMALL, hue) for key, hue in hues.items()]
        aside = max(name.width for name in self.names) + 0.35
        room = box.width - aside - 0.2
        overhang = column_words(self.logits.place(Box(0, room, 0, 1)), picks, theme).box.right - room
        width = min(room - overhang, count * LARGEST)
        left, top = max(box.left + aside, box.x - width / 2), box.top - WORDS
        self.logits.place(Box(left, left + width, top - HEIGHT, top))
        bars = top - HEIGHT - 0.15
        self.logit_bars = RangeBars(count, Box(left, left + width, bars - BARS, bars), theme)
        lower = bars - BARS - 0.35
        self.shares.place(Box(left, left + width, lower - HEIGHT, lower))
        self.share_bars = RangeBars(count, Box(left, left + width, box.bottom + TIGHT, lower - HEIGHT - 0.2), theme)
        self.words = column_words(self.logits, picks, theme)
        for name, strip in zip(self.names, (self.logits, self.shares), strict=True):
            name.move_to([left - 0.3 - name.width / 2, strip.box.y, 0])
        self.fall()

    def room_below(self, lines: int) -> Box:
        """The room for so many lines of candidates when only the upper strip stands: under it, in the middle."""
        top = self.logits.box.bottom - BELOW
        height = min(lines * LINE, top - self.box.bottom)
        half = min(CANDIDATES, self.box.width) / 2
        return Box(self.box.x - half, self.box.x + half, top - height, top)

    def fall(self) -> None:
        """No bar has a height yet."""
        self.logit_bars.show(0 * self.logit_view[0], *self.logit_view[1:])
        self.share_bars.show(0 * self.share_view[0], *self.share_view[1:], unit=True)

    @property
    def logit_view(self) -> tuple[np.ndarray, float, float, Colour]:
        """What the upper bars show: the logits, from the lowest to the highest, 0 between."""
        values = self.logits.tensor.values[0]
        return values, float(values.min(initial=0.0)), float(values.max(initial=0.0)), self.theme.hue("scores")

    @property
    def share_view(self) -> tuple[np.ndarray, float, float, Colour]:
        """What the lower bars show: the probabilities, from 0 to 1."""
        return self.shares.tensor.values[0], 0.0, 1.0, self.theme.hue("weights")
