"""Where the parts of the Transformer's figure stand: everything follows from the box that it is given.

Source: Vaswani et al. (2017), figure 1. Encoder left, decoder right, data flows upwards. The residual lanes run on
the outer sides, so that keys and values reach the cross-attention from the inner side without crossing anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from scenes.stage.cable import Cable
from scenes.stage.layout import Box, around

# heights, in parts of one another
TEXT, SMALL_GAP, BLOCK, NORM = 0.29, 0.12, 0.42, 0.31
FOOT, JOINT, STEP, TOP = 0.5, 0.28, 0.31, 0.34
SUM_RADIUS = 0.095
# widths, in the same parts
WIDEST_BLOCK, BRACKET, PAD, LANE, CHANNEL = 3.4, 0.5, 0.16, 0.3, 1.15
NARROWEST = 0.5  # how far the room beside the blocks may shrink
LARGEST_UNIT = 1.0
STREAM = "x"

SIDES = ("encoder", "decoder", "output")
SUBLAYERS = {
    "encoder": ("self_attention", "feed_forward"),
    "decoder": ("self_attention", "cross_attention", "feed_forward"),
}
INPUT = {"encoder": "source", "decoder": "target"}


@dataclass(frozen=True)
class Line:
    """A cable of the figure: it shows where all of `needs` show. `ends` are the parts it leads from and to."""

    ends: tuple[str, str]
    cable: Cable
    hue: str
    needs: tuple[str, ...]
    start_dot: bool = False


@dataclass
class Plan:
    """Boxes of the parts, the sums (⊕) and who owns them, cables, letters at cables, and the unit of all measures."""

    unit: float = 1.0
    boxes: dict[str, Box] = field(default_factory=dict)
    sums: dict[str, tuple[float, float]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    letters: dict[str, tuple[float, float, tuple[str, ...]]] = field(default_factory=dict)
    brackets: dict[str, Box] = field(default_factory=dict)

    @property
    def extent(self) -> Box:
        return around(*self.boxes.values(), *self.brackets.values())

    def draw(self, ends: tuple[str, str], *points: tuple[float, float], hue: str = STREAM, **options: object) -> None:
        """Lay a cable; head: with an arrowhead; needs: the parts it shows with (its ends)."""
        head = 0.11 * self.unit if options.get("head", True) else 0.0
        needs = options.get("needs", ends)
        cable = Cable(tuple(points), 0.16 * self.unit, head)
        self.lines.append(Line(ends, cable, hue, needs, bool(options.get("dot"))))  # type: ignore[arg-type]


def stack_height(side: str) -> float:
    count = len(SUBLAYERS[side])
    return FOOT + count * (BLOCK + JOINT + NORM) + (count - 1) * STEP


INPUT_HEIGHT = TEXT + SMALL_GAP + BLOCK * 0.9 + 1.4 * SMALL_GAP + NORM
OUTPUT_HEIGHT = 2 * (0.9 * BLOCK) + 1.4 * SMALL_GAP + SMALL_GAP + TEXT


def total_height(sides: Collection[str]) -> float:
    heights = []
    if "encoder" in sides:
        heights.append(stack_height("encoder") + TOP + BLOCK * 0.9)
    if "decoder" in sides:
        heights.append(stack_height("decoder") + TOP + (OUTPUT_HEIGHT if "output" in sides else TEXT))
    return INPUT_HEIGHT + max(heights)


@lru_cache(maxsize=512)
def plan(box: Box, sides: tuple[str, ...]) -> Plan:
    """The layout of these sides of the model in `box`, centred."""
    made = Plan(min(LARGEST_UNIT, box.height / total_height(sides)))
    unit = made.unit
    columns = [side for side in ("encoder", "decoder") if side in sides]
    beside = len(columns) * (BRACKET + 2 * PAD + LANE) + CHANNEL * (len(columns) - 1)
    beside += CHANNEL + WIDEST_BLOCK * 0.3 if columns == ["decoder"] else 0.0
    narrow = min(1.0, max(NARROWEST, box.width / (unit * (beside + WIDEST_BLOCK * len(columns)))))
    widths = {name: value * narrow * unit for name, value in _BESIDE.items()}
    block = min(WIDEST_BLOCK * unit, (box.width - beside * narrow * unit) / len(columns))
    total = beside * narrow * unit + block * len(columns)
    bottom = box.y - unit * total_height(sides) / 2
    left = box.x - total / 2 + (total - len(columns) * block - _outer(widths, columns)) * (columns == ["decoder"])
    for side in columns:
        outer_left = side == "encoder"
        start = left + (widths["bracket"] + widths["pad"] + widths["lane"] if outer_left else widths["pad"])
        _column(made, side, Box(start, start + block, bottom, bottom), widths, outer_left, sides)
        left = start + block + widths["pad"] + widths["channel"]
    if "decoder" in sides:
        _memory_cables(made, "encoder" in sides, widths, block)
    return made


_BESIDE = {"bracket": BRACKET, "pad": PAD, "lane": LANE, "channel": CHANNEL}


def _outer(widths: Mapping[str, float], columns: Sequence[str]) -> float:
    return len(columns) * (widths["bracket"] + 2 * widths["pad"] + widths["lane"])


def _column(
    made: Plan, side: str, foot: Box, widths: Mapping[str, float], outer_left: bool, sides: tuple[str, ...]
) -> None:
    """One column from its input to its result; `foot` gives left, right and bottom."""
    unit, outward = made.unit, -1 if outer_left else 1
    lane = (foot.left - widths["lane"]) if outer_left else (foot.right + widths["lane"])
    below = _input(made, side, foot, lane + outward * widths["pad"])
    base = made.boxes[f"{INPUT[side]}.positions"].top
    y = base + FOOT * unit
    for number, name in enumerate(SUBLAYERS[side], start=1):
        part, norm = f"{side}.{name}", f"{side}.add_norm_{number}"
        made.boxes[part] = Box(foot.left, foot.right, y, y + BLOCK * unit)
        made.boxes[norm] = _norm_box(foot, y + (BLOCK + JOINT) * unit, unit)
        _sublayer(made, side, number, below, lane)
        below, y = norm, made.boxes[norm].top + STEP * unit
    top = made.boxes[below].top + 0.35 * TOP * unit
    made.boxes[f"{side}.layers"] = Box(
        min(foot.left, lane) - widths["pad"], max(foot.right, lane) + widths["pad"], base + 0.16 * unit, top
    )
    frame = made.boxes[f"{side}.layers"]
    made.brackets[side] = (
        Box(frame.left - widths["bracket"], frame.left, frame.bottom, frame.top)
        if outer_left
        else Box(frame.right, frame.right + widths["bracket"], frame.bottom, frame.top)
    )
    _result(made, side, below, foot, sides)


def _norm_box(foot: Box, bottom: float, unit: float) -> Box:
    return Box(foot.left, foot.right, bottom, bottom + NORM * unit)


def _input(made: Plan, side: str, foot: Box, edge: float) -> str:
    """Tokens, embedding, and the sum with the positions, whose block reaches to `edge`."""
    unit, kind = made.unit, INPUT[side]
    text = Box(foot.left, foot.right, foot.bottom, foot.bottom + TEXT * unit)
    y = text.top + SMALL_GAP * unit
    embedding = Box(foot.left, foot.right, y, y + 0.9 * BLOCK * unit)
    y = embedding.top + 1.4 * SMALL_GAP * unit
    gap = 3.2 * SUM_RADIUS * unit
    reach = (edge, foot.x - gap) if edge < foot.x else (foot.x + gap, edge)
    positions = Box(*reach, y, y + NORM * unit)
    made.boxes |= {f"{kind}.tokens": text, f"{kind}.embedding": embedding, f"{kind}.positions": positions}
    owner = f"{kind}.positions"
    made.sums[owner] = (foot.x, positions.y)
    inner = positions.right if edge < foot.x else positions.left
    rim = foot.x + (SUM_RADIUS * unit) * (-1 if edge < foot.x else 1)
    made.draw((f"{kind}.tokens", f"{kind}.embedding"), (foot.x, text.top), (foot.x, embedding.bottom))
    made.draw((f"{kind}.embedding", owner), (foot.x, embedding.top), (foot.x, positions.y), head=False)
    made.draw((owner, owner), (inner, positions.y), (rim, positions.y), head=False)
    return owner


def _sublayer(made: Plan, side: str, number: int, below: str, lane: float) -> None:
    """What leads into a sub-layer and from it to its sum, and the residual lane past it."""
    unit = made.unit
    part, norm, residual = (
        f"{side}.{name}" for name in (SUBLAYERS[side][number - 1], f"add_norm_{number}", "residual")
    )
    residual = f"{residual}_{number}"
    block, after = made.boxes[part], made.boxes[norm]
    x, radius = block.x, SUM_RADIUS * unit
    joint = after.bottom - radius
    made.sums[norm] = (x, joint)
    first = number == 1
    start = made.sums[below][1] if first else made.boxes[below].top
    branch = block.bottom - (0.27 if first else 0.21) * unit
    if first:
        fork = block.bottom - 0.19 * unit
        made.draw((below, part), (x, start), (x, fork), head=False)
        for hue, share in (("v", 0.22), ("q", 0.78), ("k", 0.5)):
            prong = block.left + share * block.width
            made.draw((below, part), (x, fork), (prong, fork), (prong, block.bottom), hue=hue)
    else:
        hue = "q" if part.endswith("cross_attention") else STREAM
        made.draw((below, part), (x, start), (x, branch), head=False)
        made.draw((below, part), (x, branch), (x, block.bottom), hue=hue)
        if hue == "q":
            made.letters["q"] = (x - 0.2 * unit, (branch + block.bottom) / 2, (below, part))
    made.draw((part, norm), (x, block.top), (x, joint), head=False)
    rim = x + radius if lane > x else x - radius
    made.draw(
        (below, norm), (x, branch), (lane, branch), (lane, joint), (rim, joint), needs=(below, residual, norm), dot=True
    )
    made.boxes[residual] = Box(min(lane, rim), max(lane, rim), branch, joint)


def _result(made: Plan, side: str, below: str, foot: Box, sides: tuple[str, ...]) -> None:
    unit, x = made.unit, foot.x
    y = made.boxes[below].top
    high = 0.9 * BLOCK * unit
    if side == "encoder":
        half = 0.32 * foot.width
        made.boxes["memory"] = Box(x - half, x + half, y + TOP * unit, y + TOP * unit + high)
        made.draw((below, "memory"), (x, y), (x, y + TOP * unit))
    elif "output" in sides:
        names = ("output.linear", "output.softmax")
        for name in names:
            bottom = y + (TOP if name == names[0] else 1.4 * SMALL_GAP) * unit
            made.boxes[name] = Box(foot.left, foot.right, bottom, bottom + high)
            made.draw((below, name), (x, y), (x, bottom))
            below, y = name, made.boxes[name].top
        text = Box(foot.left, foot.right, y + SMALL_GAP * unit, y + (SMALL_GAP + TEXT) * unit)
        made.boxes["output.probabilities"] = text
        made.draw((below, "output.probabilities"), (x, y), (x, text.bottom))
    else:
        made.boxes["decoder.result"] = Box(foot.left, foot.right, y + TOP * unit, y + (TOP + TEXT) * unit)
        made.draw((below, "decoder.result"), (x, y), (x, y + TOP * unit))


def _memory_cables(made: Plan, with_encoder: bool, widths: Mapping[str, float], block: float) -> None:
    """Keys and values from the memory into the inner side of the cross-attention."""
    unit, cross = made.unit, made.boxes["decoder.cross_attention"]
    ends = ("memory", "decoder.cross_attention")
    rows = {"k": cross.top - 0.3 * cross.height, "v": cross.bottom + 0.3 * cross.height}
    frame = made.boxes["decoder.layers"]
    if not with_encoder:
        right = frame.left - 0.55 * widths["channel"]
        high = 0.45 * BLOCK * unit
        made.boxes["memory"] = Box(right - 0.3 * block - 0.3 * widths["channel"], right, cross.y - high, cross.y + high)
        for hue, y in rows.items():
            made.draw(ends, (right, y), (cross.left, y), hue=hue)
            away = 0.2 * unit if hue == "k" else -0.2 * unit
            made.letters[hue] = ((right + frame.left) / 2, y + away, ends)
    else:
        memory = made.boxes["memory"]
        inner = made.boxes["encoder.layers"].right
        middle, half = (inner + frame.left) / 2, 0.14 * widths["channel"]
        for hue, side, y in (("k", 1, memory.y + 0.2 * memory.height), ("v", -1, memory.y - 0.2 * memory.height)):
            x = middle + side * half
            made.draw(ends, (memory.right, y), (x, y), (x, rows[hue]), (cross.left, rows[hue]), hue=hue)
            made.letters[hue] = (x + side * 0.17 * unit, (memory.bottom + cross.top) / 2, ends)
