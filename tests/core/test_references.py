"""The numeric core against others: PyTorch (recorded, and live where installed), ONNX, and published examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.backend.test.case.node.attention  # importing these two registers their cases
import onnx.backend.test.case.node.softmax
import pytest
from onnx.reference import ReferenceEvaluator

from core.model import attention as core
from core.model.masks import padding_mask
from tests.core.references import node_attributes, onnx_cases

VECTORS = Path(__file__).parent / "vectors"
TOLERANCE = 1e-12
EXACT_SCALE = 1 / 16  # its square root, which ONNX multiplies q and k with, is exact in every precision


# --- PyTorch ---------------------------------------------------------------------------------------------------------

INDEX = json.loads((VECTORS / "torch.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recorded() -> dict[str, np.ndarray]:
    with np.load(VECTORS / "torch.npz", allow_pickle=False) as file:
        return dict(file)


def call(function: str, inputs: dict[str, np.ndarray], options: dict[str, Any]) -> dict[str, np.ndarray]:
    """Call the function of a recorded case with its arrays and options."""
    if function == "log_softmax":
        return {"output": core.log_softmax(**inputs, **options)}
    if function == "multi_head_attention":
        steps = core.multi_head_attention(**{"x_kv": None, **inputs}, **options)
        return {"output": steps.output, "weights": steps.heads.weights}
    attended = core.attention(**inputs, **options)
    return {"output": attended.output, "weights": attended.weights}


@pytest.mark.parametrize("case", INDEX["cases"], ids=lambda case: case["name"])
def test_pytorch_recorded(case: dict[str, Any], recorded: dict[str, np.ndarray]) -> None:
    parts: dict[str, dict[str, np.ndarray]] = {"inputs": {}, "expected": {}}
    for key, array in recorded.items():
        name, group, member = key.rsplit("/", 2)
        if name == case["name"]:
            parts[group][member] = array
    results = call(case["function"], parts["inputs"], case["options"])
    assert "output" in parts["expected"]
    for name, expected in parts["expected"].items():
        assert expected.dtype == results[name].dtype == np.float64
        np.testing.assert_allclose(results[name], expected, rtol=0, atol=TOLERANCE, err_msg=name, strict=True)


def test_pytorch_recorded_covers_every_option() -> None:
    """The index and the arrays belong together, and every option is met at least once."""
    with np.load(VECTORS / "torch.npz", allow_pickle=False) as file:
        names = {key.rsplit("/", 2)[0] for key in file}
    assert names == {case["name"] for case in INDEX["cases"]}
    options = {option for case in INDEX["cases"] for option in case["options"]}
    assert options == {"causal", "query_offset", "window", "scale", "soft_cap", "heads", "grouped", "axis"}
    assert {case["function"] for case in INDEX["cases"]} == {"attention", "multi_head_attention", "log_softmax"}


@pytest.mark.parametrize("seed", [1, 2])
def test_pytorch_live(seed: int) -> None:
    """The same cases on other numbers, computed by the PyTorch that is installed."""
    pytest.importorskip("torch")
    from tools.record_vectors import record

    for case in record(seed):
        results = call(case.function, case.inputs, case.options)
        for name, expected in case.expected.items():
            message = f"{case.name}: {name}"
            np.testing.assert_allclose(results[name], expected, rtol=0, atol=TOLERANCE, err_msg=message, strict=True)


# --- ONNX ------------------------------------------------------------------------------------------------------------


def attend_as_onnx(named: dict[str, np.ndarray], attributes: dict[str, Any]) -> tuple[np.ndarray, dict[int, Any]]:
    """ONNX's Attention expressed with `core.attention`: the output Y and, by mode, what qk_matmul_output may be.

    Its cache of earlier keys is a concatenation and a query offset; its valid lengths per sentence are a padding mask
    and, with causal or window masks, an offset per sentence, so each sentence is computed for itself.
    """
    q, k, v = named["Q"], named["K"], named["V"]
    flat = q.ndim == 3
    if flat:
        q = core.split_heads(q, attributes["q_num_heads"])
        k, v = (core.split_heads(x, attributes["kv_num_heads"]) for x in (k, v))
    offset = 0
    if "past_key" in named:
        offset = named["past_key"].shape[2]
        k = np.concatenate([named["past_key"], k], axis=2)
        v = np.concatenate([named["past_value"], v], axis=2)
    lengths = named.get("nonpad_kv_seqlen")
    if lengths is None:
        steps = [attend_at_offset(q, k, v, offset, named.get("attn_mask"), attributes)]
    else:
        sentences = slice_sentences(named.get("attn_mask"), len(q))
        steps = [
            attend_at_offset(
                q[b : b + 1], k[b : b + 1], v[b : b + 1], int(length) - q.shape[2], mask, attributes, int(length)
            )
            for b, (length, mask) in enumerate(zip(lengths, sentences, strict=True))
        ]
    output = np.concatenate([step.output for step in steps])
    qk = {0: steps[0].scaled, 1: steps[0].capped, 2: steps[0].masked, 3: steps[0].weights}
    return (core.merge_heads(output) if flat else output), qk


def slice_sentences(mask: np.ndarray | None, batch: int) -> list[np.ndarray | None]:
    if mask is None:
        return [None] * batch
    return [mask[b % len(mask)][None] if mask.ndim == 4 else mask for b in range(batch)]


def attend_at_offset(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    offset: int,
    mask: np.ndarray | None,
    attributes: dict[str, Any],
    length: int | None = None,
) -> core.AttentionSteps:
    keys = k.shape[-2]
    if mask is not None and mask.shape[-1] < keys:
        blocked = False if mask.dtype == bool else -np.inf
        padding = np.full((*mask.shape[:-1], keys - mask.shape[-1]), blocked, mask.dtype)
        mask = np.concatenate([mask, padding], axis=-1)
    left, right = attributes.get("left_window_size", -1), attributes.get("right_window_size", -1)
    return core.attention(
        q,
        k,
        v,
        mask=mask,
        key_padding=None if length is None else padding_mask([length], keys),
        causal=bool(attributes.get("is_causal")),
        query_offset=offset,
        window=tuple(None if side < 0 else side for side in (left, right)),
        scale=attributes.get("scale"),
        soft_cap=attributes.get("softcap"),
    )


def tolerance(dtype: np.dtype[Any]) -> float:
    """ONNX rounds every intermediate of half precision, the core only what it hands out."""
    return {"float64": TOLERANCE, "float32": 3e-6, "float16": 4e-3, "bfloat16": 3e-2}[dtype.name]


@pytest.mark.parametrize("case", onnx_cases("Attention"), ids=lambda case: case.name.removeprefix("test_attention_"))
def test_onnx_conformance(case: Any) -> None:
    """Every case of ONNX's own conformance suite for Attention, in its own dtype."""
    (node,) = case.model.graph.node
    for inputs, expected in case.data_sets:
        present = dict(zip([name for name in node.input if name], inputs, strict=True))
        compare_with_onnx(node, present, [np.asarray(array) for array in expected])


@pytest.mark.parametrize("case", onnx_cases("Attention"), ids=lambda case: case.name.removeprefix("test_attention_"))
def test_onnx_reference_float64(case: Any) -> None:
    """The same nodes on other numbers in float64, computed by ONNX's reference evaluator, to 1e-12."""
    (node,) = case.model.graph.node
    rng = np.random.default_rng(23)
    present = {}
    for name, array in zip([name for name in node.input if name], case.data_sets[0][0], strict=True):
        array = np.asarray(array)
        drawn = rng.normal(size=array.shape)
        if name == "attn_mask" and array.dtype != bool:
            drawn[rng.random(array.shape) < 0.3] = -np.inf
        present[name] = array if array.dtype.kind in "bi" else drawn
    node = float64_node(node)
    graph = onnx.helper.make_graph(
        [node],
        "attention",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
            for name, array in present.items()
        ],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, None) for name in node.output if name],
    )
    model = onnx.helper.make_model(graph, opset_imports=case.model.opset_import)
    compare_with_onnx(node, present, ReferenceEvaluator(model).run(None, present))


def float64_node(node: onnx.NodeProto) -> onnx.NodeProto:
    """The node without what would narrow it: a softmax in less precision, a scale whose root is taken in float32."""
    attributes = node_attributes(node)
    attributes.pop("softmax_precision", None)
    if "scale" in attributes:
        attributes["scale"] = EXACT_SCALE
    return onnx.helper.make_node(node.op_type, node.input, node.output, **attributes)


def compare_with_onnx(node: onnx.NodeProto, inputs: dict[str, np.ndarray], expected: list[np.ndarray]) -> None:
    attributes = node_attributes(node)
    y, qk = attend_as_onnx(inputs, attributes)
    results = {"Y": y, "qk_matmul_output": qk[attributes.get("qk_matmul_output_mode", 0)]}
    compared = 0
    for name, array in zip([name for name in node.output if name], expected, strict=True):
        if name.startswith("present_"):
            continue
        compared += 1
        assert results[name].shape == array.shape
        assert results[name].dtype == array.dtype
        atol = tolerance(array.dtype)
        np.testing.assert_allclose(
            results[name].astype(np.float64), array.astype(np.float64), rtol=atol, atol=atol, err_msg=name
        )
    assert compared


def test_onnx_conformance_is_there() -> None:
    """The parametrised tests above must not be empty because a new onnx keeps its cases elsewhere."""
    assert len(onnx_cases("Attention")) >= 90
    assert len(onnx_cases("Softmax")) >= 7


@pytest.mark.parametrize("case", onnx_cases("Softmax"), ids=lambda case: case.name)
def test_onnx_softmax(case: Any) -> None:
    axis = node_attributes(case.model.graph.node[0]).get("axis", -1)
    for (x,), (expected,) in case.data_sets:
        np.testing.assert_allclose(core.softmax(x, axis), expected, rtol=0, atol=1e-7, strict=True)


# --- Published examples ----------------------------------------------------------------------------------------------


def assert_prints(actual: np.ndarray, published: Any, decimals: int) -> None:
    """`actual` rounds to the published digits (computed there in float32)."""
    np.testing.assert_allclose(actual, published, rtol=0, atol=0.5 * 10.0**-decimals + 1e-6)


def test_karim_illustrated_self_attention() -> None:
    """Raimi Karim, "Illustrated: Self-Attention" (Towards Data Science, 2019): three inputs, steps 1 to 7.

    The article does not scale its scores. It rounds the softmax by hand to one decimal before it multiplies the
    values: both that and the exact softmax which its code prints are checked.
    """
    x = [[1, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1]]
    w_q = [[1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 1]]
    w_k = [[0, 0, 1], [1, 1, 0], [0, 1, 0], [1, 1, 0]]
    w_v = [[0, 2, 0], [0, 3, 0], [1, 0, 3], [1, 1, 0]]
    steps = core.multi_head_attention(x, None, w_q, w_k, w_v, np.eye(3), heads=1, scale=1.0)
    np.testing.assert_array_equal(steps.k, [[0, 1, 1], [4, 4, 0], [2, 3, 1]])
    np.testing.assert_array_equal(steps.q, [[1, 0, 2], [2, 2, 2], [2, 1, 3]])
    np.testing.assert_array_equal(steps.v, [[1, 2, 3], [2, 8, 0], [2, 6, 3]])
    np.testing.assert_array_equal(steps.heads.scores[0], [[2, 4, 4], [4, 16, 12], [4, 12, 10]])
    printed = [
        [6.3379e-02, 4.6831e-01, 4.6831e-01],
        [6.0337e-06, 9.8201e-01, 1.7986e-02],
        [2.9539e-04, 8.8054e-01, 1.1917e-01],
    ]
    np.testing.assert_allclose(steps.heads.weights[0], printed, rtol=5e-5)
    by_hand = np.array([[0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.0, 0.9, 0.1]])
    np.testing.assert_allclose(steps.heads.weights[0], by_hand, rtol=0, atol=0.065)
    np.testing.assert_allclose(by_hand @ steps.v, [[2.0, 7.0, 1.5], [2.0, 8.0, 0.0], [2.0, 7.8, 0.3]], atol=1e-12)
    exact = [[1.9366, 6.6831, 1.5951], [2.0000, 7.9640, 0.0540], [1.9997, 7.7599, 0.3584]]
    assert_prints(steps.output, exact, 4)


JOURNEY = np.array(
    [
        [0.43, 0.15, 0.89],  # Your
        [0.55, 0.87, 0.66],  # journey
        [0.57, 0.85, 0.64],  # starts
        [0.22, 0.58, 0.33],  # with
        [0.77, 0.25, 0.10],  # one
        [0.05, 0.80, 0.55],  # step
    ]
)


@pytest.fixture(scope="module")
def raschka() -> dict[str, np.ndarray]:
    """The book's random weights, which PyTorch draws from the seeds 123 and 789 (see tools/record_vectors.py)."""
    with np.load(VECTORS / "raschka.npz", allow_pickle=False) as file:
        return dict(file)


def test_raschka_simple_attention() -> None:
    """Sebastian Raschka, "Build a Large Language Model (From Scratch)" (Manning, 2024), section 3.3: no weights."""
    steps = core.attention(JOURNEY, JOURNEY, JOURNEY, scale=1.0)
    scores = [
        [0.9995, 0.9544, 0.9422, 0.4753, 0.4576, 0.6310],
        [0.9544, 1.4950, 1.4754, 0.8434, 0.7070, 1.0865],
        [0.9422, 1.4754, 1.4570, 0.8296, 0.7154, 1.0605],
        [0.4753, 0.8434, 0.8296, 0.4937, 0.3474, 0.6565],
        [0.4576, 0.7070, 0.7154, 0.3474, 0.6654, 0.2935],
        [0.6310, 1.0865, 1.0605, 0.6565, 0.2935, 0.9450],
    ]
    weights = [
        [0.2098, 0.2006, 0.1981, 0.1242, 0.1220, 0.1452],
        [0.1385, 0.2379, 0.2333, 0.1240, 0.1082, 0.1581],
        [0.1390, 0.2369, 0.2326, 0.1242, 0.1108, 0.1565],
        [0.1435, 0.2074, 0.2046, 0.1462, 0.1263, 0.1720],
        [0.1526, 0.1958, 0.1975, 0.1367, 0.1879, 0.1295],
        [0.1385, 0.2184, 0.2128, 0.1420, 0.0988, 0.1896],
    ]
    context = [
        [0.4421, 0.5931, 0.5790],
        [0.4419, 0.6515, 0.5683],
        [0.4431, 0.6496, 0.5671],
        [0.4304, 0.6298, 0.5510],
        [0.4671, 0.5910, 0.5266],
        [0.4177, 0.6503, 0.5645],
    ]
    assert_prints(steps.scores, scores, 4)
    assert_prints(steps.weights, weights, 4)
    assert_prints(steps.output, context, 4)


def test_raschka_trainable_weights(raschka: dict[str, np.ndarray]) -> None:
    """The same book, sections 3.4.1 and 3.4.2: scaled dot-product attention with d_k = 2."""
    w_q, w_k, w_v = (raschka[f"v1.w_{name}"] for name in "qkv")
    steps = core.attention(JOURNEY @ w_q, JOURNEY @ w_k, JOURNEY @ w_v)
    assert_prints(steps.q[1], [0.4306, 1.4551], 4)
    assert_prints(steps.scores[1], [1.2705, 1.8524, 1.8111, 1.0795, 0.5577, 1.5440], 4)
    assert_prints(steps.weights[1], [0.1500, 0.2264, 0.2199, 0.1311, 0.0906, 0.1820], 4)
    context = [[0.2996, 0.8053], [0.3061, 0.8210], [0.3058, 0.8203], [0.2948, 0.7939], [0.2927, 0.7891]]
    assert_prints(steps.output, [*context, [0.2990, 0.8040]], 4)


def test_raschka_causal_mask(raschka: dict[str, np.ndarray]) -> None:
    """The same book, sections 3.4.2 and 3.5.1: weights without and with the causal mask."""
    q, k, v = (JOURNEY @ raschka[f"v2.w_{name}"] for name in "qkv")
    free, causal = core.attention(q, k, v), core.attention(q, k, v, causal=True)
    context = [[-0.0739, 0.0713], [-0.0748, 0.0703], [-0.0749, 0.0702], [-0.0760, 0.0685], [-0.0763, 0.0679]]
    assert_prints(free.output, [*context, [-0.0754, 0.0693]], 4)
    assert_prints(free.weights[0], [0.1921, 0.1646, 0.1652, 0.1550, 0.1721, 0.1510], 4)
    masked = [
        [1.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000],
        [0.5517, 0.4483, 0.0000, 0.0000, 0.0000, 0.0000],
        [0.3800, 0.3097, 0.3103, 0.0000, 0.0000, 0.0000],
        [0.2758, 0.2460, 0.2462, 0.2319, 0.0000, 0.0000],
        [0.2175, 0.1983, 0.1984, 0.1888, 0.1971, 0.0000],
        [0.1935, 0.1663, 0.1666, 0.1542, 0.1666, 0.1529],
    ]
    assert_prints(causal.weights, masked, 4)
    np.testing.assert_array_equal(causal.weights[np.triu_indices(6, 1)], 0)


def test_raschka_two_causal_heads(raschka: dict[str, np.ndarray]) -> None:
    """The same book, section 3.6.1: two heads of width 2 side by side, on a batch of two equal sentences."""
    w_q, w_k, w_v = (raschka[f"wrapper.w_{name}"] for name in "qkv")
    batch = np.stack([JOURNEY, JOURNEY])
    steps = core.multi_head_attention(batch, None, w_q, w_k, w_v, np.eye(4), heads=2, causal=True)
    published = [
        [-0.4519, 0.2216, 0.4772, 0.1063],
        [-0.5874, 0.0058, 0.5891, 0.3257],
        [-0.6300, -0.0632, 0.6202, 0.3860],
        [-0.5675, -0.0843, 0.5478, 0.3589],
        [-0.5526, -0.0981, 0.5321, 0.3428],
        [-0.5299, -0.1081, 0.5077, 0.3493],
    ]
    assert_prints(steps.concat, [published, published], 4)


def test_raschka_multi_head(raschka: dict[str, np.ndarray]) -> None:
    """The same book, section 3.6.2: weights split into two heads of width 1, and an output projection with bias."""
    weights = {name: raschka[f"multi_head.{name}"] for name in ("w_q", "w_k", "w_v", "w_o", "b_o")}
    steps = core.multi_head_attention(JOURNEY, None, **weights, heads=2, causal=True)
    published = [
        [0.3190, 0.4858],
        [0.2943, 0.3897],
        [0.2856, 0.3593],
        [0.2693, 0.3873],
        [0.2639, 0.3928],
        [0.2575, 0.4028],
    ]
    assert_prints(steps.output, published, 4)


def test_machine_learning_mastery_four_words() -> None:
    """Stefania Cristina, "The Attention Mechanism from Scratch" (Machine Learning Mastery, 2021).

    Its integer weights are those that NumPy's legacy generator draws from seed 42.
    """
    words = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]
    legacy = np.random.RandomState(42)
    w_q, w_k, w_v = (legacy.randint(3, size=(3, 3)) for _ in range(3))
    steps = core.multi_head_attention(words, None, w_q, w_k, w_v, np.eye(3), heads=1)
    np.testing.assert_array_equal(steps.heads.scores[0], [[8, 2, 10, 2], [4, 0, 4, 0], [12, 2, 14, 2], [10, 4, 14, 3]])
    weights = [
        [2.36089863e-01, 7.38987555e-03, 7.49130386e-01, 7.38987555e-03],
        [4.54826323e-01, 4.51736775e-02, 4.54826323e-01, 4.51736775e-02],
        [2.39275049e-01, 7.43870015e-04, 7.59237211e-01, 7.43870015e-04],
        [8.99501754e-02, 2.81554063e-03, 9.05653685e-01, 1.58059922e-03],
    ]
    np.testing.assert_allclose(steps.heads.weights[0], weights, rtol=5e-9)
    output = [
        [0.98522025, 1.74174051, 0.75652026],
        [0.90965265, 1.40965265, 0.5],
        [0.99851226, 1.75849334, 0.75998108],
        [0.99560386, 1.90407309, 0.90846923],
    ]
    np.testing.assert_allclose(steps.output, output, rtol=0, atol=6e-9)
