"""The whole Transformer in the trace: every sub-layer of every layer, the output, the loss and greedy decoding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.model.attention import MultiHeadSteps
from core.model.decoding import greedy
from core.model.feed_forward import FeedForwardSteps
from core.model.layers import AttentionWeights, FeedForwardWeights, LayerSteps, LayerWeights, SubLayerSteps
from core.model.masks import as_additive, causal_mask, combine_masks
from core.model.normalization import NormSteps
from core.model.special_tokens import END, PAD
from core.model.transformer import InputSteps, StackSteps, Transformer, decode, encode, predict
from core.trace.record import Labels, Record, token_labels

if TYPE_CHECKING:
    from core.examples.example import Example

ROWS = ("tokens", "d_model")
SQUARES = ("heads", "queries", "keys")


def trace_model(record: Record, example: Example, mask: np.ndarray) -> None:
    """Add the example's model at work; mask: boolean (queries, keys), the encoder's.

    A model without an encoder has no `source`, `encoder` and `memory` and looks nowhere across: it reads the main
    sentence and goes on with the target.
    """
    model = example.model
    source: tuple[str, ...] = ()
    memory = None
    if model.config.has_encoder:
        source = example.rows
        memory = _encoder(record, model, source, mask)
    _decoder(record, model, example.decoder_tokens, source, memory)
    _output(record, model)
    _translation(record, model, example.prompt, source, memory)


# --- the two stacks ---------------------------------------------------------------------------------------------------


def _encoder(record: Record, model: Transformer, tokens: tuple[str, ...], mask: np.ndarray) -> np.ndarray:
    labels = token_labels(tokens)
    steps = encode(model, model.ids(tokens), mask=mask)
    _inputs(record, "source", model, tokens, steps.inputs)
    for number, (weights, layer) in enumerate(zip(model.encoder, steps.layers, strict=True), 1):
        _layer(record, f"encoder.{number}", model.config.norm, weights, layer, (labels, mask), None)
    _final_norm(record, "encoder", steps, labels)
    return record.add("memory", steps.output, ROWS, labels=labels)


def _decoder(
    record: Record, model: Transformer, tokens: tuple[str, ...], source: tuple[str, ...], memory: np.ndarray | None
) -> None:
    """tokens: [START], then what is to be said; source: the tokens of the memory's rows."""
    labels, real = token_labels(tokens), _real(source)
    steps = decode(model, model.ids(tokens), memory, memory_padding=real if source else None)
    _inputs(record, "target", model, tokens, steps.inputs)
    expected = (*tokens[1:], END)
    record.add("target.expected", model.ids(expected), ("tokens",), labels={"tokens": expected}, decimals=0)
    seen = (labels, causal_mask(len(tokens)))
    crossing = (token_labels(tokens, source), combine_masks(real, np.ones((len(tokens), len(source)), dtype=bool)))
    for number, (weights, layer) in enumerate(zip(model.decoder, steps.layers, strict=True), 1):
        _layer(record, f"decoder.{number}", model.config.norm, weights, layer, seen, crossing)
    _final_norm(record, "decoder", steps, labels)
    record.add("decoder.output", steps.output, ROWS, labels=labels)


def _real(tokens: Sequence[str]) -> np.ndarray:
    """Which tokens are words, boolean (keys,)."""
    return np.array([token != PAD for token in tokens], dtype=bool)


def _inputs(record: Record, name: str, model: Transformer, tokens: tuple[str, ...], steps: InputSteps) -> None:
    labels = token_labels(tokens)
    record.add(f"{name}.token_ids", model.ids(tokens), ("tokens",), labels=labels, decimals=0)
    for part in ("embedded", "scaled", "positions", "segments"):
        rows = getattr(steps, part)
        if rows is not None:
            record.add(f"{name}.{part}", rows, ROWS, labels=labels)
    record.add(f"{name}.input", steps.output, ROWS, labels=labels)


def _final_norm(record: Record, stack: str, steps: StackSteps, labels: Labels) -> None:
    if steps.final_norm is not None:
        _norm(record, f"{stack}.final_norm", steps.final_norm, labels)


# --- one layer --------------------------------------------------------------------------------------------------------


def _layer(
    record: Record,
    name: str,
    norm: str,
    weights: LayerWeights,
    steps: LayerSteps,
    own: tuple[Labels, np.ndarray],
    crossing: tuple[Labels, np.ndarray] | None,
) -> None:
    """A layer: its sub-layers in order, each with its residual sum and its norm.

    own, crossing: labels and boolean mask (queries, keys) of self- and of cross-attention.
    """
    labels, mask = own
    stream = f"{name}.input"  # the tensor that the residual connection carries on
    record.add(stream, steps.input, ROWS, labels=labels)

    def add_norm(number: int, sub_layer: SubLayerSteps, write: Callable[[str], None]) -> str:
        norm_name = f"{name}.norm_{number}"
        if norm == "pre":
            _norm(record, norm_name, sub_layer.norm, labels)
        write(f"{norm_name}.output" if norm == "pre" else stream)
        record.add(f"{name}.sum_{number}", sub_layer.sum, ROWS, labels=labels)
        if norm == "post":
            _norm(record, norm_name, sub_layer.norm, labels)
        return f"{name}.sum_{number}" if norm == "pre" else f"{norm_name}.output"

    def self_attention(given: str) -> None:
        inner = steps.self_attention.inner
        _attention(record, f"{name}.self_attention", (given, given), weights.self_attention, inner, labels, mask)

    def feed_forward(given: str) -> None:
        _feed_forward(record, f"{name}.feed_forward", given, weights.feed_forward, steps.feed_forward.inner, labels)

    stream = add_norm(1, steps.self_attention, self_attention)
    if steps.cross_attention is not None and weights.cross_attention is not None and crossing is not None:
        crossed, cross_weights = steps.cross_attention, weights.cross_attention

        def cross_attention(given: str) -> None:
            block = f"{name}.cross_attention"
            _attention(record, block, (given, "memory"), cross_weights, crossed.inner, *crossing)

        stream = add_norm(2, crossed, cross_attention)
    add_norm(len(steps.norms), steps.feed_forward, feed_forward)
    record.add(f"{name}.output", steps.output, ROWS, labels=labels)


def _attention(
    record: Record,
    name: str,
    sources: tuple[str, str],
    weights: AttentionWeights,
    steps: MultiHeadSteps,
    labels: Labels,
    mask: np.ndarray,
) -> None:
    """An attention block; sources: the tensors that queries, and that keys and values, are made of."""
    queries, keys = sources
    for part, axes in (("q", ("d_model", "d_k")), ("k", ("d_model", "d_k")), ("v", ("d_model", "d_v"))):
        record.add(f"{name}.w_{part}", getattr(weights, f"w_{part}"), axes)
    record.add(f"{name}.w_o", weights.w_o, ("d_concat", "d_model"))
    for part, source, row, width in (
        ("q", queries, "queries", "d_k"),
        ("k", keys, "keys", "d_k"),
        ("v", keys, "keys", "d_v"),
    ):
        bias, product = getattr(weights, f"b_{part}"), (source, f"{name}.w_{part}")
        _projection(record, f"{name}.{part}", f"{name}.b_{part}", product, bias, (row, width), labels)
    record.add(f"{name}.mask", as_additive(mask), ("queries", "keys"), labels=labels)
    _heads(record, f"{name}.heads", steps, labels)
    record.add(f"{name}.concat", steps.concat, ("queries", "d_concat"), labels=labels)
    product, axes = (f"{name}.concat", f"{name}.w_o"), ("queries", "d_model")
    _projection(record, f"{name}.output", f"{name}.b_o", product, weights.b_o, axes, labels)


def _heads(record: Record, name: str, steps: MultiHeadSteps, labels: Labels) -> None:
    heads = steps.heads
    transposed = heads.k.swapaxes(-1, -2)  # (heads, d_k, keys)
    scores, context = (f"{name}.q", f"{name}.k_transposed"), (f"{name}.weights", f"{name}.v")
    record.add(f"{name}.q", heads.q, ("heads", "queries", "d_k"), labels=labels)
    record.add(f"{name}.k", heads.k, ("heads", "keys", "d_k"), labels=labels)
    record.add(f"{name}.k_transposed", transposed, ("heads", "d_k", "keys"), labels=labels)
    record.add(f"{name}.v", heads.v, ("heads", "keys", "d_v"), labels=labels)
    record.add(f"{name}.scores", heads.scores, SQUARES, labels=labels, product=scores)
    record.add(f"{name}.scaled_scores", heads.scaled, SQUARES, labels=labels)
    record.add(f"{name}.masked_scores", heads.masked, SQUARES, labels=labels)
    record.weights(f"{name}.weights", heads.weights, labels, "heads")
    record.add(f"{name}.context", heads.output, ("heads", "queries", "d_v"), labels=labels, product=context)


def _projection(
    record: Record,
    name: str,
    bias_name: str,
    product: tuple[str, str],
    bias: np.ndarray | None,
    axes: tuple[str, str],
    labels: Labels,
) -> None:
    record.projection(name, product, bias, axes, labels=labels, bias_name=bias_name)


def _norm(record: Record, name: str, steps: NormSteps, labels: Labels) -> None:
    record.add(f"{name}.mean", steps.mean, ("tokens",), labels=labels)
    record.add(f"{name}.centred", steps.centred, ROWS, labels=labels)
    record.add(f"{name}.variance", steps.variance, ("tokens",), labels=labels)
    record.add(f"{name}.deviation", steps.deviation, ("tokens",), labels=labels)
    record.add(f"{name}.normalised", steps.normalised, ROWS, labels=labels)
    record.add(f"{name}.scale", steps.scale, ("d_model",))
    record.add(f"{name}.shift", steps.shift, ("d_model",))
    record.add(f"{name}.output", steps.output, ROWS, labels=labels)


def _feed_forward(
    record: Record, name: str, given: str, weights: FeedForwardWeights, steps: FeedForwardSteps, labels: Labels
) -> None:
    wide = ("tokens", "d_ff")
    record.add(f"{name}.input", record[given], ROWS, labels=labels)
    record.add(f"{name}.w_1", weights.w_1, ("d_model", "d_ff"))
    _projection(record, f"{name}.hidden", f"{name}.b_1", (f"{name}.input", f"{name}.w_1"), weights.b_1, wide, labels)
    record.add(f"{name}.activated", steps.activated, wide, labels=labels)
    record.add(f"{name}.w_2", weights.w_2, ("d_ff", "d_model"))
    product = (f"{name}.activated", f"{name}.w_2")
    _projection(record, f"{name}.output", f"{name}.b_2", product, weights.b_2, ROWS, labels)


# --- what comes out ---------------------------------------------------------------------------------------------------


def _output(record: Record, model: Transformer) -> None:
    """Logits, probabilities and the loss −ln p(expected). Source: Vaswani et al. (2017), section 3.4."""
    labels = {**record.tensors["decoder.output"].labels, "vocabulary": model.vocabulary}
    steps = predict(model, record["decoder.output"])
    record.add("output.w", model.output_projection, ("d_model", "vocabulary"), labels=labels)
    axes, product = ("tokens", "vocabulary"), ("decoder.output", "output.w")
    record.add("logits", steps.logits, axes, labels=labels, product=product)
    record.add("probabilities", steps.probabilities, axes, labels=labels, decimals=record.decimals)
    expected = record["target.expected"].astype(int)
    loss = _cross_entropy(steps.logits, expected)  # (tokens,)
    record.add("loss", loss, ("tokens",), labels=labels, decimals=record.decimals)
    record.add("mean_loss", loss.mean(), decimals=record.decimals)


def _cross_entropy(logits: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """−ln softmax(logits)[expected], (tokens,): by the logarithm of the sum, finite where a probability is 0."""
    largest = logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(logits - largest).sum(axis=-1))  # (tokens,)
    at_expected: np.ndarray = np.take_along_axis(logits - largest, expected[:, None], axis=-1)[:, 0]
    return total - at_expected


def _translation(
    record: Record, model: Transformer, prompt: tuple[str, ...], source: tuple[str, ...], memory: np.ndarray | None
) -> None:
    """Greedy decoding, without and with the cache of keys and values."""
    ids, real = model.ids(prompt).tolist(), _real(source) if source else None
    said = greedy(model, ids, memory, memory_padding=real, cached=False)
    cached = greedy(model, ids, memory, memory_padding=real)
    labels = {
        "steps": tuple(model.vocabulary[word] for word in said.ids),
        "vocabulary": model.vocabulary,
        "keys": source,
    }
    axes, places = ("steps", "vocabulary"), record.decimals
    record.add("translation.token_ids", said.ids, ("steps",), labels=labels, decimals=0)
    record.add("translation.logits", said.logits, axes, labels=labels)
    record.add("translation.probabilities", said.probabilities, axes, labels=labels, decimals=places)
    record.add("translation.cached_probabilities", cached.probabilities, axes, labels=labels, decimals=places)
    if memory is None:
        return
    looks = said.cross_attention  # (layers, heads, steps, keys)
    crossing = ("layers", "heads", "steps", "keys")
    record.add("translation.heads.cross_attention", looks, crossing, labels=labels, decimals=places)
    mean = looks[-1].mean(axis=0)  # (steps, keys)
    record.add("translation.cross_attention", mean, ("steps", "keys"), labels=labels, decimals=places)
