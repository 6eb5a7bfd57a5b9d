"""Batches: what a file wants, all that is wrong with one, steps that films share, and what fails."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

import fakes
from core.examples.faults import FileError
from scenes.stage.chapter.settings import LANGUAGES
from studio.batch.fields import Row
from studio.batch.make import forecast, make, merged
from studio.batch.wishes import Wish, wishes_of
from studio.cli import main
from studio.engine import quality
from studio.exports import sidecars
from studio.films import draw, plan
from studio.films import fulfil as fulfilment

SMALL = """\
[[films]]
examples = ["by-hand", "causal"]
show = ["scores:first_score", "softmax:divide"]
languages = ["en", "zh"]
qualities = ["preview"]
"""


@pytest.fixture
def fake_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PlanJob", fakes.FakePlan)
    monkeypatch.setattr(draw, "DrawJob", fakes.FakeDraw)
    monkeypatch.setattr(fulfilment, "BridgeJob", fakes.FakeBridge)
    monkeypatch.setattr(sidecars, "scripts_in", lambda movie, order: [])
    monkeypatch.setattr(sidecars, "write_beside", lambda movie, chapters: None)
    monkeypatch.setitem(quality.QUALITIES, "preview", fakes.TINY)


def wanted(tmp_path: Path, text: str, name: str = "batch.toml") -> list[Wish]:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return wishes_of(file, tmp_path / "films")


def faults_of(tmp_path: Path, text: str, name: str = "batch.toml") -> str:
    with pytest.raises(FileError) as error:
        wanted(tmp_path, text, name)
    return str(error.value)


def test_a_row_stands_for_all_its_combinations(tmp_path: Path) -> None:
    wishes = wanted(tmp_path, SMALL + 'themes = ["dark", "light"]\n')
    looks = {(wish.making.look.example, wish.making.look.language, wish.making.look.theme) for wish in wishes}
    assert looks == {(e, n, t) for e in ("by-hand", "causal") for n in LANGUAGES for t in ("dark", "light")}
    assert {wish.words for wish in wishes} == {("scores:first_score", "softmax:divide")}
    assert len(wanted(tmp_path, SMALL + SMALL)) == 4


def test_the_page_about_many_films_has_a_file_that_is_right() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "many-films.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    rows = [Row.model_validate(table) for table in tomllib.loads(block)["films"]]
    assert rows[0].exports == ("film", "handout") and rows[1].lessons == ("monday.toml",)
    assert all(f"`{field}`" in page for field in Row.model_fields)


def test_csv_says_the_same(tmp_path: Path) -> None:
    text = "example,show,Language,quality\nby-hand;causal,scores:first_score;softmax:divide,en;zh,preview\n"
    rows = [wanted(tmp_path, SMALL), wanted(tmp_path, "\ufeff" + text, "batch.csv")]
    assert [wish.name for wish in rows[0]] == [wish.name for wish in rows[1]]


def test_patterns_stand_for_files_beside_the_batch(tmp_path: Path) -> None:
    for name in ("one", "two"):
        main(["new", name, "--out", str(tmp_path / "class")])
    wishes = wanted(tmp_path, '[[films]]\nexamples = ["class/*.toml"]\nshow = ["scores"]\n')
    assert [Path(str(wish.making.look.example)).name for wish in wishes] == ["one.toml", "two.toml"]


def test_lessons_are_films_too(tmp_path: Path) -> None:
    main(["new", "lesson", "mine", "--out", str(tmp_path)])
    (wish,) = wanted(tmp_path, '[[films]]\nlessons = ["mine.toml"]\n')
    assert [film.path.stem for order in wish.orders for film in order.films] == ["mine"]


def test_all_faults_are_told(tmp_path: Path) -> None:
    told = faults_of(
        tmp_path,
        '[[films]]\nexamples = ["by-hnd", "none/*.toml"]\n[[films]]\nthemes = ["drk"]\nshwo = ["a"]\n'
        '[[films]]\nshow = ["sofmax"]\n[[films]]\nexports = "movie"\n',
    )
    for part in ("by-hnd", "none/*.toml", "did you mean dark", "did you mean show", "did you mean softmax", '"movie"'):
        assert part in told
    assert "allowed: a table [[films]]" in faults_of(tmp_path, "")
    assert "did you mean films" in faults_of(tmp_path, "[[flims]]\n")
    assert "found nothing" in faults_of(tmp_path, "", "batch.csv")


def test_examples_of_the_same_name_do_not_take_each_others_place(tmp_path: Path) -> None:
    for folder, heads in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        text = f'sentence = "a small example"\nheads = {heads}\n'
        (tmp_path / folder / "x.toml").write_text(text, encoding="utf-8")
    told = faults_of(tmp_path, '[[films]]\nexamples = ["a/x.toml", "b/x.toml"]\nshow = ["scores"]\n')
    assert "different names" in told


@pytest.mark.usefixtures("fake_chapters")
def test_what_films_share_is_drawn_once_and_kept(tmp_path: Path) -> None:
    wishes = wanted(tmp_path, SMALL)
    (order,) = merged(wishes)
    assert len(order.clips) == 8
    before = forecast(wishes, fakes.InProcess())
    assert (before.films, before.missing) == (8, before.steps)
    tally = make(wishes, fakes.InProcess())
    assert not tally.failed and tally.drawn == before.steps
    assert [len(outcome.files) for outcome in tally.outcomes] == [2, 2, 2, 2]
    assert forecast(wishes, fakes.InProcess()).missing == 0
    again = make(wishes, fakes.InProcess())
    assert not again.drawn and not again.failed


@pytest.mark.usefixtures("fake_chapters")
def test_what_fails_costs_its_own_films_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "DrawJob", fakes.DrawOrNot)
    rows = "".join(
        f'[[films]]\nexamples = "by-hand"\nshow = "{name}"\nqualities = "preview"\n' for name in ("scaling", "scores")
    )
    tally = make(wanted(tmp_path, rows), fakes.InProcess())
    failed, done = tally.outcomes
    assert "disk is full" in failed.error and not failed.files
    assert [path.stem for path in done.files] == ["04-scores"] and done.files[0].is_file()


def test_the_command_draws_exports_and_says_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(quality.QUALITIES, "preview", quality.Picture(96, 54, 2))
    file = tmp_path / "batch.toml"
    file.write_text(SMALL.replace('"by-hand", ', "") + 'exports = ["film", "stills"]\n', encoding="utf-8")
    arguments = ["batch", str(file), "--out", str(tmp_path / "films")]
    assert main([*arguments, "--dry-run"]) == 0
    assert "have to be drawn" in capsys.readouterr().out
    assert not list((tmp_path / "films").rglob("*.mp4"))
    assert main(arguments) == 0
    told = capsys.readouterr()
    assert "2 done, 0 failed" in told.err
    assert len(list((tmp_path / "films" / "stills").glob("*.png"))) == 4
    record = json.loads(next((tmp_path / "films").rglob("08-softmax_4.json")).read_text(encoding="utf-8"))
    assert [step["name"] for step in record["steps"]] == ["divide"]
    assert main(["batch", str(tmp_path / "none.toml")]) == 2
