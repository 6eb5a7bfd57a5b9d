"""A function that runs by turns with whoever started it: it hands something over, and waits until it may go on."""

from __future__ import annotations

from collections.abc import Callable
from threading import Semaphore, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class _Stopped(BaseException):
    """Nobody waits for the function any more."""


class InTurns(Generic[T]):
    """Runs `body` in a thread of its own, which never runs while the other one does.

    It is a coroutine for a function that calls others which know nothing of that.
    """

    def __init__(self, body: Callable[[], None]) -> None:
        self._body = body
        self._mine, self._theirs = Semaphore(0), Semaphore(0)
        self._given: T | None = None
        self._error: BaseException | None = None
        self._ending = False
        self._thread = Thread(target=self._run, daemon=True)

    def resume(self) -> T | None:
        """Let the function go on until it hands something over; None: it has ended. Raises what it raises."""
        self._given = None
        if self._thread.ident is None:
            self._thread.start()
        else:
            self._theirs.release()
        self._mine.acquire()
        if self._error is not None:
            raise self._error
        return self._given

    def hand_over(self, thing: T) -> None:
        """Called by the function: gives something, and waits."""
        self._given = thing
        self._mine.release()
        self._theirs.acquire()
        if self._ending:
            raise _Stopped

    def stop(self) -> None:
        """End the function where it waits."""
        if self._thread.is_alive():
            self._ending = True
            self._theirs.release()
            self._thread.join()

    def _run(self) -> None:
        try:
            self._body()
        except _Stopped:
            pass
        except BaseException as error:
            self._error = error
        self._mine.release()
