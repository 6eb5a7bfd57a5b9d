"""The trace for people and other programs: tables for a terminal, JSON, and arrays in an .npz file."""

from __future__ import annotations

import itertools
import json
import math
import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.examples.directions import kept_apart
from core.examples.faults import quote
from core.trace.reading import format_number
from core.trace.tensor import Tensor
from core.trace.trace import Trace

MOST_LINES = 20  # a matrix with more rows, columns or sheets is shown by its first and last ones
_KEPT_FIRST, _KEPT_LAST = 7, 3
_ELLIPSIS = "…"
_LONGEST_NAME = 12  # of a token beside a mask


def as_table(trace: Trace, names: Iterable[str] | None = None) -> str:
    """The named tensors (all if `names` is None) as text, a table each, with the tokens at its rows and columns.

    Raises KeyError for a name that is not in the trace.
    """
    return "\n\n".join(_table(trace[name]) for name in (trace if names is None else names))


def as_json(trace: Trace) -> str:
    """The trace as JSON: for each name its axes, shape, labels, product, origin, decimals and nested values.

    JSON has no infinity: −∞ is the string "-inf".
    """
    return json.dumps({name: _plain(tensor) for name, tensor in trace.items()}, ensure_ascii=False, allow_nan=False)


def save_npz(trace: Trace, path: str | Path) -> Path:
    """Write every tensor under its name as a float64 array, and what they are as JSON under `description`.

    The file appears only when it is whole. Returns its path. Raises OSError if it cannot be written.
    """
    path = Path(path)
    arrays: dict[str, Any] = {name: tensor.values for name, tensor in trace.items()}
    description = {name: _about(tensor) for name, tensor in trace.items()}
    arrays["description"] = np.array(json.dumps(description, ensure_ascii=False))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez_compressed(file, **arrays)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


# --- JSON -------------------------------------------------------------------------------------------------------------


def _about(tensor: Tensor) -> dict[str, Any]:
    return {
        "axes": list(tensor.axes),
        "shape": list(tensor.shape),
        "labels": {axis: list(texts) for axis, texts in tensor.labels.items()},
        "product": list(tensor.product) if tensor.product else None,
        "origin": tensor.origin.as_json() if tensor.origin else None,
        "decimals": tensor.decimals,
    }


def _plain(tensor: Tensor) -> dict[str, Any]:
    return {**_about(tensor), "values": _finite(tensor.values.tolist())}


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value if math.isfinite(value) else str(value)


# --- masks ------------------------------------------------------------------------------------------------------------


def mask_grid(mask: Tensor) -> list[str]:
    """A mask (queries, keys) as lines: a row for each token that looks, then a line for each that sees nobody."""
    seen = mask.values == 0
    queries = mask.axis_labels("queries") or ()
    names = [kept_apart(_shortened(query)) for query in queries]
    width = max(map(text_width, names))
    lines = [
        " " * (width - text_width(name)) + f"{name}  {' '.join('■' if looks else '·' for looks in row)}"
        for name, row in zip(names, seen, strict=True)
    ]
    blind = [
        f"row {place}, {quote(query)}, sees nobody: its weights and its output are 0"
        for place, (query, row) in enumerate(zip(queries, seen, strict=True), 1)
        if not row.any()
    ]
    return [*lines, "a row looks at columns, which are in the same order: ■ may look, · may not", *blind]


def _shortened(token: str) -> str:
    return token if len(token) <= _LONGEST_NAME else f"{token[: _LONGEST_NAME - 1]}{_ELLIPSIS}"


# --- tables -----------------------------------------------------------------------------------------------------------


def text_width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters two, combining marks none."""
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _table(tensor: Tensor) -> str:
    if not tensor.axes:
        return f"{tensor.name} = {tensor.at().text}{_rounded(tensor)}"
    size = " × ".join(f"{axis} {length}" for axis, length in zip(tensor.axes, tensor.shape, strict=True))
    product = f" = {tensor.product[0]} · {tensor.product[1]}" if tensor.product else ""
    lines = [f"{tensor.name}{product}  ({size}){_rounded(tensor)}"]
    for sheet in _sheets(tensor):
        if sheet is None:
            lines.append(_ELLIPSIS)
            continue
        if sheet:
            lines.append(", ".join(_sheet_title(tensor, axis, index) for axis, index in enumerate(sheet)))
        lines += _grid(tensor.part(*sheet))
    return "\n".join(lines)


def _rounded(tensor: Tensor) -> str:
    finite = tensor.values[np.isfinite(tensor.values)]
    exact = np.allclose(finite, np.round(finite, tensor.decimals), rtol=0, atol=1e-9)
    return "" if exact else f"  rounded to {tensor.decimals} decimals"


def _sheets(tensor: Tensor) -> Iterable[tuple[int, ...] | None]:
    """The leading indices of the matrices in a tensor; None stands for those left out."""
    lead = [range(length) for length in tensor.shape[: max(0, len(tensor.axes) - 2)]]
    every = list(itertools.product(*lead))
    return [every[position] if position is not None else None for position in _shown(len(every))]


def _sheet_title(tensor: Tensor, axis: int, index: int) -> str:
    labels = tensor.axis_labels(tensor.axes[axis])
    return f"{tensor.axes[axis]} {index + 1}" + (f" {labels[index]}" if labels else "")


def _shown(count: int) -> list[int | None]:
    if count <= MOST_LINES:
        return list(range(count))
    return [*range(_KEPT_FIRST), None, *range(count - _KEPT_LAST, count)]


def _grid(tensor: Tensor) -> list[str]:
    """A vector or matrix as aligned lines with labels on both sides."""
    row_labels = [""] if tensor.values.ndim == 1 else _axis_texts(tensor, 0)
    column_labels = _axis_texts(tensor, tensor.values.ndim - 1)
    matrix = np.atleast_2d(tensor.values)
    columns = _shown(matrix.shape[1])
    cells = [["", *(_ELLIPSIS if column is None else column_labels[column] for column in columns)]]
    for row in _shown(matrix.shape[0]):
        if row is None:
            cells.append([_ELLIPSIS, *[""] * len(columns)])
            continue
        numbers = (_ELLIPSIS if c is None else format_number(matrix[row, c], tensor.decimals) for c in columns)
        cells.append([row_labels[row], *numbers])
    return _aligned(cells)


def _axis_texts(tensor: Tensor, axis: int) -> list[str]:
    labels = tensor.axis_labels(tensor.axes[axis])
    return list(map(kept_apart, labels)) if labels else [str(number) for number in range(1, tensor.shape[axis] + 1)]


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Cells as lines, the first column flush left, the others flush right."""
    widths = [max(text_width(text) for text in column) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(
            _padded(text, width, left=not column) for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - text_width(text))
    return text + space if left else space + text
