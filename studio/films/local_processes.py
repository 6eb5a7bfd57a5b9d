"""A scheduler of processes on this machine: jobs handed out one at a time, nothing left running afterwards."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Self

from studio.errors import BAD_INPUT, FAILED, BadInput, Failure, judge
from studio.films.scheduler import Job, News, Result

_NEWS, _DONE, _ERROR = "news", "done", "error"


def processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class LocalProcesses:
    """Worker processes, spawned when there is work for them; at the end of the context they stop."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.hands: list[_Hand] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for hand in self.hands:
            hand.stop()

    def run(
        self,
        jobs: Sequence[Job[News, Result]],
        on_news: Callable[[int, News], None],
        on_done: Callable[[int, Result], None],
    ) -> None:
        """Do all jobs. `on_news` and `on_done` are called here, with the job's index.

        The first error ends everything: BadInput or Failure is raised.
        """
        while len(self.hands) < min(self.workers, len(jobs)):
            self.hands.append(_Hand())
        left = list(enumerate(jobs))[::-1]
        for hand in self.hands[: len(jobs)]:
            hand.give(*left.pop())
        while busy := {hand.connection: hand for hand in self.hands if hand.busy}:
            for connection in wait(list(busy)):
                hand = busy[connection]  # type: ignore[index]
                kind, content = hand.hear()
                if kind == _NEWS:
                    on_news(hand.number, content)
                    continue
                hand.busy = False
                on_done(hand.number, content)
                if left:
                    hand.give(*left.pop())


class _Hand:
    """One worker process, seen from here."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.busy = False
        self.number = -1

    def give(self, number: int, job: Job[Any, Any]) -> None:
        self.number, self.busy = number, True
        try:
            self.connection.send(job)
        except BrokenPipeError:
            raise self._death() from None

    def hear(self) -> tuple[str, Any]:
        try:
            kind, content = self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise self._death() from None
        if kind == _ERROR:
            code, message = content
            raise BadInput(message) if code == BAD_INPUT else Failure(message)
        return kind, content

    def stop(self) -> None:
        """An idle process ends by itself; one at work is ended, its job lost."""
        idle = not self.busy
        self.connection.close()
        if idle:
            self.process.join(5)
        self.process.terminate()
        self.process.join()

    def _death(self) -> Failure:
        self.process.join(5)
        code = self.process.exitcode
        killed = "was killed, perhaps for want of memory; try fewer --workers" if code == -signal.SIGKILL else "ended"
        return Failure(f"A drawing process {killed} (exit code {code}).")


def _serve(connection: Connection) -> None:
    """The life of a worker process. Ctrl-C is the parent's business, which stops its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        try:
            result = job.run(lambda news: connection.send((_NEWS, news)))
        except Exception as error:
            connection.send((_ERROR, judge(error) or (FAILED, traceback.format_exc().rstrip())))
        else:
            connection.send((_DONE, result))
