"""What the plan of the Transformer's figure is made of: its measures, what there is to draw, and what stands where."""

from __future__ import annotations

from dataclasses import dataclass, field

from scenes.stage.paint.cable import Cable, Point
from scenes.stage.paint.layout import Box, around

# heights, in parts of one another
TEXT, WORD_GAP, BLOCK, LOW, NORM = 0.29, 0.12, 0.42, 0.38, 0.31
SUM_GAP, JOINT, STEP, FOOT, FORK, TOP = 0.17, 0.32, 0.31, 0.5, 0.2, 0.34
FOOT_BEFORE_NORM, NORM_TO_BLOCK = 0.34, 0.14
SUM_RADIUS = 0.095
MASK = 0.62  # the picture of the causal mask, by the height of its block
# widths, in the same parts
WIDEST_BLOCK, BRACKET, PAD, LANE, CHANNEL, BESIDE_DECODER = 3.4, 0.6, 0.16, 0.3, 1.15, 1.6
LEAST_BRACKET = 0.56
NARROWEST = 0.5  # how far the room beside the blocks may shrink
LARGEST_UNIT = 1.0
STREAM = "x"
SIDES = ("encoder", "decoder", "output")


@dataclass(frozen=True)
class Build:
    """What there is to draw: sides; crossing: whether the decoder has cross-attention; norm: "post" or "pre"."""

    sides: tuple[str, ...] = SIDES
    crossing: bool = True
    norm: str = "post"
    final_norm: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(side for side in ("encoder", "decoder") if side in self.sides)

    def sub_layers(self, side: str) -> tuple[str, ...]:
        crossing = ("cross_attention",) if side == "decoder" and self.crossing else ()
        return ("self_attention", *crossing, "feed_forward")

    def stack_height(self, side: str) -> float:
        """From the sum with the positions to the top of the last part of a layer."""
        count = len(self.sub_layers(side))
        if self.norm == "post":
            return FOOT + count * (BLOCK + JOINT + NORM) + (count - 1) * STEP
        return FOOT_BEFORE_NORM + FORK + count * (NORM + NORM_TO_BLOCK + BLOCK + JOINT) + (count - 1) * STEP

    def height(self) -> float:
        """Of the whole figure."""
        final = NORM + 0.8 * TOP if self.final_norm else 0.0
        tops = {"encoder": TOP + LOW, "decoder": TOP + TEXT}
        if "output" in self.sides:
            tops["decoder"] = TOP + 2 * LOW + SUM_GAP + WORD_GAP + TEXT
        stacks = [self.stack_height(side) + final + tops[side] for side in self.columns]
        return TEXT + WORD_GAP + LOW + SUM_GAP + NORM + max(stacks)


@dataclass(frozen=True)
class Connection:
    """A cable between the parts `ends`: it shows where all of `needs` show. dot: it branches off where it begins."""

    ends: tuple[str, str]
    cable: Cable
    hue: str
    needs: tuple[str, ...]
    dot: bool = False


@dataclass(frozen=True)
class Letter:
    """A letter beside a cable."""

    centre: Point
    ends: tuple[str, str]


@dataclass
class Plan:
    """Boxes of the parts; sums (⊕) and the part each belongs to; cables; and the unit of all measures."""

    unit: float
    boxes: dict[str, Box] = field(default_factory=dict)
    sums: dict[str, Point] = field(default_factory=dict)
    lines: list[Connection] = field(default_factory=list)
    letters: dict[str, Letter] = field(default_factory=dict)
    brackets: dict[str, Box] = field(default_factory=dict)

    @property
    def extent(self) -> Box:
        return around(*self.boxes.values(), *self.brackets.values())

    def draw(
        self,
        ends: tuple[str, str],
        *points: Point,
        hue: str = STREAM,
        head: bool = True,
        needs: tuple[str, ...] = (),
        dot: bool = False,
    ) -> None:
        """Lay a cable."""
        cable = Cable(points, 0.16 * self.unit, 0.11 * self.unit if head else 0.0)
        self.lines.append(Connection(ends, cable, hue, needs or ends, dot))


@dataclass(frozen=True)
class Beside:
    """Widths beside the blocks."""

    bracket: float
    pad: float
    lane: float
    channel: float
