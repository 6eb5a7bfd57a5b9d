"""Signals that end a process are heard wherever it is: also where Python drops what their handler raises."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SOON = 0.005  # seconds
ENDS = (KeyboardInterrupt, SystemExit)


@contextmanager
def insisting(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """Within it, what a signal's handler raises in a finalizer or in a callback of C, where it would be printed and
    forgotten, is raised once more a moment later, by `handler`.
    """
    hook, alarm = sys.unraisablehook, signal.signal(signal.SIGALRM, handler)

    def once_more(dropped: Any) -> None:
        if isinstance(dropped.exc_value, ENDS):
            signal.setitimer(signal.ITIMER_REAL, SOON)
        else:
            hook(dropped)

    sys.unraisablehook = once_more
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = hook
        signal.signal(signal.SIGALRM, alarm)
