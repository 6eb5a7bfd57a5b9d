"""Colours of a lesson's own: can they be read on the ground of its theme, and told apart, by eyes of every kind?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from core.examples.faults import Fault, listed
from scenes.stage.paint.eyes import EYES, apart
from scenes.stage.paint.theme import ACCENTS, THEMES, Theme, contrast, rgb
from studio.lessons.fields import COLOURS

LEAST_CONTRAST = {"weights": 4.5, "mask": 4.5}  # with the ground, WCAG 2.1; of all others:
SIGNED_CONTRAST = 5.0  # the strongest cell of a signed matrix stands out
LEAST_APART = 15.0  # ΔE of any two meanings
APART_IN_QKV = {"": 40.0, "deuteranopia": 20.0, "protanopia": 20.0}  # of query, key and value, whoever looks
TRIO = ("query", "key", "value")


def colour_faults(file: str, colours: Mapping[str, str], theme: str) -> Iterator[Fault]:
    """Hues that cannot be read on the theme's ground, and pairs that are not told apart."""
    palette = THEMES[theme]
    for meaning, colour in colours.items():
        yield from _too_faint(file, meaning, colour, palette)
    hues = {
        meaning: rgb(colours[meaning]) if meaning in colours else palette.hue(ACCENTS[meaning]) for meaning in ACCENTS
    }
    for pair in combinations(ACCENTS, 2):
        if any(meaning in colours for meaning in pair):
            yield from _too_near(file, pair, [np.array(hues[meaning]) for meaning in pair], colours)


def _too_faint(file: str, meaning: str, colour: str, theme: Theme) -> Iterator[Fault]:
    least = LEAST_CONTRAST.get(meaning, SIGNED_CONTRAST)
    found = float(contrast(rgb(colour), theme.background))
    if found < least:
        told = f"{colour}, whose contrast with the ground of the theme {theme.name} is {found:.1f}"
        yield Fault(file, f"{COLOURS}.{meaning}", told, f"a contrast of at least {least:g}")


def _too_near(file: str, pair: tuple[str, str], hues: list[np.ndarray], own: Mapping[str, str]) -> Iterator[Fault]:
    """The first kind of eyes to which two meanings look alike."""
    trio = set(pair) <= set(TRIO)
    for eyes, least in APART_IN_QKV.items() if trio else {"": LEAST_APART}.items():
        found = float(apart(*(EYES[eyes](hue) for hue in hues)))
        if found < least:
            field = next(meaning for meaning in pair if meaning in own)
            to_whom = f" with {eyes}" if eyes else ""
            told = f"{listed(pair, 'and')} that look alike{to_whom}: ΔE {found:.0f}"
            yield Fault(file, f"{COLOURS}.{field}", told, f"colours at least ΔE {least:g} apart{to_whom}")
            return
