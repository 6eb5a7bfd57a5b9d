"""Choosing the next word: temperature, top-k and top-p reshape a distribution, and a die thrown from a seed picks.

Of words that are equally likely the first counts as likelier, everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.softmax import float_dtype, softmax

Array = NDArray[Any]


@dataclass(frozen=True)
class Sampling:
    """How words are chosen: temperature, 0 for always the likeliest; the k likeliest alone; the likeliest that together
    have the probability p; None for all.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None


@dataclass(frozen=True)
class SamplingSteps:
    """From logits to what is drawn from, all (…, vocabulary).

    heated: logits / temperature; probabilities: their softmax; by_k, by_p: boolean, what top-k and then top-p keep;
    output: the kept probabilities, summing to 1 again.
    """

    heated: Array
    probabilities: Array
    by_k: Array
    by_p: Array
    output: Array


def heat(logits: ArrayLike, temperature: float) -> Array:
    """Logits by the temperature: below 1 differences grow, above 1 they shrink. (…, vocabulary), float.

    At 0 all but the likeliest are −∞ (the first of equals), which is 0.

    Raises ValueError for a temperature that is negative or not finite.
    Source: Ackley, Hinton, Sejnowski (1985), "A Learning Algorithm for Boltzmann Machines", equation 2.
    """
    logits = np.asarray(logits)
    logits = logits.astype(float_dtype(logits))
    if not 0 <= temperature < math.inf:
        raise ValueError(f"found a temperature of {temperature}; expected a finite number of at least 0")
    if temperature:
        with np.errstate(over="ignore"):
            return logits / logits.dtype.type(temperature)
    return np.where(ranks(logits) == 0, 0, -np.inf).astype(logits.dtype)


def ranks(numbers: ArrayLike) -> Array:
    """The rank of each number in its row, from the largest, 0, on; of equals the first is before. (…, n), integers."""
    order = np.argsort(-np.asarray(numbers), axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable")


def top_k(probabilities: ArrayLike, k: int) -> Array:
    """Whether each word is among the k likeliest, boolean (…, vocabulary).

    Raises ValueError for a k below 1. Source: Fan, Lewis, Dauphin (2018), "Hierarchical Neural Story Generation",
    section 5.4.
    """
    if k < 1:
        raise ValueError(f"found top_k {k}; expected at least 1")
    kept: Array = ranks(probabilities) < k
    return kept


def top_p(probabilities: ArrayLike, p: float) -> Array:
    """Whether each word is in the nucleus, boolean (…, vocabulary): the fewest likeliest that together have at least p.

    Rounding aside: a word is kept unless those likelier than it have p already, to 1e-12.

    Raises ValueError for a p outside 0…1 or of 0. Source: Holtzman et al. (2020), "The Curious Case of Neural Text
    Degeneration", section 3.1.
    """
    if not 0 < p <= 1:
        raise ValueError(f"found top_p {p}; expected more than 0 and at most 1")
    probabilities = np.asarray(probabilities, dtype=float)
    place = ranks(probabilities)
    falling = -np.sort(-probabilities, axis=-1, kind="stable")
    before = np.cumsum(falling, axis=-1) - falling  # the share of those likelier
    kept: Array = np.take_along_axis(before, place, axis=-1) < p - 1e-12
    return kept | (place == 0)


def sampling_steps(logits: ArrayLike, sampling: Sampling | None = None) -> SamplingSteps:
    """Temperature, then top-k, then top-p of what that leaves, every step kept. logits: (…, vocabulary).

    Raises ValueError as `heat`, `top_k` and `top_p` do.
    """
    sampling = sampling or Sampling()
    heated = heat(logits, sampling.temperature)
    probabilities = softmax(heated)
    everything = np.ones(probabilities.shape, dtype=bool)
    by_k = everything if sampling.top_k is None else top_k(probabilities, sampling.top_k)
    left = _shared_out(probabilities, by_k)
    by_p = by_k if sampling.top_p is None else by_k & top_p(left, sampling.top_p)
    return SamplingSteps(heated, probabilities, by_k, by_p, _shared_out(left, by_p))


def pick(probabilities: ArrayLike, thrown: ArrayLike) -> Array:
    """The word that a number thrown falls to: the words lie side by side on 0…1, each as wide as it is probable.

    probabilities: (…, vocabulary), each row summing to 1; thrown: (…), from 0 up to, but not including, 1. Returns
    integers (…). A word of probability 0 is never picked.

    Raises ValueError for a number thrown outside 0…1.
    """
    probabilities, thrown = np.asarray(probabilities, dtype=float), np.asarray(thrown, dtype=float)
    if ((thrown < 0) | (thrown >= 1)).any():
        raise ValueError("found a number thrown outside 0…1; expected at least 0 and less than 1")
    edges = np.cumsum(probabilities, axis=-1)  # where each word ends
    place = (edges <= thrown[..., None] * edges[..., -1:]).sum(axis=-1)
    last = probabilities.shape[-1] - 1 - np.argmax(probabilities[..., ::-1] > 0, axis=-1)
    return np.minimum(place, last)


def throws(seed: int, count: int) -> Array:
    """So many numbers from 0 to 1, always the same of a seed, on every machine: float64 (count,).

    Raises ValueError for a negative seed or count. Source: the generator is O'Neill (2014), "PCG", of 64 bits.
    """
    if min(seed, count) < 0:
        raise ValueError(f"found the seed {seed} and {count} throws; expected no negative number")
    return np.random.Generator(np.random.PCG64(seed)).random(count)


def _shared_out(probabilities: Array, kept: Array) -> Array:
    """What is kept, each row summing to 1 again."""
    if kept.all():
        return probabilities
    left = np.where(kept, probabilities, 0)
    return left / left.sum(axis=-1, keepdims=True)
