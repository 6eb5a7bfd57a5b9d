"""Who mixes and who makes something new: the numbers of a sub-layer beside the range of what went in.

Attention, its weights once known, only mixes: each number of its context lies between the smallest and the largest
number of its column of the values, for weights are not negative and sum to 1. A feed-forward network is not bound.
"""

from __future__ import annotations

import numpy as np

from core.trace.norm import first_layer
from core.trace.operations import NOISE
from core.trace.origin import Origin, made
from core.trace.record import Record, column
from core.trace.tensor import Tensor

Array = np.ndarray


def trace_ranges(record: Record) -> None:
    """Add `ranges.*`, all of the first layer: which numbers leave the range of their column, 1, and which do not, 0.

    ranges.attention.outside (heads, queries, d_v): of the context beside the values; ranges.feed_forward.outside
    (tokens, d_model): of what leaves the network beside what enters it; ….count (), ….size (): how many, of how many.
    """
    layer = first_layer(record)
    heads, network = f"{layer}.self_attention.heads", f"{layer}.feed_forward"
    context, values = record[f"{heads}.context"], record[f"{heads}.v"]
    group = len(context) // len(values)
    beyond = outside(context, values.repeat(group, axis=0))
    origin = made("outside[hqd]", f"{heads}.context[hqd]", column(f"{heads}.v", "h*d", group))
    _add(record, "attention", beyond, record.tensors[f"{heads}.context"], origin)
    beyond = outside(record[f"{network}.output"], record[f"{network}.input"])
    origin = made("outside[td]", f"{network}.output[td]", f"{network}.input[*d]")
    _add(record, "feed_forward", beyond, record.tensors[f"{network}.output"], origin)


def outside(numbers: Array, columns: Array) -> Array:
    """1 where a number is beyond the smallest or the largest of its column, else 0.

    numbers: (…, rows, columns); columns: (…, other rows, columns).
    """
    low, high = columns.min(axis=-2, keepdims=True), columns.max(axis=-2, keepdims=True)
    return ((numbers < low - NOISE) | (numbers > high + NOISE)).astype(float)


def _add(record: Record, name: str, beyond: Array, of: Tensor, origin: Origin) -> None:
    lead = f"ranges.{name}"
    everywhere = f"{lead}.outside[{'*' * beyond.ndim}]"
    record.add(f"{lead}.outside", beyond, of.axes, labels=of.labels, origin=origin, decimals=0)
    record.add(f"{lead}.count", beyond.sum(), origin=made("total[]", everywhere), decimals=0)
    record.add(f"{lead}.size", beyond.size, origin=made("cell_count[]", everywhere), decimals=0)
