"""`python -m benchmarks`: the same film by everyone, several times in turn, and a table of what it took."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.contestants import CONTESTANTS, RAW, Contestant, Outcome, Settings
from benchmarks.results import COLUMNS, Rated, machine, rows, table


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def draw(contestant: Contestant, settings: Settings, folder: Path) -> Outcome:
    """Let a contestant draw the film in a fresh folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    outcome = contestant.run(settings, folder)
    say(f"{contestant.label or contestant.key:45} {outcome.usage.wall:7.1f} s {outcome.usage.cpu:7.1f} s CPU")
    return outcome


def compete(settings: Settings, rounds: int, work: Path) -> dict[str, Rated]:
    """All contestants in turn, so many rounds; then their outputs are compared with the raw frames.

    Memory is measured by the system, for which a process starts with the peak of the one that starts it: until the
    last round is over, nothing large is done here.
    """
    say("Raw frames")
    raw = {contestant.frames: draw(contestant, settings, work / contestant.key).movie for contestant in RAW}
    outcomes: dict[str, list[Outcome]] = {contestant.key: [] for contestant in CONTESTANTS}
    for number in range(rounds):
        say(f"Round {number + 1} of {rounds}")
        for contestant in CONTESTANTS:
            outcomes[contestant.key].append(draw(contestant, settings, work / contestant.key))
    return {c.key: rate(c, outcomes[c.key], raw[c.frames]) for c in CONTESTANTS}


def rate(contestant: Contestant, outcomes: Sequence[Outcome], raw: Path) -> Rated:
    """Look at what a contestant made in the last round."""
    from benchmarks.quality import frame_count, psnr_y

    movie = outcomes[-1].movie
    return Rated(contestant, outcomes, frame_count(movie), movie.stat().st_size, psnr_y(movie, raw))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="how often everyone draws the film (default: 3)")
    parser.add_argument("--height", type=int, help="of the picture, in pixels (default: 1080)")
    parser.add_argument("--fps", type=int, help="frames per second (default: 60); best a divisor or multiple of 20")
    parser.add_argument("--size", type=int, default=6, help="rows and columns of the matrices (default: 6)")
    parser.add_argument("--quick", action="store_true", help="one round at 360p20, to see that all works")
    parser.add_argument("--json", type=Path, default=Path("build/benchmark.json"), help="where the figures go")
    given = parser.parse_args(arguments)
    rounds, height, fps = (1, 360, 20) if given.quick else (3, 1080, 60)
    settings = Settings(given.size, given.height or height, given.fps or fps)
    place = machine()
    with TemporaryDirectory(prefix="benchmark-") as work:
        rated = compete(settings, given.rounds or rounds, Path(work))
    figures = rows(rated, settings.fps)
    print(table(figures, COLUMNS))
    runs = {key: [asdict(outcome.usage) for outcome in one.outcomes] for key, one in rated.items()}
    record = {"machine": place, "settings": asdict(settings), "medians": figures, "runs": runs}
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
