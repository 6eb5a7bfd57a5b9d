"""The numbers of the chapter on positional encoding: attention is blind to order, and a table of waves cures it.

Works on the main sentence as written, without padding and without a mask, whether or not the example adds positions.
Source: Vaswani et al. (2017), "Attention Is All You Need", sections 3.2.2 and 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.model.attention import multi_head_attention
from core.model.embedding import sinusoidal_positions
from core.trace.watching import Change, watch

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record

MAP_SHAPE = (64, 32)  # positions, d_model
MAP_TICKS = np.arange(0, 64, 16)
CURVE_COLUMNS = np.array([0, 1, 4, 5, 8, 9, 12, 13])  # the sine and the cosine of every other pair
SAMPLES_PER_POSITION = 8
FIRST_TENSORS = ("source.scaled", "source.embedded", "embedded")
WAVES = {"sin": np.sin, "cos": np.cos}


@dataclass(frozen=True)
class TableStep:
    """What one line of `sinusoidal_positions` does, found by running it; its numbers are `positions.run.NUMBER`.

    line: of the function's source, from 0; name: the variable that changes, "" for what is returned;
    wave: "sin" or "cos" where this makes the changed cells out of those of step `operand`, else "";
    cell: a changed cell worth working through.
    """

    line: int
    name: str
    wave: str = ""
    operand: int = -1
    cell: tuple[int, int] = (0, 0)


def table_steps(example: Example) -> tuple[TableStep, ...]:
    """The run of `sinusoidal_positions` for the example's sentence."""
    changes = _changes(example)
    return tuple(_step(changes, number) for number in range(len(changes)))


def _changes(example: Example) -> tuple[Change, ...]:
    return watch(sinusoidal_positions, len(example.tokens), example.d_model)


def _step(changes: tuple[Change, ...], number: int) -> TableStep:
    change, earlier = changes[number], changes[:number]
    before = next((other.value for other in reversed(earlier) if other.name == change.name), None)
    if before is None or np.ndim(before) != 2:
        return TableStep(change.line, change.name)
    changed = np.argwhere(before != change.value)  # (changed cells, 2)
    cell = next((cell for cell in changed if cell[0] == 1), changed[0])
    for operand, other in enumerate(earlier):
        for wave, function in WAVES.items():
            if np.shape(other.value) == np.shape(change.value) and other.name != change.name:
                places = tuple(changed.T)
                if np.allclose(function(other.value[places]), change.value[places], rtol=0, atol=1e-12):
                    return TableStep(change.line, change.name, wave, operand, (int(cell[0]), int(cell[1])))
    return TableStep(change.line, change.name)


def trace_positions(record: Record, example: Example) -> None:
    """Add `positions.*`: the function as it runs, the table of the sentence, a larger one, and what it changes."""
    changes = _changes(example)
    _run(record, example, changes)
    table = record.add("positions.table", changes[-1].value, ("tokens", "d_model"), labels={"tokens": example.tokens})
    x = record[next(name for name in FIRST_TENSORS if name in record)][: len(example.tokens)]  # (tokens, d_model)
    order = permutation(example.tokens)
    shuffled = {"tokens": tuple(example.tokens[i] for i in order)}
    record.add("positions.order", order, ("tokens",), labels=shuffled, decimals=0)
    _add_input(record, example, "x", x, x[order])
    _add_input(record, example, "input", x + table, x[order] + table)
    _both_orders(record, example, "blind", "x")
    _both_orders(record, example, "cured", "input")
    _map(record)


def permutation(tokens: tuple[str, ...]) -> np.ndarray:
    """The other order: which token stands at each place.

    Two different words change places: the last ones of the two halves, or first and last of an odd number. Where
    these are alike, the first two that differ; where none differ, all stay.
    """
    n = len(tokens)
    ends = (n // 2 - 1 if n % 2 == 0 else 0, n - 1)
    different = [pair for pair in (ends, *combinations(range(n), 2)) if tokens[pair[0]] != tokens[pair[1]]]
    order = np.arange(n)
    if different:
        first, second = different[0]
        order[[first, second]] = second, first
    return order


def _run(record: Record, example: Example, changes: tuple[Change, ...]) -> None:
    """Every change that a line of the function makes, as `positions.run.NUMBER`."""
    for number, change in enumerate(changes):
        values = np.asarray(change.value)
        axes = ("tokens", "d_model")[2 - values.ndim :]
        exact = np.issubdtype(values.dtype, np.integer)
        decimals = 0 if exact else example.decimals
        record.add(f"positions.run.{number}", values, axes, labels={"tokens": example.tokens}, decimals=decimals)


def _add_input(record: Record, example: Example, name: str, values: np.ndarray, shuffled: np.ndarray) -> None:
    """The input (tokens, d_model) in both orders."""
    axes, places = ("tokens", "d_model"), record.tensors["positions.order"].labels
    record.add(f"positions.{name}", values, axes, labels={"tokens": example.tokens})
    record.add(f"positions.shuffled_{name}", shuffled, axes, labels=places)


def _both_orders(record: Record, example: Example, name: str, source: str) -> None:
    """Multi-head attention of the sentence in both orders, and how far the same words' rows are apart at most."""
    order = record["positions.order"].astype(int)
    axes, places = ("tokens", "d_out"), record.tensors["positions.order"].labels
    output = _attend(example, record[f"positions.{source}"])
    shuffled = _attend(example, record[f"positions.shuffled_{source}"])
    apart = np.abs(shuffled - output[order])  # (tokens, d_out), in the other order
    record.add(f"positions.{name}.output", output, axes, labels={"tokens": example.tokens}, decimals=example.decimals)
    record.add(f"positions.{name}.shuffled_output", shuffled, axes, labels=places, decimals=example.decimals)
    record.add(f"positions.{name}.difference", apart.max())


def _attend(example: Example, x: np.ndarray) -> np.ndarray:
    """Multi-head attention with the example's weights: (tokens, d_model) → (tokens, d_out)."""
    biases = {name: getattr(example, name) for name in ("b_q", "b_k", "b_v", "b_o")}
    weights = (example.w_q, example.w_k, example.w_v, example.w_o)
    return multi_head_attention(x, None, *weights, heads=example.heads, **biases).output


def _map(record: Record) -> None:
    """The table of more positions: its curves between the positions too, and the dot products of its rows."""
    places = ("positions", "d_model")
    table = record.add("positions.map", sinusoidal_positions(*MAP_SHAPE), places, decimals=2)
    record.add("positions.map.ticks", MAP_TICKS, ("ticks",), decimals=0)
    record.add("positions.map.products", table @ table.T, ("positions", "other positions"), decimals=2)
    record.add("positions.curves.columns", CURVE_COLUMNS, ("curves",), decimals=0)
    record.add("positions.curves.pairs", CURVE_COLUMNS // 2, ("curves",), decimals=0)
    record.add("positions.curves.rows", table[:, CURVE_COLUMNS], ("positions", "curves"), decimals=2)
    samples = np.linspace(0, MAP_SHAPE[0] - 1, (MAP_SHAPE[0] - 1) * SAMPLES_PER_POSITION + 1)
    angles = samples[:, None] / 10_000 ** (2 * (CURVE_COLUMNS // 2) / MAP_SHAPE[1])  # (samples, curves)
    curves = np.where(CURVE_COLUMNS % 2 == 0, np.sin(angles), np.cos(angles))
    record.add("positions.curves.samples", samples, ("samples",))
    record.add("positions.curves", curves, ("samples", "curves"), decimals=2)
