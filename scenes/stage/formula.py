"""Formulas, set by Typst: symbols of matrices and the governing equation of the header."""

from __future__ import annotations

from collections.abc import Mapping

from manim import MathTypst, VGroup

from scenes.stage.painting import _hexadecimal
from scenes.stage.theme import Colour, Theme

_CAPITAL = 0.683  # cap height of the formula face, in em


def formula(source: str, colour: Colour, size: float) -> MathTypst:
    """A formula in one colour, at font size `size` in scene units. `source` is Typst mathematics, never user text."""
    set_formula = MathTypst(source, color=_hexadecimal(colour))
    set_formula.scale(size / _em())
    return set_formula


def _em() -> float:
    """Scene units per em of Typst's default setting (a 48-point Manim font)."""
    return 0.4608


ATTENTION_FORMULA = (
    'op("Attention")(Q, K, V) = {{ "softmax" : softmax }} lr(( {{ Q K^top : scores }} '
    "thin {{ slash thin sqrt(d_k) : scaling }} {{ + M : mask }} thin )) thin {{ V : values }}"
)


class HeaderFormula(VGroup):
    """The governing formula; one term is lit, the rest is dim. It is the map of the chapter."""

    SIZE = 0.42

    def __init__(self, source: str, theme: Theme, terms: tuple[str, ...]) -> None:
        super().__init__()
        self.theme = theme
        self.set_formula = formula(source, theme.ink, self.SIZE)
        self.add(self.set_formula)
        self.terms: Mapping[str, VGroup] = {term: self.set_formula.select(term) for term in terms}
        self.light()

    def light(self, *lit: str) -> HeaderFormula:
        """Light these terms in the focus colour; "all" lights the whole formula."""
        if "all" in lit:
            self.set_formula.set_color(_hexadecimal(self.theme.ink)).set_opacity(1)
            return self
        self.set_formula.set_color(_hexadecimal(self.theme.quiet)).set_opacity(0.55)
        for term in lit:
            self.terms[term].set_color(_hexadecimal(self.theme.hue("focus"))).set_opacity(1)
        return self
