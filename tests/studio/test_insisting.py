"""A signal that arrives where Python drops exceptions ends the process all the same."""

from __future__ import annotations

import signal
import time
import weakref
from types import FrameType
from typing import NoReturn

import pytest

from studio.insisting import insisting


class Thing:
    def __init__(self, number: int | None = None) -> None:
        self.number = number

    def __del__(self) -> None:
        if self.number is not None:
            signal.raise_signal(self.number)


def end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


@pytest.mark.parametrize("callback", [False, True])
def test_a_signal_in_a_finalizer_is_heard_a_moment_later(callback: bool, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.signal(signal.SIGTERM, end)
    try:
        with pytest.raises(SystemExit), insisting(end):
            thing = Thing(None if callback else signal.SIGTERM)
            watch = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM)) if callback else None
            del thing
            time.sleep(2)
            assert watch is None
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().err == ""
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
