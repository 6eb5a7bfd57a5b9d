"""What is kept of this machine: what `check` has seen, and how fast it draws."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.examples.example import Example, load_example
from scenes.stage.chapter.settings import Settings
from studio import machine
from studio.engine import readable
from studio.engine.quality import QUALITIES
from studio.exports import room
from studio.exports.room import look_through_all
from studio.films.pace import ENOUGH, REFERENCE, note_pace, pace_of

HIGH = QUALITIES["high"]
CHAPTERS = ["scores", "softmax"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The chapters that are run."""
    run: list[str] = []
    look_through = readable.look_through

    def noted(chapter: str, settings: Settings) -> object:
        run.append(chapter)
        return look_through(chapter, settings)

    monkeypatch.setattr(readable, "look_through", noted)
    return run


@pytest.fixture(scope="module")
def crowded() -> Example:
    return load_example("long")


def test_a_chapter_is_looked_at_once(crowded: Example, looks: list[str]) -> None:
    first = look_through_all(CHAPTERS, Settings(crowded))
    assert look_through_all(CHAPTERS, Settings(crowded)) == first
    assert looks == CHAPTERS
    assert any(one.cramped for one in first.values())
    look_through_all(CHAPTERS[:1], Settings(crowded, size="large"))
    assert looks == [*CHAPTERS, CHAPTERS[0]]


@pytest.mark.parametrize(
    "damaged", ["", "[]", "nonsense", '{"scores": {"cramped": [{"how": "?"}], "seconds": 1}}', "[" * 100_000, "\udcff"]
)
def test_what_is_damaged_is_looked_at_again(crowded: Example, looks: list[str], cache: Path, damaged: str) -> None:
    whole = look_through_all(["scores"], Settings(crowded))
    (kept,) = cache.rglob("checked/*")
    kept.write_bytes(damaged.encode(errors="surrogateescape"))
    assert look_through_all(["scores"], Settings(crowded)) == whole
    assert looks == ["scores", "scores"]


def test_only_so_much_is_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MOST_KEPT", 3)
    for number in range(5):
        machine.remember("some", str(number), number)
        os.utime(cache / f"attention-in-motion/some/{number}.json", (number, number))
    assert [machine.remembered("some", str(number)) for number in range(5)] == [None, None, 2, 3, 4]


def test_nothing_is_kept_where_nothing_can_be(cache: Path) -> None:
    (cache / "attention-in-motion").write_text("in the way", encoding="utf-8")
    machine.remember("some", "name", 1)
    assert machine.remembered("some", "name") is None


def test_the_pace_is_that_of_the_last_render_long_enough() -> None:
    assert pace_of(HIGH) == (REFERENCE, False)
    note_pace(HIGH, ENOUGH - 1, 1.0, 1)
    assert pace_of(HIGH) == (REFERENCE, False)
    note_pace(HIGH, 3000, 50.0, 2)
    assert pace_of(HIGH) == (30.0, True)
    assert pace_of(QUALITIES["4k"]) == (REFERENCE / 4, False)


def test_how_long_rendering_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "processors", lambda: 2)
    seconds = {"scores": 100.0, "softmax": 500.0, "encoder": 60.0}
    told = room.how_long(seconds, HIGH)
    assert told.endswith("100 frames a second, a guess until this machine has drawn")
    note_pace(HIGH, 3000, 100.0, 1)
    assert room.how_long(seconds, HIGH) == (
        "Rendering  about 5 min for attention (10 min) and 30 s for model (60 s) at 1080p; "
        "60 frames a second, as this machine drew last"
    )
