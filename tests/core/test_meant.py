"""Values of another kind than they should be: what they stand for is named, and one fault stays one line."""

from __future__ import annotations

import pytest

from core.examples.checks import meant
from core.examples.example import ExampleError, parse_example

TOLD = {
    'heads = "2"': 'heads: found "2"; allowed: a whole number from 1 to 512; did you mean 2?',
    "heads = 2.0": "heads: found 2.0; allowed: a whole number from 1 to 512; did you mean 2?",
    f"heads = 0x{'f' * 1500}": "heads: found a whole number of more than 18 digits; allowed: a whole number from 1",
    f"positions = 0x{'f' * 9000}": "positions: found a whole number of more than 18 digits; allowed: true or false",
    'positions = "yes"': 'positions: found "yes"; allowed: true or false; did you mean true?',
    "positions = 0": "positions: found 0; allowed: true or false; did you mean false?",
    "embeddings = [1, 2, 3]": "embeddings: found a list of 3 without rows; allowed: a matrix: a list of rows",
    'embeddings = [["0,5", 1], [1, 1]]': 'row 1, column 1: found "0,5"; allowed: finite numbers',
    "mask = [[1], [0, 1]]": "mask, row 2: found 2 numbers; allowed: 1, as in row 1:",
    'weights = "w.npz"': 'allowed: a table [weights] and below it file = "w.npz"',
    'glosses = { cat = "猫" }': 'glosses, "cat": found an unknown language; allowed: en or zh',
    'glosses = { zh = { flys = "飞" } }': 'glosses.zh: found "flys", which is no token; allowed: tokens of',
}


@pytest.mark.parametrize("line", TOLD)
def test_a_value_of_another_kind_is_told_in_one_line(line: str) -> None:
    with pytest.raises(ExampleError) as caught:
        parse_example(f'{line}\nsentence = "time flies"\n', "x.toml")
    said = str(caught.value)
    assert TOLD[line] in said
    assert len(said.splitlines()) == 1


def test_numbers_written_otherwise_are_recognised() -> None:
    found = {value: meant(value) for value in ("2", "0,5", "50%", "−1.5", "two", "", "1e400")}
    assert found == {"2": 2, "0,5": 0.5, "50%": 0.5, "−1.5": -1.5, "two": None, "": None, "1e400": None}
    assert (meant(2.0), meant(True), meant(float("nan")), meant([2])) == (2, None, None, None)


def test_lines_may_end_as_those_of_an_old_mac() -> None:
    example = parse_example('sentence = "a b"\rheads = 1\r', "x.toml")
    assert (example.batch, example.heads) == ((("a", "b"),), 1)
