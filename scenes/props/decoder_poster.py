"""The decoder in one look: the figure, its masked attention and its look at the memory, and the words to be said."""

from __future__ import annotations

from manim import VGroup

from scenes.props.decoder_crossing import Crossing
from scenes.props.encoder_pictures import HeadsWall
from scenes.props.encoder_window import Window
from scenes.stage.chapter import Chapter
from scenes.stage.figure import Figure
from scenes.stage.layout import Box


class DecoderPoster:
    """stations: the parts beside the figure, in the order in which they appear. around: the way past the memory."""

    def __init__(
        self,
        chapter: Chapter,
        figure: Figure,
        block: str,
        queries: str,
        head: int,
        box: Box,
        around: tuple[float, float],
    ) -> None:
        above, below = box.rows(1.5, 1, gap=0.16)
        theme, words = chapter.theme, chapter.words
        lower = Window(figure, "decoder.self_attention", words("masked_attention"), below, theme)
        upper = Window(figure, "decoder.cross_attention", words("cross_attention"), above, theme, around)
        crossing = Crossing(chapter, f"{block}.cross_attention", queries, head, upper.inside, small=True).reveal()
        masked = HeadsWall(chapter, f"{block}.self_attention", lower.inside, over=False)
        masked.heads.reveal()
        self.stations = [VGroup(lower, masked), VGroup(upper, crossing)]
