"""A disk that is full is named, wherever that is noticed."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir

import pytest

from studio.cli import main
from studio.errors import describe
from studio.exports import handout
from studio.files import whole_file, whole_folder, work_folder


def no_space() -> OSError:
    """As `write` raises it: without a file's name."""
    return OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("making", [whole_file, whole_folder, work_folder])
def test_what_is_made_there_is_named(making, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    target = tmp_path / "made"
    target.parent.mkdir(exist_ok=True)
    if making is work_folder:
        target.mkdir()
    with pytest.raises(OSError) as caught, making(target):
        raise no_space()
    assert describe(caught.value) == f"{target}: the disk is full."
    assert not [path for path in tmp_path.rglob("*") if path != target]


def test_a_disk_that_nobody_names_is_that_of_passing_files() -> None:
    assert describe(no_space()) == f"{gettempdir()}: the disk is full."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", [["--list"], ["numbers"], ["numbers", "scores", "--json"]])
def test_an_output_that_is_full(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert main(arguments) == 1
    assert capsys.readouterr().err == "The output: the disk is full.\n"


def test_a_hand_out_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def copyfile(source: Path, target: Path) -> None:
        raise no_space()

    monkeypatch.setattr(handout.shutil, "copyfile", copyfile)
    monkeypatch.setattr(handout, "results", lambda scheduler, jobs: [])
    assert main(["handout", "scores", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'handouts'}: the disk is full.\n"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
