"""What differs between two examples: the fields, the printed numbers, and examples with something changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.examples.changes import WITHOUT, Change, changed, changes, without
from core.examples.example import Example, ExampleError, load_example, parse_example
from core.trace import Tensor
from core.trace.difference import Difference
from core.trace.pipeline import trace_example

MODEL = 'sentence = "我 买 书"\n[model]\nfile = "translator"\n'
EXACT = 1e-12


def example(text: str = 'sentence = "a b c"\nmask = "causal"\nheads = 2', path: str = "x.toml") -> Example:
    return parse_example(text, path)


def matrix(values: list[list[float]], decimals: int = 1) -> Tensor:
    return Tensor("scores", np.array(values), ("queries", "keys"), decimals=decimals)


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_difference_is_that_of_the_printed_numbers() -> None:
    apart = Difference(matrix([[1.04, 2.0], [-np.inf, 0.3]]), matrix([[1.01, 2.26], [-np.inf, -0.3]]))
    assert np.allclose(apart.values, [[0.0, 0.3], [0.0, -0.6]])
    assert apart.differs.tolist() == [[False, True], [False, True]]
    assert apart.count == 2
    assert apart.largest_of(apart.differs) == (1, 1)
    before, after, difference = apart.at(1, 1)
    assert (before.text, after.text, difference.text) == ("0.3", "−0.3", "−0.6")
    assert apart.largest_of(np.array([[True, True], [True, False]])) == (0, 1)


def test_a_finite_difference_is_told_before_one_from_minus_infinity() -> None:
    before, after = matrix([[1.0, 2.0]]), matrix([[-np.inf, 2.5]])
    apart = Difference(before, after)
    assert apart.count == 2
    assert apart.largest_of(apart.differs) == (0, 1)
    assert Difference(before, matrix([[-np.inf, 2.0]])).largest_of(np.ones((1, 2), dtype=bool)) == (0, 0)


def test_two_shapes_have_no_difference() -> None:
    with pytest.raises(ValueError, match=r"\(1, 2\) and \(1, 1\)"):
        Difference(matrix([[1, 2]]), matrix([[1]]))


def test_what_stands_side_by_side_shares_scale_and_decimals() -> None:
    one = trace_example(example())
    other = trace_example(without(example(), "scaling"))
    beside = one.shown_beside(other)
    for name in ("scaled_scores", "heads.scaled_scores"):
        alone = one[name].largest
        assert beside[name].largest == max(alone, other[name].largest) > alone
        assert beside[name].part(1).largest == max(one[name].part(1).largest, other[name].part(1).largest)
        assert beside[name].decimals == max(one[name].decimals, other[name].decimals)
        assert np.array_equal(beside[name].values, one[name].values)


# --- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"mask": "none"}, Change("mask", "causal", "none")),
        ({"heads": 1}, Change("heads", 2, 1)),
        ({"positions": True}, Change("positions", False, True)),
        ({"scale": False}, Change("scale", True, False)),
        ({"decimals": 3}, Change("decimals", 2, 3)),
    ],
)
def test_a_change_changes_that_alone(change: dict[str, Any], found: Change) -> None:
    assert changes(example(), changed(example(), change)) == (found,)


def test_a_weight_is_counted_from_one() -> None:
    one = example()
    other = changed(one, {"weights.w_q[2][1]": 7.5})
    assert changes(one, other) == (Change("weights.w_q", one.w_q[1, 0], 7.5, (1, 0)),)
    assert other.w_q[1, 0] == 7.5


def test_a_number_of_an_embedding_is_changed_by_its_word() -> None:
    given = 'tokens = ["b", "a"]\nembeddings = [[1, 2], [3, 4]]'
    for one in (example(), example(given)):
        other = changed(one, {"embeddings.a[2]": -5})
        assert [change.field for change in changes(one, other)] == ["embeddings.a"]
        assert other.embedding_table[other.vocabulary.index("a"), 1] == -5


def test_nothing_differs_between_an_example_and_itself() -> None:
    assert changes(example(), example(path="y.toml")) == ()


def test_without_takes_away_what_is_there() -> None:
    full = example('sentence = "a b c"\nmask = "causal"\npositions = true')
    for name in WITHOUT:
        (change,) = changes(full, without(full, name))
        assert change.field == next(iter(WITHOUT[name]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"maks": "none"}, r"maks: found an unknown field; .*did you mean mask\?"),
        ({"weights.w_q[9][1]": 1}, r"weights\.w_q\[9\]\[1\]: found \[9\]\[1\]; allowed: \[1 to 4\]\[1 to 4\]"),
        ({"weights.w_qq[1][1]": 1}, r'found "w_qq" below weights; .*did you mean w_q\?'),
        ({"weights.w_q[1][1]": "x"}, r'found "x"; allowed: a number'),
        ({"embeddings.z[1]": 1}, r'found "z" below embeddings'),
        ({"heads": 3}, r"found 3; allowed"),
    ],
)
def test_what_cannot_be_changed_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExampleError, match=message):
        changed(example(), change)


def test_what_is_not_there_cannot_be_left_out() -> None:
    with pytest.raises(ExampleError, match=r'found "positions", which it does not have; allowed: "scaling", "mask"'):
        without(example(), "positions")
    with pytest.raises(ExampleError, match=r'found "scalin"; .*did you mean "scaling"\?'):
        without(example(), "scalin")


def test_a_trained_model_keeps_its_weights() -> None:
    trained = example(MODEL)
    with pytest.raises(ExampleError, match=r"found a weight of a trained model"):
        changed(trained, {"weights.w_q[1][1]": 0})
    with pytest.raises(ExampleError, match=r"scale: found a value beside model\.file"):
        changed(trained, {"scale": False})


# --- without the scaling ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["default", "by-hand", "padded-batch", str(Path("tests/scenes/families/ties.toml"))])
def test_without_the_scaling_every_number_is_made_of_scores_as_they_are(name: str) -> None:
    trace = trace_example(without(load_example(name), "scaling"))
    for lead, mask in (("", "mask"), ("heads.", "mask"), ("padding.", "padding.mask")):
        assert np.array_equal(trace[f"{lead}scaled_scores"].values, trace[f"{lead}scores"].values)
        kind = trace[f"{lead}scaled_scores"].origin
        assert kind is not None
        assert kind.kind == "copy"
        raised = np.exp(trace[f"{lead}scores"].values + trace[mask].values)
        weights = raised / raised.sum(axis=-1, keepdims=True)
        assert np.allclose(trace[f"{lead}weights"].values, weights, atol=EXACT, rtol=0)
    for name in trace:
        assert np.allclose(trace.recomputed(name), trace[name].values, atol=1e-9, rtol=0), name
