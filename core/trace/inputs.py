"""How tokens become the rows that a model works on."""

from __future__ import annotations

import math

from core.model.transformer import Transformer, inputs
from core.trace.given import WORDS, positions_of
from core.trace.origin import given, made
from core.trace.record import Record, token_labels


def trace_inputs(
    record: Record,
    prefix: str,
    model: Transformer,
    tokens: tuple[str, ...],
    *,
    result: str = "input",
    row: str = "tokens",
) -> str:
    """Add PREFIX.token_ids (tokens,), and the rows (tokens, d_model) made of them, step by step.

    These are PREFIX.embedded, of .scaled, .positions and .segments what the model has, and PREFIX.RESULT, whose name is
    returned. row: what the first axis is called.
    """
    labels, axes, ids = token_labels(tokens), (row, "d_model"), model.ids(tokens)
    steps, table = inputs(model, ids), "embedding" if "embedding" in record else "output.embedding"
    origins = {
        "embedded": made("lookup[id]", f"{table}[({prefix}.token_ids[i])d]"),
        "scaled": made("multiple[id]", f"{prefix}.embedded[id]", constant=math.sqrt(model.config.d_model)),
        "positions": positions_of(model.config),
        "segments": given("model"),
    }
    record.add(f"{prefix}.token_ids", ids, (row,), origin=WORDS, labels=labels, decimals=0)
    there = [part for part in origins if getattr(steps, part) is not None]
    for part in there:
        record.add(f"{prefix}.{part}", getattr(steps, part), axes, origin=origins[part], labels=labels)
    added = [f"{prefix}.{part}[id]" for part in there if part != "embedded" or "scaled" not in there]
    origin = made("sum[id]" if len(added) > 1 else "copy[id]", *added)
    record.add(f"{prefix}.{result}", steps.output, axes, origin=origin, labels=labels)
    return f"{prefix}.{result}"
