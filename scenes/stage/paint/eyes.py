"""How colours look to other eyes, and how far apart they are.

Deuteranopia, protanopia: Machado, Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color
vision deficiency", severity 1.0. Distances: CIE 1976 ΔE under D65.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scenes.stage.paint.theme import Colour

_DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
_PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colours: np.ndarray) -> np.ndarray:
    """sRGB, 0…1, as light.  # (..., 3)"""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def encoded(light: np.ndarray) -> np.ndarray:
    """Light, 0…1, as sRGB.  # (..., 3)"""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def deuteranopic(colours: np.ndarray) -> np.ndarray:
    """Colours (sRGB) as eyes without the green cones see it.  # (..., 3)"""
    return encoded(linear(colours) @ _DEUTERANOPIA.T)


def protanopic(colours: np.ndarray) -> np.ndarray:
    """Colours (sRGB) as eyes without the red cones see it.  # (..., 3)"""
    return encoded(linear(colours) @ _PROTANOPIA.T)


EYES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "": np.asarray,
    "deuteranopia": deuteranopic,
    "protanopia": protanopic,
}


def lab(colours: np.ndarray | Colour) -> np.ndarray:
    """CIE 1976 L*a*b* of sRGB colours.  # (..., 3)"""
    ratios = linear(np.asarray(colours)) @ _TO_XYZ.T / _WHITE
    root = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def apart(first: np.ndarray | Colour, second: np.ndarray | Colour) -> np.ndarray:
    """Distance of colours as seen, ΔE.  # (...)"""
    return np.linalg.norm(lab(first) - lab(second), axis=-1)
