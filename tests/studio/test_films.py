"""Whole orders: what is rendered, what is kept, what stands in the records, what a failure leaves."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import av
import pytest

import fakes
from core.examples.example import load_example
from fakes import BRIDGE_FRAMES, FRAMES, STEPS_FRAMES, TINY, made_by
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import CLOSING, FILMS, OPENING, entry_of
from studio.engine.quality import Picture
from studio.errors import Failure
from studio.files import work_folder
from studio.films import draw, plan
from studio.films import fulfil as fulfilment
from studio.films.failures import Failures
from studio.films.order import Order
from studio.films.packets import frame_order
from studio.films.store import FOLDER
from studio.selection import select

CHAPTERS = FILMS["attention"]


def order(out: Path, *names: str) -> Order:
    return Order.of(select(names), lambda chapter: Settings(load_example("default")), TINY, out, "-tiny")


@pytest.fixture(autouse=True)
def fake_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PlanJob", fakes.FakePlan)
    monkeypatch.setattr(draw, "DrawJob", fakes.FakeDraw)
    monkeypatch.setattr(fulfilment, "BridgeJob", fakes.FakeBridge)


def rendered(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in out.rglob("*.mp4") if path.parent.name != FOLDER}


def test_a_film_is_its_chapters_and_bridges(tmp_path: Path) -> None:
    made = made_by(2, order(tmp_path))
    assert made == [
        *(tmp_path / "attention-tiny" / f"{n:02}-{name}.mp4" for n, name in enumerate(CHAPTERS, start=1)),
        tmp_path / "attention-tiny.mp4",
    ]
    alone = FRAMES - STEPS_FRAMES  # an opening and a closing
    frames = len(CHAPTERS) * STEPS_FRAMES + (len(CHAPTERS) - 1) * BRIDGE_FRAMES + alone
    assert len(fakes.shades(made[-1])) == frames == len(frame_order(made[-1], TINY.rate))
    record = json.loads(made[-1].with_suffix(".json").read_text(encoding="utf-8"))
    assert record["frames"] == frames
    assert record["seconds"] == frames / TINY.fps
    assert [chapter["name"] for chapter in record["chapters"]] == list(CHAPTERS)
    spans = sorted((s["start_frame"], s["end_frame"]) for s in [*record["chapters"], *record["passages"]])
    assert spans[0][0] == 0
    assert spans[-1][1] == frames
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    for chapter in record["chapters"]:
        steps = chapter["steps"]
        assert (steps[0]["start_frame"], steps[-1]["end_frame"]) == (chapter["start_frame"], chapter["end_frame"])
    with av.open(made[-1]) as container:
        marks = [round(mark["start"] * mark["time_base"] * TINY.fps) for mark in container.chapters()]
    assert marks == [0, *(chapter["start_frame"] for chapter in record["chapters"][1:])]
    assert [passage["name"] for passage in record["passages"]] == [
        OPENING,
        *(f"{before}-{after}" for before, after in pairwise(CHAPTERS)),
        CLOSING,
    ]
    assert [path.name for path in tmp_path.glob(".*")] in ([], [FOLDER])


def test_nothing_unchanged_is_made_again(tmp_path: Path) -> None:
    made_by(2, order(tmp_path))
    before = rendered(tmp_path)
    made_by(2, order(tmp_path))
    assert rendered(tmp_path) == before
    removed = tmp_path / "attention-tiny" / f"{entry_of('scores').file_name}.mp4"
    removed.unlink()
    made_by(1, order(tmp_path))
    assert [path for path, changed in rendered(tmp_path).items() if changed != before[path]] == [removed]


def test_other_options_are_made_again(tmp_path: Path) -> None:
    (clip,) = made_by(1, order(tmp_path, "scores"))
    light = Order.of(
        select(["scores"]), lambda chapter: Settings(load_example("default"), theme="light"), TINY, tmp_path, "-tiny"
    )
    before = clip.stat().st_mtime_ns
    assert made_by(1, light) == [clip]
    assert clip.stat().st_mtime_ns > before


def test_a_damaged_clip_is_made_again(tmp_path: Path) -> None:
    (clip,) = made_by(1, order(tmp_path, "scores"))
    clip.write_bytes(b"half a movie")
    (clip,) = made_by(1, order(tmp_path, "scores"))
    assert len(fakes.shades(clip)) == FRAMES


def test_chapters_alone_give_clips_alone(tmp_path: Path) -> None:
    made = made_by(2, order(tmp_path, "softmax", "scores"))
    assert [path.name for path in made] == [f"{entry_of(name).file_name}.mp4" for name in ("scores", "softmax")]
    assert not (tmp_path / "attention-tiny.mp4").exists()


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "DrawJob", fakes.DrawWithoutDisk)
    with pytest.raises(Failure, match="disk is full") as failure:
        made_by(2, order(tmp_path))
    assert "\n" not in str(failure.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in tmp_path.glob(".*")] in ([], [FOLDER])


def test_finished_chapters_outlive_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "DrawJob", fakes.DrawOrNot)
    with pytest.raises(Failure, match="disk is full"):
        made_by(2, order(tmp_path))
    kept = rendered(tmp_path)
    assert kept
    monkeypatch.setattr(draw, "DrawJob", fakes.FakeDraw)
    made_by(2, order(tmp_path))
    after = rendered(tmp_path)
    assert all(after[path] == changed for path, changed in kept.items())
    assert len(after) == len(CHAPTERS) + 1


def test_bridges_that_are_drawn_outlive_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fulfilment, "BridgeJob", fakes.BridgeOrNot)
    with pytest.raises(Failure, match="disk is full"):
        made_by(2, order(tmp_path))
    kept = {path: path.stat().st_ino for path in (tmp_path / FOLDER).iterdir()}
    assert len(kept) > 4 * len(CHAPTERS)
    monkeypatch.setattr(fulfilment, "BridgeJob", fakes.FakeBridge)
    *_, film = made_by(2, order(tmp_path))
    segments = {path: path.stat().st_ino for path in (tmp_path / FOLDER).iterdir()}
    assert kept.items() <= segments.items()
    assert len(segments) == 4 * len(CHAPTERS) + len(CHAPTERS) - 1
    assert len(fakes.shades(film)) == len(frame_order(film, TINY.rate))


def test_a_film_is_joined_anew_from_its_chapters_where_only_bridges_are_missing(tmp_path: Path) -> None:
    *_, film = made_by(1, order(tmp_path))
    before, clips = (
        film.read_bytes(),
        {path: path.stat().st_mtime_ns for path in (tmp_path / "attention-tiny").iterdir()},
    )
    film.unlink()
    for segment in (tmp_path / FOLDER).iterdir():
        segment.unlink()
    made_by(1, order(tmp_path))
    assert film.read_bytes() == before
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "attention-tiny").iterdir()} == clips
    assert len(list((tmp_path / FOLDER).iterdir())) == len(CHAPTERS) - 1


def test_a_fault_of_the_program_shows_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "DrawJob", fakes.DrawWithFault)
    with pytest.raises(Failure, match="ZeroDivisionError: a fault of the program"):
        made_by(1, order(tmp_path, "scores"))


def test_leftovers_of_killed_runs_are_swept(tmp_path: Path) -> None:
    for name in (".work-machine-4000000", ".work-0123456789abcdef"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part.mp4").write_bytes(b"half")
    with work_folder(tmp_path) as own:
        assert list(tmp_path.iterdir()) == [own]
    assert not list(tmp_path.iterdir())


def test_what_killed_runs_have_left_beside_films_goes_where_nothing_else_is_to_do(tmp_path: Path) -> None:
    (clip,) = made_by(1, order(tmp_path, "scores"))
    lefts = [folder / ".work-0123456789abcdef" for folder in (tmp_path, clip.parent, clip.with_suffix(""))]
    for left in lefts:
        left.mkdir(parents=True)
    assert list(fulfilment.fulfil(order(tmp_path, "scores"), fakes.Nobody())) == [clip]
    assert not any(left.exists() for left in lefts)


def test_a_link_in_the_place_of_a_leftover_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "others.txt").write_text("kept")
    (tmp_path / "films" / ".work-0123456789abcdef").symlink_to(tmp_path, target_is_directory=True)
    with work_folder(tmp_path / "films") as own:
        assert own.stat().st_mode & 0o077 == 0
    assert (tmp_path / "others.txt").read_text() == "kept"


def test_work_of_others_is_left_alone(tmp_path: Path) -> None:
    with work_folder(tmp_path) as own, work_folder(tmp_path) as other:
        assert own.exists()
        assert other.exists()
    assert not list(tmp_path.iterdir())


def test_real_chapters_and_the_bridge_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many draw, the film is the same to the byte; what has not changed is not drawn again."""
    monkeypatch.undo()
    monkeypatch.setitem(FILMS, "attention", ("scores", "scaling"))
    films = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        looks = Settings(load_example("default"))
        short = Order.of(select([]), lambda chapter, looks=looks: looks, Picture(96, 54, 4), out, "")
        films.append(made_by(workers, short)[-1])
    assert films[0].read_bytes() == films[1].read_bytes()
    record = json.loads(films[1].with_suffix(".json").read_text(encoding="utf-8"))
    assert [passage["name"] for passage in record["passages"]] == [OPENING, "scores-scaling", CLOSING]
    (bridge,) = (p for p in record["passages"] if p["name"] == "scores-scaling")
    assert 1.5 <= bridge["end"] - bridge["start"] <= 2.3
    made = list(fulfilment.fulfil(short, fakes.Nobody()))
    assert made[-1] == films[1]
    films[1].unlink()
    assert list(fulfilment.fulfil(short, fakes.Nobody()))[-1].read_bytes() == films[0].read_bytes()


def test_a_real_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    real = Order.of(
        select(["scores"]), lambda chapter: Settings(load_example("default")), Picture(256, 144, 4), tmp_path, ""
    )
    (clip,) = made_by(1, real)
    record = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
    with av.open(clip) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (256, 144, 4)
        assert sum(1 for _ in container.decode(stream)) == record["frames"]
        assert len(list(container.chapters())) == len(record["steps"]) > 1
    spans = sorted((s["start_frame"], s["end_frame"]) for s in [*record["steps"], *record["passages"]])
    assert [passage["name"] for passage in record["passages"]] == [OPENING, CLOSING]
    assert all(before[1] == after[0] for before, after in pairwise([(0, 0), *spans, (record["frames"],)]))


def test_what_cannot_be_made_stops_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw, "DrawJob", fakes.DrawOrNot)
    failed = Failures()
    with fakes.InProcess() as scheduler:
        made = list(fulfilment.fulfil(order(tmp_path, "attention"), scheduler, failed))
    names = [path.stem.partition("-")[2] or path.stem for path in made]
    assert "scores" in names and "scaling" not in names and not any(name.startswith("attention") for name in names)
    assert {path.stem for path in failed.movies} >= {"05-scaling", "attention-tiny"}
    assert all("No space" in str(error) for error in failed.movies.values())
    with pytest.raises(OSError, match="No space"), fakes.InProcess() as scheduler:
        list(fulfilment.fulfil(order(tmp_path / "strict", "scaling"), scheduler))
