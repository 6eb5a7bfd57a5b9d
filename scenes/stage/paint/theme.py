"""Colours: what each hue means, in the dark and in the light theme, and the ramps that turn values into colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenes.stage.paint.layout import Type

Colour = tuple[float, float, float]
DIM = 0.28  # how bright is what steps back


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
class Theme:
    """One theme. `hues` holds a colour for each meaning; `sequential` the ramp of the attention weights.

    scale: how much larger than usual all type is.
    """

    name: str
    background: Colour
    surface: Colour
    ink: Colour
    quiet: Colour
    rule: Colour
    hues: Mapping[str, Colour]
    negative: Colour
    strength: float
    sequential: tuple[Colour, ...]
    scale: float = 1.0

    def __deepcopy__(self, memo: dict) -> Theme:
        return self

    def size(self, name: Type) -> float:
        """A size of type, in scene units."""
        return name.value * self.scale

    def hue(self, meaning: str) -> Colour:
        return self.hues[meaning]

    def block_fill(self, hue: np.ndarray | Colour) -> np.ndarray:
        """What a block of the model with an edge of that hue is filled with."""
        return mix(self.background, hue, 0.24 if self.name == "dark" else 0.16)

    def weight_colour(self, weights: np.ndarray) -> np.ndarray:
        """Colours of attention weights 0…1 on the sequential ramp."""
        stops = np.linspace(0, 1, len(self.sequential))
        ramp = np.array(self.sequential)
        values = np.clip(np.nan_to_num(weights, neginf=0.0), 0, 1)
        return np.stack([np.interp(values, stops, ramp[:, channel]) for channel in range(3)], axis=-1)

    def signed_colour(self, values: np.ndarray, meaning: str, limit: float) -> np.ndarray:
        """Colours of signed values: brighter in the hue of `meaning` as they grow, in a cooler tint when negative."""
        size = np.clip(np.abs(np.nan_to_num(values, neginf=0.0, posinf=0.0)) / (limit or 1), 0, 1)
        positive = mix(self.surface, self.hue(meaning), self.strength * (0.18 + 0.82 * size))
        cool = np.asarray(mix(self.hues.get(f"negative {meaning}", self.negative), self.hue(meaning), 0.12))
        negative = mix(self.surface, cool, self.strength * (0.18 + 0.82 * size))
        colours = np.where((np.asarray(values) < 0)[..., None], negative, positive)
        return np.where(np.isneginf(values)[..., None], np.asarray(self.surface), colours)


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
        "weights": rgb("#F3DC6B"),
        "mask": rgb("#8A93A3"),
        "focus": rgb("#F0E442"),
        "output": rgb("#F0793A"),
        "negative learned": rgb("#4E93A8"),
        "positions": rgb("#E8C08A"),
        "negative positions": rgb("#3FA7B5"),
    },
    negative=rgb("#7A72D6"),
    strength=0.56,
    sequential=tuple(rgb(c) for c in ("#141B2E", "#00306F", "#3F4D6C", "#6B6E74", "#98916F", "#CBB75D", "#FDE737")),
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
        "weights": rgb("#00306F"),
        "mask": rgb("#6B7482"),
        "focus": rgb("#C2410C"),
        "output": rgb("#B5430B"),
        "negative learned": rgb("#2C7A92"),
        "positions": rgb("#8A5A1E"),
        "negative positions": rgb("#157583"),
    },
    negative=rgb("#6058C0"),
    strength=0.5,
    sequential=tuple(rgb(c) for c in ("#E4F0FA", "#A6CFEB", "#6AADDA", "#3B87C5", "#2262A5", "#173F7B", "#0B214E")),
)

_THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


def theme_named(name: str) -> Theme:
    return _THEMES[name]
