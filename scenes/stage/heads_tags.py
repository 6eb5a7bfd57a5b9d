"""Names and values that stand beside heads."""

from __future__ import annotations

from manim import RIGHT, VGroup

from core.trace import Reading
from scenes.stage.formula import formula
from scenes.stage.heads import Heads
from scenes.stage.label import Label, Run
from scenes.stage.theme import Theme


def heads_tag(heads: Heads, letter: str, theme: Theme) -> VGroup:
    """`Q_1, …, Q_8  7 × 8`: the names of a stack's sheets, and the shape of one."""
    last = f"{letter}_{heads.count}" if heads.count < 10 else f'{letter}_("{heads.count}")'
    between = {1: "", 2: f"{letter}_1, "}.get(heads.count, f"{letter}_1, dots, ")
    name = formula(between + last, theme.hue(heads.front.meaning), 0.38)
    size = Label(f"{heads.rows} × {heads.columns}", 0.22, theme.quiet, structural=True)
    return VGroup(name, size).arrange(RIGHT, buff=0.22)


def named_value(source: str, reading: Reading, meaning: str, theme: Theme) -> VGroup:
    """`√d_k = 1.41`"""
    value = Label((Run("=  ", theme.quiet), Run(reading.text, theme.ink, (reading,))), 0.3, theme.ink)
    return VGroup(formula(source, theme.hue(meaning), 0.42), value).arrange(RIGHT, buff=0.2)
