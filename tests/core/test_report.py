"""The trace as tables, as JSON and as an .npz file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bidi import get_display

from core.examples.example import load_example, parse_example, shipped_examples
from core.trace import Tensor, Trace
from core.trace.pipeline import trace_example
from core.trace.report import as_json, as_table, mask_grid, save_npz, text_width


def trace_of(text: str) -> Trace:
    return trace_example(parse_example(text, "x.toml"))


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_table_has_tokens_on_both_sides_and_prints_as_the_film_does() -> None:
    trace = trace_of(
        'tokens = ["床前", "a"]\nmask = "causal"\nembeddings = [[1, 0], [0, -1]]\n'
        "[weights]\nw_q = [[1, 0], [0, 1]]\nw_k = [[1, 1], [0, 1]]"
    )
    assert as_table(trace, ["x", "masked_scores", "scores", "sqrt_d_k"]).splitlines() == [
        "x  (tokens 2 × d_model 2)",
        "        1   2",
        "  床前  1   0",
        "  a     0  −1",
        "",
        "masked_scores  (queries 2 × keys 2)  rounded to 2 decimals",
        "         床前     a",
        "  床前   0.71    −∞",
        "  a     −0.71  0.71",
        "",
        "scores = q · k_transposed  (queries 2 × keys 2)",
        "        床前  a",
        "  床前     1  0",
        "  a       −1  1",
        "",
        "sqrt_d_k = 1.41  rounded to 2 decimals",
    ]


def test_a_vector_is_a_row_and_a_stack_has_its_sheets_named() -> None:
    trace = trace_of('sentence = "a b"')
    lines = as_table(trace, ["weights.row_sums"]).splitlines()
    assert lines == ["weights.row_sums  (queries 2)", "       a     b", "    1.00  1.00"]
    lines = as_table(trace, ["heads.weights"]).splitlines()
    assert [line for line in lines if line.startswith("heads ")] == ["heads 1", "heads 2"]
    assert "queries 2 b" in as_table(trace, ["weighted_values"]).splitlines()


def test_the_lines_of_a_table_align() -> None:
    trace = trace_example(load_example("default-zh"))
    for table in as_table(trace, ["scores", "weights", "mask", "v"]).split("\n\n"):
        assert len({text_width(line) for line in table.splitlines()[2:]}) == 1


def test_the_width_of_a_text() -> None:
    assert [text_width(text) for text in ("abc", "床前", "ｗ", "e\u0301", "…", "")] == [3, 4, 2, 1, 1, 0]


def test_large_matrices_are_shown_by_their_edges() -> None:
    trace = trace_of('sentence = "a b"\nd_model = 64\nheads = 32')
    lines = as_table(trace, ["w_q"]).splitlines()
    assert len(lines) == 2 + 7 + 1 + 3
    assert lines[1].split() == [*"1234567", "…", "62", "63", "64"]
    assert [line.split()[0] for line in lines[2:]] == [*"1234567", "…", "62", "63", "64"]
    sheets = [line for line in as_table(trace, ["heads.weights"]).splitlines() if line.startswith(("heads ", "…"))]
    assert sheets[6:9] == ["heads 7", "…", "heads 30"]


@pytest.mark.parametrize("name", shipped_examples())
def test_every_tensor_can_be_printed(name: str) -> None:
    trace = trace_example(load_example(name))
    text = as_table(trace)
    assert [table.split()[0] for table in text.split("\n\n")] == list(trace)
    assert "nan" not in text
    assert "-" not in text


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError, match="no 'score' in the trace"):
        as_table(trace_of('sentence = "a"'), ["score"])


# --- JSON -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped_examples())
def test_json_holds_the_whole_trace(name: str) -> None:
    trace = trace_example(load_example(name))
    read = json.loads(as_json(trace), parse_constant=lambda constant: pytest.fail(constant))
    assert list(read) == list(trace)
    for key, tensor in trace.items():
        entry = read[key]
        np.testing.assert_array_equal(np.array(entry["values"], dtype=float), tensor.values)
        again = Tensor(
            key,
            np.array(entry["values"], dtype=float),
            tuple(entry["axes"]),
            {axis: tuple(labels) for axis, labels in entry["labels"].items()},
            tensor.origin,
            entry["decimals"],
        )
        assert (again.axes, dict(again.labels), again.decimals, list(again.shape)) == (
            tensor.axes,
            dict(tensor.labels),
            tensor.decimals,
            entry["shape"],
        )
        assert entry["product"] == (list(tensor.product) if tensor.product else None)
        assert tensor.origin is not None and entry["origin"] == tensor.origin.as_json()


def test_json_writes_infinity_as_text_and_chinese_as_it_is() -> None:
    text = as_json(trace_of('sentence = "床前"\nmask = "causal"'))
    assert json.loads(text)["mask"]["values"] == [[0.0, "-inf"], [0.0, 0.0]]
    assert "床" in text


# --- arrays -----------------------------------------------------------------------------------------------------------


def test_npz_holds_the_whole_trace(tmp_path: Path) -> None:
    trace = trace_example(load_example("causal"))
    path = save_npz(trace, tmp_path / "numbers.npz")
    assert path == tmp_path / "numbers.npz"
    with np.load(path, allow_pickle=False) as arrays:
        assert set(arrays.files) == {*trace, "description"}
        for name, tensor in trace.items():
            assert arrays[name].dtype == np.float64
            np.testing.assert_array_equal(arrays[name], tensor.values)
        description = json.loads(str(arrays["description"]))
    assert list(description) == list(trace)
    assert description["weights"]["labels"]["keys"] == list(trace["weights"].labels["keys"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["numbers.npz"]


def test_npz_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = trace_of('sentence = "a"')
    path = tmp_path / "numbers.npz"
    path.write_bytes(b"older")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_npz(trace, path)
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]
    monkeypatch.undo()
    with pytest.raises(FileNotFoundError):
        save_npz(trace, tmp_path / "nowhere" / "numbers.npz")
    assert save_npz(trace, str(path)) == path
    assert path.read_bytes()[:2] == b"PK"


def test_a_mask_is_drawn_and_rows_that_see_nobody_are_named() -> None:
    text = 'tokens = ["the", "机器人", "antidisestablishment"]\nmask = [[1, 0, 0], [0, 0, 0], [1, 1, 1]]'
    assert mask_grid(trace_example(parse_example(text, "x.toml"))["mask"]) == [
        "         the  ■ · ·",
        "      机器人  · · ·",
        "antidisesta…  ■ ■ ■",
        "a row looks at columns, which are in the same order: ■ may look, · may not",
        'row 2, "机器人", sees nobody: its weights and its output are 0',
    ]


@pytest.mark.parametrize(
    ("token", "seen"),
    [("الكتاب.", ".باتكلا  1.00  -2.00"), ("ספר", "רפס  1.00  -2.00"), ("the ספר", "the רפס  1.00  -2.00")],
)
def test_numbers_beside_a_right_to_left_word_keep_their_order(token: str, seen: str) -> None:
    """As every program that follows Unicode's algorithm shows the line, in whatever direction it thinks it runs."""
    tensor = Tensor("x", np.array([[1.0, -2.0]]), ("tokens", "dimensions"), {"tokens": (token,)}, None, 2)
    line = as_table(Trace({"x": tensor})).split("\n")[-1].strip()
    shown = get_display(line, base_dir="L").replace("\u2212", "-")
    assert "".join(char for char in shown if char not in "\u200e\u200f") == seen
