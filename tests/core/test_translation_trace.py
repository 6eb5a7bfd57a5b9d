"""The likeliest words of every row, the row worth talking about, and where the decoder looks."""

from __future__ import annotations

import numpy as np
import pytest

from core.examples.example import join_tokens, load_example, parse_example
from core.trace.pipeline import trace_example
from core.trace.tensor import Tensor
from core.trace.translation import crossing_looks, likeliest, looks_named, percent_decimals, telling_row, words_told


def test_the_likeliest_come_first_and_ties_keep_their_order() -> None:
    rows = np.array([[0.1, 0.3, 0.05, 0.3, 0.05, 0.1, 0.1]])
    assert likeliest(rows).tolist() == [[1, 3, 0, 5, 6]]


def test_a_small_vocabulary_is_listed_whole() -> None:
    assert likeliest(np.array([[0.2, 0.5, 0.3]])).tolist() == [[1, 2, 0]]


@pytest.mark.parametrize("name", ["default", "translation-zh-en", "translation-en-zh"])
@pytest.mark.parametrize("topic", ["output", "translation"])
def test_shares_are_those_of_the_words_and_make_up_the_whole(name: str, topic: str) -> None:
    trace = trace_example(load_example(name))
    probabilities = trace["probabilities" if topic == "output" else "translation.probabilities"].values
    ids, shares = trace[f"{topic}.candidates"].values.astype(int), trace[f"{topic}.shares"].values
    np.testing.assert_allclose(shares[:, : ids.shape[1]], np.take_along_axis(probabilities, ids, axis=-1))
    np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-12)
    np.testing.assert_allclose(trace[f"{topic}.percentages"].values, 100 * shares)
    assert (np.diff(shares[:, : ids.shape[1]], axis=-1) <= 0).all()


def test_what_is_said_is_the_first_candidate() -> None:
    trace = trace_example(load_example("translation-zh-en"))
    np.testing.assert_array_equal(trace["translation.candidates"].values[:, 0], trace["translation.token_ids"].values)


def test_percentages_tell_the_least_sure_from_certainty() -> None:
    assert percent_decimals(np.array([0.5, 1.0])) == 0
    assert percent_decimals(np.array([0.998, 1.0])) == 1
    assert percent_decimals(np.array([1.0])) == 1


def test_the_telling_row_is_right_and_has_the_strongest_runner_up() -> None:
    rows = np.array([[0.5, 0.5, 0.0], [0.9, 0.05, 0.05], [0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.5, 0.5, 0.0]])
    assert telling_row(rows, np.array([0, 0, 0, 0, 0])) == 2
    assert telling_row(rows, np.array([2, 2, 2, 2, 2])) == 1
    assert telling_row(rows[:1], np.array([0])) == 0
    assert telling_row(rows[:2], np.array([0, 1])) == 0


def test_looks_are_the_cross_attention() -> None:
    trace = trace_example(load_example("translation-zh-en"))
    np.testing.assert_array_equal(trace["translation.looks"].values, trace["translation.cross_attention"].values)
    assert trace["translation.looks"].axis_labels("keys") == trace["memory"].axis_labels("tokens")


def test_without_an_encoder_looks_are_those_at_the_sentence(tmp_path) -> None:
    text = 'sentence = "The robot stopped"\n[model]\nkind = "decoder-only"\n'
    trace = trace_example(parse_example(text, tmp_path / "example.toml"))
    looks = trace["translation.looks"]
    assert looks.shape == (len(trace["translation.token_ids"].values), 3)
    assert (looks.values.sum(axis=-1) <= 1).all()
    last = max(int(name.split(".")[1]) for name in trace if name.startswith("decoder.") and name[8].isdigit())
    heads = trace[f"decoder.{last}.self_attention.heads.weights"].values  # (heads, queries, keys)
    np.testing.assert_allclose(looks.values[0], heads.mean(axis=0)[3, 1:4])


def test_looks_cross_where_the_later_word_looks_further_left() -> None:
    straight = np.array([[0.9, 0.1, 0.0], [0.0, 0.6, 0.4]])
    assert crossing_looks(straight) is None
    assert crossing_looks(straight[::-1]) == ((0, 1), (1, 0))
    assert crossing_looks(np.array([[0.5, 0.0, 0.5], [0.0, 1.0, 0.0]])) == ((0, 2), (1, 1))
    assert crossing_looks(np.array([[0.2, 0.8], [0.2, 0.8]])) is None


def test_a_second_look_is_named_where_it_is_nearly_as_large_and_at_another_word() -> None:
    def looks(*row: float, words: tuple[str, ...] = ("a", "dog", "a")) -> Tensor:
        return Tensor("looks", np.array([row]), ("steps", "keys"), {"keys": words})

    assert looks_named(looks(0.4, 0.5, 0.1), 0) == [1, 0]
    assert looks_named(looks(0.2, 0.7, 0.1), 0) == [1]
    assert looks_named(looks(0.5, 0.0, 0.5), 0) == [0]


def test_a_translation_without_an_end_is_told_in_its_first_words() -> None:
    assert words_told(("a",) * 20) == 8
    assert words_told(("a",) * 3) == 3
    assert words_told((*("a",) * 18, "[END]")) == 19


@pytest.mark.parametrize(
    ("text", "shipped", "asks"),
    [
        ('sentence = "a cat saw a dog"\n[model]\nfile = "translator"\n', "translator", False),
        ('sentence = "a cat"\ntarget = "a dog"\n', "", True),
        ('sentence = "a cat"\n', "", False),
    ],
)
def test_an_example_knows_whose_model_it_has_and_whether_it_gives_a_target(
    text: str, shipped: str, asks: bool, tmp_path
) -> None:
    example = parse_example(text, tmp_path / "example.toml")
    assert (example.shipped, example.asks) == (shipped, asks)


def test_no_tokens_are_an_empty_text() -> None:
    assert join_tokens(()) == ""
    assert join_tokens(("I", "trained", "一个", "model")) == "I trained 一个 model"
