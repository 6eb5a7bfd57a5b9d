"""Results: medians over the rounds, ratios, a table for people, and JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contestants import BEST, CONTESTANTS, DEFAULT, Contestant, Outcome


@dataclass(frozen=True)
class Rated:
    """A contestant's runs, one a round, and what was found out about its output."""

    contestant: Contestant
    outcomes: Sequence[Outcome]
    frames: int
    size: int
    psnr: float

    @property
    def wall(self) -> float:
        return median(outcome.usage.wall for outcome in self.outcomes)

    @property
    def cpu(self) -> float:
        return median(outcome.usage.cpu for outcome in self.outcomes)

    @property
    def peak(self) -> float:
        return median(outcome.usage.peak for outcome in self.outcomes)

    @property
    def encoding(self) -> float | None:
        """CPU seconds in the encoder."""
        known = [outcome.encoding for outcome in self.outcomes if outcome.encoding is not None]
        return median(known) if known else None


def rows(rated: Mapping[str, Rated], fps: int) -> list[dict[str, Any]]:
    """One row of figures for each contestant, by column."""
    return [_row(rated, rated[contestant.key], fps) for contestant in CONTESTANTS]


def _row(rated: Mapping[str, Rated], one: Rated, fps: int) -> dict[str, Any]:
    encoding = one.encoding
    if encoding is None:  # the engine's encoder does what the encoder alone does, to the bit
        encoding = rated[one.contestant.key.replace("engine", "encoder")].cpu
    speed = one.frames / one.wall
    return {
        "contestant": one.contestant.label,
        "wall_s": one.wall,
        "frames_per_s": speed,
        "times_default": rated[DEFAULT].wall / one.wall,
        "times_best": rated[BEST].wall / one.wall,
        "times_playing": speed / fps,
        "cpu_s": one.cpu,
        "encoder_share": encoding / one.cpu,
        "peak_mb": one.peak / 1e6,
        "size_kb": one.size / 1e3,
        "psnr_y_db": one.psnr,
        "frames": one.frames,
    }


COLUMNS = {
    "contestant": ("", "{}"),
    "wall_s": ("wall s", "{:.1f}"),
    "frames_per_s": ("frames/s", "{:.0f}"),
    "times_default": ("× default", "{:.1f}"),
    "times_best": ("× best", "{:.1f}"),
    "times_playing": ("× playing", "{:.1f}"),
    "cpu_s": ("CPU s", "{:.1f}"),
    "encoder_share": ("encoder", "{:.0%}"),
    "peak_mb": ("peak MB", "{:.0f}"),
    "size_kb": ("file kB", "{:.0f}"),
    "psnr_y_db": ("PSNR-Y dB", "{:.1f}"),
}


def table(figures: Sequence[Mapping[str, Any]], columns: Mapping[str, tuple[str, str]]) -> str:
    """A Markdown table; columns: the heading and the format of each figure."""
    lines = [[heading for heading, _ in columns.values()]]
    lines += [[form.format(row[name]) for name, (_, form) in columns.items()] for row in figures]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    written = [
        "| " + " | ".join(_aligned(cell, widths[i], i == 0) for i, cell in enumerate(line)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return "\n".join([written[0], rule, *written[1:]])


def _aligned(text: str, width: int, left: bool) -> str:
    return text.ljust(width) if left else text.rjust(width)


def machine() -> dict[str, Any]:
    """Where and with what the figures were taken."""
    packages = ("manim", "av", "numpy", "pycairo")
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
