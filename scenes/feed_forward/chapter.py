"""What the chapter of the feed-forward network is told with: its tensors, the bench, the bias that joins a row."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, FadeIn, FadeOut, VGroup

from core.trace import Tensor
from scenes.feed_forward.plot import ActivationPlot
from scenes.shared.first_layer import FirstLayerChapter
from scenes.shared.masks import without_axes
from scenes.stage.chapter.chapter import STAGE
from scenes.stage.charts.row_bench import RowBench
from scenes.stage.charts.spread_bars import common_range
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label

FFN = (
    'op("FFN")(x) = {{ op("ACTIVATION") : activation }} '
    "lr(( {{ x W_1 + b_1 : widen }} )) thin {{ W_2 + b_2 : project }}"
)
NAMES = {"relu": "ReLU", "gelu": "GELU"}
ACTIVATED = 'op("NAME")(h)'


def dead(matrix: Matrix) -> Matrix:
    """What is exactly 0 has no colour."""
    zero = matrix.tensor.values == 0
    matrix.cells.fill = np.where(zero[..., None], np.array(matrix.theme.surface), matrix.cells.fill)
    return matrix


class FeedForwardChapter(FirstLayerChapter):
    """The network of the first layer.

    own, other: the activation that the model has, and the one for contrast ("relu", "gelu"); place: the number of the
    wide row that is looked at.
    """

    formula = FFN
    telling = "feed_forward.row"

    def setup(self) -> None:
        self.own = "relu" if self.example.model.config.activation == "relu" else "gelu"
        self.other = "gelu" if self.own == "relu" else "relu"
        self.formula = FFN.replace("ACTIVATION", NAMES[self.own])
        super().setup()
        self.network = f"{self.layer}.feed_forward"
        self.place = int(self.trace["feed_forward.place"].values)

    def tensor(self, name: str) -> Tensor:
        return self.trace[f"{self.network}.{name}"]

    def product_of(self, name: str) -> str:
        """The tensor that is the bare product: with a bias it has a name of its own."""
        bare = f"{self.network}.{name}_product"
        return bare if bare in self.trace else f"{self.network}.{name}"

    def all_of(self, name: str, symbol: str, meaning: str, tokens: str = "") -> Matrix:
        return self.matrix(self.tensor(name), tokens=tokens, tag="top", symbol=symbol, meaning=meaning)

    def row_of(self, tensor: Tensor, symbol: str, meaning: str, tag: str, reserve: str = "") -> Matrix:
        """The row that is worked through, with room for the numbers of another tensor of the network."""
        names = [f"{self.network}.{reserve}"] if reserve else []
        return self.matrix(tensor.line(self.row), tag=tag, symbol=symbol, meaning=meaning, reserve=names)

    def say_own(self, key: str) -> None:
        """Say a label of the chapter in the place of the next caption where the model's activation is GELU."""
        if self.own == "gelu":
            self.say_instead(key)

    # --- the network as it stands ---------------------------------------------------------------------------------

    def flow_matrices(self, tokens: str = "rows") -> list[Matrix]:
        """X, hidden, activated, output, named without their axes; X perhaps with its tokens."""
        parts = [("input", "X", "x"), ("hidden", "H", "output")]
        parts += [("activated", self.bent_symbol, "output"), ("output", "Y", "output")]
        named = [without_axes(self.all_of(*part, tokens if part[0] == "input" else "")) for part in parts]
        dead(named[2])
        return named

    @property
    def bent_symbol(self) -> str:
        return ACTIVATED.replace("NAME", NAMES[self.own]).replace("h", "H")

    @property
    def operations(self) -> list[str]:
        """What leads from matrix to matrix."""
        biased = f"{self.network}.b_1" in self.trace
        return ["W_1, b_1" if biased else "W_1", f'op("{NAMES[self.own]}")', "W_2, b_2" if biased else "W_2"]

    def bench_of(self, tensors: list[Tensor], keys: list[str]) -> RowBench:
        """The row at several stages, one line each, and bars, on the left."""
        operations = [self.label(key, 0.24) for key in keys]
        lines = [tensor.line(self.row) for tensor in tensors]
        bench = RowBench(lines, ["output"] * len(lines), operations, 0.1, self.theme)
        left, self.right = STAGE.inset(top=0.2, bottom=0.1).columns(1.75, 1, gap=0.5)
        bench.place(left)
        bench.bars.span(*common_range(*(line.values for line in lines)))
        return bench

    def plot_beside(self) -> ActivationPlot:
        return ActivationPlot(self.trace, self.right.inset(top=0.5, right=0.15), self.theme)

    def curve_names(self, plot: ActivationPlot) -> list[Label]:
        """The names of both curves, above the plot."""
        pairs = zip((self.own, self.other), ("output", "x"), strict=True)
        names = VGroup(*(Label(NAMES[name], 0.26, self.theme.hue(hue), "semibold") for name, hue in pairs))
        names.arrange(RIGHT, buff=0.5)
        return list(names.move_to([plot.frame.x, plot.frame.top + 0.2, 0]))

    # --- motion ---------------------------------------------------------------------------------------------------

    def add_bias(self, result: Matrix, name: str, total: Tensor) -> None:
        """The bias stands under the row, and is added to it."""
        box = result.box
        bias = self.matrix(self.tensor(name).line(), tag="right", symbol=name, meaning="learned").reveal()
        bias.place(box.shifted(y=-1.25 * box.height - 0.1))
        bias.tag.remove(bias.tag[1])
        bias.tag.move_to([bias.box.right + 0.22 + bias.tag.width / 2, bias.box.y, 0])
        self.play(FadeIn(bias))
        self.wait(0.3)
        line = total.line(self.row)
        self.play(
            bias.cells.animate.set_box(box).set_opacity(0.0),
            FadeOut(bias.tag),
            CellWave(result, lambda matrix: matrix.set_values(line), "columns"),
            run_time=1.2,
        )
        self.remove(*bias.get_family())
