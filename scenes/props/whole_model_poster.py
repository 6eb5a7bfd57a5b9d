"""What the poster of the whole model needs beside the figure and its tensors: what colours and shapes mean."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.stage.chapter import Chapter
from scenes.stage.figure import Figure
from scenes.stage.formula import formula
from scenes.stage.layout import Box
from scenes.stage.ramp import weight_legend

SIZE = 0.2
LEADING = 0.16


def legends(chapter: Chapter, figure: Figure, stage: Box) -> VGroup:
    """Above the encoder, where the figure leaves room: queries, keys and values, the pictures' shapes, the ramp."""
    theme = chapter.theme
    cables = VGroup()
    for letter, hue in zip("QKV", "qkv", strict=True):
        sign = formula(letter, theme.hue(hue), 0.34)
        cables.add(VGroup(sign, chapter.label(f"legend_{hue}", SIZE, theme.quiet)).arrange(RIGHT, buff=0.12))
    lines = VGroup(cables.arrange(RIGHT, buff=0.35), chapter.label("legend_shape", SIZE, theme.quiet))
    lines.add(weight_legend(chapter.label("legend_weights", SIZE, theme.quiet), theme))
    lines.arrange(DOWN, buff=LEADING, aligned_edge=LEFT)
    room = _room(figure, stage)
    if lines.width > room.width:
        lines.scale(room.width / lines.width)
    return lines.move_to([room.left + lines.width / 2, room.top - lines.height / 2, 0])


def _room(figure: Figure, stage: Box) -> Box:
    """The corner above the encoder, or left of a decoder that stands alone."""
    right = figure.part_box("decoder.layers").left - 0.3
    bottom = figure.part_box("memory").top if "memory" in figure.names else stage.bottom
    return Box(stage.left, right, bottom, stage.top)
