"""The softmax, stable and opened into its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]


def float_dtype(*arrays: Array) -> np.dtype[Any]:
    """The dtype in which results are given: the widest of the float dtypes; integers and booleans count as float64.

    Raises TypeError for anything that is not a real number.
    """
    dtypes = [np.dtype(np.float64) if array.dtype.kind in "biu" else array.dtype for array in arrays]
    for dtype in dtypes:
        if not np.can_cast(dtype, np.longdouble):
            raise TypeError(f"found numbers of dtype {dtype}; expected a real floating-point or integer dtype")
    return np.result_type(*dtypes)


def working_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which is computed: at least float32, so that half precision is rounded once per step."""
    return np.result_type(dtype, np.float32)


def rounded(x: Array, dtype: np.dtype[Any]) -> Array:
    """The array in `dtype`; what is beyond its range becomes infinite, quietly."""
    with np.errstate(over="ignore"):
        return x.astype(dtype, copy=False)


@dataclass(frozen=True)
class SoftmaxSteps:
    """Every intermediate of a softmax along one axis.

    maximum, total: the shape of the input without that axis; shifted, exponentials, weights: the shape of the input.
    """

    maximum: Array
    shifted: Array
    exponentials: Array
    total: Array
    weights: Array


def softmax_steps(x: ArrayLike, axis: int = -1) -> SoftmaxSteps:
    """Softmax along `axis`, every step kept: exp(x − max x) / Σ exp(x − max x).

    x: any shape with at least one dimension. Subtracting the maximum keeps every exponential within 0…1, so that
    ±1e308 neither overflow nor divide by zero. A row that is −∞ throughout (all its keys masked) gets zero weights;
    entries of +∞ share the weight evenly. A NaN stays a NaN.

    Raises ValueError if there is no such axis, TypeError if `x` does not hold real numbers.
    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 4.1, equation 4.1.
    """
    x = np.asarray(x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"softmax: x has shape {x.shape}; expected an axis {axis}")
    dtype = float_dtype(x)
    x = x.astype(working_dtype(dtype))
    maximum = x.max(axis=axis, keepdims=True, initial=-np.inf)
    shifted = _shift(x, maximum)
    exponentials = np.exp(shifted)
    total = exponentials.sum(axis=axis, keepdims=True)
    weights = np.divide(exponentials, total, out=np.zeros_like(exponentials), where=total != 0)
    return SoftmaxSteps(
        rounded(maximum.squeeze(axis), dtype),
        rounded(shifted, dtype),
        rounded(exponentials, dtype),
        rounded(total.squeeze(axis), dtype),
        rounded(weights, dtype),
    )


def softmax(x: ArrayLike, axis: int = -1) -> Array:
    """The weights of `softmax_steps`: non-negative, summing to 1 along `axis`, or all zero where `x` is all −∞."""
    return softmax_steps(x, axis).weights


def log_softmax(x: ArrayLike, axis: int = -1) -> Array:
    """The logarithms of the weights of `softmax`, x − max x − log Σ exp(x − max x): finite where these are too small.

    An entry of −∞ keeps −∞, also in a row of nothing else; the rest and the errors are those of `softmax_steps`.
    Source: Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 6.2.2.3.
    """
    x = np.asarray(x)
    dtype = float_dtype(x)
    steps = softmax_steps(x.astype(working_dtype(dtype)), axis)
    total = np.expand_dims(np.where(steps.total == 0, 1, steps.total), axis)
    return rounded(steps.shifted - np.log(total), dtype)


def _shift(x: Array, maximum: Array) -> Array:
    """The difference x − maximum, with ∞ − ∞ resolved: the maximum itself is at 0, a row of −∞ stays at −∞."""
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = np.where(x == maximum, 0, x - maximum)
    return np.where(maximum == -np.inf, -np.inf, shifted).astype(x.dtype)
