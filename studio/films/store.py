"""The store of rendered steps: one video segment each, named by the hash of everything that it is made from.

Segments are moved in when whole and never changed, so several renders can share a store, and one that is killed
leaves nothing half-written in it. The store is kept below a size; what was not used for longest goes first.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER = ".segments"
MOST_BYTES = 4 * 2**30
SAFE_SECONDS = 3600.0


class SegmentStore:
    """Segments in a folder beside the films."""

    def __init__(self, out: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder = out / FOLDER
        self.most_bytes = most_bytes

    def path(self, key: str) -> Path:
        return self.folder / f"{key}.mp4"

    def has(self, key: str) -> bool:
        """Whether the segment is there; asking marks it as used."""
        try:
            os.utime(self.path(key))
        except FileNotFoundError:
            return False
        return True

    def take(self, segment: Path, key: str) -> None:
        """Move a whole segment in."""
        self.folder.mkdir(exist_ok=True)
        segment.replace(self.path(key))

    def trim(self) -> None:
        """Remove what was not used for longest until the rest fits; what was used within the hour stays."""
        files = sorted(self._files())
        excess = sum(size for _, size, _ in files) - self.most_bytes
        for used, size, file in files:
            if excess <= 0 or time.time() - used < SAFE_SECONDS:
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
