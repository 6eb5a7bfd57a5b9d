"""The numbers of a page: the tensors that its steps show, and what these are products of, every number as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.trace import Trace
from scenes.stage.paint.symbols import SYMBOLS
from studio.exports.transcript import symbol_text

_BITS = "01"


def with_operands(trace: Trace, names: Iterable[str]) -> list[str]:
    """The names that the trace has, and of what they are products, and so on, in the order of the trace."""
    found: set[str] = set()
    waiting = [name for name in names if name in trace]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += trace[name].product or ()
    return [name for name in trace if name in found]


def described(trace: Trace, name: str) -> dict[str, Any]:
    """A tensor as the page reads it.

    cells: all numbers as the film prints them, in rows, between blanks; exact: for each number whether nothing is
    rounded away; closes: for each number of a product whether its printed terms give it as printed. One digit for all
    where they are alike.
    """
    tensor = trace[name]
    indices = list(np.ndindex(tensor.shape))
    readings = [tensor.at(*index) for index in indices]
    symbol = SYMBOLS.get(name.rpartition(".")[2])
    return {
        "symbol": symbol_text(name),
        "hue": symbol.meaning if symbol else "quiet",
        "axes": list(tensor.axes),
        "shape": list(tensor.shape),
        "labels": {axis: list(texts) for axis, texts in tensor.labels.items()},
        "product": list(tensor.product or ()),
        "decimals": tensor.decimals,
        "cells": " ".join(reading.text for reading in readings),
        "exact": _digits(reading.exact for reading in readings),
        "closes": _digits(trace.explain(name, *index).closes for index in indices) if tensor.product else "",
    }


def _digits(answers: Iterable[bool]) -> str:
    """A digit for each answer, or a single one if all are alike."""
    digits = "".join(_BITS[answer] for answer in answers)
    return digits[0] if len(set(digits)) == 1 else digits
