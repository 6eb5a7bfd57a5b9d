"""Who draws the film: commands, and what each says of its work when it is done."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import meter
from benchmarks.film import SIZE_VARIABLE
from benchmarks.processes import Usage, measure

HERE = Path(__file__).resolve().parent
LOSSLESS = {"preset": "ultrafast", "crf": "0"}
TUNED = {"preset": "superfast", "crf": "24"}


def width_of(height: int) -> int:
    """The even width of a 16:9 picture."""
    return round(height * 8 / 9) * 2


@dataclass(frozen=True)
class Settings:
    """The film's size (rows and columns of its matrices) and the picture's."""

    size: int
    height: int
    fps: int

    @property
    def width(self) -> int:
        return width_of(self.height)


@dataclass(frozen=True)
class Outcome:
    """What one run made and took; `encoding` is the CPU time of the encoder, where the run can tell."""

    movie: Path
    usage: Usage
    encoding: float | None = None


@dataclass(frozen=True)
class Contestant(ABC):
    """One way to draw the film. frames: whose raw frames its output is to be compared with."""

    key: str
    label: str
    frames: str

    @abstractmethod
    def run(self, settings: Settings, folder: Path) -> Outcome:
        """Draw the film in an empty folder."""


@dataclass(frozen=True)
class StockManim(Contestant):
    """The `manim` command on a scene; options: those of the command; encoder: those of its encoder."""

    scene: str
    options: tuple[str, ...] = ()
    encoder: tuple[tuple[str, str], ...] = ()

    def run(self, settings: Settings, folder: Path) -> Outcome:
        file, _, name = self.scene.partition(":")
        command = [
            "manim", "render", "--silent", "--media_dir", "media", "--fps", f"{settings.fps}",
            "--resolution", f"{settings.width},{settings.height}", *self.options,
        ]  # fmt: skip
        command += [word for option in self.encoder for word in ("--encoder-option", "=".join(option))]
        environment = {meter.VARIABLE: str(folder / "meter.json"), SIZE_VARIABLE: str(settings.size)}
        usage = measure([*command, str(HERE / file), name], folder, environment | _own_cache(folder, self.frames))
        spent = json.loads((folder / "meter.json").read_text(encoding="utf-8"))
        movie = next(folder.glob(f"media/videos/**/{name}.mp4"))
        return Outcome(movie, usage, spent["process"] - spent["main_thread"])


@dataclass(frozen=True)
class Engine(Contestant):
    """The engine, with so many processes."""

    workers: int
    options: tuple[str, ...] = ()

    def run(self, settings: Settings, folder: Path) -> Outcome:
        movie = folder / "film.mp4"
        picture = ["--height", f"{settings.height}", "--fps", f"{settings.fps}", "--size", f"{settings.size}"]
        command = ["benchmarks.engine", str(movie), "--workers", f"{self.workers}", *picture, *self.options]
        return Outcome(movie, measure(command, folder, _own_cache(folder, self.frames)))


@dataclass(frozen=True)
class EncoderAlone(Contestant):
    """The encoder on the frames that the engine drew: only the time in the encoder counts, not that of getting them."""

    workers: int

    def run(self, settings: Settings, folder: Path) -> Outcome:
        movie, raw = folder / "film.mp4", folder.parent / f"raw-{self.frames}"
        picture = ["--fps", f"{settings.fps}", "--size", f"{settings.size}"]
        command = ["benchmarks.encoder_alone", str(movie), "--frames", str(raw), "--workers", f"{self.workers}"]
        usage = measure([*command, *picture], folder)
        parts: list[dict[str, Any]] = json.loads(movie.with_suffix(".json").read_text(encoding="utf-8"))
        cpu = sum(part["cpu"] for part in parts)
        return Outcome(movie, Usage(max(part["seconds"] for part in parts), cpu, usage.peak), cpu)


def _own_cache(folder: Path, frames: str) -> dict[str, str]:
    """Nothing that an earlier run kept helps a later one."""
    return {"XDG_CACHE_HOME": str(folder / "cache")} if frames == "project" else {}


_STOCK, _FADING = "stock_scene.py:StockFilm", "stock_scene.py:StockFilmFading"
_PROJECT = "scene.py:ProjectFilm"
_TUNED = ("--disable_caching", "--max-inflight-encoders", "3")
DEFAULT, BEST = "stock", "stock-tuned"
CONTESTANTS: tuple[Contestant, ...] = (
    StockManim(DEFAULT, "a  stock Manim, default settings", "stock", _STOCK),
    StockManim(BEST, "a  stock Manim, best settings", "stock", _STOCK, _TUNED, tuple(TUNED.items())),
    StockManim("fading", "a  best settings, numbers that cross-fade", "fading", _FADING, _TUNED, tuple(TUNED.items())),
    StockManim("project", "b  these scenes by stock manim", "project", _PROJECT),
    Engine("engine-1", "c  these scenes by the engine, 1 process", "project", 1),
    Engine("engine-2", "c  these scenes by the engine, 2 processes", "project", 2),
    EncoderAlone("encoder-1", "d  the encoder alone, 1 process", "project", 1),
    EncoderAlone("encoder-2", "d  the encoder alone, 2 processes", "project", 2),
)
RAW: tuple[Contestant, ...] = (
    StockManim("raw-stock", "", "stock", _STOCK, _TUNED, tuple(LOSSLESS.items())),
    StockManim("raw-fading", "", "fading", _FADING, _TUNED, tuple(LOSSLESS.items())),
    Engine("raw-project", "", "project", 2, ("--lossless",)),
)
