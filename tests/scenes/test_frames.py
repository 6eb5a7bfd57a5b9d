"""Every chapter stands in every frame: nothing outside the safe area, nothing over something else, nothing too small.

The last frames of all steps, in both languages, with the examples of the films. By default a sample of chapters and
frames, another one at the next commit; all of them with `pytest --everything`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from checks import layout_faults
from turn import turn
from walk import walk

from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import FRAMES, LANGUAGES
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box, FrameLayout, lay_out
from scenes.stage.paint.theme import theme_named
from scenes.storyboard import FILMS, entry_of, example_of

OTHER_FRAMES = FRAMES[1:]  # 16:9 has tests of its own
CHAPTERS = tuple(chapter for film in FILMS.values() for chapter in film)
COUNT = 4  # looks in a sample
TOO_SMALL: dict[tuple[str, str], tuple[str, ...]] = {  # steps of a chapter that a frame has no room for
    ("positional_encoding", "1:1"): ("table",),
}


@pytest.fixture(autouse=True)
def usual_frame() -> Iterator[None]:
    """What comes after these tests is laid out as usual."""
    yield
    lay_out(FrameLayout())


Seen = tuple[str, str, str]  # chapter, frame and language
ALL: tuple[Seen, ...] = tuple(product(CHAPTERS, OTHER_FRAMES, LANGUAGES))


def sample(seed: int) -> list[Seen]:
    """As many looks, by a seed: the frames in turn, of as many chapters."""
    chance = random.Random(seed)
    chapters = chance.sample(CHAPTERS, COUNT)
    return [
        (chapter, OTHER_FRAMES[place % len(OTHER_FRAMES)], chance.choice(LANGUAGES))
        for place, chapter in enumerate(chapters)
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "language" in metafunc.fixturenames:
        seen = ALL if metafunc.config.getoption("--everything") else sample(turn())
        names = ["-".join(look) for look in seen]
        metafunc.parametrize(("chapter", "frame", "language"), seen, ids=names)


def test_every_still_stands_in_its_frame(chapter: str, frame: str, language: str) -> None:
    faults: list[str] = []
    excused = TOO_SMALL.get((chapter, frame), ())

    def look(scene: Chapter, step: str) -> None:
        if step not in excused:
            faults.extend(f"{step}: {fault}" for fault in layout_faults(scene))

    walk(chapter, look, example_of(entry_of(chapter).film, language), language, frame=frame)
    assert not faults


def test_matrices_stand_side_by_side_or_one_above_the_other() -> None:
    wide, tall = Box(-6, 6, -2, 2), Box(-2, 2, -6, 6)
    tensors = [Tensor(name, np.eye(4), ("queries", "keys")) for name in ("scores", "weights")]
    first, last = (Matrix(tensor, "scores", theme_named("dark")) for tensor in tensors)
    place_level([first, last], wide, [0.5])
    assert first.box.right < last.box.left and first.box.top == pytest.approx(last.box.top)
    place_level([first, last], tall, [0.5])
    assert first.box.bottom > last.box.top and first.box.left == pytest.approx(last.box.left)
    assert all(box.contains(matrix.whole) for box, matrix in ((tall, first), (tall, last)))
    assert [box.width for box in tall.split(1, 1)] == [tall.width] * 2
    assert [box.height for box in wide.split(1, 1)] == [wide.height] * 2


def test_samples_reach_everything() -> None:
    assert {look for seed in range(500) for look in sample(seed)} == set(ALL)
    assert {look[1] for look in sample(0)} == set(OTHER_FRAMES)
