"""Schedulers: every job done once, news in between, deaths noticed; the same films whoever does the work."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

import fakes
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from studio.engine.quality import Picture
from studio.errors import Failure
from studio.films.fulfil import fulfil
from studio.films.local_processes import LocalProcesses
from studio.films.order import Order
from studio.films.scheduler import Scheduler, results
from studio.films.store import FOLDER
from studio.selection import select

MAKERS = {"here": fakes.InProcess, "one": lambda: LocalProcesses(1), "two": lambda: LocalProcesses(2)}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_job_is_done_and_reported(make: type[Scheduler]) -> None:
    news: list[tuple[int, str]] = []
    done: dict[int, int] = {}
    with make() as scheduler:
        scheduler.run([fakes.Double(n) for n in (3, 4, 5)], lambda n, text: news.append((n, text)), done.__setitem__)
        assert done == {0: 6, 1: 8, 2: 10}
        scheduler.run([fakes.Double(7)], lambda n, text: None, done.__setitem__)
        assert done[0] == 14
        assert results(scheduler, [fakes.Double(n) for n in (9, 8)]) == [18, 16]
    assert sorted(news) == [(0, "working on 3"), (1, "working on 4"), (2, "working on 5")]
    assert not multiprocessing.active_children()


def test_no_jobs_no_processes() -> None:
    with LocalProcesses(2) as scheduler:
        scheduler.run([], lambda n, text: None, lambda n, result: None)
        assert results(scheduler, []) == []
        assert results(scheduler, [fakes.Double(4)]) == [8]
        assert not scheduler.hands


def test_a_job_whose_process_dies_is_begun_again(tmp_path: Path) -> None:
    done: dict[int, int] = {}
    jobs = [fakes.Double(2), fakes.DiesAtFirst(tmp_path / "died"), fakes.Double(3)]
    with LocalProcesses(2) as scheduler:
        scheduler.run(jobs, lambda n, text: None, done.__setitem__)
    assert done == {0: 4, 1: 1, 2: 6}
    assert not multiprocessing.active_children()


def test_a_job_that_cannot_be_done_stops_no_other() -> None:
    done: dict[int, int] = {}
    failed: dict[int, Exception] = {}
    jobs = [fakes.Fails(), fakes.Double(3), fakes.Dies(), fakes.Double(4)]
    with LocalProcesses(2) as scheduler:
        scheduler.run(jobs, lambda n, text: None, done.__setitem__, failed.__setitem__)
    assert done == {1: 6, 3: 8}
    assert "the disk is full" in str(failed[0]).lower() and "was killed" in str(failed[2])
    assert not multiprocessing.active_children()


def test_a_killed_process_is_noticed() -> None:
    with pytest.raises(Failure, match="fewer --workers"), LocalProcesses(2) as scheduler:
        scheduler.run([fakes.Dies(), fakes.Dies()], lambda n, text: None, lambda n, result: None)
    assert not multiprocessing.active_children()


def test_segments_are_the_same_to_the_byte_whoever_draws_them(tmp_path: Path) -> None:
    made: dict[str, dict[str, bytes]] = {}
    settings = Settings(load_example("default"))
    for name, make in MAKERS.items():
        order = Order.of(select(["scores"]), lambda chapter: settings, Picture(96, 54, 4), tmp_path / name, "")
        with make() as scheduler:
            (clip,) = fulfil(order, scheduler)
        segments = sorted((order.out / FOLDER).iterdir())
        made[name] = {path.name: path.read_bytes() for path in (*segments, clip, clip.with_suffix(".json"))}
    assert len(made["here"]) > 5
    assert made["here"] == made["one"] == made["two"]
