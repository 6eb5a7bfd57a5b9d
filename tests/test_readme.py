"""Every command of the README is run as it stands there, at a size that a test can afford."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core.examples.example import shipped_examples
from scenes.storyboard import CHAPTERS, entry_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
RENDERING = {"still", "sheet"}
OTHERS = {"new", "check", "numbers", "clear"}
AFFORDABLE = ["--quality", "preview", "--fps", "2"]


def runnable(command: str) -> list[str]:
    """The command with this environment's Python; films and stills small, Manim without opening a player."""
    program, *arguments = shlex.split(command)
    if program == ".venv/bin/manim":
        low, scene, name = ("-ql" if argument == "-pql" else argument for argument in arguments)
        return [sys.executable, "-m", "manim", low, str(ROOT / scene), name, "--fps", "2"]
    assert program == "./render.sh"
    named = arguments[0] if arguments else ""
    if named in OTHERS or "--list" in arguments:
        small: list[str] = []
    elif named in RENDERING:
        small = ["--quality", "preview"]
    else:
        small = AFFORDABLE
    kept = [a for i, a in enumerate(arguments) if a != "--quality" and (i == 0 or arguments[i - 1] != "--quality")]
    return [sys.executable, "-m", "studio", *(kept if small else arguments), *small]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(
        runnable(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def test_every_command_works_one_after_the_other(tmp_path: Path) -> None:
    for kind, block in BLOCKS:
        if kind == "toml":
            (tmp_path / "mine.toml").write_text(block, encoding="utf-8")
            run("./render.sh check mine.toml", tmp_path)
        elif kind == "console":
            for command in block.splitlines():
                if command != "./test.sh":  # it is what runs this test
                    run(command, tmp_path)
    assert (tmp_path / "films").is_dir()
    assert list(tmp_path.glob(f"films/attention*/{entry_of('softmax').file_name}.mp4"))
    assert (tmp_path / "numbers.npz").is_file()


def test_the_readme_shows_pictures_that_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert len(pictures) >= 4
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_the_readme_names_every_shipped_example_and_chapter() -> None:
    names = [*shipped_examples(), *(entry.name for entry in CHAPTERS)]
    missing = [name for name in names if f"`{name}`" not in README]
    assert not missing


@pytest.mark.parametrize("script", ["render.sh", "test.sh", ".ci/run"])
def test_the_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
