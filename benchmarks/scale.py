"""`python -m benchmarks.scale`: what a frame costs the engine as matrices, films, pictures and processes grow."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contestants import width_of
from benchmarks.processes import KILOBYTE, measure
from benchmarks.results import machine, table


@dataclass(frozen=True)
class Case:
    """One film by the engine: rows and columns of its matrices, laps of its sweep, its picture, processes."""

    size: int = 6
    laps: int = 1
    height: int = 1080
    fps: int = 60
    workers: int = 1

    def run(self) -> dict[str, Any]:
        """Draw it; the figures of a row."""
        options = [word for name, value in asdict(self).items() for word in (f"--{name}", f"{value}")]
        with TemporaryDirectory(prefix="benchmark-") as folder:
            movie = Path(folder) / "film.mp4"
            usage = measure(["benchmarks.engine", str(movie), *options], movie.parent)
            parts = json.loads(movie.with_suffix(".json").read_text(encoding="utf-8"))
        frames = sum(part["frames"] for part in parts)
        cpu, writing = (1e3 * sum(part[name] for part in parts) / frames for name in ("cpu", "writing"))
        return {
            **asdict(self),
            "picture": f"{width_of(self.height)} × {self.height}",
            "frames": frames,
            "cpu_ms": cpu,
            "drawing_ms": cpu - writing,
            "writing_ms": writing,
            "wall_s": usage.wall,
            "frames_per_s": frames / usage.wall,
            "peak_mb": usage.peak / 1e6,
            "peaks_mb": [peak * KILOBYTE / 1e6 for peak in parts[0]["peaks"]],
        }


COST = {
    "cpu_ms": ("CPU ms/frame", "{:.1f}"),
    "drawing_ms": ("drawing", "{:.1f}"),
    "writing_ms": ("encoding", "{:.1f}"),
    "frames_per_s": ("frames/s, all in", "{:.0f}"),
    "peak_mb": ("peak MB", "{:.0f}"),
}
VARIED = {
    "size": "rows and columns",
    "height": "picture",
    "laps": "laps",
    "workers": "processes",
}


def series(name: str, values: Sequence[int], base: Case) -> list[dict[str, Any]]:
    """The film with one thing varied; prints its table."""
    figures = [Case(**(asdict(base) | {name: value})).run() for value in values]
    shown = "picture" if name == "height" else name
    print(table(figures, {shown: (VARIED[name], "{}"), "frames": ("frames", "{}"), **COST}), end="\n\n", flush=True)
    return figures


def memory(film: dict[str, Any]) -> None:
    """The peak of memory at three moments of a long film: flat, if no frame leaves anything behind."""
    peaks = film["peaks_mb"]
    moments = {"a quarter": len(peaks) // 4, "half": len(peaks) // 2, "all": len(peaks) - 1}
    said = [f"{peaks[index]:.0f} MB after {moment}" for moment, index in moments.items()]
    print(f"Peak memory over {film['frames']} frames: {', '.join(said)} of the steps.")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--height", type=int, default=1080, help="where it is not varied (default: 1080)")
    parser.add_argument("--fps", type=int, default=60, help="frames per second (default: 60)")
    parser.add_argument("--quick", action="store_true", help="the ends of each series at 360p20")
    parser.add_argument("--json", type=Path, default=Path("build/benchmark-scale.json"), help="where the figures go")
    given = parser.parse_args(arguments)
    base = Case(height=360, fps=20) if given.quick else Case(height=given.height, fps=given.fps)
    ranges = {
        "size": (4, 6, 8, 12, 16, 20, 24, 32, 48, 64),
        "height": (480, 720, 1080, 2160),
        "laps": (1, 3, 10),
        "workers": (1, 2),
    }
    place = machine()
    found = {
        name: series(name, (values[0], values[-1]) if given.quick else values, base) for name, values in ranges.items()
    }
    memory(found["laps"][-1])
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps({"machine": place, "series": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
