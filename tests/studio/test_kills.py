"""Renders that are killed and interrupted at any moment: nothing is left behind, and the films come out the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest

from studio.errors import WORK_PREFIX
from studio.films.store import FOLDER
from tests.turn import turn

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (["clips", "scores:arrows", "--format", "gif,mov"], ["scores", "--example", "by-hand"])
KILLS, SIGNALS = 60, 30
SAMPLE = 1
EARLIER = 0.8
SMALL = """\
import sys
from studio.engine import quality
quality.QUALITIES["preview"] = quality.Picture(96, 54, 2)
from studio.cli import main
sys.exit(main([*sys.argv[1:], "--quality", "preview", "--out", "films"]))
"""
SLOWEST = 120.0  # seconds that a run may take


@dataclass(frozen=True)
class Blow:
    """What a run is told when this share of its usual time has passed, and whether its workers are told, too."""

    number: int
    when: float
    everybody: bool

    @property
    def earlier(self) -> Blow:
        """The same for a run that had ended before it was told."""
        return replace(self, when=self.when * EARLIER)


def blows(numbers: Sequence[int], count: int, seed: int) -> list[Blow]:
    chance = random.Random(seed)
    return [Blow(numbers[n % len(numbers)], chance.uniform(0.02, 1.0), chance.random() < 0.5) for n in range(count)]


def start(arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    call = [sys.executable, "-c", SMALL, *arguments]
    with (folder / "told.txt").open("ab") as told:
        return subprocess.Popen(
            call,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=told,
            stderr=told,
            start_new_session=True,
            preexec_fn=heed,
        )


def heed() -> None:
    """A shell that runs the tests in the background has them ignore Ctrl-C, and a child would inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def strike(process: subprocess.Popen[bytes], blow: Blow, seconds: float) -> bool:
    """Whether the run was still under way when it was told; all its processes have ended after that."""
    try:
        process.wait(blow.when * seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, blow.number) if blow.everybody else process.send_signal(blow.number)
        process.wait(30)
        wait_for_end(process.pid)
        return True
    return False


def wait_for_end(group: int) -> None:
    started = time.monotonic()
    while time.monotonic() - started < 20:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("a process goes on when its parent has ended")


def made(folder: Path) -> dict[str, str]:
    """All that a run has made, by hash; of what is kept and noted for later runs, the order may differ."""
    films = folder / "films"
    return {
        str(path.relative_to(films)): sha256(path.read_bytes()).hexdigest()
        for path in films.rglob("*")
        if path.is_file() and path.parent.name != FOLDER and not path.name.endswith(".made.json")
    }


def leftovers(folder: Path) -> list[str]:
    """What is neither made nor kept: hidden, unfinished, of nobody."""
    names = (path.relative_to(folder) for path in folder.rglob("*"))
    return [str(path) for path in names if path.name.startswith(WORK_PREFIX) or ".part" in path.name]


def told(folder: Path) -> str:
    return (folder / "told.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Whole:
    """What a command makes when nobody disturbs it, and how long that takes."""

    arguments: list[str]
    files: dict[str, str]
    seconds: float


def start_afresh(whole: Whole, folder: Path) -> subprocess.Popen[bytes]:
    """A run that finds nothing made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return start(whole.arguments, folder)


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> list[Whole]:
    """Of all commands with two workers each, or of one with one."""
    everything, found = request.config.getoption("--everything"), []
    for command in COMMANDS if everything else COMMANDS[:1]:
        arguments = [*command, "--workers", "2" if everything else "1"]
        folder = tmp_path_factory.mktemp("whole")
        started = time.monotonic()
        assert start(arguments, folder).wait(SLOWEST) == 0, told(folder)
        found.append(Whole(arguments, made(folder), time.monotonic() - started))
        assert not leftovers(folder)
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "share" in metafunc.fixturenames:
        metafunc.parametrize("share", [metafunc.config.getoption("--everything")], ids=["everything or a sample"])


def test_killed_runs_are_continued_to_the_same_films(
    wholes: list[Whole], tmp_path: Path, share: bool, record_property: pytest.RecordProperty
) -> None:
    """Killed at any moment, the parent alone or all of them, and run again and again, until all is there."""
    hits = films = 0
    wanted = blows([signal.SIGKILL], KILLS if share else SAMPLE, turn())
    while wanted:
        for whole in wholes:
            folder = tmp_path / str(films)
            folder.mkdir()
            while wanted and strike(start(whole.arguments, folder), wanted[-1], whole.seconds):
                wanted.pop()
                hits += 1
            if wanted:  # the run had ended before the blow, which falls earlier in the next
                wanted[-1] = wanted[-1].earlier
            assert start(whole.arguments, folder).wait(SLOWEST) == 0, told(folder)
            assert made(folder) == whole.files
            assert not leftovers(folder)
            assert "Traceback" not in told(folder)
            films += 1
    assert hits == (KILLS if share else SAMPLE)
    record_property("measured", f"{hits} kills, {films} runs continued to the end: equal films, nothing left")


def test_interrupted_runs_leave_nothing(
    wholes: list[Whole], tmp_path: Path, share: bool, record_property: pytest.RecordProperty
) -> None:
    """Ctrl-C, a polite end, a terminal that closes: at once nothing unfinished is there, and nobody complains."""
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    wanted = blows(numbers, SIGNALS if share else SAMPLE, turn() + 1)
    hits = len(wanted)
    for count, blow in enumerate(wanted):
        whole, folder = wholes[count % len(wholes)], tmp_path / str(count)
        process = start_afresh(whole, folder)
        while not strike(process, blow, whole.seconds):
            blow, process = blow.earlier, start_afresh(whole, folder)
        assert not leftovers(folder)
        assert "Traceback" not in told(folder)
        assert process.returncode in (130, -blow.number), told(folder)
        assert made(folder).items() <= whole.files.items()
    record_property("measured", f"{hits} signals: nothing left")
