"""Claims: what captions may say of an example, decided by its numbers; one file a subject."""

from core.trace.claims import (
    context,
    decoder,
    encoder,
    feed_forward,
    forms,
    heads,
    masks,
    norm,
    output,
    positions,
    projections,
    scaling,
    softmax,
    tokens,
    translation,
    whole_model,
)
from core.trace.claims.claim import CLAIMS, Claim, claim

__all__ = [
    "CLAIMS",
    "Claim",
    "claim",
    "context",
    "decoder",
    "encoder",
    "feed_forward",
    "forms",
    "heads",
    "masks",
    "norm",
    "output",
    "positions",
    "projections",
    "scaling",
    "softmax",
    "tokens",
    "translation",
    "whole_model",
]
