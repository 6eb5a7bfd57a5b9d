"""Every number knows how it was made: recomputed from the numbers it names, cell by cell, for every example."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import product as every
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from turn import turn

from core.examples.example import load_example, parse_example, shipped_examples
from core.examples.model_file import MODELS, read_model, write_model
from core.trace import Operand, Origin, Reading, Tensor, Trace
from core.trace.operations import KINDS, OPERATIONS, TAKEN
from core.trace.origin import All, Axis, made
from core.trace.pipeline import trace_example

EDGES = sorted((Path(__file__).parents[1] / "scenes" / "examples").glob("*.toml"))
FILES = (*shipped_examples(), *map(str, EDGES))
TEXTS = (
    'sentence = "a b c"\nmask = "both"\n[model]\nkind = "decoder-only"\nactivation = "gelu_tanh"',
    'sentence = "a b"\nembeddings = [[1e6, -1e6], [-1e6, 1e6]]',
    'sentences = ["a b c", "d"]\nshow = 2\npositions = true\ndecimals = 0\n[model]\nnorm = "pre"\nactivation = "gelu"',
    'sentence = "a b c d e"\nd_model = 7\nheads = 3\nd_k = 5\nd_v = 2\nmask = "causal"',
)
RUNS = 23  # how many tensors, the batch's sheets and other models aside, come of a model run again; may only go down
SHARE = 4  # one in so many examples has its cells opened by default
CHOICES = 18  # how many say where the film looks; may only go down


@cache
def trace_of(example: str) -> Trace:
    return trace_example(parse_example(example, "x.toml") if "\n" in example else load_example(example))


def faults(trace: Mapping[str, Tensor], names: Iterator[str] | None = None) -> list[str]:
    """Tensors that are not what their origin makes of the tensors it names."""
    found = []
    whole = Trace(trace)
    for name in names or trace:
        tensor, again = trace[name], whole.recomputed(name)
        size = max(1.0, np.abs(tensor.values[np.isfinite(tensor.values)]).max(initial=0))
        if not np.allclose(again, tensor.values, rtol=1e-9, atol=1e-12 * size):
            found.append(name)
    return found


def sample(tensor: Tensor) -> list[tuple[int, ...]]:
    """The first cell, the last, and a few between."""
    chosen = sorted({*np.linspace(0, tensor.values.size - 1, 4).astype(int)})
    return [tuple(map(int, np.unravel_index(place, tensor.shape))) for place in chosen]


# --- every tensor, every cell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", [*FILES, *TEXTS])
def test_every_tensor_is_made_of_what_it_names(example: str) -> None:
    trace = trace_of(example)
    for name, tensor in trace.items():
        assert isinstance(tensor.origin, Origin), name
        assert tensor.origin.kind in KINDS, name
        assert (tensor.origin.kind in TAKEN) == (tensor.origin.kind not in OPERATIONS)
        for operand in tensor.origin.operands:
            assert set(operand.names) <= set(trace), name
            assert len(operand.index) == trace[operand.name].values.ndim, name
    assert faults(trace) == []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Cells are opened of some examples, of others at the next commit; of all with --everything."""
    if "opened" in metafunc.fixturenames:
        share = 1 if metafunc.config.getoption("--everything") else SHARE
        metafunc.parametrize("opened", (*FILES, *TEXTS)[turn() % share :: share])


def test_a_cell_opens_into_readings_of_the_trace(opened: str) -> None:
    trace = trace_of(opened)
    for name, tensor in trace.items():
        closing = trace.closing(name)
        for index in sample(tensor):
            cell = trace.open(name, *index)
            assert cell.result == tensor.at(*index)
            assert cell.recomputed == pytest.approx(cell.result.value, rel=1e-9, abs=1e-9), (name, index)
            assert cell.closes == closing[index], (name, index)
            assert len(cell.operands) == len(tensor.origin.operands)  # type: ignore[union-attr]
            for reading in (reading for readings in cell.operands for reading in readings):
                assert reading == trace[reading.name].at(*reading.index)


@pytest.mark.parametrize("untied", [False, True])
def test_a_model_of_a_file_with_learned_positions(tmp_path: Path, untied: bool) -> None:
    model, _ = read_model("x", MODELS, "translator")
    assert model is not None
    random, width = np.random.default_rng(3), model.config.d_model
    model = replace(
        model,
        config=replace(model.config, positions="learned", tied=not untied),
        position_embedding=random.standard_normal((40, width)),
        segment_embedding=random.standard_normal((2, width)),
        output_w=random.standard_normal((width, len(model.vocabulary))) if untied else None,
    )
    write_model(model, tmp_path / "other.safetensors")
    words = " ".join(word for word in model.vocabulary[:40] if not word.startswith("["))
    text = f'sentence = "{" ".join(words.split()[:4])}"\n[model]\nfile = "other.safetensors"'
    assert faults(trace_example(parse_example(text, tmp_path / "x.toml"))) == []


def test_what_is_run_again_or_chosen_is_little() -> None:
    named: dict[str, set[str]] = {"run": set(), "choice": set()}
    for example in (*FILES, *TEXTS):
        for name, tensor in trace_of(example).items():
            aside = "sheet" in name or name.startswith("trained_without.")
            if tensor.origin is not None and tensor.origin.kind in named and not aside:
                named[tensor.origin.kind].add(name)
    assert len(named["run"]) <= RUNS, sorted(named["run"])
    assert len(named["choice"]) <= CHOICES, sorted(named["choice"])


def test_given_numbers_say_where_they_are_from() -> None:
    notes = {
        tensor.origin.note
        for example in (*FILES, *TEXTS)
        for tensor in trace_of(example).values()
        if tensor.origin is not None and tensor.origin.kind == "given"
    }
    assert notes == {
        "example",
        "seed",
        "scaling seed",
        "example and seed",
        "model",
        "constant",
        "words",
        "recorded",
        "counted",
    }


# --- what is planted is found -----------------------------------------------------------------------------------------


def wrong_operands(trace: Trace) -> Iterator[tuple[str, Origin]]:
    """For the tensors of a trace: one of their operands replaced by another of the same shape and other numbers."""
    by_shape: dict[tuple[int, ...], list[str]] = {}
    for name, tensor in trace.items():
        by_shape.setdefault(tensor.shape, []).append(name)
    for name, tensor in trace.items():
        assert tensor.origin is not None
        for number, operand in enumerate(tensor.origin.operands):
            values = trace[operand.name].values
            others = [other for other in by_shape[values.shape] if np.all(trace[other].values != values)]
            if others and tensor.origin.kind in ("product", "sum", "difference", "normalisation", "affine", "scaling"):
                operands = list(tensor.origin.operands)
                operands[number] = Operand(others[0], operand.index)
                yield name, replace(tensor.origin, operands=tuple(operands))


def test_a_wrong_operand_is_found() -> None:
    trace, planted = trace_of("default"), 0
    for name, origin in wrong_operands(trace):
        wrong = {**trace, name: replace(trace[name], origin=origin)}
        assert faults(wrong, iter([name])) == [name], (name, origin)
        planted += 1
    assert planted > 100


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("scores", made("product[ij]", "q[jd]", "k_transposed[di]")),
        ("scores", made("product[ij]", "q[id]", "k[jd]", "sqrt_d_k[]")),
        ("embedded", made("lookup[id]", "embedding_table[i d]")),
        ("softmax.sum", made("total[j]", "softmax.exponentials[ij]")),
        ("heads.q", made("product[hid]", "x[it]", "heads.w_k[htd]")),
        ("concat", Origin("concatenation", (Operand("heads.context", (Axis(0, 0), Axis(0), Axis(1, 0))),))),
        ("feed_forward.relu", made("activation[if]", "encoder.1.feed_forward.hidden[if]", note="gelu")),
        ("output.candidates", made("rank[ic]", "logits[cv]")),
        ("scaling.histogram", made("copy[cb]", "scaling.growth[c 3 b]")),
    ],
)
def test_a_wrong_origin_is_found(name: str, origin: Origin) -> None:
    trace = trace_of("default")
    assert faults({**trace, name: replace(trace[name], origin=origin)}, iter([name])) == [name]


# --- what is printed --------------------------------------------------------------------------------------------------


def digits(reading: Reading) -> Decimal:
    return Decimal(reading.text.replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("example", ["by-hand", "default", "moonlight"])
def test_a_product_closes_where_its_printed_digits_do(example: str) -> None:
    trace, answers = trace_of(example), set()
    for name in ("q", "scores", "context", "multi_head_output", "encoder.1.feed_forward.hidden_product"):
        for index in np.ndindex(trace[name].shape):
            cell = trace.open(name, *index)
            total = sum(digits(a) * digits(b) for a, b in zip(*cell.operands, strict=True))
            assert cell.closes == (cell.result.exact and total == digits(cell.result)), (name, index)
            assert cell.closes == trace.explain(name, *index).closes
            answers.add(cell.closes)
    assert answers == {True, False}


def test_sums_scalings_and_exponentials_close_or_not() -> None:
    trace = trace_of("default")
    shifted = trace["softmax.shifted"]
    assert trace.open("scaled_scores", 0, 0).closes
    assert trace.closing("x").all() and trace.closing("scores").all()
    for index in np.ndindex(shifted.shape):
        assert trace.open("softmax.exponentials", *index).closes == (shifted.values[index] == 0)
    assert not trace.closing("encoder.1.norm_1.deviation").any()


def test_minus_infinity_closes() -> None:
    trace = trace_of("causal")
    cell = trace.open("masked_scores", 0, 1)
    assert [reading.text for (reading,) in cell.operands][1] == "−∞"
    assert cell.closes and cell.recomputed == -np.inf
    assert trace.open("softmax.exponentials", 0, 1).closes and trace.open("weights", 0, 1).closes


# --- as JSON ----------------------------------------------------------------------------------------------------------


def places(selector: dict[str, Any], index: tuple[int, ...], length: int, trace: Trace) -> list[int]:
    """The places that a selector's JSON means, found by nothing but the JSON."""
    match selector:
        case {"axis": k, "stride": stride, "offset": offset}:
            return [index[k] * stride + offset]
        case {"sum": parts}:
            return [sum(places(part, index, length, trace)[0] for part in parts)]
        case {"block": k, "size": size}:
            return [index[k] // size]
        case {"within": k, "size": size}:
            return [index[k] % size]
        case {"all": [start, stop]}:
            return list(range(start, length if stop is None else stop))
        case {"fixed": place}:
            return [place]
        case {"looked": name, "index": inner}:
            found = [places(part, index, size, trace) for part, size in zip(inner, trace[name].shape, strict=True)]
            return [int(trace[name].values[place]) for place in every(*found)]
    raise AssertionError(selector)


@pytest.mark.parametrize("example", ["default", "padded-batch", "translation-zh-en"])
def test_json_says_which_cells_are_meant(example: str) -> None:
    trace = trace_of(example)
    for name, tensor in trace.items():
        assert tensor.origin is not None
        read = json.loads(json.dumps(tensor.origin.as_json(), allow_nan=False))
        assert (read["kind"], read["constant"], read["note"]) == (
            tensor.origin.kind,
            tensor.origin.constant,
            tensor.origin.note,
        )
        for index in sample(tensor)[-2:]:
            for operand, described in zip(tensor.origin.operands, read["operands"], strict=True):
                shape = trace[described["name"]].shape
                found = [places(part, index, size, trace) for part, size in zip(described["index"], shape, strict=True)]
                readings = operand.readings(trace, index)
                assert [reading.index for reading in readings] == list(every(*found)), (name, index)
                assert {reading.name for reading in readings} == {described["name"]}


# --- notation ---------------------------------------------------------------------------------------------------------


def test_notation() -> None:
    origin = made("lookup[id]", "table[(ids[i])d]", "x[2:5, 12 i+1]", constant=2, note="said")
    assert [operand.names for operand in origin.operands] == [("table", "ids"), ("x",)]
    assert origin.operands[1].index[0] == All(2, 5)
    assert origin.operands[1].index[2] == Axis(0, 1, 1)
    assert (origin.constant, origin.note) == (2, "said")


@pytest.mark.parametrize("text", ["q", "q[", "q[i?]", "[i]", "q[(ids)]"])
def test_what_is_not_notation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        made("copy[i]", text)


def test_a_tensor_without_an_origin_cannot_be_opened() -> None:
    trace = Trace({"x": Tensor("x", np.zeros(2), ("tokens",))})
    with pytest.raises(ValueError, match="x does not say how it was made"):
        trace.open("x", 0)
