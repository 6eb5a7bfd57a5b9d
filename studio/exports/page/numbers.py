"""The numbers of a page: the tensors that its steps show and all that these are made of, every number as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.trace import Trace
from core.trace.opened import origin_of
from scenes.stage.paint.symbols import SYMBOLS
from studio.exports.transcript import symbol_text

_BITS = "01"


def with_operands(trace: Trace, names: Iterable[str]) -> list[str]:
    """The names that the trace has, and of what these tensors are made, and so on, in the order of the trace."""
    found: set[str] = set()
    waiting = [name for name in names if name in trace]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [operand for made in origin_of(trace[name]).operands for operand in made.names]
    return [name for name in trace if name in found]


def described(trace: Trace, name: str) -> dict[str, Any]:
    """A tensor as the page reads it.

    cells: all numbers as the film prints them, in rows, between blanks; exact: for each number whether nothing is
    rounded away, one digit where all are alike; origin: how the tensor was made, `core.trace.origin`.
    """
    tensor = trace[name]
    readings = [tensor.at(*index) for index in np.ndindex(tensor.shape)]
    symbol = SYMBOLS.get(name.rpartition(".")[2])
    return {
        "symbol": symbol_text(name),
        "hue": symbol.meaning if symbol else "quiet",
        "axes": list(tensor.axes),
        "shape": list(tensor.shape),
        "labels": {axis: list(texts) for axis, texts in tensor.labels.items()},
        "origin": origin_of(tensor).as_json(),
        "decimals": tensor.decimals,
        "cells": " ".join(reading.text for reading in readings),
        "exact": _digits(reading.exact for reading in readings),
    }


def _digits(answers: Iterable[bool]) -> str:
    """A digit for each answer, or a single one if all are alike."""
    digits = "".join(_BITS[answer] for answer in answers)
    return digits[0] if len(set(digits)) == 1 else digits
