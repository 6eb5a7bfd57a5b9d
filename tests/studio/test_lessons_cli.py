"""Lessons on the command line: written, checked, and taken by every command where it takes chapters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.examples.languages import LANGUAGES
from studio.cli import main
from studio.films.order import Order
from studio.lessons import fit
from studio.lessons.lengths import Timed
from studio.lessons.lesson import Part
from studio.options import Look, Making, Output, PaperLook, PaperMaking
from studio.selection import steps_of

LESSON = """\
[lesson]
title = { en = "Two steps", zh = "两步" }
author = "A. Lecturer"
date = 2026-11-28
languages = ["en", "zh"]
theme = "light"
hold = 1

[lesson.colours]
query = "#8a5a00"

[[parts]]
steps = ["softmax:heat..whole"]

[[parts]]
steps = ["tokens:1", "softmax:lift"]
example = "by-hand"
"""


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(LESSON, encoding="utf-8")
    Path("mine.toml").write_text('sentence = "a b"\n', encoding="utf-8")
    return tmp_path


def orders(*words: str, making: Making | None = None) -> list[Order]:
    return list((making or Making()).orders(["x.toml", *words]))


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err.strip()


def test_a_lesson_is_a_film_in_each_of_its_languages() -> None:
    english, chinese = orders()
    assert [film.path for order in (english, chinese) for film in order.films] == [
        Path("films/x.mp4"),
        Path("films/x-zh.mp4"),
    ]
    assert [part.path.as_posix() for part in english.parts] == [
        "films/x/01-softmax_7..8.mp4",
        "films/x/02-tokens_1.mp4",
        "films/x/03-softmax_1.mp4",
    ]
    assert [part.settings.language for part in chinese.parts] == ["zh"] * 3
    assert [part.settings.example.name for part in english.parts] == ["default", "by-hand", "by-hand"]


def test_what_stands_above_is_on_the_title_card() -> None:
    english, chinese = orders()
    heading = english.films[0].heading
    assert heading.has_card
    assert (heading.title, heading.author, heading.date) == ("Two steps", "A. Lecturer", "2026-11-28")
    assert chinese.films[0].heading.title == "两步"


def test_words_beside_a_lesson_choose_of_it() -> None:
    english, _ = orders("softmax")
    assert english.films == ()
    assert [part.shown.name for part in english.clips] == ["softmax_7..8", "softmax_1"]
    assert [part.path.name for part in english.clips] == ["01-softmax_7..8.mp4", "03-softmax_1.mp4"]
    english, _ = orders("softmax:whole")
    assert [part.steps for part in english.clips] == [("whole",)]


def test_options_count_more_than_the_lesson() -> None:
    (order,) = orders(making=Making(Look(language="zh", theme="dark", size="large")))
    assert order.name == "x-zh-dark-large"
    settings = order.parts[0].settings
    assert (settings.language, settings.theme, settings.size, settings.hold) == ("zh", "dark", "large", 1)
    assert settings.colours == {}  # they are those of the lesson's own theme
    (order,) = orders(making=Making(Look(language="en", example="mine.toml")))
    assert order.name == "x-mine"
    assert {part.settings.example.name for part in order.parts} == {"mine"}


def test_a_frame_is_a_picture_of_its_own() -> None:
    Path("x.toml").write_text('[lesson]\nframe = "9:16"\n[[parts]]\nsteps = ["softmax"]\n', encoding="utf-8")
    making = Making(output=Output(quality="medium"))
    (order,) = making.orders(["x.toml"])
    assert {(part.picture.width, part.picture.height) for part in order.parts} == {(720, 1280)}
    assert [(one.picture.width, one.picture.height) for one in making.stills(["x.toml"])] == [(720, 1280)]


def test_options_that_say_what_the_lesson_says_name_nothing() -> None:
    assert [order.name for order in orders(making=Making(Look(theme="light")))] == ["x", "x-zh"]
    (order,) = orders(making=PaperMaking(PaperLook(language="en"), Output(quality="low")))
    assert order.name == "x"


@pytest.mark.parametrize("name", ["softmax", "attention", "all"])
def test_a_lesson_that_is_called_as_a_film_or_chapter_is_marked(name: str) -> None:
    Path("x.toml").rename(f"{name}.toml")
    assert [order.name for order in Making().orders([f"{name}.toml"])] == [f"of-{name}", f"of-{name}-zh"]


def test_a_lesson_whose_name_ends_as_an_option_says_its_language() -> None:
    Path("x.toml").rename("x-zh.toml")
    assert [order.name for order in Making().orders(["x-zh.toml"])] == ["x-zh-en", "x-zh-zh"]


def test_stills_of_a_lesson_are_the_last_pictures_of_its_parts() -> None:
    making = Making(Look(language="en"))
    files = [one.file for one in making.stills(["x.toml"])]
    assert files == ["x-01-softmax-whole", f"x-02-tokens-{steps_of('tokens')[0]}", "x-03-softmax-lift"]
    assert [one.step for one in making.stills(["x.toml", "softmax:heat..whole"])] == ["heat", "whole"]


def test_a_new_lesson_is_written_and_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    for language in LANGUAGES:
        assert main(["new", "lesson", f"neu-{language}", "--language", language]) == 0
        assert Making().orders([f"neu-{language}.toml"])[0].parts
    assert "Edit it, then: ./render.sh check neu-zh.toml" in capsys.readouterr().out
    assert "allowed: ./render.sh new a, or new lesson a" in complaint(capsys, "new", "a", "b")
    assert main(["new", "lesson"]) == 0  # an example of that name
    assert "sentence =" in Path("lesson.toml").read_text(encoding="utf-8")


def test_check_says_what_a_lesson_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "x.toml"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "Lesson     Two steps · A. Lecturer · 2026-11-28\nLanguages  en and zh\nLook       light, 16:9"
    )
    assert "  softmax: heat, whole; of default; hold 1 s\n" in told
    assert "\nLasts      about 0:" in told


def test_check_says_it_in_the_language_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    Path("y.toml").write_text("[lesson]\n[[parts]]\nsteps = ['tokens:1']\n", encoding="utf-8")
    for language, example in (("en", "default"), ("zh", "default-zh")):
        assert main(["check", "y.toml", "--language", language]) == 0
        assert f"of {example}\n" in capsys.readouterr().out


def test_check_says_all_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    Path("y.toml").write_text("[lesson]\npace = 9\nhold = 99\n", encoding="utf-8")
    said = complaint(capsys, "check", "y.toml").splitlines()
    assert [line.partition(": found")[0] for line in said] == ["y.toml: lesson.pace", "y.toml: lesson.hold"]


TOLD = {
    "scores --example x.toml": 'found the lesson "x.toml"; allowed: an example; did you mean ./render.sh x.toml',
    "numbers x.toml": "x.toml: found the examples default and by-hand; allowed: one, or --example NAME",
    "x.toml scores": "scores: found nothing of it in x.toml; allowed: steps of its parts: softmax or tokens",
    "x.toml z.toml": 'lesson: found "x.toml" and "z.toml"; allowed: one lesson at a time',
    "mine.toml": "did you mean --example mine.toml?",
    "x.toml --theme white": "did you mean light?",
    "slides x.toml --out notes.docx": "allowed: a folder",
}


@pytest.mark.parametrize("line", TOLD)
def test_what_is_mixed_up_is_told(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("z.toml").write_text("[lesson]\n", encoding="utf-8")
    assert TOLD[line] in complaint(capsys, *line.split())


def test_numbers_of_a_lesson_are_those_of_its_example(capsys: pytest.CaptureFixture[str]) -> None:
    Path("y.toml").write_text('[lesson]\nexample = "mine.toml"\n', encoding="utf-8")
    assert main(["numbers", "y.toml", "weights", "--json"]) == 0
    of_lesson = capsys.readouterr().out
    assert main(["numbers", "weights", "--json", "--example", "mine.toml"]) == 0
    assert capsys.readouterr().out == of_lesson


def test_characters_that_no_font_has_are_told_of_a_lessons_example(capsys: pytest.CaptureFixture[str]) -> None:
    Path("odd.toml").write_text('sentence = "a \u1820\u1820"\n', encoding="utf-8")
    Path("y.toml").write_text('[lesson]\nexample = "odd.toml"\n', encoding="utf-8")
    assert "no font has" in complaint(capsys, "y.toml")


def test_a_lesson_of_some_minutes_says_what_it_leaves_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def timed(parts: Sequence[Part], *_: object) -> list[Timed]:
        return [Timed(one.chapter, dict.fromkeys(one.steps, 40), dict.fromkeys(one.steps, 0), 0) for one in parts]

    monkeypatch.setattr(fit, "timed", timed)
    Path("y.toml").write_text('[lesson]\nminutes = 2\n[[parts]]\nsteps = ["softmax:lift..divide"]\n', encoding="utf-8")
    (order,) = Making().orders(["y.toml"])
    assert capsys.readouterr().err == "To last 2 min: pace 1, about 2:00; left out: softmax:exponentiate\n"
    assert order.parts[0].steps == ("lift", "maximum", "divide")
