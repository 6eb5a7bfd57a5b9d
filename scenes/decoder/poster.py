"""The decoder in one look: the figure, its masked attention and its look at the memory, and the words to be said."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.decoder.cross_attention import CrossAttentionPicture
from scenes.decoder.next_words import NextWords
from scenes.shared.block_pictures import HeadsWall
from scenes.shared.tile import beside_tokens
from scenes.shared.window import Window
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.figure.figure import Figure
from scenes.stage.paint.layout import STAGE, Box

WINDOW_GAP = 0.16
SHARES = (1.0, 1.15)


class DecoderPoster:
    """stations: the parts beside the figure, in the order in which they appear. around: the way past the memory."""

    def __init__(self, chapter: Chapter, figure: Figure, block: str, box: Box, around: tuple[float, float]) -> None:
        self.chapter, self.figure, self.block = chapter, figure, block
        self.above, self.below = box.rows(1.25, 1, gap=WINDOW_GAP)
        self.around = around

    def pictures(self, queries: str, head: int, expected: Sequence[str]) -> list[VGroup]:
        """The masked attention, the look across, and the words to be said where their rows can be read."""
        left, right = self.below.columns(*SHARES, gap=WINDOW_GAP)
        speaks = beside_tokens(self.chapter.trace["decoder.output"], left, self.chapter.theme) > 0
        stations = [self._masked(right if speaks else self.below), self._across(queries, head)]
        if speaks:
            stations.append(self._words(expected, left))
        return stations

    def _masked(self, box: Box) -> VGroup:
        words, theme = self.chapter.words, self.chapter.theme
        window = Window(self.figure, "decoder.self_attention", words("masked_attention"), box, theme)
        wall = HeadsWall(self.chapter, f"{self.block}.self_attention", window.inside, over=False)
        wall.heads.reveal()
        if STAGE.is_tall:
            window.remove(window.cable)
        return VGroup(window, wall)

    def _across(self, queries: str, head: int) -> VGroup:
        chapter, name = self.chapter, "decoder.cross_attention"
        title = chapter.words("cross_attention")
        window = Window(self.figure, name, title, self.above, chapter.theme, self.around)
        picture = CrossAttentionPicture(
            chapter, f"{self.block}.cross_attention", queries, head, window.inside, small=True
        )
        return VGroup(window, picture.reveal())

    def _words(self, expected: Sequence[str], box: Box) -> VGroup:
        rows = NextWords(self.chapter, expected, box)
        rows.tile.reveal()
        return rows.all
