"""One column of the Transformer's figure, from its tokens to its result: encoder or decoder, post-norm or pre-norm."""

from __future__ import annotations

from scenes.stage.figure.measures import (
    BLOCK,
    FOOT,
    FOOT_BEFORE_NORM,
    FORK,
    JOINT,
    LOW,
    MASK,
    NORM,
    NORM_TO_BLOCK,
    STEP,
    STREAM,
    SUM_GAP,
    SUM_RADIUS,
    TEXT,
    TOP,
    WORD_GAP,
    Beside,
    Build,
    Letter,
    Plan,
)
from scenes.stage.paint.layout import Box

INPUT = {"encoder": "source", "decoder": "target"}


class Column:
    """One column from its input to its result; `foot` gives left, right and bottom."""

    def __init__(self, made: Plan, build: Build, side: str, foot: Box, widths: Beside) -> None:
        self.made, self.build, self.side, self.widths = made, build, side, widths
        self.left, self.right, self.x, self.y, self.unit = foot.left, foot.right, foot.x, foot.bottom, made.unit
        self.outward = -1 if side == "encoder" else 1
        self.lane = foot.left - widths.lane if side == "encoder" else foot.right + widths.lane
        self.below = ""  # the part that the stream comes from
        self.leaves = 0.0  # and the height at which it leaves it

    def lay(self) -> None:
        self._input()
        base = self.y
        names = self.build.sub_layers(self.side)
        self.y += (FOOT if self.build.norm == "post" else FOOT_BEFORE_NORM) * self.unit
        for number, name in enumerate(names, start=1):
            (self._post if self.build.norm == "post" else self._pre)(number, f"{self.side}.{name}")
            self.y += STEP * self.unit
        self.y -= STEP * self.unit
        self._frame(base)
        self._result()
        self._without_positions(names[0])

    def _take(self, name: str, height: float, left: float | None = None, right: float | None = None) -> Box:
        """The next part, at the present height, which then is its top."""
        bottom, self.y = self.y, self.y + height * self.unit
        edges = (self.left if left is None else left, self.right if right is None else right)
        self.made.boxes[name] = Box(*edges, bottom, self.y)
        return self.made.boxes[name]

    def _input(self) -> None:
        """Tokens, embedding, and the sum with the positions, whose block reaches to the frame's outer edge."""
        made, unit, x, kind = self.made, self.unit, self.x, INPUT[self.side]
        tokens = self._take(f"{kind}.tokens", TEXT)
        self.y += WORD_GAP * unit
        embedding = self._take(f"{kind}.embedding", LOW)
        self.y += SUM_GAP * unit
        owner, outer = f"{kind}.positions", self.lane + self.outward * self.widths.pad
        inner = x + self.outward * 3.2 * SUM_RADIUS * unit
        positions = self._take(owner, NORM, min(inner, outer), max(inner, outer))
        made.sums[owner] = (x, positions.y)
        rim = x + self.outward * SUM_RADIUS * unit
        made.draw((f"{kind}.tokens", f"{kind}.embedding"), (x, tokens.top), (x, embedding.bottom))
        made.draw((f"{kind}.embedding", owner), (x, embedding.top), (x, positions.y), head=False)
        made.draw((owner, owner), (inner, positions.y), (rim, positions.y), head=False)
        self.below, self.leaves = owner, positions.y

    def _without_positions(self, first: str) -> None:
        """The stream runs on from the embedding where no positions are added."""
        embedding = f"{INPUT[self.side]}.embedding"
        part = f"{self.side}.{first if self.build.norm == 'post' else 'add_norm_1'}"
        top, joint = self.made.boxes[embedding].top, self.made.sums[f"{INPUT[self.side]}.positions"][1]
        self.made.draw((embedding, part), (self.x, top), (self.x, joint), head=False)

    def _post(self, number: int, part: str) -> None:
        """Sub-layer, sum, norm. The lane leaves below the sub-layer."""
        block = self._sub_layer(part)
        start = block.bottom - (FORK + 0.07 if number == 1 else 0.21) * self.unit
        self._enter(part, block, self.below, self.leaves, start)
        self.y += JOINT * self.unit
        norm = f"{self.side}.add_norm_{number}"
        after = self._take(norm, NORM)
        joint = (block.top + after.bottom) / 2
        self._add(number, part, norm, (block.top, after.bottom), start, joint)
        self.below, self.leaves = norm, after.top

    def _sub_layer(self, part: str) -> Box:
        """Its block; that of the decoder's self-attention carries its mask at the right end."""
        block = self._take(part, BLOCK)
        if part == "decoder.self_attention":
            side, edge = MASK * block.height, 0.5 * (1 - MASK) * block.height
            right = block.right - 1.5 * edge
            self.made.boxes["decoder.mask"] = Box(right - side, right, block.bottom + edge, block.top - edge)
        return block

    def _pre(self, number: int, part: str) -> None:
        """Norm, sub-layer, sum. The lane leaves below the norm."""
        norm = f"{self.side}.add_norm_{number}"
        before = self._take(norm, NORM)
        start = before.bottom - 0.17 * self.unit
        ends = (self.below, norm)
        needs = (norm,) if number == 1 else ends
        self.made.draw(ends, (self.x, self.leaves), (self.x, before.bottom), needs=needs)
        self.y += (NORM_TO_BLOCK + (FORK if number == 1 else 0.0)) * self.unit
        block = self._sub_layer(part)
        self._enter(part, block, norm, before.top, before.top)
        self.y += JOINT * self.unit
        joint = (block.top + self.y) / 2
        self._add(number, part, norm, (block.top, joint), start, joint)
        self.below, self.leaves = norm, joint

    def _enter(self, part: str, block: Box, below: str, leaves: float, start: float) -> None:
        """What leads into a sub-layer: values, keys and queries into self-attention, queries into cross-attention."""
        made, x, ends = self.made, self.x, (below, part)
        if part.endswith("self_attention"):
            fork = block.bottom - FORK * self.unit
            made.draw(ends, (x, leaves), (x, fork), head=False, needs=(part,) if below.endswith("positions") else ends)
            for hue, share in (("v", 0.22), ("q", 0.78), ("k", 0.5)):
                prong = block.left + share * block.width
                made.draw(ends, (x, fork), (prong, fork), (prong, block.bottom), hue=hue, needs=(part,))
            return
        hue = "q" if part.endswith("cross_attention") else STREAM
        made.draw(ends, (x, leaves), (x, start), head=False)
        made.draw(ends, (x, start), (x, block.bottom), hue=hue)
        if hue == "q" and self.build.norm == "post":  # before a norm there is no room for its letter
            made.letters["q"] = Letter((x - 0.2 * self.unit, (start + block.bottom) / 2), ends)

    def _add(self, number: int, part: str, norm: str, way_up: tuple[float, float], start: float, joint: float) -> None:
        """The sub-layer's result and, on its own lane, what went past it meet at the sum."""
        made, x, lane = self.made, self.x, self.lane
        residual = f"{self.side}.residual_{number}"
        made.sums[norm] = (x, joint)
        made.draw((part, norm), (x, way_up[0]), (x, way_up[1]), head=False)
        rim = x + self.outward * SUM_RADIUS * self.unit
        way = ((x, start), (lane, start), (lane, joint), (rim, joint))
        made.draw((self.below, norm), *way, needs=(residual, part, norm), dot=True)
        made.boxes[residual] = Box(min(lane, rim), max(lane, rim), start, joint)

    def _frame(self, base: float) -> None:
        unit, pad = self.unit, self.widths.pad
        left, right = min(self.left, self.lane) - pad, max(self.right, self.lane) + pad
        frame = Box(left, right, base + 0.16 * unit, self.y + 0.35 * TOP * unit)
        self.made.boxes[f"{self.side}.layers"] = frame
        ends = (left - self.widths.bracket, left) if self.side == "encoder" else (right, right + self.widths.bracket)
        self.made.brackets[self.side] = Box(*ends, frame.bottom, frame.top)

    def _next(self, name: str, gap: float, height: float, share: float = 1.0) -> None:
        """A part above the stack, with the cable that leads to it."""
        self.y += gap * self.unit
        half = share * (self.right - self.left) / 2
        box = self._take(name, height, self.x - half, self.x + half)
        self.made.draw((self.below, name), (self.x, self.leaves), (self.x, box.bottom))
        self.below, self.leaves = name, box.top

    def _result(self) -> None:
        if self.build.final_norm:
            self._next(f"{self.side}.final_norm", 0.8 * TOP, NORM)
        if self.side == "encoder":
            self._next("memory", TOP, LOW, 0.64)
        elif "output" not in self.build.sides:
            self._next("decoder.result", TOP, TEXT)
        else:
            self._next("output.linear", TOP, LOW)
            self._next("output.softmax", SUM_GAP, LOW)
            self._next("output.probabilities", WORD_GAP, TEXT)
