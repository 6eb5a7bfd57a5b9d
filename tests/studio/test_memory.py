"""What a process needs for the widest examples, and that a chapter's memory is given back before the next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from studio.engine.readable import NO_PICTURE
from studio.engine.run import run

ROOT = Path(__file__).resolve().parents[2]
MOST = 1536  # MB of one process
GROWTH = 40  # MB that may stay of a chapter that has been run before
WIDEST = f'sentence = "{" ".join("abcdefghijklmnop")}"\nd_model = 512\nheads = 8\n'
MEASURED = """\
import json, sys
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from studio.engine.readable import look_through
settings, measured = Settings(load_example("widest.toml")), []
for chapter in sys.argv[1:]:
    look_through(chapter, settings)
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    measured.append([int(status[name].split()[0]) // 1024 for name in ("VmHWM", "VmRSS")])
print(json.dumps(measured))
"""


def test_a_chapter_is_gone_when_the_next_begins() -> None:
    settings = Settings(load_example("by-hand"))
    last = weakref.ref(run("scores", settings, NO_PICTURE, straight=True))
    there = []

    def arrived(scene: object) -> None:
        there.append(last())

    run("softmax", settings, NO_PICTURE, straight=True, arrival=arrived)
    assert there == [None]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_a_wide_example_stays_below_the_limit(
    tmp_path: Path, pytestconfig: pytest.Config, record_property: pytest.RecordProperty
) -> None:
    """With --everything: the chapter of the largest matrices, and one of many cells again and again."""
    if not pytestconfig.getoption("--everything"):
        pytest.skip("only with --everything")
    (tmp_path / "widest.toml").write_text(WIDEST, encoding="utf-8")
    chapters = ["qkv", *["positional_encoding"] * 3]
    call = [sys.executable, "-c", MEASURED, *chapters]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(call, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    peaks, after = zip(*json.loads(done.stdout), strict=True)
    record_property(
        "measured", f"d_model 512: {max(peaks)} MB at most, {after[-3]} then {after[-1]} MB after a chapter"
    )
    assert max(peaks) < MOST
    assert after[-1] - after[-2] < GROWTH
