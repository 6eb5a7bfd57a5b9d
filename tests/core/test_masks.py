from __future__ import annotations

import numpy as np
import pytest

from core.model.masks import (
    as_additive,
    causal_mask,
    combine_masks,
    key_padding_mask,
    padding_mask,
    sliding_window_mask,
    window_mask,
)


def picture(mask: np.ndarray) -> list[str]:
    """A boolean matrix as text, x where the query may look."""
    assert mask.dtype == bool
    return ["".join("x" if allowed else "." for allowed in row) for row in mask]


@pytest.mark.parametrize(
    ("queries", "keys", "offset", "expected"),
    [
        (3, None, 0, ["x..", "xx.", "xxx"]),
        (2, 4, 0, ["x...", "xx.."]),
        (2, 4, 2, ["xxx.", "xxxx"]),
        (4, 2, 0, ["x.", "xx", "xx", "xx"]),
        (3, 2, -1, ["..", "x.", "xx"]),
        (1, None, 0, ["x"]),
        (0, 3, 0, []),
    ],
)
def test_causal_mask(queries: int, keys: int | None, offset: int, expected: list[str]) -> None:
    mask = causal_mask(queries, keys, offset=offset)
    assert mask.shape == (queries, queries if keys is None else keys)
    assert picture(mask) == expected


@pytest.mark.parametrize(
    ("window", "offset", "expected"),
    [
        (1, 0, ["x....", ".x...", "..x.."]),
        (2, 0, ["xx...", "xxx..", ".xxx."]),
        (2, 2, [".xxx.", "..xxx", "...xx"]),
        (9, 0, ["xxxxx", "xxxxx", "xxxxx"]),
        (2, -3, [".....", ".....", "x...."]),
    ],
)
def test_sliding_window_mask(window: int, offset: int, expected: list[str]) -> None:
    assert picture(sliding_window_mask(3, 5, window, offset=offset)) == expected


def test_sliding_window_with_causal_is_the_last_keys() -> None:
    mask = combine_masks(causal_mask(4), sliding_window_mask(4, 4, 2))
    assert picture(mask) == ["x...", "xx..", ".xx.", "..xx"]


@pytest.mark.parametrize(
    ("left", "right", "offset", "expected"),
    [
        (1, 2, 0, ["xxx..", "xxxx.", ".xxxx"]),
        (0, 0, 1, [".x...", "..x..", "...x."]),
        (2, 0, 2, ["xxx..", ".xxx.", "..xxx"]),
        (None, 0, 1, ["xx...", "xxx..", "xxxx."]),
        (0, None, 0, ["xxxxx", ".xxxx", "..xxx"]),
        (None, None, 7, ["xxxxx", "xxxxx", "xxxxx"]),
    ],
)
def test_window_mask(left: int | None, right: int | None, offset: int, expected: list[str]) -> None:
    assert picture(window_mask(3, 5, left, right, offset=offset)) == expected


def test_longformers_window_counts_both_sides() -> None:
    """Beltagy et al. (2020), section 3.1: of a window w, each token attends to w / 2 tokens on each side."""
    np.testing.assert_array_equal(window_mask(9, 9, 2, 2), sliding_window_mask(9, 9, 4 // 2 + 1))


def test_padding_mask() -> None:
    assert picture(padding_mask([3, 0, 1], 3)) == ["xxx", "...", "x.."]
    assert padding_mask([[1, 2], [2, 0]], 2).tolist() == [[[True, False], [True, True]], [[True, True], [False, False]]]
    assert padding_mask(2, 3).tolist() == [True, True, False]


def test_key_padding_mask_lines_up_batch_and_keys() -> None:
    mask = padding_mask([1, 2], 3)
    expanded = key_padding_mask(mask, 4)
    assert expanded.shape == (2, 1, 1, 3)
    assert np.broadcast_to(expanded, (2, 5, 4, 3))[1, 3, 2].tolist() == [True, True, False]
    assert key_padding_mask(mask[0], 2).shape == (1, 3)
    assert key_padding_mask(np.zeros((2, 7, 3)), 4).shape == (2, 7, 1, 3)


def test_combine_masks_is_logical_and() -> None:
    combined = combine_masks(causal_mask(3), padding_mask([3, 2], 3)[:, None, :], [[True], [True], [False]])
    assert combined.shape == (2, 3, 3)
    assert picture(combined[0]) == ["x..", "xx.", "..."]
    assert picture(combined[1]) == ["x..", "xx.", "..."]
    assert picture(combine_masks(padding_mask([2, 1], 2))) == ["xx", "x."]


def test_combine_masks_leaves_its_inputs() -> None:
    first, second = np.ones((2, 2), bool), np.zeros((2, 2), bool)
    combined = combine_masks(first, second)
    combined[:] = True
    assert first.all()
    assert not second.any()


def test_as_additive() -> None:
    assert as_additive([[True, False]]).tolist() == [[0, -np.inf]]
    assert not np.signbit(as_additive([True])).any()
    floats = np.array([0.5, -np.inf, -1e9])
    assert as_additive(floats).tolist() == floats.tolist()
    assert as_additive(floats) is not floats
    assert as_additive([True], np.float32).dtype == np.float32
    assert as_additive(floats, np.float16).tolist() == [0.5, -np.inf, -np.inf]


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: causal_mask(-1), ValueError, ["-1 queries"]),
        (lambda: causal_mask(2, -3), ValueError, ["-3 keys"]),
        (lambda: sliding_window_mask(2, 2, 0), ValueError, ["window of 0", "at least 1"]),
        (lambda: window_mask(2, 2, -1, 0), ValueError, ["-1 positions back and 0 ahead", "no negative"]),
        (lambda: window_mask(2, -2, 1, 0), ValueError, ["-2 keys"]),
        (lambda: padding_mask([2, 4], 3), ValueError, ["[2, 4]", "0…3"]),
        (lambda: padding_mask([-1], 3), ValueError, ["[-1]", "0…3"]),
        (lambda: padding_mask([1.5], 3), TypeError, ["float64", "integers"]),
        (lambda: padding_mask([True], 3), TypeError, ["bool", "integers"]),
        (lambda: key_padding_mask(True, 3), ValueError, ["()", "3 of the scores"]),
        (lambda: key_padding_mask(np.ones((2, 3, 4)), 3), ValueError, ["(2, 3, 4)", "3 of the scores"]),
        (lambda: combine_masks(), ValueError, ["no mask"]),
        (lambda: combine_masks(causal_mask(2), causal_mask(3)), ValueError, ["(2, 2)", "(3, 3)", "broadcast"]),
        (lambda: combine_masks(causal_mask(2), np.zeros((2, 2))), TypeError, ["float64", "True = may look"]),
        (lambda: as_additive([1, 0]), TypeError, ["int64", "boolean", "float"]),
        (lambda: as_additive([1j]), TypeError, ["complex128", "boolean", "float"]),
        (lambda: as_additive(["x"]), TypeError, ["<U1", "boolean", "float"]),
    ],
)
def test_errors_say_what_was_found_and_expected(call, error, parts) -> None:
    with pytest.raises(error) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)
