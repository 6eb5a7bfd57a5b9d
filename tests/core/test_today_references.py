"""What today's models are made of, and whole decoder-only models, against PyTorch: recorded, and live if installed."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from core.model.alibi import alibi_bias, alibi_slopes
from core.model.attention import attention
from core.model.experts import mixture_of_experts
from core.model.feed_forward import GATES, gated_feed_forward
from core.model.named_weights import assembled
from core.model.normalization import rms_norm
from core.model.rotary import Rotary, rotary_embedding
from core.model.sampling import Sampling, sampling_steps
from core.model.transformer import Config, decode, predict
from tests.core.references import Arrays, arrays_of, index_of

TOLERANCE = 1e-12
INDEX = index_of("today")


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Arrays]]:
    return arrays_of("today")


def computed(kind: str, options: dict[str, Any], weights: Arrays, inputs: Arrays) -> Arrays:
    """What the core makes of a recorded case, by the names of what is expected."""
    if kind == "model":
        return model_results(options, weights, inputs)
    functions: dict[str, Any] = {
        "rotary": lambda: rotary_embedding(inputs["x"], inputs["positions"], Rotary(**options)),
        "rms_norm": lambda: rms_norm(**inputs, **options).output,
        "gated": lambda: gated_feed_forward(**inputs, **options).output,
        "biased": lambda: biased(inputs, options),
        "sampling": lambda: sampling_steps(inputs["logits"], Sampling(**options)).output,
        "experts": lambda: experts(inputs, options["opened"]),
    }
    return {"output": functions[kind]()}


def biased(inputs: Arrays, options: dict[str, Any]) -> np.ndarray:
    queries, keys, offset = inputs["q"].shape[-2], inputs["k"].shape[-2], options["offset"]
    slopes = alibi_slopes(inputs["q"].shape[1])
    bias = alibi_bias(slopes, queries, keys, offset=offset) if options["alibi"] else None
    look = {name: options[name] for name in ("window", "sinks", "soft_cap")}
    return attention(**inputs, mask=bias, causal=True, query_offset=offset, **look).output


def experts(inputs: Arrays, opened: int) -> np.ndarray:
    parts = ("w_gate", "w_1", "w_2")
    networks = [
        partial(gated_feed_forward, **{part: inputs[part][number] for part in parts})
        for number in range(len(inputs["w_1"]))
    ]
    return mixture_of_experts(inputs["x"], inputs["router"], networks, opened=opened).output


def model_results(options: dict[str, Any], weights: Arrays, inputs: Arrays) -> Arrays:
    words, d_model = weights["embedding"].shape
    d_k, rotary = d_model // options["heads"], options.get("rotary")
    networks = [array for name, array in weights.items() if name.endswith(".w_1")]
    sizes = {"d_model": d_model, "d_k": d_k, "d_v": d_k, "d_ff": networks[0].shape[1]}
    config = Config(**sizes, **options | {"rotary": rotary and Rotary(**rotary)})
    model = assembled(config, tuple(f"w{number}" for number in range(words)), weights)
    output = decode(model, inputs["target"]).output
    return {"output": output, **vars(predict(model, output))}


@pytest.mark.parametrize("case", INDEX["cases"], ids=lambda case: case["name"])
def test_pytorch_recorded(case: dict[str, Any], recorded: dict[str, dict[str, Arrays]]) -> None:
    parts = recorded[case["name"]]
    results = computed(case["kind"], case["options"], parts["weights"], parts["inputs"])
    assert parts["expected"]
    for name, expected in parts["expected"].items():
        size = max(1.0, float(np.abs(expected).max()))
        assert expected.dtype == np.float64
        np.testing.assert_allclose(results[name], expected, rtol=0, atol=TOLERANCE * size, err_msg=name, strict=True)


def test_pytorch_recorded_covers_every_kind() -> None:
    kinds = {case["kind"] for case in INDEX["cases"]}
    assert kinds == {"rotary", "rms_norm", "gated", "biased", "sampling", "experts", "model"}
    models = [case["options"] for case in INDEX["cases"] if case["kind"] == "model"]
    for option, values in {
        "norm_kind": {"layer", "rms"},
        "norm": {"pre", "post"},
        "activation": {"swiglu", "geglu", "gelu", "relu"},
        "kv_heads": {None, 1, 2},
        "window": {None, 3},
        "sinks": {None, 1},
        "soft_cap": {None, 2.0},
        "alibi": {None, True},
        "experts": {None, 3, 4},
    }.items():
        assert {options.get(option) for options in models} == values
    assert {case["options"]["activation"] for case in INDEX["cases"] if case["kind"] == "gated"} == set(GATES)


def test_pytorch_recorded_hides_no_parameter(recorded: dict[str, dict[str, Arrays]]) -> None:
    for case, parts in recorded.items():
        for name, array in parts["weights"].items():
            assert np.unique(array).size > 3, (case, name)


@pytest.mark.parametrize("seed", [1, 2])
def test_pytorch_live(seed: int) -> None:
    """The same cases on other numbers, computed by the PyTorch that is installed."""
    pytest.importorskip("torch")
    from tools.today_vectors import record

    for case in record(seed):
        results = computed(case.kind, case.options, case.weights, case.inputs)
        for name, expected in case.expected.items():
            size, message = max(1.0, float(np.abs(expected).max())), f"{case.name}: {name}"
            np.testing.assert_allclose(
                results[name], expected, rtol=0, atol=TOLERANCE * size, err_msg=message, strict=True
            )
