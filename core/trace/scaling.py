"""Why √d_k: the variance of q·k for standard-normal q and k is d_k, and softmax saturates: the gradient vanishes.

Source: Vaswani et al. (2017), "Attention Is All You Need", section 3.2.1, footnote 4.
"""

from __future__ import annotations

import numpy as np

from core.examples.seeded import generator
from core.model.softmax import softmax
from core.trace.given import CONSTANT
from core.trace.origin import given, made
from core.trace.reading import decimals_needed
from core.trace.record import Record, softmax_of

CHOICES = (4, 64)
SAMPLES = 2000
ROWS = 2000
KEYS = 6
BINS = np.arange(-32.5, 33)  # four standard deviations of q·k at d_k = 64
STAGES = 20
TICKS = np.arange(-24, 25, 8)
SIDES = ("saturated", "scaled")
ROOT = f"scaling.sqrt_d_k[{len(CHOICES) - 1}]"
LARGEST_EDGES = np.linspace(0, 1, 101)
SATURATED = LARGEST_EDGES[-2]  # from this weight on a row counts as saturated
GRADIENT_EDGES = np.linspace(0, 0.25, 101)  # p (1 − p) is at most 0.25
CURVE = np.linspace(0, 1, 101)


def trace_scaling(record: Record) -> None:
    """Add `scaling.*`, the same for every example.

    samples (choices, samples): q·k at each of the d_k in `scaling.d_k`; growth (choices, stages, bins): their histogram
    while it grows; rows_scores (rows, keys): scores of many random queries, rows_scaled: divided by √d_k; of both sides
    rows_weights (sides, rows): the largest weight of each row, rows_gradients: how much that moves with q·k;
    saturated_share, mean_gradient (sides,); keys_scores, keys_scaled (keys,): the first row that is saturated;
    curve, gradient_curve (points,): weights p from 0 to 1, and p (1 − p).
    """
    samples = np.array([_dot_products(d_k) for d_k in CHOICES])  # (choices, samples)
    growth = np.array([_growing_histogram(row, BINS) for row in samples])  # (choices, stages, bins)
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
    _rows(record)
    _saturation(record)
    record.add("scaling.curve", CURVE, ("points",), origin=CONSTANT, decimals=2)
    origin = made("gradient[p]", "scaling.curve[p]")
    record.add("scaling.gradient_curve", CURVE * (1 - CURVE), ("points",), origin=origin, decimals=2)


def _rows(record: Record) -> None:
    """Many random rows of scores, as they are and scaled: of each the largest weight, and its gradient."""
    random = generator("scaling", "rows")
    keys, queries = random.standard_normal((ROWS, KEYS, CHOICES[-1])), random.standard_normal((ROWS, CHOICES[-1]))
    scores = np.einsum("rkd,rd->rk", keys, queries)
    record.add("scaling.rows_scores", scores, ("rows", "keys"), origin=given("scaling seed"))
    origin = made("scaling[rj]", "scaling.rows_scores[rj]", ROOT)
    record.add("scaling.rows_scaled", scores / np.sqrt(CHOICES[-1]), ("rows", "keys"), origin=origin)
    for side, rows in zip(SIDES, ("rows_scores", "rows_scaled"), strict=True):
        _largest_weights(record, side, f"scaling.{rows}")
    _both_sides(record, "weights", LARGEST_EDGES)
    _both_sides(record, "gradients", GRADIENT_EDGES)
    last = f"scaling.rows_weights_growth[s {STAGES - 1} {len(LARGEST_EDGES) - 2}]"
    share = record["scaling.rows_weights_growth"][:, -1, -1] / ROWS
    record.add("scaling.saturated_share", share, ("sides",), origin=made("quotient[s]", last, constant=ROWS))
    mean = made("mean[s]", "scaling.rows_gradients[sr]")
    record.add(
        "scaling.mean_gradient", record["scaling.rows_gradients"].mean(axis=1), ("sides",), origin=mean, decimals=2
    )


def _largest_weights(record: Record, side: str, rows: str) -> None:
    """Of each row the largest score, its weight, and the gradient of the weight in q·k, (rows,)."""
    scores, name = record[rows], f"scaling.{side}_rows"
    record.add(f"{name}_maxima", scores.max(axis=1), ("rows",), origin=made("maximum[r]", f"{rows}[rj]"))
    origin, weights = made("softmax[r]", f"{name}_maxima[r]", f"{rows}[r*]"), softmax(scores).max(axis=1)
    places = max(2, record.decimals)
    record.add(f"{name}_weights", weights, ("rows",), origin=origin, decimals=places)
    _gradients(record, f"{name}_weights", side, "rows")


def _gradients(record: Record, weights: str, side: str, axis: str) -> None:
    """How much weights p move with q·k: p (1 − p), and where the score is q·k/√d_k, this by √d_k.

    So both sides are asked the same question.
    """
    name, places = weights.replace("weights", "gradients"), max(2, record.decimals)
    values, origin = record[weights] * (1 - record[weights]), made("gradient[r]", f"{weights}[r]")
    if side == "scaled":
        by_score = weights.replace("weights", "score_gradients")
        record.add(by_score, values, (axis,), origin=origin, decimals=places)
        values, origin = values / np.sqrt(CHOICES[-1]), made("quotient[r]", f"{by_score}[r]", ROOT)
    record.add(name, values, (axis,), origin=origin, decimals=places)


def _both_sides(record: Record, kind: str, edges: np.ndarray) -> None:
    """The rows' weights or gradients as they are and scaled, (sides, rows), and their histogram while it grows."""
    name = f"scaling.rows_{kind}"
    sides = [f"scaling.{side}_rows_{kind}" for side in SIDES]
    values = np.array([record[side] for side in sides])  # (sides, rows)
    origin = made("stack[sr]", *(f"{side}[r]" for side in sides))
    record.add(name, values, ("sides", "rows"), origin=origin, decimals=max(2, record.decimals))
    record.add(f"{name}_edges", edges, ("bin_edges",), origin=CONSTANT, decimals=2)
    growth = np.array([_growing_histogram(row, edges) for row in values])  # (sides, stages, bins)
    places = (f"{name}_edges[{index}]" for index in ("*", "b", "b+1"))
    counts = made("histogram[stb]", f"{name}[sr]", *places, constant=STAGES)
    record.add(f"{name}_growth", growth, ("sides", "stages", "bins"), origin=counts, decimals=0)
    ticks = edges[:: len(edges) // 5]
    record.add(f"{name}_ticks", ticks, ("ticks",), origin=CONSTANT, decimals=decimals_needed(ticks, 2))


def _saturation(record: Record) -> None:
    """The first of the rows that is saturated, as it is and scaled, its softmax, and the gradients of that."""
    row = int(np.argmax(record["scaling.saturated_rows_weights"] > SATURATED))
    for name, rows in (("keys_scores", "rows_scores"), ("keys_scaled", "rows_scaled")):
        origin = made("copy[j]", f"scaling.{rows}[{row} j]")
        record.add(f"scaling.{name}", record[f"scaling.{rows}"][row], ("keys",), origin=origin)
    for side, name in zip(SIDES, ("keys_scores", "keys_scaled"), strict=True):
        weights, origin = softmax(record[f"scaling.{name}"]), softmax_of(f"scaling.{name}", "j")
        record.add(f"scaling.{side}_weights", weights, ("keys",), origin=origin, decimals=max(2, record.decimals))
        _gradients(record, f"scaling.{side}_weights", side, "keys")


def _spread(record: Record) -> None:
    """How far the samples spread, before and after they are divided by √d_k, and where the bins then lie."""
    origin = made("root[c]", "scaling.d_k[c]", constant=0)
    roots = record.add("scaling.sqrt_d_k", np.sqrt(CHOICES), ("choices",), origin=origin)[:, None]  # (choices, 1)
    edges, places = BINS / roots, max(1, record.decimals)  # (choices, bin_edges)
    samples = record["scaling.samples"]
    record.add("scaling.ticks", TICKS, ("ticks",), origin=CONSTANT, decimals=0)
    origin = made("scaling[t]", "scaling.ticks[t]", ROOT)
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


def _growing_histogram(samples: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Counts per bin after each of equally many further samples, (stages, bins); the last holds all samples."""
    inside = np.clip(samples, edges[0], edges[-1])
    ends = np.linspace(0, len(samples), STAGES + 1)[1:].astype(int)
    return np.array([np.histogram(inside[:end], edges)[0] for end in ends])
