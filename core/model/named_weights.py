"""The arrays of a model by name, as they are called in the trace and in a model file: what is expected, and the model.

`encoder.1.self_attention.w_q` is the query matrix of the encoder's first layer; layers and norms count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import NDArray

from core.model.layers import AttentionWeights, FeedForwardWeights, LayerWeights, NormWeights
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
    d_model, d_ff, keys, values = config.d_model, config.d_ff, config.heads * config.d_k, config.heads * config.d_v
    arrays: dict[str, Expected] = {}
    for attention in attentions:
        for name in "qk":
            arrays[f"{layer}.{attention}.w_{name}"] = Expected((d_model, keys), "d_model × heads·d_k")
            arrays[f"{layer}.{attention}.b_{name}"] = Expected((keys,), "heads·d_k", optional=True)
        arrays[f"{layer}.{attention}.w_v"] = Expected((d_model, values), "d_model × heads·d_v")
        arrays[f"{layer}.{attention}.b_v"] = Expected((values,), "heads·d_v", optional=True)
        arrays[f"{layer}.{attention}.w_o"] = Expected((values, d_model), "heads·d_v × d_model")
        arrays[f"{layer}.{attention}.b_o"] = Expected((d_model,), "d_model", optional=True)
    arrays[f"{layer}.feed_forward.w_1"] = Expected((d_model, d_ff), "d_model × d_ff")
    arrays[f"{layer}.feed_forward.b_1"] = Expected((d_ff,), "d_ff", optional=True)
    arrays[f"{layer}.feed_forward.w_2"] = Expected((d_ff, d_model), "d_ff × d_model")
    arrays[f"{layer}.feed_forward.b_2"] = Expected((d_model,), "d_model", optional=True)
    for number in range(1, len(attentions) + 2):
        arrays |= _norm_arrays(config, f"{layer}.norm_{number}")
    return arrays


def _norm_arrays(config: Config, norm: str) -> dict[str, Expected]:
    return {f"{norm}.{name}": Expected((config.d_model,), "d_model") for name in ("scale", "shift")}


def assembled(config: Config, vocabulary: tuple[str, ...], arrays: Mapping[str, Array]) -> Transformer:
    """The model of named arrays, as `expected_arrays` names them. Raises KeyError if one is missing."""
    encoder = _stack(arrays, "encoder", config.layers, crossing=False) if config.has_encoder else ()
    return Transformer(
        config,
        vocabulary,
        arrays["embedding"],
        encoder,
        _stack(arrays, "decoder", config.layers, crossing=config.has_encoder),
        _norm(arrays, "encoder.final_norm") if config.final_norm and config.has_encoder else None,
        _norm(arrays, "decoder.final_norm") if config.final_norm else None,
        arrays.get("position_embedding"),
        arrays.get("segment_embedding"),
        None if config.tied else arrays["output.w"],
        _norm(arrays, "input_norm") if config.input_norm else None,
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
            for part in ("self_attention", "cross_attention", "feed_forward"):
                optional |= _fields(f"{stack}.{number}.{part}", getattr(layer, part))
            for place, norm in enumerate(layer.norms, 1):
                optional |= _fields(f"{stack}.{number}.norm_{place}", norm)
        optional |= _fields(f"{stack}.final_norm", final)
    return arrays | {name: array for name, array in optional.items() if array is not None}


def _fields(prefix: str, weights: object | None) -> dict[str, Array | None]:
    return {} if weights is None else {f"{prefix}.{name}": array for name, array in vars(weights).items()}


def _stack(arrays: Mapping[str, Array], name: str, layers: int, *, crossing: bool) -> tuple[LayerWeights, ...]:
    return tuple(layer_weights(arrays, f"{name}.{number}", crossing) for number in range(1, layers + 1))


def layer_weights(arrays: Mapping[str, Array], layer: str, crossing: bool) -> LayerWeights:
    """The weights of the layer whose arrays are named LAYER.…; crossing: whether it has cross-attention."""
    return LayerWeights(
        _attention(arrays, f"{layer}.self_attention"),
        _attention(arrays, f"{layer}.cross_attention") if crossing else None,
        FeedForwardWeights(**_found(arrays, f"{layer}.feed_forward", FeedForwardWeights)),
        tuple(_norm(arrays, f"{layer}.norm_{number}") for number in range(1, 4 if crossing else 3)),
    )


def _attention(arrays: Mapping[str, Array], name: str) -> AttentionWeights:
    return AttentionWeights(**_found(arrays, name, AttentionWeights))


def _norm(arrays: Mapping[str, Array], name: str) -> NormWeights:
    return NormWeights(arrays[f"{name}.scale"], arrays[f"{name}.shift"])


def _found(arrays: Mapping[str, Array], prefix: str, kind: type) -> dict[str, Array]:
    """The arrays below `prefix` that a dataclass of weights has fields for."""
    names = [field.name for field in fields(kind)]
    return {name: arrays[f"{prefix}.{name}"] for name in names if f"{prefix}.{name}" in arrays}
