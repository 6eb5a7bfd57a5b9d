"""What the poster of the whole model needs beside the figure and its tensors: what colours and shapes mean."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.legend import WeightRamp, legend
from scenes.stage.figure.figure import Figure
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SMALL, TEXT, TIGHT, Box
from scenes.stage.paint.typography import shorten

LEADING = 0.2


def legends(chapter: Chapter, figure: Figure, stage: Box) -> VGroup:
    """Above the encoder, where the figure leaves room: the sentences, and what colours and pictures mean.

    What finds no room is left out, the last first.
    """
    theme, room = chapter.theme, room_beside(figure, stage)
    cables = VGroup()
    for letter, hue in zip("QKV", "qkv", strict=True):
        sign = formula(letter, theme.hue(hue), theme.size(TEXT))
        cables.add(VGroup(sign, chapter.label(f"legend_{hue}", SMALL, theme.quiet)).arrange(RIGHT, buff=0.12))
    cables.arrange(RIGHT, buff=0.35)
    zero, one = (Label(text, theme.size(SMALL), theme.quiet, structural=True) for text in "01")
    ramp = legend((chapter.label("legend_weights", SMALL, theme.quiet), zero, WeightRamp(theme), one))
    shapes = chapter.label("legend_shape", SMALL, theme.quiet)
    lines = VGroup()
    for line in (*_sentences(chapter, figure, room.width), cables, shapes, ramp):
        lines.add(line)
        lines.arrange(DOWN, buff=LEADING, aligned_edge=LEFT)
        if lines.height > room.height or line.width > room.width:
            lines.remove(line)
    lines.arrange(DOWN, buff=LEADING, aligned_edge=LEFT)
    return lines.move_to([room.left + lines.width / 2, room.top - lines.height / 2, 0])


def _sentences(chapter: Chapter, figure: Figure, width: float) -> list[VGroup]:
    """What the model reads and what it is to say, as far as there is room."""
    theme, lines = chapter.theme, []
    names = [("source", "source.token_ids")] if "memory" in figure.names else []
    for key, tensor in [*names, ("target", "target.expected")]:
        name = chapter.label(key, LABEL, theme.quiet)
        tokens = chapter.trace[tensor].axis_labels("tokens") or ()
        text = shorten(" ".join(tokens), 0.9 * (width - name.width), theme.size(LABEL))
        words = Label(text, theme.size(LABEL), theme.ink, "semibold", structural=True)
        lines.append(VGroup(name, words).arrange(RIGHT, buff=0.18))
    return lines


def room_beside(figure: Figure, stage: Box) -> Box:
    """The corner above the encoder, or left of a decoder that stands alone."""
    right = figure.part_box("decoder.layers").left - 0.3
    bottom = figure.part_box("memory").top + TIGHT if "memory" in figure.names else stage.bottom
    return Box(stage.left, right, bottom, stage.top)
