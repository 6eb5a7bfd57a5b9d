"""The film that every contestant draws: its numbers, places, colours, words and times.

Attention on matrices of size × size: three matrices are revealed, every score is computed, softmax goes row by row,
four heads move together, the camera goes into one of them and out again, and the picture stands still. At the usual
size of 6 it lasts 30 s, 27 of them in motion.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scenes.stage.chapter.camera import around_view
from scenes.stage.paint.layout import Box
from scenes.stage.paint.theme import DARK, Colour

THEME = DARK
SIZE_VARIABLE = "BENCHMARK_SIZE"
TITLE = "Scaled dot-product attention"
FORMULA = 'op("Attention")(Q, K, V) = op("softmax") lr(( Q K^top slash sqrt(d_k) )) V'
HEADS_FORMULA = 'op("Concat")("head"_1, "head"_2, "head"_3, "head"_4) W^O'
NAMES = {"q": "Q", "k": "K^top", "scores": "Q K^top slash sqrt(d_k)"}
TITLE_PLACE, FORMULA_PLACE = np.array([0.0, 3.4, 0.0]), np.array([0.0, -3.3, 0.0])
TITLE_SIZE, FORMULA_SIZE, NAME_SIZE, SHAPE_SIZE = 0.34, 0.46, 0.42, 0.22
SIDE, GAP, MIDDLE = 4.2, 0.24, -0.05
HEADS, HEAD_COLUMNS = 4, 2
BLOCKS = 6  # a sweep has at most so many blocks of rows, and as many of columns
ROWS_PER_STEP = 2
CELL_TIME, ROW_TIME = 0.25, 0.6
APART, TOGETHER, RISE = 0.35, 0.1, 0.3  # gaps between the heads before and after they move; how far they rise
STILL_SHARE = 0.15  # what a second of stillness costs, as a share of a second in motion
LEAVE_TIME, DIVE_TIME = 0.4, 1.3
PACES = {"heads": 1.8, "dive": 2.8}  # what a second costs of steps in which all moves, by one in which cells change


@dataclass(frozen=True)
class Step:
    """A named stretch of the film: `action` is the scene's method, called with `arguments`."""

    name: str
    action: str
    moving: float
    still: float = 0.0
    arguments: tuple[int, ...] = ()

    @property
    def seconds(self) -> float:
        return self.moving + self.still

    @property
    def cost(self) -> float:
        """What drawing and encoding it is expected to cost, in seconds of motion."""
        return PACES.get(self.action, 1.0) * self.moving + STILL_SHARE * self.still


@dataclass(frozen=True)
class Film:
    """size: rows and columns of the matrices; laps: how many times the scores are swept."""

    size: int = 6
    laps: int = 1

    @classmethod
    def from_environment(cls) -> Film:
        """The film that the stock command draws, which cannot be given arguments."""
        return cls(int(os.environ.get(SIZE_VARIABLE, "6")))

    # --- numbers -----------------------------------------------------------------------------------------------------

    @cached_property
    def q(self) -> np.ndarray:
        return self._normal("q", self.size)

    @cached_property
    def k_transposed(self) -> np.ndarray:
        return self._normal("k", self.size)

    @cached_property
    def scores(self) -> np.ndarray:
        return self.q @ self.k_transposed / np.sqrt(self.size)

    @cached_property
    def weights(self) -> np.ndarray:
        exponentials = np.exp(self.scores - self.scores.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    @cached_property
    def heads(self) -> list[np.ndarray]:
        return [self._normal(f"head {head}", HEAD_COLUMNS) for head in range(HEADS)]

    def _normal(self, name: str, columns: int) -> np.ndarray:
        return np.random.default_rng(list(name.encode())).normal(size=(self.size, columns))

    def swept(self, lap: int) -> np.ndarray:
        """The scores that a lap arrives at; every other lap turns the signs, so that every number changes."""
        return self.scores * (-1) ** lap

    # --- places ------------------------------------------------------------------------------------------------------

    @property
    def pitch(self) -> float:
        return SIDE / self.size

    def table(self, place: int) -> Box:
        """The cells of the first, second and third matrix, side by side."""
        return self._box((place - 1) * (SIDE + GAP), SIDE)

    @property
    def weights_place(self) -> Box:
        """Where the scores become weights."""
        return self._box(0, SIDE)

    @property
    def beside_heads(self) -> Box:
        """Where the weights stand when the heads come in."""
        return self._box(-4.4, SIDE)

    def head(self, head: int, gap: float, rise: float = 0.0) -> Box:
        """The cells of a head, when the heads stand `gap` apart."""
        width = HEAD_COLUMNS * self.pitch
        return self._box(2.5 + (head - (HEADS - 1) / 2) * (width + gap), width).shifted(y=rise)

    @property
    def entered(self) -> Box:
        """What fills the picture when the camera has come near: one of the heads."""
        return around_view(self.head(1, TOGETHER, RISE))

    @staticmethod
    def _box(x: float, width: float) -> Box:
        return Box(x - width / 2, x + width / 2, MIDDLE - SIDE / 2, MIDDLE + SIDE / 2)

    # --- colours -----------------------------------------------------------------------------------------------------

    @staticmethod
    def colours(values: np.ndarray, meaning: str) -> np.ndarray:
        """Cell colours.  # (rows, columns, 3)"""
        return THEME.signed_colour(values, meaning, float(np.abs(values).max()))

    @staticmethod
    def hue(meaning: str) -> Colour:
        return THEME.hue(meaning)

    # --- time --------------------------------------------------------------------------------------------------------

    @cached_property
    def blocks(self) -> list[np.ndarray]:
        """Rows (or columns) that are swept together: one by one in a small matrix."""
        return np.array_split(np.arange(self.size), min(self.size, BLOCKS))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        sweep_rows = range(0, len(self.blocks), ROWS_PER_STEP)
        sweeps = [(lap, row) for lap in range(self.laps) for row in sweep_rows]
        return (
            Step("title", "title", 2.0),
            Step("operands", "operands", 3.5),
            *(Step(f"sweep-{lap + 1}-{row + 1}", "sweep", self._time(row), 0, (lap, row)) for lap, row in sweeps),
            Step("softmax", "softmax", 1.2 + ROW_TIME * len(self.blocks)),
            Step("heads", "heads", 4.7),
            Step("dive", "dive", 3.0),
            Step("still", "still", 0.0, 3.0),
        )

    def _time(self, first_row: int) -> float:
        return CELL_TIME * len(self.blocks) * len(self.blocks[first_row : first_row + ROWS_PER_STEP])

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    def parts(self, workers: int) -> list[tuple[str, ...]]:
        """The names of the steps, cut into at most so many runs of neighbours that cost about the same."""
        parts = shares([step.cost for step in self.steps], workers)
        return [tuple(step.name for step in self.steps[part.start : part.stop]) for part in parts]


def shares(costs: Sequence[float], workers: int) -> list[range]:
    """Cut a sequence into at most so many runs of neighbours, of which the costliest costs as little as can be."""
    if workers == 1 or len(costs) <= 1:
        return [range(len(costs))]
    cuts = []
    for cut in range(1, len(costs)):
        others = shares(costs[cut:], workers - 1)
        cuts.append([range(cut), *(range(cut + other.start, cut + other.stop) for other in others)])
    return min(cuts, key=lambda parts: max(sum(costs[index] for index in part) for part in parts))
