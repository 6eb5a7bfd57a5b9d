"""The first layer's feed-forward network: its tensors as matrices with their names, and what leads between them."""

from __future__ import annotations

from core.trace import Tensor
from scenes.feed_forward.plot import NAMES
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.row_bench import RowBench
from scenes.stage.charts.spread_bars import common_range
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import LABEL, TIGHT, Box


class Network:
    """layer: how the names of the layer's tensors begin; row: which is worked through; own: the activation that the
    model has ("relu", "gelu"); other: the one for contrast; place: the number of the wide row that is looked at.
    """

    def __init__(self, chapter: Chapter, layer: str, row: int) -> None:
        self.chapter, self.trace, self.name, self.row = chapter, chapter.trace, f"{layer}.feed_forward", row
        self.own, self.other = activations(chapter)
        self.place = int(self.trace["feed_forward.place"].values)

    def tensor(self, name: str) -> Tensor:
        return self.trace[f"{self.name}.{name}"]

    def product(self, name: str) -> Tensor:
        """The bare product that is to become `name`: with a bias it has a name of its own."""
        bare = f"{self.name}.{name}_product"
        return self.trace[bare] if bare in self.trace else self.tensor(name)

    def has(self, name: str) -> bool:
        """Whether the network has this bias."""
        return f"{self.name}.{name}" in self.trace

    def all_of(self, name: str, symbol: str, meaning: str, tokens: str = "") -> Matrix:
        return self.chapter.matrix(self.tensor(name), tokens=tokens, tag="top", symbol=symbol, meaning=meaning)

    def row_of(self, tensor: Tensor, symbol: str, meaning: str, tag: str, reserve: str = "") -> Matrix:
        """The row that is worked through, with room for the numbers of another tensor of the network."""
        names = [f"{self.name}.{reserve}"] if reserve else []
        return self.chapter.matrix(tensor.line(self.row), tag=tag, symbol=symbol, meaning=meaning, reserve=names)

    def learned(self, name: str) -> Matrix:
        """A matrix of weights, revealed."""
        symbol = name.upper()
        return self.chapter.matrix(self.tensor(name), tag="right", symbol=symbol, meaning="learned").reveal()

    # --- side by side ---------------------------------------------------------------------------------------------

    def flow_matrices(self, tokens: str = "rows", *, both_ends: bool = False) -> list[Matrix]:
        """X, hidden, activated, output, named without their axes; X and the output perhaps with their tokens."""
        parts = [("input", "X", "x"), ("hidden", "H", "output")]
        parts += [("activated", self.activated("H"), "output"), ("output", "Y", "output")]
        ends = ("input", "output") if both_ends else ("input",)
        named = [self.all_of(*part, tokens if part[0] in ends else "").with_small_tag() for part in parts]
        named[2].without_zeros()
        return named

    def activated(self, symbol: str) -> str:
        """The activation of what `symbol` names, in Typst mathematics."""
        return f'op("{NAMES[self.own]}")({symbol})'

    @property
    def operations(self) -> list[str]:
        """What leads from matrix to matrix."""
        biased = self.has("b_1")
        return ["W_1, b_1" if biased else "W_1", f'op("{NAMES[self.own]}")', "W_2, b_2" if biased else "W_2"]

    def bench(self, tensors: list[Tensor], keys: list[str], box: Box) -> RowBench:
        """The row at several stages, one line each, and bars."""
        operations = [self.chapter.label(key, LABEL) for key in keys]
        lines = [tensor.line(self.row) for tensor in tensors]
        bench = RowBench(lines, ["output"] * len(lines), operations, TIGHT, self.chapter.theme).place(box)
        bench.bars.span(*common_range(*(line.values for line in lines)))
        return bench


def activations(chapter: Chapter) -> tuple[str, str]:
    """The activation that the model has, and the one for contrast."""
    return ("relu", "gelu") if chapter.example.model.config.activation == "relu" else ("gelu", "relu")
