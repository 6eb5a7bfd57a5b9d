"""What the chapter on the feed-forward network tells by numbers: two activations, their curves and what they leave."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.model.feed_forward import ACTIVATIONS
from core.model.special_tokens import PAD
from core.trace.focus import place_in
from core.trace.given import CHOICE
from core.trace.norm import first_layer
from core.trace.origin import made

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record

SMALLEST_REACH = 2
TICKS = 5
POINTS = 161


def trace_feed_forward(record: Record, example: Example) -> None:
    """Add `feed_forward.*`, all of the first layer's network and its hidden numbers (tokens, d_ff).

    feed_forward.relu, .gelu (tokens, d_ff): the hidden numbers under either activation (GELU as the model has it);
    feed_forward.other_output (tokens, d_model): the output with the activation that the model does not have;
    feed_forward.output_change (tokens): the most by which that differs from the output in a number of the row;
    feed_forward.negative (tokens): how many hidden numbers of a row are below 0; feed_forward.words (words): the rows
    that are no padding; .negative_total (), .share (): how many hidden numbers of these are below 0, and which part;
    feed_forward.row (), .place (): a row with both signs in good measure, and its number that GELU lets lowest;
    feed_forward.curve (points), .relu_curve, .gelu_curve: the two functions; feed_forward.ticks (ticks) for their axis.
    A model with gates or experts has none of these.
    """
    if not example.model.config.has_plain_networks:
        return
    layer = f"{first_layer(record)}.feed_forward"
    hidden, labels = record[f"{layer}.hidden"], record.tensors[f"{layer}.hidden"].labels
    axes, activation = ("tokens", "d_ff"), example.model.config.activation
    soft = "gelu" if activation == "relu" else activation
    results, add, places = {}, partial(record.add, labels=labels), record.decimals
    for name, kind in (("relu", "relu"), ("gelu", soft)):
        origin, results[name] = made("activation[if]", f"{layer}.hidden[if]", note=kind), ACTIVATIONS[kind](hidden)
        add(f"feed_forward.{name}", results[name], axes, origin=origin, decimals=places)
    apart = np.abs(results["gelu"] - results["relu"])  # (tokens, d_ff)
    origin = made("distance[tf]", "feed_forward.gelu[tf]", "feed_forward.relu[tf]")
    add("feed_forward.apart", apart, axes, origin=origin, decimals=places)
    _other(record, layer, "gelu" if activation == "relu" else "relu")
    negative = hidden < 0  # (tokens, d_ff)
    origin = made("negative_count[i]", f"{layer}.hidden[if]")
    add("feed_forward.negative", negative.sum(axis=-1), ("tokens",), origin=origin, decimals=0)
    words = np.array([place for place, token in enumerate(labels["tokens"]) if token != PAD])
    record.add("feed_forward.words", words, ("words",), origin=CHOICE, decimals=0)
    origin = made("total[]", "feed_forward.negative[(feed_forward.words[*])]")
    add("feed_forward.negative_total", negative[words].sum(), origin=origin, decimals=0)
    origin = made("quotient[]", "feed_forward.negative_total[]", constant=negative[words].size)
    add("feed_forward.share", negative[words].mean(), origin=origin, decimals=places)
    focused = place_in(record.focus.row, len(hidden))
    row = _telling_row(negative, labels["tokens"]) if focused is None else focused
    add("feed_forward.row", row, origin=CHOICE, decimals=0)
    add("feed_forward.place", int(np.argmin(results["gelu"][row])), origin=CHOICE, decimals=0)
    origin = made("ticks[t]", f"{layer}.hidden[(feed_forward.row[])*]", constant=SMALLEST_REACH)
    ticks = record.add("feed_forward.ticks", _ticks(hidden[row]), ("ticks",), origin=origin, decimals=0)
    _curves(record, ticks, soft)


def _curves(record: Record, ticks: np.ndarray, soft: str) -> None:
    """The two activations as curves over the points between the outer ticks. soft: which GELU."""
    ends = ("feed_forward.ticks[0]", f"feed_forward.ticks[{len(ticks) - 1}]")
    points = np.linspace(ticks[0], ticks[-1], POINTS)
    origin = made("interpolation[p]", *ends, constant=POINTS - 1)
    record.add("feed_forward.curve", points, ("points",), origin=origin)
    for name, kind in (("relu", "relu"), ("gelu", soft)):
        origin = made("activation[p]", "feed_forward.curve[p]", note=kind)
        record.add(f"feed_forward.{name}_curve", ACTIVATIONS[kind](points), ("points",), origin=origin)


def _ticks(row: np.ndarray) -> np.ndarray:
    """Whole numbers, evenly apart, that reach as far as the hidden numbers of a row, on both sides of 0."""
    step = math.ceil(max(SMALLEST_REACH, float(np.abs(row).max())) / (TICKS // 2))
    return np.arange(-(TICKS // 2), TICKS // 2 + 1) * step


def _other(record: Record, layer: str, name: str) -> None:
    """The output that the other activation would give. name: that of the other's results, relu or gelu."""
    weight, bias = f"{layer}.w_2", f"{layer}.b_2"
    output = record[f"feed_forward.{name}"] @ record[weight]  # (tokens, d_model)
    terms = [f"feed_forward.{name}[if]", f"{weight}[fd]"]
    if bias in record:
        output = output + record[bias]
        terms.append(f"{bias}[d]")
    axes, labels = ("tokens", "d_model"), record.tensors[f"{layer}.output"].labels
    origin = made("projection[id]" if bias in record else "product[id]", *terms)
    add = partial(record.add, labels=labels, decimals=record.decimals)
    add("feed_forward.other_output", output, axes, origin=origin)
    change = np.abs(output - record[f"{layer}.output"]).max(axis=-1)
    origin = made("largest_difference[i]", "feed_forward.other_output[id]", f"{layer}.output[id]")
    add("feed_forward.output_change", change, ("tokens",), origin=origin)


def _telling_row(negative: np.ndarray, tokens: tuple[str, ...]) -> int:
    """The word whose hidden numbers (tokens, d_ff) are most evenly positive and negative."""
    uneven = np.abs(negative.mean(axis=-1) - 0.5)  # (tokens,)
    return int(np.argmin(np.where([token == PAD for token in tokens], np.inf, uneven)))
