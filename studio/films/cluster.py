"""A scheduler of other machines' workers: an existing Dask cluster. Needs the extra `cluster`.

A job is sent as data, done in a folder of the worker's own, and its files come back with its result; where worker and
client see the same folder, it writes there at once. Workers draw one job at a time, and only if all that draws is the
same there as here.
"""

from __future__ import annotations

import platform
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from core.examples.faults import listed, quote
from studio.errors import BAD_INPUT, FAILED, BadInput, Failure, judge
from studio.files import whole_file
from studio.films.keys import versions_that_draw
from studio.films.scheduler import Failed, Job, News, Result, fail

PATIENCE = 10  # seconds until a cluster answers
MISSING = "--cluster: the package dask.distributed is not there; allowed: pip install '.[cluster]', here and there"
KILLED = (FAILED, "Workers of the cluster ended over this job each time, perhaps for want of memory.")
_at_a_time = threading.Lock()  # Manim's configuration is one for a whole process


@dataclass(frozen=True)
class Delivery:
    """What comes back of a job: its news in order, its result, its files by name, or what went wrong, and where."""

    news: tuple[Any, ...] = ()
    result: Any = None
    files: Mapping[str, bytes] | None = None
    error: tuple[int, str] | None = None


class DaskCluster:
    """The workers of the Dask scheduler at an address, such as `tcp://10.0.0.5:8786`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client: Any = None

    def __enter__(self) -> Self:
        self.client = connected(self.address)
        try:
            self._check_versions()
        except BaseException:
            self.client.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    @property
    def workers(self) -> int:
        return max(1, len(self._there()))

    def run(
        self,
        jobs: Sequence[Job[News, Result]],
        on_news: Callable[[int, News], None],
        on_done: Callable[[int, Result], None],
        on_failed: Failed | None = None,
    ) -> None:
        """Do all jobs, as `Scheduler` has it; the news of a job are told when it has ended.

        Dask holds the death of a worker against all jobs that waited there; so those that it gives up are done once
        more at the end, one by one.
        """
        told = (on_news, on_done, on_failed)
        with shared_marks(jobs) as marks:
            given_up = self._round(dict(enumerate(jobs)), marks, *told, again=True)
            for number in given_up:
                self._round({number: jobs[number]}, marks, *told)

    def _round(
        self,
        jobs: Mapping[int, Job[News, Result]],
        marks: Mapping[Path, Path],
        on_news: Callable[[int, News], None],
        on_done: Callable[[int, Result], None],
        on_failed: Failed | None,
        again: bool = False,
    ) -> list[int]:
        """Have the cluster do some jobs. again: those are returned, not told of, that it gives up as workers died."""
        from distributed import as_completed

        waiting = {self._submitted(number, job, marks): number for number, job in jobs.items()}
        given_up = []
        try:
            for future in as_completed(list(waiting), loop=self.client.loop):
                number = waiting.pop(future)
                delivery = _delivery(future)
                if again and delivery.error == KILLED:
                    given_up.append(number)
                elif delivery.error is not None:
                    code, message = delivery.error
                    fail(number, (BadInput if code == BAD_INPUT else Failure)(message), on_failed)
                else:
                    _unpack(jobs[number], delivery)
                    for news in delivery.news:
                        on_news(number, news)
                    on_done(number, delivery.result)
        finally:
            self.client.cancel(list(waiting))
        return given_up

    def _submitted(self, number: int, job: Job[Any, Any], marks: Mapping[Path, Path]) -> Any:
        mark = marks.get(job.home) if job.home is not None else None
        key = f"{type(job).__name__}-{secrets.token_hex(8)}"
        return self.client.submit(perform, job, mark, versions_that_draw(), key=key, priority=-number, pure=False)

    def _there(self) -> Mapping[str, Any]:
        workers: Mapping[str, Any] = self.client.scheduler_info(n_workers=-1)["workers"]
        return workers

    def _check_versions(self) -> None:
        """Raises Failure for a worker on which something else draws than here."""
        if not self._there():
            raise Failure(f"The cluster at {self.address} has no workers.")
        found = self.client.run(versions_that_draw, on_error="return")  # a worker that ends now has none
        for worker, versions in found.items():
            if isinstance(versions, ModuleNotFoundError):
                raise Failure(f"Worker {worker} lacks {versions.name}: install this project there, too.")
            if isinstance(versions, Mapping) and (differs := difference(versions, versions_that_draw())):
                raise Failure(f"Worker {worker}: {differs}. What draws has to be the same on all machines.")


def connected(address: str) -> Any:
    """A client of the scheduler at that address. Raises BadInput if there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise BadInput(MISSING) from None
    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        why = " ".join(str(error).split()) or "nobody answers"
        told = f"found {quote(address)}, where no Dask scheduler answers ({why}); allowed: an address"
        raise BadInput(f"--cluster: {told} such as tcp://127.0.0.1:8786") from None


@contextmanager
def shared_marks(jobs: Sequence[Job[Any, Any]]) -> Iterator[Mapping[Path, Path]]:
    """A file in every folder that jobs write to, by which a worker sees whether it has the same folder."""
    homes = {job.home for job in jobs if job.home is not None}
    marks = {home: home / f".shared-{secrets.token_hex(16)}" for home in homes}
    try:
        for mark in marks.values():
            mark.touch()
        yield marks
    finally:
        for mark in marks.values():
            mark.unlink(missing_ok=True)


def _delivery(future: Any) -> Delivery:
    """What a job came to, also where its workers died."""
    if future.status == "finished":
        delivery: Delivery = future.result()
        return delivery
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return Delivery(error=KILLED)
    return Delivery(error=(FAILED, f"The cluster gave a job up: {error}."))


def _unpack(job: Job[Any, Any], delivery: Delivery) -> None:
    for name, content in (delivery.files or {}).items():
        assert job.home is not None
        with whole_file(job.home / name) as part:
            part.write_bytes(content)


# --- on the worker ----------------------------------------------------------------------------------------------------


def perform(job: Job[Any, Any], mark: Path | None, versions: Mapping[str, str]) -> Delivery:
    """Do a job on a worker. mark: a file that is there if the job's own folder is seen from here, too."""
    differs = difference(versions_that_draw(), versions)
    if differs:
        return Delivery(error=(FAILED, f"Worker {platform.node()}: {differs}."))
    with _at_a_time:
        try:
            return _performed(job) if mark is None or mark.is_file() else _performed_apart(job)
        except Exception as error:
            code, message = judge(error) or (FAILED, f"{type(error).__name__}: {error}")
            return Delivery(error=(code, f"Worker {platform.node()}: {message}"))


def _performed(job: Job[Any, Any]) -> Delivery:
    news: list[Any] = []
    result = job.run(news.append)
    return Delivery(tuple(news), result)


def _performed_apart(job: Job[Any, Any]) -> Delivery:
    """Done in a folder of the worker's own, and its files sent."""
    with TemporaryDirectory() as folder:
        delivery = _performed(job.moved_to(Path(folder)))
        files = {file.name: file.read_bytes() for file in Path(folder).iterdir() if file.is_file()}
    return Delivery(delivery.news, delivery.result, files)


def difference(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """What differs between two machines' versions, in words; "" if nothing does."""
    names = [name for name in {**here, **there} if there.get(name) != here.get(name)]
    told = (f"{name} {there.get(name, 'missing')}, but {here.get(name, 'missing')} here" for name in names)
    return listed(told, "and")
