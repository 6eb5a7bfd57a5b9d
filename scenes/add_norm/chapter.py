"""What the chapter of Add & Norm is told with: the first layer's rows, its norm, and the row that is worked through."""

from __future__ import annotations

from core.trace import Reading, Tensor
from scenes.shared.first_layer import FirstLayerChapter
from scenes.stage.charts.row_bench import RowBench
from scenes.stage.matrix.matrix import Matrix

POST = '{{ op("LayerNorm") : norm }} lr(( {{ x + : lane }} {{ op("Sublayer")(x) : sublayer }} ))'
PRE = '{{ x + : lane }} {{ op("Sublayer") : sublayer }} lr(( {{ op("LayerNorm")(x) : norm }} ))'
PARTS = {"input": ("X", "x"), "self_attention.output": ("O", "output"), "sum_1": ("X + O", "output")}
NORMALISED = "hat(X)"
NORMED = 'op("LN")(X + O)'


class NormChapter(FirstLayerChapter):
    """The first layer and its norm after the first sum.

    pre: whether norms stand before the sub-layers; norm: how the names of its tensors begin.
    """

    formula = POST
    telling = "add_norm.telling"

    def setup(self) -> None:
        self.pre = self.example.model.config.norm == "pre"
        self.formula = PRE if self.pre else POST
        super().setup()
        self.norm = f"{self.layer}.norm_{2 if self.pre else 1}"

    def part(self, part: str, tokens: str = "", tag: str = "above") -> Matrix:
        """A matrix of the first layer: its input, the attention's output or their sum."""
        symbol, meaning = PARTS[part]
        return self.matrix(f"{self.layer}.{part}", tokens=tokens, tag=tag, meaning=meaning, symbol=symbol)

    def of_norm(self, name: str, tokens: str = "", tag: str = "above") -> Matrix:
        """The rows as normalised, or as scaled and shifted after it."""
        symbol = NORMED if name == "output" else NORMALISED
        reserve = [f"{self.norm}.normalised", f"{self.norm}.output"]
        return self.matrix(f"{self.norm}.{name}", tokens=tokens, tag=tag, meaning="x", symbol=symbol, reserve=reserve)

    @property
    def sub_layer(self) -> str:
        return self.words("norm_attention" if self.pre else "attention")

    def flow_matrices(self) -> list[Matrix]:
        """Input, output and sum, named without their axes."""
        return [self.part(part, "rows" if part == "input" else "").without_axes() for part in PARTS]

    # --- one row --------------------------------------------------------------------------------------------------

    def of_row(self, name: str) -> Reading:
        """A statistic of the row that is worked through."""
        return self.trace[f"{self.norm}.{name}"].at(self.row)

    @property
    def untrained(self) -> bool:
        """Whether scale and shift change nothing."""
        scale, shift = (self.trace[f"{self.norm}.{name}"].values for name in ("scale", "shift"))
        return bool((scale == 1).all() and not shift.any())

    def bench_of_row(self, room: float) -> RowBench:
        """The row at every stage; scale, shift and their result under the bars. room: on the right of the bars."""
        trace, norm = self.trace, self.norm
        names = (f"{self.layer}.sum_1", f"{norm}.centred", f"{norm}.normalised", f"{norm}.output")
        self.stages = [trace[name].line(self.row) for name in names]
        learned = [trace[f"{norm}.{name}"].line() for name in ("scale", "shift")]
        operations = [self.label(key, 0.24) for key in ("row", "minus_mean", "by_deviation", "gamma", "beta", "normed")]
        lines = [*self.stages[:3], *learned, self.stages[3]]
        meanings = ("output", "output", "x", "learned", "learned", "x")
        return RowBench(lines, meanings, operations, room, self.theme, beneath=3)

    def statistics(self, mean: str, variance: str) -> tuple[Tensor, Tensor]:
        return self.trace[mean], self.trace[variance]
