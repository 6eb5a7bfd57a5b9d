"""Record what PyTorch computes for small attention problems, for tests/core/test_references.py to compare with.

    pip install torch==2.13.0 numpy
    python -m tools.record_vectors

writes tests/core/vectors: torch.npz (inputs and results, float64), torch.json (what each case is called with),
transformer.npz and transformer.json (the same for norms, layers and whole models, see tools/transformer_vectors.py),
today.npz and today.json (the same for what today's models are made of, see tools/today_vectors.py) and raschka.npz (the
weights behind the published numbers of a book, which PyTorch draws from its seeds). Nothing of the project is used
here: the masks, too, are built in PyTorch.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.nn.attention.flex_attention import flex_attention

from tools import today_vectors, transformer_vectors

VECTORS = Path(__file__).resolve().parents[1] / "tests" / "core" / "vectors"
SEED = 2017
RANDOM_CASES = 16

Arrays = dict[str, np.ndarray]
Options = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One recorded call: arrays and options given to `function` of core.model.attention, and what is expected of it."""

    name: str
    function: str
    options: Options
    inputs: Arrays
    expected: Arrays


# Shapes of q, k and v, which mask is drawn, and the options of the call.
ATTENTION_CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], str | None, Options]] = {
    "one token": ((1, 1), (1, 1), (1, 1), None, {}),
    "matrices": ((4, 8), (6, 8), (6, 8), None, {}),
    "batch, d_v ≠ d_k": ((2, 3, 5), (2, 7, 5), (2, 7, 2), None, {}),
    "batch and heads": ((2, 3, 4, 8), (2, 3, 6, 8), (2, 3, 6, 10), None, {}),
    "three leading axes": ((2, 1, 3, 4, 5), (2, 1, 3, 2, 5), (2, 1, 3, 2, 6), None, {}),
    "unscaled": ((5, 3), (4, 3), (4, 3), None, {"scale": 1.0}),
    "own scale": ((2, 2, 5, 3), (2, 2, 4, 3), (2, 2, 4, 3), None, {"scale": 0.3}),
    "causal": ((2, 5, 4), (2, 5, 4), (2, 5, 4), None, {"causal": True}),
    "causal, more keys": ((3, 4), (7, 4), (7, 2), None, {"causal": True}),
    "causal, more queries": ((7, 4), (3, 4), (3, 2), None, {"causal": True}),
    "causal, cached keys": ((2, 2, 3, 4), (2, 2, 8, 4), (2, 2, 8, 4), None, {"causal": True, "query_offset": 5}),
    "causal, queries before the keys": ((5, 4), (4, 4), (4, 4), None, {"causal": True, "query_offset": -2}),
    "boolean": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "boolean queries keys", {}),
    "boolean per key": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "boolean keys", {}),
    "boolean per sentence": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "boolean batch 1 1 keys", {}),
    "boolean per cell": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "boolean batch heads queries keys", {}),
    "additive": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "additive queries keys", {}),
    "additive per head": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "additive heads queries keys", {}),
    "additive per query": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "additive queries 1", {}),
    "additive, boolean causal": ((4, 5), (4, 5), (4, 3), "additive queries keys", {"causal": True}),
    "key padding": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "padding", {}),
    "key padding, no heads": ((3, 4, 5), (3, 6, 5), (3, 6, 5), "padding", {}),
    "key padding, causal": ((3, 2, 6, 4), (3, 2, 6, 4), (3, 2, 6, 4), "padding", {"causal": True}),
    "a row fully masked": ((2, 4, 5), (2, 6, 5), (2, 6, 3), "boolean, row 1 masked", {}),
    "a row fully masked, additive": ((2, 4, 5), (2, 6, 5), (2, 6, 3), "additive, row 1 masked", {}),
    "an empty sentence": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), "padding, first empty", {}),
    "grouped-query": ((2, 6, 4, 5), (2, 3, 7, 5), (2, 3, 7, 2), None, {}),
    "multi-query": ((2, 4, 4, 5), (2, 1, 7, 5), (2, 1, 7, 5), None, {}),
    "grouped-query, no batch": ((4, 3, 5), (2, 3, 5), (2, 3, 5), None, {"causal": True, "grouped": True}),
    "grouped-query, masked": ((2, 4, 5, 3), (2, 2, 5, 3), (2, 2, 5, 3), "padding", {"causal": True}),
    "window": ((2, 6, 4), (2, 6, 4), (2, 6, 4), None, {"window": 2}),
    "window, causal": ((2, 6, 4), (2, 6, 4), (2, 6, 4), None, {"window": 3, "causal": True}),
    "window, cached keys": ((2, 4), (9, 4), (9, 4), None, {"window": 3, "causal": True, "query_offset": 7}),
    "soft cap": ((2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 5), None, {"soft_cap": 0.7}),
    "soft cap, additive": ((2, 2, 4, 5), (2, 2, 6, 5), (2, 2, 6, 5), "additive queries keys", {"soft_cap": 2.0}),
    "soft cap, grouped-query": ((2, 4, 4, 5), (2, 2, 4, 5), (2, 2, 4, 3), None, {"soft_cap": 1.5, "causal": True}),
}

# The same, drawn after all others.
WINDOW_CASES: dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], str | None, Options]] = {
    "window, back alone": ((2, 6, 4), (2, 6, 4), (2, 6, 4), None, {"window": [2, 0]}),
    "window, two sides": ((2, 2, 5, 4), (2, 2, 7, 4), (2, 2, 7, 3), "padding", {"window": [1, 3], "query_offset": 1}),
    "window, open ahead": ((6, 4), (6, 4), (6, 4), None, {"window": [1, None]}),
    "window, open back": ((6, 4), (6, 4), (6, 4), "additive queries keys", {"window": [None, 1]}),
}

# Shapes and axes.
LOG_SOFTMAX_CASES: dict[str, tuple[tuple[int, ...], int]] = {"rows": ((4, 7), -1), "columns": ((2, 5, 3), 1)}

# d_model, heads, batch, queries, keys (None: self-attention), which mask is drawn, and the arguments of the module.
MULTI_HEAD_CASES: dict[str, tuple[int, int, int, int, int | None, str | None, Options]] = {
    "self": (8, 2, 2, 4, None, None, {}),
    "one head": (6, 1, 2, 3, None, None, {}),
    "a head per feature": (4, 4, 1, 3, None, None, {}),
    "no bias": (6, 3, 2, 4, None, None, {"bias": False}),
    "cross": (8, 4, 2, 3, 5, None, {}),
    "cross, own width": (8, 2, 2, 3, 5, None, {"kdim": 5, "vdim": 5}),
    "causal": (8, 2, 2, 5, None, "causal", {}),
    "boolean": (6, 2, 2, 4, 3, "boolean queries keys", {}),
    "boolean per cell": (6, 2, 2, 4, None, "boolean batch heads queries keys", {}),
    "additive": (6, 3, 2, 4, None, "additive queries keys", {}),
    "key padding": (8, 2, 3, 4, None, "padding", {}),
    "key padding, cross": (8, 2, 3, 2, 5, "padding", {"bias": False}),
    "fully masked": (8, 2, 2, 4, None, "padding, first empty", {}),
}


def record(seed: int = SEED) -> list[Case]:
    """Every case, its inputs drawn with `seed`."""
    rng = np.random.default_rng(seed)
    problems = {**ATTENTION_CASES, **{f"random {i}": _random_problem(rng) for i in range(RANDOM_CASES)}}
    attention = [_attention_case(name, *problem, rng) for name, problem in problems.items()]
    heads = [_multi_head_case(name, *problem, rng) for name, problem in MULTI_HEAD_CASES.items()]
    windows = [_attention_case(name, *problem, rng) for name, problem in WINDOW_CASES.items()]
    logarithms = [_log_softmax_case(name, *problem, rng) for name, problem in LOG_SOFTMAX_CASES.items()]
    return [*attention, *heads, *windows, *logarithms, _two_sources_case(rng)]


def _draw(shape: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers in steps of 1/64, which are exact and keep the file small."""
    return np.round(rng.normal(size=tuple(shape)) * 64) / 64


def _random_problem(rng: np.random.Generator) -> tuple[Any, ...]:
    """Random sizes, head layout and mask, small enough to keep."""
    batch, groups, kv_heads = (int(n) for n in rng.integers(1, 3, 3))
    queries, keys, d_k, d_v = (int(n) for n in rng.integers(1, 6, 4))
    masks = [None, "boolean queries keys", "additive batch 1 queries keys", "padding", "boolean batch heads 1 keys"]
    mask = masks[rng.integers(len(masks))]
    options = [{}, {"causal": True}, {"window": 2}, {"scale": 0.5}, {"causal": True, "query_offset": 1}]
    heads = groups * kv_heads
    shapes = ((batch, heads, queries, d_k), (batch, kv_heads, keys, d_k), (batch, kv_heads, keys, d_v))
    return *shapes, mask, options[rng.integers(len(options))]


def _attention_case(
    name: str,
    q_shape: tuple[int, ...],
    k_shape: tuple[int, ...],
    v_shape: tuple[int, ...],
    kind: str | None,
    options: Options,
    rng: np.random.Generator,
) -> Case:
    inputs = {"q": _draw(q_shape, rng), "k": _draw(k_shape, rng), "v": _draw(v_shape, rng)}
    scores_shape = (*q_shape[:-1], k_shape[-2])
    if kind is not None:
        inputs["key_padding" if kind.startswith("padding") else "mask"] = _draw_mask(kind, scores_shape, rng)
    q, k, v = (torch.from_numpy(inputs[key]) for key in "qkv")
    identity = torch.eye(k_shape[-2], dtype=torch.float64).expand(*k_shape[:-1], k_shape[-2])
    bias = _bias(scores_shape, inputs, options)
    expected = {"output": _attend(q, k, v, bias, options), "weights": _attend(q, k, identity, bias, options)}
    return Case(f"attention: {name}", "attention", options, inputs, expected)


def _attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, bias: torch.Tensor, options: Options) -> np.ndarray:
    """PyTorch's attention; with the identity for v, its weights."""
    grouped = q.ndim > 2 and q.shape[-3] != k.shape[-3]
    scale, cap = options.get("scale"), options.get("soft_cap")
    if cap is None:
        return functional.scaled_dot_product_attention(q, k, v, bias, scale=scale, enable_gqa=grouped).numpy()

    def capped(score: torch.Tensor, b: Any, h: Any, i: Any, j: Any) -> torch.Tensor:
        return cap * torch.tanh(score / cap) + bias[b, h, i, j]

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*flex_attention called without")
        return flex_attention(q, k, v, score_mod=capped, scale=scale, enable_gqa=grouped).numpy()


def _bias(shape: tuple[int, ...], inputs: Arrays, options: Options) -> torch.Tensor:
    """All masks of a case in one, additive, in the shape of the scores."""
    bias = torch.zeros(shape, dtype=torch.float64)
    blocked = torch.zeros(shape, dtype=torch.bool)
    offset = options.get("query_offset", 0)
    if "mask" in inputs:
        mask = torch.from_numpy(inputs["mask"])
        if mask.dtype == torch.bool:
            blocked |= ~mask
        else:
            bias += mask
    if "key_padding" in inputs:
        padding = torch.from_numpy(inputs["key_padding"])
        blocked |= ~padding[(slice(None), *[None] * (len(shape) - 2), slice(None))]
    everything = torch.ones(shape, dtype=torch.bool)
    if options.get("causal"):
        blocked |= ~everything.tril(offset)
    if "window" in options:
        left, right = _sides(options["window"])
        blocked |= ~everything.tril(offset + right).triu(offset - left)
    return bias.masked_fill(blocked, -torch.inf)


def _sides(window: int | list[int | None]) -> tuple[int, int]:
    """How far a window reaches back and ahead."""
    sides = [window - 1, window - 1] if isinstance(window, int) else window
    left, right = (1_000_000 if side is None else side for side in sides)
    return left, right


def _log_softmax_case(name: str, shape: tuple[int, ...], axis: int, rng: np.random.Generator) -> Case:
    """Numbers so far apart that the softmax of most is 0."""
    x = _draw(shape, rng) * 400
    expected = {"output": functional.log_softmax(torch.from_numpy(x), axis).numpy()}
    return Case(f"log-softmax: {name}", "log_softmax", {"axis": axis}, {"x": x}, expected)


def _draw_mask(kind: str, scores_shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """A random mask: "boolean" or "additive" with the named axes, or "padding" (batch, keys), perhaps with a fault."""
    *_, queries, keys = scores_shape
    style, *axes = kind.split(",")[0].split()
    if style == "padding":
        lengths = rng.integers(1, keys + 1, scores_shape[0])
        lengths[0] = 0 if "empty" in kind else keys
        return np.arange(keys) < lengths[:, None]
    sizes = {"batch": scores_shape[0], "heads": scores_shape[-3] if len(scores_shape) > 2 else 1, "1": 1}
    sizes |= {"queries": queries, "keys": keys}
    shape = [sizes[axis] for axis in axes or ("queries", "keys")]
    allowed = rng.random(shape) < 0.7
    if "masked" in kind:
        allowed[1] = False
    return allowed if style == "boolean" else np.where(allowed, _draw(shape, rng), -np.inf)


def _multi_head_case(
    name: str,
    d_model: int,
    heads: int,
    batch: int,
    queries: int,
    keys: int | None,
    kind: str | None,
    arguments: Options,
    rng: np.random.Generator,
) -> Case:
    module = torch.nn.MultiheadAttention(d_model, heads, batch_first=True, dtype=torch.float64, **arguments)
    _draw_parameters(module, rng)
    inputs = {"x_q": _draw((batch, queries, d_model), rng)}
    if keys is not None:
        inputs["x_kv"] = _draw((batch, keys, arguments.get("kdim", d_model)), rng)
    inputs |= _projections(module, d_model)
    shape = (batch, heads, queries, keys or queries)
    options: Options = {"heads": heads}
    if kind == "causal":
        options["causal"] = True
    elif kind is not None:
        inputs["key_padding" if kind.startswith("padding") else "mask"] = _draw_mask(kind, shape, rng)
    expected = _module_results(module, inputs, _module_masks(inputs, options, shape))
    return Case(f"multi-head: {name}", "multi_head_attention", options, inputs, expected)


def _two_sources_case(rng: np.random.Generator) -> Case:
    """Keys of one source, values of another, each of its own width."""
    module = torch.nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64, kdim=5, vdim=3)
    _draw_parameters(module, rng)
    inputs = {"x_q": _draw((2, 3, 8), rng), "x_kv": _draw((2, 4, 5), rng), "x_v": _draw((2, 4, 3), rng)}
    given = [torch.from_numpy(array) for array in inputs.values()]
    with torch.no_grad():
        output, weights = module(*given, average_attn_weights=False)
    expected = {"output": output.numpy(), "weights": weights.numpy()}
    inputs |= _projections(module, 8)
    return Case("multi-head: two sources", "multi_head_attention", {"heads": 2}, inputs, expected)


def _draw_parameters(module: torch.nn.MultiheadAttention, rng: np.random.Generator) -> None:
    """Random parameters, the biases too (PyTorch starts with zeros, which would hide them)."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(_draw(parameter.shape, rng) / 2))


def _projections(module: torch.nn.MultiheadAttention, d_model: int) -> Arrays:
    """The module's parameters for row vectors: X W instead of W x."""
    weights = (
        module.in_proj_weight.split(d_model)
        if module.in_proj_weight is not None
        else (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)
    )
    parameters = dict(zip(("w_q", "w_k", "w_v", "w_o"), (*weights, module.out_proj.weight), strict=True))
    arrays = {name: parameter.detach().numpy().T.copy() for name, parameter in parameters.items()}
    if module.in_proj_bias is not None:
        biases = (*module.in_proj_bias.split(d_model), module.out_proj.bias)
        arrays |= {name: b.detach().numpy() for name, b in zip(("b_q", "b_k", "b_v", "b_o"), biases, strict=True)}
    return arrays


def _module_masks(inputs: Arrays, options: Options, shape: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """The masks as the module takes them: True = may NOT look; one matrix per sentence and head."""
    masks = {}
    if options.get("causal"):
        masks["attn_mask"] = ~torch.ones(shape[-2:], dtype=torch.bool).tril()
    if "mask" in inputs:
        mask = torch.from_numpy(inputs["mask"]).expand(shape).flatten(0, 1)
        masks["attn_mask"] = ~mask if mask.dtype == torch.bool else mask
    if "key_padding" in inputs:
        masks["key_padding_mask"] = ~torch.from_numpy(inputs["key_padding"])
    return masks


def _module_results(
    module: torch.nn.MultiheadAttention, inputs: Arrays, masks: dict[str, torch.Tensor]
) -> dict[str, np.ndarray]:
    """Output, and weights per head where no row is fully masked: there the module's weights are NaN."""
    x_q = torch.from_numpy(inputs["x_q"])
    x_kv = torch.from_numpy(inputs["x_kv"]) if "x_kv" in inputs else x_q
    with torch.no_grad():
        output, _ = module(x_q, x_kv, x_kv, need_weights=False, **masks)
        _, weights = module(x_q, x_kv, x_kv, need_weights=True, average_attn_weights=False, **masks)
    results = {"output": output.numpy(), "weights": weights.numpy()}
    return {name: result for name, result in results.items() if not np.isnan(result).any()}


def raschka() -> Arrays:
    """The random weights of the book's chapter 3, drawn as it draws them, as X W."""
    torch.manual_seed(123)
    arrays = {f"v1.{name}": torch.rand(3, 2).numpy() for name in ("w_q", "w_k", "w_v")}
    torch.manual_seed(789)
    arrays |= {f"v2.{name}": weight for name, weight in _linear("w_q", "w_k", "w_v")}
    torch.manual_seed(123)
    heads = [dict(_linear("w_q", "w_k", "w_v")) for _ in range(2)]
    arrays |= {f"wrapper.{name}": np.hstack([head[name] for head in heads]) for name in heads[0]}
    torch.manual_seed(123)
    arrays |= {f"multi_head.{name}": weight for name, weight in _linear("w_q", "w_k", "w_v")}
    projection = torch.nn.Linear(2, 2)
    arrays["multi_head.w_o"] = projection.weight.detach().numpy().T.copy()
    arrays["multi_head.b_o"] = projection.bias.detach().numpy()
    return arrays


def _linear(*names: str) -> Iterator[tuple[str, np.ndarray]]:
    for name in names:
        yield name, torch.nn.Linear(3, 2, bias=False).weight.detach().numpy().T.copy()


def main() -> None:
    """Write the files."""
    VECTORS.mkdir(parents=True, exist_ok=True)
    attention = record()
    _write(
        "torch",
        {case.name: {"inputs": case.inputs, "expected": case.expected} for case in attention},
        [{"name": case.name, "function": case.function, "options": case.options} for case in attention],
    )
    for file, cases in (("transformer", transformer_vectors.record(SEED)), ("today", today_vectors.record(SEED))):
        _write(
            file,
            {c.name: {"weights": c.weights, "inputs": c.inputs, "expected": c.expected} for c in cases},
            [{"name": case.name, "kind": case.kind, "options": case.options} for case in cases],
        )
    np.savez_compressed(VECTORS / "raschka.npz", **raschka())


def _write(name: str, cases: dict[str, dict[str, Arrays]], index: list[Options]) -> None:
    """The arrays of all cases as NAME.npz, each called CASE/GROUP/ARRAY, and what they are called with as NAME.json."""
    arrays = {
        f"{case}/{group}/{array}": values
        for case, groups in cases.items()
        for group, members in groups.items()
        for array, values in members.items()
    }
    np.savez_compressed(VECTORS / f"{name}.npz", **arrays)
    about = {"torch": torch.__version__.split("+")[0], "seed": SEED, "cases": index}
    text = json.dumps(about, indent=1, ensure_ascii=False)
    (VECTORS / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
