"""The whole Transformer in the trace: every sub-layer of every layer, the output, the loss and greedy decoding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.model.alibi import alibi_slopes
from core.model.attention import MultiHeadSteps
from core.model.decoding import greedy
from core.model.layers import AnyNormSteps, AttentionWeights, LayerSteps, LayerWeights, SubLayerSteps
from core.model.masks import causal_mask, combine_masks, window_mask
from core.model.named_weights import named_arrays
from core.model.normalization import RmsNormSteps
from core.model.special_tokens import END, PAD
from core.model.transformer import Config, StackSteps, Transformer, decode, encode, predict
from core.trace.given import CAUSAL, COUNTED, WORDS, given_embedding, given_weight, run
from core.trace.inputs import trace_inputs
from core.trace.networks import trace_network
from core.trace.origin import Origin, given, made
from core.trace.record import Labels, Mask, Record, merged, softmax_of, token_labels
from core.trace.turning import trace_turned

if TYPE_CHECKING:
    from core.examples.example import Example

ROWS = ("tokens", "d_model")
WALL = 1.55  # how much wider than high the wall of a model's numbers is


def trace_model(record: Record, example: Example, mask: np.ndarray) -> None:
    """Add the example's model at work, `model.weights` () numbers, and these; mask: boolean (queries, keys), the
    encoder's.

    A model without an encoder has no `source`, `encoder` and `memory` and looks nowhere across: it reads the main
    sentence and goes on with the target.
    """
    model = example.model
    _weights(record, example)
    source: tuple[str, ...] = ()
    memory = None
    _embedding(record, example)
    if model.config.has_encoder:
        source = example.rows
        memory = _encoder(record, example, source, mask)
    _decoder(record, example, example.decoder_tokens, source, memory)
    _output(record, model)
    _translation(record, model, example.prompt, source, memory)


def _weights(record: Record, example: Example) -> None:
    """How many numbers the model is made of, how many each of its arrays has, and all of them as a wall.

    The wall (rows, columns) has one after the other in reading order, and zeros where its last row has places left.
    """
    arrays = named_arrays(example.model)
    sizes = [array.size for array in arrays.values()]
    count, columns = sum(sizes), ceil(sqrt(WALL * sum(sizes)))
    wall = np.zeros(ceil(count / columns) * columns)
    wall[:count] = np.concatenate([array.ravel() for array in arrays.values()])
    origin = given("model" if example.loaded is not None else "example and seed")
    record.add("model.weights", count, origin=COUNTED, decimals=0)
    record.add("model.weights.sizes", sizes, ("arrays",), origin=COUNTED, labels={"arrays": tuple(arrays)}, decimals=0)
    record.add("model.weights.wall", wall.reshape(-1, columns), ("rows", "columns"), origin=origin)


def _embedding(record: Record, example: Example) -> None:
    """The model's embedding: `output.embedding`, the output projection standing, or `embedding` where it is another."""
    model, axes = example.model, ("vocabulary", "d_model")
    labels, origin = {"vocabulary": model.vocabulary}, given_embedding(example)
    if model.output_w is None:
        record.add("output.embedding", model.embedding, axes, origin=origin, labels=labels)
        return
    record.add("embedding", model.embedding, axes, origin=origin, labels=labels)
    standing = made("transpose[vd]", "output.w[dv]")
    record.add("output.embedding", model.output_w.T, axes, origin=standing, labels=labels)


# --- the two stacks ---------------------------------------------------------------------------------------------------


class Looks(NamedTuple):
    """What an attention may look at: the tokens of its queries and keys, and its mask.

    own: whether keys and queries are of the same tokens and know of each other's places.
    """

    labels: Labels
    mask: Mask
    own: bool = False


def _encoder(record: Record, example: Example, tokens: tuple[str, ...], mask: np.ndarray) -> np.ndarray:
    labels, model = token_labels(tokens), example.model
    steps = encode(model, model.ids(tokens), mask=mask)
    stream = trace_inputs(record, "source", model, tokens)
    looks = Looks(labels, Mask(mask, made("copy[ij]", "mask[ij]")))
    for number, (weights, layer) in enumerate(zip(model.encoder, steps.layers, strict=True), 1):
        stream = _Layer(record, example, f"encoder.{number}", weights, layer).add(stream, looks, None)
    stream = _final_norm(record, example, "encoder", stream, steps, labels)
    return record.copy("memory", stream, ROWS, labels=labels)


def _decoder(
    record: Record, example: Example, tokens: tuple[str, ...], source: tuple[str, ...], memory: np.ndarray | None
) -> None:
    """tokens: [START], then what is to be said; source: the tokens of the memory's rows."""
    labels, real, model = token_labels(tokens), _real(source), example.model
    steps = decode(model, model.ids(tokens), memory, memory_padding=real if source else None)
    stream = trace_inputs(record, "target", model, tokens)
    expected = (*tokens[1:], END)
    expected_labels = {"tokens": expected}
    ids = model.ids(expected)
    record.add("target.expected", ids, ("tokens",), origin=WORDS, labels=expected_labels, decimals=0)
    looks = Looks(labels, _own_mask(record, model.config, len(tokens)), own=True)
    words = combine_masks(real, np.ones((len(tokens), len(source)), dtype=bool))
    origin = made("mask[ij]", "source.token_ids[j]", constant=model.vocabulary.index(PAD), note="padding")
    crossing = Looks(token_labels(tokens, source), Mask(words, origin))
    for number, (weights, layer) in enumerate(zip(model.decoder, steps.layers, strict=True), 1):
        stream = _Layer(record, example, f"decoder.{number}", weights, layer).add(stream, looks, crossing)
    stream = _final_norm(record, example, "decoder", stream, steps, labels)
    record.copy("decoder.output", stream, ROWS, labels=labels)


def _own_mask(record: Record, config: Config, tokens: int) -> Mask:
    """Who looks at whom within the decoder: no token ahead, and with a window none far back but for the sinks."""
    if config.window is None:
        return Mask(causal_mask(tokens), CAUSAL)
    for name, number in (("reach", config.window - 1), ("sinks", config.sinks)):
        record.add(f"window.{name}", number, origin=given("example"), decimals=0)
    seen = window_mask(tokens, tokens, config.window - 1, 0, sinks=config.sinks)
    return Mask(seen, made("window_mask[ij]", "window.reach[]", "window.sinks[]"))


def _real(tokens: Sequence[str]) -> np.ndarray:
    """Which tokens are words, boolean (keys,)."""
    return np.array([token != PAD for token in tokens], dtype=bool)


def _final_norm(record: Record, example: Example, stack: str, stream: str, steps: StackSteps, labels: Labels) -> str:
    """The norm at the end of a stack, if there is one; returns the name of what leaves the stack."""
    if steps.final_norm is None:
        return stream
    return _norm(record, example, f"{stack}.final_norm", stream, steps.final_norm, labels)


# --- one layer --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layer:
    """A layer: its sub-layers in order, each with its residual sum and its norm."""

    record: Record
    example: Example
    name: str
    weights: LayerWeights
    steps: LayerSteps

    def add(self, stream: str, own: Looks, crossing: Looks | None) -> str:
        """Add everything. stream: the name of what enters; returns the name of what leaves."""
        record, name, steps, labels = self.record, self.name, self.steps, own.labels
        record.copy(f"{name}.input", stream, ROWS, labels=labels)
        stream = f"{name}.input"  # the tensor that the residual connection carries on
        stream = self._add_norm(1, stream, steps.self_attention, labels, partial(self._self_attention, own))
        if steps.cross_attention is not None and crossing is not None:
            cross = partial(self._cross_attention, crossing)
            stream = self._add_norm(2, stream, steps.cross_attention, labels, cross)
        feed = partial(self._feed_forward, labels)
        stream = self._add_norm(len(steps.norms), stream, steps.feed_forward, labels, feed)
        record.copy(f"{name}.output", stream, ROWS, labels=labels)
        return f"{name}.output"

    def _add_norm(
        self, number: int, stream: str, steps: SubLayerSteps, labels: Labels, write: Callable[[str], str]
    ) -> str:
        """A sub-layer with its norm and its sum; write: adds the sub-layer's own tensors, returns its output's name."""
        record, norm_name, total = self.record, f"{self.name}.norm_{number}", f"{self.name}.sum_{number}"
        pre = self.example.model.config.norm == "pre"
        norm = partial(_norm, record, self.example, norm_name)
        output = write(norm(stream, steps.norm, labels) if pre else stream)
        origin = made("sum[id]", f"{stream}[id]", f"{output}[id]")
        record.add(total, steps.sum, ROWS, origin=origin, labels=labels)
        return total if pre else norm(total, steps.norm, labels)

    def _self_attention(self, looks: Looks, stream: str) -> str:
        inner, weights = self.steps.self_attention.inner, self.weights.self_attention
        return self._attention("self_attention", (stream, stream), weights, inner, looks)

    def _cross_attention(self, looks: Looks, stream: str) -> str:
        steps, weights = self.steps.cross_attention, self.weights.cross_attention
        assert steps is not None and weights is not None
        return self._attention("cross_attention", (stream, "memory"), weights, steps.inner, looks)

    def _attention(
        self, block: str, sources: tuple[str, str], weights: AttentionWeights, steps: MultiHeadSteps, looks: Looks
    ) -> str:
        """An attention block; sources: the tensors that queries, and that keys and values, are made of."""
        name, labels, queries, keys = f"{self.name}.{block}", looks.labels, *sources
        for part, axes in (("q", ("d_model", "d_k")), ("k", ("d_model", "d_k")), ("v", ("d_model", "d_v"))):
            self._weight(f"{name}.w_{part}", getattr(weights, f"w_{part}"), axes)
        self._weight(f"{name}.w_o", weights.w_o, ("d_concat", "d_model"))
        for part, source, row, width in (
            ("q", queries, "queries", "d_k"),
            ("k", keys, "keys", "d_k"),
            ("v", keys, "keys", "d_v"),
        ):
            bias, product = getattr(weights, f"b_{part}"), (source, f"{name}.w_{part}")
            self._projection(f"{name}.{part}", f"{name}.b_{part}", product, bias, (row, width), labels)
        record, config, heads = self.record, self.example.model.config, f"{name}.heads."
        record.mask(f"{name}.mask", looks.mask, labels)
        rotary = config.rotary if looks.own else None
        record.heads(heads, f"{name}.", steps.heads, labels, turned=rotary is not None)
        if rotary is not None:
            trace_turned(record, f"{heads}q", steps.heads.q, rotary)
            trace_turned(record, f"{heads}k", steps.heads.k, rotary)
        record.attention(
            heads,
            steps.heads,
            labels,
            mask=f"{name}.mask",
            root="heads.sqrt_d_k",
            soft_cap=config.soft_cap,
            slopes=_slopes(record, config) if looks.own else "",
        )
        concat = merged(f"{name}.heads.context", config.d_v)
        record.add(f"{name}.concat", steps.concat, ("queries", "d_concat"), origin=concat, labels=labels)
        product, axes = (f"{name}.concat", f"{name}.w_o"), ("queries", "d_model")
        return self._projection(f"{name}.output", f"{name}.b_o", product, weights.b_o, axes, labels)

    def _feed_forward(self, labels: Labels, stream: str) -> str:
        name = f"{self.name}.feed_forward"
        self.record.copy(f"{name}.input", stream, ROWS, labels=labels)
        steps = self.steps.feed_forward.inner
        return trace_network(self.record, self.example, name, self.weights.feed_forward, steps, labels)

    def _weight(self, name: str, values: np.ndarray, axes: tuple[str, str]) -> None:
        self.record.add(name, values, axes, origin=given_weight(self.example, name))

    def _projection(
        self,
        name: str,
        bias_name: str,
        product: tuple[str, str],
        bias: np.ndarray | None,
        axes: tuple[str, str],
        labels: Labels,
    ) -> str:
        origin = given_weight(self.example, bias_name)
        self.record.projection(name, product, bias, axes, labels=labels, bias_name=bias_name, bias_origin=origin)
        return name


def _slopes(record: Record, config: Config) -> str:
    """Add how steep the heads' penalties are, unless they are there; returns their name, "" without ALiBi."""
    if config.alibi and "alibi.slopes" not in record:
        origin = made("slope[h]", constant=config.heads)
        record.add("alibi.slopes", alibi_slopes(config.heads), ("heads",), origin=origin)
    return "alibi.slopes" if config.alibi else ""


def _norm(record: Record, example: Example, name: str, stream: str, steps: AnyNormSteps, labels: Labels) -> str:
    """A norm of the rows of `stream`, step by step; returns the name of its output."""
    if isinstance(steps, RmsNormSteps):
        return _rms_norm(record, example, name, stream, steps, labels)
    part = f"{name}.{{}}".format
    mean, centred, variance, deviation = map(part, ("mean", "centred", "variance", "deviation"))
    normalised, scale, shift, output = map(part, ("normalised", "scale", "shift", "output"))
    add, rows, row, eps = partial(record.add, labels=labels), ROWS, ("tokens",), example.model.config.eps
    add(mean, steps.mean, row, origin=made("mean[i]", f"{stream}[id]"))
    add(centred, steps.centred, rows, origin=made("difference[id]", f"{stream}[id]", f"{mean}[i]"))
    add(variance, steps.variance, row, origin=made("mean_square[i]", f"{centred}[id]"))
    add(deviation, steps.deviation, row, origin=made("deviation[i]", f"{variance}[i]", constant=eps))
    by_deviation = made("normalisation[id]", f"{centred}[id]", f"{deviation}[i]")
    add(normalised, steps.normalised, rows, origin=by_deviation)
    add(scale, steps.scale, ("d_model",), origin=given_weight(example, scale))
    add(shift, steps.shift, ("d_model",), origin=given_weight(example, shift))
    add(output, steps.output, rows, origin=made("affine[id]", f"{normalised}[id]", f"{scale}[d]", f"{shift}[d]"))
    return output


def _rms_norm(record: Record, example: Example, name: str, stream: str, steps: RmsNormSteps, labels: Labels) -> str:
    """An RMS norm of the rows of `stream`, step by step; returns the name of its output."""
    part = f"{name}.{{}}".format
    mean_square, root, normalised, scale, output = map(part, ("mean_square", "root", "normalised", "scale", "output"))
    add, rows, row, eps = partial(record.add, labels=labels), ROWS, ("tokens",), example.model.config.eps
    add(mean_square, steps.mean_square, row, origin=made("mean_square[i]", f"{stream}[id]"))
    add(root, steps.root, row, origin=made("deviation[i]", f"{mean_square}[i]", constant=eps))
    add(normalised, steps.normalised, rows, origin=made("normalisation[id]", f"{stream}[id]", f"{root}[i]"))
    add(scale, steps.scale, ("d_model",), origin=given_weight(example, scale))
    add(output, steps.output, rows, origin=made("product[id]", f"{normalised}[id]", f"{scale}[d]"))
    return output


# --- what comes out ---------------------------------------------------------------------------------------------------


def _output(record: Record, model: Transformer) -> None:
    """Logits, probabilities and the loss −ln p(expected). Source: Vaswani et al. (2017), section 3.4."""
    labels = {**record.tensors["decoder.output"].labels, "vocabulary": model.vocabulary}
    steps = predict(model, record["decoder.output"])
    origin = made("transpose[dv]", "output.embedding[vd]") if model.output_w is None else given("model")
    record.add("output.w", model.output_projection, ("d_model", "vocabulary"), origin=origin, labels=labels)
    axes, places = ("tokens", "vocabulary"), record.decimals
    product = made("product[iv]", "decoder.output[id]", "output.w[dv]")
    record.add("logits", steps.logits, axes, origin=product, labels=labels)
    origin = softmax_of("logits", "iv")
    record.add("probabilities", steps.probabilities, axes, origin=origin, labels=labels, decimals=places)
    expected = record["target.expected"].astype(int)
    loss = _cross_entropy(steps.logits, expected)  # (tokens,)
    origin = _loss_origin(np.take_along_axis(steps.probabilities, expected[:, None], axis=-1))
    record.add("loss", loss, ("tokens",), origin=origin, labels=labels, decimals=places)
    record.add("mean_loss", loss.mean(), origin=made("mean[]", "loss[i]"), decimals=places)


def _loss_origin(probabilities: np.ndarray) -> Origin:
    """The logarithm of the expected words' probabilities; of the logits where one of these is too small to be told."""
    place = "[i(target.expected[i])]"
    if probabilities.all():
        return made("logarithm[i]", f"probabilities{place}")
    return made("cross_entropy[i]", f"logits{place}", "logits[iv]")


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
    add, axes = partial(record.add, labels=labels), ("steps", "vocabulary")
    decimals, again = record.decimals, run("word by word")
    likeliest = made("place[s]", "translation.logits[sv]")
    add("translation.token_ids", said.ids, ("steps",), origin=likeliest, decimals=0)
    add("translation.logits", said.logits, axes, origin=again)
    origin = softmax_of("translation.logits", "sv")
    add("translation.probabilities", said.probabilities, axes, origin=origin, decimals=decimals)
    kept = run("word by word, keys and values kept")
    add("translation.cached_probabilities", cached.probabilities, axes, origin=kept, decimals=decimals)
    if memory is None:
        return
    looks, crossing = said.cross_attention, ("layers", "heads", "steps", "keys")
    add("translation.heads.cross_attention", looks, crossing, origin=again, decimals=decimals)
    origin = made("mean[sk]", f"translation.heads.cross_attention[{len(looks) - 1} * s k]")
    add("translation.cross_attention", looks[-1].mean(axis=0), ("steps", "keys"), origin=origin, decimals=decimals)
