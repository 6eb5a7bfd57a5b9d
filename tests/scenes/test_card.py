"""The card of a lesson's film: it has room, whatever stands on it, and ends on what the chapter opens on."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.examples.example import load_example
from scenes.stage.chapter.card import card_in, show_card
from scenes.stage.chapter.settings import SIZES, Settings
from scenes.stage.paint.layout import SAFE, box_of
from scenes.stage.paint.theme import theme_named
from scenes.storyboard import OPENING
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, frame_of, run

SMALL = Picture(256, 144, 4)
WORDS = {
    "short": ("Rain", ()),
    "long": ("注意力" * 40, ("a word and another " * 6, "数字" * 60, "Lecture · 2026 " * 8)),
}


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    file = tmp_path / "logo.png"
    Image.new("RGBA", (300, 100), (255, 80, 40, 200)).save(file)
    return file


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", WORDS)
def test_it_has_room(size: str, words: str, logo: Path) -> None:
    title, lines = WORDS[words]
    card = card_in(SAFE, theme_named("dark", size), title, lines, logo)
    assert SAFE.contains(box_of(card))
    assert box_of(card.stroke).top < box_of(card.head).bottom
    if lines:
        assert box_of(card.below).top < box_of(card.stroke).bottom


def test_it_goes_over_into_the_map_that_the_chapter_opens_on(logo: Path) -> None:
    settings = Settings(load_example("default"))
    frames: dict[str, list[np.ndarray]] = {}

    def watch(how: str, scene: object, step: str, ended: bool) -> None:
        if step == OPENING:
            frames.setdefault(how, []).append(np.asarray(frame_of(scene), dtype=int))  # type: ignore[arg-type]

    def stop(ended: EndedStep) -> bool:
        return ended.name == OPENING

    card = partial(show_card, title="Ten minutes", lines=("Ada",), logo_file=logo)
    run("scores", settings, SMALL, watch=partial(watch, "card"), on_passage=stop, arrival=card)
    run("scores", settings, SMALL, watch=partial(watch, "opening"), on_passage=stop)
    assert np.abs(frames["card"][-1] - frames["opening"][0]).max() <= 2
    assert frames["card"][0].max() > 200  # it does not begin with nothing
