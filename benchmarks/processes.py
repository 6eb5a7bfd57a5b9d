"""Processes: commands that are measured, and jobs that are done side by side."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # what a process's peak memory is counted in
Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Usage:
    """What a command took, with all the processes that it started.

    seconds by the clock, seconds of CPU, and the peak memory in bytes of the largest of its processes.
    """

    wall: float
    cpu: float
    peak: int


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Usage:
    """Run a Python module (`command` follows `python -m`) in `folder`. Raises RuntimeError with its last words."""
    log = folder / "log.txt"
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | dict(environment or {})
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-2000:]}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * KILOBYTE)


def side_by_side(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    """Do each job in a spawned process of its own; a single one here."""
    if len(jobs) == 1:
        return [work(jobs[0])]
    with ProcessPoolExecutor(len(jobs), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, jobs))
