"""Rotary embedding in the trace: which numbers are pairs, by which angle each turns, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.model.rotary import Rotary, rotary_frequencies
from core.trace.given import CONSTANT
from core.trace.origin import made

if TYPE_CHECKING:
    from core.trace.record import Record


def trace_turned(record: Record, name: str, turned: np.ndarray, rotary: Rotary) -> None:
    """Add the tensor `name` (heads, tokens, d_k), NAME_straight turned by the tokens' places.

    Once for all: rotary.frequencies (pairs,), by how much each pair turns from token to token; rotary.partners (d_k,),
    the place of the other number of each one's pair, its own if it is not turned; rotary.pairs (d_k,), which pair that
    is; rotary.angles (tokens, pairs), as many as the longest text has.
    """
    _pairs(record, turned.shape[-1], rotary)
    angles = _angles(record, turned.shape[-2])
    straight = record.tensors[f"{name}_straight"]
    partner, angle = f"{straight.name}[h i (rotary.partners[c])]", f"{angles}[i (rotary.pairs[c])]"
    origin = made("rotation[hic]", f"{straight.name}[hic]", partner, angle, "rotary.partners[c]")
    record.add(name, turned, straight.axes, origin=origin, labels=straight.labels)


def pairs_of(width: int, rotary: Rotary) -> tuple[np.ndarray, np.ndarray]:
    """The partner of each of a head's numbers, itself if it is not turned, and its pair, 0 then; integers (width,)."""
    columns, turned = np.arange(width), width if rotary.width is None else rotary.width
    if rotary.interleaved:
        partners, pairs = columns ^ 1, columns // 2
    else:
        partners, pairs = (columns + turned // 2) % turned, columns % (turned // 2)
    still = columns >= turned
    return np.where(still, columns, partners), np.where(still, 0, pairs)


def _pairs(record: Record, width: int, rotary: Rotary) -> None:
    if "rotary.pairs" in record:
        return
    turned = width if rotary.width is None else rotary.width
    frequencies = rotary_frequencies(turned, base=rotary.base, scaling=rotary.scaling)
    record.add("rotary.frequencies", frequencies, ("pairs",), origin=CONSTANT)
    for name, places in zip(("partners", "pairs"), pairs_of(width, rotary), strict=True):
        record.add(f"rotary.{name}", places, ("d_k",), origin=CONSTANT, decimals=0)


def _angles(record: Record, tokens: int) -> str:
    """Add the angles of so many tokens, unless they are there; returns their name."""
    name = f"rotary.angles_{tokens}"
    if name not in record:
        angles = np.arange(tokens)[:, None] * record["rotary.frequencies"]  # (tokens, pairs)
        record.add(name, angles, ("tokens", "pairs"), origin=made("turn[ip]", "rotary.frequencies[p]"))
    return name
