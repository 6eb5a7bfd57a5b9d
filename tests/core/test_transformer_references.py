"""Norms, feed-forward networks, layers and whole Transformers against PyTorch, ONNX and published values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import onnx.backend.test.case.node.gelu  # importing these registers their cases
import onnx.backend.test.case.node.layernormalization
import onnx.backend.test.case.node.relu
import pytest

from core.model.feed_forward import ACTIVATIONS, gelu, gelu_tanh, relu
from core.model.layers import decoder_layer, encoder_layer
from core.model.named_weights import assembled, layer_weights
from core.model.normalization import batch_norm, layer_norm
from core.model.transformer import Config, Transformer, decode, encode, predict
from tests.core.references import Arrays, arrays_of, attributes_of, index_of, onnx_cases

TOLERANCE = 1e-10
INDEX = index_of("transformer")


# --- PyTorch ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Arrays]]:
    return arrays_of("transformer")


def computed(kind: str, options: dict[str, Any], weights: Arrays, inputs: Arrays) -> Arrays:
    """What the core makes of a recorded case, by the names of what is expected."""
    if kind == "layer_norm":
        return {"output": layer_norm(**inputs, **options).output}
    if kind == "batch_norm":
        return {"output": batch_norm(**inputs, **options).output}
    if kind == "activation":
        return {"output": ACTIVATIONS[options["activation"]](inputs["x"])}
    if kind == "encoder_layer":
        layer = layer_weights(weights, "layer", crossing=False)
        masks: dict[str, dict[str, Any]] = {
            "plain": {},
            **{name: {name: inputs[name]} for name in ("key_padding", "mask")},
        }
        return {name: encoder_layer(inputs["x"], layer, **options, **mask).output for name, mask in masks.items()}
    if kind == "decoder_layer":
        layer = layer_weights(weights, "layer", crossing=True)
        return {"output": decoder_layer(**inputs, weights=layer, **options).output}
    return model_results(model_of(options, weights), inputs)


def model_of(options: dict[str, Any], weights: Arrays) -> Transformer:
    d_model = weights["embedding"].shape[1]
    d_k = d_model // options["heads"]
    config = Config(d_model=d_model, d_k=d_k, d_v=d_k, d_ff=weights["decoder.1.feed_forward.w_1"].shape[1], **options)
    return assembled(config, tuple(f"w{number}" for number in range(len(weights["embedding"]))), weights)


def model_results(model: Transformer, inputs: Arrays) -> Arrays:
    if not model.config.has_encoder:
        steps = decode(model, inputs["target"])
        return {"output": steps.output, **vars(predict(model, steps.output))}
    padding, places = inputs["source_padding"], {side: inputs.get(f"{side}_places") for side in ("source", "target")}
    memory = encode(model, inputs["source"], key_padding=padding, places=places["source"]).output
    steps = decode(model, inputs["target"], memory, memory_padding=padding, places=places["target"])
    return {"memory": memory, "output": steps.output, **vars(predict(model, steps.output))}


@pytest.mark.parametrize("case", INDEX["cases"], ids=lambda case: case["name"])
def test_pytorch_recorded(case: dict[str, Any], recorded: dict[str, dict[str, Arrays]]) -> None:
    parts = recorded[case["name"]]
    results = computed(case["kind"], case["options"], parts["weights"], parts["inputs"])
    assert parts["expected"]
    for name, expected in parts["expected"].items():
        assert expected.dtype == np.float64
        np.testing.assert_allclose(results[name], expected, rtol=0, atol=TOLERANCE, err_msg=name, strict=True)


def test_pytorch_recorded_covers_every_kind() -> None:
    """Post- and pre-norm, every activation, final norms or none, every kind of positions, both outputs and kinds."""
    kinds = {case["kind"] for case in INDEX["cases"]}
    assert kinds == {
        "layer_norm",
        "batch_norm",
        "activation",
        "encoder_layer",
        "decoder_layer",
        "model",
        "decoder_only",
    }
    models = [case["options"] for case in INDEX["cases"] if case["kind"] in ("model", "decoder_only")]
    for option, values in {
        "norm": {"post", "pre"},
        "activation": set(ACTIVATIONS),
        "final_norm": {True, False},
        "embedding_scale": {True, False},
        "positions": {"sinusoidal", "learned", "none"},
        "tied": {True, False},
        "position_base": {None, 100.0},
        "input_norm": {None, True},
        "output_bias": {None, True},
    }.items():
        assert {options.get(option) for options in models} == values


def test_pytorch_recorded_hides_no_parameter(recorded: dict[str, dict[str, Arrays]]) -> None:
    """No bias is zero and no scale one throughout, but for the layers that are recorded without biases."""
    for case, parts in recorded.items():
        for name, array in parts["weights"].items():
            if not ("no biases" in case and name.endswith(".shift")):
                assert np.unique(array).size > 3, (case, name)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_pytorch_live(seed: int) -> None:
    """The same cases on other numbers, computed by the PyTorch that is installed."""
    pytest.importorskip("torch")
    from tools.transformer_vectors import record

    for case in record(seed):
        results = computed(case.kind, case.options, case.weights, case.inputs)
        for name, expected in case.expected.items():
            message = f"{case.name}: {name}"
            np.testing.assert_allclose(results[name], expected, rtol=0, atol=TOLERANCE, err_msg=message, strict=True)


# --- ONNX -------------------------------------------------------------------------------------------------------------


def test_onnx_conformance_is_there() -> None:
    assert len(onnx_cases("LayerNormalization")) >= 19
    assert len(onnx_cases("Gelu")) >= 4
    assert len(onnx_cases("Relu")) >= 1


@pytest.mark.parametrize("case", onnx_cases("LayerNormalization"), ids=lambda case: case.name.removeprefix("test_"))
def test_onnx_layer_norm(case: Any) -> None:
    """Every case, in its own dtype; one that norms several axes is normed as one long axis."""
    options = attributes_of(case)
    for (x, scale, shift), expected in case.data_sets:
        axis = options.get("axis", -1) % x.ndim
        flat = x.reshape(*x.shape[:axis], -1)
        steps = layer_norm(flat, scale.ravel(), shift.ravel(), eps=options.get("epsilon", 1e-5))
        results = [steps.output, steps.mean, 1 / steps.deviation]
        for result, array in zip(results, expected, strict=False):
            np.testing.assert_allclose(result.reshape(array.shape), array, rtol=1e-5, atol=1e-5)
        assert steps.output.dtype == x.dtype


@pytest.mark.parametrize("case", [*onnx_cases("Gelu"), *onnx_cases("Relu")], ids=lambda case: case.name)
def test_onnx_activations(case: Any) -> None:
    (node,) = case.model.graph.node
    approximate = attributes_of(case).get("approximate", b"none")
    function = relu if node.op_type == "Relu" else gelu_tanh if approximate == b"tanh" else gelu
    for (x,), (expected,) in case.data_sets:
        np.testing.assert_allclose(function(x), expected, rtol=1e-5, atol=1e-6, strict=True)


@pytest.mark.parametrize("shape", [(7,), (3, 5), (2, 3, 4)])
def test_onnx_layer_norm_in_float64(shape: tuple[int, ...]) -> None:
    """ONNX's reference evaluator on other numbers, to 1e-10."""
    from onnx.reference import ReferenceEvaluator

    rng = np.random.default_rng(5)
    inputs = {"X": rng.normal(size=shape), "S": rng.normal(size=shape[-1:]), "B": rng.normal(size=shape[-1:])}
    node = onnx.helper.make_node("LayerNormalization", [*inputs], ["Y"], axis=-1, epsilon=1e-5)
    double = onnx.TensorProto.DOUBLE
    graph = onnx.helper.make_graph(
        [node],
        "norm",
        [onnx.helper.make_tensor_value_info(name, double, array.shape) for name, array in inputs.items()],
        [onnx.helper.make_tensor_value_info("Y", double, shape)],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    (expected,) = ReferenceEvaluator(model).run(None, inputs)
    np.testing.assert_allclose(layer_norm(*inputs.values()).output, expected, rtol=0, atol=TOLERANCE)


# --- published and exact values ---------------------------------------------------------------------------------------


def test_gelu_is_x_times_the_normal_distribution_function() -> None:
    """Φ(1) = 0.8413447461, Φ(2) = 0.9772498681, Φ(3) = 0.9986501020: Abramowitz & Stegun (1964), table 26.1."""
    x = np.array([1.0, 2.0, 3.0])
    phi = np.array([0.8413447461, 0.9772498681, 0.9986501020])
    np.testing.assert_allclose(gelu(x), x * phi, rtol=0, atol=3e-10)
    np.testing.assert_allclose(gelu(-x), -x * (1 - phi), rtol=0, atol=3e-10)
    assert np.abs(gelu(np.linspace(-6, 6, 999)) - gelu_tanh(np.linspace(-6, 6, 999))).max() < 5e-4


def test_layer_norm_of_two_numbers_by_hand() -> None:
    steps = layer_norm([[1.0, 3.0]], [2.0, 2.0], [0.5, -0.5], eps=0.0)
    assert steps.mean.tolist() == [2.0]
    assert steps.centred.tolist() == [[-1.0, 1.0]]
    assert steps.variance.tolist() == steps.deviation.tolist() == [1.0]
    assert steps.output.tolist() == [[-1.5, 1.5]]
    assert layer_norm([[1.0, 3.0]], eps=3.0).deviation.tolist() == [2.0]


def test_feed_forward_of_the_paper_by_hand() -> None:
    """max(0, x W_1 + b_1) W_2 + b_2."""
    from core.model.feed_forward import feed_forward

    steps = feed_forward(
        [[1.0, -2.0]], [[1.0, 1.0, 0.0], [0.0, 1.0, -1.0]], [0.0, 0.5, 1.0], np.eye(3), [1.0, 1.0, 1.0]
    )
    assert steps.product.tolist() == [[1.0, -1.0, 2.0]]
    assert steps.hidden.tolist() == [[1.0, -0.5, 3.0]]
    assert steps.activated.tolist() == steps.output_product.tolist() == [[1.0, 0.0, 3.0]]
    assert steps.output.tolist() == [[2.0, 1.0, 4.0]]
    assert math.isclose(float(gelu(1.0)), 0.8413447460685429, rel_tol=1e-15)
