"""Watches a file that is edited elsewhere: what is drawn of it is drawn anew each time that it is saved."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change
from watchfiles import watch as changes

from studio.errors import judge
from studio.options import drawable

READ = (".toml", ".npz", ".safetensors", ".svg", ".png")  # what an example or a lesson is made of


def watch(file: Path, target: Path, draw: Callable[[], None]) -> None:
    """Draw now, and whenever something beside the file has changed, until a signal comes.

    target: what is drawn, which is no change. What is wrong with the file is said, and the last picture stays.
    """
    own = target.absolute()
    logging.getLogger("watchfiles").setLevel(logging.WARNING)

    def is_read(change: Change, path: str) -> bool:
        return Path(path).suffix.lower() in READ and Path(path) != own and change != Change.deleted

    _attempt(draw)
    for _ in changes(file.absolute().parent, watch_filter=is_read, recursive=False, debounce=100, step=20):
        _attempt(draw)


def _attempt(draw: Callable[[], None]) -> None:
    drawable.cache_clear()  # the file has the same name and says something else
    try:
        draw()
    except Exception as error:
        verdict = judge(error)
        if verdict is None:
            raise
        print(verdict[1], file=sys.stderr, flush=True)
