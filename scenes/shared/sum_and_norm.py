"""The first layer's sum and its norm: matrices with their names and hues, and the bench for the row worked through."""

from __future__ import annotations

from core.trace import Reading, Tensor
from core.trace.norm import norm_of_sum
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.row_bench import RowBench
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import LABEL

PARTS = {"input": ("X", "x"), "self_attention.output": ("O", "output"), "sum_1": ("X + O", "output")}
NORMALISED = "hat(X)"
NORMED = 'op("LN")(X + O)'
OPERATIONS = ("row", "minus_mean", "by_deviation", "gamma", "beta", "normed")
MEANINGS = ("output", "output", "x", "learned", "learned", "x")


class SumAndNorm:
    """What goes into the first sub-layer, what comes out, their sum, and the norm that takes this sum as its input.

    layer: how the names of the layer's tensors begin; norm: how those of the norm begin; row: which is worked through.
    """

    def __init__(self, chapter: Chapter, layer: str, row: int) -> None:
        self.chapter, self.trace, self.layer, self.row = chapter, chapter.trace, layer, row
        self.norm = norm_of_sum(chapter.trace, chapter.example)

    def part(self, part: str, tokens: str = "", tag: str = "above") -> Matrix:
        """The input, the attention's output or their sum."""
        symbol, meaning = PARTS[part]
        return self.chapter.matrix(f"{self.layer}.{part}", tokens=tokens, tag=tag, meaning=meaning, symbol=symbol)

    def flow_matrices(self) -> list[Matrix]:
        """All three, named without their axes."""
        return [self.part(part, "rows" if part == "input" else "").without_axes() for part in PARTS]

    def normed(self, name: str, tokens: str = "", tag: str = "above") -> Matrix:
        """The rows as "normalised", or as scaled and shifted after it ("output")."""
        return self.chapter.matrix(
            f"{self.norm}.{name}",
            tokens=tokens,
            tag=tag,
            meaning="x",
            symbol=NORMED if name == "output" else NORMALISED,
            reserve=[f"{self.norm}.normalised", f"{self.norm}.output"],
        )

    def of_row(self, name: str) -> Reading:
        """A statistic of the row that is worked through."""
        return self.trace[f"{self.norm}.{name}"].at(self.row)

    @property
    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and variance of every row of the sum."""
        return self.trace[f"{self.norm}.mean"], self.trace[f"{self.norm}.variance"]

    def bench(self, room: float) -> RowBench:
        """The row at every stage; scale, shift and their result under the bars. room: on the right of the bars."""
        trace, norm = self.trace, self.norm
        row, centred, normalised, output = (
            trace[name].line(self.row)
            for name in (f"{self.layer}.sum_1", f"{norm}.centred", f"{norm}.normalised", f"{norm}.output")
        )
        scale, shift = (trace[f"{norm}.{name}"].line() for name in ("scale", "shift"))
        operations = [self.chapter.label(key, LABEL) for key in OPERATIONS]
        lines = [row, centred, normalised, scale, shift, output]
        return RowBench(lines, MEANINGS, operations, room, self.chapter.theme, beneath=3)
