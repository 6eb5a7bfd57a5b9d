"""In the midst of motion no text lies on another, nothing on another matrix's cells; threads end on what they join."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import product

import pytest
from manim import FadeIn, FadeOut, Mobject, Scene, VGroup, linear, tempconfig
from motion import film, motion_faults
from test_stills import CHAPTERS, SHIPPED
from tied import thread_faults
from walk import DRY, planted_faults

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.exits import exit_before_entry
from scenes.stage.chapter.settings import LANGUAGES
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.threads_at_work import threads_at_work
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, STAGE, Box
from scenes.stage.paint.threads import Follow, edge, row, row_threads, thread
from tests.turn import turn

MOMENTS = 3  # of each animation that are looked at
SHARE = 12  # one in so many chapters and examples is looked at by default


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some chapters with some examples, others at the next commit; all of them with --everything."""
    if "chapter" in metafunc.fixturenames:
        pairs = list(product(CHAPTERS, SHIPPED))
        if not metafunc.config.getoption("--everything"):
            pairs = random.Random(turn()).sample(pairs, len(pairs) // SHARE)
        metafunc.parametrize(("chapter", "example"), pairs, ids=["-".join(pair) for pair in pairs])


def test_nothing_lies_on_anything_in_the_midst_of_motion(chapter: str, example: str) -> None:
    faults: dict[str, None] = {}

    def look(scene: Chapter, step: str, travelling: frozenset[int]) -> None:
        faults.update(dict.fromkeys(f"{step}: {fault}" for fault in motion_faults(scene, travelling)))

    chance = random.Random(turn())
    moments = sorted(chance.uniform(0.05, 0.95) for _ in range(MOMENTS))
    film(chapter, look, example, LANGUAGES[(CHAPTERS.index(chapter) + SHIPPED.index(example)) % 2], moments)
    assert not list(faults)


def _over_the_heading(scene: Chapter) -> Mobject:
    return Label("over it", scene.theme.size(LABEL), scene.theme.ink).move_to(scene.heading.box.centre)


def _on_a_matrix(scene: Chapter) -> Mobject:
    cells = scene.matrix("scores", tag="").reveal().place(Box(-1, 1, -1, 1))
    return VGroup(cells, Label("on it", scene.theme.size(LABEL), scene.theme.ink).move_to(cells.box.centre))


def _beyond(scene: Chapter) -> Mobject:
    return Label("half outside", scene.theme.size(LABEL), scene.theme.ink).move_to([STAGE.right, 0, 0])


@pytest.mark.parametrize(
    ("plant", "complaint"),
    [
        (_over_the_heading, "'over it' over '"),
        (_on_a_matrix, "'on it' over cells of scores"),
        (_beyond, "outside the safe area"),
    ],
)
def test_what_is_planted_in_a_frame_is_found(plant: Callable[[Chapter], Mobject], complaint: str) -> None:
    found: list[str] = []

    def look(scene: Chapter, step: str, travelling: frozenset[int]) -> None:
        planted = plant(scene)
        scene.add(planted)
        found.extend(motion_faults(scene, travelling))
        scene.remove(planted)

    film("scores", look)
    assert any(complaint in fault for fault in found)


# --- threads ----------------------------------------------------------------------------------------------------------


def _from_nothing(scene: Chapter) -> Mobject:
    unseen = Label("not there", scene.theme.size(LABEL), scene.theme.ink).move_to([-3, 0, 0])
    return thread(edge(unseen, "right"), edge(scene.heading, "left"), scene.theme.ink)


def _left_behind(scene: Chapter) -> Mobject:
    moved = scene.heading.copy()
    joined = thread(edge(moved, "right"), edge(scene.model_map, "left"), scene.theme.ink)
    return VGroup(moved.shift([0, -2, 0]), joined)


def _faint(scene: Chapter) -> Mobject:
    return thread(edge(scene.heading, "right"), edge(scene.model_map, "left"), scene.theme.ink, opacity=0.2)


@pytest.mark.parametrize(
    ("plant", "complaint"),
    [(_from_nothing, "in mid-air"), (_left_behind, "in mid-air"), (_faint, "of opacity 0.20")],
)
def test_a_planted_thread_is_caught(plant: Callable[[Chapter], Mobject], complaint: str) -> None:
    assert any(complaint in fault for fault in planted_faults(plant, thread_faults))


@pytest.fixture
def pair() -> tuple[Matrix, Matrix, VGroup]:
    """Two matrices side by side and the threads between their rows."""
    found: list[tuple[Matrix, Matrix, VGroup]] = []

    def look(scene: Chapter, step: str, travelling: frozenset[int]) -> None:
        if not found:
            q = scene.matrix("q", tag="").reveal().place(Box(-4, -2, -1, 1))
            scores = scene.matrix("scores", tag="").place(Box(1, 4, -1, 1))
            found.append((q, scores, row_threads(q, scores, scene.theme.hue("q"))))

    film("scores", look)
    return found[0]


def test_a_thread_follows_what_it_joins(pair: tuple[Matrix, Matrix, VGroup]) -> None:
    q, scores, threads = pair
    with tempconfig(DRY):
        scene = Scene()
        scene.add(q, scores, threads)
        move = scores.animate.place(Box(2, 5, -3, -1))
        played = scene.compile_animations(move, run_time=1.0)
        work = threads_at_work(scene.mobjects, played)
        assert [type(one) for one in work] == [Follow]
        scene.play(*played, *work)
    ends = [one.points[-1][:2] for one in threads]
    assert [tuple(end) for end in ends] == [tuple(row(scores, i, "left").point) for i in range(scores.rows)]
    assert threads in scene.mobjects


def test_pulses_run_into_a_matrix_that_fills_and_not_out_of_it(pair: tuple[Matrix, Matrix, VGroup]) -> None:
    q, scores, threads = pair
    into, out_of = CellWave(scores, Matrix.reveal), CellWave(q, Matrix.reveal)
    flashes = [one for one in threads_at_work([threads], [into]) if not isinstance(one, Follow)]
    assert [len(one.animations) for one in flashes] == [len(threads)]
    assert not [one for one in threads_at_work([threads], [out_of]) if not isinstance(one, Follow)]


def test_what_comes_where_something_goes_waits_until_that_has_gone() -> None:
    found: list[tuple[float, float]] = []

    def look(scene: Chapter, step: str, travelling: frozenset[int]) -> None:
        here, aside = (Label(text, 0.3, scene.theme.ink) for text in ("here", "aside"))
        aside.shift([5, 0, 0])
        leaving, coming, other = FadeOut(here), FadeIn(here.copy()), FadeIn(aside)
        exit_before_entry([leaving, coming, other])
        found.append((leaving.rate_func(0.5), coming.rate_func(0.5)))
        assert 0 < other.rate_func(0.25) < 1
        assert leaving.rate_func is not linear

    film("scores", look)
    assert set(found) == {(1.0, 0.0)}
