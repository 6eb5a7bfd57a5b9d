"""Names and values that stand beside heads."""

from __future__ import annotations

from manim import DOWN, RIGHT, VGroup

from core.trace import Reading
from core.trace.views import Views
from scenes.shared.heads import Heads, head_tint
from scenes.stage.chapter.caption import names_cut, percent
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.legend import WeightRamp, legend
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import LABEL, SMALL, TEXT, TIGHT, TITLE, WIDE, Box, Type, layout_now
from scenes.stage.paint.theme import Theme


def heads_tag(heads: Heads, letter: str, theme: Theme, type_size: Type = TITLE) -> VGroup:
    """`Q_1, …, Q_8  7 × 8`: the names of a stack's sheets, and the shape of one."""
    last = f"{letter}_{heads.count}" if heads.count < 10 else f'{letter}_("{heads.count}")'
    between = {1: "", 2: f"{letter}_1, "}.get(heads.count, f"{letter}_1, dots, ")
    name = formula(between + last, theme.hue(heads.front.meaning), theme.size(type_size))
    size = Label(f"{heads.rows} × {heads.columns}", theme.size(LABEL), theme.quiet, structural=True)
    if layout_now().is_narrowest and type_size is TITLE:
        return VGroup(name, size).arrange(DOWN, buff=TIGHT)
    return VGroup(name, size).arrange(RIGHT, buff=0.22)


def weights_note(heads: Heads, theme: Theme) -> VGroup:
    """The names of the heads' weights, and how bright they are from 0 to 1."""
    ends = (Label(text, theme.size(SMALL), theme.quiet) for text in "01")
    ramp = legend((next(ends), WeightRamp(theme), next(ends)))
    return VGroup(heads_tag(heads, "A", theme, TEXT), ramp).arrange(RIGHT, buff=WIDE)


def named_value(source: str, reading: Reading, meaning: str, theme: Theme) -> VGroup:
    """`√d_k ≈ 1.41`"""
    equals = "=  " if reading.exact else "≈  "
    value = Label((Run(equals, theme.quiet), Run(reading.text, theme.ink, (reading,))), theme.size(TEXT), theme.ink)
    return VGroup(formula(source, theme.hue(meaning), theme.size(TITLE)), value).arrange(RIGHT, buff=0.2)


def pattern_notes(chapter: Chapter, views: Views, box: Box) -> VGroup:
    """`head 1  it → robot  79%`: what each of the two heads looks at most from one query, in their order; side
    by side in `box` as the heads stand.
    """
    notes, theme, weights = VGroup(), chapter.theme, chapter.trace["heads.weights"]
    looks = dict(zip(views.heads, views.keys, strict=True))
    for head, key in looks.items():
        name = Run(chapter.words("head", head=head + 1), head_tint(theme, head, len(weights.values)), structural=True)
        pair = (chapter.token("queries", views.query), Run(" → "), chapter.token("keys", key))
        words = (name, Run("   "), *pair, Run("  "), percent(weights.at(head, views.query, key)))
        size = theme.size(TEXT)
        notes.add(Label(names_cut(words, TokenAxis.LONGEST / size), size, theme.ink))
    from_left = sorted(zip(looks, notes, strict=True), key=lambda pair: pair[0])
    VGroup(*(note for _, note in from_left)).arrange(RIGHT, buff=1.2).move_to(box.centre)
    return shrink(notes, box.width, theme)
