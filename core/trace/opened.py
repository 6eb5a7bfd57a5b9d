"""A cell opened: the numbers it is made of, what the operation makes of them, and whether the printed sum closes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.trace.operations import OPERATIONS, TAKEN, Made
from core.trace.origin import Origin
from core.trace.reading import Reading
from core.trace.tensor import Tensor

Array = np.ndarray

CLOSE = 1e-9


@dataclass(frozen=True)
class Opened:
    """One cell and what it is made of.

    operands: for each operand of the origin its numbers, one where nothing is run over (of a stack only those of the
    part that the cell is from); recomputed: what the operation makes of their true values; of what is not made of
    other numbers (given, chosen, run) its own value; closes: whether the operation makes exactly the printed result of
    the printed numbers, nothing rounded away.
    """

    kind: str
    result: Reading
    operands: tuple[tuple[Reading, ...], ...]
    constant: float | None
    note: str
    recomputed: float
    closes: bool


def opened(trace: Mapping[str, Tensor], name: str, index: tuple[int, ...]) -> Opened:
    """Open the cell at `index`. Raises ValueError if the tensor does not know how it was made."""
    origin, result = origin_of(trace[name]), trace[name].at(*index)
    operands = tuple(operand.readings(trace, index) for operand in origin.operands)
    true, printed = (_cell(origin, index, numbers) for numbers in (_values(operands), _printed(operands)))
    recomputed = result.value if true is None else true
    again = result.printed if printed is None else printed
    closes = result.exact and bool(_alike(np.array(again), np.array(result.printed)))
    if origin.kind == "stack":
        operands = tuple(part if number == index[0] else () for number, part in enumerate(operands))
    return Opened(origin.kind, result, operands, origin.constant, origin.note, recomputed, closes)


def recomputed(trace: Mapping[str, Tensor], name: str) -> Array:
    """All cells of a tensor made once more from the numbers they are made of, in the tensor's shape."""
    tensor = trace[name]
    return _whole(origin_of(tensor), tensor, {operand: trace[operand].values for operand in _names(tensor)})


def closing(trace: Mapping[str, Tensor], name: str) -> Array:
    """Which cells of a tensor close, boolean, in the tensor's shape: `Opened.closes` of all."""
    tensor = trace[name]
    printed = as_printed(tensor)
    again = _whole(origin_of(tensor), tensor, {operand: as_printed(trace[operand]) for operand in _names(tensor)})
    exact = _alike(printed, tensor.values)
    return exact if origin_of(tensor).kind in TAKEN else exact & _alike(again, printed)


def _alike(first: Array, second: Array) -> Array:
    """Where two arrays are equal to rounding, infinities included."""
    with np.errstate(invalid="ignore"):
        alike: Array = (first == second) | (np.abs(first - second) < CLOSE)
    return alike


def as_printed(tensor: Tensor) -> Array:
    """The numbers that the printed digits say."""
    flat = [value if math.isinf(value) else round(value, tensor.decimals) for value in tensor.values.ravel().tolist()]
    return np.array(flat, dtype=float).reshape(tensor.shape)


def origin_of(tensor: Tensor) -> Origin:
    """How a tensor was made. Raises ValueError if it does not say."""
    if tensor.origin is None:
        raise ValueError(f"{tensor.name} does not say how it was made")
    return tensor.origin


def _names(tensor: Tensor) -> list[str]:
    """The tensors whose numbers, or whose places, a tensor is made of."""
    return list(dict.fromkeys(name for operand in origin_of(tensor).operands for name in operand.names))


def _whole(origin: Origin, tensor: Tensor, values: Mapping[str, Array]) -> Array:
    if origin.kind in TAKEN:
        return tensor.values
    index = np.ix_(*(np.arange(length) for length in tensor.shape))
    terms = tuple(operand.terms(values.__getitem__, index) for operand in origin.operands)
    return np.broadcast_to(_computed(origin, terms, index), tensor.shape)


def _cell(origin: Origin, index: tuple[int, ...], operands: tuple[Array, ...]) -> float | None:
    """What the operation makes of one cell's numbers; None of what is not made of numbers."""
    if origin.kind in TAKEN:
        return None
    rank = len(index)
    cell = tuple(np.array(place).reshape((1,) * rank) for place in index)
    terms = tuple(numbers.reshape((*(1,) * rank, -1)) for numbers in operands)
    return float(np.asarray(_computed(origin, terms, cell)).reshape(()))


def _computed(origin: Origin, terms: tuple[Array, ...], index: tuple[Array, ...]) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return OPERATIONS[origin.kind](Made(terms, index, origin.constant or 0.0, origin.note))


def _values(operands: tuple[tuple[Reading, ...], ...]) -> tuple[Array, ...]:
    return tuple(np.array([reading.value for reading in readings]) for readings in operands)


def _printed(operands: tuple[tuple[Reading, ...], ...]) -> tuple[Array, ...]:
    return tuple(np.array([reading.printed for reading in readings]) for readings in operands)
