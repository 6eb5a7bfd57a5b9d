"""The store of rendered steps: one video segment each, named by the hash of everything that it is made from.

At the end of each stands the hash of what it holds, in a box that players skip, so that damage is seen. Segments are
put in when whole and never changed, and a render works on links of its own to those that it needs: several can share a
store, one that is killed leaves nothing half-written in it, and clearing it takes nothing from one that is under way.
The store is kept below a size; what was not used for longest goes first.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

FOLDER = ".segments"
MOST_BYTES = 4 * 2**30
SAFE_SECONDS = 3600.0
_SEAL = struct.Struct(">I4s32s")  # a box of MP4: its size, its kind, and the hash of its key and all before it
_FREE = b"free"
_CHUNK = 2**20


class SegmentStore:
    """Segments in a folder beside the films."""

    def __init__(self, out: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = out / FOLDER
        self.most_bytes = most_bytes

    def path(self, key: str) -> Path:
        return self.folder / f"{key}.mp4"

    def has(self, key: str) -> bool:
        """Whether the segment is there as it was put in; asking marks it as used, and removes one that is damaged."""
        segment = self.path(key)
        try:
            os.utime(segment)
            sound = is_sealed(segment, key)
        except OSError:
            return False
        if not sound:
            segment.unlink(missing_ok=True)
        return sound

    def lend(self, key: str, segment: Path) -> bool:
        """Link the segment to a path of one's own, if it is there as it was put in."""
        if not self.has(key):
            return False
        try:
            _link(self.path(key), segment)
        except OSError:  # another process has removed it in this moment
            return False
        return True

    def take(self, segment: Path, key: str) -> None:
        """Put a whole segment in, sealed; it stays, and is linked beside itself for a moment."""
        seal(segment, key)
        self.folder.mkdir(exist_ok=True)
        other = segment.with_suffix(".kept")
        _link(segment, other)
        with suppress(FileNotFoundError):  # cleared in this moment
            other.replace(self.path(key))

    def trim(self) -> None:
        """Remove what was not used for longest until the rest fits; what was used within the hour stays."""
        now = time.time()
        files = sorted((used if used <= now + SAFE_SECONDS else 0.0, size, file) for used, size, file in self._files())
        excess = sum(size for _, size, _ in files) - self.most_bytes
        for used, size, file in files:
            if excess <= 0 or now - used < SAFE_SECONDS:
                return
            file.unlink(missing_ok=True)
            excess -= size

    def clear(self) -> int:
        """Remove everything; return how many bytes that were."""
        total = sum(size for _, size, _ in self._files())
        shutil.rmtree(self.folder, ignore_errors=True)
        return total

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was last used, its size, and its path; another render may remove files meanwhile."""
        for file in self.folder.glob("*"):
            with suppress(FileNotFoundError):
                status = file.stat()
                yield status.st_mtime, status.st_size, file


def seal(segment: Path, key: str) -> None:
    """Write the hash of what a segment is and holds at its end."""
    with segment.open("r+b") as file:
        box = _box(file, os.fstat(file.fileno()).st_size, key)
        file.write(box)


def is_sealed(segment: Path, key: str) -> bool:
    """Whether a segment is the one of that key, and holds what it held when it was sealed."""
    with segment.open("rb") as file:
        length = os.fstat(file.fileno()).st_size - _SEAL.size
        return length >= 0 and _box(file, length, key) == file.read()


def _box(file: BinaryIO, length: int, key: str) -> bytes:
    """The box that seals the next bytes of a file as the segment of that key."""
    hasher = hashlib.sha256(key.encode())
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        hasher.update(chunk)
        length -= len(chunk)
    return _SEAL.pack(_SEAL.size, _FREE, hasher.digest())


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy on disks that have no links."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except FileExistsError:
        return
    except OSError:
        shutil.copyfile(source, target)
