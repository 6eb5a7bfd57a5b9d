"""A model without an encoder: what films, sheets and check leave out of it, and that they say so."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from core.examples.example import parse_example
from scenes.storyboard import CHAPTERS, FILMS
from studio.errors import BadInput
from studio.examples import shown
from studio.films.order import Part
from studio.options import Look, Making

NEEDING = [entry.name for entry in CHAPTERS if entry.needs == "encoder"]
DECODER = 'sentence = "a b"\nmask = [[1, 0], [0, 0]]\n[model]\nkind = "decoder-only"\n'


@pytest.fixture
def making(tmp_path: Path) -> Making:
    (tmp_path / "mine.toml").write_text(DECODER, encoding="utf-8")
    return Making(Look(str(tmp_path / "mine.toml")))


def chapters(parts: Iterable[Part]) -> tuple[str, ...]:
    return tuple(part.chapter for part in parts)


def test_a_film_is_made_of_the_chapters_that_the_model_can_show(
    making: Making, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tuple(chapter for chapter in FILMS["model"] if chapter not in NEEDING)
    (order,) = making.orders(["model", "scores"])
    assert capsys.readouterr().err == "Left out: encoder and decoder. mine: the model has no encoder.\n"
    (film,) = order.films
    assert chapters(film.parts) == there
    assert film.path.name == "model-mine.mp4"
    assert chapters(order.clips) == ("scores",)
    (order,) = making.orders(["attention"])
    assert chapters(order.parts) == FILMS["attention"]
    assert not capsys.readouterr().err


def test_a_chapter_that_is_named_is_not_left_out_in_silence(making: Making) -> None:
    assert chapters(making.orders(["scores"])[0].parts) == ("scores",)
    with pytest.raises(BadInput, match="encoder needs"):
        making.orders(["encoder", "scores"])
    with pytest.raises(BadInput, match="encoder needs"):
        making.look.settings("encoder")


def test_check_lists_what_is_there_and_draws_the_mask() -> None:
    lines = shown(parse_example(DECODER, "mine.toml")).splitlines()
    listed = [line.split()[0] for line in lines[lines.index("Chapters") + 1 : -1]]
    assert listed == [entry.name for entry in CHAPTERS if entry.name not in NEEDING]
    assert lines[-1] == "Left out   encoder and decoder: the model has no encoder"
    place = next(number for number, line in enumerate(lines) if line.startswith("Mask "))
    assert [line.strip() for line in lines[place + 1 : place + 5]] == [
        "a  ■ ·",
        "b  · ·",
        "a row looks at columns, which are in the same order: ■ may look, · may not",
        'row 2, "b", sees nobody: its weights and its output are 0',
    ]
    whole = shown(parse_example('sentence = "a b"', "mine.toml"))
    assert "Left out" not in whole
    assert "■" not in whole
