"""Formulas, set by Typst: symbols of matrices and the governing equation of the header."""

from __future__ import annotations

from collections.abc import Mapping

from manim import MathTypst, VGroup, VMobject

from scenes.stage.painting import hexadecimal
from scenes.stage.theme import Colour, Theme

RULE = 4.0  # stroke width of a rule, in Manim's hundredths of a unit per em
_EM = 0.4608  # scene units per em of Manim's default 48-point setting


class Formula(VGroup):
    """A formula as plain outlines, which copy fast (Typst's own mobject drags its parsed SVG along).

    source: Typst mathematics, never user text; `{{ part : name }}` names a part; size: em in scene units.
    """

    def __init__(self, source: str, colour: Colour, size: float) -> None:
        super().__init__()
        self.source = source
        typeset = MathTypst(source, color=hexadecimal(colour)).scale(size / _EM)
        outlines = {id(part): _outline(part, colour, size) for part in typeset.family_members_with_points()}
        self.add(*outlines.values())
        self.parts: Mapping[str, VGroup] = {
            name: VGroup(*(outlines[id(part)] for part in typeset.select(name).family_members_with_points()))
            for name in _names(source)
        }


def _names(source: str) -> list[str]:
    return [group.partition("}}")[0].rpartition(":")[2].strip() for group in source.split("{{")[1:]]


def _outline(part: VMobject, colour: Colour, size: float) -> VMobject:
    """A glyph is filled; a rule (of a root or a fraction) is a line of the usual thickness, 0.04 em."""
    copy = VMobject().set_points(part.points)
    is_rule = part.get_num_curves() == 1
    copy.set_fill(hexadecimal(colour), 0 if is_rule else 1)
    return copy.set_stroke(hexadecimal(colour), RULE * size if is_rule else 0, 1)


def formula(source: str, colour: Colour, size: float) -> Formula:
    """A formula in one colour."""
    return Formula(source, colour, size)


ATTENTION_FORMULA = (
    'op("Attention")(Q, K, V) = {{ "softmax" : softmax }} lr(( {{ Q K^top : scores }} '
    "thin {{ slash thin sqrt(d_k) : scaling }} {{ + M : mask }} thin )) thin {{ V : values }}"
)


class HeaderFormula(Formula):
    """The governing formula; one term is lit, the rest is dim. It is the map of the chapter."""

    SIZE = 0.42

    def __init__(self, source: str, theme: Theme) -> None:
        super().__init__(source, theme.ink, self.SIZE)
        self.theme = theme
        self.light()

    def light(self, *lit: str) -> HeaderFormula:
        """Light these terms in the focus colour; "all" lights the whole formula."""
        if "all" in lit:
            self.set_color(hexadecimal(self.theme.ink)).set_opacity(1)
            return self
        self.set_color(hexadecimal(self.theme.quiet)).set_opacity(0.55)
        for term in lit:
            self.parts[term].set_color(hexadecimal(self.theme.hue("focus"))).set_opacity(1)
        return self
