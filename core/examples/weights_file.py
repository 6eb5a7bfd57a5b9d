"""Weights beside an example, from a .safetensors or .npz file: never a pickle, never from outside its folder."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from core.examples.faults import Fault, listed, nearest, quote, shape_text

MOST_BYTES = 256 * 2**20
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
        return {}, [Fault(file, "weights.file", f"{quote(name)}, {error}", f"a whole {path.suffix} file of numbers")]
    faults = [fault for key, array in arrays.items() for fault in _array_faults(f"{file}: {name}", key, array, allowed)]
    faulty = {fault.field for fault in faults}
    return {key: array.astype(float) for key, array in arrays.items() if key not in faulty}, faults


class UnreadableError(Exception):
    """A weights file that cannot be read; the text says why."""


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
    """The arrays of a safetensors file, and its metadata. Raises UnreadableError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise UnreadableError(f"which cannot be read ({_one_line(error)})") from None


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise UnreadableError(f"which unpacks to more than {MOST_BYTES // 2**20} MB")
        with np.load(path, allow_pickle=False) as arrays:
            return {key: np.asarray(arrays[key]) for key in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, NotImplementedError, SyntaxError) as error:
        raise UnreadableError(f"which cannot be read ({_one_line(error)})") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _array_faults(file: str, key: str, array: np.ndarray, allowed: tuple[str, ...]) -> list[Fault]:
    if key not in allowed:
        return [Fault(file, key, "an unknown array", listed(allowed), nearest(key, allowed))]
    if array.dtype.kind not in "fiu":
        return [Fault(file, key, f"values of type {array.dtype}", "real numbers")]
    dimensions = 1 if key.startswith("b_") else 2
    if array.ndim != dimensions or not array.size:
        kind = "a list of numbers (one dimension)" if dimensions == 1 else "a matrix (two dimensions)"
        return [Fault(file, key, shape_text(array.shape), kind)]
    if not np.isfinite(array.astype(float)).all():
        return [Fault(file, key, "NaN or infinite numbers", "finite numbers")]
    return []
