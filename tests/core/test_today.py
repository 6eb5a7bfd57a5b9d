"""RMS norm, gated networks, mixtures of experts, and what they cost: against ONNX, by hand, and published figures."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import onnx
import onnx.backend.test.case.node.logsoftmax
import onnx.backend.test.case.node.rmsnormalization
import onnx.backend.test.case.node.swish
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from onnx.reference import ReferenceEvaluator

from core.model.experts import balance_loss, expert_load, mixture_of_experts
from core.model.feed_forward import GATES, feed_forward, gated_feed_forward, gelu, silu
from core.model.figures import (
    Parameters,
    attention_parameters,
    expert_parameters,
    feed_forward_parameters,
    key_value_products,
    kv_bytes_per_token,
    latent_bytes_per_token,
    model_parameters,
    textbook_traffic,
    tiled_traffic,
    windowed_bytes,
    windowed_layers,
)
from core.model.normalization import layer_norm, rms_norm
from core.model.softmax import log_softmax, softmax
from tests.core.references import attributes_of, onnx_cases

EXAMPLES = settings(deadline=None, max_examples=60, derandomize=True)
moderate = st.floats(-8, 8)


def arrays(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, shape, elements=moderate)


# --- ONNX -------------------------------------------------------------------------------------------------------------


def test_onnx_conformance_is_there() -> None:
    assert len(onnx_cases("RMSNormalization")) >= 18
    assert len(onnx_cases("LogSoftmax")) >= 7
    assert len(onnx_cases("Swish")) >= 1


@pytest.mark.parametrize("case", onnx_cases("RMSNormalization"), ids=lambda case: case.name.removeprefix("test_"))
def test_onnx_rms_norm(case: Any) -> None:
    """Every case, one that norms several axes as one long axis; and the same on float64 numbers, to 1e-12."""
    options = attributes_of(case)
    for (x, scale), (expected,) in case.data_sets:
        np.testing.assert_allclose(flat_rms_norm(x, scale, options), expected, rtol=1e-5, atol=1e-5, strict=True)
    (node,), rng = case.model.graph.node, np.random.default_rng(9)
    x, scale = (rng.normal(size=array.shape) for array in case.data_sets[0][0])
    double, info = onnx.TensorProto.DOUBLE, onnx.helper.make_tensor_value_info
    ins = [info(name, double, array.shape) for name, array in zip(node.input, (x, scale), strict=True)]
    graph = onnx.helper.make_graph([node], "norm", ins, [info(node.output[0], double, x.shape)])
    model = onnx.helper.make_model(graph, opset_imports=case.model.opset_import)
    (expected,) = ReferenceEvaluator(model).run(None, dict(zip(node.input, (x, scale), strict=True)))
    np.testing.assert_allclose(flat_rms_norm(x, scale, options), expected, rtol=0, atol=1e-12, strict=True)


def flat_rms_norm(x: np.ndarray, scale: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    axis = options.get("axis", -1) % x.ndim
    flat = x.reshape(*x.shape[:axis], -1)
    scale = np.broadcast_to(scale, x.shape[axis:]).ravel()
    eps = float(np.float32(options.get("epsilon", 1e-5)))  # as ONNX keeps it
    return rms_norm(flat, scale, eps=eps).output.reshape(x.shape)


@pytest.mark.parametrize("case", onnx_cases("LogSoftmax"), ids=lambda case: case.name)
def test_onnx_log_softmax(case: Any) -> None:
    axis = attributes_of(case).get("axis", -1)
    for (x,), (expected,) in case.data_sets:
        np.testing.assert_allclose(log_softmax(x, axis), expected, rtol=0, atol=2e-6, strict=True)


@pytest.mark.parametrize("case", onnx_cases("Swish"), ids=lambda case: case.name)
def test_onnx_swish(case: Any) -> None:
    """ONNX's has a factor α within; SiLU is α = 1: x σ(αx) = SiLU(αx) / α."""
    alpha = attributes_of(case).get("alpha", 1.0)
    for (x,), (expected,) in case.data_sets:
        np.testing.assert_allclose(silu(alpha * x) / alpha, expected, rtol=1e-5, atol=1e-6)


# --- RMS norm ---------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(arrays(3, 5), arrays(5), st.floats(1e-6, 1))
def test_rms_norm_is_its_definition(x: np.ndarray, scale: np.ndarray, eps: float) -> None:
    steps = rms_norm(x, scale, eps=eps)
    for row, output in zip(x, steps.output, strict=True):
        root = math.sqrt(math.fsum(number**2 for number in row) / 5 + eps)
        np.testing.assert_allclose(output, row / root * scale, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(steps.normalised * steps.root[:, None], x, rtol=0, atol=1e-12)
    np.testing.assert_allclose(steps.root**2, steps.mean_square + eps, rtol=1e-12)


@EXAMPLES
@given(arrays(3, 6))
def test_rms_norm_of_rows_of_mean_0_is_layer_norm(x: np.ndarray) -> None:
    centred = x - x.mean(axis=-1, keepdims=True)
    np.testing.assert_allclose(rms_norm(centred).output, layer_norm(x).output, rtol=0, atol=1e-9)


def test_rms_norm_of_two_numbers_by_hand() -> None:
    steps = rms_norm([[1.0, 7.0]], [2.0, 1.0], eps=0.0)
    assert steps.mean_square.tolist() == [25.0]
    assert steps.root.tolist() == [5.0]
    assert steps.output.tolist() == [[0.4, 1.4]]
    assert rms_norm([[1.0, 7.0]], eps=11.0).root.tolist() == [6.0]
    assert rms_norm([[0.0, 0.0]], eps=0.0).output.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("size", [2.0**400, 2.0**-400])
def test_rms_norm_of_all_sizes(size: float) -> None:
    x = np.array([[3.0, -4.0, 1.0]])
    np.testing.assert_allclose(rms_norm(x * size, eps=0.0).output, rms_norm(x, eps=0.0).output, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtypes_stay(dtype: type) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4)).astype(dtype)
    for values in (rms_norm(x).output, silu(x), gated_feed_forward(x, x.T, x.T, x).output):
        assert values.dtype == dtype
        assert np.isfinite(values).all()


# --- gates ------------------------------------------------------------------------------------------------------------


def test_silu_by_its_definition() -> None:
    x = np.array([0.0, 1.0, -1.0, 20.0, -20.0])
    np.testing.assert_allclose(silu(x), [number / (1 + math.exp(-number)) for number in x], rtol=1e-15)
    assert silu(np.array([-1e308, 1e308])).tolist() == [0, 1e308]


@EXAMPLES
@given(arrays(2, 3), arrays(3, 4), arrays(3, 4), arrays(4, 3), st.sampled_from(sorted(GATES)))
def test_a_gate_multiplies(x: np.ndarray, w_gate: np.ndarray, w_1: np.ndarray, w_2: np.ndarray, kind: str) -> None:
    biases = {name: np.arange(width) - 1.0 for name, width in (("b_gate", 4), ("b_1", 4), ("b_2", 3))}
    steps = gated_feed_forward(x, w_gate, w_1, w_2, activation=kind, **biases)
    opened = GATES[kind](x @ w_gate + biases["b_gate"])
    np.testing.assert_allclose(steps.opened, opened, rtol=0, atol=1e-12)
    np.testing.assert_allclose(steps.activated, opened * (x @ w_1 + biases["b_1"]), rtol=0, atol=1e-9)
    np.testing.assert_allclose(steps.output, steps.activated @ w_2 + biases["b_2"], rtol=0, atol=1e-9)


def test_swiglu_and_geglu_by_hand() -> None:
    one = np.eye(1)
    for kind, function in (("swiglu", silu), ("geglu", gelu)):
        steps = gated_feed_forward([[2.0]], one, 3 * one, one, activation=kind)
        assert float(steps.output[0, 0]) == pytest.approx(6 * float(function(2.0)))
    with pytest.raises(ValueError, match="found the activation 'relu'; expected one of swiglu, geglu, geglu_tanh"):
        gated_feed_forward([[1.0]], one, one, one, activation="relu")
    with pytest.raises(ValueError, match=r"w_gate has shape \(1, 2\) and w_1 \(1, 1\); expected the same"):
        gated_feed_forward([[1.0]], np.ones((1, 2)), one, one)


# --- experts ----------------------------------------------------------------------------------------------------------


def experts_of(seed: int, count: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    weights = [(rng.normal(size=(3, 5)), rng.normal(size=(5, 3))) for _ in range(count)]
    return [partial(lambda w_1, w_2, x: feed_forward(x, w_1, None, w_2, None), *pair) for pair in weights]


@EXAMPLES
@given(arrays(2, 4, 3), st.integers(1, 5), st.integers(0, 99), st.data())
def test_a_mixture_is_its_definition(x: np.ndarray, count: int, seed: int, data: st.DataObject) -> None:
    opened, router = data.draw(st.integers(1, count)), np.random.default_rng(seed).normal(size=(3, count))
    experts = experts_of(seed, count)
    steps = mixture_of_experts(x, router, experts, opened=opened)
    assert (steps.opened.sum(axis=-1) == opened).all()
    for place in np.ndindex(2, 4):
        np.testing.assert_allclose(steps.logits[place], x[place] @ router, rtol=0, atol=1e-12)
        probabilities, best = softmax(x[place] @ router), np.argsort(-steps.logits[place], kind="stable")[:opened]
        shares = probabilities[best] / probabilities[best].sum()
        expected = sum(share * experts[n](x[place][None]).output[0] for n, share in zip(best, shares, strict=True))
        np.testing.assert_allclose(steps.output[place], expected, rtol=0, atol=1e-9)
        np.testing.assert_allclose(steps.shares[place][best], shares, rtol=0, atol=1e-12)


def test_all_experts_alike_are_one() -> None:
    x, (expert,) = np.random.default_rng(5).normal(size=(4, 3)), experts_of(1, 1)
    steps = mixture_of_experts(x, np.random.default_rng(6).normal(size=(3, 4)), [expert] * 4, opened=2)
    np.testing.assert_allclose(steps.output, expert(x).output, rtol=0, atol=1e-12)


def test_of_equally_likely_experts_the_first_are_opened() -> None:
    steps = mixture_of_experts(np.ones((1, 3)), np.zeros((3, 4)), experts_of(2, 4), opened=2)
    assert steps.opened.tolist() == [[True, True, False, False]]
    assert steps.shares.tolist() == [[0.5, 0.5, 0.0, 0.0]]


def test_load_and_balance() -> None:
    even, opened = np.full((4, 2), 0.5), np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=bool)
    assert expert_load(opened).tolist() == [0.5, 0.5]
    assert balance_loss(even, opened) == 1
    assert balance_loss([[1.0, 0.0]] * 4, [[True, False]] * 4) == 2


def test_what_is_refused() -> None:
    x, experts = np.ones((2, 3)), experts_of(1, 2)
    for call, message in (
        (lambda: mixture_of_experts(x, np.ones((3, 3)), experts, opened=1), r"router has shape \(3, 3\); expected"),
        (lambda: mixture_of_experts(x, np.ones((3, 2)), experts, opened=3), "found 3 experts opened; expected 1 to 2"),
        (lambda: rms_norm(np.ones((2, 0))), r"found nothing to take a mean of in x of shape \(2, 0\)"),
        (lambda: rms_norm(x, np.ones(2)), r"scale \(2,\)"),
        (lambda: rms_norm(x, eps=-1), "found eps -1"),
        (lambda: windowed_layers(3, 0, 0), "found 3 layers in a pattern of 0 and 0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


# --- figures ----------------------------------------------------------------------------------------------------------


def gigabytes(count: int) -> float:
    return round(count / 1000**3, 2)


def test_a_token_of_an_8b_model_leaves_131072_bytes() -> None:
    """32 layers, 8 kv heads of 128, 2 bytes a number: Grattafiori et al. (2024), "The Llama 3 Herd", table 3."""
    assert kv_bytes_per_token(32, 8, 128) == 131_072
    assert kv_bytes_per_token(80, 8, 128) == 327_680  # the 70B model


def test_caches_as_published() -> None:
    """Sebastian Raschka, "Build a Large Language Model (From Scratch)", bonus to chapter 4 on GQA, MLA and SWA."""
    tokens, d_head = 32_768, 4096 // 32
    full, grouped = (tokens * kv_bytes_per_token(32, heads, d_head) for heads in (32, 8))
    assert (gigabytes(full), gigabytes(grouped)) == (17.18, 4.29)
    assert windowed_layers(32, 5, 1) == (27, 5)
    windows = [windowed_bytes(tokens, 1024, 27, 5, kv_bytes_per_token(1, heads, d_head)) for heads in (32, 8)]
    assert [gigabytes(count) for count in windows] == [3.14, 0.78]
    d_head = math.ceil(2048 / 24)
    others = [8192 * kv_bytes_per_token(48, heads, d_head) for heads in (24, 6)]
    assert [gigabytes(count) for count in (*others, 8192 * latent_bytes_per_token(48, 1024))] == [3.25, 0.81, 0.81]


def test_the_latent_of_deepseek_v2() -> None:
    """DeepSeek-AI (2024), "DeepSeek-V2", table 1: with 4 and 1/2 heads' widths as much as 2.25 groups."""
    d_head = 128
    numbers = latent_bytes_per_token(1, 4 * d_head, d_head // 2, bytes_each=1)
    assert numbers == 4.5 * d_head == 2.25 * kv_bytes_per_token(1, 1, d_head, bytes_each=1)


def test_experts_as_published() -> None:
    """Raschka's bonus on mixtures of experts: 7168 wide, eight experts of 1792, two opened."""
    assert feed_forward_parameters(7168, 14_336) == 308_281_344
    assert feed_forward_parameters(7168, 1792) == 38_535_168
    assert expert_parameters(7168, 1792, 8, 2) == Parameters(308_338_688, 77_127_680)


def test_mixtral_has_46_7b_parameters_and_uses_12_9b() -> None:
    """Mistral AI (2023), "Mixtral of experts"; sizes: Jiang et al. (2024), "Mixtral of Experts", table 1."""
    network, attends = expert_parameters(4096, 14_336, 8, 2), attention_parameters(4096, 32, 8, 128)
    whole = model_parameters(layers=32, d_model=4096, vocabulary=32_000, attention=attends, feed_forward=network)
    assert (round(whole.total / 1e9, 1), round(whole.active / 1e9, 1)) == (46.7, 12.9)


def test_llama_models_have_as_many_parameters_as_published() -> None:
    """Llama 2 7B: 6,738,415,616; Llama 3 8B: 8,030,261,248."""
    for heads, vocabulary, d_ff, count in ((32, 32_000, 11_008, 6_738_415_616), (8, 128_256, 14_336, 8_030_261_248)):
        size = feed_forward_parameters(4096, d_ff)
        attends = attention_parameters(4096, 32, heads, 128)
        network = Parameters(size, size)
        whole = model_parameters(
            layers=32, d_model=4096, vocabulary=vocabulary, attention=attends, feed_forward=network
        )
        assert whole == Parameters(count, count)


def test_a_gate_costs_a_third_matrix() -> None:
    """Shazeer (2020), section 2: with 2/3 of the width it is as large as without."""
    assert feed_forward_parameters(768, 2048) == feed_forward_parameters(768, 3072, gated=False)


@EXAMPLES
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5), st.integers(1, 9))
def test_numbers_moved_and_multiplied_are_counted(queries: int, keys: int, width: int, rows: int) -> None:
    """By going through what is done, step by step."""
    square = queries * keys
    steps = [queries * width + keys * width, square, square, square, square + keys * width, queries * width]
    assert textbook_traffic(queries, keys, width) == sum(steps)
    moved = 0
    for start in range(0, queries, rows):
        moved += 2 * min(rows, queries - start) * width + 2 * keys * width
    assert tiled_traffic(queries, keys, width, rows) == moved
    again = sum(2 * tokens * keys * width for tokens in range(1, queries + 1))
    assert key_value_products(queries, keys, width, cached=False) == again
    assert key_value_products(queries, keys, width, cached=True) == 2 * queries * keys * width
