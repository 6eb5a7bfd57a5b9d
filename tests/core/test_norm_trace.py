"""What Add & Norm and the feed-forward network tell by numbers, against plain computations of the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.examples.example import Example, load_example, parse_example
from core.trace import Trace
from core.trace.pipeline import trace_example

EXAMPLES = ("default", "padded-batch", "causal", "wide", "by-hand")


@pytest.fixture(scope="module", params=EXAMPLES)
def traced(request: pytest.FixtureRequest) -> tuple[Example, Trace]:
    example = load_example(request.param)
    return example, trace_example(example)


def written(text: str) -> Trace:
    return trace_example(parse_example(text, Path("written.toml")))


def test_similarity_is_the_cosine(traced: tuple[Example, Trace]) -> None:
    _, trace = traced
    before = trace["encoder.1.input"].values
    for name, after in (("without", "encoder.1.self_attention.output"), ("with", "encoder.1.sum_1")):
        rows = trace[after].values
        lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(before, axis=1)
        expected = np.where(lengths > 0, rows @ before.T / np.where(lengths > 0, lengths, 1), 0)
        np.testing.assert_allclose(trace[f"residual.{name}"].values, expected, atol=1e-12)
        np.testing.assert_allclose(trace[f"residual.kept_{name}"].values, np.diag(expected), atol=1e-12)


def test_normalised_rows_have_mean_0_and_variance_1(traced: tuple[Example, Trace]) -> None:
    _, trace = traced
    np.testing.assert_allclose(trace["layer_norm.row_mean"].values, 0, atol=1e-12)
    np.testing.assert_allclose(trace["layer_norm.row_variance"].values, 1, atol=1e-3)  # ε takes a little


def test_layer_norm_does_not_see_the_batch_and_batch_norm_does(traced: tuple[Example, Trace]) -> None:
    example, trace = traced
    alone, batch = (trace[f"batch_norm.layer_{where}"].values for where in ("alone", "batch"))
    assert alone.shape == (len(example.tokens), example.d_model)
    np.testing.assert_allclose(alone, batch, atol=1e-9)
    token = int(trace["batch_norm.token"].values)
    moved = np.abs(trace["batch_norm.batch_alone"].values - trace["batch_norm.batch_batch"].values)  # (tokens, d_model)
    assert trace["batch_norm.batch_change"].values == pytest.approx(moved[token].max())
    assert moved[token].max() > 0.01
    assert trace["batch_norm.layer_change"].at().text in ("0", "0.0", "0.00")


def test_statistics_of_the_batch_with_and_without_padding(traced: tuple[Example, Trace]) -> None:
    _, trace = traced
    lengths = trace["batch_norm.lengths"].values.astype(int)
    sheets = [trace[f"batch_norm.sheet_{i + 1}"].values for i in range(len(lengths))]
    words = np.concatenate([sheet[:length] for sheet, length in zip(sheets, lengths, strict=True)])
    for prefix, rows in (("", np.concatenate(sheets)), ("words_", words)):
        np.testing.assert_allclose(trace[f"batch_norm.{prefix}mean"].values, rows.mean(axis=0), atol=1e-12)
        np.testing.assert_allclose(trace[f"batch_norm.{prefix}variance"].values, rows.var(axis=0), atol=1e-12)


def test_the_main_sentence_and_a_padded_one_are_in_a_large_batch() -> None:
    trace = written('sentences = ["a b", "a b", "b a", "c a", "a", "b c"]\nshow = 6')
    lengths = trace["batch_norm.lengths"].values
    assert len(lengths) == 4
    assert lengths.min() == 1
    main = int(trace["batch_norm.sentence"].values)
    assert trace[f"batch_norm.sheet_{main + 1}"].axis_labels("tokens") == ("b", "c")


def test_the_own_placement_is_that_of_the_model(traced: tuple[Example, Trace]) -> None:
    example, trace = traced
    assert example.model.config.norm == "post"
    rows = [name for name in example.rows if name != "[PAD]"]
    stages = ["encoder.1.input", *(f"encoder.{i}.norm_{j}.output" for i in (1, 2) for j in (1, 2))]
    sizes = [np.sqrt(np.square(trace[name].values[: len(rows)]).mean(axis=1)).mean() for name in stages]
    np.testing.assert_allclose(trace["placement.post_size"].values, sizes, atol=1e-12)


def test_pre_norm_leaves_the_lane_whole_and_post_norm_divides_it(traced: tuple[Example, Trace]) -> None:
    _, trace = traced
    np.testing.assert_allclose(trace["placement.pre_share"].values, 1)
    share = trace["placement.post_share"].values
    assert share[0] == 1
    assert (np.abs(share[1:] - 1) > 0.01).all()


def test_norm_of_the_sum_in_pre_norm() -> None:
    trace = written('sentence = "a b c"\nmodel.norm = "pre"')
    np.testing.assert_allclose(
        trace["layer_norm.row_variance"].values, trace["encoder.1.norm_2.normalised"].values.var(axis=1)
    )


def test_one_word_at_every_place_differs_by_the_positions_alone() -> None:
    trace = trace_example(load_example("post-norm"))
    rows = trace["positions.table"].values
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(rows) for b in rows[:i]]
    assert trace["residual.apart_input"].values == pytest.approx(np.mean(pairs))
    assert trace["residual.apart_without"].values < trace["residual.apart_with"].values


def test_one_word_is_the_same_everywhere_without_positions() -> None:
    trace = trace_example(load_example("default"))
    assert all(trace[f"residual.apart_{name}"].values < 1e-9 for name in ("input", "without", "with"))


def test_activations_and_their_counts(traced: tuple[Example, Trace]) -> None:
    example, trace = traced
    hidden = trace["encoder.1.feed_forward.hidden"].values
    np.testing.assert_array_equal(trace["feed_forward.relu"].values, trace["encoder.1.feed_forward.activated"].values)
    words = hidden[[token != "[PAD]" for token in example.rows]]
    assert trace["feed_forward.negative_total"].values == (words < 0).sum()
    assert trace["feed_forward.share"].values == pytest.approx((words < 0).mean())
    row, place = (int(trace[f"feed_forward.{name}"].values) for name in ("row", "place"))
    assert trace["feed_forward.gelu"].values[row, place] == trace["feed_forward.gelu"].values[row].min()


@pytest.mark.parametrize("activation", ["gelu", "gelu_tanh"])
def test_a_model_with_gelu_has_relu_as_the_other(activation: str) -> None:
    trace = written(f'sentence = "a b c"\nmodel.activation = "{activation}"')
    activated = trace["encoder.1.feed_forward.activated"].values
    np.testing.assert_array_equal(trace["feed_forward.gelu"].values, activated)
    other = trace["feed_forward.relu"].values @ trace["encoder.1.feed_forward.w_2"].values
    np.testing.assert_allclose(
        trace["feed_forward.other_output"].values, other + trace["encoder.1.feed_forward.b_2"].values, atol=1e-12
    )
