"""The numbers of the chapter on positional encoding: attention is blind to order, and a table of waves cures it.

Works on the main sentence as written, without padding and without a mask, whether or not the example adds positions.
Source: Vaswani et al. (2017), "Attention Is All You Need", sections 3.2.2 and 3.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.model.attention import multi_head_attention
from core.model.embedding import sinusoidal_positions
from core.trace.given import CHOICE, CONSTANT, run
from core.trace.origin import Origin, made
from core.trace.watching import Change, watch

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace.record import Record
    from core.trace.tensor import Tensor
    from core.trace.trace import Trace

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
    table, tokens = changes[-1].value, {"tokens": example.tokens}
    origin = made("position[td]", constant=example.d_model)
    record.add("positions.table", table, ("tokens", "d_model"), origin=origin, labels=tokens)
    order = permutation(example.tokens, record.focus.row)
    shuffled = {"tokens": tuple(example.tokens[i] for i in order)}
    record.add("positions.order", order, ("tokens",), origin=CHOICE, labels=shuffled, decimals=0)
    source = next(name for name in FIRST_TENSORS if name in record)
    x = record[source][: len(example.tokens)]  # (tokens, d_model)
    there, other = (f"positions.{name}[{{}}d]".format for name in ("x", "shuffled_x"))
    reordered = made("lookup[id]", there("(positions.order[i])"))
    _add_input(record, example, "x", (x, x[order]), (made("copy[id]", f"{source}[id]"), reordered))
    sums = [made("sum[id]", rows("i"), "positions.table[id]") for rows in (there, other)]
    _add_input(record, example, "input", (x + table, x[order] + table), sums)
    _both_orders(record, example, "blind", "x")
    _both_orders(record, example, "cured", "input")
    _map(record)


def permutation(tokens: tuple[str, ...], focused: int | None = None) -> np.ndarray:
    """The other order: which token stands at each place.

    Two different words change places: the last ones of the two halves, or first and last of an odd number. Where
    these are alike, the first two that differ; where none differ, all stay. Where one word is in focus, it and the
    first of these that differs from it.
    """
    n = len(tokens)
    ends = (n // 2 - 1 if n % 2 == 0 else 0, n - 1)
    different = [pair for pair in (ends, *combinations(range(n), 2)) if tokens[pair[0]] != tokens[pair[1]]]
    different.sort(key=lambda pair: focused not in pair)
    order = np.arange(n)
    if different:
        first, second = different[0]
        order[[first, second]] = second, first
    return order


def moved_places(trace: Mapping[str, Tensor]) -> list[int]:
    """The places where another word stands in the other order."""
    return [place for place, row in enumerate(trace["positions.order"].values.astype(int).tolist()) if place != row]


def compared_rows(trace: Trace) -> tuple[int, int]:
    """A word that moves (that in focus, if it does), or the first one: which row of the outputs is its, in the one
    order and in the other.
    """
    moved, order = moved_places(trace) or [0], trace["positions.order"].values.astype(int).tolist()
    place = next((place for place in moved if order[place] == trace.focus.row), moved[-1])
    return order[place], place


def _run(record: Record, example: Example, changes: tuple[Change, ...]) -> None:
    """Every change that a line of the function makes, as `positions.run.NUMBER`."""
    origins = _run_origins(example, changes)
    for number, change in enumerate(changes):
        values = np.asarray(change.value)
        axes = ("tokens", "d_model")[2 - values.ndim :]
        exact = np.issubdtype(values.dtype, np.integer)
        decimals = 0 if exact else example.decimals
        name, labels = f"positions.run.{number}", {"tokens": example.tokens}
        record.add(name, values, axes, origin=origins[number], labels=labels, decimals=decimals)


def _run_origins(example: Example, changes: tuple[Change, ...]) -> list[Origin]:
    """What each change makes of the earlier ones: places, their angles, and the table while waves fill it."""
    last: dict[str, str] = {}  # the last change of each variable, "" of any
    waves: list[str] = []
    origins: list[Origin] = []
    for number, change in enumerate(changes):
        step, origin = _step(changes, number), run(f"line {change.line}")
        if change.name in ("pos", "i"):
            origin = made("counting[td]" if np.ndim(change.value) == 2 else "counting[d]", constant=_pace(change))
        elif change.name == "angles":
            origin = made("angle[td]", f"{last['pos']}[t0]", f"{last['i']}[d]", constant=example.d_model)
        elif change.name == "table":
            waves += [step.wave] if step.wave else []
            angles = [f"positions.run.{step.operand}[td]"] if waves else []
            origin = made("wave[td]", *angles, note=", ".join(waves))
        elif not change.name:
            origin = made("copy[td]", f"{last['']}[td]")
        origins.append(origin)
        last[change.name] = last[""] = f"positions.run.{number}"
    return origins


def _pace(change: Change) -> int:
    """How many times a variable that counts says each number."""
    return 2 if change.name == "i" else 1


def _add_input(
    record: Record,
    example: Example,
    name: str,
    values: tuple[np.ndarray, np.ndarray],
    origins: Sequence[Origin],
) -> None:
    """The input (tokens, d_model) in both orders."""
    axes, places = ("tokens", "d_model"), record.tensors["positions.order"].labels
    record.add(f"positions.{name}", values[0], axes, origin=origins[0], labels={"tokens": example.tokens})
    record.add(f"positions.shuffled_{name}", values[1], axes, origin=origins[1], labels=places)


def _both_orders(record: Record, example: Example, name: str, source: str) -> None:
    """Multi-head attention of the sentence in both orders, and how far the same words' rows are apart, and at most."""
    order = record["positions.order"].astype(int)
    axes, places = ("tokens", "d_out"), record.tensors["positions.order"].labels
    output = _attend(example, record[f"positions.{source}"])
    shuffled = _attend(example, record[f"positions.shuffled_{source}"])
    apart = np.abs(shuffled - output[order])  # (tokens, d_out), in the other order
    lead, decimals, tokens = f"positions.{name}", example.decimals, {"tokens": example.tokens}
    attended, reordered = run("attention alone"), run("attention alone, in the other order")
    record.add(f"{lead}.output", output, axes, origin=attended, labels=tokens, decimals=decimals)
    record.add(f"{lead}.shuffled_output", shuffled, axes, origin=reordered, labels=places, decimals=decimals)
    same_cells = (f"{lead}.shuffled_output[td]", f"{lead}.output[(positions.order[t])d]")
    apart_by = made("distance[td]", *same_cells)
    record.add(f"{lead}.differences", apart, axes, origin=apart_by, labels=places, decimals=decimals)
    same_words = (f"{lead}.shuffled_output[**]", f"{lead}.output[(positions.order[*])*]")
    record.add(f"{lead}.difference", apart.max(), origin=made("largest_difference[]", *same_words))


def _attend(example: Example, x: np.ndarray) -> np.ndarray:
    """Multi-head attention with the example's weights: (tokens, d_model) → (tokens, d_out)."""
    biases = {name: getattr(example, name) for name in ("b_q", "b_k", "b_v", "b_o")}
    weights = (example.w_q, example.w_k, example.w_v, example.w_o)
    return multi_head_attention(x, None, *weights, heads=example.heads, **biases).output


def _map(record: Record) -> None:
    """The table of more positions: its curves between the positions too, and the dot products of its rows."""
    places, width = ("positions", "d_model"), MAP_SHAPE[1]
    table, origin = sinusoidal_positions(*MAP_SHAPE), made("position[pd]", constant=width)
    record.add("positions.map", table, places, origin=origin, decimals=2)
    record.add("positions.map.ticks", MAP_TICKS, ("ticks",), origin=CONSTANT, decimals=0)
    origin = made("product[ij]", "positions.map[id]", "positions.map[jd]")
    squares = ("positions", "other positions")
    record.add("positions.map.products", table @ table.T, squares, origin=origin, decimals=2)
    record.add("positions.curves.columns", CURVE_COLUMNS, ("curves",), origin=CONSTANT, decimals=0)
    record.add("positions.curves.pairs", CURVE_COLUMNS // 2, ("curves",), origin=CONSTANT, decimals=0)
    origin = made("lookup[pc]", "positions.map[p(positions.curves.columns[c])]")
    record.add("positions.curves.rows", table[:, CURVE_COLUMNS], ("positions", "curves"), origin=origin, decimals=2)
    samples = np.linspace(0, MAP_SHAPE[0] - 1, (MAP_SHAPE[0] - 1) * SAMPLES_PER_POSITION + 1)
    angles = samples[:, None] / 10_000 ** (2 * (CURVE_COLUMNS // 2) / width)  # (samples, curves)
    curves = np.where(CURVE_COLUMNS % 2 == 0, np.sin(angles), np.cos(angles))
    record.add("positions.curves.samples", samples, ("samples",), origin=CONSTANT)
    between = ("positions.curves.samples[s]", "positions.curves.columns[c]")
    origin = made("position[sc]", *between, constant=width)
    record.add("positions.curves", curves, ("samples", "curves"), origin=origin, decimals=2)
