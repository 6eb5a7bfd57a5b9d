"""A mixture of experts: of several feed-forward networks a router opens a few for each token, and weighs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.attention import project
from core.model.sampling import ranks
from core.model.softmax import softmax

Array = NDArray[Any]


class _Steps(Protocol):
    @property
    def output(self) -> Array: ...


S = TypeVar("S", bound=_Steps)


@dataclass(frozen=True)
class ExpertsSteps(Generic[S]):
    """Every intermediate of a mixture of experts.

    logits (…, tokens, experts): x W_router; probabilities: their softmax; opened: boolean, the likeliest experts of
    each token; shares: the opened experts' probabilities, summing to 1 again, 0 elsewhere; experts: what each makes of
    every token, of those not sent to it too, to be looked at; output (…, tokens, d_model): their outputs times the
    shares, added up.
    """

    logits: Array
    probabilities: Array
    opened: Array
    shares: Array
    experts: tuple[S, ...]
    output: Array


def mixture_of_experts(
    x: ArrayLike, router: ArrayLike, experts: Sequence[Callable[[Array], S]], *, opened: int
) -> ExpertsSteps[S]:
    """Route each token to its likeliest experts and add up what they make of it, weighted, every step kept.

    x: (…, tokens, d_model); router: (d_model, experts); experts: a network each, (…, tokens, d_model) to steps with an
    output of that shape; opened: how many of them a token is sent to; of equally likely ones the first.

    Raises ValueError if the router does not have a column for each expert or `opened` is not one of 1…experts.
    Sources: Shazeer et al. (2017), "Outrageously Large Neural Networks", equations 3 to 5 without noise; Jiang et al.
    (2024), "Mixtral of Experts", section 2.1: the softmax of the largest logits alone, which is the same.
    """
    router = np.asarray(router)
    if router.ndim != 2 or router.shape[1] != len(experts):
        raise ValueError(f"router has shape {router.shape}; expected (d_model, {len(experts)}), a column an expert")
    if not 1 <= opened <= len(experts):
        raise ValueError(f"found {opened} experts opened; expected 1 to {len(experts)}")
    x = np.asarray(x)
    logits = project("router", x, router)  # (…, tokens, experts)
    probabilities = softmax(logits)
    chosen = ranks(logits) < opened
    shares = softmax(np.where(chosen, logits, -np.inf))
    made = tuple(expert(x) for expert in experts)
    output = sum(shares[..., number, None] * steps.output for number, steps in enumerate(made))
    return ExpertsSteps(logits, probabilities, chosen, shares, made, np.asarray(output))


def expert_load(opened: ArrayLike) -> Array:
    """The share of the tokens that each expert is opened for, float64 (experts,); they sum to how many each opens.

    opened: boolean (…, tokens, experts), of at least one token.
    Source: Fedus, Zoph, Shazeer (2022), "Switch Transformers", equation 5.
    """
    opened = np.asarray(opened, dtype=bool)
    shares: Array = opened.reshape(-1, opened.shape[-1]).mean(axis=0)
    return shares


def balance_loss(probabilities: ArrayLike, opened: ArrayLike) -> float:
    """What is added to the loss so that no expert is left idle: experts · Σ load · mean probability; 1 if all are even.

    probabilities, opened: (…, tokens, experts); of several opened experts the load is divided by their number.
    Source: Fedus, Zoph, Shazeer (2022), "Switch Transformers", equation 4 with α = 1.
    """
    probabilities = np.asarray(probabilities, dtype=float)
    shares = expert_load(opened)
    mean = probabilities.reshape(-1, probabilities.shape[-1]).mean(axis=0)  # (experts,)
    return float(len(mean) * (shares / shares.sum() * mean).sum())
