"""What stands beside a film is written when the film is new, when it is missing, and not otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.examples.example import load_example
from fakes import Nobody
from scenes.stage.chapter.settings import Settings
from studio.engine.quality import Picture
from studio.exports import sidecars
from studio.films.order import Order
from studio.films.publish import record_path
from studio.selection import select

KINDS = ("en.srt", "en.vtt", "en.md", "zh.srt", "zh.vtt", "zh.md", "chapters.txt")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Fulfils an order for one movie that is there already; says whether anything was written beside it."""
    movie = tmp_path / "film.mp4"
    movie.touch()
    record_path(movie).write_text("{}", encoding="utf-8")
    order = Order.of(select([]), lambda chapter: Settings(load_example("default")), Picture(96, 54, 4), tmp_path, "")
    calls: list[Path] = []

    def write(target: Path, chapters: object) -> None:
        calls.append(target)
        for kind in KINDS[:-1]:
            sidecars.write_text(target.with_suffix(f".{kind}"), "the same words")

    step = SimpleNamespace(end=8)
    chapter = SimpleNamespace(steps=[step], picture=Picture(96, 54, 4))
    monkeypatch.setattr(sidecars, "fulfil", lambda order, scheduler, failed: iter([movie]))
    monkeypatch.setattr(sidecars, "scripts_in", lambda movie, order: [chapter])
    monkeypatch.setattr(sidecars, "write_texts", write)
    monkeypatch.setattr(sidecars, "_marks", lambda chapters: [])
    monkeypatch.setattr(sidecars, "youtube_chapters", lambda marks, end: "the same words")

    def again() -> bool:
        calls.clear()
        assert list(sidecars.render(order, Nobody())) == [movie]
        return bool(calls)

    return again


def test_what_is_there_is_not_written_again(written: Callable[[], bool]) -> None:
    assert written()
    assert not written()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_written(kind: str, written: Callable[[], bool], tmp_path: Path) -> None:
    assert written()
    (tmp_path / f"film.{kind}").unlink()
    assert written()
    assert (tmp_path / f"film.{kind}").read_text() == "the same words"


def test_a_new_film_has_it_written_anew_whatever_the_clocks_say(written: Callable[[], bool], tmp_path: Path) -> None:
    assert written()
    for path in tmp_path.glob("film.*"):
        os.utime(path, (0, 0))
    assert not written()
    record_path(tmp_path / "film.mp4").write_text('{"key": "another"}', encoding="utf-8")
    os.utime(record_path(tmp_path / "film.mp4"), (0, 0))
    assert written()
    assert not written()
