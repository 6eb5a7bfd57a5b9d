"""Normalisation with every step kept: each token by itself (layer norm, RMS norm), or each feature over a batch (batch
norm).

Layer and batch norm divide by the deviation √(variance + ε), ε inside the root, and use the biased variance (the mean
of the squares). So the result has mean 0 and variance σ² / (σ² + ε): nearly 1, but 0 where all numbers are equal. RMS
norm takes no mean away: it divides by √(mean of the squares + ε), and has no shift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.softmax import float_dtype, rounded, working_dtype

Array = NDArray[Any]

EPSILON = 1e-5


@dataclass(frozen=True)
class NormSteps:
    """Every intermediate of a normalisation of x (…, tokens, d_model).

    mean, variance, deviation: (…, tokens) for layer norm, (d_model,) for batch norm; centred: x − mean;
    normalised: centred / deviation; scale, shift (d_model,): learned; output: normalised · scale + shift.
    """

    mean: Array
    centred: Array
    variance: Array
    deviation: Array
    normalised: Array
    scale: Array
    shift: Array
    output: Array


@dataclass(frozen=True)
class RmsNormSteps:
    """Every intermediate of an RMS norm of x (…, tokens, d_model).

    mean_square, root: (…, tokens), the mean of the squares and √(mean square + ε); normalised: x / root;
    scale (d_model,): learned; output: normalised · scale.
    """

    mean_square: Array
    root: Array
    normalised: Array
    scale: Array
    output: Array


def layer_norm(
    x: ArrayLike, scale: ArrayLike | None = None, shift: ArrayLike | None = None, *, eps: float = EPSILON
) -> NormSteps:
    """Layer normalisation: each token's d_model numbers get mean 0 and variance σ² / (σ² + ε), then scale and shift.

    x: (…, d_model), of no token also; scale, shift: (d_model,), learned, ones and zeros if not given. Results have the
    widest float dtype of the three; a variance beyond its range is infinite, while deviation and output still hold.

    Raises ValueError if scale or shift do not fit, d_model is 0 or eps is not finite or negative; TypeError for numbers
    that are not real.
    Source: Ba, Kiros, Hinton (2016), "Layer Normalization", equations 3 and 4, with ε as in PyTorch and ONNX.
    """
    x = np.asarray(x)
    return _normalise(x, scale, shift, eps, (-1,), None)


def rms_norm(x: ArrayLike, scale: ArrayLike | None = None, *, eps: float = EPSILON) -> RmsNormSteps:
    """RMS normalisation: each token's d_model numbers are divided by their root mean square, then scaled.

    x: (…, d_model), of no token also; scale: (d_model,), learned, ones if not given. The mean is not taken away and
    nothing added, which saves two passes over the numbers. Results have the widest float dtype of the two.

    Raises ValueError if scale does not fit, d_model is 0 or eps is not finite or negative; TypeError for numbers that
    are not real.
    Sources: Zhang, Sennrich (2019), "Root Mean Square Layer Normalization", equation 4; ONNX, RMSNormalization.
    """
    x = np.asarray(x)
    scale, _ = _parameters(x, scale, None)
    _check_eps(eps)
    dtype = float_dtype(x, scale)
    x, scale = x.astype(working_dtype(dtype)), scale.astype(working_dtype(dtype))
    if not x.shape[-1]:
        raise ValueError(f"found nothing to take a mean of in x of shape {x.shape}")
    with np.errstate(over="ignore", invalid="ignore"):
        unit = _unit(x, (-1,), np.ones(x.shape, bool), eps)
        measured = x / unit
        mean_square = np.square(measured).mean(axis=-1, keepdims=True)
        root = np.sqrt(mean_square + eps / unit / unit)
        normalised = np.divide(measured, root, out=np.zeros_like(measured), where=root != 0)
        return RmsNormSteps(
            rounded((mean_square * unit * unit)[..., 0], dtype),
            rounded((root * unit)[..., 0], dtype),
            rounded(normalised, dtype),
            rounded(scale, dtype),
            rounded(normalised * scale, dtype),
        )


def batch_norm(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    shift: ArrayLike | None = None,
    *,
    eps: float = EPSILON,
    counted: ArrayLike | None = None,
) -> NormSteps:
    """Batch normalisation as in training: over the batch's tokens each feature gets mean 0, variance σ² / (σ² + ε).

    x: (…, tokens, d_model); scale, shift: (d_model,), ones and zeros if not given. counted: boolean (…, tokens), the
    tokens that mean and variance are taken over; all if not given.

    Raises ValueError if shapes do not fit, nothing is counted or eps is not finite or negative; TypeError as
    `layer_norm`.
    Source: Ioffe, Szegedy (2015), "Batch Normalization", algorithm 1.
    """
    x = np.asarray(x)
    if counted is not None:
        counted = np.asarray(counted, dtype=bool)
        if counted.shape != x.shape[:-1]:
            raise ValueError(f"counted has shape {counted.shape} and x {x.shape}; expected {x.shape[:-1]}")
    return _normalise(x, scale, shift, eps, tuple(range(x.ndim - 1)), counted)


def _normalise(
    x: Array,
    scale: ArrayLike | None,
    shift: ArrayLike | None,
    eps: float,
    axes: tuple[int, ...],
    counted: Array | None,
) -> NormSteps:
    """Normalise over `axes`, where only the `counted` tokens count."""
    scale, shift = _parameters(x, scale, shift)
    _check_eps(eps)
    dtype = float_dtype(x, scale, shift)
    x, scale, shift = (array.astype(working_dtype(dtype)) for array in (x, scale, shift))
    where = np.ones(x.shape, bool) if counted is None else np.broadcast_to(counted[..., None], x.shape)
    if not where.any(axis=axes).all():
        raise ValueError(f"found nothing to take a mean of in x of shape {x.shape}")
    with np.errstate(over="ignore", invalid="ignore"):
        unit = _unit(x, axes, where, eps)
        mean, centred = _centred(x / unit, axes, where)
        variance = np.square(centred).mean(axis=axes, keepdims=True, where=where)
        deviation = np.sqrt(variance + eps / unit / unit)
        normalised = np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation != 0)
        return NormSteps(
            rounded((mean * unit).squeeze(axes), dtype),
            rounded(centred * unit, dtype),
            rounded((variance * unit * unit).squeeze(axes), dtype),
            rounded((deviation * unit).squeeze(axes), dtype),
            rounded(normalised, dtype),
            rounded(scale, dtype),
            rounded(shift, dtype),
            rounded(normalised * scale + shift, dtype),
        )


def _check_eps(eps: float) -> None:
    if not 0 <= eps < math.inf:
        raise ValueError(f"found eps {eps}; expected a finite number of at least 0")


def _unit(x: Array, axes: tuple[int, ...], where: Array, eps: float) -> Array:
    """What x is measured in, so that no square is too large or too small: a power of two, by which nothing rounds."""
    largest = np.abs(x).max(axis=axes, keepdims=True, initial=math.sqrt(eps), where=where)
    exponent = np.frexp(np.where(np.isfinite(largest), largest, 1))[1] - 1
    return np.ldexp(np.ones_like(largest), exponent)


def _centred(x: Array, axes: tuple[int, ...], where: Array) -> tuple[Array, Array]:
    """The mean over `axes` and x without it; of equal numbers the mean is that number, whatever their sum rounds to."""
    mean = x.mean(axis=axes, keepdims=True, where=where)
    low = x.min(axis=axes, keepdims=True, initial=np.inf, where=where)
    high = x.max(axis=axes, keepdims=True, initial=-np.inf, where=where)
    mean = np.where(low == high, low, mean)
    return mean, x - mean


def _parameters(x: Array, scale: ArrayLike | None, shift: ArrayLike | None) -> tuple[Array, Array]:
    """Scale and shift (d_model,), ones and zeros where not given."""
    if x.ndim < 1:
        raise ValueError(f"x has shape {x.shape}; expected (…, d_model)")
    width = x.shape[-1:]
    kind = x.dtype if x.dtype.kind == "f" else np.float64
    scale = np.ones(width, kind) if scale is None else np.asarray(scale)
    shift = np.zeros(width, kind) if shift is None else np.asarray(shift)
    if scale.shape != width or shift.shape != width:
        raise ValueError(f"x has shape {x.shape}, scale {scale.shape}, shift {shift.shape}; expected {width} for both")
    return scale, shift
