"""What PyTorch computes for the attention of today's models; `tools.record_vectors` writes it down.

Rotary embedding, ALiBi, RMS norm, gated networks, windows with sinks, sampling, mixtures of experts, and whole
decoder-only models with them. Nothing of the project is used here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.nn.attention.flex_attention import flex_attention

from tools.transformer_vectors import Arrays, Case, Options

D_MODEL, D_FF, WORDS, TOKENS, BATCH = 8, 12, 9, 6, 2
Tensors = dict[str, torch.Tensor]


def record(seed: int) -> list[Case]:
    """Every case, its numbers drawn with `seed`."""
    rng = np.random.default_rng(seed)
    parts = [*_rotary(rng), *_norms(rng), *_gates(rng), *_biased(rng), *_sampling(rng), *_experts(rng)]
    return [*parts, *_models(rng)]


def _draw(shape: tuple[int, ...], rng: np.random.Generator, spread: float = 1.0) -> np.ndarray:
    """Normal numbers in steps of 1/64, which are exact and keep the file small."""
    return np.round(rng.normal(size=shape) * spread * 64) / 64


def _case(name: str, kind: str, options: Options, inputs: Arrays, output: torch.Tensor) -> Case:
    return Case(f"{kind}: {name}", kind, options, {}, inputs, {"output": output.numpy()})


# --- parts ------------------------------------------------------------------------------------------------------------

# Base, width, interleaved, scaling.
ROTARY: dict[str, tuple[float, int | None, bool, float]] = {
    "halves": (10_000.0, None, False, 1.0),
    "interleaved": (10_000.0, None, True, 1.0),
    "partial": (500_000.0, 4, False, 1.0),
    "partial, interleaved, scaled": (100.0, 6, True, 4.0),
}


def _rotary(rng: np.random.Generator) -> Iterator[Case]:
    places = np.array([0, 1, 2, 7, 500])
    for name, (base, width, interleaved, scaling) in ROTARY.items():
        x = _draw((2, 3, 5, 8), rng)
        options = {"base": base, "width": width, "interleaved": interleaved, "scaling": scaling}
        output = turned(torch.from_numpy(x), torch.from_numpy(places), options)
        yield _case(name, "rotary", options, {"x": x, "positions": places}, output)


def turned(x: torch.Tensor, places: torch.Tensor, options: Options) -> torch.Tensor:
    """(…, tokens, d): neighbours as complex numbers; halves by Hugging Face's `rotate_half`."""
    width = options["width"] or x.shape[-1]
    steps = torch.arange(0, width, 2, dtype=torch.float64) / width
    angles = places.double()[:, None] / options["scaling"] / options["base"] ** steps  # (tokens, pairs)
    part, rest = x[..., :width], x[..., width:]
    if options["interleaved"]:
        pairs = torch.view_as_complex(part.unflatten(-1, (-1, 2)).contiguous())
        part = torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)
    else:
        twice = torch.cat([angles, angles], dim=-1)
        half = torch.cat([-part[..., width // 2 :], part[..., : width // 2]], dim=-1)
        part = part * twice.cos() + half * twice.sin()
    return torch.cat([part, rest], dim=-1)


def _norms(rng: np.random.Generator) -> Iterator[Case]:
    for name, shape, eps in (("vector", (6,), 1e-5), ("batch", (2, 3, 8), 1e-6), ("wide eps", (4, 5), 0.5)):
        inputs = {"x": _draw(shape, rng), "scale": _draw(shape[-1:], rng)}
        x, scale = map(torch.from_numpy, inputs.values())
        yield _case(name, "rms_norm", {"eps": eps}, inputs, functional.rms_norm(x, shape[-1:], scale, eps))


GATES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "swiglu": functional.silu,
    "geglu": functional.gelu,
    "geglu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
}


def _gates(rng: np.random.Generator) -> Iterator[Case]:
    shapes = {"x": (2, 4, 5), "w_gate": (5, 7), "w_1": (5, 7), "w_2": (7, 5), "b_gate": (7,), "b_1": (7,), "b_2": (5,)}
    for name, gate in GATES.items():
        inputs = {part: _draw(shape, rng) for part, shape in shapes.items()}
        given = {part: torch.from_numpy(array) for part, array in inputs.items()}
        opened = gate(given["x"] @ given["w_gate"] + given["b_gate"])
        hidden = opened * (given["x"] @ given["w_1"] + given["b_1"])
        yield _case(name, "gated", {"activation": name}, inputs, hidden @ given["w_2"] + given["b_2"])


# Heads, kv heads, window, sinks, soft cap, whether ALiBi, how many keys are kept from before.
BIASED: dict[str, tuple[int, int, int | None, int, float | None, bool, int]] = {
    "ALiBi, 4 heads": (4, 4, None, 0, None, True, 0),
    "ALiBi, 6 heads, grouped": (6, 2, None, 0, None, True, 0),
    "ALiBi, cached": (3, 1, None, 0, None, True, 4),
    "window": (2, 2, 3, 0, None, False, 0),
    "window and sinks": (4, 2, 2, 2, None, False, 0),
    "window and sinks, cached": (4, 1, 3, 1, None, False, 5),
    "all together": (6, 3, 3, 1, 1.5, True, 2),
}


def _biased(rng: np.random.Generator) -> Iterator[Case]:
    for name, (heads, kv_heads, window, sinks, cap, sloped, past) in BIASED.items():
        shapes = {"q": (BATCH, heads, 4, 6), "k": (BATCH, kv_heads, 4 + past, 6), "v": (BATCH, kv_heads, 4 + past, 6)}
        inputs = {part: _draw(shape, rng) for part, shape in shapes.items()}
        options = {"window": window, "sinks": sinks, "soft_cap": cap, "alibi": sloped, "offset": past}
        q, k, v = map(torch.from_numpy, inputs.values())
        yield _case(name, "biased", options, inputs, attended(q, k, v, options))


def slopes(heads: int) -> torch.Tensor:
    """ALiBi's, as its authors' code finds them: by recursion."""

    def of_power(n: int) -> list[float]:
        start = 2.0 ** (-(2.0 ** -(np.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    def of(n: int) -> list[float]:
        if np.log2(n).is_integer():
            return of_power(n)
        lower = 2 ** int(np.floor(np.log2(n)))
        return of_power(lower) + of(2 * lower)[0::2][: n - lower]

    return torch.tensor(of(heads), dtype=torch.float64)


def attended(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, options: Options) -> torch.Tensor:
    """Causal attention by flex_attention: cap, penalty, window and sinks cell by cell. (batch, heads, queries, d_v)."""
    steep, cap, offset = slopes(q.shape[1]), options["soft_cap"], options["offset"]
    window, sinks = options["window"] or 1_000_000, options["sinks"]

    def changed(score: torch.Tensor, b: Any, h: Any, i: Any, j: Any) -> torch.Tensor:
        behind = i + offset - j
        if cap is not None:
            score = cap * torch.tanh(score / cap)
        if options["alibi"]:
            score = score - steep[h] * behind
        seen = (behind >= 0) & ((behind < window) | (j < sinks))
        return torch.where(seen, score, -torch.inf)

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*flex_attention called without")
        return flex_attention(q, k, v, score_mod=changed, enable_gqa=q.shape[1] != k.shape[1])


SAMPLING: dict[str, tuple[float, int | None, float | None]] = {
    "temperature": (0.7, None, None),
    "top-k": (1.0, 3, None),
    "top-p": (1.0, None, 0.8),
    "all": (1.3, 6, 0.9),
}


def _sampling(rng: np.random.Generator) -> Iterator[Case]:
    for name, (temperature, k, p) in SAMPLING.items():
        logits = _draw((5, 11), rng, 2.0) + np.arange(11) / 1024  # no two alike
        x = torch.from_numpy(logits) / temperature
        if k is not None:
            x = x.masked_fill(x < x.topk(k).values[..., -1:], -torch.inf)
        if p is not None:
            falling, order = x.sort(descending=True, stable=True)
            shares = falling.softmax(dim=-1)
            late = shares.cumsum(dim=-1) - shares >= p
            x = x.masked_fill(torch.zeros_like(late).scatter(-1, order, late), -torch.inf)
        options = {"temperature": temperature, "top_k": k, "top_p": p}
        yield _case(name, "sampling", options, {"logits": logits}, x.softmax(dim=-1))


def _experts(rng: np.random.Generator) -> Iterator[Case]:
    for opened in (1, 2, 4):
        shapes = {"x": (2, 5, 6), "router": (6, 4), "w_gate": (4, 6, 7), "w_1": (4, 6, 7), "w_2": (4, 7, 6)}
        inputs = {part: _draw(shape, rng, 0.5) for part, shape in shapes.items()}
        given = {part: torch.from_numpy(array) for part, array in inputs.items()}
        output = mixed(given["x"], given["router"], [_swiglu(given, n) for n in range(4)], opened)
        yield _case(f"{opened} of 4", "experts", {"opened": opened}, inputs, output)


def _swiglu(given: Tensors, number: int) -> Callable[[torch.Tensor], torch.Tensor]:
    w_gate, w_1, w_2 = (given[name][number] for name in ("w_gate", "w_1", "w_2"))
    return lambda x: (functional.silu(x @ w_gate) * (x @ w_1)) @ w_2


def mixed(x: torch.Tensor, router: torch.Tensor, experts: list[Any], opened: int) -> torch.Tensor:
    """As Mixtral's code does: each expert is given the tokens that are sent to it, and they are added up."""
    rows = x.flatten(0, -2)  # (tokens, d_model)
    weights, chosen = (rows @ router).softmax(dim=-1).topk(opened)
    weights = weights / weights.sum(dim=-1, keepdim=True)
    output = torch.zeros_like(rows)
    for number, expert in enumerate(experts):
        token, place = torch.where(chosen == number)
        output.index_add_(0, token, expert(rows[token]) * weights[token, place, None])
    return output.view_as(x)


# --- whole models -----------------------------------------------------------------------------------------------------

HALVES = {"base": 10_000.0, "width": None, "interleaved": False, "scaling": 1.0}
PLAIN: Options = {"kind": "decoder-only", "norm": "pre", "final_norm": True, "layers": 2, "tied": True, "eps": 1e-5}
MODELS: dict[str, Options] = {
    "LLaMA's layout": {"norm_kind": "rms", "activation": "swiglu", "heads": 4, "rotary": HALVES},
    "grouped queries, window": {
        "norm_kind": "rms",
        "activation": "geglu",
        "heads": 4,
        "kv_heads": 2,
        "window": 3,
        "sinks": 1,
        "rotary": HALVES | {"base": 100.0, "interleaved": True},
        "embedding_scale": True,
    },
    "ALiBi, one kv head": {"norm_kind": "layer", "activation": "gelu", "heads": 2, "kv_heads": 1, "alibi": True},
    "experts, soft cap, after the sums": {
        "norm_kind": "rms",
        "activation": "swiglu",
        "heads": 2,
        "rotary": HALVES | {"width": 2},
        "norm": "post",
        "experts": 3,
        "opened": 2,
        "soft_cap": 2.0,
        "final_norm": False,
        "tied": False,
    },
    "relu experts": {"norm_kind": "rms", "activation": "relu", "heads": 2, "experts": 4, "opened": 1},
}
ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"relu": functional.relu, "gelu": functional.gelu}


def _models(rng: np.random.Generator) -> Iterator[Case]:
    for name, chosen in MODELS.items():
        options = PLAIN | chosen
        weights = dict(_weights(options, rng))
        ids = rng.integers(WORDS, size=(BATCH, TOKENS))
        given = {part: torch.from_numpy(array) for part, array in weights.items()}
        x = given["embedding"][torch.from_numpy(ids)]
        x = x * D_MODEL**0.5 if options.get("embedding_scale") else x
        for layer in ("decoder.1", "decoder.2"):
            x = _layer(x, layer, given, options)
        x = _normed(x, "decoder.final_norm", given, options) if options["final_norm"] else x
        logits = x @ (given["embedding"].T if options["tied"] else given["output.w"])
        expected = {"output": x.numpy(), "logits": logits.numpy(), "probabilities": logits.softmax(dim=-1).numpy()}
        yield Case(f"model: {name}", "model", options, weights, {"target": ids}, expected)


def _weights(options: Options, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    yield "embedding", _draw((WORDS, D_MODEL), rng)
    if not options["tied"]:
        yield "output.w", _draw((D_MODEL, WORDS), rng, 0.5)
    narrow = D_MODEL // options["heads"] * options.get("kv_heads", options["heads"])
    network = {"w_1": (D_MODEL, D_FF), "w_2": (D_FF, D_MODEL)}
    network |= {"w_gate": (D_MODEL, D_FF)} if options["activation"] in GATES else {"b_1": (D_FF,), "b_2": (D_MODEL,)}
    experts = options.get("experts", 0)
    norms = ["decoder.final_norm"] if options["final_norm"] else []
    for layer in ("decoder.1", "decoder.2"):
        for part, width in (("q", D_MODEL), ("k", narrow), ("v", narrow), ("o", D_MODEL)):
            yield f"{layer}.self_attention.w_{part}", _draw((D_MODEL, width), rng, 0.5)
        if experts:
            yield f"{layer}.feed_forward.router", _draw((D_MODEL, experts), rng)
        for place in [f".expert_{number}" for number in range(1, experts + 1)] or [""]:
            for part, shape in network.items():
                yield f"{layer}.feed_forward{place}.{part}", _draw(shape, rng, 0.5)
        norms += [f"{layer}.norm_1", f"{layer}.norm_2"]
    for norm in norms:
        yield f"{norm}.scale", _draw((D_MODEL,), rng, 0.5) + 1
        if options["norm_kind"] == "layer":
            yield f"{norm}.shift", _draw((D_MODEL,), rng, 0.5)


def _layer(x: torch.Tensor, layer: str, given: Tensors, options: Options) -> torch.Tensor:
    for number, part in ((1, _attention), (2, _network)):
        norm = f"{layer}.norm_{number}"
        if options["norm"] == "pre":
            x = x + part(_normed(x, norm, given, options), layer, given, options)
        else:
            x = _normed(x + part(x, layer, given, options), norm, given, options)
    return x


def _normed(x: torch.Tensor, name: str, given: Tensors, options: Options) -> torch.Tensor:
    if options["norm_kind"] == "rms":
        return functional.rms_norm(x, (D_MODEL,), given[f"{name}.scale"], options["eps"])
    return functional.layer_norm(x, (D_MODEL,), given[f"{name}.scale"], given[f"{name}.shift"], options["eps"])


def _attention(x: torch.Tensor, layer: str, given: Tensors, options: Options) -> torch.Tensor:
    heads, name = options["heads"], f"{layer}.self_attention"
    groups = {"q": heads, "k": options.get("kv_heads", heads), "v": options.get("kv_heads", heads)}
    q, k, v = (
        (x @ given[f"{name}.w_{part}"]).unflatten(-1, (count, -1)).transpose(1, 2) for part, count in groups.items()
    )
    if "rotary" in options:
        q, k = (turned(part, torch.arange(TOKENS), options["rotary"]) for part in (q, k))
    names = {"window": None, "sinks": 0, "soft_cap": None, "alibi": False}
    look = {name: options.get(name, default) for name, default in names.items()} | {"offset": 0}
    return attended(q, k, v, look).transpose(1, 2).flatten(-2) @ given[f"{name}.w_o"]


def _network(x: torch.Tensor, layer: str, given: Tensors, options: Options) -> torch.Tensor:
    name = f"{layer}.feed_forward"
    if not options.get("experts"):
        return _fed(x, name, given, options)
    experts = [
        lambda rows, expert=f"{name}.expert_{number}": _fed(rows, expert, given, options)
        for number in range(1, options["experts"] + 1)
    ]
    return mixed(x, given[f"{name}.router"], experts, options["opened"])


def _fed(x: torch.Tensor, name: str, given: Tensors, options: Options) -> torch.Tensor:
    kind, hidden = options["activation"], x @ given[f"{name}.w_1"]
    if kind in GATES:
        return (GATES[kind](x @ given[f"{name}.w_gate"]) * hidden) @ given[f"{name}.w_2"]
    return ACTIVATIONS[kind](hidden + given[f"{name}.b_1"]) @ given[f"{name}.w_2"] + given[f"{name}.b_2"]
