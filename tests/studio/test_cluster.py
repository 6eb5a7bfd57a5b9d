"""A Dask cluster as scheduler: the same films, nothing shared but data, deaths and mismatches told in one line."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

import fakes
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from studio.engine.quality import Picture
from studio.errors import BadInput, Failure
from studio.films import cluster
from studio.films.cluster import DaskCluster, difference, perform, shared_marks
from studio.films.fulfil import fulfil
from studio.films.keys import versions_that_draw
from studio.films.order import Order
from studio.selection import select

pytestmark = pytest.mark.filterwarnings("ignore")  # of distributed's own


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as two:
        yield two


@pytest.fixture
def scheduler(workers: LocalCluster) -> Iterator[DaskCluster]:
    with DaskCluster(workers.scheduler_address) as scheduler:
        yield scheduler


def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no worker saw the folders of this machine."""
    unseen = {Path("/nowhere"): Path("/nowhere/mark")}

    class Nowhere(dict[Path, Path]):
        def get(self, home: Path, default: Any = None) -> Path:
            return unseen[Path("/nowhere")]

    monkeypatch.setattr(cluster, "shared_marks", lambda jobs: _given(Nowhere()))


class _given:  # noqa: N801
    def __init__(self, value: Any) -> None:
        self.value = value

    def __enter__(self) -> Any:
        return self.value

    def __exit__(self, *error: object) -> None:
        """Nothing to do."""


def test_every_job_is_done_and_reported(scheduler: DaskCluster) -> None:
    news: list[tuple[int, str]] = []
    done: dict[int, int] = {}
    assert scheduler.workers == 2
    scheduler.run([fakes.Double(n) for n in (3, 4, 5)], lambda n, text: news.append((n, text)), done.__setitem__)
    assert done == {0: 6, 1: 8, 2: 10}
    assert sorted(news) == [(0, "working on 3"), (1, "working on 4"), (2, "working on 5")]


@pytest.mark.parametrize("seen", [True, False], ids=["the same folder", "folders of their own"])
def test_files_come_back(scheduler: DaskCluster, tmp_path: Path, seen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not seen:
        apart(monkeypatch)
    done: dict[int, str] = {}
    at_news: list[bool] = []
    scheduler.run(
        [fakes.Writes(tmp_path, "a"), fakes.Writes(tmp_path, "b")],
        lambda n, name: at_news.append((tmp_path / name).is_file()),
        done.__setitem__,
    )
    assert done == {0: "a", 1: "b"} and at_news == [True, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.1", "a.2", "b.1", "b.2"]


def test_a_worker_that_dies_costs_a_retry_and_a_job_that_fails_stops_no_other(
    scheduler: DaskCluster, tmp_path: Path
) -> None:
    done: dict[int, int] = {}
    failed: dict[int, Exception] = {}
    jobs = [fakes.DiesAtFirst(tmp_path / "died"), fakes.Fails(), fakes.Double(4), fakes.Dies()]
    scheduler.run(jobs, lambda n, text: None, done.__setitem__, failed.__setitem__)
    assert done == {0: 1, 2: 8}
    assert "disk is full" in str(failed[1]) and str(failed[1]).startswith("Worker ")
    assert "each time" in str(failed[3])
    with pytest.raises(Failure, match="disk is full"):
        scheduler.run([fakes.Fails()], lambda n, text: None, done.__setitem__)


def test_films_are_the_same_whoever_draws_them(
    scheduler: DaskCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart(monkeypatch)
    settings, made = Settings(load_example("default")), {}
    for name, who in (("here", fakes.InProcess()), ("cluster", scheduler)):
        order = Order.of(select(["scores"]), lambda chapter: settings, Picture(96, 54, 4), tmp_path / name, "")
        (clip,) = fulfil(order, who)
        made[name] = clip.read_bytes()
    assert made["here"] == made["cluster"]


def test_a_wrong_address_is_told_soon() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", "nonsense://x", "tcp://"):
        with pytest.raises(BadInput, match="--cluster: found"), DaskCluster(address):
            pass


def test_other_versions_are_refused_with_both_named(scheduler: DaskCluster) -> None:
    other = versions_that_draw() | {"manim": "0.1"}
    assert difference(versions_that_draw(), versions_that_draw()) == ""
    assert difference(other, versions_that_draw()) == f"manim 0.1, but {versions_that_draw()['manim']} here"
    refused = perform(fakes.Double(1), None, other)
    assert refused.error is not None and "manim" in refused.error[1] and refused.result is None


def test_marks_are_left_nowhere(tmp_path: Path) -> None:
    with shared_marks([fakes.Writes(tmp_path, "a"), fakes.Double(1)]) as marks:
        assert [mark.is_file() for mark in marks.values()] == [True]
    assert not list(tmp_path.iterdir())
