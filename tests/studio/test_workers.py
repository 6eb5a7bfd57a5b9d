"""Worker processes: every job done once, news in between, deaths noticed."""

from __future__ import annotations

import multiprocessing

import pytest

import fakes
from studio.errors import Failure
from studio.films.workers import Crew


def test_every_job_is_done_and_reported() -> None:
    news: list[tuple[int, str]] = []
    results: dict[int, int] = {}
    with Crew(2) as crew:
        crew.run([fakes.Double(n) for n in (3, 4, 5)], lambda n, text: news.append((n, text)), results.__setitem__)
        assert results == {0: 6, 1: 8, 2: 10}
        crew.run([fakes.Double(7)], lambda n, text: None, results.__setitem__)
        assert results[0] == 14
    assert sorted(news) == [(0, "working on 3"), (1, "working on 4"), (2, "working on 5")]
    assert not multiprocessing.active_children()


def test_no_jobs_no_processes() -> None:
    with Crew(2) as crew:
        crew.run([], lambda n, text: None, lambda n, result: None)
        assert not crew.hands


def test_a_killed_process_is_noticed() -> None:
    with pytest.raises(Failure, match="fewer --workers"), Crew(2) as crew:
        crew.run([fakes.Dies(), fakes.Dies()], lambda n, text: None, lambda n, result: None)
    assert not multiprocessing.active_children()
