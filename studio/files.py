"""Folders that can be written, files that appear only when whole, and work folders that leave no trace."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.examples.faults import quote
from studio.errors import WORK_PREFIX, BadInput, Failure, placed, reason

LONGEST_NAME = 255  # bytes, on every common disk
LONGEST_ENDING = ".chapters.txt"  # of what stands beside a film
_MEDIA = "avi bmp eps gif jpeg jpg m4v mkv mov mp4 pdf png svg tif tiff webm webp"
_DOCUMENTS = "doc docx key odp odt htm html json md npz ppt pptx srt txt vtt zip toml"
ENDINGS = frozenset([*_MEDIA.split(), *_DOCUMENTS.split()])
NOT_LOCKED = -1
_held: dict[Path, int] = {}  # our work folders, each with the lock that says that it is in use


def writable_folder(folder: Path) -> Path:
    """The folder, made if need be. Raises Failure, in one line, if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"?")
    except OSError as error:
        raise Failure(f"Cannot write to {folder}: {reason(error)}.") from None
    return folder


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends well, else it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with work_folder(target.parent) as work, placed(target):
        part = work / target.name
        yield part
        part.replace(target)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of `target` when the block ends well, else it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with work_folder(target.parent) as work, placed(target):
        part = work / "new"
        part.mkdir()
        yield part
        if target.exists():
            target.replace(work / "old")
        part.replace(target)


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """A folder of our own inside `folder`, of a name that nobody knows before and open to nobody else, removed at the
    end; those of runs that were killed are removed too.
    """
    sweep(folder)
    own = _own_folder(folder)
    try:
        with placed(folder):
            yield own
    finally:
        _let_go(own)


def sweep(*folders: Path) -> None:
    """Remove the work folders in some folders that no process holds any more."""
    for leftover in (path for folder in folders for path in folder.glob(f"{WORK_PREFIX}*")):
        lock = _locked(leftover, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock != NOT_LOCKED:
            shutil.rmtree(leftover, ignore_errors=True)
            os.close(lock)


def let_go_of_all() -> None:
    """Remove all work folders of this process: it is about to end, perhaps in the midst of anything."""
    for own in list(_held):
        _let_go(own)


def _own_folder(folder: Path) -> Path:
    """A new work folder, locked. The lock goes with the process, however it ends."""
    while True:
        own = folder / f"{WORK_PREFIX}{secrets.token_hex(8)}"
        _held[own] = NOT_LOCKED  # noted before it is there, so that no signal can come in between
        own.mkdir(mode=0o700)
        _held[own] = _locked(own, fcntl.LOCK_EX)
        if own.is_dir():  # else another run took it for abandoned before it was locked
            return own
        _let_go(own)


def _let_go(own: Path) -> None:
    shutil.rmtree(own, ignore_errors=True)
    lock = _held.pop(own, NOT_LOCKED)
    if lock != NOT_LOCKED:
        os.close(lock)


def _locked(folder: Path, how: int) -> int:
    """The folder's lock, or NOT_LOCKED where another has it, and on disks that have none. Links are not followed."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return NOT_LOCKED
    try:
        fcntl.flock(lock, how)
    except OSError:
        os.close(lock)
        return NOT_LOCKED
    return lock


def check_length(*names: str, field: str = "--example") -> None:
    """Names of files, without what is written behind them, that a disk can hold."""
    most = LONGEST_NAME - (len(LONGEST_ENDING) if field == "--example" else 0)
    for name in names:
        found = len(name.encode(errors="surrogateescape"))
        if found > most:
            raise BadInput(f"{field}: found a name of {found} bytes, {quote(name)}; allowed: at most {most}")
