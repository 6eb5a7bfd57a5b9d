"""Logos: pictures beside the lesson, those that are there and those that are put there."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from tempfile import TemporaryDirectory

from core.examples.faults import FileError, listed, quote
from studio.errors import BadInput
from studio.files import check_length, whole_file
from studio.lessons.logo import MOST_BYTES, SUFFIXES, logo_faults

MOST_LISTED = 200


def logos_in(folder: Path) -> list[str]:
    """The files of the folder that may be a logo, by their names."""
    names = sorted(path.name for path in folder.iterdir() if _is_name(path.name) and path.is_file())
    return names[:MOST_LISTED]


def keep(folder: Path, name: str, data: str) -> str:
    """Put a picture into the folder, and return what it is called there: no other file gives way to it.

    data: its bytes in base64. Raises BadInput or FileError for what is no logo.
    """
    if not _is_name(name) or Path(name).name != name or "\\" in name or "\0" in name:
        raise BadInput(f"logo: found {quote(name)}; allowed: a file that ends in {listed(SUFFIXES)}")
    check_length(name, field="logo")
    content = _decoded(data)
    with TemporaryDirectory() as place:
        (Path(place) / name).write_bytes(content)
        if faults := list(logo_faults("", Path(place), name)):
            raise FileError(faults)
    target = _free(folder / name, content)
    if not target.exists():
        with whole_file(target) as part:
            part.write_bytes(content)
    return target.name


def _is_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def _decoded(data: str) -> bytes:
    if len(data) > 4 * (MOST_BYTES // 3 + 1):
        raise BadInput(f"logo: found a larger file; allowed: at most {MOST_BYTES // 2**20} MB")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("logo: found something that is no file") from None


def _free(path: Path, content: bytes) -> Path:
    """The path, or with a number the next one, where nothing else is."""
    target, number = path, 1
    while target.exists() and not (target.is_file() and target.read_bytes() == content):
        number += 1
        target = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return target
