"""`python -m benchmarks.batch`: how many films a cluster of so many workers makes, and what its scheduler costs.

It starts a Dask cluster on this machine, has it draw the same batch with 1, 2 and 4 workers, each in a folder of its
own, compares the films to the byte, sends many jobs that do nothing, and reckons from that what 1,000 and 100,000 films
take. They need Linux or macOS, and the extra `cluster`.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from studio.films.scheduler import Job, Scheduler

EXAMPLES = ("by-hand", "causal", "moonlight")
ROWS = """\
[[films]]
examples = {examples}
show = ["scores:first_score", "softmax:divide", "weighted_sum:whole"]
languages = ["en", "zh"]
qualities = ["preview"]
"""
HOUR = 3600
FILM = 690.0  # seconds of the film attention


@dataclass(frozen=True)
class Nothing(Job[None, int]):
    """A job that does nothing: what is left is the scheduler."""

    number: int

    def run(self, report: Callable[[None], None]) -> int:
        return self.number


@dataclass(frozen=True)
class Run:
    """A batch made once: by how many workers, in how many seconds, so many of film, and the films by hash."""

    workers: int
    seconds: float
    film: float
    hashes: dict[str, str]


@contextmanager
def cluster_of(workers: int) -> Iterator[Scheduler]:
    from distributed import LocalCluster

    from studio.films.cluster import DaskCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None) as there,
        DaskCluster(there.scheduler_address) as scheduler,
    ):
        yield scheduler


def batch(workers: int, scheduler: Scheduler, folder: Path) -> Run:
    """Make the batch with a scheduler whose workers are warm."""
    from studio.batch.make import make, merged
    from studio.batch.wishes import wishes_of
    from studio.films.publish import record_of

    file = folder / "batch.toml"
    file.write_text(ROWS.format(examples=str(list(EXAMPLES)).replace("'", '"')), encoding="utf-8")
    wishes = wishes_of(file, folder / "films")
    begun = time.perf_counter()
    make(wishes, scheduler)
    seconds = time.perf_counter() - begun
    movies = [part.path for order in merged(wishes) for part in order.parts]
    film = sum(record_of(movie)["seconds"] for movie in movies)
    return Run(workers, seconds, film, {movie.name: _hash(movie) for movie in movies})


def _hash(movie: Path) -> str:
    return hashlib.sha256(movie.read_bytes()).hexdigest()


def overhead(scheduler: Scheduler, count: int) -> float:
    """Seconds of a job that does nothing, of so many."""
    done: list[int] = []
    begun = time.perf_counter()
    scheduler.run([Nothing(n) for n in range(count)], lambda n, news: None, lambda n, result: done.append(result))
    assert sorted(done) == list(range(count))
    return (time.perf_counter() - begun) / count


def tell_runs(runs: Sequence[Run], console: Console) -> None:
    table = Table("workers", "seconds", "seconds of film a second", "efficiency", "the same films", box=None)
    for run in runs:
        pace, alone = run.film / run.seconds, runs[0].film / runs[0].seconds
        same = "yes" if run.hashes == runs[0].hashes else "NO"
        table.add_row(str(run.workers), f"{run.seconds:.1f}", f"{pace:.2f}", f"{pace / alone / run.workers:.0%}", same)
    console.print(table)


def tell_costs(pace: float, each: float, console: Console) -> None:
    """What many films take. pace: seconds of film that a worker draws a second; each: of a job, the scheduler's."""
    table = Table("films", "workers", "hours", "core-hours", "scheduler busy", box=None)
    jobs = FILM / 6
    for films in (1_000, 100_000):
        for workers in (2, 32, 1_000):
            drawing, scheduling = films * FILM / pace, films * jobs * each
            hours = max(drawing / workers, scheduling) / HOUR
            busy = scheduling / HOUR / hours
            table.add_row(f"{films:,}", f"{workers:,}", f"{hours:,.1f}", f"{drawing / HOUR:,.0f}", f"{busy:.0%}")
    console.print(table)


def main(arguments: Any = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000, help="that do nothing (default: 2000)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    given = parser.parse_args(arguments)
    console, runs, costs = Console(highlight=False), [], []
    for workers in given.workers:
        with TemporaryDirectory() as folder, cluster_of(workers) as scheduler:
            runs.append(batch(workers, scheduler, Path(folder)))
            costs.append(overhead(scheduler, given.jobs))
    tell_runs(runs, console)
    console.print(f"a job that does nothing, of {given.jobs}: {1000 * statistics.median(costs):.1f} ms")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    console.print(f"the largest worker: {peak:.0f} MB")
    tell_costs(runs[0].film / runs[0].seconds, statistics.median(costs), console)


if __name__ == "__main__":
    main()
