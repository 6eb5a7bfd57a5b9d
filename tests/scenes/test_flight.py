"""Cells in flight: they leave where they stood, land exactly on their targets, and carry the numbers of the source."""

from __future__ import annotations

import cairo
import numpy as np
import pytest
from manim import tempconfig
from walk import DRY

from core.examples.example import load_example
from core.trace.pipeline import trace_example
from scenes.stage.chapter.chapter import Chapter, step
from scenes.stage.chapter.settings import Settings
from scenes.stage.matrix.flight import CellFlight, Flight, Place, RowFlight, fly_cells, same, transposed
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.theme import DARK

TRACE = trace_example(load_example("default"))
HERE, THERE = Box(-5, -2, -2, 2), Box(1, 6, -1.6, 1.6)


def matrix(name: str, box: Box) -> Matrix:
    return Matrix(TRACE[name], "k", DARK).place(box)


def flight_of(source: Matrix, target: Matrix, place: Place) -> CellFlight:
    return CellFlight(source.cells, target.cells, place)


class Recorder(Brush):
    """A brush that remembers the rectangles and the texts it was asked for."""

    def __init__(self) -> None:
        super().__init__(cairo.Context(cairo.ImageSurface(cairo.FORMAT_A8, 1, 1)))
        self.boxes: list[tuple[float, float, float, float]] = []
        self.texts: list[tuple[str, float, float]] = []

    def rounded(self, left: float, bottom: float, width: float, height: float, radius: float) -> None:
        self.boxes.append((left, bottom, left + width, bottom + height))

    def stroke(self, colour: object, opacity: float, width: float) -> None:
        """A line around the last box: half of it lies outside."""
        left, bottom, right, top = self.boxes[-1]
        self.boxes[-1] = (left - width / 2, bottom - width / 2, right + width / 2, top + width / 2)

    def text_centred(self, text: str, x: float, y: float, size: float, weight: str = "regular") -> None:
        self.texts.append((text, x, y))


def painted(flight: Flight, progress: float) -> Recorder:
    flight.progress = np.full(len(flight.progress), progress)
    recorder = Recorder()
    flight.paint(recorder)
    return recorder


def corners(matrix: Matrix, i: int, j: int) -> tuple[float, float, float, float]:
    cell = matrix.cells.cell_boxes()[i][j]
    return cell.left, cell.bottom, cell.right, cell.top


@pytest.mark.parametrize("lift", [0.0, 0.7])
@pytest.mark.parametrize(("target", "place"), [("k_transposed", transposed), ("k", same)])
def test_cells_leave_their_place_and_land_exactly_on_their_target(target: str, place: Place, lift: float) -> None:
    source, goal = matrix("k", HERE), matrix(target, THERE)
    flight = flight_of(source, goal, place)
    flight.lift = lift
    indices = list(np.ndindex(source.cells.shape))
    np.testing.assert_allclose(painted(flight, 0.0).boxes, [corners(source, i, j) for i, j in indices], atol=1e-12)
    np.testing.assert_allclose(
        painted(flight, 1.0).boxes, [corners(goal, *place(i, j)) for i, j in indices], atol=1e-12
    )


@pytest.mark.parametrize("progress", [0.0, 0.3, 0.5, 1.0])
def test_numbers_in_flight_are_those_of_the_source_in_the_middle_of_their_cells(progress: float) -> None:
    flight = flight_of(matrix("k", HERE), matrix("k_transposed", THERE), transposed)
    seen = painted(flight, progress)
    rows, columns = TRACE["k"].shape
    assert [text for text, _, _ in seen.texts] == [TRACE["k"].at(i, j).text for i, j in np.ndindex(rows, columns)]
    for (_, x, y), (left, bottom, right, top) in zip(seen.texts, seen.boxes, strict=True):
        assert (x, y) == pytest.approx(((left + right) / 2, (bottom + top) / 2))


def test_a_cell_and_its_landing_place_hold_the_same_number() -> None:
    source, goal = matrix("k", HERE), matrix("k_transposed", THERE)
    for (i, j), (p, q) in flight_of(source, goal, transposed).moves:
        assert source.cells.readings[i, j].text == goal.cells.readings[p, q].text


def test_copies_of_rows_land_exactly_on_their_rows_and_keep_their_numbers() -> None:
    source, goal, pairs = matrix("k", HERE), matrix("k", THERE), [(0, 2), (3, 1)]
    seen = painted(RowFlight(source.cells, goal.cells, pairs), 1.0)
    columns = range(source.columns)
    np.testing.assert_allclose(seen.boxes, [corners(goal, place, j) for _, place in pairs for j in columns], atol=1e-9)
    assert [text for text, _, _ in seen.texts] == [TRACE["k"].at(row, j).text for row, _ in pairs for j in columns]


@pytest.mark.parametrize(
    "flight",
    [
        flight_of(matrix("k", HERE), matrix("k", THERE), same),
        RowFlight(matrix("k", HERE).cells, matrix("k", THERE).cells, [(0, 2), (3, 1), (1, 0)]),
        RowFlight(matrix("k", HERE).cells, matrix("k", THERE).cells, [(2, 2)]),
    ],
    ids=["cells", "rows", "one row"],
)
def test_all_have_left_one_after_another_and_arrived_at_the_end(flight: Flight) -> None:
    flight.advance(0.0)
    assert not flight.progress.any()
    flight.advance(0.4)
    assert (np.diff(flight.progress) <= 0).all()
    flight.advance(1.0)
    np.testing.assert_allclose(flight.progress, 1.0)


class Flights(Chapter):
    """K flies to its transposed place, or to a copy of itself, the first standing still."""

    keep = False

    chapter = "scores"

    def construct(self) -> None:
        self.source, self.target = matrix("k", HERE).reveal(), matrix("k_transposed", THERE)
        self.carry(self.source)
        fly_cells(self, self.source, self.target, transposed, keep=self.keep, run_time=0.4)

    @step
    def whole(self) -> None:
        """The only step: `construct` does it all."""


class Copies(Flights):
    keep = True


def flown(scene: type[Flights]) -> Flights:
    with tempconfig(DRY):
        chapter = scene(Settings(load_example("default"), "en", "dark"))
        chapter.render()
    return chapter


def standing(chapter: Chapter) -> set[int]:
    return {id(part) for mobject in chapter.mobjects for part in mobject.get_family()}


@pytest.mark.parametrize(("scene", "stays"), [(Flights, False), (Copies, True)])
def test_the_source_leaves_unless_kept_and_the_target_stands_filled_in(scene: type[Flights], stays: bool) -> None:
    chapter = flown(scene)
    assert (id(chapter.source.cells) in standing(chapter)) is stays
    assert id(chapter.target.cells) in standing(chapter)
    assert (chapter.target.cells.shown == 1).all()
    assert not any(isinstance(mobject, Flight) for mobject in chapter.mobjects)


def test_two_flights_paint_the_same_picture() -> None:
    frames = []
    for _ in range(2):
        flight = flight_of(matrix("k", HERE), matrix("k_transposed", THERE), transposed)
        frames.append([(seen.boxes, seen.texts) for seen in (painted(flight, progress) for progress in (0.2, 0.6))])
    assert frames[0] == frames[1]
