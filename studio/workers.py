"""Worker processes: jobs handed out one at a time, news coming back, nothing left running afterwards.

The processes are spawned, so a job, its results and its news must be picklable, and the work a module's function.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from studio.errors import BAD_INPUT, FAILED, BadInput, Failure, judge

Job = TypeVar("Job")
News = TypeVar("News")
Result = TypeVar("Result")
Work = Callable[[Job, Callable[[News], None]], Result]

_NEWS, _DONE, _ERROR = "news", "done", "error"


def processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def run_all(
    work: Work[Job, News, Result],
    jobs: Sequence[Job],
    workers: int,
    on_news: Callable[[int, News], None],
    on_done: Callable[[int, Result], None],
) -> None:
    """Do all jobs in at most so many processes. `on_news` and `on_done` are called here, with the job's index.

    The first error ends everything: BadInput or Failure is raised, and the processes are stopped.
    """
    crew = [_Hand(work) for _ in range(min(workers, len(jobs)))]
    left = list(enumerate(jobs))[::-1]
    try:
        for hand in crew:
            hand.give(*left.pop())
        while busy := {hand.connection: hand for hand in crew if hand.job is not None}:
            for connection in wait(list(busy)):
                hand = busy[connection]  # type: ignore[index]
                kind, content = hand.hear()
                if kind == _NEWS:
                    on_news(hand.number, content)
                    continue
                on_done(hand.number, content)
                hand.job = None
                if left:
                    hand.give(*left.pop())
    finally:
        for hand in crew:
            hand.stop()


class _Hand(Generic[Job, News, Result]):
    """One worker process, seen from here."""

    def __init__(self, work: Work[Job, News, Result]) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.number = -1

    def give(self, number: int, job: Job) -> None:
        self.number, self.job = number, job
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
        idle = self.job is None
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


def _serve(connection: Connection, work: Work[Any, Any, Any]) -> None:
    """The life of a worker process. Ctrl-C is the parent's business, which stops its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        try:
            result = work(job, lambda news: connection.send((_NEWS, news)))
        except Exception as error:
            connection.send((_ERROR, judge(error) or (FAILED, traceback.format_exc().rstrip())))
        else:
            connection.send((_DONE, result))
