"""What may be said of a model's layers, and of the encoder."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.trace import Trace


@claim()
def weights_from_seed(trace: Trace, example: Example) -> bool:
    """Are the weights around the attention drawn from a seed, rather than those of a model in a file?"""
    return example.loaded is None


@claim()
def several_layers(trace: Trace, example: Example) -> bool:
    """Has each stack more than one layer?"""
    return example.model.config.layers > 1


@claim("post", "pre")
def place_of_norm(trace: Trace, example: Example) -> str:
    """Does the norm stand after each residual sum, or before each block?"""
    return example.model.config.norm


@claim("scaled", "positioned", "bare")
def what_goes_in(trace: Trace, example: Example) -> str:
    """Are embeddings multiplied by √d_model and given positions, given positions alone, or left as they are?"""
    config = example.model.config
    if config.positions == "none":
        return "bare"
    return "scaled" if config.embedding_scale else "positioned"


@claim("all", "masked", "blind")
def encoder_looks(trace: Trace, example: Example) -> str:
    """May every token of the source look at all, at some, or is there one that may look nowhere?"""
    if not example.config.has_encoder:
        return "all"
    allowed = trace["encoder.1.self_attention.mask"].values == 0
    if not allowed.any(axis=-1).all():
        return "blind"
    return "all" if allowed.all() else "masked"


@claim()
def row_begins(trace: Trace, example: Example) -> bool:
    """Is the row that is followed through the encoder more than zeros, so that it has a direction?"""
    if not example.config.has_encoder:
        return True
    row, _ = trace.telling_rows()
    return bool(np.any(trace["encoder.stages.rows"].values[0, row]))


@claim("closer", "apart", "unchanged", "alone")
def two_rows(trace: Trace, example: Example) -> str:
    """Have the two rows whose similarity changes most grown alike, as printed, or apart, or neither?"""
    if not example.config.has_encoder:
        return "alone"
    row, other = trace.telling_rows()
    if row == other:
        return "alone"
    similarity = trace["encoder.stages.similarity"]
    first, last = (similarity.at(stage, row, other).printed for stage in (0, len(similarity.values) - 1))
    if first == last:
        return "unchanged"
    return "closer" if last > first else "apart"
