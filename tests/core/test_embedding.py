from __future__ import annotations

import math

import numpy as np
import pytest

from core.model.embedding import embed, sinusoidal_positions, sinusoids

TABLE = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])


def test_embed_looks_up_rows() -> None:
    assert embed([2, 0, 2], TABLE).tolist() == [[4, 5], [0, 1], [4, 5]]
    assert embed([[0], [1]], TABLE).tolist() == [[[0, 1]], [[2, 3]]]
    assert embed(np.uint8(1), TABLE).tolist() == [2, 3]
    assert embed([], TABLE).shape == (0, 2)


def test_embed_is_the_product_with_one_hot_rows() -> None:
    ids = np.array([1, 2, 0, 1])
    np.testing.assert_array_equal(embed(ids, TABLE), np.eye(3)[ids] @ TABLE)


def test_embed_copies_and_keeps_the_dtype() -> None:
    table = TABLE.copy()
    rows = embed([0, 1], table)
    rows += 1
    np.testing.assert_array_equal(table, TABLE)
    assert embed([0], TABLE.astype(np.float32)).dtype == np.float32
    assert embed([0], TABLE.astype(np.float16)).dtype == np.float16
    assert embed([0], TABLE.astype(int)).dtype == np.float64


@pytest.mark.parametrize(
    ("ids", "table", "error", "parts"),
    [
        ([0, 3], TABLE, ValueError, ["token id 3", "0…2", "(3, 2)"]),
        ([0, -1], TABLE, ValueError, ["token id -1", "0…2"]),
        ([0.0], TABLE, TypeError, ["float64", "integers"]),
        ([True], TABLE, TypeError, ["bool", "integers"]),
        ([0], TABLE[0], ValueError, ["(2,)", "(vocabulary, d_model)"]),
        ([0], [["a"]], TypeError, ["<U1", "floating-point"]),
    ],
)
def test_embed_errors(ids, table, error, parts) -> None:
    with pytest.raises(error) as caught:
        embed(ids, table)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("d_model", [1, 2, 3, 4, 7, 8, 64, 511, 512])
def test_sinusoidal_positions_cell_by_cell(d_model: int) -> None:
    """Vaswani et al. (2017), section 3.5, written out for each cell."""
    positions = sinusoidal_positions(5, d_model)
    assert positions.shape == (5, d_model)
    assert positions.dtype == np.float64
    for position in range(5):
        for column in range(d_model):
            angle = position / 10000 ** (2 * (column // 2) / d_model)
            expected = math.cos(angle) if column % 2 else math.sin(angle)
            assert positions[position, column] == pytest.approx(expected, abs=1e-14)


def test_sinusoidal_positions_of_four_columns() -> None:
    """With d_model 4 the wavelengths are 2π and 100 · 2π."""
    expected = [
        [0, 1, 0, 1],
        [0.8414709848, 0.5403023059, 0.0099998333, 0.9999500004],
        [0.9092974268, -0.4161468365, 0.0199986667, 0.9998000067],
    ]
    np.testing.assert_allclose(sinusoidal_positions(3, 4), expected, rtol=0, atol=1e-10)


def test_sinusoidal_positions_shift_is_a_rotation() -> None:
    """The reason section 3.5 gives for the choice: PE(pos + k) is a linear function of PE(pos), here k = 3."""
    positions = sinusoidal_positions(9, 6)
    angles = 3 / 10000 ** (np.arange(0, 6, 2) / 6)
    sines, cosines = positions[:, 0::2], positions[:, 1::2]
    shifted_sines = sines * np.cos(angles) + cosines * np.sin(angles)
    np.testing.assert_allclose(shifted_sines[:-3], sines[3:], rtol=0, atol=1e-14)


@pytest.mark.parametrize("d_model", [1, 2, 5, 8, 64])
def test_sinusoids_are_the_rows_of_the_positions(d_model: int) -> None:
    positions = sinusoidal_positions(12, d_model)
    np.testing.assert_array_equal(sinusoids(np.arange(12), d_model), positions)
    places = [[3, 0, 11], [7, 7, 1]]
    np.testing.assert_array_equal(sinusoids(places, d_model), positions[places])
    assert sinusoids([], d_model).shape == (0, d_model)


@pytest.mark.parametrize("base", [2.0, 100, 10_000, 500_000.0])
def test_sinusoids_of_any_base(base: float) -> None:
    rows = sinusoids([0, 5, -2], 6, base=base)
    for row, place in zip(rows, (0, 5, -2), strict=True):
        for column in range(6):
            angle = place / base ** (2 * (column // 2) / 6)
            assert row[column] == pytest.approx(math.cos(angle) if column % 2 else math.sin(angle), abs=1e-14)


def test_sinusoids_refuse() -> None:
    for base in (0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"found a base of {base}; expected a positive number"):
            sinusoids([1], 4, base=base)
    with pytest.raises(TypeError, match="places of dtype float64"):
        sinusoids([0.5], 4)


@pytest.mark.parametrize(("length", "d_model"), [(-1, 4), (3, -2)])
def test_negative_sizes_are_refused(length: int, d_model: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        sinusoidal_positions(length, d_model)


def test_no_positions() -> None:
    assert sinusoidal_positions(0, 3).shape == (0, 3)
    assert sinusoidal_positions(3, 0).shape == (3, 0)
