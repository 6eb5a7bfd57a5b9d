"""Worker processes: every job done once, news in between, deaths noticed."""

from __future__ import annotations

import multiprocessing

import pytest

import fakes
from studio.errors import Failure
from studio.workers import run_all


def test_every_job_is_done_and_reported() -> None:
    news: list[tuple[int, str]] = []
    results: dict[int, int] = {}
    run_all(fakes.double, [3, 4, 5], 2, lambda n, text: news.append((n, text)), results.__setitem__)
    assert results == {0: 6, 1: 8, 2: 10}
    assert sorted(news) == [(0, "working on 3"), (1, "working on 4"), (2, "working on 5")]
    assert not multiprocessing.active_children()


def test_no_jobs_no_processes() -> None:
    run_all(fakes.double, [], 2, lambda n, text: None, lambda n, result: None)


def test_a_killed_process_is_noticed() -> None:
    with pytest.raises(Failure, match="fewer --workers"):
        run_all(fakes.dies, [1, 2], 2, lambda n, text: None, lambda n, result: None)
    assert not multiprocessing.active_children()
