"""What the chapter on the feed-forward network tells by numbers: two activations, their curves and what they leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from core.model.feed_forward import ACTIVATIONS, gelu, relu
from core.model.special_tokens import PAD
from core.trace.norm import first_layer

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record

SMALLEST_REACH = 4
TICKS = 5
POINTS = 161


def trace_feed_forward(record: Record, example: Example) -> None:
    """Add `feed_forward.*`, all of the first layer's network and its hidden numbers (tokens, d_ff).

    feed_forward.relu, .gelu (tokens, d_ff): the hidden numbers under either activation (GELU as the model has it);
    feed_forward.other_output (tokens, d_model): the output with the activation that the model does not have;
    feed_forward.output_change (tokens): the most by which that differs from the output in a number of the row;
    feed_forward.negative (tokens), .negative_total (): how many hidden numbers are below 0, in a row and in all;
    feed_forward.share () of all hidden numbers that are;
    feed_forward.row (), .place (): a row with both signs in good measure, and its number that GELU lets lowest;
    feed_forward.curve (points), .relu_curve, .gelu_curve: the two functions; feed_forward.ticks (ticks) for their axis.
    """
    layer = f"{first_layer(record)}.feed_forward"
    hidden, labels = record[f"{layer}.hidden"], record.tensors[f"{layer}.hidden"].labels
    axes, activation = ("tokens", "d_ff"), example.model.config.activation
    soft = gelu if activation == "relu" else ACTIVATIONS[activation]
    results = {"relu": relu(hidden), "gelu": soft(hidden)}
    for name, values in results.items():
        record.add(f"feed_forward.{name}", values, axes, labels=labels, decimals=record.decimals)
    _other(record, layer, results["gelu" if activation == "relu" else "relu"])
    negative = hidden < 0  # (tokens, d_ff)
    record.add("feed_forward.negative", negative.sum(axis=-1), ("tokens",), labels=labels, decimals=0)
    record.add("feed_forward.negative_total", negative.sum(), decimals=0)
    record.add("feed_forward.share", negative.mean(), decimals=record.decimals)
    row = _telling_row(negative, labels["tokens"])
    record.add("feed_forward.row", row, decimals=0)
    record.add("feed_forward.place", int(np.argmin(results["gelu"][row])), decimals=0)
    ticks = _ticks(hidden[row])
    record.add("feed_forward.ticks", ticks, ("ticks",), decimals=0)
    points = np.linspace(ticks[0], ticks[-1], POINTS)
    record.add("feed_forward.curve", points, ("points",))
    for name, function in (("relu", relu), ("gelu", soft)):
        record.add(f"feed_forward.{name}_curve", function(points), ("points",))


def _ticks(row: np.ndarray) -> np.ndarray:
    """Whole numbers, evenly apart, that reach as far as the hidden numbers of a row, on both sides of 0."""
    step = math.ceil(max(SMALLEST_REACH, float(np.abs(row).max())) / (TICKS // 2))
    return np.arange(-(TICKS // 2), TICKS // 2 + 1) * step


def _other(record: Record, layer: str, activated: np.ndarray) -> None:
    """The output that the other activation would give."""
    output = activated @ record[f"{layer}.w_2"]  # (tokens, d_model)
    if f"{layer}.b_2" in record:
        output = output + record[f"{layer}.b_2"]
    axes, labels = ("tokens", "d_model"), record.tensors[f"{layer}.output"].labels
    record.add("feed_forward.other_output", output, axes, labels=labels, decimals=record.decimals)
    change = np.abs(output - record[f"{layer}.output"]).max(axis=-1)
    record.add("feed_forward.output_change", change, ("tokens",), labels=labels, decimals=record.decimals)


def _telling_row(negative: np.ndarray, tokens: tuple[str, ...]) -> int:
    """The word whose hidden numbers (tokens, d_ff) are most evenly positive and negative."""
    uneven = np.abs(negative.mean(axis=-1) - 0.5)  # (tokens,)
    return int(np.argmin(np.where([token == PAD for token in tokens], np.inf, uneven)))
