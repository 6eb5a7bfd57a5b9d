"""Folders that can be written, files that appear only when whole, and work folders that leave no trace."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.errors import WORK_PREFIX, Failure, reason


def writable_folder(folder: Path) -> Path:
    """The folder, made if need be. Raises Failure, in one line, if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"{WORK_PREFIX}{os.getpid()}.probe"
        probe.write_bytes(b"?")
        probe.unlink()
    except OSError as error:
        raise Failure(f"Cannot write to {folder}: {reason(error)}.") from None
    return folder


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it becomes `target` when the block ends well, else it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of `target` when the block ends well, else it is removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with work_folder(target.parent) as work:
        part = work / "new"
        part.mkdir()
        yield part
        if target.exists():
            target.replace(work / "old")
        part.replace(target)


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """A folder of our own inside `folder`, removed at the end; those of runs that were killed are removed too."""
    _sweep(folder)
    own = folder / f"{WORK_PREFIX}{_host()}-{os.getpid()}"
    own.mkdir(exist_ok=True)
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _sweep(folder: Path) -> None:
    for leftover in folder.glob(f"{WORK_PREFIX}{_host()}-*"):
        process = leftover.name.rpartition("-")[2]
        if process.isdecimal() and not _is_running(int(process)):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _host() -> str:
    return "".join(char if char.isalnum() else "_" for char in socket.gethostname())
