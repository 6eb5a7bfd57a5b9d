"""Who does the work: jobs are given to a scheduler, which has them done in other processes, or on other machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

News = TypeVar("News", covariant=True)
Result = TypeVar("Result", covariant=True)
Wanted = TypeVar("Wanted")
Failed = Callable[[int, Exception], None]

TRIES = 4  # how often a job is begun whose process dies: a death costs a retry, of which there are three


class Job(Protocol[News, Result]):
    """Work that can be sent away: it, its news and its result can be pickled, and files are all that it shares."""

    def run(self, report: Callable[[News], None]) -> Result: ...

    @property
    def home(self) -> Path | None:
        """The folder that it writes its files to; None if it writes none."""
        return None

    def moved_to(self, folder: Path) -> Job[News, Result]:
        """The same job, with its files in another folder."""
        return self


class Scheduler(Protocol):
    """Has one list of jobs after another done. Use it as a context: at its end nothing runs any more."""

    @property
    def workers(self) -> int:
        """How many jobs are done at once."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def run(
        self,
        jobs: Sequence[Job[News, Result]],
        on_news: Callable[[int, News], None],
        on_done: Callable[[int, Result], None],
        on_failed: Failed | None = None,
    ) -> None:
        """Do all jobs, begun in their order. `on_news` and `on_done` are called here, with the job's index; of a job,
        its news in order, and its result after them. A job whose process dies is begun again elsewhere.

        `on_failed` is called with BadInput or Failure for a job that cannot be done; without it the first such error
        ends everything.
        """


def results(scheduler: Scheduler, jobs: Sequence[Job[None, Wanted]]) -> list[Wanted]:
    """The results of jobs whose news nobody waits for. For a lone one nobody else is called: it is done here."""
    if len(jobs) == 1:
        return [jobs[0].run(lambda news: None)]
    done: dict[int, Wanted] = {}
    scheduler.run(jobs, lambda number, news: None, done.__setitem__)
    return [done[number] for number in range(len(jobs))]


def fail(number: int, error: Exception, on_failed: Failed | None) -> Any:
    """A job cannot be done: somebody wants to know, or that is the end."""
    if on_failed is None:
        raise error
    on_failed(number, error)
