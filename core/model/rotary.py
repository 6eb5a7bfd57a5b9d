"""Rotary embedding: queries and keys are turned by their positions, pair by pair, so that a score depends on distance.

A pair of numbers is a point in a plane. Pair i of a token at position p is turned by the angle p · θ_i, where
θ_i = base^(−2i / width): the first pairs turn fast, the last ones slowly. The product of a turned query and a turned
key then holds their positions' difference alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.softmax import float_dtype, rounded, working_dtype

Array = NDArray[Any]

BASE = 10_000.0


@dataclass(frozen=True)
class Rotary:
    """How heads are turned.

    base: of the angles; width: how many of a head's numbers are turned, from the first on, None for all;
    interleaved: whether neighbours (0, 1), (2, 3), … are pairs, or else the halves (0, width/2), (1, width/2 + 1), …;
    scaling: what positions are divided by, so that more of them fit into the angles that training has seen.
    """

    base: float = BASE
    width: int | None = None
    interleaved: bool = False
    scaling: float = 1.0


def rotary_frequencies(width: int, *, base: float = BASE, scaling: float = 1.0) -> Array:
    """By how much each pair turns from one position to the next: base^(−2i / width) / scaling, float64 (width / 2,).

    Raises ValueError for a width that is odd or below 2, and for a base or scaling that is not positive and finite.
    Sources: Su et al. (2021), "RoFormer", section 3.2.2; scaling: Chen et al. (2023), "Extending Context Window of
    Large Language Models via Positional Interpolation", equation 4.
    """
    if width < 2 or width % 2:
        raise ValueError(f"found a rotary width of {width}; expected an even number of at least 2")
    for name, number in (("base", base), ("scaling", scaling)):
        if not 0 < number < np.inf:
            raise ValueError(f"found a {name} of {number}; expected a positive finite number")
    pairs = np.arange(width // 2)
    frequencies: Array = float(base) ** (-2 * pairs / width) / scaling
    return frequencies


def rotary_wavelengths(width: int, *, base: float = BASE, scaling: float = 1.0) -> Array:
    """After how many positions each pair is where it began: 2π / θ_i, float64 (width / 2,).

    Raises ValueError as `rotary_frequencies`. Source: Peng et al. (2023), "YaRN", section 2.2.
    """
    return 2 * np.pi / rotary_frequencies(width, base=base, scaling=scaling)


def stretched_base(width: int, factor: float, *, base: float = BASE) -> float:
    """The base under which the slowest pair turns `factor` times slower and the fastest as before.

    base · factor^(width / (width − 2)), the "NTK-aware" scaling.

    Raises ValueError for a width that is odd or below 4, and for a factor that is not positive and finite.
    Source: Peng et al. (2023), "YaRN", section 3.1.
    """
    if width < 4 or width % 2:
        raise ValueError(f"found a rotary width of {width}; expected an even number of at least 4")
    if not 0 < factor < np.inf:
        raise ValueError(f"found a factor of {factor}; expected a positive finite number")
    return float(base * factor ** (width / (width - 2)))


def turn_pairs(x: ArrayLike, cosines: ArrayLike, sines: ArrayLike, *, interleaved: bool = False) -> Array:
    """Turn the pairs of x: (a, b) becomes (a cos − b sin, a sin + b cos).

    x: (…, tokens, d); cosines, sines: (…, tokens, pairs), which broadcast; the first 2 · pairs numbers of x are turned,
    those behind them left. interleaved: neighbours are pairs, else the halves of the turned part.
    Results have the widest float dtype of the three.

    Raises ValueError, naming the shapes, if x has fewer than 2 · pairs columns or shapes do not fit.
    Source: ONNX, operator RotaryEmbedding.
    """
    x, cosines, sines = np.asarray(x), np.asarray(cosines), np.asarray(sines)
    _check_shapes(x, cosines, sines)
    dtype = float_dtype(x, cosines, sines)
    x, cosines, sines = (array.astype(working_dtype(dtype)) for array in (x, cosines, sines))
    pairs = cosines.shape[-1]
    turned = x.copy()
    if interleaved:
        first, second = slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)
    else:
        first, second = slice(0, pairs), slice(pairs, 2 * pairs)
    a, b = x[..., first], x[..., second]  # (…, tokens, pairs)
    turned[..., first] = a * cosines - b * sines
    turned[..., second] = a * sines + b * cosines
    return rounded(turned, dtype)


def rotary_embedding(x: ArrayLike, positions: ArrayLike, rotary: Rotary | None = None) -> Array:
    """Turn each token of x by its position.

    x: (…, tokens, d), queries or keys of one head or several; positions: (tokens,), or any shape (…, tokens) that
    broadcasts; rotary: `Rotary()` if not given. Angles are computed in float64, results have x's float dtype.

    Raises ValueError if the width turned is odd, wider than d, or shapes do not fit.
    Source: Su et al. (2021), "RoFormer: Enhanced Transformer with Rotary Position Embedding", equation 34; turning a
    part alone: Black et al. (2022), "GPT-NeoX-20B", section 2.1.1.
    """
    rotary, x = rotary or Rotary(), np.asarray(x)
    width = (x.shape[-1] if x.ndim else 0) if rotary.width is None else rotary.width
    frequencies = rotary_frequencies(width, base=rotary.base, scaling=rotary.scaling)
    angles = np.asarray(positions)[..., None] * frequencies  # (…, tokens, pairs)
    dtype = float_dtype(x)
    cosines, sines = (wave(angles).astype(working_dtype(dtype)) for wave in (np.cos, np.sin))
    return rounded(turn_pairs(x, cosines, sines, interleaved=rotary.interleaved), dtype)


def _check_shapes(x: Array, cosines: Array, sines: Array) -> None:
    found = f"x has shape {x.shape}, cosines {cosines.shape}, sines {sines.shape}"
    if cosines.shape != sines.shape or min(x.ndim, cosines.ndim) < 1 or x.shape[-1] < 2 * cosines.shape[-1]:
        raise ValueError(f"{found}; expected (…, tokens, d) and twice (…, tokens, pairs), d at least 2 · pairs")
    try:
        fits = np.broadcast_shapes(x.shape[:-1], cosines.shape[:-1]) == x.shape[:-1]
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{found}; expected angles that broadcast to x's tokens")
