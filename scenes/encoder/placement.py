"""Where the norm stands: the residual connection drawn straight, sub-layers beside it, the norm after the sum or beside
it too. The line is as thick as what is left of the input on it.
"""

from __future__ import annotations

from manim import RIGHT, Animation, FadeIn, LaggedStart, VGroup

from core.trace import Reading
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.bars import Bars
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import LABEL, SMALL, TEXT, Box, layout_now
from scenes.stage.paint.typography import text_width
from scenes.stage.paint.wires import Block, Plus, Wire

THICKEST = 0.17
THINNEST = 0.02
SEAM = 0.02  # stretches of the line overlap a little
BLOCK_HEIGHT = 0.52
BRANCH = 0.62
TALLEST, LOWEST = 0.4, 0.1  # of the bars
OVER_BARS = 0.4  # for their numbers
APART = 0.8  # numbers of neighbouring stages, in sizes of type
SHARE, SIZES = 0.36, 0.6  # how far above the line they stand
FORMULAS = {
    "post": 'op("LayerNorm")(x + op("Sublayer")(x))',
    "pre": 'x + op("Sublayer")(op("LayerNorm")(x))',
}
SUB_LAYERS = (("attention_short", "scores"), ("feed_forward", "learned"))


class Placement(VGroup):
    """One diagram. kind: "post" or "pre". Numbers stand over the line at the input and after each sub-layer."""

    def __init__(self, chapter: Chapter, kind: str, box: Box) -> None:
        super().__init__()
        self.chapter, self.kind, self.theme = chapter, kind, chapter.theme
        self.sizes, self.shares = (chapter.trace[f"placement.{kind}_{name}"] for name in ("size", "share"))
        self.count = self.sizes.shape[0] - 1
        self.most = max(float(chapter.trace[f"placement.{kind}_size"].values.max()) for kind in ("post", "pre"))
        words = chapter.label(f"{kind}_norm", TEXT, self.theme.ink, "semibold")
        self.title = VGroup(words, formula(FORMULAS[kind], self.theme.quiet, self.theme.size(TEXT))).arrange(
            RIGHT, buff=0.35
        )
        self.title.move_to([box.left + self.title.width / 2, box.top - words.height / 2, 0])
        self.names = [chapter.label(key, LABEL) for key in ("size", "share")]
        left = box.left + max(label.width for label in self.names) + 0.3
        self.y = box.bottom + BRANCH + BLOCK_HEIGHT / 2
        texts = [text for i in range(self.count + 1) for text in (self.sizes.at(i).text, self.shares.at(i).percent)]
        widest = max(text_width(text, 1.0) for text in texts)
        free = self._free(box) if layout_now().is_narrow else TALLEST
        if free < LOWEST and len(self.title) > 1:  # no room for the formula under which the numbers stand
            self.title.remove(self.title[1])
            free = LOWEST
        self.tallest = min(TALLEST, max(LOWEST, free))
        self.font = self.theme.fitting(self._room(box.right - left, widest), LABEL)
        half = max(0.3, widest * self.font / 2)
        self.track = Box(left + half, box.right - half, self.y, self.y)
        self.step = self.track.width / self.count
        self.wires: list[Wire] = []
        self.blocks: list[Block] = []
        self.joins: list[Plus] = []
        for number in range(self.count):
            self._segment(number)
        self.numbers = [self._numbers(stage) for stage in range(self.count + 1)]
        for label, y in zip(self.names, (self.y + SIZES + self.tallest / 4, self.y + SHARE), strict=True):
            label.move_to([box.left + label.width / 2, y, 0])
        self.add(self.title, *self.names, *self.wires, *self.blocks, *self.joins, *self.numbers)

    def _room(self, width: float, widest: float) -> float:
        """The size of type in which numbers as wide as the widest stand side by side at all stages."""
        return width / (widest * (self.count + 1) + self.count * APART)

    def _free(self, box: Box) -> float:
        """The height that is left for the bars under the title."""
        return box.height - (BRANCH + BLOCK_HEIGHT / 2 + SIZES) - self.title.height - OVER_BARS

    def stage_x(self, stage: int) -> float:
        return self.track.left + stage * self.step

    def _segment(self, number: int) -> None:
        """One sub-layer: the line from stage to stage, the branch below it, ⊕, and the norm where it belongs."""
        start, w, low = self.stage_x(number), self.step, self.y - BRANCH
        key, hue = SUB_LAYERS[number % 2]
        on_line = self.kind == "post"
        join = start + (0.6 if on_line else 0.9) * w
        fork = start + 0.06 * w
        plus = Plus(join, self.y, self.theme, 0.15)
        quiet = self.theme.quiet
        ends = self.shares.values[[number, number + 1]]
        self._stretch(start, join, float(ends[0]))
        self._stretch(join, start + w, float(ends[1 if on_line else 0]))
        branch = [(fork, self.y), (fork, low), (join, low), (join, plus.box.bottom)]
        self.wires.append(Wire(branch, quiet, thickness=0.026, head=0.11, radius=0.12))
        if on_line:
            self._block("norm", start + 0.77 * w, self.y, 0.2 * w, "mask")
            self._block(key, (fork + join) / 2, low, 0.46 * w, hue)
        else:
            self._block("norm", start + 0.2 * w, low, 0.24 * w, "mask")
            self._block(key, start + 0.58 * w, low, 0.46 * w, hue)
        self.joins.append(plus)

    def _stretch(self, start: float, end: float, share: float) -> None:
        thickness = min(1.6 * THICKEST, max(THINNEST, share * THICKEST))
        self.wires.append(Wire([(start, self.y), (end + SEAM, self.y)], self.theme.hue("x"), thickness=thickness))

    def _block(self, key: str, x: float, y: float, width: float, hue: str) -> None:
        half = BLOCK_HEIGHT / 2
        box = Box(x - width / 2, x + width / 2, y - half, y + half)
        words = self.chapter.words(key)
        if key == "norm" and text_width(words, self.theme.size(SMALL)) > width:
            words = " "  # its hue says it, and the title
        self.blocks.append(Block(words, box, self.theme.hue(hue), self.theme, SMALL))

    def _numbers(self, stage: int) -> VGroup:
        size, share = self.sizes.at(stage), self.shares.at(stage)
        upper = Label((Run(size.text, None, (size,)),), self.font, self.theme.ink)
        lower = Label((percent(share),), self.font, self.theme.hue("x"))
        x, base = self.stage_x(stage), self.y + SIZES
        height = self.tallest * size.value / self.most
        bar = Bars(
            [size.value],
            self.most,
            Box(x - 0.2, x + 0.2, base, base + self.tallest),
            self.theme.hue("output"),
            self.theme,
        )
        return VGroup(upper.move_to([x, base + height + 0.16, 0]), lower.move_to([x, self.y + SHARE, 0]), bar)

    @property
    def facts(self) -> dict[str, Reading | Run]:
        """Size of the rows at the beginning and at the end, and what is left of the input, for captions."""
        first, last = self.sizes.at(0), self.sizes.at(self.count)
        return {"first": first, "last": last, "share": percent(self.shares.at(self.count))}

    def frame(self) -> list[VGroup]:
        """Everything but the numbers."""
        return [self.title, *self.wires, *self.blocks, *self.joins]

    def counted(self) -> Animation:
        """The numbers appear stage by stage."""
        return LaggedStart(*map(FadeIn, self.numbers), lag_ratio=0.6, run_time=0.4 * (len(self.numbers) + 1))
