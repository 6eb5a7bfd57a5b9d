"""What a process that draws says of itself when it ends, for the process that measures it."""

from __future__ import annotations

import atexit
import json
import os
import time
from pathlib import Path

VARIABLE = "BENCHMARK_METER"


def report_at_exit() -> None:
    """Write the CPU time of the main thread and of the whole process to the file that the environment names.

    Stock Manim encodes in threads of its own: what the main thread did not spend, encoding did.
    """
    path = os.environ.get(VARIABLE)
    if path:
        atexit.register(_report, Path(path))


def _report(path: Path) -> None:
    path.write_text(json.dumps({"main_thread": time.thread_time(), "process": time.process_time()}), encoding="utf-8")
