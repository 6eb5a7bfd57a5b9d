"""Formulas, set by Typst: symbols of matrices and the governing equation of the header."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from manim import VGroup, VMobject

from scenes.stage.paint.layout import TITLE
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typeset import typeset

_ROOT = re.compile(r"\{\{ slash (thin )?sqrt\(d_k\) : \w+ \}\}|(thin )?slash (thin )?sqrt\(d_k\)")
_divided = [True]
RULE = 4.0  # stroke width of a rule, in Manim's hundredths of a unit per em


def divide_scores(divided: bool) -> None:
    """From now on formulas are written with ÷ √d_k, or without: as the example of the chapter has it."""
    _divided[:] = [divided]


class Formula(VGroup):
    """A formula as plain outlines, which copy fast (Typst's own mobject drags its parsed SVG along).

    source: Typst mathematics, never user text; `{{ part : name }}` names a part; size: em in scene units. Where scores
    are not divided by √d_k (`divide_scores`), neither are they in formulas.
    """

    def __init__(self, source: str, colour: Colour, size: float) -> None:
        super().__init__()
        self.source, self.set_in = source if _divided[0] else _ROOT.sub("", source), size
        made = typeset(self.source)
        self.add(*(_mark(outline * size, colour, size) for outline in made.outlines))
        marks = self.submobjects
        self.parts: Mapping[str, VGroup] = {
            name: VGroup(*(marks[index] for index in indices)) for name, indices in made.parts.items()
        }
        self.set_width = self.width

    @property
    def size(self) -> float:
        """Its em as it stands now, in scene units."""
        return float(self.set_in * self.width / self.set_width)


def _mark(points: np.ndarray, colour: Colour, size: float) -> VMobject:
    """A glyph is filled; a rule (of a root or a fraction) is a line of the usual thickness."""
    mark = VMobject().set_points(points)
    is_rule = mark.get_num_curves() == 1
    mark.set_fill(hexadecimal(colour), 0 if is_rule else 1)
    return mark.set_stroke(hexadecimal(colour), RULE * size if is_rule else 0, 1)


def formula(source: str, colour: Colour, size: float) -> Formula:
    """A formula in one colour."""
    return Formula(source, colour, size)


ATTENTION_FORMULA = (
    'op("Attention")(Q, K, V) = {{ "softmax" : softmax }} lr(( {{ Q K^top : scores }} '
    "thin {{ slash thin sqrt(d_k) : scaling }} {{ + M : mask }} thin )) thin {{ V : values }}"
)
BEFORE_MASKS = ATTENTION_FORMULA.replace(" {{ + M : mask }}", "")  # until the mask has been met


class HeaderFormula(Formula):
    """The governing formula; one term is lit, the rest is dim. It is the map of the chapter."""

    def __init__(self, source: str, theme: Theme) -> None:
        super().__init__(source, theme.ink, theme.size(TITLE))
        self.theme = theme
        self.light()

    def light(self, *lit: str) -> HeaderFormula:
        """Light these terms, the others step halfway back; "all" lights the whole formula."""
        if "all" in lit:
            self.set_color(hexadecimal(self.theme.ink)).set_opacity(1)
            return self
        self.set_color(hexadecimal(self.theme.quiet)).set_opacity(self.theme.dim**0.5)
        for term in lit:
            self.parts[term].set_color(hexadecimal(self.theme.hue("focus"))).set_opacity(1)
        return self
