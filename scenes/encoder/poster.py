"""The encoder in one look: the figure, what leaves each block, two blocks opened, and the stack of layers."""

from __future__ import annotations

from manim import RIGHT, VGroup

from scenes.shared.block_pictures import FeedPicture, HeadsWall
from scenes.shared.layer_stack import ENCODER_BLOCKS, Stack
from scenes.shared.window import Window
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.ramp import weight_legend
from scenes.stage.figure.figure import Figure
from scenes.stage.paint.layout import SMALL, WIDE, Box, layout_now

SHARES = (3.9, 3.3)


class EncoderPoster:
    """stations: the parts beside the figure, in the order in which they appear. block: the layer that is opened."""

    def __init__(self, chapter: Chapter, figure: Figure, block: str, stages: list[str], box: Box) -> None:
        middle, right = box.columns(*SHARES, gap=WIDE)
        edge = (figure.part_box("encoder.self_attention").top + figure.part_box("encoder.feed_forward").bottom) / 2
        beside = box.top >= edge  # not below the figure
        edge = edge if beside else box.y
        below = Box(middle.left, middle.right, middle.bottom, edge - 0.08)
        above = Box(middle.left, middle.right, edge + 0.08, middle.top)
        theme = chapter.theme
        self.attention = Window(figure, "encoder.self_attention", chapter.words("attention"), below, theme)
        self.feed_forward = Window(figure, "encoder.feed_forward", chapter.words("feed_forward"), above, theme)
        if not beside:
            for window in (self.attention, self.feed_forward):
                window.remove(window.cable)
        heads = self._heads(chapter, f"{block}.self_attention", self.attention.inside)
        feed = FeedPicture(chapter, f"{block}.feed_forward", self.feed_forward.inside, small=True)
        for tile in (feed.wide, feed.output):
            tile.reveal()
        tensors = [chapter.trace[name] for name in stages]
        meanings = ["x"] * (len(tensors) - 1) + ["v"]
        stack = Stack(tensors, meanings, chapter.template("layer"), ENCODER_BLOCKS, theme, right)
        stack.look_inside(chapter.trace, "encoder")
        names = stack.named(chapter.words("stage_input"), chapter.words("memory"))
        self.stations = [VGroup(self.attention, heads), VGroup(self.feed_forward, feed), VGroup(stack.parts, names)]

    @staticmethod
    def _heads(chapter: Chapter, block: str, box: Box) -> VGroup:
        wall = HeadsWall(chapter, block, box.inset(bottom=0.45))
        wall.heads.reveal()
        ramp = weight_legend(chapter.label("weight", SMALL), chapter.theme)
        key = VGroup(ramp[0], ramp[1]).arrange(RIGHT, buff=0.2).move_to([box.x, box.bottom + 0.12, 0])
        has_room = key.width <= box.width or not layout_now().is_narrow
        return VGroup(wall, *([key] if has_room else []))
