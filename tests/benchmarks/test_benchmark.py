"""Everything that `benchmarks` measures, run once, as small as can be."""

from __future__ import annotations

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.film import Film, shares
from benchmarks.results import table
from benchmarks.scale import Case


def test_film_lasts_30_seconds_at_its_usual_size():
    assert Film().seconds == pytest.approx(30)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_shares_are_whole_and_even(workers):
    costs = [2, 3, 3.5, 3, 3, 4, 5, 0.5]
    parts = shares(costs, workers)
    assert [index for part in parts for index in part] == list(range(len(costs)))
    assert max(sum(costs[index] for index in part) for part in parts) <= sum(costs) / workers + max(costs)


def test_table_is_markdown():
    columns = {"name": ("", "{}"), "wall": ("wall s", "{:.1f}")}
    assert table([{"name": "a", "wall": 1.25}], columns).splitlines() == [
        "|   | wall s |",
        "|---|-------:|",
        "| a |    1.2 |",
    ]


def test_everyone_draws_the_same_film(tmp_path):
    report = tmp_path / "figures.json"
    main(["--quick", "--size", "2", "--height", "90", "--json", str(report)])
    record = json.loads(report.read_text(encoding="utf-8"))
    figures = record["medians"]
    assert {row["frames"] for row in figures} == {round(Film(2).seconds * 20)}
    assert all(row["psnr_y_db"] > 35 for row in figures)
    assert len({row["size_kb"] for row in figures if row["contestant"][0] in "cd"}) == 1  # the same file, to the byte
    assert all(0 < row["encoder_share"] <= 1 for row in figures)


def test_engine_is_measured_at_scale():
    figures = Case(size=3, laps=2, height=90, fps=20, workers=2).run()
    assert figures["frames"] == round(Film(3, 2).seconds * 20)
    assert figures["drawing_ms"] > 0
