"""A row of scores, its softmax and the gradients in q·k as bars: unscaled on the left, scaled on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from manim import VGroup, VMobject

from core.trace import Tensor
from scenes.stage.charts.plots import ValueBars
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, TEXT, Box
from scenes.stage.paint.theme import Theme

UNSCALED = ("scaling.keys_scores", "scaling.saturated_weights", "scaling.saturated_gradients")
SCALED = ("scaling.keys_scaled", "scaling.scaled_weights", "scaling.scaled_gradients")
MEANINGS = ("scores", "weights", "output")
SYMBOLS = ("q dot k", "q dot k slash sqrt(d_k)")
SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
ROOM = 0.3


def ranges(trace: Mapping[str, Tensor]) -> list[tuple[float, float]]:
    """Lowest and highest value of the scales of scores, weights and gradients, the same for unscaled and scaled."""
    scores = trace[UNSCALED[0]].values
    steepest = max(float(trace[names[2]].values.max()) for names in (UNSCALED, SCALED))
    return [(min(0.0, float(scores.min())), max(0.0, float(scores.max()))), (0.0, 1.0), (0.0, steepest)]


class SoftmaxBoard:
    """Three lines of bars in two columns. `line(row, column)` is one of them; `names[row]` says what a line shows."""

    def __init__(self, trace: Mapping[str, Tensor], words: Sequence[Label], box: Box, theme: Theme) -> None:
        self.theme = theme
        side = max(label.width for label in words) + 0.55
        left, right = box.inset(left=side).columns(1, 1, gap=0.9)
        head, *rows = box.rows(0.92, 2.15, 1.5, 1.5, gap=0.08)
        self.names = list(words)
        for name, row in zip(words, rows, strict=True):
            name.move_to([box.left + name.width / 2, row.y, 0])
        self.columns = [
            [self._bars(trace, name, row, Box(column.left, column.right, band.bottom, band.top))
             for row, (name, band) in enumerate(zip(names, rows, strict=True))]
            for column, names in ((left, UNSCALED), (right, SCALED))
        ]  # fmt: skip
        self.heads = [self._head(*pair, head) for pair in zip(SYMBOLS, (left, right), strict=True)]
        self.keys = [self._keys(trace[UNSCALED[0]].shape[0], column, head) for column in (left, right)]

    def _bars(self, trace: Mapping[str, Tensor], name: str, row: int, box: Box) -> ValueBars:
        low, high = ranges(trace)[row]
        inside = box.inset(top=ROOM, bottom=ROOM if low < 0 else 0.0)
        return ValueBars(trace[name], inside, low, high, self.theme.hue(MEANINGS[row]), self.theme).flatten()

    def _head(self, symbol: str, column: Box, head: Box) -> VMobject:
        name = formula(symbol, self.theme.hue("scores"), self.theme.size(TEXT))
        return name.move_to([column.x, head.top - name.height / 2, 0])

    def _keys(self, count: int, column: Box, head: Box) -> VGroup:
        """k₁, k₂ … over the bars."""
        pitch = column.width / count
        labels = VGroup()
        for index in range(count):
            name = Label("k" + SUBSCRIPTS[index + 1], self.theme.size(LABEL), self.theme.hue("k"), structural=True)
            labels.add(name.move_to([column.left + (index + 0.5) * pitch, head.bottom + name.height / 2, 0]))
        return labels

    def line(self, row: int, column: int) -> ValueBars:
        return self.columns[column][row]

    def key_box(self, column: int, key: int, last: int = 2) -> Box:
        """Around the weight of one key and its gradient, or down to another row."""
        weight, gradient = (self.line(row, column) for row in (1, last))
        pitch = weight.bars.box.width / weight.vector.shape[0]
        left = weight.bars.box.left + key * pitch
        return Box(left, left + pitch, gradient.bars.box.bottom - 0.08, weight.bars.box.top + ROOM)

    def opening(self, column: int) -> list[VMobject]:
        """What stands over a column."""
        return [self.heads[column], self.keys[column]]

    @property
    def parts(self) -> list[VMobject]:
        """Everything it consists of."""
        return [*self.names, *self.heads, *self.keys, *(line for column in self.columns for line in column)]
