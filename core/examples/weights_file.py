"""Weights beside an example, from a .safetensors or .npz file: never a pickle, never from outside its folder.

Of a file only names, types and shapes are read at first; numbers only of arrays that are wanted and not too large.
"""

from __future__ import annotations

import json
import math
import warnings
import zipfile
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from core.examples.checks import LARGEST_NUMBER
from core.examples.faults import MOST_FAULTS, Fault, further, listed, nearest, quote, shape_text
from core.examples.saved_names import Arrays, Stored, attentions, own_arrays
from core.examples.why_unreadable import reason

MOST_BYTES = 256 * 2**20
MOST_NUMBERS = 2**20  # of one array: twice those of the largest projection
_LONGEST_HEADER = 8 * 2**20
_MOST_ARRAYS = 10_000
_LONGEST_DIRECTORY = 2**20
_FLOATS = ("F64", "F32", "F16", "BF16")
_KINDS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "BOOL": "bool", "C64": "complex64"}
_KINDS |= {f"{sign}{bits}": f"{name}{bits}" for sign, name in (("I", "int"), ("U", "uint")) for bits in (64, 32, 16, 8)}
_PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle")
_TABLES = (".npy", ".csv", ".txt", ".mat", ".h5", ".hdf5")
MOST_FILES = 1000  # of a folder that are looked at for a near name
_SUFFIXES = (".safetensors", ".npz")


class UnreadableError(Exception):
    """A weights file that cannot be read; the text says why, `allowed` what could be."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found)
        self.allowed = allowed


def read_weights(
    file: str, folder: Path, name: str, allowed: tuple[str, ...], prefix: str | None = None
) -> tuple[dict[str, np.ndarray], list[Fault]]:
    """The arrays of the weights file `name` in `folder`, as float64, and what is wrong with them.

    file: the example, for the faults. allowed: the names that arrays may have. prefix: what the names of the arrays
    begin with that are meant.
    """
    path = folder / name
    if flaw := path_flaw(path, folder, _SUFFIXES):
        return {}, [Fault(file, "weights.file", f"{quote(name)}, {flaw[0]}", flaw[1])]
    try:
        stored = read_safetensors(path)[0] if path.suffix == ".safetensors" else _read_npz(path)
        begins, faults = _one_attention(file, name, stored, prefix)
        own, others = own_arrays(stored, begins) if not faults else ({}, {})
        numbers: dict[str, np.ndarray] = {}
        for key, (theirs, array) in own.items():
            numbers[key], found = _numbers(f"{file}: {name}", key, theirs, array)
            faults += found
    except UnreadableError as error:
        return {}, [Fault(file, "weights.file", f"{quote(name)}, {error}", error.allowed)]
    faults += _unknown(f"{file}: {name}", others, begins, allowed)
    return {key: array for key, array in numbers.items() if array.size}, faults


# --- which of the arrays ----------------------------------------------------------------------------------------------


def _one_attention(file: str, name: str, arrays: Arrays, prefix: str | None) -> tuple[str, list[Fault]]:
    """What the names of the arrays that are meant begin with; a fault where a file holds several attentions."""
    found = attentions(arrays)
    named = [quote(one.removesuffix(".")) for one in found if one]
    some = [*named[:3], f"{len(named) - 3} more"] if len(named) > 4 else named
    if prefix is not None:
        begins = prefix if prefix.endswith(".") else f"{prefix}."
        if any(key.startswith(begins) for key in arrays):
            return begins, []
        allowed = f"what names in {quote(name)} begin with: {listed(some)}" if named else "nothing: no name has any"
        return "", [Fault(file, "weights.prefix", quote(prefix), allowed, nearest(quote(prefix), named))]
    if len(found) < 2:
        others = own_arrays(arrays, found[0])[1] if found else []
        beside = [key for key in arrays if found and key != "embeddings" and not key.startswith(found[0])]
        if not beside or others or not found[0]:
            return (found[0] if found else ""), []
        what = f"{quote(name)}, which also holds {listed(map(quote, beside[:3]), 'and')}"
        return "", [Fault(file, "weights.file", what, f"below [weights] prefix = {named[0]}, for its attention alone")]
    what = f"{quote(name)}, with the arrays of {len(found)} attentions"
    return "", [Fault(file, "weights.file", what, f"one of them: below [weights] prefix = {listed(some)}")]


def _unknown(file: str, others: Mapping[str, str], prefix: str, allowed: tuple[str, ...]) -> list[Fault]:
    """Arrays that are none of an attention, at most 20 of them, each with the cure where there is one."""
    faults = []
    for key, found in islice(others.items(), MOST_FAULTS):
        told = quote(key)[1:-1]
        if found.endswith("a second time"):
            faults.append(Fault(file, told, found, "one of the two"))
        else:
            cure = _cure(key.removeprefix(prefix)) or listed(allowed)
            faults.append(Fault(file, told, found, cure, nearest(key, allowed)))
    return [*faults, *([further(file, "", len(others) - MOST_FAULTS)] if len(others) > MOST_FAULTS else [])]


def _cure(core: str) -> str:
    """What is to be done with an array whose numbers could be meant in two ways."""
    if core in ("c_attn.weight", "c_proj.weight"):
        return "c_attn.weight of d_model × 3·d_model, as GPT-2 has it, or as three arrays w_q, w_k and w_v; w_o"
    if any(part in core for part in ("qkv", "query_key_value", "kv_proj", "in_proj", "c_attn")):
        return "three arrays w_q, w_k and w_v, each d_model × heads·d_k (of a Linear the transpose)"
    return ""


# --- files ------------------------------------------------------------------------------------------------------------


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
        return "a file of another kind", f"{beside}{_converted(path.suffix, suffixes)}"
    try:
        if not target.is_file():
            return "a folder" if target.is_dir() else "which does not exist", f"{beside}{_near(path, suffixes)}"
        size = target.stat().st_size
    except OSError as error:
        return f"which cannot be read ({error.strerror})", beside
    if size > MOST_BYTES:
        return f"a file of {size // 2**20:,} MB", f"at most {MOST_BYTES // 2**20} MB: the arrays of one attention alone"
    return None


def _converted(suffix: str, suffixes: tuple[str, ...]) -> str:
    """How a file of a kind that is not read becomes one that is."""
    if suffix.lower() in _PICKLES:
        return "; in PyTorch, safetensors.torch.save_file writes one"
    return "; numpy.savez writes one" if suffix.lower() in _TABLES and ".npz" in suffixes else ""


def _near(path: Path, suffixes: tuple[str, ...]) -> str:
    """The file beside the example that may be meant."""
    beside = (one.name for one in islice(path.parent.glob("*"), MOST_FILES) if one.suffix in suffixes)
    near = nearest(path.name, beside)
    return f"; did you mean {quote(near)}?" if near else ""


def read_safetensors(path: Path) -> tuple[dict[str, Stored], dict[str, str]]:
    """The arrays of a safetensors file, bfloat16 as float32, and its metadata. Raises UnreadableError."""
    from safetensors import safe_open

    try:
        header = _header(path)
        with safe_open(path, framework="numpy") as file:
            kinds = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
            _check_count(len(kinds))
            _check_kinds(kinds)
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in kinds}
            metadata = file.metadata() or {}
        begin = {name: 8 + header[0] + header[1][name]["data_offsets"][0] for name in kinds}
    except UnreadableError:
        raise
    except Exception as error:  # whatever a damaged file makes the reader stumble over
        raise _unreadable(error, path) from None
    arrays = {
        name: Stored(_KINDS[kind], shapes[name], _reader(path, _KINDS[kind], shapes[name], begin[name]))
        for name, kind in kinds.items()
    }
    return _some(arrays, path), metadata


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """The length of a safetensors file's header and the header: where each array begins."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _LONGEST_HEADER:
            raise ValueError(f"a header of {length:,} bytes")
        header = json.loads(file.read(length))
    return length, header


def _reader(path: Path, kind: str, shape: tuple[int, ...], begin: int) -> Callable[[], np.ndarray]:
    """How the numbers of an array are read; bfloat16 is the upper half of float32."""

    def read() -> np.ndarray:
        count = math.prod(shape)
        wanted = np.dtype("<u2" if kind == "bfloat16" else kind).newbyteorder("<")
        try:
            numbers = np.fromfile(path, wanted, count, offset=begin)
            if kind == "bfloat16":
                numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
            return numbers.reshape(shape)
        except (OSError, ValueError, MemoryError) as error:
            raise _unreadable(error, path) from None

    return read


def _check_count(count: int) -> None:
    if count > _MOST_ARRAYS:
        raise UnreadableError(f"with {count:,} arrays", f"at most {_MOST_ARRAYS:,}: the arrays of one attention alone")


def _check_kinds(kinds: Mapping[str, str]) -> None:
    """Raise UnreadableError for numbers that NumPy has not, such as those of 8 bits: whose, and how to convert them."""
    other = {quote(name): kind for name, kind in kinds.items() if kind not in _KINDS}
    if not other:
        return
    names = [*list(other)[:3], f"{len(other) - 3:,} more"] if len(other) > 4 else list(other)
    whose = f"whose arrays {listed(names, 'and')} hold" if len(other) > 1 else f"whose array {names[0]} holds"
    cure = "convert it, in PyTorch with .to(torch.float32)"
    raise UnreadableError(
        f"{whose} numbers of type {listed(sorted(set(other.values())), 'and')}",
        f"{', '.join(_FLOATS)} or whole numbers: {cure}",
    )


def _read_npz(path: Path) -> dict[str, Stored]:
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
            _check_count(len(entries))
            if sum(entry.file_size for entry in entries.values()) > MOST_BYTES:
                raise UnreadableError(f"which unpacks to more than {MOST_BYTES // 2**20} MB", _whole(path))
            arrays = {name: _npy(path, archive, entry) for name, entry in entries.items()}
    except UnreadableError:
        raise
    except Exception as error:  # zlib, lzma, tokenize, zipfile and NumPy each have their own
        raise _unreadable(error, path) from None
    return _some(arrays, path)


def _check_directory(path: Path) -> None:
    """Raise UnreadableError for a zip file whose directory is huge: it would be read as a whole."""
    with path.open("rb") as file:
        start = max(0, path.stat().st_size - 2**16 - 22)
        file.seek(start)
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[place + 12 : place + 16], "little") if place >= 0 else 0
    if size > _LONGEST_DIRECTORY or b"PK\x06\x07" in tail[max(0, place - 20) : max(0, place)]:
        raise UnreadableError("which is a zip file of very many entries", "a .npz file of a few arrays")


def _npy(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Stored:
    """An array of an .npz file by its header, which must not claim more numbers than there are bytes."""
    with archive.open(entry) as file, warnings.catch_warnings(action="ignore"):
        shape, _, kind = _npy_header(file)
        needed = file.tell() + math.prod(map(int, shape)) * kind.itemsize
        whose = f"whose array {quote(entry.filename.removesuffix('.npy'))}"
        if kind.hasobject:
            raise UnreadableError(f"{whose} is of objects", f"{_whole(path)}: objects could be programs")
        if min(shape, default=0) < 0 or needed > entry.file_size:
            raise UnreadableError(f"{whose} claims {shape_text(shape)} in {entry.file_size:,} bytes", _whole(path))

    def read() -> np.ndarray:
        try:
            with zipfile.ZipFile(path) as again, again.open(entry) as file, warnings.catch_warnings(action="ignore"):
                return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
        except Exception as error:
            raise _unreadable(error, path) from None

    return Stored(kind.name if kind.kind in "biufc" else str(kind), shape, read)


def _npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"an array in version {version[0]}.{version[1]} of the format")
    return readers[version](file)


def _whole(path: Path) -> str:
    maker = "numpy.savez" if path.suffix == ".npz" else "safetensors"
    return f"a whole {path.suffix} file of numbers, as {maker} writes it"


def _some(arrays: dict[str, Stored], path: Path) -> dict[str, Stored]:
    if not arrays:
        raise UnreadableError("which holds no arrays", _whole(path))
    return arrays


def _unreadable(error: Exception, path: Path) -> UnreadableError:
    return UnreadableError(f"which cannot be read ({reason(error, path)})", _whole(path))


# --- numbers ----------------------------------------------------------------------------------------------------------

_NONE = np.empty(0)


def _numbers(file: str, key: str, theirs: str, array: Stored) -> tuple[np.ndarray, list[Fault]]:
    """The numbers of an array as float64, and what is wrong with it by its type, its shape or its numbers."""
    named = quote(theirs)[1:-1]
    flaw = array_flaw(key, array)
    if flaw is None:
        numbers = array.read()
        flaw = numbers_flaw(numbers)
    if flaw is not None:
        return _NONE, [Fault(file, named, *flaw)]
    return numbers.astype(float), []


def array_flaw(key: str, array: Stored) -> tuple[str, str] | None:
    """What is found and what is allowed, if an array is none of numbers or has another shape than those of its name."""
    if not array.is_real:
        return array.held, "real numbers"
    dimensions = 1 if key.startswith("b_") else 2
    if len(array.shape) != dimensions or not array.size:
        kind = "a list of numbers (one dimension)" if dimensions == 1 else "a matrix, rows of numbers (two dimensions)"
        return shape_text(array.shape) + ("" if array.size else ", without any number"), kind
    if array.size > MOST_NUMBERS:
        return shape_text(array.shape), f"at most {MOST_NUMBERS:,} numbers"
    return None


def numbers_flaw(array: np.ndarray) -> tuple[str, str] | None:
    """What is found and what is allowed, if there are numbers beyond the bounds that those of an example have."""
    low, high = array.min().item(), array.max().item()
    if not -np.inf < low <= high < np.inf:
        return "NaN or infinite numbers", "finite numbers"
    largest = max(abs(high), abs(low))
    if largest > LARGEST_NUMBER:
        return f"{largest:.7g} in size", f"numbers from −{LARGEST_NUMBER:,.0f} to {LARGEST_NUMBER:,.0f}"
    return None
