"""What the chapter on the feed-forward network claims, all of the first layer's network."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.norm import first_layer
from core.trace.trace import Trace


@claim("every", "some", "none")
def rows_look_at_others(trace: Trace, example: Example) -> str:
    """In the layer's attention, does every row look at every other, do some, or none?"""
    seen = ~np.isneginf(trace[f"{first_layer(trace)}.self_attention.mask"].values)  # (queries, keys)
    others = seen[~np.eye(len(seen), dtype=bool)]
    if not others.any():
        return "none"
    return "every" if others.all() else "some"


@claim("wider", "narrower", "alike")
def hidden_width(trace: Trace, example: Example) -> str:
    """Is d_ff larger than d_model, smaller, or the same?"""
    d_model, d_ff = trace[f"{first_layer(trace)}.feed_forward.w_1"].shape
    return "alike" if d_ff == d_model else "wider" if d_ff > d_model else "narrower"


@claim("relu", "gelu")
def activation_of_model(trace: Trace, example: Example) -> str:
    """Which activation has the model?"""
    return "relu" if example.model.config.activation == "relu" else "gelu"


@claim("some", "all", "none", "gelu")
def zeros_of_activation(trace: Trace, example: Example) -> str:
    """Does ReLU leave 0 in some places of the row that is followed, in all, in none; or is it GELU?"""
    if example.model.config.activation != "relu":
        return "gelu"
    zero = trace["feed_forward.relu"].values[int(trace["feed_forward.row"].values)] == 0
    return "all" if zero.all() else "some" if zero.any() else "none"


@claim("below", "above", "unseen")
def activations_differ(trace: Trace, example: Example) -> str:
    """Do ReLU and GELU differ, as printed, at the number that is looked at, and is it below 0 or not?"""
    row, place = (int(trace[f"feed_forward.{name}"].values) for name in ("row", "place"))
    relu, gelu = (trace[f"feed_forward.{name}"].at(row, place).text for name in ("relu", "gelu"))
    if relu == gelu:
        return "unseen"
    hidden = trace[f"{first_layer(trace)}.feed_forward.hidden"].values[row, place]
    return "below" if hidden < 0 else "above"


@claim()
def network_sees_padding(trace: Trace, example: Example) -> bool:
    """Are there rows of [PAD] among the network's, left out of the share of numbers below 0?"""
    return trace["feed_forward.words"].shape != trace["feed_forward.negative"].shape
