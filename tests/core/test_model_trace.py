"""The whole Transformer in the trace: every name there, true to the core, labelled, and untouched Part I numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.examples.example import Example, load_example, parse_example, shipped_examples
from core.model.feed_forward import ACTIVATIONS
from core.model.named_weights import named_arrays
from core.model.softmax import softmax
from core.model.special_tokens import END, PAD, START
from core.model.transformer import decode, encode, predict
from core.trace import Trace
from core.trace.pipeline import main_mask, trace_example

ATTENTION = re.findall(
    r"\S+",
    """
w_q w_k w_v w_o q k v mask heads.q heads.k heads.k_transposed heads.v heads.scores heads.scaled_scores
heads.masked_scores heads.weights heads.context concat output
""",
)
NORM = ("mean", "centred", "variance", "deviation", "normalised", "scale", "shift", "output")
FEED_FORWARD = (
    "input",
    "w_1",
    "b_1",
    "hidden_product",
    "hidden",
    "activated",
    "w_2",
    "b_2",
    "output_product",
    "output",
)
AROUND = re.findall(
    r"\S+",
    """
source.token_ids source.embedded source.input memory target.token_ids target.embedded target.input target.expected
decoder.output output.w logits probabilities loss mean_loss translation.token_ids translation.logits
translation.probabilities translation.cached_probabilities translation.heads.cross_attention
translation.cross_attention
""",
)


def trace_of(text: str) -> tuple[Example, Trace]:
    example = parse_example(text, "x.toml")
    return example, trace_example(example)


def names_of(layers: int) -> list[str]:
    names = list(AROUND)
    for layer in range(1, layers + 1):
        for stack, attentions in (("encoder", ["self"]), ("decoder", ["self", "cross"])):
            lead = f"{stack}.{layer}"
            names += [f"{lead}.{name}" for name in ("input", "output")]
            names += [f"{lead}.{attention}_attention.{name}" for attention in attentions for name in ATTENTION]
            names += [f"{lead}.feed_forward.{name}" for name in FEED_FORWARD]
            for number in range(1, len(attentions) + 2):
                names += [f"{lead}.sum_{number}", *(f"{lead}.norm_{number}.{name}" for name in NORM)]
    return names


@pytest.fixture(scope="module", params=shipped_examples())
def shipped(request: pytest.FixtureRequest) -> tuple[Example, Trace]:
    example = load_example(request.param)
    return example, trace_example(example)


# --- every shipped example --------------------------------------------------------------------------------------------


def test_every_name_is_there(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    assert set(names_of(example.model.config.layers)) <= set(trace)


def test_everything_is_what_the_model_makes_of_the_sentence(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    model = example.model
    memory = encode(model, model.ids(example.rows), mask=main_mask(example)).output
    real = np.array([token != PAD for token in example.rows])
    output = decode(model, model.ids((START, *example.target)), memory, memory_padding=real).output
    np.testing.assert_array_equal(trace["memory"].values, memory)
    np.testing.assert_array_equal(trace["decoder.output"].values, output)
    np.testing.assert_array_equal(trace["logits"].values, predict(model, output).logits)


def test_weights_stand_under_their_names(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    for name, array in named_arrays(example.model).items():
        if name != "embedding":
            np.testing.assert_array_equal(trace[name].values, array)
    np.testing.assert_array_equal(trace["output.w"].values, example.model.output_projection)


def test_part_one_is_the_first_layer(shipped: tuple[Example, Trace]) -> None:
    """Where the layer norms after its attention, this is the attention of the film's first part."""
    example, trace = shipped
    np.testing.assert_allclose(trace["source.input"].values, trace["x"].values, rtol=0, atol=1e-12)
    if example.config.norm == "pre":
        return
    for name in ("q", "k", "v", "w_q", "w_k", "w_v", "w_o", "mask", "concat", "heads.scores", "heads.weights"):
        expected = trace[f"encoder.1.self_attention.{name}"].values
        np.testing.assert_allclose(trace[name].values, expected, rtol=0, atol=1e-12, err_msg=name)
    output = trace["encoder.1.self_attention.output"].values
    np.testing.assert_allclose(trace["multi_head_output"].values, output, rtol=0, atol=1e-12)


def test_every_number_follows_from_those_before(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    values = {name: tensor.values for name, tensor in trace.items()}
    for name in values:
        if name.endswith(".normalised"):
            assert_norm(values, name.removesuffix(".normalised"), example.config.eps)
        if name.endswith(".heads.weights") and name.startswith(("encoder", "decoder")):
            np.testing.assert_allclose(softmax(values[name.replace("weights", "masked_scores")]), values[name])
        if name.endswith(".activated") and name.startswith(("encoder", "decoder")):
            hidden = values[name.replace("activated", "hidden")]
            np.testing.assert_array_equal(ACTIVATIONS[example.config.activation](hidden), values[name])
    for layer in range(1, example.config.layers + 1):
        assert_layer(values, f"encoder.{layer}", ("self_attention", "feed_forward"), example.config.norm)
        assert_layer(
            values, f"decoder.{layer}", ("self_attention", "cross_attention", "feed_forward"), example.config.norm
        )


def assert_norm(values: dict[str, np.ndarray], norm: str, eps: float) -> None:
    if not norm.rsplit(".", 1)[-1].startswith(("norm_", "final_norm")) or not norm.startswith(("encoder", "decoder")):
        return
    part = {name: values[f"{norm}.{name}"] for name in NORM}
    np.testing.assert_allclose(part["centred"].mean(axis=-1), 0, rtol=0, atol=1e-9)
    np.testing.assert_allclose(np.square(part["centred"]).mean(axis=-1), part["variance"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(part["deviation"] ** 2, part["variance"] + eps, rtol=1e-9)
    np.testing.assert_allclose(part["normalised"] * part["deviation"][:, None], part["centred"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(part["normalised"] * part["scale"] + part["shift"], part["output"], rtol=0, atol=1e-9)


def assert_layer(values: dict[str, np.ndarray], layer: str, parts: tuple[str, ...], norm: str) -> None:
    """The residual lane from sub-layer to sub-layer, and the norm before or after each sum."""
    lane = values[f"{layer}.input"]
    for number, part in enumerate(parts, 1):
        total = values[f"{layer}.sum_{number}"]
        np.testing.assert_array_equal(total, lane + values[f"{layer}.{part}.output"])
        normed = values[f"{layer}.norm_{number}.centred"] + values[f"{layer}.norm_{number}.mean"][:, None]
        np.testing.assert_allclose(normed, total if norm == "post" else lane, rtol=0, atol=1e-9)
        lane = values[f"{layer}.norm_{number}.output"] if norm == "post" else total
    np.testing.assert_array_equal(values[f"{layer}.output"], lane)


def test_labels_and_loss(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    assert trace["target.input"].labels["tokens"] == (START, *example.target)
    assert trace["target.expected"].labels["tokens"] == (*example.target, END)
    crossing = trace["decoder.1.cross_attention.heads.weights"]
    assert (crossing.labels["queries"], crossing.labels["keys"]) == ((START, *example.target), example.rows)
    assert trace["logits"].labels["vocabulary"] == example.model.vocabulary
    probabilities, expected = trace["probabilities"].values, trace["target.expected"].values.astype(int)
    picked = probabilities[np.arange(len(expected)), expected]
    np.testing.assert_allclose(np.exp(-trace["loss"].values), picked, rtol=1e-9)
    assert trace["mean_loss"].values == pytest.approx(trace["loss"].values.mean())
    assert {trace[name].decimals for name in ("probabilities", "translation.probabilities")} == {example.decimals}


def test_nobody_looks_at_padding_or_ahead(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    padded = np.array([token == PAD for token in example.rows])
    for layer in range(1, example.config.layers + 1):
        crossing = trace[f"decoder.{layer}.cross_attention.heads.weights"].values
        assert not crossing[..., padded].any()
        np.testing.assert_allclose(crossing.sum(axis=-1), 1, rtol=0, atol=1e-12)
        ahead = np.triu_indices(len(example.target) + 1, 1)
        assert not trace[f"decoder.{layer}.self_attention.heads.weights"].values[:, ahead[0], ahead[1]].any()


def test_what_is_said(shipped: tuple[Example, Trace]) -> None:
    example, trace = shipped
    said = trace["translation.token_ids"]
    assert said.labels["steps"] == tuple(example.model.vocabulary[int(word)] for word in said.values)
    assert len(said.values) == 20 or said.labels["steps"][-1] == END
    probabilities = trace["translation.probabilities"].values
    np.testing.assert_allclose(trace["translation.cached_probabilities"].values, probabilities, rtol=0, atol=1e-9)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=0, atol=1e-12)
    assert (probabilities[np.arange(len(probabilities)), said.values.astype(int)] > probabilities.max(-1) - 1e-9).all()
    looks = trace["translation.heads.cross_attention"]
    assert looks.axes == ("layers", "heads", "steps", "keys")
    np.testing.assert_array_equal(looks.values[-1].mean(axis=0), trace["translation.cross_attention"].values)


# --- single ones ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["translation-zh-en", "translation-en-zh"])
def test_the_translations_are_right(name: str) -> None:
    example = load_example(name)
    assert trace_example(example)["translation.token_ids"].labels["steps"] == (*example.target, END)


def test_post_and_pre_norm_differ_in_nothing_but_the_norm() -> None:
    post, pre = load_example("post-norm"), load_example("pre-norm")
    assert (post.config.norm, pre.config.norm) == ("post", "pre")
    arrays = named_arrays(pre.model)
    for name, array in named_arrays(post.model).items():
        np.testing.assert_array_equal(array, arrays[name])
    traces = [trace_example(example) for example in (post, pre)]
    sizes = [[_size(trace, f"encoder.{layer}.output") for layer in range(1, 5)] for trace in traces]
    np.testing.assert_allclose(sizes[0], np.sqrt(8), rtol=1e-3)
    assert all(later > earlier for earlier, later in zip(sizes[1], sizes[1][1:], strict=False))


def _size(trace: Trace, name: str) -> float:
    return float(np.linalg.norm(trace[name].values, axis=-1).mean())


def test_padding_changes_no_real_row_of_the_padded_encoder() -> None:
    example = load_example("padded-encoder")
    assert example.padded
    model, real = example.model, len(example.tokens)
    alone = encode(model, model.ids(example.tokens)).output
    np.testing.assert_allclose(trace_example(example)["memory"].values[:real], alone, rtol=0, atol=1e-12)


def test_a_model_is_completed_by_default() -> None:
    example, trace = trace_of('sentence = "a b"')
    assert example.target == example.tokens
    assert example.model.vocabulary == ("a", "b", PAD, START, END)
    config = example.model.config
    assert (config.layers, config.d_ff, config.norm, config.activation) == (2, 8, "post", "relu")
    assert (config.positions, config.tied, config.final_norm, config.embedding_scale) == ("none", True, False, False)
    assert not {"source.positions", "source.scaled", "encoder.final_norm.output"} & set(trace)
    assert [trace_of(f'sentence = "a"\nd_model = {d}')[0].config.d_ff for d in (16, 18, 512)] == [32, 72, 1024]


def test_biases_stand_between_product_and_sum() -> None:
    _, trace = trace_of('sentence = "a b"\n[weights]\nb_q = [1, 2, 3, 4]\nb_o = [1, 1, 1, 1]')
    name = "encoder.1.self_attention"
    for part, product in (("q", ("encoder.1.input", f"{name}.w_q")), ("output", (f"{name}.concat", f"{name}.w_o"))):
        bias = trace[f"{name}.b_{'q' if part == 'q' else 'o'}"]
        assert trace[f"{name}.{part}_product"].product == product
        assert trace[f"{name}.{part}"].product is None
        np.testing.assert_array_equal(
            trace[f"{name}.{part}"].values, trace[f"{name}.{part}_product"].values + bias.values
        )
    assert trace[f"{name}.k"].product == ("encoder.1.input", f"{name}.w_k")


def test_given_rows_serve_the_words_of_the_target() -> None:
    example, trace = trace_of('sentence = "a"\ntarget = "b"\n[embeddings]\na = [1, 2]\nb = [3, 4]\n"[START]" = [5, 6]')
    assert trace["target.embedded"].values.tolist() == [[5, 6], [3, 4]]
    assert example.vocabulary == ("a", PAD)


def test_a_model_without_an_encoder_continues_the_sentence() -> None:
    example, trace = trace_of(
        'sentence = "a b"\ntarget = "c"\n[model]\nkind = "decoder-only"\nnorm = "pre"\nactivation = "gelu_tanh"'
    )
    assert trace["target.input"].labels["tokens"] == (START, "a", "b", "c")
    assert trace["target.expected"].labels["tokens"] == ("a", "b", "c", END)
    assert not any(name.startswith(("source", "encoder", "memory")) or "cross_attention" in name for name in trace)
    np.testing.assert_array_equal(trace["decoder.1.self_attention.w_q"].values, example.w_q)
    assert "decoder.final_norm.output" in trace
    assert trace_of('sentence = "a b"\nmodel.kind = "decoder-only"')[0].target == ()


def test_the_model_is_computed_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr("core.trace.pipeline.trace_model", lambda *_: called.append("model"))
    example = load_example("default")
    trace = trace_example(example)
    assert trace["weights"].values.any()
    assert "scaling.variance" in trace
    assert called == []
