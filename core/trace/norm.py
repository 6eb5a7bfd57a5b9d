"""What is told by numbers of residual connections and of norms: what the connection keeps, what company does to a
normalised row, and where the norm may stand.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.model.layers import SubLayerSteps, encoder_layer
from core.model.masks import causal_mask
from core.model.normalization import NormSteps, batch_norm, layer_norm
from core.model.special_tokens import PAD
from core.model.transformer import Transformer, inputs
from core.trace.focus import within
from core.trace.given import CHOICE, CONSTANT, run
from core.trace.layers import cosine_similarity
from core.trace.origin import given, made

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record
    from core.trace.tensor import Tensor

MOST_SENTENCES = 4
MOST_LAYERS = 2
TICKS = np.arange(-2, 3)
SQUARE = ("queries", "keys")
ROWS = ("tokens", "d_model")


def trace_norm(record: Record, example: Example) -> None:
    """Add `residual.*`, `layer_norm.*`, `batch_norm.*` and `placement.*`, of the first layer (placement: of the first).

    residual.without, residual.with (queries, keys): each row of the sub-layer's output, and of the residual sum, beside
    each row of the input (cosine); residual.kept_without, residual.kept_with (tokens): each beside its own row;
    residual.gain (queries, keys): what the sum adds to the similarity;
    residual.telling (): a token whose own row the residual connection brings back;
    residual.apart_input, .apart_without, .apart_with (): see `_places`;
    layer_norm.row_mean, layer_norm.row_variance (tokens): of the normalised rows; layer_norm.ticks (ticks): of a scale;
    batch_norm.*: see `_batch`; placement.*: see `_placement`. A model of RMS norms has only `residual.*`.
    """
    layer_norms = example.model.config.norm_kind == "layer"
    _survival(record)
    if layer_norms:
        _row_statistics(record)
    _places(record, example)
    if not layer_norms:
        return
    _batch(record, example)
    _placement(record, example)


def first_layer(record: Container[str]) -> str:
    """Where the names of the first layer begin: the decoder's in a model without an encoder."""
    return "encoder.1" if "encoder.1.input" in record else "decoder.1"


def norm_after_sum(record: Record) -> str:
    """The norm that takes the first residual sum: norm_1 in post-norm, in pre-norm that of the next sub-layer."""
    layer = first_layer(record)
    after = record[f"{layer}.feed_forward.input"]
    return f"{layer}.norm_1" if np.array_equal(after, record[f"{layer}.norm_1.output"]) else f"{layer}.norm_2"


def norm_of_sum(record: Container[str], example: Example) -> str:
    """As `norm_after_sum`, told by the kind of model."""
    return f"{first_layer(record)}.norm_{2 if example.model.config.norm == 'pre' else 1}"


def _survival(record: Record) -> None:
    layer = first_layer(record)
    labels, places = record.tensors[f"{layer}.input"].labels, record.decimals
    tokens = labels["tokens"]
    square = dict.fromkeys(SQUARE, tokens)
    kept = {}
    for name, rows in (("without", f"{layer}.self_attention.output"), ("with", f"{layer}.sum_1")):
        similar = cosine_similarity(record[rows], record[f"{layer}.input"])  # (tokens, tokens)
        origin = made("cosine[ij]", f"{rows}[id]", f"{layer}.input[jd]")
        record.add(f"residual.{name}", similar, SQUARE, origin=origin, labels=square, decimals=places)
        own, origin = np.diagonal(similar), made("copy[i]", f"residual.{name}[ii]")
        kept[name] = own
        record.add(f"residual.kept_{name}", own, ("tokens",), origin=origin, labels=labels, decimals=places)
    origin = made("difference[ij]", "residual.with[ij]", "residual.without[ij]")
    gained = record["residual.with"] - record["residual.without"]
    record.add("residual.gain", gained, SQUARE, origin=origin, labels=square, decimals=places)
    gain = np.minimum(kept["with"], kept["with"] - kept["without"])  # (tokens,)
    worth = np.where([token == PAD for token in tokens], -2.0, gain)  # no gain is below −1
    telling = int(np.argmax(within(worth, record.focus.row)))
    record.add("residual.telling", telling, origin=CHOICE, decimals=0)


def _row_statistics(record: Record) -> None:
    """The mean and the variance of the normalised rows, and ticks for a scale."""
    labels, normalised = record.tensors[f"{first_layer(record)}.input"].labels, f"{norm_after_sum(record)}.normalised"
    add = partial(record.add, axes=("tokens",), labels=labels, decimals=record.decimals)
    record.add("layer_norm.ticks", TICKS, ("ticks",), origin=CONSTANT, decimals=0)
    values = record[normalised]
    add("layer_norm.row_mean", values.mean(axis=-1), origin=made("mean[i]", f"{normalised}[id]"))
    add("layer_norm.row_variance", values.var(axis=-1), origin=made("variance[i]", f"{normalised}[id]"))


def _places(record: Record, example: Example) -> None:
    """What rows tell of places: the telling word alone, once at every place, so that its rows differ by place only.

    residual.places_input, .places_without, .places_with (queries, keys): how far apart its rows at two places are
    (Euclidean), in the input, in the sub-layer's output, and in the residual sum;
    residual.apart_input, .apart_without, .apart_with (): the same, on average over all pairs; 0 for one place.
    """
    layer, model = first_layer(record), example.model
    tokens = record.tensors[f"{layer}.input"].labels["tokens"]
    words = np.array([place for place, token in enumerate(tokens) if token != PAD])
    ids = [model.ids(tokens)[int(record["residual.telling"])]] * len(words)
    x = inputs(model, np.array(ids)).output  # (places, d_model)
    mask = record[f"{layer}.self_attention.mask"][np.ix_(words, words)]
    weights = (model.encoder or model.decoder)[0]
    steps = encoder_layer(x, weights, mask=mask, **model.config.layer_options).self_attention
    note = run("the first sub-layer, one word at every place")
    numbers = tuple(str(place + 1) for place in words)
    for name, rows in (("input", x), ("without", steps.inner.output), ("with", steps.sum)):
        add = partial(record.add, origin=note, decimals=record.decimals)
        add(f"residual.places_{name}", distances(rows), SQUARE, labels=dict.fromkeys(SQUARE, numbers))
        add(f"residual.apart_{name}", mean_distance(rows))


def tells_places(trace: Mapping[str, Tensor]) -> bool:
    """Whether one word's rows at different places differ in the input, as printed."""
    return trace["residual.apart_input"].at().printed > 0


def distances(rows: np.ndarray) -> np.ndarray:
    """How far each of (rows, d) is from each other, (rows, rows)."""
    apart: np.ndarray = np.linalg.norm(rows[:, None] - rows[None], axis=-1)
    return apart


def mean_distance(rows: np.ndarray) -> float:
    """How far two rows of (rows, d) are apart on average; 0 for a single row."""
    return float(distances(rows).sum()) / max(1, len(rows) * (len(rows) - 1))


# --- layer norm against batch norm ------------------------------------------------------------------------------------


def _batch(record: Record, example: Example) -> None:
    """The residual sums of a padded batch, normalised by token and by feature, without scale and shift.

    batch_norm.sheet_1 … (tokens, d_model): the sums of each sentence; batch_norm.alone: of the main one by itself;
    batch_norm.lengths (sentences);
    batch_norm.sentence (), .token (), .feature (): the sentence, the token of it and the feature worth a look;
    batch_norm.mean, .variance (d_model): over all tokens of the batch; .words_mean, .words_variance: without [PAD];
    batch_norm.layer_alone, .layer_batch, .batch_alone, .batch_batch (tokens, d_model): the sentence's rows under layer
    norm and batch norm, by itself and in the batch; .layer_change, .batch_change (): the most by which a number of the
    token's row differs between the two.
    """
    sentences, lengths, main = _sentences(record, example)
    sums = _sums(example, sentences, lengths)  # (sentences, tokens, d_model)
    alone = _sums(example, [sentences[main][: lengths[main]]], [lengths[main]])[0]  # (tokens, d_model)
    sheets = [f"batch_norm.sheet_{number}" for number in range(1, len(sums) + 1)]
    for sheet, rows, tokens in zip(sheets, sums, sentences, strict=True):
        record.add(sheet, rows, ROWS, origin=run("the first sub-layer, in the batch"), labels={"tokens": tokens})
    by_itself = run("the first sub-layer, without the batch")
    record.add("batch_norm.alone", alone, ROWS, origin=by_itself, labels={"tokens": example.tokens})
    record.add("batch_norm.lengths", lengths, ("sentences",), origin=given("example"), decimals=0)
    record.add("batch_norm.sentence", main, origin=CHOICE, decimals=0)
    polluted = _features(record, example, sheets, sums, lengths)
    eps = example.model.config.eps
    here, sheet, single = (main, slice(lengths[main])), sheets[main], "batch_norm.alone"
    results = {
        "layer_alone": (layer_norm(alone, eps=eps).normalised, (f"{single}[td]", f"{single}[t*]")),
        "layer_batch": (layer_norm(sums, eps=eps).normalised[here], (f"{sheet}[td]", f"{sheet}[t*]")),
        "batch_alone": (batch_norm(alone, eps=eps).normalised, (f"{single}[td]", f"{single}[*d]")),
        "batch_batch": (polluted[here], (f"{sheet}[td]", *(f"{other}[*d]" for other in sheets))),
    }
    add, labels = partial(record.add, decimals=record.decimals), {"tokens": example.tokens}
    for name, (values, company) in results.items():
        origin = made("standardisation[td]", *company, constant=eps)
        add(f"batch_norm.{name}", values, ROWS, origin=origin, labels=labels)
    _changes(record)


def _features(record: Record, example: Example, sheets: list[str], sums: np.ndarray, lengths: list[int]) -> np.ndarray:
    """Mean and variance of each feature, with and without [PAD]; returns the sums normalised with it."""
    counted = np.arange(sums.shape[1]) < np.array(lengths)[:, None]  # (sentences, tokens)
    eps = example.model.config.eps
    polluted, clean = batch_norm(sums, eps=eps), batch_norm(sums, eps=eps, counted=counted)
    everyone = [f"{sheet}[*d]" for sheet in sheets]
    words = [f"{sheet}[0:{length} d]" for sheet, length in zip(sheets, lengths, strict=True)]
    for prefix, steps, rows in (("", polluted, everyone), ("words_", clean, words)):
        add = partial(record.add, axes=("d_model",), decimals=record.decimals)
        add(f"batch_norm.{prefix}mean", steps.mean, origin=made("mean[d]", *rows))
        add(f"batch_norm.{prefix}variance", steps.variance, origin=made("variance[d]", *rows))
    record.add("batch_norm.feature", int(np.argmax(np.abs(polluted.mean - clean.mean))), origin=CHOICE, decimals=0)
    return polluted.normalised


def _changes(record: Record) -> None:
    """How far company moves each number of a row, and the row that tells most, under layer and batch norm."""
    changes = {}  # (tokens,)
    for kind in ("layer", "batch"):
        names = f"batch_norm.{kind}_batch", f"batch_norm.{kind}_alone"
        apart = np.abs(record[names[0]] - record[names[1]])  # (tokens, d_model)
        changes[kind] = apart.max(axis=-1)
        origin = made("distance[td]", *(f"{name}[td]" for name in names))
        labels = record.tensors[names[0]].labels
        add = partial(record.add, labels=labels, decimals=record.decimals)
        add(f"batch_norm.{kind}_differences", apart, ROWS, origin=origin)
    worth = within(changes["batch"], record.focus.row)
    token = record.add("batch_norm.token", int(np.argmax(worth)), origin=CHOICE, decimals=0)
    for kind, change in changes.items():
        rows = (f"batch_norm.{kind}_{company}[(batch_norm.token[])*]" for company in ("batch", "alone"))
        origin = made("largest_difference[]", *rows)
        record.add(f"batch_norm.{kind}_change", change[int(token)], origin=origin, decimals=record.decimals)


def _sentences(record: Record, example: Example) -> tuple[list[tuple[str, ...]], list[int], int]:
    """A few sentences of the padded batch, the main one and a padded one among them; their lengths; the main one."""
    lengths = record["padding.lengths"].astype(int)
    texts = [record.tensors[f"padding.sentence_{i}"].labels["tokens"] for i in range(len(lengths))]
    same = [i for i, length in enumerate(lengths) if texts[i][:length] == example.tokens]
    main, padded = same[0], int(record["padding.sentence"])
    order = list(dict.fromkeys((main, padded, *range(len(lengths)))))[:MOST_SENTENCES]
    chosen = sorted(order)
    return [texts[i] for i in chosen], [int(lengths[i]) for i in chosen], chosen.index(main)


def _sums(example: Example, sentences: list[tuple[str, ...]], lengths: list[int]) -> np.ndarray:
    """The first residual sum of every sentence, under its padding mask.  # (sentences, tokens, d_model)"""
    model = example.model
    ids = np.array([model.ids(tokens) for tokens in sentences])  # (sentences, tokens)
    real = np.arange(ids.shape[1]) < np.array(lengths)[:, None]  # (sentences, tokens)
    config = model.config
    causal = example.mask in ("causal", "both") or not config.has_encoder
    ahead = causal_mask(ids.shape[1]) if causal else None
    first, x = (model.encoder or model.decoder)[0], inputs(model, ids).output
    return encoder_layer(x, first, mask=ahead, key_padding=real, **config.layer_options).sums[0]


# --- post-norm and pre-norm -------------------------------------------------------------------------------------------


def _placement(record: Record, example: Example) -> None:
    """The first layers with the norm after each sum, and before each sub-layer; the same weights.

    placement.post_size, .pre_size (stages): root mean square of the rows, on average, at the input and after each
    sub-layer; placement.post_share, .pre_share (stages): how long what is left of the input in the sum is beside the
    input. A norm after the sum divides it, with all else, by the deviation. Rows of [PAD] are left out.
    Source: Xiong et al. (2020), "On Layer Normalization in the Transformer Architecture", section 3.
    """
    layer = first_layer(record)
    mask = record[f"{layer}.self_attention.mask"]
    tokens = record.tensors[f"{layer}.input"].labels["tokens"]
    words = np.array([token != PAD for token in tokens])
    for norm in ("post", "pre"):
        given_rows = kept = record[f"{layer}.input"]
        stages, parts = [given_rows], [kept]
        for steps in _sub_layers(example.model, given_rows, norm, mask):
            kept = _past_norm(kept, steps.norm) if norm == "post" and isinstance(steps.norm, NormSteps) else kept
            stages.append(steps.output)
            parts.append(kept)
        sizes = np.sqrt(np.square(stages).mean(axis=-1))[:, words].mean(axis=-1)  # (stages,)
        origin, add = run(f"{norm}-norm"), partial(record.add, axes=("stages",), decimals=record.decimals)
        add(f"placement.{norm}_size", sizes, origin=origin)
        lengths = np.linalg.norm(parts, axis=-1)[:, words]  # (stages, tokens)
        shares = np.divide(lengths, lengths[0], out=np.ones_like(lengths), where=lengths[0] > 0).mean(axis=-1)
        add(f"placement.{norm}_share", shares, origin=origin)


def _sub_layers(model: Transformer, x: np.ndarray, norm: str, mask: np.ndarray) -> Iterator[SubLayerSteps]:
    """Attention and feed-forward network of the first layers, one after the other. x (tokens, d_model)."""
    options = model.config.layer_options | {"norm": norm}
    for weights in (model.encoder or model.decoder)[:MOST_LAYERS]:
        steps = encoder_layer(x, weights, mask=mask, **options)
        yield steps.self_attention
        yield steps.feed_forward
        x = steps.output


def _past_norm(kept: np.ndarray, norm: NormSteps) -> np.ndarray:
    """What a norm makes of a part (tokens, d_model) of the rows it norms: linear, once their deviation is known."""
    centred = kept - kept.mean(axis=-1, keepdims=True)
    return centred / norm.deviation[..., None] * norm.scale
