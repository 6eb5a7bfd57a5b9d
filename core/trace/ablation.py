"""What each part of the Transformer is for: the example's own model computed once more with that part taken out.

Positions: the sentence is read forwards and backwards. Residual connections: a sub-layer's results beside its inputs.
Causal mask: the decoder is fed another last word. Feed-forward network: what goes in moves on a straight line.
All is measured on the example's own weights; nothing is trained anew.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.model.attention import multi_head_attention
from core.model.feed_forward import feed_forward
from core.model.layers import LayerWeights, decoder_layer, encoder_layer
from core.model.masks import causal_mask
from core.model.special_tokens import END, PAD, START
from core.model.transformer import Transformer, decode, inputs
from core.trace.given import CHOICE, CONSTANT, WORDS, run
from core.trace.layers import cosine_similarity
from core.trace.origin import Axis, Operand, Origin, made
from core.trace.record import Labels, Record, token_labels

if TYPE_CHECKING:
    from core.examples.example import Example

Array = np.ndarray
STAGES = 41  # of the way from one row to another; odd, so that one stands half-way
HALF = STAGES // 2


def trace_ablation(record: Record, example: Example) -> None:
    """Add `ablation.positions.*`, `ablation.residual.*`, `ablation.mask.*` and `ablation.feed_forward.*`.

    With and without: `….whole.…` is the model as it is, `….without.…` the model without that part.
    """
    _positions(record, example)
    _residual(record, example.model)
    _mask(record, example)
    _feed_forward(record, example)


def _main_stack(model: Transformer) -> tuple[str, tuple[LayerWeights, ...]]:
    """The encoder, or the decoder of a model that has no encoder."""
    return ("encoder", model.encoder) if model.config.has_encoder else ("decoder", model.decoder)


def distances(first: Array, second: Array) -> Array:
    """The distance between equal rows, (rows,). first, second: (rows, d)."""
    result: Array = np.linalg.norm(first - second, axis=-1)
    return result


# --- positions --------------------------------------------------------------------------------------------------------


def _positions(record: Record, example: Example) -> None:
    """The sentence and its words in reversed order, without masks; each word's two results side by side.

    A model that adds no positions is given the paper's for the comparison.
    """
    model, tokens = example.model, tuple(token for token in example.tokens if token != PAD)
    if not model.config.has_encoder:
        tokens = tuple(token for token in tokens if token in model.vocabulary)
    kind = "sinusoidal" if model.config.positions == "none" else model.config.positions
    without = replace(model, config=replace(model.config, positions="none"), position_embedding=None)
    labels = token_labels(tokens)
    backwards = token_labels(tokens[::-1])
    for name, variant in (
        ("whole", replace(model, config=replace(model.config, positions=kind))),
        ("without", without),
    ):
        lead = f"ablation.positions.{name}"
        forth, back = (_read(variant, order) for order in (tokens, tokens[::-1]))
        add, rows, what = partial(record.add, labels=labels), ("tokens", "d_model"), f"{name} positions"
        add(f"{lead}.output", forth, rows, origin=run(f"{what}, forwards"))
        record.add(f"{lead}.reordered", back, rows, origin=run(f"{what}, backwards"), labels=backwards)
        from_the_end = Operand(f"{lead}.reordered", (Axis(0, -1, len(tokens) - 1), Axis(1)))
        add(f"{lead}.matched", back[::-1], rows, origin=made("copy[td]", from_the_end))
        origin = made("distance[t]", f"{lead}.output[td]", f"{lead}.matched[td]")
        add(f"{lead}.distance", distances(forth, back[::-1]), ("tokens",), origin=origin, decimals=record.decimals)


def _read(model: Transformer, tokens: tuple[str, ...]) -> Array:
    """What the stack makes of a sentence when every token may look at every other, (tokens, d_model)."""
    x = inputs(model, model.ids(tokens)).output
    for weights in _main_stack(model)[1]:
        x = encoder_layer(x, weights, **model.config.layer_options).output
    return x


# --- residual connections ---------------------------------------------------------------------------------------------


def _residual(record: Record, model: Transformer) -> None:
    """The first sub-layer's result beside its input, with what went past it added and without.

    similarity (queries, keys): the cosine of every result with every input; kept (tokens,): of every row with itself;
    recognised (): how many results are most like their own input (equal words count as one).
    """
    side, _ = _main_stack(model)
    given = record[f"{side}.1.input"]
    labels = token_labels(record.tensors[f"{side}.1.input"].labels["tokens"])
    for name, result in (("whole", f"{side}.1.sum_1"), ("without", f"{side}.1.self_attention.output")):
        lead = f"ablation.residual.{name}"
        likeness = cosine_similarity(record[result], given)  # (results, inputs)
        add, places = partial(record.add, labels=labels), record.decimals
        origin = made("cosine[ij]", f"{result}[id]", f"{side}.1.input[jd]")
        add(f"{lead}.similarity", likeness, ("queries", "keys"), origin=origin, decimals=places)
        own = np.diagonal(likeness)
        add(f"{lead}.kept", own, ("tokens",), origin=made("copy[i]", f"{lead}.similarity[ii]"), decimals=places)
        add(f"{lead}.mean_kept", own.mean(), origin=made("mean[]", f"{lead}.kept[i]"), decimals=places)
        recognised, origin = (
            own >= likeness.max(axis=1) - 1e-9,
            made("recognised[]", f"{lead}.similarity[ij]", f"{lead}.kept[i]"),
        )
        add(f"{lead}.recognised", recognised.sum(), origin=origin, decimals=0)


# --- the causal mask --------------------------------------------------------------------------------------------------


def _mask(record: Record, example: Example) -> None:
    """The decoder reads its target, then the same with another last word: whose rows change?

    Without the mask, also how much of its attention every position gives to what comes after it (first layer, mean of
    heads).
    """
    model, tokens = example.model, example.decoder_tokens
    changed = (*tokens[:-1], _another(model, tokens[-1]))
    memory = record["memory"] if model.config.has_encoder else None
    real = np.array([token != PAD for token in example.rows]) if memory is not None else None
    labels, lead = token_labels(tokens), "ablation.mask"
    add, rows = partial(record.add, labels=labels), ("tokens", "d_model")
    ids, other_labels = model.ids(changed), {"tokens": changed}
    record.add(f"{lead}.changed", ids, ("tokens",), origin=WORDS, labels=other_labels, decimals=0)
    second = decode(model, ids, memory, memory_padding=real).output
    add(f"{lead}.whole.changed", second, rows, origin=run("another last word"))
    seen, looks = _all_seeing(model, tokens, memory, real)
    other, _ = _all_seeing(model, changed, memory, real)
    add(f"{lead}.without.output", seen, rows, origin=run("without the causal mask"))
    add(f"{lead}.without.changed", other, rows, origin=run("without the causal mask, another last word"))
    for name, before in (("whole", "decoder.output"), ("without", f"{lead}.without.output")):
        after = f"{lead}.{name}.changed"
        apart, origin = distances(record[before], record[after]), made("distance[t]", f"{before}[td]", f"{after}[td]")
        add(f"{lead}.{name}.change", apart, ("tokens",), origin=origin, decimals=record.decimals)
    _looks_ahead(record, looks, labels)


def _looks_ahead(record: Record, looks: Array, labels: Labels) -> None:
    """Where the decoder's first layer looks, mean of heads; looks: (queries, keys) without the mask."""
    lead, block = "ablation.mask", "decoder.1.self_attention"
    masked, origin = record[f"{block}.heads.weights"].mean(axis=0), made("mean[ij]", f"{block}.heads.weights[*ij]")
    record.weights(f"{lead}.whole.weights", masked, labels, origin=origin)
    name, origin = f"{lead}.without.weights", run("without the causal mask")
    weights = record.weights(name, looks, labels, origin=origin)
    future = np.where(causal_mask(len(weights)), 0.0, weights).sum(axis=-1)  # (queries,)
    origin = made("hidden_total[i]", f"{name}[ij]", f"{block}.mask[ij]")
    record.add(f"{lead}.without.future", future, ("queries",), origin=origin, labels=labels, decimals=record.decimals)


def _another(model: Transformer, token: str) -> str:
    """The next ordinary word of the vocabulary; the end of the sentence where there is no other."""
    words = [word for word in model.vocabulary if word not in (PAD, START, END)]
    others = [*words[words.index(token) + 1 :], *words] if token in words else words
    return next((word for word in others if word != token), END)


def _all_seeing(
    model: Transformer, tokens: tuple[str, ...], memory: Array | None, real: Array | None
) -> tuple[Array, Array]:
    """The decoder without its causal mask: its rows, and the first layer's weights, mean of heads."""
    x, looks = inputs(model, model.ids(tokens)).output, []
    for weights in model.decoder:
        steps = decoder_layer(x, memory, weights, causal=False, memory_padding=real, **model.config.layer_options)
        x = steps.output
        looks.append(steps.self_attention.inner.heads.weights.mean(axis=-3))  # (queries, keys)
    return x, looks[0]


# --- the feed-forward network -----------------------------------------------------------------------------------------


def _feed_forward(record: Record, example: Example) -> None:
    """A row moves on a straight line from one token's to another's; what does a sub-layer make of the line?

    Attention to a single row takes its values as they are and mixes: the way stays straight. `way` (stages,): how far
    along; `….output` (stages, d_model): the result; `….line` (stages,): the number of it that bends most; `….chord`
    (stages,): the straight line between the ends of that number; `….bend` (): how far the result half-way is from the
    middle of the results at the ends.
    """
    model = example.model
    side, stack = _main_stack(model)
    rows = record[f"{side}.1.feed_forward.input"]
    ends = _ends(record, side, rows)
    labels = record.tensors[f"{side}.1.feed_forward.input"].labels["tokens"]
    way = np.linspace(0, 1, STAGES)
    target = rows[ends[1]] if ends[1] != ends[0] else np.zeros_like(rows[0])
    moving = rows[ends[0]] + way[:, None] * (target - rows[ends[0]])  # (stages, d_model)
    words = {"ends": tuple(labels[end] for end in ends)}
    record.add("ablation.feed_forward.ends", ends, ("ends",), origin=CHOICE, labels=words, decimals=0)
    record.add("ablation.feed_forward.way", way, ("stages",), origin=CONSTANT, decimals=record.decimals)
    first = stack[0]
    mixed = multi_head_attention(moving[:, None], None, **vars(first.self_attention), heads=model.config.heads)
    network = feed_forward(moving, **vars(first.feed_forward), activation=model.config.activation).output
    coordinate = int(np.abs(network - _chord(network))[HALF].argmax())
    _line(record, "without", mixed.output[:, 0], run("attention to a single row that moves"), coordinate)
    _line(record, "whole", network, run("the feed-forward network of a row that moves"), coordinate)


def _line(record: Record, name: str, result: Array, origin: Origin, coordinate: int) -> None:
    """What a sub-layer makes of the line, (stages, d_model), one number of it beside the straight way, and the bend."""
    lead, last = f"ablation.feed_forward.{name}", STAGES - 1
    add, stages = partial(record.add, decimals=record.decimals), ("stages",)
    add(f"{lead}.output", result, ("stages", "d_model"), origin=origin)
    add(f"{lead}.line", result[:, coordinate], stages, origin=made("copy[s]", f"{lead}.output[s {coordinate}]"))
    ends = (f"{lead}.line[0]", f"{lead}.line[{last}]")
    origin = made("interpolation[s]", *ends, "ablation.feed_forward.way[s]")
    chord = _chord(result)
    add(f"{lead}.chord", chord[:, coordinate], stages, origin=origin)
    origin = made("bend[]", *(f"{lead}.output[{stage} *]" for stage in (HALF, 0, last)))
    add(f"{lead}.bend", distances(result, chord)[HALF], origin=origin)


def _chord(rows: Array) -> Array:
    """The straight way between the first row and the last, in as many stages.  # (stages, d)"""
    way = np.linspace(0, 1, len(rows))[:, None]
    return rows[0] + way * (rows[-1] - rows[0])


def _ends(record: Record, side: str, rows: Array) -> tuple[int, int]:
    """The two tokens whose rows are furthest apart; of a single token, it twice."""
    apart = np.linalg.norm(rows[:, None] - rows[None], axis=-1)  # (tokens, tokens)
    first, second = np.unravel_index(apart.argmax(), apart.shape)
    return int(min(first, second)), int(max(first, second))
