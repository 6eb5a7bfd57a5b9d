"""The trace of an example: complete, consistent with the core, and true to what the shipped examples promise."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from turn import turn

from core.examples.example import Example, load_example, parse_example, shipped_examples
from core.model.attention import attention, multi_head_attention
from core.model.embedding import sinusoidal_positions
from core.model.masks import as_additive, causal_mask, padding_mask
from core.model.softmax import softmax
from core.model.special_tokens import PAD
from core.trace import Quotient, Reading, Tensor, Trace, decimals_needed
from core.trace.pipeline import FILL, main_mask, padded_batch, trace_example

ALWAYS = re.findall(
    r"\S+",
    """
token_ids embedding_table embedded x w_q w_k w_v q k v k_transposed scores sqrt_d_k scaled_scores mask masked_scores
softmax.max softmax.shifted softmax.exponentials softmax.sum weights context weights.row_sums weighted_values
heads.w_q heads.w_k heads.w_v heads.q heads.k heads.v heads.k_transposed heads.scores heads.sqrt_d_k
heads.scaled_scores heads.masked_scores heads.weights heads.context concat w_o heads.w_o
heads.contributions multi_head_output heads.multiplications
scaling.d_k scaling.samples scaling.variance scaling.bin_edges scaling.growth scaling.histogram scaling.sqrt_d_k
scaling.ticks scaling.scaled_ticks scaling.scaled_bin_edges scaling.deviation scaling.scaled_variance
scaling.scaled_deviation scaling.rows_scores scaling.rows_scaled scaling.rows_weights scaling.rows_weights_growth
scaling.rows_gradients scaling.rows_gradients_growth scaling.saturated_share scaling.mean_gradient
scaling.keys_scores scaling.keys_scaled scaling.saturated_weights scaling.saturated_gradients scaling.scaled_weights
scaling.scaled_score_gradients scaling.scaled_gradients scaling.curve scaling.gradient_curve
padding.token_ids padding.lengths padding.sentence_0 padding.embedded_0 padding.sentence_1 padding.embedded_1
padding.sentence
padding.x padding.q padding.k padding.v padding.scores padding.scaled_scores padding.mask padding.masked_scores
padding.weights padding.row_sums padding.unmasked_weights padding.late_mask_weights padding.late_mask_row_sums
combined.mask combined.masked_scores combined.weights causal.mask causal.masked_scores causal.weights causal.row_sums
causal.unmasked_weights fully_masked.scores fully_masked.weights fully_masked.filled_weights
fully_masked.added_scores fully_masked.added_weights
""",
)


def example_of(text: str) -> Example:
    return parse_example(text, "x.toml")


def trace_of(text: str) -> Trace:
    return trace_example(example_of(text))


def assert_consistent(example: Example, trace: Trace) -> None:
    """Everything recomputed from the example alone, by the functions of the core."""
    values = {name: tensor.values for name, tensor in trace.items()}
    bias = {name: getattr(example, name) for name in ("b_q", "b_k", "b_v", "b_o")}
    rows = len(example.rows)
    x = example.embedding_table[[example.vocabulary.index(token) for token in example.rows]]
    if example.positions:
        x = x + sinusoidal_positions(rows, example.d_model)
    many = multi_head_attention(
        x,
        None,
        example.w_q,
        example.w_k,
        example.w_v,
        example.w_o,
        heads=example.heads,
        mask=main_mask(example),
        **bias,
    )
    one = attention(many.q, many.k, many.v, mask=main_mask(example))
    expected = {
        "x": x,
        "q": many.q,
        "k": many.k,
        "v": many.v,
        "scores": one.scores,
        "scaled_scores": one.scaled,
        "mask": as_additive(main_mask(example)),
        "masked_scores": one.masked,
        "weights": one.weights,
        "context": one.output,
        "weighted_values": one.weights[:, :, None] * many.v,
        "heads.q": many.heads.q,
        "heads.scores": many.heads.scores,
        "heads.weights": many.heads.weights,
        "heads.context": many.heads.output,
        "heads.contributions": many.heads.output @ example.w_o.reshape(example.heads, -1, example.d_model),
        "concat": many.concat,
        "multi_head_output": many.output,
        "causal.weights": attention(many.q, many.k, many.v, causal=True).weights,
        "causal.unmasked_weights": softmax(one.scaled),
    }
    for name, array in expected.items():
        np.testing.assert_allclose(
            values[name], array, rtol=0, atol=1e-9 * max(1, float(np.abs(x).max())), err_msg=name
        )


def assert_sound(example: Example, trace: Trace) -> None:
    """What holds for every trace: names, labels, decimals, products, probabilities."""
    assert [name for name in trace if name in ALWAYS] == ALWAYS
    for name, tensor in trace.items():
        assert tensor.name == name
        assert tensor.values.dtype == np.float64
        assert not np.isnan(tensor.values).any(), name
        assert 0 <= tensor.decimals <= max(2, example.decimals)
        if set(tensor.axes) & {"tokens", "queries", "keys"} and name not in UNLABELLED:
            assert tensor.labels, name
        if tensor.product:
            left, right = (trace[operand].values for operand in tensor.product)
            finite = np.isfinite(tensor.values)
            np.testing.assert_allclose(
                (left @ right)[finite], tensor.values[finite], rtol=1e-9, atol=1e-9, err_msg=name
            )
            if tensor.values.size:
                last = tuple(length - 1 for length in tensor.shape)
                opened = trace.explain(name, *last)
                total = sum(a.value * b.value for a, b in zip(opened.left, opened.right, strict=True))
                assert total == pytest.approx(opened.total.value, rel=1e-9, abs=1e-9)
    for name in ("weights", "heads.weights", "causal.weights", "padding.weights", "combined.weights"):
        weights = trace[name]
        sums = weights.values.sum(axis=-1)
        assert weights.decimals == example.decimals
        assert (weights.values >= 0).all()
        if example.mask != "literal":
            np.testing.assert_allclose(sums, 1, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(trace["weights"].values.sum(-1), trace["weights.row_sums"].values)


UNLABELLED = {
    *("padding.token_ids", "scaling.keys_scores", "scaling.keys_scaled", "scaling.rows_scores", "scaling.rows_scaled"),
    "scaling.scaled_score_gradients",
    *(f"scaling.{state}_{kind}" for state in ("saturated", "scaled") for kind in ("weights", "gradients")),
    *(f"output.{kind}" for kind in ("expected_probability", "candidates", "shares", "percentages")),
}


# --- every shipped example --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped_examples())
def test_shipped_examples(name: str) -> None:
    example = load_example(name)
    trace = trace_example(example)
    assert_sound(example, trace)
    assert_consistent(example, trace)


COMPLETED = tuple(name for name in shipped_examples() if load_example(name).loaded is None)


@pytest.mark.parametrize("name", [name for name in COMPLETED if not load_example(name).positions])
def test_early_products_of_shipped_examples_print_exactly(name: str) -> None:
    trace = trace_example(load_example(name))
    for step in ("x", "w_q", "w_k", "w_v", "q", "k", "v", "w_o"):
        tensor = trace[step]
        assert np.allclose(tensor.values, np.round(tensor.values, tensor.decimals), rtol=0, atol=1e-9), step


@pytest.mark.parametrize("name", COMPLETED)
def test_no_row_of_a_shipped_example_is_flat_or_all_on_one(name: str) -> None:
    example = load_example(name)
    weights = trace_example(example)["weights"].values
    for row in weights[: len(example.tokens)]:
        seen = row[row > 0]
        if len(seen) > 1:
            assert 1.1 / len(seen) < row.max() < 0.95, row


# --- the default example ----------------------------------------------------------------------------------------------


def test_it_looks_at_the_robot() -> None:
    trace = trace_example(load_example("default"))
    tokens = trace["weights"].labels["keys"]
    row = trace["weights"].values[tokens.index("it")]
    assert tokens[int(row.argmax())] == "robot"
    assert 0.6 <= row.max() <= 0.75


def test_every_word_of_the_default_has_a_sensible_favourite() -> None:
    weights = trace_example(load_example("default"))["weights"]
    tokens = weights.labels["keys"]
    favourites = [(word, tokens[column]) for word, column in zip(tokens, weights.values.argmax(axis=1), strict=True)]
    assert favourites == [
        ("the", "robot"),
        ("robot", "dropped"),
        ("dropped", "cup"),
        ("the", "robot"),
        ("cup", "dropped"),
        ("because", "dropped"),
        ("it", "robot"),
        ("overheated", "it"),
    ]
    because = weights.part(tokens.index("because"))
    assert because.at(tokens.index("dropped")).text == because.at(tokens.index("overheated")).text
    assert tokens[np.argsort(weights.values[tokens.index("it")])[-2]] == "cup"


def test_the_default_speaks_two_languages_with_the_same_numbers() -> None:
    english, chinese = (
        {name: tensor for name, tensor in trace_example(load_example(example)).items() if not _told(name)}
        for example in ("default", "default-zh")
    )
    assert list(english) == list(chinese)
    order = _places(english["token_ids"].values, chinese["token_ids"].values)
    for name, tensor in english.items():
        expected = chinese[name].values
        if name == "embedding_table":
            expected = expected[order]
        if name in ("token_ids", "padding.token_ids") or name.startswith("padding.sentence_"):
            np.testing.assert_array_equal(order[tensor.values.astype(int)], expected)
        else:
            np.testing.assert_array_equal(tensor.values, expected)
        assert tensor.decimals == chinese[name].decimals
    assert load_example("default-zh").language == "zh"
    assert load_example("default").titles == load_example("default-zh").titles


def _places(ids: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Where the other vocabulary, which is in the order of its own language, has each word; [PAD] is last in both."""
    places = dict(zip(ids.astype(int), others.astype(int), strict=True))
    assert sorted(places) == sorted(places.values()) == list(range(len(places)))
    return np.array([*(places[place] for place in range(len(places))), len(places)])


def _told(name: str) -> bool:
    """Whether it is told of the translator in the reader's own language, by other sentences."""
    return name.startswith("trained_without.")


def test_the_defaults_scores_print_exactly() -> None:
    trace = trace_example(load_example("default"))
    for name in ("scores", "scaled_scores", "softmax.max", "softmax.shifted"):
        tensor = trace[name]
        assert np.allclose(tensor.values, np.round(tensor.values, 2), rtol=0, atol=1e-9), name


def test_the_defaults_heads_differ() -> None:
    first, second = trace_example(load_example("default"))["heads.weights"].values
    assert (np.abs(first - second).sum(axis=1) / 2 > 0.15).all()


def test_the_default_has_natural_padding() -> None:
    trace = trace_example(load_example("default"))
    assert trace["padding.lengths"].values.tolist() == [8, 5]
    assert trace["padding.x"].labels["tokens"][5:] == (PAD, PAD, PAD)


# --- parts of the trace -----------------------------------------------------------------------------------------------


def test_the_main_sentence_is_padded_with_its_batch() -> None:
    trace = trace_example(load_example("padded-batch"))
    tokens = trace["weights"].labels["keys"]
    real = sum(token != PAD for token in tokens)
    assert real < len(tokens)
    assert (trace["weights"].values[:, real:] == 0).all()
    assert (trace["mask"].values[:, real:] == -np.inf).all()
    assert (trace["mask"].values[:, :real] == 0).all()
    for name in ("x", "q", "scores", "masked_scores", "weights", "mask"):
        np.testing.assert_array_equal(trace[name].values, trace[f"padding.{name}"].values)


def test_padding_changes_no_real_row() -> None:
    short = trace_of('sentences = ["a b", "a b c d"]')
    np.testing.assert_allclose(short["padding.weights"].values[:2, :2], short["weights"].values, rtol=0, atol=1e-12)
    assert short["padding.late_mask_row_sums"].values.max() < 1
    np.testing.assert_allclose(short["padding.unmasked_weights"].values.sum(-1), 1)
    assert (short["padding.late_mask_weights"].values[:, 2:] == 0).all()


@pytest.mark.parametrize(
    ("text", "lengths", "chosen"),
    [
        ('sentence = "a b c d e f"', [6, 4], 1),
        ('sentence = "a b"', [2, 1], 1),
        ('sentence = "a"', [2, 1], 1),
        ('sentences = ["a b c", "a", "b c"]', [3, 1, 2], 1),
        ('sentences = ["a b c", "a", "b c"]\nshow = 3', [3, 1, 2], 2),
        ('sentences = ["a b", "c d"]\nshow = 2', [2, 1], 1),
    ],
)
def test_there_is_always_padding_to_show(text: str, lengths: list[int], chosen: int) -> None:
    trace = trace_of(text)
    assert trace["padding.lengths"].values.tolist() == lengths
    assert trace["padding.sentence"].values == chosen
    assert PAD in trace["padding.weights"].labels["keys"]
    assert len(padded_batch(example_of(text))) == len(lengths)


def test_masks() -> None:
    text = 'sentences = ["a b", "a b c"]\nmask = "{}"'
    open_, shut = 0.0, -np.inf
    assert trace_of(text.format("none"))["mask"].values.tolist() == [[open_, open_], [open_, open_]]
    assert trace_of(text.format("causal"))["mask"].values.tolist() == [[open_, shut], [open_, open_]]
    assert trace_of(text.format("padding"))["mask"].values.tolist() == [[open_, open_, shut]] * 3
    both = [[open_, shut, shut], [open_, open_, shut], [open_, open_, shut]]
    assert trace_of(text.format("both"))["mask"].values.tolist() == both
    combined = trace_of(text.format("none"))["combined.mask"].values
    np.testing.assert_array_equal(combined == 0, causal_mask(3) & padding_mask([2], 3))


def test_a_query_that_may_look_at_nothing() -> None:
    trace = trace_of('sentence = "a b"\nmask = [[0, 0], [1, 1]]')
    assert trace["weights"].values[0].tolist() == [0, 0]
    assert trace["weights.row_sums"].values.tolist() == [0, pytest.approx(1)]
    assert trace["context"].values[0].tolist() == [0, 0, 0, 0]
    assert trace["softmax.max"].at(0).text == "−∞"
    assert trace["fully_masked.weights"].values.tolist() == [[0, 0]]
    assert trace["fully_masked.filled_weights"].values.tolist() == [[0.5, 0.5]]
    query, _ = trace.telling_pair()
    unmasked = softmax(trace["scaled_scores"].values[[query]])
    np.testing.assert_allclose(trace["fully_masked.added_weights"].values, unmasked, atol=1e-6)
    assert FILL == -1e9


def test_biases_and_positions_have_their_steps() -> None:
    text = (
        'sentence = "a b"\npositions = true\n[weights]\nb_q = [1, 0, 0, 0]\nb_v = [0, 1, 0, 0]\nb_o = [0, 0, 0, 1]\n'
        "b_k = [0, 0, 2, 0]"
    )
    trace = trace_of(text)
    names = list(trace)
    for name in ("q", "k", "v"):
        assert trace[name].product is None
        assert trace[f"heads.{name}"].product is None
        assert trace[f"{name}_product"].product == ("x", f"w_{name}")
        np.testing.assert_array_equal(trace[name].values, trace[f"{name}_product"].values + trace[f"b_{name}"].values)
        assert names.index(f"{name}_product") < names.index(f"b_{name}") < names.index(name)
    assert trace["multi_head_output"].product is None
    assert trace["multi_head_output_product"].product == ("concat", "w_o")
    np.testing.assert_array_equal(trace["x"].values, trace["embedded"].values + trace["positions"].values)
    assert_consistent(example_of(text), trace)
    assert "positions" not in trace_of('sentence = "a b"')
    assert "b_q" not in trace_of('sentence = "a b"')


def test_the_heads_share_the_work() -> None:
    trace = trace_of('sentence = "a b c"\nd_model = 6\nheads = 3')
    assert trace["heads.w_q"].shape == (3, 6, 2)
    assert np.array_equal(trace["heads.w_q"].part(1).values, trace["w_q"].values[:, 2:4])
    np.testing.assert_allclose(trace["heads.scores"].values.sum(axis=0), trace["scores"].values, rtol=0, atol=1e-12)
    assert trace["sqrt_d_k"].at().value == pytest.approx(6**0.5)
    assert trace["heads.sqrt_d_k"].at().value == pytest.approx(2**0.5)


def test_decimals() -> None:
    trace = trace_of('sentence = "a b"\ndecimals = 3\nembeddings = [[1, 2], [3, 4]]')
    assert trace["x"].decimals == 0
    assert trace["weights"].decimals == 3
    assert trace["token_ids"].decimals == 0
    assert decimals_needed(trace["q"].values, 3) == trace["q"].decimals


# --- the limits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'sentence = "a"\nd_model = 2\nheads = 1',
        'sentence = "a"\nd_model = 3',
        'sentence = "a a a"',
        f'sentence = "{" ".join(f"w{i}" for i in range(16))}"\nd_model = 512\nheads = {(8, 512)[turn() % 2]}',
        'sentence = "a b c d e"\nd_model = 7\nheads = 3\nd_k = 5\nd_v = 2\npositions = true\ndecimals = 0',
        'sentence = "a b"\nd_model = 4\ndecimals = 4\nmask = "both"',
        'sentence = "a b"\nembeddings = [[1e6, -1e6], [-1e6, 1e6]]',
        'sentence = "a b"\nembeddings = [[0, 0], [0, 0]]',
    ],
)
def test_limits(text: str) -> None:
    example = example_of(text)
    trace = trace_example(example)
    assert_sound(example, trace)
    assert_consistent(example, trace)


def test_a_vector_as_a_matrix_keeps_its_addresses() -> None:
    trace = trace_example(load_example("default"))
    lying, standing = trace["weights"].line(2), trace["weights"].line(2, standing=True)
    assert lying.shape == (1, 8) and standing.shape == (8, 1)
    assert lying.at(0, 5) == standing.at(5, 0) == trace["weights"].at(2, 5)
    assert trace["weights.row_sums"].line(standing=True).at(3, 0) == trace["weights.row_sums"].at(3)
    assert lying.axis_labels("keys") == trace["weights"].axis_labels("keys")


def test_the_telling_query_is_not_padding() -> None:
    trace = trace_example(load_example("padded-batch"))
    query, key = trace.telling_pair()
    assert trace["weights"].axis_labels("queries")[query] != PAD != trace["weights"].axis_labels("keys")[key]


WORDS = st.lists(st.sampled_from(["The", "robot", "it", "机器人", "ü", "x" * 40]), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    batch=st.lists(WORDS, min_size=1, max_size=3),
    heads=st.integers(1, 3),
    d_k=st.integers(1, 4),
    d_v=st.integers(1, 4),
    d_model=st.integers(2, 6),
    decimals=st.integers(0, 4),
    mask=st.sampled_from(["none", "padding", "causal", "both"]),
    positions=st.booleans(),
)
def test_any_small_example(
    batch: list[list[str]], heads: int, d_k: int, d_v: int, d_model: int, decimals: int, mask: str, positions: bool
) -> None:
    example = example_of(
        f"sentences = {batch!r}\nheads = {heads}\nd_k = {d_k}\nd_v = {d_v}\nd_model = {d_model}\n"
        f'decimals = {decimals}\nmask = "{mask}"\npositions = {str(positions).lower()}'
    )
    trace = trace_example(example)
    assert_sound(example, trace)
    assert_consistent(example, trace)


@pytest.mark.parametrize("sizes", ["", "heads = 1", "heads = 4", "heads = 3\nd_k = 5\nd_v = 2"])
def test_many_narrow_heads_take_as_many_multiplications_as_a_wide_one(sizes: str) -> None:
    trace = trace_of(f'sentence = "one two three"\n{sizes}')
    heads, queries, d_k = trace["heads.q"].shape
    d_v = trace["heads.v"].shape[-1]
    counted = [sum(1 for _ in np.ndindex(heads, queries, queries, width)) for width in (d_k, d_v)]
    np.testing.assert_array_equal(trace["heads.multiplications"].values, [counted, counted])


def with_head_weights(rows: list[list[float]]) -> Trace:
    values = np.array(rows)[:, None, :]  # (heads, queries = 1, keys)
    return Trace({"heads.weights": Tensor("heads.weights", values, ("heads", "queries", "keys"))})


def test_two_heads_look_at_different_keys_with_the_most_weight() -> None:
    assert with_head_weights([[0.2, 0.8], [0.1, 0.9], [0.6, 0.4], [0.7, 0.3]]).views("heads.weights", 0).heads == (1, 3)
    assert with_head_weights([[0.2, 0.8], [0.1, 0.9]]).views("heads.weights", 0).heads == (0, 1)
    assert with_head_weights([[0.2, 0.8]]).views("heads.weights", 0).heads == (0, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "result", "closes"),
    [(5.0, 2.0, 2.5, True), (8.625, 2.0, 4.3125, True), (2.0625, 1.0, 2.0625, True), (1.0, 3.0, 1 / 3, False)],
)
def test_a_quotient_closes_where_its_printed_numbers_do(
    numerator: float, denominator: float, result: float, closes: bool
) -> None:
    readings = [Reading("x", (), value, 2) for value in (numerator, denominator, result)]
    assert Quotient(*readings).closes is closes
