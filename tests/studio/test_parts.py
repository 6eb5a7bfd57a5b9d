"""Parts of chapters as movies, really drawn (tiny): what they hold, what is shared, how they are joined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import pytest

from core.examples.example import load_example
from fakes import InProcess, Nobody, shades
from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.storyboard import CARD, CLOSING, OPENING
from studio.engine.quality import Picture
from studio.films import draw
from studio.films.film_script import scripts_in
from studio.films.fulfil import fulfil
from studio.films.order import Film, Order, Part
from studio.films.titles import Heading
from studio.selection import parts_of, select, steps_of

PICTURE = Picture(96, 54, 4)
GIVEN = Heading("Ten minutes", author="Ada", occasion="Lecture 7", date="2026-11-28", has_card=True)


def record_of(movie: Path) -> dict:
    return json.loads(movie.with_suffix(".json").read_text(encoding="utf-8"))


def names(spans: Sequence[dict]) -> list[str]:
    return [span["name"] for span in spans]


def order(out: Path, *words: str) -> Order:
    return Order.of(select(words), lambda chapter: Settings(load_example("default")), PICTURE, out)


def test_a_part_holds_its_steps_alone_and_shares_them_with_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (movie,) = fulfil(order(tmp_path, "scaling:..2", "scaling:4"), InProcess())
    assert movie.name == "05-scaling_1..2+4.mp4"
    record = record_of(movie)
    steps = steps_of("scaling")
    assert names(record["steps"]) == [*steps[:2], steps[3]]
    assert names(record["passages"]) == [OPENING, f"{steps[1]}-{steps[3]}", CLOSING]
    spans = sorted((span["start_frame"], span["end_frame"]) for span in [*record["steps"], *record["passages"]])
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert len(shades(movie)) == spans[-1][1] == record["frames"]
    assert list(fulfil(order(tmp_path, "scaling:..2", "scaling:4"), Nobody())) == [movie]
    drawn: list[str] = []
    run = draw.DrawJob.run
    monkeypatch.setattr(draw.DrawJob, "run", lambda job, report: (drawn.extend(names_of(job)), run(job, report))[1])
    (whole,) = fulfil(order(tmp_path, "scaling"), InProcess())
    assert not {*drawn} & {*names(record["steps"])}
    assert {*drawn} == {*steps} - {*names(record["steps"])} | {CLOSING}
    assert names(record_of(whole)["steps"]) == list(steps)


def names_of(job: draw.DrawJob) -> list[str]:
    return [step.name for step in job.steps]


def test_a_lesson_may_show_a_chapter_twice_and_begins_with_a_card(tmp_path: Path) -> None:
    examples = [load_example(name) for name in ("default", "by-hand")]
    (shown,) = parts_of(["scores:first_row"])
    headings = dict.fromkeys(LANGUAGES, GIVEN)
    parts = tuple(
        Part(shown, Settings(example), PICTURE, tmp_path / "mine" / f"{number:02}-{shown.name}.mp4", number, headings)
        for number, example in enumerate(examples, start=1)
    )
    lesson = Order((Film(tmp_path / "mine.mp4", headings, parts),), (), PICTURE, tmp_path, "mine")
    *clips, film = fulfil(lesson, InProcess())
    assert [path.name for path in clips] == ["01-scores_2.mp4", "02-scores_2.mp4"]
    record = record_of(film)
    assert names(record["passages"]) == [CARD, OPENING, "scores-scores", CLOSING]
    assert names(record["chapters"]) == ["scores", "scores"]
    card = record["passages"][0]
    assert 1.5 <= card["end"] <= 3.5  # three seconds; each of its moves takes whole frames
    with av.open(film) as container:
        told = container.metadata
        assert sum(1 for _ in container.decode(video=0)) == record["frames"]
    assert (told["title"], told["artist"], told["comment"], told["date"]) == (
        "Ten minutes",
        "Ada",
        "Lecture 7",
        "2026-11-28",
    )
    first, second = scripts_in(film, lesson)
    assert (first.settings.example, second.settings.example) == tuple(examples)
    assert [step.number for step in second.steps] == [2]
    assert list(fulfil(lesson, Nobody())) == [*clips, film]
    renamed = replace(GIVEN, title="Twenty minutes")
    other = replace(lesson.films[0], headings=dict.fromkeys(LANGUAGES, renamed))
    kept = [path.stat().st_mtime_ns for path in clips]
    assert list(fulfil(replace(lesson, films=(other,)), InProcess())) == [*clips, film]
    assert [path.stat().st_mtime_ns for path in clips] == kept
