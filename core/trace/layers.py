"""How the rows change from layer to layer: each row beside where it began, and beside the other rows."""

from __future__ import annotations

from collections.abc import Container
from functools import partial
from itertools import count, takewhile
from typing import TYPE_CHECKING

import numpy as np

from core.trace.origin import made

if TYPE_CHECKING:
    from core.trace.record import Record


def cosine_similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cosine of the angle between every row of `first` and every row of `second`; 0 where a row is all zeros.

    first (rows, d), second (others, d) → (rows, others).
    """
    lengths = np.linalg.norm(first, axis=-1)[:, None] * np.linalg.norm(second, axis=-1)  # (rows, others)
    products: np.ndarray = first @ second.T
    return np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)


def trace_layers(record: Record) -> None:
    """The stages of the encoder (its input, what leaves each layer, the memory last), compared row by row.

    encoder.stages.rows (stages, tokens, d_model): the stages themselves;
    encoder.stages.similarity (stages, queries, keys): of the rows of one stage with each other;
    encoder.stages.change (queries, keys): the last stage's similarity less the first's;
    encoder.stages.kept (stages, tokens): of each row with the same row of the input.
    A model without an encoder has none of these.
    """
    names = encoder_stages(record)
    if not names:
        return
    labels = dict.fromkeys(("tokens", "queries", "keys"), record.tensors[names[0]].labels["tokens"])
    stages = np.array([record[name] for name in names])  # (stages, tokens, d_model)
    similarity = np.array([cosine_similarity(stage, stage) for stage in stages])  # (stages, tokens, tokens)
    kept = np.array([np.diagonal(cosine_similarity(stage, stages[0])) for stage in stages])  # (stages, tokens)
    add, square, lead = partial(record.add, labels=labels), ("queries", "keys"), "encoder.stages"
    cosines, places = f"{lead}.similarity", record.decimals
    origin = made("stack[sid]", *(f"{name}[id]" for name in names))
    add(f"{lead}.rows", stages, ("stages", "tokens", "d_model"), origin=origin)
    origin = made("cosine[sij]", f"{lead}.rows[sid]", f"{lead}.rows[sjd]")
    add(cosines, similarity, ("stages", *square), origin=origin, decimals=places)
    origin = made("difference[ij]", f"{cosines}[{len(names) - 1} i j]", f"{cosines}[0 i j]")
    add(f"{lead}.change", similarity[-1] - similarity[0], square, origin=origin, decimals=places)
    origin = made("cosine[si]", f"{lead}.rows[sid]", f"{lead}.rows[0 i d]")
    add(f"{lead}.kept", kept, ("stages", "tokens"), origin=origin, decimals=places)


def encoder_stages(tensors: Container[str]) -> list[str]:
    """The names of what enters the encoder's first layer, of what leaves each layer, and last of the memory."""
    inputs = takewhile(lambda name: name in tensors, (f"encoder.{layer}.input" for layer in count(1)))
    return [*inputs, "memory"] if "memory" in tensors else []
