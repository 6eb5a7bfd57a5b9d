"""What is said and shown, as text: every number as the trace has it, and nothing left out in silence."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.examples.example import load_example
from core.trace import Tensor, Trace
from core.trace.pipeline import trace_example
from scenes.stage.chapter.settings import LANGUAGES
from studio.exports.transcript import Printed, numbers_text, symbol_text, tensor_title


@pytest.fixture(scope="module")
def trace() -> Trace:
    return trace_example(load_example("default"))


def test_every_number_of_a_matrix_with_its_tokens(trace: Trace) -> None:
    scores = trace["scaled_scores"]
    head, columns, *rows = numbers_text([scores]).split("\n")
    count = len(trace["x"].axis_labels("tokens") or ())
    assert head.startswith("Q Kᵀ / √d_k  (")
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


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("q", "Q", "Q"),
        ("encoder.1.feed_forward.hidden", "encoder, layer 1, feed-forward: H", "编码器，第 1 层，前馈：H"),
        ("heads.k_transposed", "heads: Kᵀ", "各头：Kᵀ"),
        ("softmax.shifted", "softmax: x − max", "softmax：x − max"),
    ],
)
def test_tensors_are_called_as_people_call_them(name: str, english: str, chinese: str) -> None:
    assert (tensor_title(name, "en"), tensor_title(name, "zh")) == (english, chinese)


def test_no_name_of_the_program_is_printed(trace: Trace) -> None:
    """Names have words of their own, and a product the symbols of its factors."""
    for language in LANGUAGES:
        heads = numbers_text(
            [trace[name] for name in ("q", "heads.scores", "softmax.max", "encoder.1.sum_1")], language
        )
        assert not re.search(r"[a-z]+[_.][a-z]{2,}|\d\.[a-z]", heads.replace("d_model", ""))
        assert heads.startswith("Q = X · W_Q  (")
    bare = [name for name in trace if "_" in tensor_title(name, "en").replace("√d_k", "") and not symbol_text(name)]
    assert [name for name in bare if not name.endswith("_product")] == []


def test_a_matrix_is_printed_once(trace: Trace) -> None:
    printed = Printed("en")
    assert printed.text([trace["q"], trace["k"]]).startswith("Q = X")
    again = printed.text([trace["q"], trace["v"], trace["k"]])
    assert again.startswith("V = X")
    assert again.endswith("\n\nAs before: Q, K")
    assert printed.text([trace["q"]]) == "As before: Q"
    assert Printed("zh").text([]) == ""
