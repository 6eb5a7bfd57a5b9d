"""The feed-forward network of a layer: each token alone is widened, bent by an activation and projected back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.attention import project
from core.model.softmax import float_dtype, rounded, working_dtype

Array = NDArray[Any]

_erf = np.vectorize(math.erf, otypes=[float])
_erfc = np.vectorize(math.erfc, otypes=[float])

TAIL = -3.0  # below it 1 + erf(x / √2) has lost digits, which erfc keeps


def relu(x: ArrayLike) -> Array:
    """max(0, x), cell by cell. Source: Vaswani et al. (2017), equation 2."""
    x = np.asarray(x)
    return np.maximum(x, 0).astype(float_dtype(x))


def gelu(x: ArrayLike) -> Array:
    """GELU, each x times Φ(x), the share of the standard normal distribution that lies below x.

    Source: Hendrycks & Gimpel (2016), "Gaussian Error Linear Units", section 2.
    """
    x = np.asarray(x)
    dtype = float_dtype(x)
    x = x.astype(working_dtype(dtype))
    z = x / math.sqrt(2)
    return rounded(x * 0.5 * np.where(x < TAIL, _erfc(-z), 1 + _erf(z)), dtype)


def gelu_tanh(x: ArrayLike) -> Array:
    """GELU by its approximation with tanh, as GPT-2 has it. Source: Hendrycks & Gimpel (2016), section 2."""
    x = np.asarray(x)
    dtype = float_dtype(x)
    x = x.astype(working_dtype(dtype))
    with np.errstate(over="ignore"):
        return rounded(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))), dtype)


def silu(x: ArrayLike) -> Array:
    """SiLU, also Swish: each x times its sigmoid 1 / (1 + exp(−x)).

    Sources: Ramachandran, Zoph, Le (2017), "Searching for Activation Functions", section 4 with β = 1; ONNX, Swish.
    """
    x = np.asarray(x)
    dtype = float_dtype(x)
    x = x.astype(working_dtype(dtype))
    small = np.exp(-np.abs(x))
    return rounded(x * np.where(x < 0, small, 1) / (1 + small), dtype)


ACTIVATIONS: dict[str, Callable[[ArrayLike], Array]] = {"relu": relu, "gelu": gelu, "gelu_tanh": gelu_tanh}

# Networks with a gate: two hidden rows, of which one goes through the function and multiplies the other.
GATES: dict[str, Callable[[ArrayLike], Array]] = {"swiglu": silu, "geglu": gelu, "geglu_tanh": gelu_tanh}
FUNCTIONS = ACTIVATIONS | GATES  # by the name of the activation


@dataclass(frozen=True)
class FeedForwardSteps:
    """Every intermediate of the feed-forward network.

    product (…, tokens, d_ff): x W_1; hidden: with its bias; activated: after the activation;
    output_product (…, tokens, d_model): activated W_2; output: with its bias.
    """

    product: Array
    hidden: Array
    activated: Array
    output_product: Array
    output: Array


def feed_forward(
    x: ArrayLike,
    w_1: ArrayLike,
    b_1: ArrayLike | None,
    w_2: ArrayLike,
    b_2: ArrayLike | None,
    *,
    activation: str = "relu",
) -> FeedForwardSteps:
    """The position-wise feed-forward network, activation(x W_1 + b_1) W_2 + b_2, every step kept.

    x: (…, tokens, d_model); w_1: (d_model, d_ff); b_1: (d_ff,) or None; w_2: (d_ff, d_out); b_2: (d_out,) or None;
    activation: "relu" (the paper's), "gelu" or "gelu_tanh".

    Raises ValueError, naming the shapes, if these do not fit, and for an unknown activation.
    Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.3, equation 2.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"found the activation {activation!r}; expected one of {', '.join(ACTIVATIONS)}")
    product = project("1", x, w_1)  # (…, tokens, d_ff)
    hidden = _with_bias("1", product, b_1)
    activated = ACTIVATIONS[activation](hidden)
    output_product = project("2", activated, w_2)  # (…, tokens, d_out)
    return FeedForwardSteps(product, hidden, activated, output_product, _with_bias("2", output_product, b_2))


@dataclass(frozen=True)
class GatedSteps:
    """Every intermediate of a feed-forward network with a gate.

    gate (…, tokens, d_ff): x W_gate with its bias; opened: after the gate's function; hidden: x W_1 with its bias;
    activated: opened · hidden, cell by cell; output_product (…, tokens, d_model): activated W_2; output: with its bias.
    """

    gate: Array
    opened: Array
    hidden: Array
    activated: Array
    output_product: Array
    output: Array


def gated_feed_forward(
    x: ArrayLike,
    w_gate: ArrayLike,
    w_1: ArrayLike,
    w_2: ArrayLike,
    *,
    b_gate: ArrayLike | None = None,
    b_1: ArrayLike | None = None,
    b_2: ArrayLike | None = None,
    activation: str = "swiglu",
) -> GatedSteps:
    """A feed-forward network with a gate, (f(x W_gate) · x W_1) W_2, every step kept; usually without biases.

    x: (…, tokens, d_model); w_gate, w_1: (d_model, d_ff); w_2: (d_ff, d_out); biases as wide as their matrix.
    activation: "swiglu" (f is SiLU), "geglu" (GELU) or "geglu_tanh" (GELU by tanh).

    Raises ValueError, naming the shapes, if these do not fit, and for an unknown activation.
    Source: Shazeer (2020), "GLU Variants Improve Transformer", equation 6, where W_gate is W and W_1 is V.
    """
    if activation not in GATES:
        raise ValueError(f"found the activation {activation!r}; expected one of {', '.join(GATES)}")
    gate = project("gate", x, w_gate, b_gate)  # (…, tokens, d_ff)
    opened = GATES[activation](gate)
    hidden = project("1", x, w_1, b_1)  # (…, tokens, d_ff)
    if gate.shape != hidden.shape:
        raise ValueError(f"w_gate has shape {np.shape(w_gate)} and w_1 {np.shape(w_1)}; expected the same")
    activated = opened * hidden
    output_product = project("2", activated, w_2)  # (…, tokens, d_out)
    output = _with_bias("2", output_product, b_2)
    return GatedSteps(gate, opened, hidden, activated, output_product, output)


def _with_bias(name: str, product: Array, bias: ArrayLike | None) -> Array:
    """The product (…, tokens, d) plus b_NAME (d,), if there is one."""
    if bias is None:
        return product
    bias = np.asarray(bias)
    if bias.shape != product.shape[-1:]:
        raise ValueError(f"b_{name} has shape {bias.shape}; expected {product.shape[-1:]}")
    dtype = float_dtype(product, bias)
    return rounded(product.astype(working_dtype(dtype)) + bias, dtype)
