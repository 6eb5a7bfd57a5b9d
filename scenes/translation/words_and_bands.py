"""What stands in the layout: the words as chips, the encoder and the decoder each as a band with its name."""

from __future__ import annotations

from manim import VGroup

from scenes.stage.matrix.chips import Chip
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme, mix
from scenes.translation.layout import ChipLine


def chips_of(line: ChipLine, hue: str, theme: Theme) -> list[Chip]:
    """The words as chips, each in its place, with what it means under it."""
    parts = zip(line.words, line.glosses, line.boxes, strict=True)
    return [Chip(word, theme, hue=hue, gloss=gloss).place(box, line.font) for word, gloss, box in parts]


class Band(Painted):
    """One side of the model as a wide band in its hue."""

    def __init__(self, box: Box, hue: str, theme: Theme) -> None:
        self.theme = theme
        super().__init__(box, theme.hue(hue))

    def paint(self, brush: Brush) -> None:
        ground = mix(self.theme.background, self.colour, 0.2)
        brush.plate(self.box, 0.14, (ground, self.opacity), (self.colour, 0.9 * self.opacity), 0.02)


def named_band(box: Box, name: Label, hue: str, theme: Theme) -> VGroup:
    """A band with its name in it."""
    return VGroup(Band(box, hue, theme), name.move_to(box.centre))
