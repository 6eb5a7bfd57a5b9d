"""The map of attention: one head at one look, from tokens to outputs, with everything that flows drawn.

Tokens fan out into Q, K and V; rows of Q and columns from K meet in the scores; softmax turns these into weights,
row by row; and the weights of one query open the ribbons that run from the rows of V into one row of Z.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import VGroup

from core.trace import Trace
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SMALL, SPACE, TEXT, TIGHT, Box, layout_now
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.ribbons import THINNEST, Ribbons, row_ends
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.threads import End, cell, column, row, thread, token
from scenes.stage.paint.typography import shorten, text_width

SYMBOLS = {"q": "Q", "k": "K", "v": "V", "scores": "Q K^top slash sqrt(d_k)", "weights": "A", "context": "Z"}
MEANINGS = {"q": "q", "k": "k", "v": "v", "scores": "scores", "weights": "weights", "context": "output"}
LONGEST_TOKEN = 1.5
FAN, CABLES, SOFTMAX, POUR = 0.85, 0.55, 0.85, 1.55
NARROW = 0.55  # of these, in a narrow frame
HEAD, FOOT = 0.44, 0.42
LARGEST_TABLE, LARGEST_BLOCK = 2.6, 1.35
NARROWEST_BLOCK = 0.45
BROAD, FAINT, STRONG = 0.7, 0.22, 0.65  # of a row's ribbon: its width in rows, its light, the query's light
WIDEN = 0.36
QUIET, CLEAR = 0.45, 0.95


class WeightDots(Painted):
    """Where a weight meets the value it scales: dots, as large as the weights."""

    def __init__(self, places: np.ndarray, radii: np.ndarray, colour: Colour) -> None:
        self.places, self.radii = places, radii
        x, y = places[:, 0], places[:, 1]
        super().__init__(Box(float(x.min()) - TIGHT, float(x.max()) + TIGHT, float(y.min()), float(y.max())), colour)

    def dot_box(self, j: int) -> Box:
        (x, y), radius = self.places[j], self.radii[j]
        return Box(x - radius, x + radius, y - radius, y + radius)

    def paint(self, brush: Brush) -> None:
        for (x, y), radius in zip(self.places, self.radii, strict=True):
            brush.rounded(x - radius, y - radius, 2 * radius, 2 * radius, radius)
            brush.fill(self.colour, self.opacity)


class AttentionMap:
    """All parts of the map, placed in `box`. query: the row whose weights are drawn as ribbons."""

    def __init__(self, trace: Trace, scores: str, query: int, theme: Theme, box: Box) -> None:
        self.theme, self.query, self.box = theme, query, box
        self.narrow = layout_now().is_narrowest
        self.flows = [(NARROW if self.narrow else 1) * flow for flow in (FAN, CABLES, SOFTMAX, POUR)]
        self.shares = trace["weights"].values[query]  # (keys,)
        names = {"q": "q", "k": "k", "v": "v", "scores": scores, "weights": "weights", "context": "context"}
        self.parts = {key: Matrix(trace[name], MEANINGS[key], theme).reveal().as_heat() for key, name in names.items()}
        self.parts["scores"].veil(np.isneginf(trace[scores].values))
        tokens = trace["x"].axis_labels("tokens") or ()
        self.tokens = TokenAxis([shorten(token, LONGEST_TOKEN, theme.size(LABEL)) for token in tokens], "rows", theme)
        self.columns = [TokenAxis(tokens, "columns", theme) for _ in range(2)]
        self._place()
        self.outputs = self._outputs()
        self.names = {key: self._name(key) for key in self.parts}
        self.fans = {key: self._fan(self.parts[key], theme.hue(key)) for key in ("q", "k", "v")}
        self.cables = self._cables()
        self.rows = {key: self._rows(*pair) for key, pair in self._neighbours().items()}
        self.ribbons, self.dots = self._mixing()
        self.drops = self._drops()

    # --- layout -------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        box, n = self.box, len(self.tokens.tokens)
        names = self._names_width() + SPACE
        after = names if not self.narrow else self._width_of(self.tokens.tokens[self.query]) + SPACE
        fan, cables, softmax, pour = self.flows
        flows = fan + cables + softmax + pour
        d_v, d_k = self.parts["v"].columns, self.parts["q"].columns
        block, last = (min(LARGEST_BLOCK, d * 0.6) for d in (d_k, d_v))
        first = max(block, last)
        table = min(LARGEST_TABLE, n * 0.6, (box.width - names - after - flows - first - last) / 2)
        lacking = min(LARGEST_TABLE, 1.01 * TokenAxis.LEADING * self.theme.size(SMALL) * n) - table
        if lacking > 0:  # narrower blocks leave the tables room for their words
            scale = max(NARROWEST_BLOCK, 1 - 2 * lacking / (first + last))
            table += (1 - scale) * (first + last) / 2
            block, last, first = (scale * width for width in (block, last, first))
        left = box.x - (names + after + flows + first + 2 * table + last) / 2 + names
        edges = {"q": left + fan, "scores": left + fan + first + cables}
        edges["weights"] = edges["scores"] + table + softmax
        edges["context"] = edges["weights"] + table + pour
        crown = HEAD + self.columns[0].place(Box(0, table, 0, 1)).box.height + TIGHT
        self._place_parts(edges, block, last, table, crown)
        for axis, key in zip(self.columns, ("scores", "weights"), strict=True):
            axis.place(self.parts[key].box)
        level = self.parts["q"].box
        high = min(n * 0.5, box.height * 0.94)
        aside = Box(left, left + 1, box.y - high / 2, box.y + high / 2)
        legible = level.height / n >= TokenAxis.LEADING * self.theme.size(SMALL)
        self.tokens.place(Box(left, left + 1, level.bottom, level.top) if legible else aside)

    def _names_width(self) -> float:
        return max(map(self._width_of, self.tokens.tokens))

    def _width_of(self, token: str) -> float:
        return text_width(token, self.theme.size(LABEL))

    def _place_parts(self, edges: dict[str, float], block: float, last: float, table: float, crown: float) -> None:
        box, n = self.box, self.parts["scores"].rows
        top = box.top - crown
        height = min(n * 0.46, 0.42 * (top - box.bottom) if n > 1 else 0.5)
        rest = (top - height - box.bottom - HEAD - FOOT) / 2
        low = min(n * 0.3, rest)
        slack = 2 * (rest - low) / 3
        widths = {"q": block, "scores": table, "weights": table, "context": last}
        for key, width in widths.items():
            self.parts[key].place(Box(edges[key], edges[key] + width, top - height, top))
        upper = top - height - HEAD - slack
        self.parts["k"].place(Box(edges["q"], edges["q"] + block, upper - low, upper))
        upper -= low + FOOT + slack
        self.parts["v"].place(Box(edges["q"], edges["q"] + last, upper - low, upper))

    def _outputs(self) -> VGroup:
        """The tokens once more, to the right of their rows of the output; of thin rows, only the query's."""
        z, labels = self.parts["context"], VGroup()
        size = self.theme.fitting(0.8 * z.cells.pitch[1])
        named = [self.query] if self.narrow or z.cells.pitch[1] < self.theme.size(SMALL) else range(z.rows)
        for i in named:
            token = self.tokens.tokens[i]
            label = Label(token, size, self.theme.ink, structural=True)
            labels.add(label.move_to([z.box.right + SPACE + label.width / 2, z.row_box(i).y, 0]))
        return labels

    def _name(self, key: str) -> VGroup:
        part = self.parts[key]
        name = formula(SYMBOLS[key], self.theme.hue(MEANINGS[key]), self.theme.size(TEXT))
        if key in ("q", "k", "v"):
            return name.move_to([part.box.left + name.width / 2, part.box.top + 0.09 + name.height / 2, 0])
        crown = part.box.top if key == "context" else self.columns[0].box.top
        return name.move_to([part.box.x, crown + TIGHT + name.height / 2, 0])

    # --- flows --------------------------------------------------------------------------------------------------

    def _fan(self, part: Matrix, colour: Colour) -> VGroup:
        """From every token to its row."""
        threads = VGroup()
        for i in range(part.rows):
            clear = CLEAR if i == self.query and part is self.parts["q"] else QUIET
            threads.add(thread(token(self.tokens, i, "right"), row(part, i, "left"), colour, opacity=clear))
        return threads

    def _neighbours(self) -> dict[str, tuple[Matrix, Matrix, str]]:
        p = self.parts
        return {
            "scores": (p["q"], p["scores"], "q"),
            "weights": (p["scores"], p["weights"], "scores"),
            "context": (p["weights"], p["context"], "weights"),
        }

    def _rows(self, source: Matrix, target: Matrix, meaning: str) -> Ribbons:
        """From every row to the next one level with it, as wide as the rows are."""
        rows = [(source.row_box(i), target.row_box(i)) for i in range(source.rows)]
        starts = np.array([(start.right, start.y, BROAD * start.height) for start, _ in rows])
        ends = np.array([(end.left, end.y, BROAD * end.height) for _, end in rows])
        light = np.full(len(rows), FAINT)
        light[self.query] = STRONG
        return Ribbons(starts, ends, light, self.theme.hue(meaning)).undrawn()

    def _cables(self) -> VGroup:
        """From every row of K along and up into its column of scores, nested without a crossing."""
        k, scores = self.parts["k"], self.parts["scores"]
        ends = ((row(k, j, "right"), column(scores, j, "bottom")) for j in range(k.rows))
        return VGroup(*(thread(*pair, self.theme.hue("k")) for pair in ends))

    def _mixing(self) -> tuple[VGroup, WeightDots]:
        """Ribbons from the rows of V: thin until their weight comes down to them, then as thick as it."""
        lanes = self._lanes()  # (keys, 2) y and thickness
        v = self.parts["v"].box
        x = np.array([self.parts["weights"].column_box(j).x for j in range(len(lanes))])
        thin = np.full(len(x), 2 * THINNEST)
        rows = np.array([self.parts["v"].row_box(j).y for j in range(len(x))])
        joins = [
            np.column_stack([np.full_like(x, v.right + 0.05), rows, thin]),
            np.column_stack([np.full_like(x, self.parts["scores"].box.left), lanes[:, 0], thin]),
            np.column_stack([x, lanes[:, 0], thin]),
            np.column_stack([x + WIDEN, lanes]),
            np.column_stack([np.full_like(x, x.max() + WIDEN), lanes]),
            row_ends(self.parts["context"].row_box(self.query), self.shares, "left", 0.9) - [0.04, 0, 0],
        ]
        light = np.where(self.shares > 0, 0.55, 0.15)
        colour = self.theme.hue("v")
        ribbons = VGroup(*(Ribbons(a, b, light, colour).undrawn() for a, b in pairwise(joins)))
        radii = 0.03 + 0.07 * np.sqrt(self.shares)
        return ribbons, WeightDots(np.column_stack([x, lanes[:, 0]]), radii, self.theme.hue("weights"))

    def _lanes(self) -> np.ndarray:
        """Middle and thickness of each ribbon where it has its full weight, one above the other.  # (keys, 2)"""
        box = self.parts["v"].box
        room = min(1.0, max(0.8, box.height))
        thick = 0.68 * room * self.shares
        pitch = thick + 0.32 * room / len(thick)
        middle = box.y + pitch.sum() / 2 - np.cumsum(pitch) + pitch / 2
        return np.column_stack([middle, thick])

    def _drops(self) -> VGroup:
        """From each weight of the query's row down to the ribbon that it opens."""
        colour = self.theme.hue("weights")
        drops = VGroup()
        for j, share in enumerate(self.shares):
            start = cell(self.parts["weights"], self.query, j, "bottom")
            drops.add(thread(start, End(self.dots, "top", "dot_box", (j,)), colour, opacity=0.45 + 0.5 * float(share)))
        return drops

    @property
    def corner(self) -> Box:
        """The free room below the outputs, for legends."""
        z = self.parts["context"].box
        right = max(label.box.right for label in self.outputs)
        return Box(z.left, right, self.box.bottom, z.bottom - 0.3)
