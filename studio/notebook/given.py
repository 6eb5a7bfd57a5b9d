"""The example that a notebook shows: a file's, with fields of one's own in Python's words, NumPy arrays among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.examples.example import Example, build_example, locate
from core.examples.fields import TABLES
from core.examples.toml_text import parse_toml, read_text

WORDS = ("sentence", "tokens", "sentences")
HERE = Path("show(…)")  # what faults call the file, where there is none


def given_example(example: str | Path | None, fields: Mapping[str, Any]) -> Example:
    """The example of a file or of a shipped name, with `fields` in the place of its own; without one, of the fields.

    Fields are those of an example file; matrices and masks may be arrays, weights a mapping from names to arrays.
    Raises ExampleError with every fault.
    """
    own = {name: plain(value) for name, value in fields.items() if value is not None}
    if example is None:
        return build_example(own, HERE)
    path = locate(example)
    data = parse_toml(path.name, read_text(path))
    if any(name in own for name in WORDS):
        data = {name: value for name, value in data.items() if name not in (*WORDS, "show", "target")}
    tables = {name: data[name] | own[name] for name in TABLES if _are_tables(data.get(name), own.get(name))}
    return build_example(data | own | tables, path)


def _are_tables(*values: Any) -> bool:
    return all(isinstance(value, dict) for value in values)


def plain(value: Any) -> Any:
    """A value as TOML would have it: arrays as lists, NumPy's numbers as Python's."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value
