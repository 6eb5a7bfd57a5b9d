"""From an example to its trace: every number that any chapter shows, computed once and named."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from core.examples.example import Example
from core.model.attention import attention, merge_heads, split_heads
from core.model.embedding import embed
from core.model.masks import as_additive, causal_mask, combine_masks, padding_mask
from core.model.softmax import softmax, softmax_steps
from core.model.special_tokens import PAD
from core.trace.ablation import trace_ablation
from core.trace.feed_forward import trace_feed_forward
from core.trace.forms import trace_forms
from core.trace.layers import trace_layers
from core.trace.model import trace_model
from core.trace.norm import trace_norm
from core.trace.positions import trace_positions
from core.trace.record import Record, token_labels
from core.trace.scaling import trace_scaling
from core.trace.trace import Tensor, Trace
from core.trace.translation import trace_translation

FILL = -1e9


def trace_example(example: Example) -> Trace:
    """Every intermediate of the example, in the order in which the film needs it.

    What belongs to the model around the attention is computed when one of its numbers is first asked for.
    """
    record = Record(example.decimals)
    _main(record, example)
    _heads(record, example)
    trace_scaling(record)
    _padding(record, example)
    _causal(record)
    _fully_masked(record)
    return Trace(record.tensors, partial(_model, record, example))


def _model(record: Record, example: Example) -> Mapping[str, Tensor]:
    """The whole Transformer, and what single chapters tell about it."""
    trace_model(record, example, main_mask(example))
    trace_forms(record, example)
    trace_positions(record, example)
    trace_layers(record)
    trace_translation(record, example)
    trace_ablation(record, example)
    trace_norm(record, example)
    trace_feed_forward(record, example)
    return record.tensors


def main_mask(example: Example) -> np.ndarray:
    """The example's own mask for its main sentence, boolean (queries, keys), True = may look."""
    rows = len(example.rows)
    if example.mask_matrix is not None:
        return example.mask_matrix
    masks = [np.ones((rows, rows), dtype=bool)]
    if example.mask in ("padding", "both"):
        masks.append(padding_mask([len(example.tokens)], rows))
    if example.mask in ("causal", "both"):
        masks.append(causal_mask(rows))
    return combine_masks(*masks)


def _ids(example: Example, tokens: tuple[str, ...]) -> np.ndarray:
    return np.array([example.vocabulary.index(token) for token in tokens])


def _inputs(example: Example, tokens: tuple[str, ...]) -> np.ndarray:
    """X (tokens, d_model): embeddings, positions added if the example adds them."""
    embedded = embed(_ids(example, tokens), example.embedding_table)
    positions = example.position_rows(len(tokens))
    return embedded if positions is None else embedded + positions


def _project(example: Example, x: np.ndarray, name: str) -> np.ndarray:
    """X W + b for `name` q, k or v."""
    bias = getattr(example, f"b_{name}")
    product: np.ndarray = x @ getattr(example, f"w_{name}")
    return product if bias is None else product + bias


def _main(record: Record, example: Example) -> None:
    tokens = example.rows
    labels = token_labels(tokens)
    words = {"vocabulary": example.vocabulary}
    record.add("token_ids", _ids(example, tokens), ("tokens",), labels=labels, decimals=0)
    record.add("embedding_table", example.embedding_table, ("vocabulary", "d_model"), labels=words)
    embedded = embed(_ids(example, tokens), example.embedding_table)
    record.add("embedded", embedded, ("tokens", "d_model"), labels=labels)
    positions = example.position_rows(len(tokens))
    if positions is not None:
        record.add("positions", positions, ("tokens", "d_model"), labels=labels)
    record.add("x", _inputs(example, tokens), ("tokens", "d_model"), labels=labels)
    for name, axis in (("q", "d_k"), ("k", "d_k"), ("v", "d_v")):
        record.add(f"w_{name}", getattr(example, f"w_{name}"), ("d_model", axis))
    for name, row, axis in (("q", "queries", "d_k"), ("k", "keys", "d_k"), ("v", "keys", "d_v")):
        record.projection(name, ("x", f"w_{name}"), getattr(example, f"b_{name}"), (row, axis), labels=labels)
    _attention(record, example, labels)


def _attention(record: Record, example: Example, labels: Mapping[str, tuple[str, ...]]) -> None:
    """Attention as one head of full width. Source: Vaswani et al. (2017), "Attention Is All You Need", equation 1."""
    mask = main_mask(example)
    steps = attention(record["q"], record["k"], record["v"], mask=mask)
    square = ("queries", "keys")
    record.add("k_transposed", record["k"].T, ("d_k", "keys"), labels=labels)
    record.add("scores", steps.scores, square, labels=labels, product=("q", "k_transposed"))
    record.add("sqrt_d_k", np.sqrt(example.heads * example.d_k))
    record.add("scaled_scores", steps.scaled, square, labels=labels)
    record.add("mask", as_additive(mask), square, labels=labels)
    masked = record.add("masked_scores", steps.masked, square, labels=labels)
    softmaxed = softmax_steps(masked)
    record.add("softmax.max", softmaxed.maximum, ("queries",), labels=labels)
    record.add("softmax.shifted", softmaxed.shifted, square, labels=labels)
    record.add("softmax.exponentials", softmaxed.exponentials, square, labels=labels, decimals=record.decimals)
    record.add("softmax.sum", softmaxed.total, ("queries",), labels=labels, decimals=record.decimals)
    weights = record.weights("weights", steps.weights, labels)
    record.add("weights.row_sums", weights.sum(axis=-1), ("queries",), labels=labels, decimals=record.decimals)
    context_axes = ("queries", "d_v")
    record.add("context", steps.output, context_axes, labels=labels, product=("weights", "v"))
    weighted = weights[:, :, None] * record["v"]  # (queries, keys, d_v)
    record.add("weighted_values", weighted, ("queries", "keys", "d_v"), labels=labels)


def _heads(record: Record, example: Example) -> None:
    """The same Q, K, V cut into heads. Source: Vaswani et al. (2017), section 3.2.2."""
    heads, labels = example.heads, token_labels(example.rows)
    has_bias = {name: getattr(example, f"b_{name}") is not None for name in "qkv"}
    for name, axis in (("q", "d_k"), ("k", "d_k"), ("v", "d_v")):
        record.add(f"heads.w_{name}", split_heads(record[f"w_{name}"], heads), ("heads", "d_model", axis))
    q, k, v = (split_heads(record[name], heads) for name in "qkv")  # (heads, tokens, d)
    for name, values, axes in (("q", q, ("queries", "d_k")), ("k", k, ("keys", "d_k")), ("v", v, ("keys", "d_v"))):
        product = None if has_bias[name] else ("x", f"heads.w_{name}")
        record.add(f"heads.{name}", values, ("heads", *axes), labels=labels, product=product)
    steps = attention(q, k, v, mask=main_mask(example))
    square = ("heads", "queries", "keys")
    record.add("heads.k_transposed", k.swapaxes(-1, -2), ("heads", "d_k", "keys"), labels=labels)
    record.add("heads.scores", steps.scores, square, labels=labels, product=("heads.q", "heads.k_transposed"))
    record.add("heads.sqrt_d_k", np.sqrt(example.d_k))
    record.add("heads.scaled_scores", steps.scaled, square, labels=labels)
    record.add("heads.masked_scores", steps.masked, square, labels=labels)
    record.weights("heads.weights", steps.weights, labels, "heads")
    context_axes, context_product = ("heads", "queries", "d_v"), ("heads.weights", "heads.v")
    record.add("heads.context", steps.output, context_axes, labels=labels, product=context_product)
    record.add("concat", merge_heads(steps.output), ("queries", "d_concat"), labels=labels)
    record.add("w_o", example.w_o, ("d_concat", "d_model"))
    axes = ("queries", "d_model")
    record.projection("multi_head_output", ("concat", "w_o"), example.b_o, axes, labels=labels, bias_name="b_o")
    record.add("heads.multiplications", _multiplications(record), ("arrangements", "products"), decimals=0)


def _multiplications(record: Record) -> np.ndarray:
    """How many multiplications QKᵀ and weights × V take: as one wide head, and as all the narrow ones.  # (2, 2)"""
    wide = (record["q"].size * len(record["k"]), record["weights"].size * record["v"].shape[-1])
    scores, weights = record["heads.scores"], record["heads.weights"]  # (heads, queries, keys)
    narrow = (scores.size * record["heads.q"].shape[-1], weights.size * record["heads.v"].shape[-1])
    return np.array([wide, narrow])


def padded_batch(example: Example) -> tuple[tuple[str, ...], ...]:
    """A batch in which padding shows: the example's own if its lengths differ, else one derived from the main sentence.

    The derived one is the main sentence and its own first two thirds; of a single token, it twice and it once.
    """
    if len({len(sentence) for sentence in example.batch}) > 1:
        return example.batch
    tokens = example.tokens if len(example.tokens) > 1 else example.tokens * 2
    return (tokens, tokens[: min(len(tokens) - 1, -(-2 * len(tokens) // 3))])


def _padding(record: Record, example: Example) -> None:
    """A padded sentence: masked before the softmax, unmasked, masked too late; and together with the causal mask.

    The rows of [PAD] queries are computed like all others; only the loss ignores them.
    """
    batch = padded_batch(example)
    longest = max(len(sentence) for sentence in batch)
    chosen = _padded_index(example, batch, longest)
    padded = [sentence + (PAD,) * (longest - len(sentence)) for sentence in batch]
    labels = token_labels(padded[chosen])
    record.add("padding.token_ids", [_ids(example, row) for row in padded], ("sentences", "tokens"), decimals=0)
    record.add("padding.lengths", [len(sentence) for sentence in batch], ("sentences",), decimals=0)
    for number, row in enumerate(padded):
        record.add(f"padding.sentence_{number}", _ids(example, row), ("tokens",), labels={"tokens": row}, decimals=0)
    record.add("padding.sentence", chosen, decimals=0)
    x = record.add("padding.x", _inputs(example, padded[chosen]), ("tokens", "d_model"), labels=labels)
    q, k, v = (_project(example, x, name) for name in "qkv")
    record.add("padding.q", q, ("queries", "d_k"), labels=labels)
    record.add("padding.k", k, ("keys", "d_k"), labels=labels)
    record.add("padding.v", v, ("keys", "d_v"), labels=labels)
    keys = padding_mask([len(batch[chosen])], longest)  # (1, keys)
    mask = combine_masks(keys, np.ones((longest, longest), dtype=bool))
    steps = attention(q, k, v, mask=mask)
    square = ("queries", "keys")
    record.add("padding.scores", steps.scores, square, labels=labels)
    record.add("padding.scaled_scores", steps.scaled, square, labels=labels)
    record.add("padding.mask", as_additive(mask), square, labels=labels)
    record.add("padding.masked_scores", steps.masked, square, labels=labels)
    weights = record.weights("padding.weights", steps.weights, labels)
    record.add("padding.row_sums", weights.sum(axis=-1), ("queries",), labels=labels, decimals=record.decimals)
    unmasked = record.weights("padding.unmasked_weights", softmax(steps.scaled), labels)
    sums = ("queries",)
    record.add("padding.unmasked_row_sums", unmasked.sum(axis=-1), sums, labels=labels, decimals=record.decimals)
    late = record.weights("padding.late_mask_weights", np.where(mask, unmasked, 0.0), labels)
    record.add("padding.late_mask_row_sums", late.sum(axis=-1), ("queries",), labels=labels, decimals=record.decimals)
    causal = causal_mask(longest)
    combined = combine_masks(mask, causal)
    both = attention(q, k, v, mask=combined)
    record.add("combined.causal.mask", as_additive(causal), square, labels=labels)
    record.add("combined.mask", as_additive(combined), square, labels=labels)
    record.add("combined.masked_scores", both.masked, square, labels=labels)
    record.weights("combined.weights", both.weights, labels)


def _padded_index(example: Example, batch: tuple[tuple[str, ...], ...], longest: int) -> int:
    """Which sentence of the batch shows its padding: the main one if it is short, else the first short one."""
    short = [number for number, sentence in enumerate(batch) if len(sentence) < longest]
    return example.show if batch is example.batch and example.show in short else short[0]


def _causal(record: Record) -> None:
    """The main sentence under the causal mask alone, and without any mask."""
    scaled = record["scaled_scores"]
    labels = record.tensors["scaled_scores"].labels
    square = ("queries", "keys")
    mask = record.add("causal.mask", as_additive(causal_mask(len(scaled))), square, labels=labels)
    masked = record.add("causal.masked_scores", scaled + mask, square, labels=labels)
    weights = record.weights("causal.weights", softmax(masked), labels)
    record.add("causal.row_sums", weights.sum(axis=-1), ("queries",), labels=labels, decimals=record.decimals)
    record.weights("causal.unmasked_weights", softmax(scaled), labels)


def _fully_masked(record: Record) -> None:
    """A query that may look at nothing: zero weights, where a large negative fill would give the mean of all values."""
    labels = {"keys": record.tensors["scaled_scores"].labels["keys"]}
    scaled = record["scaled_scores"][:1]
    scores = record.add("fully_masked.scores", np.full_like(scaled, -np.inf), ("queries", "keys"), labels=labels)
    record.weights("fully_masked.weights", softmax(scores), labels)
    record.weights("fully_masked.filled_weights", softmax(np.full_like(scaled, FILL)), labels)
