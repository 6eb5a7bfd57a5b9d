"""What PyTorch computes for norms, layers and whole Transformers; `tools.record_vectors` writes it down.

Each parameter of a module, norms and biases too, is drawn at random and named as in the trace, for row vectors (X W).
Nothing of the project is used here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

Arrays = dict[str, np.ndarray]
Options = dict[str, Any]

D_MODEL, D_FF, HEADS, WORDS = 8, 12, 2, 11
BATCH, SOURCE, TARGET = 2, 5, 4


@dataclass(frozen=True)
class Case:
    """One recorded computation: what kind, with which options, weights and inputs, and what comes out."""

    name: str
    kind: str
    options: Options
    weights: Arrays
    inputs: Arrays
    expected: Arrays


def record(seed: int) -> list[Case]:
    """Every case, its numbers drawn with `seed`."""
    rng = np.random.default_rng(seed)
    layers = [*_norms(rng), *_activations(rng), *_encoder_layers(rng), *_decoder_layers(rng)]
    return [*layers, *_models(rng), *_gpt(rng), *_norms_at_the_edge(rng), *_more_models(rng)]


def _draw(shape: tuple[int, ...], rng: np.random.Generator, spread: float = 1.0) -> np.ndarray:
    """Normal numbers in steps of 1/64, which are exact and keep the file small."""
    return np.round(rng.normal(size=shape) * spread * 64) / 64


def _draw_parameters(module: nn.Module, rng: np.random.Generator) -> None:
    """Random parameters, also where PyTorch starts with zeros or ones, which would hide them."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(_draw(tuple(parameter.shape), rng, 0.5)))


def _padding(lengths: list[int], tokens: int) -> np.ndarray:
    """True = real, (batch, tokens)."""
    return np.arange(tokens) < np.array(lengths)[:, None]


# --- norms and activations --------------------------------------------------------------------------------------------


def _norms(rng: np.random.Generator) -> Iterator[Case]:
    for name, shape, eps in (
        ("vector", (6,), 1e-5),
        ("matrix", (3, 5), 1e-5),
        ("batch", (2, 3, 4), 1e-12),
        ("wide eps", (2, 8), 0.5),
        ("one feature", (3, 1), 1e-5),
    ):
        x, scale, shift = (_draw(size, rng) for size in (shape, shape[-1:], shape[-1:]))
        tensor, weight, bias = map(torch.from_numpy, (x, scale, shift))
        output = functional.layer_norm(tensor, shape[-1:], weight, bias, eps)
        inputs = {"x": x, "scale": scale, "shift": shift}
        yield Case(f"layer norm: {name}", "layer_norm", {"eps": eps}, {}, inputs, {"output": output.numpy()})
    for name, shape in (("matrix", (5, 3)), ("batch of sentences", (3, 4, 5))):
        module = nn.BatchNorm1d(shape[-1], eps=1e-3, dtype=torch.float64)
        _draw_parameters(module, rng)
        x = _draw(shape, rng)
        channels = torch.from_numpy(x).movedim(-1, 1)  # (batch, d_model, tokens)
        output = module(channels).movedim(1, -1).detach().numpy()
        inputs = {"x": x, "scale": module.weight.detach().numpy(), "shift": module.bias.detach().numpy()}
        yield Case(f"batch norm: {name}", "batch_norm", {"eps": 1e-3}, {}, inputs, {"output": output})


def _norms_at_the_edge(rng: np.random.Generator) -> Iterator[Case]:
    """Equal numbers in a row, and numbers of all sizes that PyTorch still norms."""
    x = _draw((3, 6), rng)
    x[1] = 0.75
    for name, factor, eps in (("equal numbers", 1.0, 1e-5), ("large", 2.0**400, 1e-5), ("tiny", 2.0**-400, 0.0)):
        rows = (x if eps else x[::2]) * factor
        output = functional.layer_norm(torch.from_numpy(rows), (6,), eps=eps).numpy()
        yield Case(f"layer norm: {name}", "layer_norm", {"eps": eps}, {}, {"x": rows}, {"output": output})


def _activations(rng: np.random.Generator) -> Iterator[Case]:
    x = np.concatenate([_draw((40,), rng, 2.0), [0.0, -0.0, 1e-9, 40.0, -40.0]])
    tensor = torch.from_numpy(x)
    for name, output in (
        ("relu", functional.relu(tensor)),
        ("gelu", functional.gelu(tensor)),
        ("gelu_tanh", functional.gelu(tensor, approximate="tanh")),
    ):
        yield Case(f"activation: {name}", "activation", {"activation": name}, {}, {"x": x}, {"output": output.numpy()})


# --- layers -----------------------------------------------------------------------------------------------------------

# Norm placement, activation, whether there are biases, and ε of the norms.
LAYERS: dict[str, tuple[str, str, bool, float]] = {
    "post": ("post", "relu", True, 1e-5),
    "post, gelu": ("post", "gelu", True, 1e-5),
    "pre": ("pre", "relu", True, 1e-5),
    "pre, gelu, wide eps": ("pre", "gelu", True, 0.1),
    "post, no biases": ("post", "relu", False, 1e-5),
}


def _arguments(norm: str, activation: str, eps: float) -> Options:
    return {
        "dim_feedforward": D_FF,
        "dropout": 0.0,
        "activation": activation,
        "layer_norm_eps": eps,
        "batch_first": True,
        "norm_first": norm == "pre",
        "dtype": torch.float64,
    }


def _encoder_layers(rng: np.random.Generator) -> Iterator[Case]:
    """Each without a mask, in a padded batch, and with a causal mask."""
    for name, (norm, activation, bias, eps) in LAYERS.items():
        module = nn.TransformerEncoderLayer(D_MODEL, HEADS, **_arguments(norm, activation, eps), bias=bias)
        _draw_parameters(module, rng)
        inputs = {
            "x": _draw((BATCH, SOURCE, D_MODEL), rng),
            "key_padding": _padding([SOURCE, 3], SOURCE),
            "mask": np.tri(SOURCE, dtype=bool),
        }
        x, padding, mask = (torch.from_numpy(array) for array in inputs.values())
        with torch.no_grad():
            expected = {
                "plain": module(x).numpy(),
                "key_padding": module(x, src_key_padding_mask=~padding).numpy(),
                "mask": module(x, src_mask=~mask).numpy(),
            }
        options = {"heads": HEADS, "norm": norm, "activation": activation, "eps": eps}
        weights = dict(_layer("layer", module))
        yield Case(f"encoder layer: {name}", "encoder_layer", options, weights, inputs, expected)


def _decoder_layers(rng: np.random.Generator) -> Iterator[Case]:
    causal = ~torch.ones(TARGET, TARGET, dtype=torch.bool).tril()
    for name, (norm, activation, bias, eps) in LAYERS.items():
        module = nn.TransformerDecoderLayer(D_MODEL, HEADS, **_arguments(norm, activation, eps), bias=bias)
        _draw_parameters(module, rng)
        inputs = {
            "x": _draw((BATCH, TARGET, D_MODEL), rng),
            "memory": _draw((BATCH, SOURCE, D_MODEL), rng),
            "key_padding": _padding([2, TARGET], TARGET),
            "memory_padding": _padding([SOURCE, 3], SOURCE),
        }
        x, memory, own, others = (torch.from_numpy(array) for array in inputs.values())
        masks = {"tgt_mask": causal, "tgt_key_padding_mask": ~own, "memory_key_padding_mask": ~others}
        with torch.no_grad():
            output = module(x, memory, **masks).numpy()
        options = {"heads": HEADS, "norm": norm, "activation": activation, "eps": eps}
        weights = dict(_layer("layer", module))
        yield Case(f"decoder layer: {name}", "decoder_layer", options, weights, inputs, {"output": output})


def _layer(name: str, module: nn.Module) -> Iterator[tuple[str, np.ndarray]]:
    """The parameters of a layer of PyTorch's, by their names in the trace."""
    attentions = {"self_attention": module.self_attn, "cross_attention": getattr(module, "multihead_attn", None)}
    for attention, part in attentions.items():
        if part is not None:
            yield from _attention(f"{name}.{attention}", part)
    for number, linear in enumerate((module.linear1, module.linear2), 1):
        yield f"{name}.feed_forward.w_{number}", linear.weight.detach().numpy().T.copy()
        if linear.bias is not None:
            yield f"{name}.feed_forward.b_{number}", linear.bias.detach().numpy()
    norms = (getattr(module, f"norm{number}", None) for number in (1, 2, 3))
    for number, norm in enumerate((norm for norm in norms if norm is not None), 1):
        yield from _norm(f"{name}.norm_{number}", norm)


def _attention(name: str, module: nn.MultiheadAttention) -> Iterator[tuple[str, np.ndarray]]:
    weights = (*module.in_proj_weight.chunk(3), module.out_proj.weight)
    for part, weight in zip("qkvo", weights, strict=True):
        yield f"{name}.w_{part}", weight.detach().numpy().T.copy()
    if module.in_proj_bias is not None:
        for part, bias in zip("qkvo", (*module.in_proj_bias.chunk(3), module.out_proj.bias), strict=True):
            yield f"{name}.b_{part}", bias.detach().numpy()


def _norm(name: str, module: nn.LayerNorm) -> Iterator[tuple[str, np.ndarray]]:
    """A norm's scale and shift; a module without biases has no shift."""
    yield f"{name}.scale", module.weight.detach().numpy()
    shift = torch.zeros_like(module.weight) if module.bias is None else module.bias
    yield f"{name}.shift", shift.detach().numpy()


# --- whole models -----------------------------------------------------------------------------------------------------

# Norm placement, activation, final norms, whether embeddings are scaled, positions and whether the output is tied.
MODELS: dict[str, tuple[str, str, bool, bool, str, bool]] = {
    "the paper's": ("post", "relu", False, True, "sinusoidal", True),
    "final norms": ("post", "relu", True, False, "none", True),
    "pre, gelu": ("pre", "gelu", True, False, "learned", False),
    "pre, no final norms": ("pre", "relu", False, True, "none", True),
}


# The same, with further options, and whether the tokens stand at places of their own.
MORE_MODELS: dict[str, tuple[tuple[str, str, bool, bool, str, bool], Options, bool]] = {
    "waves of base 100, output bias": (
        ("post", "relu", False, True, "sinusoidal", True),
        {"position_base": 100.0, "output_bias": True},
        False,
    ),
    "BERT's input norm": (("post", "gelu", False, False, "learned", False), {"input_norm": True}, False),
    "waves at given places": (("pre", "relu", True, False, "sinusoidal", True), {}, True),
    "learned positions at given places": (
        ("post", "relu", False, False, "learned", False),
        {"input_norm": True, "output_bias": True},
        True,
    ),
}


def _models(rng: np.random.Generator) -> Iterator[Case]:
    """nn.Transformer on padded batches, with embeddings before it and logits after it."""
    for name, choices in MODELS.items():
        yield _model(name, choices, {}, False, rng)


def _more_models(rng: np.random.Generator) -> Iterator[Case]:
    for name, (choices, more, placed) in MORE_MODELS.items():
        yield _model(name, choices, more, placed, rng)


def _model(
    name: str, choices: tuple[str, str, bool, bool, str, bool], more: Options, placed: bool, rng: np.random.Generator
) -> Case:
    norm, activation, final_norm, scaled, positions, tied = choices
    module = nn.Transformer(D_MODEL, HEADS, 2, 2, **_arguments(norm, activation, 1e-5))
    if not final_norm:
        module.encoder.norm = module.decoder.norm = None
    _draw_parameters(module, rng)
    options = {"norm": norm, "activation": activation, "final_norm": final_norm, "embedding_scale": scaled}
    options |= {"positions": positions, "tied": tied, "eps": 1e-5, "layers": 2, "heads": HEADS, **more}
    weights = dict(_stacks(module)) | dict(_around(options, rng))
    inputs = {
        "source": rng.integers(WORDS, size=(BATCH, SOURCE)),
        "target": rng.integers(WORDS, size=(BATCH, TARGET)),
        "source_padding": _padding([SOURCE, 3], SOURCE),
    }
    if placed:
        inputs |= {f"{side}_places": rng.integers(SOURCE + 2, size=inputs[side].shape) for side in ("source", "target")}
    return Case(f"model: {name}", "model", options, weights, inputs, _model_results(module, options, weights, inputs))


def _around(options: Options, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """The parameters of a model outside its stacks."""
    yield "embedding", _draw((WORDS, D_MODEL), rng, 0.5)
    if options["positions"] == "learned":
        yield "position_embedding", _draw((SOURCE + 2, D_MODEL), rng, 0.5)
    if not options["tied"]:
        yield "output.w", _draw((D_MODEL, WORDS), rng, 0.5)
    if options.get("output_bias"):
        yield "output.b", _draw((WORDS,), rng, 0.5)
    if options.get("input_norm"):
        yield "input_norm.scale", _draw((D_MODEL,), rng, 0.5)
        yield "input_norm.shift", _draw((D_MODEL,), rng, 0.5)


def _stacks(module: nn.Transformer) -> Iterator[tuple[str, np.ndarray]]:
    for stack, part in (("encoder", module.encoder), ("decoder", module.decoder)):
        for number, layer in enumerate(part.layers, 1):
            yield from _layer(f"{stack}.{number}", layer)
        if part.norm is not None:
            yield from _norm(f"{stack}.final_norm", part.norm)


def _model_results(module: nn.Transformer, options: Options, weights: Arrays, inputs: Arrays) -> Arrays:
    ignored = ~torch.from_numpy(inputs["source_padding"])
    source, target = (
        _rows(inputs[name], options, weights, inputs.get(f"{name}_places")) for name in ("source", "target")
    )
    causal = ~torch.ones(TARGET, TARGET, dtype=torch.bool).tril()
    with torch.no_grad():
        memory = module.encoder(source, src_key_padding_mask=ignored)
        output = module.decoder(target, memory, tgt_mask=causal, memory_key_padding_mask=ignored)
        logits = output @ _output_matrix(options, weights)
        if "output.b" in weights:
            logits = logits + torch.from_numpy(weights["output.b"])
    return {
        "memory": memory.numpy(),
        "output": output.numpy(),
        "logits": logits.numpy(),
        "probabilities": logits.softmax(dim=-1).numpy(),
    }


def _rows(ids: np.ndarray, options: Options, weights: Arrays, places: np.ndarray | None = None) -> torch.Tensor:
    """What enters a stack, (batch, tokens, d_model)."""
    rows = functional.embedding(torch.from_numpy(ids), torch.from_numpy(weights["embedding"]))
    at = torch.arange(ids.shape[-1]) if places is None else torch.from_numpy(places)
    if options["embedding_scale"]:
        rows = rows * D_MODEL**0.5
    if options["positions"] == "learned":
        rows = rows + functional.embedding(at, torch.from_numpy(weights["position_embedding"]))
    if options["positions"] == "sinusoidal":
        rows = rows + _sinusoids(at, options.get("position_base", 10000.0))
    if options.get("input_norm"):
        scale, shift = (torch.from_numpy(weights[f"input_norm.{name}"]) for name in ("scale", "shift"))
        rows = functional.layer_norm(rows, (D_MODEL,), scale, shift, options["eps"])
    return rows


def _sinusoids(places: torch.Tensor, base: float) -> torch.Tensor:
    """(…, d_model), by the rotation of a complex number: cosine and sine are its parts."""
    frequencies = base ** (-torch.arange(0, D_MODEL, 2, dtype=torch.float64) / D_MODEL)
    angles = places.double()[..., None] * frequencies  # (…, pairs)
    turned = torch.polar(torch.ones_like(angles), angles)
    return torch.stack([turned.imag, turned.real], dim=-1).flatten(-2)


def _output_matrix(options: Options, weights: Arrays) -> torch.Tensor:
    return torch.from_numpy(weights["embedding"].T if options["tied"] else weights["output.w"])


# --- decoder only -----------------------------------------------------------------------------------------------------


def _gpt(rng: np.random.Generator) -> Iterator[Case]:
    """GPT-2's layout, of PyTorch's functions: learned positions, pre-norm, GELU by tanh, final norm, tied output."""
    weights = dict(_gpt_weights(rng))
    options = {"norm": "pre", "activation": "gelu_tanh", "final_norm": True, "embedding_scale": False}
    options |= {"positions": "learned", "tied": True, "eps": 1e-5, "layers": 2, "heads": HEADS, "kind": "decoder-only"}
    ids = rng.integers(WORDS, size=(BATCH, SOURCE))
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    x = _rows(ids, options, weights)
    for layer in ("decoder.1", "decoder.2"):
        x = x + _gpt_attention(f"{layer}.self_attention", _gpt_norm(f"{layer}.norm_1", x, tensors), tensors)
        hidden = _linear(f"{layer}.feed_forward", "1", _gpt_norm(f"{layer}.norm_2", x, tensors), tensors)
        x = x + _linear(f"{layer}.feed_forward", "2", functional.gelu(hidden, approximate="tanh"), tensors)
    output = _gpt_norm("decoder.final_norm", x, tensors)
    logits = output @ tensors["embedding"].T
    expected = {"output": output.numpy(), "logits": logits.numpy(), "probabilities": logits.softmax(dim=-1).numpy()}
    yield Case("model: GPT-2's layout", "decoder_only", options, weights, {"target": ids}, expected)


def _gpt_weights(rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    yield "embedding", _draw((WORDS, D_MODEL), rng, 0.5)
    yield "position_embedding", _draw((SOURCE + 3, D_MODEL), rng, 0.5)
    shapes = {"w_1": (D_MODEL, D_FF), "b_1": (D_FF,), "w_2": (D_FF, D_MODEL), "b_2": (D_MODEL,)}
    for layer in ("decoder.1", "decoder.2"):
        for part in "qkvo":
            yield f"{layer}.self_attention.w_{part}", _draw((D_MODEL, D_MODEL), rng, 0.5)
            yield f"{layer}.self_attention.b_{part}", _draw((D_MODEL,), rng, 0.5)
        for part, shape in shapes.items():
            yield f"{layer}.feed_forward.{part}", _draw(shape, rng, 0.5)
    for norm in ("decoder.1.norm_1", "decoder.1.norm_2", "decoder.2.norm_1", "decoder.2.norm_2", "decoder.final_norm"):
        yield f"{norm}.scale", _draw((D_MODEL,), rng, 0.5)
        yield f"{norm}.shift", _draw((D_MODEL,), rng, 0.5)


def _linear(name: str, part: str, x: torch.Tensor, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    return functional.linear(x, tensors[f"{name}.w_{part}"].T, tensors[f"{name}.b_{part}"])


def _gpt_norm(name: str, x: torch.Tensor, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    return functional.layer_norm(x, (D_MODEL,), tensors[f"{name}.scale"], tensors[f"{name}.shift"])


def _gpt_attention(name: str, x: torch.Tensor, tensors: dict[str, torch.Tensor]) -> torch.Tensor:
    q, k, v = (_linear(name, part, x, tensors).unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in "qkv")
    context = functional.scaled_dot_product_attention(q, k, v, is_causal=True)  # (batch, heads, tokens, d_v)
    return _linear(name, "o", context.transpose(1, 2).flatten(-2), tensors)
