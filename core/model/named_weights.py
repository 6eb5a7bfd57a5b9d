"""The arrays of a model by name, as they are called in the trace and in a model file: what is expected, and the model.

`encoder.1.self_attention.w_q` is the query matrix of the encoder's first layer; layers and norms count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import NDArray

from core.model.feed_forward import GATES
from core.model.layers import AttentionWeights, ExpertsWeights, FeedForwardWeights, LayerWeights, NormWeights
from core.model.transformer import Config, Transformer

Array = NDArray[Any]


@dataclass(frozen=True)
class Expected:
    """What a named array of a model is to be: its shape, what the shape means, and whether it may be left out."""

    shape: tuple[int, ...]
    meaning: str
    optional: bool = False


def expected_arrays(config: Config, vocabulary: int) -> dict[str, Expected]:
    """Every array that a model of this configuration may have, by the name it has in the trace and in a model file.

    Learned positions and segments have any number of rows, written as 0.
    """
    model = (config.d_model,)
    arrays = {"embedding": Expected((vocabulary, *model), "words × d_model")}
    if config.positions == "learned":
        arrays["position_embedding"] = Expected((0, *model), "places × d_model")
    arrays["segment_embedding"] = Expected((0, *model), "segments × d_model", optional=True)
    if config.input_norm:
        arrays |= _norm_arrays(config, "input_norm")
    stacks = {"encoder": ("self_attention",), "decoder": ("self_attention", "cross_attention")}
    if not config.has_encoder:
        stacks = {"decoder": ("self_attention",)}
    for stack, attentions in stacks.items():
        for layer in range(1, config.layers + 1):
            arrays |= _layer_arrays(config, f"{stack}.{layer}", attentions)
        if config.final_norm:
            arrays |= _norm_arrays(config, f"{stack}.final_norm")
    if not config.tied:
        arrays["output.w"] = Expected((*model, vocabulary), "d_model × words")
    if config.output_bias:
        arrays["output.b"] = Expected((vocabulary,), "words")
    return arrays


def _layer_arrays(config: Config, layer: str, attentions: tuple[str, ...]) -> dict[str, Expected]:
    arrays: dict[str, Expected] = {}
    for attention in attentions:
        arrays |= _attention_arrays(config, f"{layer}.{attention}")
    if config.experts:
        arrays[f"{layer}.feed_forward.router"] = Expected((config.d_model, config.experts), "d_model × experts")
    for network in _networks(f"{layer}.feed_forward", config.experts):
        arrays |= _network_arrays(config, network)
    for number in range(1, len(attentions) + 2):
        arrays |= _norm_arrays(config, f"{layer}.norm_{number}")
    return arrays


def _networks(name: str, experts: int) -> list[str]:
    """The names of the networks of a layer: its one, or its experts, which count from 1."""
    return [f"{name}.expert_{number}" for number in range(1, experts + 1)] or [name]


def _attention_arrays(config: Config, name: str) -> dict[str, Expected]:
    d_model, d_k, d_v = config.d_model, config.d_k, config.d_v
    groups, letter = config.kv_heads or config.heads, "heads" if config.kv_heads is None else "kv_heads"
    widths = {
        "q": (config.heads * d_k, "heads·d_k"),
        "k": (groups * d_k, f"{letter}·d_k"),
        "v": (groups * d_v, f"{letter}·d_v"),
    }
    arrays: dict[str, Expected] = {}
    for part, (width, meaning) in widths.items():
        arrays[f"{name}.w_{part}"] = Expected((d_model, width), f"d_model × {meaning}")
        arrays[f"{name}.b_{part}"] = Expected((width,), meaning, optional=True)
    arrays[f"{name}.w_o"] = Expected((config.heads * d_v, d_model), "heads·d_v × d_model")
    arrays[f"{name}.b_o"] = Expected((d_model,), "d_model", optional=True)
    return arrays


def _network_arrays(config: Config, name: str) -> dict[str, Expected]:
    d_model, d_ff = config.d_model, config.d_ff
    arrays: dict[str, Expected] = {}
    for part in ("gate", "1") if config.activation in GATES else ("1",):
        arrays[f"{name}.w_{part}"] = Expected((d_model, d_ff), "d_model × d_ff")
        arrays[f"{name}.b_{part}"] = Expected((d_ff,), "d_ff", optional=True)
    arrays[f"{name}.w_2"] = Expected((d_ff, d_model), "d_ff × d_model")
    arrays[f"{name}.b_2"] = Expected((d_model,), "d_model", optional=True)
    return arrays


def _norm_arrays(config: Config, norm: str) -> dict[str, Expected]:
    names = ("scale",) if config.norm_kind == "rms" else ("scale", "shift")
    return {f"{norm}.{name}": Expected((config.d_model,), "d_model") for name in names}


def assembled(config: Config, vocabulary: tuple[str, ...], arrays: Mapping[str, Array]) -> Transformer:
    """The model of named arrays, as `expected_arrays` names them. Raises KeyError if one is missing."""
    encoder = _stack(arrays, "encoder", config, crossing=False) if config.has_encoder else ()
    return Transformer(
        config,
        vocabulary,
        arrays["embedding"],
        encoder,
        _stack(arrays, "decoder", config, crossing=config.has_encoder),
        _norm(arrays, "encoder.final_norm", config.norm_kind) if config.final_norm and config.has_encoder else None,
        _norm(arrays, "decoder.final_norm", config.norm_kind) if config.final_norm else None,
        arrays.get("position_embedding"),
        arrays.get("segment_embedding"),
        None if config.tied else arrays["output.w"],
        _norm(arrays, "input_norm", config.norm_kind) if config.input_norm else None,
        arrays["output.b"] if config.output_bias else None,
    )


def named_arrays(model: Transformer) -> dict[str, Array]:
    """The arrays of a model by name: what `assembled` made it of."""
    arrays = {"embedding": model.embedding}
    optional = {
        "position_embedding": model.position_embedding,
        "segment_embedding": model.segment_embedding,
        "output.w": model.output_w,
        "output.b": model.output_b,
        **_fields("input_norm", model.input_norm),
    }
    for stack, layers, final in (
        ("encoder", model.encoder, model.encoder_norm),
        ("decoder", model.decoder, model.decoder_norm),
    ):
        for number, layer in enumerate(layers, 1):
            for part in ("self_attention", "cross_attention"):
                optional |= _fields(f"{stack}.{number}.{part}", getattr(layer, part))
            optional |= _network_fields(f"{stack}.{number}.feed_forward", layer.feed_forward)
            for place, norm in enumerate(layer.norms, 1):
                optional |= _fields(f"{stack}.{number}.norm_{place}", norm)
        optional |= _fields(f"{stack}.final_norm", final)
    return arrays | {name: array for name, array in optional.items() if array is not None}


def _fields(prefix: str, weights: object | None) -> dict[str, Array | None]:
    return {} if weights is None else {f"{prefix}.{name}": array for name, array in vars(weights).items()}


def _network_fields(prefix: str, weights: FeedForwardWeights | ExpertsWeights) -> dict[str, Array | None]:
    if isinstance(weights, FeedForwardWeights):
        return _fields(prefix, weights)
    fields: dict[str, Array | None] = {f"{prefix}.router": weights.router}
    for name, expert in zip(_networks(prefix, len(weights.experts)), weights.experts, strict=True):
        fields |= _fields(name, expert)
    return fields


def _stack(arrays: Mapping[str, Array], name: str, config: Config, *, crossing: bool) -> tuple[LayerWeights, ...]:
    return tuple(
        layer_weights(arrays, f"{name}.{number}", crossing, experts=config.experts, norm_kind=config.norm_kind)
        for number in range(1, config.layers + 1)
    )


def layer_weights(
    arrays: Mapping[str, Array], layer: str, crossing: bool, *, experts: int = 0, norm_kind: str = "layer"
) -> LayerWeights:
    """The weights of the layer whose arrays are named LAYER.…; crossing: whether it has cross-attention.

    experts: how many networks it has, 0 for one without a router; norm_kind: "layer" or "rms".
    """
    return LayerWeights(
        _attention(arrays, f"{layer}.self_attention"),
        _attention(arrays, f"{layer}.cross_attention") if crossing else None,
        _feed_forward(arrays, f"{layer}.feed_forward", experts),
        tuple(_norm(arrays, f"{layer}.norm_{number}", norm_kind) for number in range(1, 4 if crossing else 3)),
    )


def _feed_forward(arrays: Mapping[str, Array], name: str, experts: int) -> FeedForwardWeights | ExpertsWeights:
    networks = [FeedForwardWeights(**_found(arrays, part, FeedForwardWeights)) for part in _networks(name, experts)]
    return ExpertsWeights(arrays[f"{name}.router"], tuple(networks)) if experts else networks[0]


def _attention(arrays: Mapping[str, Array], name: str) -> AttentionWeights:
    return AttentionWeights(**_found(arrays, name, AttentionWeights))


def _norm(arrays: Mapping[str, Array], name: str, kind: str) -> NormWeights:
    return NormWeights(arrays[f"{name}.scale"], None if kind == "rms" else arrays[f"{name}.shift"])


def _found(arrays: Mapping[str, Array], prefix: str, kind: type) -> dict[str, Array]:
    """The arrays below `prefix` that a dataclass of weights has fields for."""
    names = [field.name for field in fields(kind)]
    return {name: arrays[f"{prefix}.{name}"] for name in names if f"{prefix}.{name}" in arrays}
