"""Normalisation with every step kept: each token by itself (layer norm), or each feature over a batch (batch norm).

Both divide by the deviation √(variance + ε), ε inside the root, and use the biased variance (the mean of the squares).
"""

from __future__ import annotations

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


def layer_norm(
    x: ArrayLike, scale: ArrayLike | None = None, shift: ArrayLike | None = None, *, eps: float = EPSILON
) -> NormSteps:
    """Layer normalisation: each token's d_model numbers get mean 0 and variance 1, then a learned scale and shift.

    x: (…, d_model); scale, shift: (d_model,), ones and zeros if not given. Results have the widest float dtype of the
    three.

    Raises ValueError if scale or shift do not fit or eps is negative, TypeError for numbers that are not real.
    Source: Ba, Kiros, Hinton (2016), "Layer Normalization", equations 3 and 4, with ε as in PyTorch and ONNX.
    """
    x = np.asarray(x)
    return _normalise(x, scale, shift, eps, (-1,), None)


def batch_norm(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    shift: ArrayLike | None = None,
    *,
    eps: float = EPSILON,
    counted: ArrayLike | None = None,
) -> NormSteps:
    """Batch normalisation as in training: each feature gets mean 0 and variance 1 over all tokens of the batch.

    x: (…, tokens, d_model); scale, shift: (d_model,), ones and zeros if not given. counted: boolean (…, tokens), the
    tokens that mean and variance are taken over; all if not given.

    Raises ValueError if shapes do not fit, nothing is counted or eps is negative; TypeError as `layer_norm`.
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
    if eps < 0:
        raise ValueError(f"found eps {eps}; expected at least 0")
    dtype = float_dtype(x, scale, shift)
    x, scale, shift = (array.astype(working_dtype(dtype)) for array in (x, scale, shift))
    where = True if counted is None else counted[..., None]
    if not x.size or not np.any(where):
        raise ValueError(f"found nothing to take a mean of in x of shape {x.shape}")
    mean = x.mean(axis=axes, keepdims=True, where=where)
    centred = x - mean
    variance = np.square(centred).mean(axis=axes, keepdims=True, where=where)
    deviation = np.sqrt(variance + eps)
    normalised = np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation != 0)
    return NormSteps(
        rounded(mean.squeeze(axes), dtype),
        rounded(centred, dtype),
        rounded(variance.squeeze(axes), dtype),
        rounded(deviation.squeeze(axes), dtype),
        rounded(normalised, dtype),
        rounded(scale, dtype),
        rounded(shift, dtype),
        rounded(normalised * scale + shift, dtype),
    )


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
