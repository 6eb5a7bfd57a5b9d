"""Numbers are readable or absent, never faint; where not all have room some do; no slot stays empty for ever."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import Transform
from walk import walk

from core.examples.example import Example, parse_example
from core.trace import Tensor
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.lens import Lens, folded, runs_of
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.opening import opened_count, opened_widths
from scenes.stage.paint.layout import SMALL, Box
from scenes.stage.paint.theme import DARK
from scenes.storyboard import FILMS
from studio.engine.readable import look_through, shown_in
from studio.engine.shown import DIGITS, LENS, PART, Shown, cramped
from studio.exports.room import told

CHAPTERS = tuple(chapter for film in FILMS.values() for chapter in film)
WORDS = [f"word{chr(97 + number)}" for number in range(16)]


def example(tokens: int, *, d_model: int = 4, decimals: int = 2) -> Example:
    text = f'sentence = "{" ".join(WORDS[:tokens])}"\nd_model = {d_model}\ndecimals = {decimals}\nseed = "numbers"'
    return parse_example(text, Path("numbers.toml"))


def matrix(values: np.ndarray, decimals: int = 2) -> Matrix:
    return Matrix(Tensor("x", values, ("tokens", "d_model"), decimals=decimals), "x", DARK).reveal()


def grown(cells: Cells, before: Box, after: Box, alpha: float) -> Cells:
    """Cells on their way from one box to another."""
    moving = cells.copy().set_box(before)
    animation = Transform(moving, cells.copy().set_box(after))
    animation.begin()
    animation.interpolate(alpha)
    return moving


# --- readable or absent -----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 16), st.integers(1, 20), st.integers(0, 4), st.floats(0.05, 1.2), st.floats(0.05, 0.8))
def test_numbers_at_rest_are_readable_or_absent(
    rows: int, columns: int, decimals: int, width: float, height: float
) -> None:
    cells = matrix(np.random.default_rng(0).normal(size=(rows, columns)), decimals).cells
    printed = cells.set_box(Box(0, columns * width, 0, rows * height)).printed()
    assert len(printed) in (0, rows * columns)
    assert all(text.opacity == 1 and text.size >= DARK.size(SMALL) for text in printed)


def test_numbers_fade_only_while_their_cells_change_size() -> None:
    cells = matrix(np.ones((2, 3))).cells
    width, height = cells.smallest_numeric_pitch()
    large, small = (Box(0, 3 * share * width, 0, 2 * height) for share in (1.2, 0.4))
    for before, after, opacities in ((large, small, [1, 0.75, 0.25, 0]), (small, large, [0, 0.25, 0.75, 1])):
        seen = [
            grown(cells, before, after, alpha).number_opacity(0.2)[0, 0]
            for alpha, _ in zip((0, 0.5, 0.5, 1), opacities, strict=True)
        ]
        assert (seen[0], seen[-1]) == (opacities[0], opacities[-1])
        assert 0 < seen[1] < 1


# --- opened columns ---------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.integers(1, 512), st.floats(0.3, 12), st.floats(0.3, 1.2), st.floats(0.05, 0.25), st.data())
def test_opened_columns_have_the_width_they_need(
    count: int, room: float, wide: float, narrow: float, data: st.DataObject
) -> None:
    first = data.draw(st.permutations(range(count))) if count < 20 else list(range(count))
    widths = room * opened_widths(count, first, room, wide, narrow)
    opened = opened_count(count, room, wide, narrow)
    assert widths.sum() == pytest.approx(room)
    if opened in (0, count):
        np.testing.assert_allclose(widths, room / count)
    else:
        assert widths[first[:opened]].min() >= wide - 1e-9
        assert widths.min() >= min(narrow, room / 2 / count) - 1e-9


def test_opened_columns_show_their_numbers_and_the_others_none() -> None:
    many = matrix(np.arange(12.0).reshape(2, 6))
    width, height = many.cells.smallest_numeric_pitch()
    many.opening([4, 1]).place(Box(0, 3.5 * width, 0, 2 * height))
    assert {text.text for text in many.cells.printed()} == {"4.00", "1.00", "10.00", "7.00"}
    boxes = [many.column_box(column) for column in range(6)]
    assert boxes[0].left == pytest.approx(many.box.left)
    assert boxes[-1].right == pytest.approx(many.box.right)
    assert all(a.right == pytest.approx(b.left) for a, b in pairwise(boxes))


# --- the lens ---------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.integers(4, 512), st.integers(1, 12), st.integers(0, 4), st.data())
def test_a_lens_shows_the_numbers_of_its_cells(columns: int, rows: int, decimals: int, data: st.DataObject) -> None:
    values = np.random.default_rng(columns).normal(size=(rows, columns))
    large = matrix(values, decimals).place(Box(-5, 5, 0, 2))
    focus = data.draw(st.lists(st.integers(0, columns - 1), min_size=1, max_size=3, unique=True))
    row = data.draw(st.integers(0, rows - 1))
    picks, stand = folded(columns, focus), Box(-6, 6, -2, -0.6)
    assert set(focus) <= set(picks)
    assert picks == sorted(set(picks))
    lens = Lens(large, [row], picks, stand, DARK).reveal().open()
    printed = [text for part in lens.parts for text in part.cells.printed()]
    assert [reading.index for text in printed for reading in text.readings] == [(row, column) for column in picks]
    assert [text.text for text in printed] == [large.tensor.at(row, column).text for column in picks]
    assert all(text.size >= DARK.size(SMALL) for text in printed)
    assert all(stand.contains(part.box, 1e-6) for part in lens.parts)
    assert len(lens.folds) == len(runs_of(picks)) - 1


def test_a_lens_comes_out_of_its_frame_moves_to_another_row_and_goes_back() -> None:
    values = np.arange(60.0).reshape(2, 30)
    large = matrix(values).place(Box(-5, 5, 0, 1))
    lens = Lens(large, [0], folded(30, [12]), Box(-6, 6, -2, -0.6), DARK).reveal()
    shut = [part.box for part in lens.parts]
    assert all(large.row_box(0).contains(box, 1e-6) for box in shut)
    lens.open()
    assert lens.parts[0].box.top == pytest.approx(-0.6)
    lens.over(large, [1])
    assert lens.parts[0].cells.readings[0, 0].index == (1, 0)
    assert large.row_box(1).contains(lens.sources[0], 1e-6)
    lens.over(large, [0]).shut()
    assert [part.box for part in lens.parts] == shut
    assert all(name.opacity == 0 for name in lens.folds)


# --- chapters ---------------------------------------------------------------------------------------------------------


def of(found: list[Shown], *names: str) -> set[str]:
    return {one.how for one in found if one.name in names}


@pytest.mark.parametrize("decimals", [0, 2, 4])
@pytest.mark.parametrize("tokens", [1, 7, 10, 16])
def test_the_worked_row_of_softmax_always_has_digits(tokens: int, decimals: int) -> None:
    def look(scene: Chapter, step: str) -> None:
        if step in ("divide", "whole"):
            for line in scene.row.lines:  # type: ignore[attr-defined]
                legible, best = line.cells.legible()[0], scene.best  # type: ignore[attr-defined]
                assert legible[best] == 1, f"{step}: {line.tensor.name}"
                assert line.cells.number_opacity(0.2)[0, best] == 1

    scene = walk("softmax", look, example(tokens, decimals=decimals))
    assert len(scene.row.lines) == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize(("d_model", "decimals"), [(4, 2), (16, 4), (64, 2)])
def test_a_logit_always_lands_on_its_number(d_model: int, decimals: int) -> None:
    found = look_through("output", Settings(example(16, d_model=d_model, decimals=decimals)))[0]
    worked = [one for one in found if one.step in ("first_logit", "logits_row")]
    assert of(worked, "logits") <= {DIGITS, LENS}
    assert of(worked, "logits")


@pytest.mark.parametrize(("tokens", "d_model", "decimals"), [(6, 4, 2), (7, 8, 4), (5, 8, 2), (3, 12, 1)])
def test_queries_keys_and_values_side_by_side_have_digits(tokens: int, d_model: int, decimals: int) -> None:
    found = look_through("qkv", Settings(example(tokens, d_model=d_model, decimals=decimals)))[0]
    results = [one for one in found if one.step == "values"]
    assert of(results, "q", "k", "v") <= {DIGITS, PART}


@pytest.mark.parametrize("shown", ["default", "long"])
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_slot_stays_empty(chapter: str, shown: str) -> None:
    empty: dict[tuple[str, tuple[int, ...]], str] = {}

    def look(scene: Chapter, step: str) -> None:
        for part in (part for mobject in scene.mobjects for part in mobject.get_family()):
            if isinstance(part, Cells) and part.opacity > 0:
                unfilled = part.slots[0] > 0 and bool((part.shown < 1).any())
                key = (part.tensor.name, part.shape)
                empty.pop(key, None)
                empty.update({key: step} if unfilled else {})

    walk(chapter, look, shown)
    assert not empty


def test_what_has_no_room_is_found_and_cured() -> None:
    wide = cramped(look_through("scores", Settings(example(16, decimals=4)))[0])
    assert wide
    assert all(one.how != DIGITS and one.cure for one in wide)
    assert not cramped(look_through("scores", Settings(example(4, decimals=1)))[0])


def test_shown_in_says_what_stands_on_the_stage() -> None:
    seen: list[Shown] = []
    walk("scores", lambda scene, step: seen.extend(shown_in(scene, step)), "default")
    assert of(seen, "scores") == {DIGITS}


def lines_of(chapters: list[str], shown: Example) -> list[str]:
    return told({chapter: cramped(look_through(chapter, Settings(shown))[0]) for chapter in chapters})


def test_check_tells_chapter_steps_matrices_and_cure() -> None:
    lines = lines_of(["scores", "output"], example(7, d_model=8, decimals=4))
    assert any(line.startswith("  scores:") and "as colours (" in line for line in lines)
    assert any(line.startswith("  output:first_logit … ") and "logits through a lens (" in line for line in lines)
    assert not lines_of(["scores", "scaling"], example(4, decimals=1))


def test_large_type_has_room_for_fewer_numbers() -> None:
    normal, large = (
        cramped(look_through("scores", Settings(example(8, decimals=2), size=size))[0]) for size in ("normal", "large")
    )
    assert {one.name for one in normal} < {one.name for one in large}
