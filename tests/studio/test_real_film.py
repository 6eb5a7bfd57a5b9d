"""The whole film, really rendered (small), decoded and looked at frame by frame."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from core.examples.example import load_example
from fakes import made_by
from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.theme import rgb
from scenes.storyboard import FILMS, chapter_class
from studio.engine.quality import Picture
from studio.films.order import Order
from studio.selection import select

PICTURE = Picture(256, 144, 4)
LONGEST_STILLNESS = 12.0  # seconds


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("films")
    order = Order.of(select([]), lambda chapter: Settings(load_example("default")), PICTURE, out, "")
    *_, film = made_by(2, order)
    return film


@pytest.fixture(scope="module")
def frames(film: Path) -> np.ndarray:
    """Grey levels.  # (frames, height, width)"""
    with av.open(film) as container:
        return np.array([frame.to_ndarray(format="gray") for frame in container.decode(video=0)])


@pytest.fixture(scope="module")
def record(film: Path) -> dict:
    return json.loads(film.with_suffix(".json").read_text(encoding="utf-8"))


def test_it_has_the_stated_size_rate_and_marks(film: Path, record: dict) -> None:
    with av.open(film) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (PICTURE.width, PICTURE.height, PICTURE.fps)
        assert stream.codec_context.pix_fmt == "yuv420p"
        titles = [mark["metadata"]["title"] for mark in container.chapters()]
    assert titles == [chapter["title"] for chapter in record["chapters"]]
    assert [chapter["name"] for chapter in record["chapters"]] == list(FILMS["attention"])


def test_its_length_is_that_of_its_steps_and_passages(frames: np.ndarray, record: dict) -> None:
    steps = [step for chapter in record["chapters"] for step in chapter["steps"]]
    parts = [*steps, *record["passages"]]
    assert len(frames) == sum(part["end_frame"] - part["start_frame"] for part in parts) == record["frames"]
    for chapter in record["chapters"]:
        assert [step["name"] for step in chapter["steps"]] == list(chapter_class(chapter["name"]).steps)


def test_no_stretch_is_black_or_empty(frames: np.ndarray) -> None:
    background = np.round(255 * np.mean(rgb("#0F1218")))
    drawn = (np.abs(frames.astype(int) - background) > 60).mean(axis=(1, 2))
    assert drawn.min() > 0.001


def test_no_stretch_is_frozen(frames: np.ndarray) -> None:
    moves = np.abs(np.diff(frames.astype(int), axis=0)).max(axis=(1, 2)) > 12
    moments = np.flatnonzero(np.concatenate([[True], moves, [True]]))
    assert np.diff(moments).max() <= LONGEST_STILLNESS * PICTURE.fps


def test_nothing_flashes(frames: np.ndarray) -> None:
    """The picture as a whole never jumps in brightness and back: far below three flashes a second."""
    brightness = frames.mean(axis=(1, 2)) / 255
    assert np.abs(np.diff(brightness)).max() < 0.1
