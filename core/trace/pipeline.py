"""From an example to its trace: every number that any chapter shows, computed once and named."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from core.examples.example import Example
from core.model.attention import attention, merge_heads, split_heads
from core.model.embedding import embed
from core.model.masks import causal_mask, combine_masks, padding_mask
from core.model.softmax import softmax
from core.model.special_tokens import PAD
from core.trace.feed_forward import trace_feed_forward
from core.trace.focus import TELLING, Focus
from core.trace.forms import trace_forms
from core.trace.given import CAUSAL, CHOICE, CONSTANT, WORDS, given_weight, positions_of
from core.trace.layers import trace_layers
from core.trace.model import trace_model
from core.trace.norm import trace_norm
from core.trace.origin import Axis, Operand, Origin, Sum, given, made
from core.trace.positions import trace_positions
from core.trace.ranges import trace_ranges
from core.trace.record import Labels, Mask, Record, cut, merged, softmax_of, token_labels
from core.trace.scaling import trace_scaling
from core.trace.tensor import Tensor
from core.trace.trace import Trace
from core.trace.trained_without import trace_trained_without
from core.trace.translation import trace_translation

FILL = -1e9


_latest: list[tuple[Example, Focus, Trace]] = []  # chapter after chapter is told of the same example


def trace_example(example: Example, focus: Focus = TELLING) -> Trace:
    """Every intermediate of the example, in the order in which the film needs it; of the example that was traced last,
    what was traced. focus: what is worked through, where the numbers are not to choose.

    What belongs to the model around the attention is computed when one of its numbers is first asked for; of an example
    that does not scale there is none.
    """
    if not _latest or _latest[0][0] is not example or _latest[0][1] != focus:
        _latest[:] = [(example, focus, _trace(example, focus))]
    return _latest[0][2]


def _trace(example: Example, focus: Focus) -> Trace:
    record = Record(example.decimals, focus=focus, scale=example.scale)
    _main(record, example)
    _heads(record, example)
    trace_scaling(record)
    _padding(record, example)
    _causal(record)
    _fully_masked(record)
    return Trace(record.tensors, partial(_model, record, example) if example.scale else None, focus)


def _model(record: Record, example: Example) -> Mapping[str, Tensor]:
    """The whole Transformer, and what single chapters tell about it."""
    trace_model(record, example, main_mask(example))
    trace_forms(record, example)
    trace_positions(record, example)
    trace_layers(record)
    trace_translation(record, example)
    trace_ranges(record)
    trace_trained_without(record, example)
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


def _embedding(record: Record, example: Example, prefix: str, tokens: tuple[str, ...], ids: str) -> np.ndarray:
    """PREFIXx (tokens, d_model): embeddings; where the example adds positions, also these and PREFIXembedded.

    ids: where the tokens' ids stand, in index notation.
    """
    labels, axes, name = token_labels(tokens), ("tokens", "d_model"), f"{prefix}embedded"
    embedded = embed(_ids(example, tokens), example.embedding_table)
    lookup = made("lookup[id]", f"embedding_table[({ids})d]")
    positions = example.position_rows(len(tokens))
    if positions is None and prefix:
        return record.add(f"{prefix}x", embedded, axes, origin=lookup, labels=labels)
    record.add(name, embedded, axes, origin=lookup, labels=labels)
    if positions is None:
        return record.copy(f"{prefix}x", name, axes, labels=labels)
    segments = example.loaded is not None and example.loaded.segment_embedding is not None
    origin = given("model") if segments else positions_of(example.config)
    record.add(f"{prefix}positions", positions, axes, origin=origin, labels=labels)
    total = made("sum[id]", f"{name}[id]", f"{prefix}positions[id]")
    return record.add(f"{prefix}x", embedded + positions, axes, origin=total, labels=labels)


def _main(record: Record, example: Example) -> None:
    tokens = example.rows
    labels = token_labels(tokens)
    words = {"vocabulary": example.vocabulary}
    ids, table = _ids(example, tokens), example.embedding_table
    record.add("token_ids", ids, ("tokens",), origin=WORDS, labels=labels, decimals=0)
    given_table = given_weight(example, "embeddings")
    record.add("embedding_table", table, ("vocabulary", "d_model"), origin=given_table, labels=words)
    _embedding(record, example, "", tokens, "token_ids[i]")
    for name, axis in (("q", "d_k"), ("k", "d_k"), ("v", "d_v")):
        weight = f"w_{name}"
        record.add(weight, getattr(example, weight), ("d_model", axis), origin=given_weight(example, weight))
    for name, row, axis in (("q", "queries", "d_k"), ("k", "keys", "d_k"), ("v", "keys", "d_v")):
        bias, origin = getattr(example, f"b_{name}"), given_weight(example, f"b_{name}")
        record.projection(name, ("x", f"w_{name}"), bias, (row, axis), labels=labels, bias_origin=origin)
    _attention(record, example, labels)


def _attention(record: Record, example: Example, labels: Labels) -> None:
    """Attention as one head of full width. Source: Vaswani et al. (2017), "Attention Is All You Need", equation 1."""
    mask, square = Mask(main_mask(example), _mask_origin(example)), ("queries", "keys")
    steps = attention(record["q"], record["k"], record["v"], mask=mask.seen, scale=record.factor)
    weights = record.attention("", steps, labels, mask=mask, in_steps=True)
    record.row_sums("weights.row_sums", "weights", labels)
    weighted = weights[:, :, None] * record["v"]  # (queries, keys, d_v)
    terms = made("product[ijd]", "weights[ij]", "v[jd]")
    record.add("weighted_values", weighted, (*square, "d_v"), origin=terms, labels=labels)


def _mask_origin(example: Example) -> Origin:
    if example.mask_matrix is not None:
        return given("example")
    if example.mask in ("padding", "both"):
        return made("mask[ij]", "token_ids[j]", constant=example.vocabulary.index(PAD), note=example.mask)
    return made("mask[ij]", note=example.mask)


def _heads(record: Record, example: Example) -> None:
    """The same Q, K, V cut into heads. Source: Vaswani et al. (2017), section 3.2.2."""
    heads, labels = example.heads, token_labels(example.rows)
    for name, axis in (("q", "d_k"), ("k", "d_k"), ("v", "d_v")):
        weight = split_heads(record[f"w_{name}"], heads)
        origin = cut(f"w_{name}", weight.shape[-1])
        record.add(f"heads.w_{name}", weight, ("heads", "d_model", axis), origin=origin)
    q, k, v = (split_heads(record[name], heads) for name in "qkv")  # (heads, tokens, d)
    for name, values, axes in (("q", q, ("queries", "d_k")), ("k", k, ("keys", "d_k")), ("v", v, ("keys", "d_v"))):
        product = made("product[hid]", "x[it]", f"heads.w_{name}[htd]")
        origin = product if getattr(example, f"b_{name}") is None else cut(name, values.shape[-1])
        record.add(f"heads.{name}", values, ("heads", *axes), origin=origin, labels=labels)
    steps = attention(q, k, v, mask=main_mask(example), scale=record.factor)
    record.attention("heads.", steps, labels, mask="mask")
    concat = merged("heads.context", example.d_v)
    record.add("concat", merge_heads(steps.output), ("queries", "d_concat"), origin=concat, labels=labels)
    record.add("w_o", example.w_o, ("d_concat", "d_model"), origin=given_weight(example, "w_o"))
    _contributions(record, steps.output, example, labels)
    record.projection(
        "multi_head_output",
        ("concat", "w_o"),
        example.b_o,
        ("queries", "d_model"),
        labels=labels,
        bias_name="b_o",
        bias_origin=given_weight(example, "b_o"),
    )
    origin = made("multiplications[ap]", "scores[**]", "q[0*]", "weights[**]", "v[0*]", *_OF_HEADS)
    values, axes = _multiplications(record), ("arrangements", "products")
    record.add("heads.multiplications", values, axes, origin=origin, decimals=0)


def _contributions(record: Record, contexts: np.ndarray, example: Example, labels: Labels) -> None:
    """What each head adds to O: its context times its own rows of W_O.  # (heads, queries, d_model)"""
    w_o = np.asarray(example.w_o).reshape(example.heads, example.d_v, -1)  # (heads, d_v, d_model)
    rows = Operand("w_o", (Sum((Axis(0, example.d_v), Axis(1))), Axis(2)))
    record.add("heads.w_o", w_o, ("heads", "d_v", "d_model"), origin=Origin("cut", (rows,)))
    product = made("product[hij]", "heads.context[hit]", "heads.w_o[htj]")
    axes = ("heads", "queries", "d_model")
    record.add("heads.contributions", contexts @ w_o, axes, origin=product, labels=labels)


_OF_HEADS = ("heads.scores[***]", "heads.q[0,0*]", "heads.weights[***]", "heads.v[0,0*]")


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
    _sentences(record, example, batch, padded)
    record.add("padding.sentence", chosen, origin=CHOICE, decimals=0)
    labels = token_labels(padded[chosen])
    _embedding(record, example, "padding.", padded[chosen], f"padding.sentence_{chosen}[i]")
    for name, row, axis in (("q", "queries", "d_k"), ("k", "keys", "d_k"), ("v", "keys", "d_v")):
        record.projected(f"padding.{name}", "padding.x", f"w_{name}", f"b_{name}", (row, axis), labels=labels)
    keys = padding_mask([len(batch[chosen])], longest)  # (1, keys)
    mask = combine_masks(keys, np.ones((longest, longest), dtype=bool))
    pad, ids = example.vocabulary.index(PAD), f"padding.sentence_{chosen}[j]"
    padding = Mask(mask, made("mask[ij]", ids, constant=pad, note="padding"))
    steps = attention(*(record[f"padding.{name}"] for name in "qkv"), mask=mask, scale=record.factor)
    record.attention("padding.", steps, labels, mask=padding, root="sqrt_d_k")
    record.row_sums("padding.row_sums", "padding.weights", labels)
    _without_mask(record, labels)
    _combined(record, mask, labels)


def _sentences(
    record: Record, example: Example, batch: tuple[tuple[str, ...], ...], padded: list[tuple[str, ...]]
) -> None:
    """The batch as ids, each sentence by itself too, its embeddings side by side, and how many words each has."""
    ids = [_ids(example, row) for row in padded]
    record.add("padding.token_ids", ids, ("sentences", "tokens"), origin=WORDS, decimals=0)
    words = made("word_count[s]", "padding.token_ids[s*]", constant=example.vocabulary.index(PAD))
    record.add("padding.lengths", [len(sentence) for sentence in batch], ("sentences",), origin=words, decimals=0)
    for number, row in enumerate(padded):
        name, origin = f"padding.sentence_{number}", made("copy[t]", f"padding.token_ids[{number} t]")
        record.add(name, ids[number], ("tokens",), origin=origin, labels={"tokens": row}, decimals=0)
        embedded, axes = embed(ids[number], example.embedding_table).T, ("d_model", "tokens")
        origin = made("lookup[di]", f"embedding_table[({name}[i])d]")
        record.add(f"padding.embedded_{number}", embedded, axes, origin=origin, labels={"tokens": row})


def _without_mask(record: Record, labels: Labels) -> None:
    """The padded sentence's weights without the mask, and with the mask after the softmax, where it comes too late."""
    scaled, mask = record["padding.scaled_scores"], record["padding.mask"]
    unmasked, late = "padding.unmasked_weights", "padding.late_mask_weights"
    weights = record.weights(unmasked, softmax(scaled), labels, origin=softmax_of("padding.scaled_scores"))
    record.row_sums("padding.unmasked_row_sums", unmasked, labels)
    origin = made("filter[ij]", f"{unmasked}[ij]", "padding.mask[ij]")
    record.weights(late, np.where(np.isneginf(mask), 0.0, weights), labels, origin=origin)
    record.row_sums("padding.late_mask_row_sums", late, labels)


def _combined(record: Record, mask: np.ndarray, labels: Labels) -> None:
    """The padded sentence under both masks. mask: boolean (queries, keys), that of the padding."""
    causal, square = causal_mask(len(mask)), ("queries", "keys")
    combined = combine_masks(mask, causal)
    both = attention(*(record[f"padding.{name}"] for name in "qkv"), mask=combined, scale=record.factor)
    record.mask("combined.causal.mask", Mask(causal, CAUSAL), labels)
    sums = made("sum[ij]", "padding.mask[ij]", "combined.causal.mask[ij]")
    record.mask("combined.mask", Mask(combined, sums), labels)
    origin = made("masking[ij]", "padding.scaled_scores[ij]", "combined.mask[ij]")
    record.add("combined.masked_scores", both.masked, square, origin=origin, labels=labels)
    record.weights("combined.weights", both.weights, labels, origin=softmax_of("combined.masked_scores"))


def _padded_index(example: Example, batch: tuple[tuple[str, ...], ...], longest: int) -> int:
    """Which sentence of the batch shows its padding: the main one if it is short, else the first short one."""
    short = [number for number, sentence in enumerate(batch) if len(sentence) < longest]
    return example.show if batch is example.batch and example.show in short else short[0]


def _causal(record: Record) -> None:
    """The main sentence under the causal mask alone, and without any mask."""
    scaled = record["scaled_scores"]
    labels = record.tensors["scaled_scores"].labels
    square = ("queries", "keys")
    record.mask("causal.mask", Mask(causal_mask(len(scaled)), CAUSAL), labels)
    origin, masked = made("masking[ij]", "scaled_scores[ij]", "causal.mask[ij]"), scaled + record["causal.mask"]
    record.add("causal.masked_scores", masked, square, origin=origin, labels=labels)
    record.weights("causal.weights", softmax(masked), labels, origin=softmax_of("causal.masked_scores"))
    record.row_sums("causal.row_sums", "causal.weights", labels)
    record.weights("causal.unmasked_weights", softmax(scaled), labels, origin=softmax_of("scaled_scores"))


def _fully_masked(record: Record) -> None:
    """A query that may look at nothing: zero weights.

    Scores replaced by a large negative number would give the mean of all values; that number added to them leaves their
    differences, and so in double precision the weights that there are without a mask.
    """
    labels, square = {"keys": record.tensors["scaled_scores"].labels["keys"]}, ("queries", "keys")
    row = record["scaled_scores"][:1]
    for scores, weights, value in (("scores", "weights", -np.inf), ("filled_scores", "filled_weights", FILL)):
        name = f"fully_masked.{scores}"
        record.add(name, np.full_like(row, value), square, origin=CONSTANT, labels=labels)
        record.weights(f"fully_masked.{weights}", softmax(record[name]), labels, origin=softmax_of(name))
    query, name = Trace(record.tensors, focus=record.focus).telling_pair()[0], "fully_masked.added_scores"
    added = record["scaled_scores"][query : query + 1] + record["fully_masked.filled_scores"]
    origin = made("sum[ij]", f"scaled_scores[{query} j]", "fully_masked.filled_scores[ij]")
    record.add(name, added, square, origin=origin, labels=labels)
    record.weights("fully_masked.added_weights", softmax(added), labels, origin=softmax_of(name))
