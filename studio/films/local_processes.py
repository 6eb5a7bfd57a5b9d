"""A scheduler of processes on this machine: jobs handed out one at a time, nothing left running afterwards."""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import Any, NoReturn, Self

from studio.errors import BAD_INPUT, FAILED, BadInput, Failure, judge
from studio.files import let_go_of_all
from studio.films.scheduler import TRIES, Failed, Job, News, Result, fail
from studio.insisting import insisting

DEAF = (signal.SIGINT, signal.SIGHUP)  # they come to the whole group, and are the parent's business
PATIENCE = 5.0  # seconds
_NEWS, _DONE, _ERROR, _DEATH = "news", "done", "error", "death"


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
        on_failed: Failed | None = None,
    ) -> None:
        """Do all jobs. `on_news` and `on_done` are called here, with the job's index.

        A job whose process dies is begun again in a new one, up to three times. What cannot be done is BadInput or
        Failure: `on_failed` is told, or, if nobody is, the first ends everything.
        """
        left, deaths = deque(enumerate(jobs)), Counter[int]()
        while len(self.hands) < min(self.workers, len(jobs)):
            self.hands.append(_Hand())
        for hand in self.hands[: len(jobs)]:
            hand.give(*left.popleft())
        while busy := {hand.connection: hand for hand in self.hands if hand.busy}:
            for connection in wait(list(busy)):
                hand = busy[connection]  # type: ignore[index]
                kind, content = hand.hear()
                if kind == _NEWS:
                    on_news(hand.number, content)
                    continue
                if kind == _DONE:
                    on_done(hand.number, content)
                elif kind == _DEATH and deaths[hand.number] < TRIES - 1:
                    deaths[hand.number] += 1
                    left.appendleft((hand.number, jobs[hand.number]))
                else:
                    fail(hand.number, content, on_failed)
                if kind == _DEATH:
                    hand = self._in_place_of(hand)
                if left:
                    hand.give(*left.popleft())

    def _in_place_of(self, dead: _Hand) -> _Hand:
        """A new process where one has died."""
        dead.stop()
        self.hands[self.hands.index(dead)] = hand = _Hand()
        return hand


class _Hand:
    """One worker process, seen from here."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        resource_tracker.ensure_running()  # it would otherwise be begun below, and let the signals in
        before = signal.pthread_sigmask(signal.SIG_BLOCK, DEAF)  # until the process can see to them
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self.busy = False
        self.number = -1

    def give(self, number: int, job: Job[Any, Any]) -> None:
        self.number, self.busy = number, True
        with suppress(BrokenPipeError):  # it has died: that will be heard
            self.connection.send(job)

    def hear(self) -> tuple[str, Any]:
        """News, or how the job ended: with a result, with an error, or with the process."""
        try:
            kind, content = self.connection.recv()
        except (EOFError, ConnectionResetError):
            kind, content = _DEATH, self._death()
        self.busy = kind == _NEWS
        if kind == _ERROR:
            code, message = content
            content = BadInput(message) if code == BAD_INPUT else Failure(message)
        return kind, content

    def stop(self) -> None:
        """An idle process ends by itself; one at work is ended, its job lost."""
        idle = not self.busy
        self.connection.close()
        if idle:
            self.process.join(PATIENCE)
        self.process.terminate()
        self.process.join(PATIENCE)
        self.process.kill()
        self.process.join()

    def _death(self) -> Failure:
        self.process.join(5)
        code = self.process.exitcode
        killed = "was killed, perhaps for want of memory; try fewer --workers" if code == -signal.SIGKILL else "ended"
        return Failure(f"A drawing process {killed} (exit code {code}).")


def _serve(connection: Connection) -> None:
    """The life of a worker process. It ends when it is told to, and when its parent has ended, however that came."""
    for number in DEAF:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, DEAF)
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        with insisting(_stop):
            _work(connection)
    except (EOFError, BrokenPipeError, ConnectionResetError):  # nobody is there to hear of it
        pass
    finally:
        let_go_of_all()


def _work(connection: Connection) -> None:
    """Do one job after the other."""
    while True:
        job = connection.recv()
        try:
            result = job.run(lambda news: connection.send((_NEWS, news)))
        except Exception as error:
            connection.send((_ERROR, judge(error) or (FAILED, traceback.format_exc().rstrip())))
        else:
            connection.send((_DONE, result))
            del job, result
            gc.collect()


def _stop(signum: int, frame: object) -> NoReturn:
    raise SystemExit(128 + signum)


def _end_with_parent() -> None:
    """Wait for the parent's end; then stop as if it had said so, or at once where that takes too long."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        let_go_of_all()
        os._exit(FAILED)
