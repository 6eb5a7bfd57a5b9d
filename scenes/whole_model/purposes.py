"""What each part of the model is for, in a few words beside its block."""

from __future__ import annotations

from manim import VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.miniature import cable
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, LABEL, TIGHT, Box, layout_now

KEYS = {
    "source.embedding": "purpose_embedding",
    "source.positions": "purpose_positions",
    "encoder.self_attention": "purpose_attention",
    "encoder.feed_forward": "purpose_feed_forward",
    "memory": "purpose_memory",
    "target.embedding": "purpose_embedding",
    "target.positions": "purpose_positions",
    "decoder.self_attention": "purpose_masked",
    "decoder.cross_attention": "purpose_cross",
    "decoder.feed_forward": "purpose_feed_forward",
    "output.linear": "purpose_linear",
    "output.softmax": "purpose_softmax",
}


class Purposes:
    """The words level with the blocks, outside the figure, each with a leader."""

    def __init__(self, chapter: Chapter, figure: Figure, stage: Box) -> None:
        present = [part for part in KEYS if part in figure.names and part not in figure.absent]
        if layout_now().is_narrowest:  # the figure needs all of the width
            present = []
        labels = {part: chapter.label(KEYS[part], LABEL, figure.hue_of(part)) for part in present}
        places = {part: self._place(figure, part, stage) for part in present}
        smaller = min([1.0, *(abs(places[part][1] - places[part][0]) / labels[part].width for part in present)])
        font = chapter.theme.fitting(smaller * chapter.theme.size(LABEL), LABEL) / chapter.theme.size(LABEL)
        self.words = {part: self._beside(labels[part].scale(font), figure, part, places[part]) for part in present}

    def of(self, *parts: str) -> list[VGroup]:
        return [self.words[part] for part in parts if part in self.words]

    @staticmethod
    def _place(figure: Figure, part: str, stage: Box) -> tuple[float, float]:
        """Where the words of a part begin, and where they end at most."""
        left = "encoder" in figure.build.columns and part.startswith(("source", "encoder", "memory"))
        if left:
            return figure.plan.brackets["encoder"].left - GAP - TIGHT, stage.left
        return figure.plan.brackets["decoder"].right + GAP + TIGHT, stage.right

    @staticmethod
    def _beside(label: Label, figure: Figure, part: str, place: tuple[float, float]) -> VGroup:
        """The words, and the leader to them."""
        start, y = place[0], figure.part_box(part).y
        away = 1 if place[1] > start else -1
        leader = cable([(start - away * (GAP + TIGHT), y), (start - away * TIGHT, y)], figure.theme.quiet)
        return VGroup(leader, label.move_to([start + away * label.width / 2, y, 0]))
