"""A lesson of so many minutes: the pace first, then the steps, the least important first."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.films.local_processes import LocalProcesses
from studio.films.plan import PlanJob
from studio.lessons.file import parse_lesson
from studio.lessons.fit import FASTEST, SLOWEST, fit_into, fitted
from studio.lessons.lengths import PICTURE, Timed, timed
from studio.lessons.lesson import Lesson
from studio.lessons.overview import clock, fitting, lasting, shown
from studio.selection import steps_of


def part(chapter: str, *steps: str, seconds: float = 10, fixed: float = 0, passages: float = 0) -> Timed:
    return Timed(chapter, dict.fromkeys(steps, seconds), dict.fromkeys(steps, fixed), passages)


PARTS = (part("scores", "a", "b", "c", "whole"), part("softmax", "d", "e", "whole"))  # 70 seconds


def test_the_pace_alone_is_enough_where_it_can_be() -> None:
    assert fit_into(PARTS, 70).pace == 1
    faster, slower = fit_into(PARTS, 60), fit_into(PARTS, 80)
    assert (faster.left_out, slower.left_out) == ((), ())
    assert 1 < faster.pace <= FASTEST
    assert SLOWEST <= slower.pace < 1
    assert faster.seconds <= 60
    assert slower.seconds <= 80


def test_a_short_lesson_is_not_stretched_for_ever() -> None:
    assert fit_into(PARTS, 700).pace == SLOWEST


def test_later_steps_go_sooner_in_all_parts_alike_and_the_last_stays() -> None:
    order = [fit_into(PARTS, seconds).left_out for seconds in (50, 43, 35, 27, 18, 10)]
    longest = order[-1]
    assert longest == ((0, "c"), (1, "e"), (0, "b"), (1, "d"), (0, "a"))
    assert all(longest[: len(some)] == some for some in order)
    assert sorted(order, key=len) == order


def test_what_no_pace_changes_is_reckoned_as_it_is() -> None:
    fit = fit_into((part("scores", "a", "whole", seconds=10, fixed=5, passages=3),), 21)
    assert fit.left_out == ()
    assert fit.pace == pytest.approx(10 / 8)
    assert fit.seconds == pytest.approx(21)


def test_what_cannot_fit_is_said() -> None:
    fit = fit_into((part("scores", "a", "whole", seconds=100),), 60)
    assert fit.left_out == ((0, "a"),)
    assert fit.seconds > 60
    lesson = parse_lesson("[lesson]\nminutes = 1\n[[parts]]\nsteps = ['scores']", "x.toml")
    assert "it does not become shorter; left out: scores:a" in fitting(lesson, fit)


class Stretch:
    def __init__(self, name: str, seconds: float) -> None:
        self.name, self.frames = name, round(seconds * PICTURE.fps)


TEXT = "[lesson]\nminutes = 1\n[[parts]]\nsteps = ['scores:operands', 'scores:whole']\n"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The chapters that are run to find lengths: each has two steps of 15 and 30 seconds."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    chapters: list[str] = []

    def run(job: PlanJob, report: object) -> tuple[Stretch, ...]:
        chapters.append(job.chapter)
        return Stretch("operands", 15), Stretch("whole", 30)

    monkeypatch.setattr(PlanJob, "run", run)
    return chapters


@pytest.fixture
def lesson(runs: list[str]) -> Lesson:
    return parse_lesson(TEXT, "x.toml")


def test_lengths_are_found_once(lesson: Lesson, runs: list[str]) -> None:
    for _ in range(2):
        (one,) = timed(lesson.parts, "en", LocalProcesses(1))
        assert one.steps == {"operands": 15, "whole": 30}
    assert runs == ["scores"]


def test_what_takes_longer_than_reckoned_is_brought_to_its_minutes(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Captions are read in their time: here a faster pace gains nothing, and only what is left out does."""
    monkeypatch.setattr(PlanJob, "run", lambda job, report: tuple(Stretch(name, 20) for name in steps_of("scores")))
    whole = parse_lesson("[lesson]\nminutes = 1\n[[parts]]\nsteps = ['scores']", "x.toml")
    found, fit = fitted(whole, "en", LocalProcesses(1))
    assert fit.seconds == 20 * len(found.parts[0].steps) <= 60


def test_a_fitted_lesson_has_the_pace_and_the_steps(lesson: Lesson) -> None:
    found, fit = fitted(lesson, "en", LocalProcesses(1))
    assert found.parts[0].settings("zh").pace == fit.pace == SLOWEST
    assert found.parts[0].steps == ("operands", "whole")
    assert fitting(lesson, fit) == "To last 1 min: pace 0.8, about 0:45"


def test_what_is_shown_and_how_long_it_takes_is_said(lesson: Lesson) -> None:
    text = shown(lesson, "en")
    assert "Look       dark, 16:9, type normal" in text
    assert "  scores: operands, whole; of default" in text
    assert lasting(timed(lesson.parts, "en", LocalProcesses(1))) == "Lasts      about 0:45\n  scores: 0:45"


def test_focus_captions_colours_and_own_claims_are_said() -> None:
    text = shown(
        parse_lesson(
            '[lesson]\ncaptions = "off"\nheader = false\nhold = 1\npace = 2\n[lesson.colours]\nquery = "#f0b040"\n'
            '[focus]\nquery = "it"\nhead = 2\nword = "slip"\n[[parts]]\nsteps = "softmax"\n[words.en.softmax]\n'
            'steps.all_rows.captions = [{ text = "Alike.", own = true }]',
            "x.toml",
        ),
        "en",
    )
    said = 'pace 2; hold 1 s; captions off; no header; focus on query 7 "it", head 2 and word 4 "slip"'
    assert said in text
    assert "query #f0b040" in text
    assert "Own claims words.en.softmax.steps.all_rows.captions.1" in text


def test_times_are_minutes_and_seconds() -> None:
    assert [clock(seconds) for seconds in (0, 59.6, 61, 600)] == ["0:00", "1:00", "1:01", "10:00"]
