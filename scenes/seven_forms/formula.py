"""The seven forms of attention: their formulas, the new term of each, and what each is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.stage.paint.formula import Formula
from scenes.stage.paint.layout import TEXT
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Theme

FORMS = ("bare", "learned", "scaled", "padding", "causal", "cross", "multi_head")


@dataclass(frozen=True)
class FormFormula:
    """source: Typst mathematics; new: the names of the parts that this form brings; short: for where room is scarce."""

    source: str
    new: tuple[str, ...]
    short: str = ""


def _scaled(mask: str = "") -> str:
    inside = f"Q K^top thin slash thin sqrt(d_k) {mask}" if mask else "Q K^top thin {{ slash thin sqrt(d_k) : scale }}"
    return f'"softmax" lr(( {inside} )) thin V'


FORMULAS = {
    "bare": FormFormula('"softmax" lr(( {{ X : q }} thin {{ X^top : k }} )) thin {{ X : v }}', ("q", "k", "v")),
    "learned": FormFormula(
        '"softmax" lr(( X {{ W_Q : q }} thin (X {{ W_K : k }})^top )) thin X {{ W_V : v }}',
        ("q", "k", "v"),
        '"softmax"({{ Q : q }} {{ K^top : k }}) thin {{ V : v }}',
    ),
    "scaled": FormFormula(_scaled(), ("scale",), '"softmax"(Q K^top {{ slash sqrt(d_k) : scale }}) V'),
    "padding": FormFormula(
        _scaled('{{ + thin M_"[PAD]" : mask }}'), ("mask",), '"softmax"(dots {{ + M_"[PAD]" : mask }}) V'
    ),
    "causal": FormFormula(
        _scaled("{{ + thin M_(j > i) : mask }}"), ("mask",), '"softmax"(dots {{ + M_(j > i) : mask }}) V'
    ),
    "cross": FormFormula(
        '"softmax" lr(( {{ Y : other }} W_Q thin (X W_K)^top slash thin sqrt(d_k) )) thin X W_V',
        ("other",),
        '"softmax"({{ Q_Y : other }} K^top slash sqrt(d_k)) V',
    ),
    "multi_head": FormFormula(
        '{{ op("Concat")_i : join }} lr(bracket.l thin "softmax" '
        "lr(( {{ Q_i K_i^top : scores }} thin slash thin sqrt(d_k) )) thin {{ V_i : values }} thin bracket.r) "
        "thin {{ W_O : output }}",
        ("join", "scores", "values", "output"),
        '{{ op("Concat")_i : join }} lr(( {{ op("head")_i : scores }} )) thin {{ W_O : output }}',
    ),
}


def lit_formula(form: str, theme: Theme) -> Formula:
    """The short formula of a form, all of it to be read, its new term in the colour of the focus."""
    known = FORMULAS[form]
    sign = Formula(known.short or known.source, theme.ink, theme.size(TEXT))
    for name in set(known.new) & sign.parts.keys():
        sign.parts[name].set_color(hexadecimal(theme.hue("focus")))
    return sign
