"""Why √d_k: the variance of q·k for standard-normal q and k is d_k, and softmax saturates.

Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.1, footnote 4.
"""

from __future__ import annotations

import numpy as np

from core.examples.seeded import generator
from core.model.softmax import softmax
from core.trace.given import CONSTANT
from core.trace.origin import given, made
from core.trace.record import Record, softmax_of

CHOICES = (4, 64)
SAMPLES = 2000
KEYS = 6
BINS = np.arange(-32.5, 33)  # four standard deviations of q·k at d_k = 64
STAGES = 20
TICKS = np.arange(-24, 25, 8)


def trace_scaling(record: Record) -> None:
    """Add `scaling.*`, the same for every example.

    samples (choices, samples): q·k at each of the d_k in `scaling.d_k`; growth (choices, stages, bins): their histogram
    while it grows; keys_scores (keys): the scores of one random query, keys_scaled: divided by √d_k; the softmax of
    each, saturated_weights and scaled_weights, with its gradients p (1 − p).
    """
    samples = np.array([_dot_products(d_k) for d_k in CHOICES])  # (choices, samples)
    growth = np.array([_growing_histogram(row) for row in samples])  # (choices, stages, bins)
    record.add("scaling.d_k", CHOICES, ("choices",), origin=CONSTANT, decimals=0)
    record.add("scaling.samples", samples, ("choices", "samples"), origin=given("scaling seed"))
    spread = made("variance[c]", "scaling.samples[cs]")
    record.add("scaling.variance", samples.var(axis=1), ("choices",), origin=spread, decimals=1)
    record.add("scaling.bin_edges", BINS, ("bin_edges",), origin=CONSTANT)
    edges = (f"scaling.bin_edges[{index}]" for index in ("*", "b", "b+1"))
    counts = made("histogram[ctb]", "scaling.samples[cs]", *edges, constant=STAGES)
    record.add("scaling.growth", growth, ("choices", "stages", "bins"), origin=counts, decimals=0)
    last = made("copy[cb]", f"scaling.growth[c {STAGES - 1} b]")
    record.add("scaling.histogram", growth[:, -1], ("choices", "bins"), origin=last, decimals=0)
    _spread(record)
    _saturation(record)


def _saturation(record: Record) -> None:
    """The scores of one random query, as they are and scaled, their softmax, and what of it could be learned from."""
    d_k = CHOICES[-1]
    random = generator("scaling", "keys")
    scores = random.standard_normal((KEYS, d_k)) @ random.standard_normal(d_k)
    record.add("scaling.keys_scores", scores, ("keys",), origin=given("scaling seed"))
    origin = made("scaling[j]", "scaling.keys_scores[j]", f"scaling.sqrt_d_k[{len(CHOICES) - 1}]")
    record.add("scaling.keys_scaled", scores / np.sqrt(d_k), ("keys",), origin=origin)
    places = record.decimals
    for name, row in (("saturated", "keys_scores"), ("scaled", "keys_scaled")):
        weights, origin = softmax(record[f"scaling.{row}"]), softmax_of(f"scaling.{row}", "j")
        record.add(f"scaling.{name}_weights", weights, ("keys",), origin=origin, decimals=places)
        origin = made("gradient[j]", f"scaling.{name}_weights[j]")
        record.add(f"scaling.{name}_gradients", weights * (1 - weights), ("keys",), origin=origin, decimals=places)


def _spread(record: Record) -> None:
    """How far the samples spread, before and after they are divided by √d_k, and where the bins then lie."""
    origin = made("root[c]", "scaling.d_k[c]", constant=0)
    roots = record.add("scaling.sqrt_d_k", np.sqrt(CHOICES), ("choices",), origin=origin)[:, None]  # (choices, 1)
    edges, places = BINS / roots, max(1, record.decimals)  # (choices, bin_edges)
    samples = record["scaling.samples"]
    record.add("scaling.ticks", TICKS, ("ticks",), origin=CONSTANT, decimals=0)
    origin = made("scaling[t]", "scaling.ticks[t]", f"scaling.sqrt_d_k[{len(CHOICES) - 1}]")
    record.add("scaling.scaled_ticks", TICKS / roots[-1], ("ticks",), origin=origin, decimals=0)
    origin = made("scaling[ce]", "scaling.bin_edges[e]", "scaling.sqrt_d_k[c]")
    record.add("scaling.scaled_bin_edges", edges, ("choices", "bin_edges"), origin=origin)
    origin = made("deviation[c]", "scaling.variance[c]", constant=0)
    record.add("scaling.deviation", samples.std(axis=1), ("choices",), origin=origin, decimals=places)
    origin = made("quotient[c]", "scaling.variance[c]", "scaling.d_k[c]")
    record.add("scaling.scaled_variance", (samples / roots).var(axis=1), ("choices",), origin=origin, decimals=places)
    origin = made("quotient[c]", "scaling.deviation[c]", "scaling.sqrt_d_k[c]")
    record.add("scaling.scaled_deviation", (samples / roots).std(axis=1), ("choices",), origin=origin, decimals=places)


def _dot_products(d_k: int) -> np.ndarray:
    """q·k of so many pairs of standard-normal q and k, (samples,)."""
    random = generator("scaling", f"d_k {d_k}")
    q, k = random.standard_normal((2, SAMPLES, d_k))
    return np.einsum("sd,sd->s", q, k)


def _growing_histogram(samples: np.ndarray) -> np.ndarray:
    """Counts per bin after each of equally many further samples, (stages, bins); the last holds all samples."""
    inside = np.clip(samples, BINS[0], BINS[-1])
    ends = np.linspace(0, len(samples), STAGES + 1)[1:].astype(int)
    return np.array([np.histogram(inside[:end], BINS)[0] for end in ends])
