"""Claims about the whole model: what it is built of, and which of its sub-layers leave the range of what goes in."""

from __future__ import annotations

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.norm import first_layer
from core.trace.trace import Trace


@claim("alone", "one", "several")
def figure_stack(trace: Trace, example: Example) -> str:
    """Has the model a stack of one kind alone, or an encoder, of one layer or of several?"""
    config = example.model.config
    if not config.has_encoder:
        return "alone"
    return "one" if config.layers == 1 else "several"


@claim()
def decoder_reads_encoder(trace: Trace, example: Example) -> bool:
    """Is there an encoder whose output the decoder reads?"""
    return example.model.config.has_encoder


@claim("network", "none", "blind")
def leaves_range(trace: Trace, example: Example) -> str:
    """Does any number of the feed-forward network leave the range of its column; or does a row attend to nothing?"""
    weights = trace[f"{first_layer(trace)}.self_attention.heads.weights"].values  # (heads, queries, keys)
    if not weights.sum(axis=-1).all():
        return "blind"
    return "network" if trace["ranges.feed_forward.count"].values > 0 else "none"
