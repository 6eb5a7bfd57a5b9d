"""Weights beside an example, from a .safetensors or .npz file: never a pickle, never from outside its folder."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.examples.checks import LARGEST_NUMBER
from core.examples.faults import Fault, few, listed, nearest, quote, shape_text

MOST_BYTES = 256 * 2**20
_BFLOAT16 = "BF16"
_FLOATS = ("F64", "F32", "F16", _BFLOAT16)
_READABLE = (*_FLOATS, "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL", "C64")
_SUFFIXES = (".safetensors", ".npz")


def read_weights(
    file: str, folder: Path, name: str, allowed: tuple[str, ...]
) -> tuple[dict[str, np.ndarray], list[Fault]]:
    """The arrays of the weights file `name` in `folder`, as float64, and what is wrong with them.

    file: the example, for the faults. allowed: the names that arrays may have.
    """
    path = folder / name
    if flaw := path_flaw(path, folder, _SUFFIXES):
        return {}, [Fault(file, "weights.file", f"{quote(name)}, {flaw[0]}", flaw[1])]
    try:
        arrays = read_safetensors(path)[0] if path.suffix == ".safetensors" else _read_npz(path)
    except UnreadableError as error:
        return {}, [Fault(file, "weights.file", f"{quote(name)}, {error}", error.allowed)]
    faults = {key: _array_faults(f"{file}: {name}", key, array, allowed) for key, array in arrays.items()}
    numbers = {key: array.astype(float) for key, array in arrays.items() if not faults[key]}
    return numbers, few((fault for found in faults.values() for fault in found), of_file=True)


class UnreadableError(Exception):
    """A weights file that cannot be read; the text says why, `allowed` what could be."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found)
        self.allowed = allowed


def path_flaw(path: Path, folder: Path, suffixes: tuple[str, ...]) -> tuple[str, str] | None:
    """What is found and what is allowed, if the path may not be read: it must lie in `folder`, also as a link."""
    beside = f"a {listed(suffixes)} file in the example's own folder"
    try:
        target = path.resolve()
        inside = target.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return "which is no usable path", beside
    if not inside:
        return "which lies outside the example's folder", beside
    if path.suffix not in suffixes or target.suffix not in suffixes:
        return "a file of another kind", beside
    if not target.is_file():
        return "a folder" if target.is_dir() else "which does not exist", beside
    if target.stat().st_size > MOST_BYTES:
        return f"a file of {target.stat().st_size // 2**20} MB", f"at most {MOST_BYTES // 2**20} MB"
    return None


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays of a safetensors file, bfloat16 as float32, and its metadata. Raises UnreadableError."""
    from safetensors import deserialize, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
            _check_kinds(kinds)
            arrays = {name: file.get_tensor(name) for name, kind in kinds.items() if kind != _BFLOAT16}
            metadata = file.metadata() or {}
        if len(arrays) < len(kinds):
            tensors = dict(deserialize(path.read_bytes()))
            arrays |= {name: _widened(tensors[name]) for name, kind in kinds.items() if kind == _BFLOAT16}
    except UnreadableError:
        raise
    except Exception as error:  # whatever a damaged file makes the reader stumble over
        raise _unreadable(error, path) from None
    return _some(arrays, path), metadata


def _check_kinds(kinds: Mapping[str, str]) -> None:
    """Raise UnreadableError for numbers that NumPy has not, such as those of 8 bits: whose, and how to convert them."""
    other = {quote(name): kind for name, kind in kinds.items() if kind not in _READABLE}
    if not other:
        return
    names = [*list(other)[:3], f"{len(other) - 3} more"] if len(other) > 4 else list(other)
    whose = f"whose arrays {listed(names, 'and')} hold" if len(other) > 1 else f"whose array {names[0]} holds"
    cure = "convert it, in PyTorch with .to(torch.float32)"
    raise UnreadableError(
        f"{whose} numbers of type {listed(sorted(set(other.values())), 'and')}",
        f"{', '.join(_FLOATS)} or whole numbers: {cure}",
    )


def _widened(tensor: Mapping[str, Any]) -> np.ndarray:
    """A bfloat16 array as float32, whose upper half it is."""
    halves = np.frombuffer(tensor["data"], "<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(tensor["shape"])


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise UnreadableError(f"which unpacks to more than {MOST_BYTES // 2**20} MB", _whole(path))
        with warnings.catch_warnings(action="ignore"), np.load(path, allow_pickle=False) as file:
            arrays = {key: np.asarray(file[key]) for key in file.files}
    except UnreadableError:
        raise
    except Exception as error:  # zlib, lzma, tokenize, zipfile and NumPy each have their own
        raise _unreadable(error, path) from None
    return _some(arrays, path)


def _whole(path: Path) -> str:
    return f"a whole {path.suffix} file of numbers"


def _some(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    if not arrays:
        raise UnreadableError("which holds no arrays", _whole(path))
    return arrays


def _unreadable(error: Exception, path: Path) -> UnreadableError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return UnreadableError(f"which cannot be read ({reason})", _whole(path))


def _array_faults(file: str, key: str, array: np.ndarray, allowed: tuple[str, ...]) -> list[Fault]:
    if key not in allowed:
        return [Fault(file, quote(key)[1:-1], "an unknown array", listed(allowed), nearest(key, allowed))]
    if array.dtype.kind not in "fiu":
        return [Fault(file, key, f"values of type {array.dtype}", "real numbers")]
    dimensions = 1 if key.startswith("b_") else 2
    if array.ndim != dimensions or not array.size:
        kind = "a list of numbers (one dimension)" if dimensions == 1 else "a matrix (two dimensions)"
        return [Fault(file, key, shape_text(array.shape), kind)]
    if array.size > MOST_BYTES // 8:
        return [Fault(file, key, shape_text(array.shape), f"at most {MOST_BYTES // 8:,} numbers")]
    return _number_faults(file, key, array)


def _number_faults(file: str, key: str, array: np.ndarray) -> list[Fault]:
    """Numbers from a file are bounded as those of the example itself."""
    if not np.isfinite(array).all():
        return [Fault(file, key, "NaN or infinite numbers", "finite numbers")]
    largest = max(abs(array.max().item()), abs(array.min().item()))
    if largest > LARGEST_NUMBER:
        bounds = f"numbers from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f}"
        return [Fault(file, key, f"{largest:.7g} in size", bounds)]
    return []
