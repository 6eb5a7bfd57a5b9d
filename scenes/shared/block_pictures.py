"""The opened pictures of a layer's blocks, with the numbers of the trace: attention, add & norm, feed-forward."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import RIGHT, Arrow, Create, FadeIn, VGroup

from scenes.shared.heads import Heads
from scenes.shared.heads_layout import labelled_wall
from scenes.shared.heads_motion import InParallel
from scenes.shared.masks import masked_cells
from scenes.shared.tile import Tile, as_one, beside_tokens, tile_threads
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import TEXT, TIGHT, TITLE, WIDE, Box
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.threads import End, edge, thread

CABLE = 0.95
MOST_ACROSS = 4
FOR_TOKENS = 0.4


class HeadsWall(VGroup):
    """The true weights of all heads side by side, hatched where the mask is closed.

    block: the attention's name in the trace, such as `encoder.1.self_attention`; over: whether the keys' tokens stand
    above the first row.
    """

    def __init__(self, chapter: Chapter, block: str, box: Box, *, over: bool = True) -> None:
        super().__init__()
        weights = chapter.trace[f"{block}.heads.weights"]
        self.heads = Heads(weights, chapter.theme, chapter.template("head"))
        queries, keys = (weights.axis_labels(axis) or () for axis in ("queries", "keys"))
        boxes, self.axes = labelled_wall(self.heads, self._room(box), queries, keys if over else ())
        self.heads.wall(boxes).veil(masked_cells(chapter.trace[f"{block}.mask"]))
        self.add(self.heads, *self.axes)

    def _room(self, box: Box) -> Box:
        """Of a high box only as much as lets the heads hang side by side."""
        across = min(self.heads.count, MOST_ACROSS)
        height = min(box.height, -(-self.heads.count // across) * box.width / across + FOR_TOKENS)
        return Box(box.left, box.right, box.y - height / 2, box.y + height / 2)

    def play(self, scene: Chapter) -> None:
        """The weights fill in, in all heads at once."""
        scene.play(FadeIn(self), run_time=0.5)
        scene.play(InParallel(self.heads, Heads.reveal), run_time=1.2)


class AttentionPicture(VGroup):
    """The weights of all heads; below, the heads' results side by side, and mixed by W_O.

    block: the attention's name in the trace, such as `encoder.1.self_attention`.
    """

    def __init__(self, chapter: Chapter, block: str, box: Box) -> None:
        super().__init__()
        trace, self.theme, words = chapter.trace, chapter.theme, chapter.words
        upper, below = box.rows(1.55, 1, gap=0.3)
        self.wall = HeadsWall(chapter, block, upper)
        self.heads = self.wall.heads
        left, right = below.columns(1, 1, gap=1.3)
        self.concat = Tile(trace[f"{block}.concat"], "output", words("concat"), self.theme, left)
        self.output = Tile(trace[f"{block}.output"], "output", words("attention_output"), self.theme, right)
        self.threads = self._threads()
        self.arrow = self._arrow()
        self.add(self.wall, self.concat, self.output, self.threads, self.arrow)

    def _threads(self) -> VGroup:
        """From every head's card down to its own columns of the concatenation."""
        threads, count = VGroup(), self.heads.count
        lowest = min(sheet.card_box.bottom for sheet in self.heads.sheets)
        for head, sheet in enumerate(self.heads.sheets):
            if sheet.card_box.bottom > lowest + 1e-6:
                continue
            target = edge(self.concat.name, "top", (head + 0.5) / count)
            threads.add(thread(End(sheet, "bottom", "card_box"), target, sheet.tint, opacity=0.6))
        return threads

    def _arrow(self) -> VGroup:
        """The step from the concatenation to the output: a product with W_O."""
        start, end, y = self.concat.box.right + 0.2, self.output.box.left - 0.2, self.concat.box.y
        arrow = Arrow([start, y, 0], [end, y, 0], buff=0, stroke_width=2.5, tip_length=0.13)
        arrow.set_color(hexadecimal(self.theme.quiet))
        name = formula("times W_O", self.theme.hue("learned"), self.theme.size(TEXT))
        return VGroup(arrow, name.move_to([(start + end) / 2, y + 0.26, 0]))

    def play_result(self, scene: Chapter) -> None:
        """The heads' results are laid together and mixed."""
        scene.play(Create(self.threads, lag_ratio=0.2), FadeIn(self.concat), run_time=0.7)
        scene.play(self.concat.wave("columns", 1.0))
        scene.play(FadeIn(self.arrow, self.output), run_time=0.4)
        scene.play(self.output.wave(run_time=0.8))


class SumPicture(VGroup):
    """What went past a sub-layer and what came out of it, added, and (where a norm follows) normalised.

    residual, sublayer, total, normed: names in the trace; normed "" where no norm follows.
    """

    def __init__(self, chapter: Chapter, names: dict[str, str], box: Box) -> None:
        super().__init__()
        trace, self.theme, words = chapter.trace, chapter.theme, chapter.words
        count = 3 if names["normed"] else 2
        columns = box.columns(*[1] * count, gap=CABLE)
        above, below = columns[0].rows(1, 1, gap=0.25)
        self.residual = Tile(trace[names["residual"]], "x", words("residual"), self.theme, above).reveal()
        self.sublayer = Tile(trace[names["sublayer"]], "output", words("sublayer"), self.theme, below).reveal()
        self.total = Tile(trace[names["total"]], "x", words("sum"), self.theme, columns[1], tokens=count == 2)
        tensor = trace[names["normed"]] if names["normed"] else None
        self.normed = Tile(tensor, "x", words("normed"), self.theme, columns[2]) if tensor else None
        self.plus = Label("+", self.theme.size(TITLE), self.theme.ink)
        self.plus.move_to([(self.residual.box.right + self.total.box.left) / 2, self.total.box.y, 0])
        hues = self.theme.hue("x"), self.theme.hue("output")
        ways = ((self.residual, self.plus), (self.sublayer, self.plus), (self.plus, self.total))
        ends = ((edge(source, "right"), edge(target, "left")) for source, target in ways)
        self.cables = VGroup(*(thread(*pair, hue) for pair, hue in zip(ends, (*hues, hues[0]), strict=True)))
        self.add(self.residual, self.sublayer, self.total, self.plus, self.cables)
        if self.normed:
            self.norm_threads = tile_threads(self.total, self.normed, hues[0])
            self.add(self.normed, self.norm_threads)

    @property
    def result(self) -> Tile:
        """What leaves the picture."""
        return self.normed or self.total

    def play(self, scene: Chapter) -> None:
        """Both arrive, are added, and every row is normalised."""
        scene.play(FadeIn(self.residual), run_time=0.4)
        scene.play(FadeIn(self.sublayer), run_time=0.4)
        scene.play(Create(self.cables[:2]), FadeIn(self.plus), run_time=0.6)
        scene.play(Create(self.cables[2]), FadeIn(self.total), run_time=0.4)
        scene.play(self.total.wave(run_time=0.8))

    def play_norm(self, scene: Chapter) -> None:
        if self.normed:
            scene.play(Create(self.norm_threads, lag_ratio=0.1), FadeIn(self.normed), run_time=0.7)
            scene.play(self.normed.wave(run_time=1.0))


class FeedPicture(VGroup):
    """Every row widened, cut off at zero, and projected back. block: such as `encoder.1.feed_forward`.

    small: without names and tokens, close together.
    """

    def __init__(self, chapter: Chapter, block: str, box: Box, *, small: bool = False) -> None:
        super().__init__()
        trace, self.theme = chapter.trace, chapter.theme
        names = {key: "" if small else chapter.words(key) for key in ("rows_in", "widened", "rows_out")}
        narrow, wide = trace[f"{block}.input"].shape[1], trace[f"{block}.activated"].shape[1]
        share = float(np.clip(wide / narrow, 1.4, 4.0))
        tokens = 0.0 if small else beside_tokens(trace[f"{block}.input"], box, self.theme)
        first, second, third = box.inset(left=tokens).columns(1, share, 1, gap=WIDE if small else CABLE)
        first = first.inset(left=-tokens)
        self.input = Tile(trace[f"{block}.input"], "x", names["rows_in"], self.theme, first, tokens=not small).reveal()
        self.wide = Tile(trace[f"{block}.activated"], "learned", names["widened"], self.theme, second)
        self.output = Tile(trace[f"{block}.output"], "output", names["rows_out"], self.theme, third)
        as_one(self.input, self.wide, self.output)
        if small and _shapes_meet(self.input, self.wide, self.output):
            self.input.remove(self.input.size)
            self.output.remove(self.output.size)
        self.output.name.shift(min(0.0, box.right - self.output.name.get_right()[0]) * RIGHT)
        hue = self.theme.hue("learned")
        pairs = ((self.input, self.wide), (self.wide, self.output))
        self.threads = [tile_threads(a, b, hue) for a, b in pairs]
        self.add(self.input, self.wide, self.output, *self.threads)

    @property
    def result(self) -> Tile:
        """What leaves the picture."""
        return self.output

    def play(self, scene: Chapter) -> None:
        """Every row goes into its wide row."""
        scene.play(FadeIn(self.input), run_time=0.4)
        scene.play(Create(self.threads[0], lag_ratio=0.1), FadeIn(self.wide), run_time=0.6)
        scene.play(self.wide.wave(run_time=1.1))

    def play_result(self, scene: Chapter) -> None:
        scene.play(Create(self.threads[1], lag_ratio=0.1), FadeIn(self.output), run_time=0.6)
        scene.play(self.output.wave(run_time=0.8))


def _shapes_meet(*tiles: Tile) -> bool:
    """Whether the shapes under tiles that stand side by side have no room beside each other."""
    return any(a.size.get_right()[0] + TIGHT > b.size.get_left()[0] for a, b in pairwise(tiles))
