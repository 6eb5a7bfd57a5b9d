"""Colours: what can be told apart in every theme, on a good screen and on poor ones, and by eyes of both kinds.

Screens and eyes: as designed; a projector in a bright hall, whose black is 18% of its white; shades of grey;
deuteranopia (Machado, Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision
deficiency", severity 1.0).
"""

from __future__ import annotations

from collections.abc import Callable

import cairo
import numpy as np
import pytest

from core.trace import Tensor
from scenes.stage.matrix.cells import BLACK, WHITE, Cells
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.theme import DARK, LIGHT, PROJECTOR, CellColours, Theme, contrast, luminance

THEMES = [DARK, LIGHT, PROJECTOR]
MEANINGS = sorted(DARK.hues)
SIGNED = [meaning for meaning in MEANINGS if meaning not in ("weights", "focus", "mask")]
SIZES = (0.1, 0.25, 0.5, 1.0)  # magnitudes at which signs are told apart
WASH = 0.18  # of a projector's white: its black in a bright hall
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
Seen = Callable[[np.ndarray], np.ndarray]

themes = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)


def linear(colours: np.ndarray) -> np.ndarray:
    """sRGB, 0…1, as light."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    """Light, 0…1, as sRGB."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def washed_out(colours: np.ndarray) -> np.ndarray:
    return encoded(WASH + (1 - WASH) * linear(colours))


def in_grey(colours: np.ndarray) -> np.ndarray:
    return np.repeat(encoded(luminance(colours))[..., None], 3, axis=-1)


def deuteranopic(colours: np.ndarray) -> np.ndarray:
    return encoded(linear(colours) @ DEUTERANOPIA.T)


WAYS: dict[str, Seen] = {
    "as designed": np.asarray,
    "washed out": washed_out,
    "in grey": in_grey,
    "deuteranopia": deuteranopic,
}
ways = pytest.mark.parametrize("way", WAYS)


def lab(colours: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of sRGB colours under D65.  # (..., 3)"""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratios = linear(np.asarray(colours)) @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    root = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Distance of colours as seen, CIE 1976 ΔE."""
    return np.linalg.norm(lab(np.asarray(first)) - lab(np.asarray(second)), axis=-1)


def cells(theme: Theme, meaning: str, *values: float) -> CellColours:
    """Cells of these values, the strongest possible being 1."""
    return theme.signed_cells(np.array(values), meaning, 1.0)


def drawn(theme: Theme, meaning: str, values: np.ndarray, height: int, side: float) -> np.ndarray:
    """A matrix as painted in a picture `height` pixels high, its cells `side` wide.  # (rows, columns, h, w, 3)"""
    rows, columns = values.shape
    matrix = Cells(Tensor("x", values, ("rows", "columns")), meaning, theme)
    matrix.set_box(Box(0, columns * side, 0, rows * side))
    matrix.shown, matrix.numbers = np.ones(values.shape), np.zeros(1)
    scale = height / 8  # a picture is 8 units high
    pixels = round(side * scale)
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, columns * pixels, rows * pixels)
    context = cairo.Context(surface)
    context.set_source_rgb(*theme.background[::-1])
    context.paint()
    context.scale(pixels / side, -pixels / side)
    context.translate(0, -rows * side)
    matrix.paint(Brush(context))
    data = np.ndarray((rows * pixels, surface.get_stride() // 4, 4), np.uint8, surface.get_data())
    image = data[:, : columns * pixels, :3] / 255
    return image.reshape(rows, pixels, columns, pixels, 3).swapaxes(1, 2)


# --- text ---------------------------------------------------------------------------------------------------------


@themes
@pytest.mark.parametrize("colour", ["ink", "quiet"])
def test_text_stands_out_from_what_it_stands_on(theme: Theme, colour: str) -> None:
    for ground in (theme.background, theme.surface):
        assert contrast(getattr(theme, colour), ground) >= 4.5


@themes
@pytest.mark.parametrize("meaning", [meaning for meaning in MEANINGS if meaning != "mask"])
def test_a_hue_can_be_read_as_text(theme: Theme, meaning: str) -> None:
    assert contrast(theme.hue(meaning), theme.background) >= 4.5


@themes
@pytest.mark.parametrize("meaning", [*SIGNED, "mask", "weights"])
def test_numbers_can_be_read_on_every_cell(theme: Theme, meaning: str) -> None:
    values = np.concatenate([np.linspace(-1, 1, 400), [-np.inf, np.inf]])
    fills = theme.weight_colour(values) if meaning == "weights" else theme.signed_colour(values, meaning, 1.0)
    best = np.maximum(contrast(np.array(WHITE), fills), contrast(np.array(BLACK), fills))
    assert best.min() >= 4.5


# --- signed cells ---------------------------------------------------------------------------------------------------


@themes
@pytest.mark.parametrize("meaning", SIGNED)
def test_the_strongest_cell_of_either_sign_stands_out_from_the_ground(theme: Theme, meaning: str) -> None:
    strongest = cells(theme, meaning, 1, -1)
    assert contrast(strongest.fill[0], theme.background) >= 5
    assert contrast(strongest.ring[1], theme.background) >= 5
    assert contrast(strongest.fill[1], theme.background) < 1.3
