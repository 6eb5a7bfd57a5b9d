"""What flows through the model: the example's tensors travel the figure's cables and stand beside their blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manim import Animation, VGroup, linear, smooth

from core.trace import Tensor, Trace
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.miniature import Miniature, cable
from scenes.stage.paint.cable import Cable, joined
from scenes.stage.paint.layout import HAIR, SPACE, TIGHT, Box
from scenes.stage.paint.theme import Theme

PACKET = (0.9, 0.26)  # the largest that travels, in the figure's unit
FADE = 0.03  # share of a journey in which a packet comes and goes: over names it is solid
STATION = (1.9, 0.85)
LARGEST_CELL = 0.24
SHAPE_ROOM, LEADER = 0.85, 0.3
IN, OUT, PAST = (0.0, 0.45), (0.52, 0.9), (0.06, 0.9)
TO_NORM, NORM_IN, LATE_OUT = (0.0, 0.24), (0.3, 0.58), (0.64, 0.92)


class Carry(Animation):
    """The cells of a tensor travel along a cable during `window` (shares of the time); else they are not seen.

    short: how far before its end they stop.
    """

    def __init__(
        self,
        cells: Cells,
        way: Cable,
        size: tuple[float, float],
        window: tuple[float, float] = (0, 1),
        *,
        short: float = 0.0,
        **kwargs: Any,
    ) -> None:
        self.path, self.size, self.window = way.path(), size, window
        self.last = 1 - short / self.path.get_arc_length()
        super().__init__(cells, introducer=True, remover=True, rate_func=linear, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        start, end = self.window
        share = float(np.clip((alpha - start) / (end - start), 0, 1))
        x, y, _ = self.path.point_from_proportion(self.last * smooth(share))
        width, height = self.size
        self.mobject.set_box(Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2))
        self.mobject.set_fill(opacity=min(1.0, share / FADE, (1 - share) / FADE))


@dataclass(frozen=True)
class SubLayer:
    """One sub-layer of the first layer: its parts in the figure, its tensors in the trace, and how it looks."""

    below: str
    part: str
    norm: str
    given: str
    normed: str
    output: str
    result: str


def sub_layers(figure: Figure, trace: Trace, side: str) -> list[SubLayer]:
    """The sub-layers of a column in order."""
    found, below, given = [], f"{'source' if side == 'encoder' else 'target'}.positions", f"{side}.1.input"
    for number, name in enumerate(figure.build.sub_layers(side), start=1):
        part, norm, normed = f"{side}.{name}", f"{side}.add_norm_{number}", f"{side}.1.norm_{number}.output"
        result = normed if figure.build.norm == "post" else f"{side}.1.sum_{number}"
        found.append(SubLayer(below, part, norm, given, normed, f"{side}.1.{name}.output", result))
        below, given = norm, result
    return found


class Flow:
    """Journeys of the example's tensors through a figure."""

    def __init__(self, figure: Figure, trace: Trace, theme: Theme) -> None:
        self.figure, self.trace, self.theme = figure, trace, theme

    def packet(self, tensor: str, meaning: str = "x") -> tuple[Cells, tuple[float, float]]:
        """A small picture of a tensor, and the size at which it travels."""
        values = self.trace[tensor]
        cells = Cells(values, meaning, self.theme)
        cells.shown, cells.numbers = np.ones(values.shape), np.zeros(1)
        width, height = (limit * self.figure.plan.unit for limit in PACKET)
        rows, columns = values.shape
        return cells, (min(width, 0.5 * height * columns), min(height, 0.06 * rows + 0.08))

    def carry(self, tensor: str, way: Cable, window: tuple[float, float] = (0, 1), meaning: str = "x") -> Carry:
        cells, size = self.packet(tensor, meaning)
        return Carry(cells, way, size, window)

    def routes(self, start: str, end: str) -> list[tuple[Cable, str]]:
        """The ways from one part to another, with their hues; they share their first stretch."""
        lines = [line for line in self.figure.plan.lines if line.ends == (start, end)]
        first, *rest = lines
        return [(joined(first.cable, line.cable), line.hue) for line in rest] or [(first.cable, first.hue)]

    def through(self, layer: SubLayer) -> list[Animation]:
        """The stream enters a sub-layer, goes past it on the lane as well, and both meet at the sum."""
        lane = self.figure.cable(layer.below, layer.norm)
        leaving = self.figure.cable(layer.part, layer.norm)
        if self.figure.build.norm == "post":
            lettered = layer.part.endswith("cross_attention")  # all of the short way stands the letter of the queries
            routes = [] if lettered else self.routes(layer.below, layer.part)
            enter = [self.carry(layer.given, way, IN, hue) for way, hue in routes]
            return [*enter, self.carry(layer.given, lane, PAST), self.carry(layer.output, leaving, OUT)]
        straight = next(ln.cable for ln in self.figure.plan.lines if ln.ends == (layer.below, layer.norm))
        enter = [self.carry(layer.normed, way, NORM_IN, hue) for way, hue in self.routes(layer.norm, layer.part)]
        first = self.carry(layer.given, straight, TO_NORM)
        return [first, *enter, self.carry(layer.given, lane, PAST), self.carry(layer.output, leaving, LATE_OUT)]

    def across(self) -> list[Animation]:
        """Keys and values of the memory go to the cross-attention."""
        ends = ("memory", "decoder.cross_attention")
        packets = [(hue, *self.packet("memory", hue)) for hue in "kv"]
        ways = [(cells, self.figure.cable(*ends, hue=hue), size) for hue, cells, size in packets]
        return [Carry(cells, way, size, short=size[0] / 2) for cells, way, size in ways]  # clear of the block's name


class Stations:
    """Miniatures beside the figure, each level with the block that it leaves, or as near as it has room; one scale for
    all of the same width.
    """

    def __init__(self, figure: Figure, trace: Trace, theme: Theme, stage: Box) -> None:
        self.figure, self.trace, self.theme, self.stage = figure, trace, theme, stage
        self.stations: dict[str, VGroup] = {}
        sides = {side: self._of(side) for side in figure.build.columns}
        most = max(map(len, sides.values()))
        self.high = min(STATION[1], (stage.height - (most - 1) * SPACE) / most)
        for side, stations in sides.items():
            levels = self._levels([part for part, _, _ in stations])
            for (part, tensor, meaning), y in zip(stations, levels, strict=True):
                self.stations[part] = self._station(side, part, trace[tensor], meaning, y)

    def _levels(self, parts: Sequence[str]) -> list[float]:
        """Where stations stand, from below: level with their blocks as far as none comes too near to another."""
        top = self.figure.part_box("memory").top if "memory" in parts else self.stage.top
        pitch, highest, levels = self.high + SPACE, top - self.high / 2, []
        for part in reversed(parts):
            highest = min(self.figure.part_box(part).y, highest)
            levels.append(highest)
            highest -= pitch
        lowest = self.stage.bottom + self.high / 2
        return [max(y, lowest + place * pitch) for place, y in enumerate(reversed(levels))]

    def _of(self, side: str) -> list[tuple[str, str, str]]:
        """Parts with the tensor that leaves each, and its hue."""
        kind = "source" if side == "encoder" else "target"
        found = [(f"{kind}.embedding", f"{side}.1.input", "x")]
        layers = sub_layers(self.figure, self.trace, side)
        found += [(layer.part, layer.output, self._hue(layer.part)) for layer in layers]
        if side == "encoder":
            return [*found, ("memory", "memory", "v")]
        return [*found, ("output.linear", "logits", "output"), ("output.softmax", "probabilities", "weights")]

    @staticmethod
    def _hue(part: str) -> str:
        return "learned" if part.endswith("feed_forward") else "scores"

    def _station(self, side: str, part: str, tensor: Tensor, meaning: str, y: float) -> VGroup:
        bracket, block = self.figure.plan.brackets[side], self.figure.part_box(part)
        left = side == "encoder"
        mini = Miniature(tensor, meaning, self.theme, side="left" if left else "right")
        room = Box(self.stage.left, bracket.left, 0, 0) if left else Box(bracket.right, self.stage.right, 0, 0)
        shape = max(SHAPE_ROOM, mini.shape.width + 2 * TIGHT)
        width = min(STATION[0], room.width - shape - LEADER - TIGHT)
        high = self.high / 2
        near = room.right - LEADER - HAIR if left else room.left + LEADER + HAIR
        box = Box(near - width, near, y - high, y + high)
        mini.place_within(box if left else box.shifted(x=width), *self._scale(tensor), LARGEST_CELL)
        mini.shift([near - (mini.box.right if left else mini.box.left), 0, 0])
        ends = (room.right, near + HAIR) if left else (room.left, near - HAIR)
        hue = self.theme.hue("x" if meaning == "weights" else meaning)
        middle = sum(ends) / 2
        bends = [(middle, block.y), (middle, y)] if abs(block.y - y) > HAIR else []
        return VGroup(cable([(self._edge(side, part), block.y), *bends, (ends[1], y)], hue, opacity=0.5), mini)

    def _edge(self, side: str, part: str) -> float:
        """Where a leader ends: at its block, or of a sub-layer at the frame of its layer."""
        layered = part.startswith(f"{side}.")
        box = self.figure.part_box(f"{side}.layers" if layered else part)
        beyond = self.figure.lettering.behind if layered else 0.0
        return box.left - beyond - HAIR if side == "encoder" else box.right + beyond + HAIR

    def _scale(self, tensor: Tensor) -> tuple[int, int]:
        """Columns and rows to whose scale a tensor is drawn: those of the widest stream, or more of its own."""
        streams = [self.trace[f"{side}.1.input"].shape for side in self.figure.build.columns]
        columns = max(shape[1] for shape in streams)
        return max(columns, tensor.shape[1]), max(shape[0] for shape in streams)

    def of(self, *parts: str) -> VGroup:
        return VGroup(*(self.stations[part] for part in parts if part in self.stations))

    @property
    def all(self) -> VGroup:
        return VGroup(*self.stations.values())
