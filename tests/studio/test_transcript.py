"""What is said and shown, as text: every number as the trace has it, and nothing left out in silence."""

from __future__ import annotations

import numpy as np
import pytest

from core.examples.example import load_example
from core.trace import Tensor, Trace
from core.trace.pipeline import trace_example
from studio.exports.transcript import numbers_text, symbol_text


@pytest.fixture(scope="module")
def trace() -> Trace:
    return trace_example(load_example("default"))


def test_every_number_of_a_matrix_with_its_tokens(trace: Trace) -> None:
    scores = trace["scaled_scores"]
    head, columns, *rows = numbers_text([scores]).split("\n")
    count = len(trace["x"].axis_labels("tokens") or ())
    assert head.startswith("Q Kᵀ / √d_k:  scaled_scores")
    assert f"queries {count} × keys {count}" in head
    assert tuple(columns.split()) == scores.axis_labels("keys")
    assert [row.split()[0] for row in rows] == list(scores.axis_labels("queries") or ())
    assert [row.split()[1:] for row in rows] == [[scores.at(i, j).text for j in range(count)] for i in range(count)]


def test_axes_are_called_as_in_the_language(trace: Trace) -> None:
    text = numbers_text([trace["heads.weights"]], "zh")
    assert "（" not in text.split("\n")[0]
    assert "(头 2 × 查询" in text
    assert "保留 2 位小数" in text
    assert "rounded" not in text


def test_what_is_left_out_is_said(trace: Trace) -> None:
    long = Tensor("logits", np.zeros((3, 71)), ("tokens", "vocabulary"))
    assert "left out" in numbers_text([long])
    assert "省略" in numbers_text([long], "zh")
    assert "left out" in numbers_text([Tensor("stack", np.zeros((25, 2, 2)), ("heads", "queries", "keys"))])
    assert "left out" not in numbers_text([trace[name] for name in ("sqrt_d_k", "softmax.max", "weights")])


def test_symbols_are_plain_text() -> None:
    assert symbol_text("heads.k_transposed") == "Kᵀ"
    assert symbol_text("encoder.1.input") == "X"
    assert symbol_text("sqrt_d_k") == ""
