"""What is drawn again from frame to frame: enough of it, and not the whole picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import FILMS
from studio.engine import renderer
from studio.engine.quality import Picture
from studio.engine.redraw import Area, Redraw, merged
from studio.engine.run import run

PLAIN = Settings(load_example("default"))
SMALL = Picture(240, 136, 3)
ROUNDED = 1e-6  # of all channels of all pixels: a curve's antialiasing, off by one of 255
LEVELS = 3  # of 255
CHAPTERS = tuple(dict.fromkeys(chapter for film in FILMS.values() for chapter in film))

places = st.integers(0, 40)
areas = st.builds(lambda x, y, w, h: Area(x, y, x + w, y + h), places, places, places, places)


def covered(parts: Sequence[Area]) -> np.ndarray:
    """How often each pixel lies in one of the parts.  # (height, width)"""
    count = np.zeros((100, 100), dtype=int)
    for left, top, right, bottom in parts:
        count[top:bottom, left:right] += 1
    return count


@given(st.lists(areas, max_size=8))
def test_merged_areas_hold_all_and_no_pixel_twice(parts: list[Area]) -> None:
    together = covered(merged(parts))
    assert together[covered(parts) > 0].all()
    assert together.max() <= 1


class Compared(Redraw):
    """Draws every frame whole, too, and remembers where the two differ and how much of the picture was drawn again."""

    differences: list[np.ndarray]
    shares: list[float]
    drawn: int

    def draw(self) -> list[Area] | None:
        parts = super().draw()
        drawn = self.camera.pixel_array.copy()
        self.camera.set_pixel_array(self.background)
        self.camera.capture_mobjects(self.scene.moving_mobjects)
        difference = np.abs(drawn.astype(int) - self.camera.pixel_array)  # (height, width, 4)
        self.differences.append(difference[difference > 0])
        Compared.drawn += difference.size
        self.shares.append(1.0 if parts is None else sum(part.size for part in parts) / self.frame.size)
        return parts


class Nowhere:
    def write(self, pixels: np.ndarray, repeat: int = 1, areas: object = None) -> None:
        """Frames are looked at while they are drawn."""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_frames_drawn_in_part_are_the_whole_frames(chapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Compared, "differences", [], raising=False)
    monkeypatch.setattr(Compared, "shares", [], raising=False)
    monkeypatch.setattr(Compared, "drawn", 0, raising=False)
    monkeypatch.setattr(renderer, "Redraw", Compared)
    run(chapter, PLAIN, SMALL, sink=lambda step: Nowhere())
    # on a sheet of its own cairo may round an edge's pixel otherwise, once for each clear thing that lies over it
    rounding = np.concatenate(Compared.differences)
    assert rounding.size <= max(12, ROUNDED * Compared.drawn)
    assert rounding.max(initial=0) <= LEVELS
    assert len(Compared.shares) > 30
    assert np.mean(Compared.shares) < 0.9
