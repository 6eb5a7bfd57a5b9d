"""Colours: what can be told apart in every theme, on a good screen and on poor ones, and by eyes of both kinds.

Screens and eyes: as designed; a projector in a bright hall, whose black is 18% of its white; shades of grey; eyes
without green cones, or without red ones.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import cairo
import numpy as np
import pytest

from core.trace import Tensor
from scenes.stage.matrix.cells import BLACK, WHITE, Cells
from scenes.stage.paint.eyes import apart, deuteranopic, encoded, lab, linear, protanopic
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.theme import DARK, LIGHT, PROJECTOR, CellColours, Theme, contrast, luminance

THEMES = [DARK, LIGHT, PROJECTOR]
MEANINGS = sorted(DARK.hues)
SIGNED = [meaning for meaning in MEANINGS if meaning not in ("weights", "focus", "mask")]
SIZES = (0.1, 0.25, 0.5, 1.0)  # magnitudes at which signs are told apart
WASH = 0.18  # of a projector's white: its black in a bright hall
Seen = Callable[[np.ndarray], np.ndarray]

themes = pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)


def washed_out(colours: np.ndarray) -> np.ndarray:
    return encoded(WASH + (1 - WASH) * linear(colours))


def in_grey(colours: np.ndarray) -> np.ndarray:
    return np.repeat(encoded(luminance(colours))[..., None], 3, axis=-1)


WAYS: dict[str, Seen] = {
    "as designed": np.asarray,
    "washed out": washed_out,
    "in grey": in_grey,
    "deuteranopia": deuteranopic,
}
ways = pytest.mark.parametrize("way", WAYS)
DIMMEST = (DARK, "washed out")  # where rings have to do what insides cannot


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


@themes
@ways
@pytest.mark.parametrize("meaning", SIGNED)
def test_signs_of_one_magnitude_are_told_apart(theme: Theme, way: str, meaning: str) -> None:
    """By what is inside a cell and, more still, by its ring."""
    seen = WAYS[way]
    for size in SIZES:
        inside, ring = seen(cells(theme, meaning, size, -size).fill), seen(cells(theme, meaning, size, -size).ring)
        assert apart(inside[0], inside[1]) >= (2 if (theme, way) == DIMMEST else 6) + 18 * size
        assert contrast(ring[1], inside[1]) >= 1.2 + 0.6 * size


@themes
@ways
@pytest.mark.parametrize("meaning", SIGNED)
def test_without_rings_darkness_alone_tells_negative_from_zero_from_positive(
    theme: Theme, way: str, meaning: str
) -> None:
    """The insides are in order of their values, so that pixels of an image show the sign, in grey as well."""
    shades = luminance(WAYS[way](theme.signed_colour(np.linspace(-1, 1, 41), meaning, 1.0)))
    steps = np.diff(shades if theme.scheme == "dark" else -shades)
    assert (steps > 0).all()
    lightness = 116 * np.cbrt(shades)
    assert abs(lightness[0] - lightness[20]) >= (2 if (theme, way) == DIMMEST else 4)
    assert abs(lightness[40] - lightness[20]) >= 20


@themes
def test_zero_and_what_may_not_be_seen_have_no_ring(theme: Theme) -> None:
    assert not cells(theme, "q", 0.0, -np.inf, 0.5).edge.any()
    assert (np.diff(cells(theme, "q", -0.05, -0.3, -1).edge) > 0).all()


@themes
@pytest.mark.parametrize("meaning", SIGNED)
def test_a_sign_survives_in_a_drawn_matrix_at_480_lines(theme: Theme, meaning: str) -> None:
    """In grey, washed out, of cells 0.3 wide: a negative cell is darkest at its rim, a positive one is even."""
    picture = drawn(theme, meaning, np.array([[1.0, -1.0], [-0.5, 0.5], [0.0, 0.25]]), 480, 0.3)
    shades = luminance(washed_out(in_grey(picture)))
    rim, middle = shades[:, :, 2:-2, 2:-2].copy(), shades[:, :, 8:-8, 8:-8].mean(axis=(2, 3))
    sign = 1 if theme.scheme == "dark" else -1
    outermost = (sign * rim).max(axis=(2, 3)) * sign
    hollow = (np.maximum(outermost, middle) + 0.05) / (np.minimum(outermost, middle) + 0.05)
    assert (hollow[[0, 1], [1, 0]] >= 1.2).all()
    assert (hollow[[0, 1, 2, 2], [0, 1, 0, 1]] <= 1.06).all()


def test_a_sign_changes_by_steps_too_small_to_see() -> None:
    """Between two tensors, and in a wave through the cells, filling, ring and its thickness all move evenly."""
    before, after = (
        Cells(Tensor("x", np.array([[1.0, value]]), ("rows", "columns")), "q", DARK) for value in (0.9, -0.7)
    )
    halfway = before.copy()
    halfway.interpolate_color(before, after, 0.5)
    waving = before.copy()
    waving.wave_between(before, after, np.array([[0.5, 0.5]]))
    middle = before.colours.towards(after.colours, 0.5)
    for cells_ in (halfway.colours, waving.colours):
        for name in ("fill", "ring", "edge"):
            np.testing.assert_allclose(getattr(cells_, name), getattr(middle, name))
            assert (getattr(cells_, name) != getattr(before, name))[0, 1].any()


# --- weights --------------------------------------------------------------------------------------------------------

LEAST = {  # contrast of weights with the ground
    "as designed": {0.1: 1.8, 0.3: 4.0, 0.66: 10.0},
    "in grey": {0.1: 1.8, 0.3: 4.0, 0.66: 10.0},
    "deuteranopia": {0.1: 1.7, 0.3: 3.7, 0.66: 9.0},
    "washed out": {0.1: 1.1, 0.3: 1.5, 0.66: 2.4},
}


@themes
@ways
def test_weights_stand_out_from_the_ground(theme: Theme, way: str) -> None:
    ground = WAYS[way](np.array(theme.background))
    for weight, least in LEAST[way].items():
        assert contrast(WAYS[way](theme.weight_colour(np.array(weight))), ground) >= least


def test_a_projector_shows_weights_and_signs_better_in_its_own_theme() -> None:
    for theme in (DARK, LIGHT):
        for weight in (0.05, 0.1, 0.3, 0.66):
            assert _washed(PROJECTOR, PROJECTOR.weight_colour(np.array(weight))) > _washed(
                theme, theme.weight_colour(np.array(weight))
            )
        for meaning in SIGNED:
            assert _washed(PROJECTOR, cells(PROJECTOR, meaning, -0.25).ring[0]) > 1.2 * _washed(
                theme, cells(theme, meaning, -0.25).ring[0]
            )
    assert PROJECTOR.dim >= 0.45


def _washed(theme: Theme, colour: np.ndarray) -> float:
    return float(contrast(washed_out(colour), washed_out(np.array(theme.background))))


@themes
@ways
def test_the_ramp_of_weights_runs_one_way_in_brightness(theme: Theme, way: str) -> None:
    shades = luminance(WAYS[way](theme.weight_colour(np.linspace(0, 1, 101))))
    assert (np.diff(shades if theme.scheme == "dark" else -shades) > 0).all()


@themes
def test_the_ramp_of_weights_is_even_in_lightness(theme: Theme) -> None:
    steps = np.abs(np.diff(lab(np.array(theme.sequential))[:, 0]))
    assert steps.max() < 1.3 * steps.min()


# --- hues -----------------------------------------------------------------------------------------------------------


@themes
@pytest.mark.parametrize(("seen", "least"), [(np.asarray, 40), (deuteranopic, 20), (protanopic, 20)])
def test_queries_keys_and_values_are_told_apart_by_hue(theme: Theme, seen: Seen, least: float) -> None:
    for first, second in combinations("qkv", 2):
        assert apart(*seen(np.array([theme.hue(first), theme.hue(second)]))) >= least


@themes
def test_focus_has_no_hue(theme: Theme) -> None:
    _, a, b = lab(np.array(theme.hue("focus")))
    assert np.hypot(a, b) < 2
    assert contrast(theme.hue("focus"), theme.background) >= contrast(theme.ink, theme.background)


def test_simulations_are_those_of_the_sources() -> None:
    """Published: white stays white to every eye; deuteranopes hardly tell this red from this green."""
    np.testing.assert_allclose(deuteranopic(np.ones(3)), 1, atol=2e-3)
    red, green = np.array([0.75, 0.25, 0.1]), np.array([0.45, 0.45, 0.1])
    assert apart(deuteranopic(red), deuteranopic(green)) < 0.4 * apart(red, green)
    np.testing.assert_allclose(protanopic(np.ones(3)), 1, atol=2e-3)
    assert luminance(protanopic(np.array([1.0, 0.0, 0.0]))) < 0.6 * luminance(np.array([1.0, 0.0, 0.0]))
    assert contrast(washed_out(np.ones(3)), washed_out(np.zeros(3))) == pytest.approx(1.05 / 0.23)
