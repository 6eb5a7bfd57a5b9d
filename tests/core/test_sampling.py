"""Sampling: what temperature, top-k and top-p keep, and that words are drawn as often as they are probable."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.model.sampling import Sampling, heat, pick, ranks, sampling_steps, throws, top_k, top_p
from core.model.softmax import softmax

EXAMPLES = settings(deadline=None, max_examples=60, derandomize=True)
logits = hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 7)), elements=st.floats(-8, 8))
KINDS = st.builds(Sampling, st.floats(0.1, 4), st.none() | st.integers(1, 8), st.none() | st.floats(0.01, 1))


@EXAMPLES
@given(logits, KINDS)
def test_what_is_kept_sums_to_one_in_the_same_proportions(x: np.ndarray, sampling: Sampling) -> None:
    steps = sampling_steps(x, sampling)
    np.testing.assert_allclose(steps.output.sum(axis=-1), 1, rtol=0, atol=1e-12)
    assert (steps.output[~steps.by_p] == 0).all()
    assert not (steps.by_p & ~steps.by_k).any()
    np.testing.assert_allclose(steps.probabilities, softmax(x / sampling.temperature), rtol=0, atol=1e-12)
    kept = np.where(steps.by_p, steps.probabilities, 0)
    np.testing.assert_allclose(steps.output * kept.sum(axis=-1, keepdims=True), kept, rtol=0, atol=1e-12)


@EXAMPLES
@given(logits, st.integers(1, 8))
def test_top_k_keeps_the_k_likeliest(x: np.ndarray, k: int) -> None:
    probabilities = softmax(x)
    kept = top_k(probabilities, k)
    assert (kept.sum(axis=-1) == min(k, x.shape[-1])).all()
    for row, keeps in zip(probabilities, kept, strict=True):
        assert keeps.all() or row[keeps].min() >= row[~keeps].max()


@EXAMPLES
@given(logits, st.floats(0.01, 1))
def test_top_p_keeps_the_fewest_that_reach_p(x: np.ndarray, p: float) -> None:
    probabilities = softmax(x)
    for row, keeps in zip(probabilities, top_p(probabilities, p), strict=True):
        assert row[keeps].sum() >= p - 1e-9
        assert row[keeps].sum() - row[keeps].min() < p
        assert keeps.all() or row[keeps].min() >= row[~keeps].max()


@EXAMPLES
@given(logits, st.floats(0.1, 0.9))
def test_a_lower_temperature_sharpens(x: np.ndarray, temperature: float) -> None:
    sharp, plain, flat = (softmax(heat(x, t)).max(axis=-1) for t in (temperature, 1, 1 / temperature))
    assert (sharp >= plain - 1e-12).all()
    assert (plain >= flat - 1e-12).all()


@EXAMPLES
@given(logits)
def test_temperature_0_always_takes_the_likeliest(x: np.ndarray) -> None:
    output = sampling_steps(x, Sampling(temperature=0)).output
    np.testing.assert_array_equal(output.argmax(axis=-1), x.argmax(axis=-1))
    np.testing.assert_array_equal(output.sum(axis=-1), output.max(axis=-1))


@EXAMPLES
@given(logits)
def test_by_default_nothing_changes(x: np.ndarray) -> None:
    np.testing.assert_array_equal(sampling_steps(x).output, softmax(x))


@settings(deadline=None, max_examples=20, derandomize=True)
@given(hnp.arrays(np.float64, 5, elements=st.floats(-3, 3)), KINDS, st.integers(0, 2**32))
def test_words_are_drawn_as_often_as_they_are_probable(x: np.ndarray, sampling: Sampling, seed: int) -> None:
    """Of 4000 throws, within 5 standard deviations; a word that is not kept never."""
    output, count = sampling_steps(x, sampling).output, 4000
    words = pick(np.broadcast_to(output, (count, 5)), throws(seed, count))
    often = np.bincount(words, minlength=5) / count
    deviation = np.sqrt(output * (1 - output) / count)
    assert (np.abs(often - output) <= 5 * deviation + 1e-12).all()


@EXAMPLES
@given(logits, st.floats(0, 1, exclude_max=True))
def test_a_throw_falls_into_the_word_it_falls_into(x: np.ndarray, thrown: float) -> None:
    probabilities = softmax(x)
    for row, word in zip(probabilities, pick(probabilities, np.full(len(x), thrown)), strict=True):
        assert row[:word].sum() <= thrown + 1e-12
        assert row[: word + 1].sum() > thrown - 1e-12


def test_by_hand() -> None:
    probabilities = np.array([0.1, 0.4, 0.2, 0.25, 0.05])
    assert top_k(probabilities, 2).tolist() == [False, True, False, True, False]
    assert top_p(probabilities, 0.65).tolist() == [False, True, False, True, False]
    assert top_p(probabilities, 0.66).tolist() == [False, True, True, True, False]
    assert top_p(probabilities, 1.0).all()
    assert ranks(probabilities).tolist() == [3, 0, 2, 1, 4]
    steps = sampling_steps(np.log(probabilities), Sampling(top_k=3, top_p=0.7))
    np.testing.assert_allclose(steps.output, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0], rtol=0, atol=1e-12)
    assert [int(pick(probabilities, thrown)) for thrown in (0, 0.0999, 0.1, 0.4999, 0.5, 0.7, 0.95, 0.999)] == [
        *(0, 0, 1, 1, 2, 3, 4, 4)
    ]


def test_of_equals_the_first_is_likelier() -> None:
    even = np.full(4, 0.25)
    assert top_k(even, 1).tolist() == [True, False, False, False]
    assert top_p(even, 0.5).tolist() == [True, True, False, False]
    assert heat([1.0, 1.0], 0).tolist() == [0, -math.inf]


def test_nothing_improbable_is_picked_at_the_edges() -> None:
    assert int(pick([0.0, 1.0, 0.0], 0.0)) == 1
    assert int(pick([0.5, 0.5 - 1e-16, 0.0], np.nextafter(1, 0))) == 1


def test_a_seed_throws_the_same_everywhere() -> None:
    assert throws(2017, 3).tolist() == [0.9419272948119489, 0.5347641131572938, 0.815235051643931]
    np.testing.assert_array_equal(throws(3, 9)[:4], throws(3, 4))
    assert throws(3, 2)[0] != throws(4, 2)[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: heat([1.0], -1), "found a temperature of -1; expected a finite number of at least 0"),
        (lambda: heat([1.0], math.nan), "found a temperature of nan"),
        (lambda: top_k([1.0], 0), "found top_k 0; expected at least 1"),
        (lambda: top_p([1.0], 0), "found top_p 0; expected more than 0 and at most 1"),
        (lambda: top_p([1.0], 1.5), "found top_p 1.5"),
        (lambda: pick([1.0], 1.0), "found a number thrown outside 0…1"),
        (lambda: throws(-1, 2), "found the seed -1 and 2 throws"),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
