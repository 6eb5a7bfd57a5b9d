"""A function under watch: which line changes which variable."""

from __future__ import annotations

import inspect
import sys

import numpy as np
import pytest

from core.model.embedding import sinusoidal_positions
from core.trace.watching import watch


def squares(count: int) -> np.ndarray:
    """A function to watch."""
    numbers = np.arange(count)

    result = np.zeros(count)
    for number in numbers:
        result[number] = number**2
    return result


def line_of(text: str) -> int:
    lines = inspect.getsource(squares).splitlines()
    return next(place for place, line in enumerate(lines) if text in line)


def test_each_change_is_noted_with_its_line() -> None:
    changes = [(change.line, change.name, np.asarray(change.value).tolist()) for change in watch(squares, 3)]
    loop, square = line_of("for number"), line_of("**2")
    assert changes == [
        (line_of("arange"), "numbers", [0, 1, 2]),
        (line_of("zeros"), "result", [0, 0, 0]),
        (loop, "number", 0),
        (loop, "number", 1),
        (square, "result", [0, 1, 0]),
        (loop, "number", 2),
        (square, "result", [0, 1, 4]),
        (line_of("return"), "", [0, 1, 4]),
    ]


def test_the_table_of_positions_is_watched_line_by_line() -> None:
    changes = watch(sinusoidal_positions, 3, 5)
    assert [change.name for change in changes] == ["pos", "i", "angles", "table", "table", "table", ""]
    lines = inspect.getsource(sinusoidal_positions).splitlines()
    for change in changes[:-1]:
        assert lines[change.line].strip().startswith(change.name)
    np.testing.assert_array_equal(changes[-1].value, sinusoidal_positions(3, 5))
    assert not changes[4].value[:, 1::2].any()


def test_watching_leaves_no_trace_behind() -> None:
    before = sys.gettrace()
    with pytest.raises(ValueError, match="negative"):
        watch(sinusoidal_positions, -1, 4)
    assert sys.gettrace() is before
