"""Colours: what each hue means in each theme, and the ramps that turn values into colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from scenes.stage.paint.layout import LABEL, SMALL, Type

Colour = tuple[float, float, float]
DIM = 0.34  # how bright is what steps back
EXPONENT = 0.6  # of the ramp of weights: small ones are told apart as well as large ones
LIFT, SINK = 0.8, 0.4  # exponents of positive and negative cells: middling ones are not murky
ALMOST_ZERO = 0.03  # of the largest value: below it a ring has not yet its thickness


def rgb(hexadecimal: str) -> Colour:
    """`#E69F00` → (0.90, 0.62, 0.0)."""
    digits = hexadecimal.lstrip("#")
    return tuple(int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))  # type: ignore[return-value]


def luminance(colour: np.ndarray | Colour) -> np.ndarray:
    """Relative luminance of sRGB colours (..., 3) → (...), WCAG 2.1."""
    channels = np.asarray(colour, dtype=float)
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(first: np.ndarray | Colour, second: np.ndarray | Colour) -> np.ndarray:
    """Contrast ratio of two colours, 1 to 21, WCAG 2.1."""
    a, b = luminance(first), luminance(second)
    return (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)


def mix(first: np.ndarray | Colour, second: np.ndarray | Colour, amount: np.ndarray | float) -> np.ndarray:
    """`first` at amount 0, `second` at 1; amounts (...) give colours (..., 3)."""
    weight = np.asarray(amount, dtype=float)[..., None]
    return np.asarray(first) * (1 - weight) + np.asarray(second) * weight


@dataclass(frozen=True)
class CellColours:
    """How cells look: `fill` and `ring` (..., 3) are colours, `edge` (...) is how thick the ring is, 0 none to 1."""

    fill: np.ndarray
    ring: np.ndarray
    edge: np.ndarray

    def __getitem__(self, index: Any) -> CellColours:
        return CellColours(self.fill[index], self.ring[index], self.edge[index])

    def towards(self, other: CellColours, amount: float) -> CellColours:
        """`amount` of the way from these to the others."""
        pairs = ((self.fill, other.fill), (self.ring, other.ring), (self.edge, other.edge))
        return CellColours(*(first + (last - first) * amount for first, last in pairs))


@dataclass(frozen=True)
class Theme:
    """One theme. `hues` holds a colour for each meaning; `sequential` the ramp of the attention weights.

    block: share of its hue in the filling of a block of the model; zero: that in a cell that is zero; hollow: that in
    the inside of the most negative; faintest: that in the faintest ring; ring: thickness of the strongest ring, as a
    share of a cell; cards: tints of the heads' cards; dim: how bright is what steps back; scale: how much larger than
    usual all type is.
    """

    name: str
    background: Colour
    surface: Colour
    ink: Colour
    quiet: Colour
    rule: Colour
    hues: Mapping[str, Colour]
    sequential: tuple[Colour, ...]
    cards: tuple[Colour, ...]
    block: float
    zero: float
    hollow: float
    faintest: float
    ring: float
    dim: float = DIM
    scale: float = 1.0

    def __deepcopy__(self, memo: dict) -> Theme:
        return self

    @property
    def scheme(self) -> str:
        """`dark` or `light`, as browsers call what a page stands on."""
        return "dark" if luminance(self.background) < luminance(self.ink) else "light"

    def size(self, name: Type) -> float:
        """A size of type, in scene units."""
        return name.value * self.scale

    def fitting(self, limit: float, largest: Type = LABEL) -> float:
        """The largest size of type, up to `largest`, that is no larger than `limit`; the smallest, if none is."""
        sizes = [self.size(name) for name in Type if name.value <= largest.value]  # from the largest on
        if self.scale > 1:
            sizes.append(SMALL.value)  # where large type finds no room
        return next((size for size in sizes if size <= limit), sizes[-1])

    def hue(self, meaning: str) -> Colour:
        return self.hues[meaning]

    def block_fill(self, hue: np.ndarray | Colour) -> np.ndarray:
        """What a block of the model with an edge of that hue is filled with."""
        return mix(self.background, hue, self.block)

    def weight_colour(self, weights: np.ndarray) -> np.ndarray:
        """Colours of attention weights 0…1 on the sequential ramp."""
        values = np.clip(np.nan_to_num(weights, neginf=0.0), 0, 1) ** EXPONENT
        return _on_ramp(self.sequential, values)

    def weight_cells(self, weights: np.ndarray) -> CellColours:
        """Cells of attention weights: full, on the sequential ramp."""
        fill = self.weight_colour(weights)
        return CellColours(fill, fill, np.zeros(np.shape(weights)))

    def signed_colour(self, values: np.ndarray, meaning: str, limit: float) -> np.ndarray:
        """The insides of cells of signed values, all of them in the hue of `meaning`.

        The more positive, the further from the ground; zero is quiet; the more negative, the nearer to the ground. So
        they also do alone, where there is no room for a ring.
        """
        hue, size = self.hue(meaning), _share(values, limit)
        nothing = mix(self.surface, hue, self.zero)
        deep = mix(self.background, hue, self.hollow)
        positive, negative = mix(nothing, hue, size**LIFT), mix(nothing, deep, size**SINK)
        colours = np.where((np.asarray(values) < 0)[..., None], negative, positive)
        return np.where(np.isneginf(values)[..., None], np.asarray(self.surface), colours)

    def signed_cells(self, values: np.ndarray, meaning: str, limit: float) -> CellColours:
        """Cells of signed values: filled where positive, a ring in the same hue where negative."""
        size = _share(values, limit)
        ring = mix(self.background, self.hue(meaning), self.faintest + (1 - self.faintest) * size)
        hollow = (np.asarray(values) < 0) & ~np.isneginf(values)
        edge = np.where(hollow, np.minimum(size / ALMOST_ZERO, 1) * (0.55 + 0.45 * size), 0.0)
        return CellColours(self.signed_colour(values, meaning, limit), ring, edge)

    def card_tint(self, share: float) -> Colour:
        """The tint of a head's card, from the first head (0) to the last (1)."""
        return tuple(float(channel) for channel in _on_ramp(self.cards, np.array(share)))  # type: ignore[return-value]


def _share(values: np.ndarray, limit: float) -> np.ndarray:
    """Magnitudes as shares of the limit, 0 to 1; what is infinite has none."""
    return np.clip(np.abs(np.nan_to_num(values, neginf=0.0, posinf=0.0)) / (limit or 1), 0, 1)


def _on_ramp(ramp: tuple[Colour, ...], values: np.ndarray) -> np.ndarray:
    """Colours at values 0…1 of an even ramp.  # (..., 3)"""
    stops, colours = np.linspace(0, 1, len(ramp)), np.array(ramp)
    return np.stack([np.interp(values, stops, colours[:, channel]) for channel in range(3)], axis=-1)


DARK = Theme(
    name="dark",
    background=rgb("#0F1218"),
    surface=rgb("#1A1F29"),
    ink=rgb("#E8EAED"),
    quiet=rgb("#9AA3B2"),
    rule=rgb("#2E3644"),
    hues={
        "x": rgb("#9DB2BF"),
        "q": rgb("#E69F00"),
        "k": rgb("#56B4E9"),
        "v": rgb("#2FBF95"),
        "learned": rgb("#B9A3E3"),
        "scores": rgb("#E08CBB"),
        "weights": rgb("#FFD89C"),
        "mask": rgb("#8A93A3"),
        "focus": rgb("#FFFFFF"),
        "output": rgb("#F0793A"),
        "positions": rgb("#D2D07A"),
    },
    sequential=tuple(rgb(c) for c in ("#1A191E", "#4E3225", "#7D512B", "#AC7434", "#D69C45", "#F6C979", "#FFF9EB")),
    cards=(rgb("#7FD6D2"), rgb("#C3A6F2"), rgb("#F5A98C")),
    block=0.24,
    zero=0.18,
    hollow=0.07,
    faintest=0.5,
    ring=0.075,
)

LIGHT = Theme(
    name="light",
    background=rgb("#FFFFFF"),
    surface=rgb("#F1F3F6"),
    ink=rgb("#14181F"),
    quiet=rgb("#596273"),
    rule=rgb("#CBD2DC"),
    hues={
        "x": rgb("#4F6676"),
        "q": rgb("#9A6200"),
        "k": rgb("#0B6AA6"),
        "v": rgb("#007355"),
        "learned": rgb("#6A4BB0"),
        "scores": rgb("#A63F7C"),
        "weights": rgb("#7D461B"),
        "mask": rgb("#6B7482"),
        "focus": rgb("#000000"),
        "output": rgb("#B5430B"),
        "positions": rgb("#6E6B0C"),
    },
    sequential=tuple(rgb(c) for c in ("#F9EFE1", "#EEC076", "#D39132", "#AA6923", "#7D461B", "#51270E", "#230E00")),
    cards=(rgb("#0B6E6E"), rgb("#6C3FB0"), rgb("#A3401F")),
    block=0.16,
    zero=0.16,
    hollow=0.02,
    faintest=0.5,
    ring=0.075,
)

PROJECTOR = Theme(
    name="projector",
    background=rgb("#FFFFFF"),
    surface=rgb("#E9EDF2"),
    ink=rgb("#000000"),
    quiet=rgb("#3A4352"),
    rule=rgb("#8994A5"),
    hues={
        "x": rgb("#33495A"),
        "q": rgb("#875200"),
        "k": rgb("#005A92"),
        "v": rgb("#006148"),
        "learned": rgb("#53379B"),
        "scores": rgb("#8F2467"),
        "weights": rgb("#5A2D10"),
        "mask": rgb("#4B5566"),
        "focus": rgb("#000000"),
        "output": rgb("#9A3200"),
        "positions": rgb("#575400"),
    },
    sequential=tuple(rgb(c) for c in ("#F8ECDB", "#EEBC67", "#D08E29", "#A7651A", "#784218", "#4B240D", "#1B0900")),
    cards=(rgb("#005858"), rgb("#53379B"), rgb("#8A3010")),
    block=0.22,
    zero=0.24,
    hollow=0.0,
    faintest=0.65,
    ring=0.1,
    dim=0.5,
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT, PROJECTOR)}
SCALES = {"normal": 1.0, "large": 1.35}  # of type
ACCENTS = {  # hues that may be others, by what they mean to those who choose them
    "input": "x",
    "query": "q",
    "key": "k",
    "value": "v",
    "learned": "learned",
    "scores": "scores",
    "weights": "weights",
    "mask": "mask",
    "output": "output",
    "positions": "positions",
}


def theme_named(name: str, size: str = "normal", colours: Mapping[str, str] = MappingProxyType({})) -> Theme:
    """The theme of that name, with type of that size. colours: other hues by meaning, of ACCENTS, as `#rrggbb`.

    Where weights have another hue, so has the ramp of their light, every step of it as bright as it was.
    """
    theme = replace(THEMES[name], scale=SCALES[size])
    hues = {ACCENTS[meaning]: rgb(colour) for meaning, colour in colours.items()}
    if "weights" in hues:
        ramp = tuple(as_bright(hues["weights"], step) for step in theme.sequential)
        theme = replace(theme, sequential=ramp)
    return replace(theme, hues={**theme.hues, **hues}) if hues else theme


def as_bright(hue: Colour, other: Colour) -> Colour:
    """A hue, nearer to black or to white, until it is as bright as another colour."""
    shares = np.linspace(0, 1, 101)
    way = np.vstack([mix((0, 0, 0), hue, shares), mix(hue, (1, 1, 1), shares)])  # (colours, 3)
    channels = (np.interp(luminance(other), luminance(way), way[:, channel]) for channel in range(3))
    return tuple(float(channel) for channel in channels)  # type: ignore[return-value]
