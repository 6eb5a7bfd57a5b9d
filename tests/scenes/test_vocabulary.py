"""The visual vocabulary without pictures: contrast, type, captions, boxes, and what changes of a matrix leave."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import Animation
from walk import walk

from core.trace import DotProduct, Quotient, Reading, Tensor
from scenes.scaling.quotient import RootQuotient
from scenes.stage.chapter.caption import Caption, percent
from scenes.stage.chapter.reading_speed import least_seconds
from scenes.stage.charts.histogram import Histogram, Sampling
from scenes.stage.charts.plots import Axis, ValueBars
from scenes.stage.matrix.arithmetic import Arithmetic
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.cells import BLACK, WHITE, Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import CAPTION, FRAME, HEADER, SAFE, SMALLEST_FONT, STAGE, Box, around, box_of
from scenes.stage.paint.theme import DARK, DIM, contrast, mix
from scenes.stage.paint.typography import MissingCharacters, missing_characters, outline, text_width

HANZI = "查询键值分数注意力权重词元的一是在不了有和人这中大为上个国我以要他时来用们"
STOPS = "，。、；：！？”’）》」…"
shares = st.lists(st.floats(0.1, 10), min_size=1, max_size=6)


def tensor(values: object, name: str = "scores", decimals: int = 2) -> Tensor:
    return Tensor(name, np.asarray(values, dtype=float), ("queries", "keys"), decimals=decimals)


def matrix(rows: int, columns: int, meaning: str = "scores", **options: object) -> Matrix:
    values = np.arange(rows * columns, dtype=float).reshape(rows, columns) - rows * columns / 2
    return Matrix(tensor(values), meaning, DARK, **options)


def test_a_long_sum_shows_the_term_that_counts_most() -> None:
    numbers = [Reading("x", (i,), value, 2) for i, value in enumerate([0.1, 0.2, 0.1, 0.3, -9.0, 0.1, 0.2])]
    ones = [Reading("w", (i,), 1.0, 2) for i in range(len(numbers))]
    line = Arithmetic(DotProduct(tuple(numbers), tuple(ones), numbers[0]), WHITE, WHITE, WHITE, DARK, STAGE)
    assert line.shown_terms == [0, 1, 4, 6]
    line = Arithmetic(DotProduct(tuple(ones), tuple(ones), numbers[0]), WHITE, WHITE, WHITE, DARK, STAGE)
    assert line.shown_terms == [0, 1, 2, 6]


@pytest.mark.parametrize(
    ("name", "index", "meanings"),
    [
        ("scores", (1, 2), ("q", "k", "scores")),
        ("context", (1, 0), ("weights", "v", "output")),
        ("heads.q", (1, 0, 1), ("x", "learned", "q")),
        ("multi_head_output", (2, 3), ("output", "learned", "output")),
    ],
)
def test_a_written_product_has_the_numbers_and_the_hues_of_its_tensors(
    name: str, index: tuple[int, ...], meanings: tuple[str, str, str]
) -> None:
    lines: list[Arithmetic] = []
    chapter = walk("scores", lambda scene, _: lines.append(scene.arithmetic(name, *index, box=STAGE)))
    product = chapter.trace.explain(name, *index)
    line = lines[-1]
    written = (line.left[0], line.right[0], line.total)
    for label, reading, meaning in zip(
        written, (product.left[0], product.right[0], product.total), meanings, strict=True
    ):
        assert label.readings == (reading,)
        np.testing.assert_allclose(label.colours[0], chapter.theme.hue(meaning))


def test_labels_of_tokens_are_lit_by_name_or_all() -> None:
    axis = TokenAxis(["a", "b", "c"], "rows", DARK).spotlight(1)
    np.testing.assert_allclose(axis.light, [DIM, 1, DIM])
    np.testing.assert_allclose(axis.light_up().light, 1)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)
    np.testing.assert_allclose(mix(BLACK, WHITE, np.array([0.0, 0.25, 1.0]))[:, 0], [0, 0.25, 1])


# --- type -----------------------------------------------------------------------------------------------------------


def test_what_the_film_shows_has_letters() -> None:
    assert not missing_characters("Attention √dₖ ÷ × ≈ − ∞ ⋯ Kᵀ ‘’“” é ß 注意力，。词元")


def test_a_character_that_no_font_has_is_named() -> None:
    text = "a\U0001fabbb\U000e0fff"
    assert missing_characters(text)[-1] == "\U000e0fff"
    with pytest.raises(MissingCharacters, match=r"U\+E0FFF"):
        outline(text)


@given(st.lists(st.sampled_from(["it", "查询", "3.14", "−2", "q"]), min_size=1, max_size=6), st.floats(0.1, 2))
def test_widths_scale_and_pieces_apart_add_up(words: list[str], size: float) -> None:
    joined = "\n".join(words).replace("\n", "\u2003")
    width = text_width(joined, size)
    assert width == pytest.approx(size * text_width(joined, 1.0))
    space = text_width("\u2003", size)
    apart = sum(text_width(word, size) for word in words) + space * (len(words) - 1)
    assert width == pytest.approx(apart, rel=0.02)


@given(st.text("0123456789", min_size=1, max_size=8))
def test_digits_are_of_one_width(digits: str) -> None:
    assert text_width(digits, 1.0) == pytest.approx(len(digits) * text_width("0", 1.0))


def test_a_label_is_as_wide_as_its_runs_and_keeps_its_numbers() -> None:
    reading = Reading("scores", (0, 1), -1.5, 2)
    label = Label((Run("score "), Run(reading.text, DARK.hue("scores"), (reading,))), 0.3, DARK.ink)
    assert label.text == "score −1.50"
    assert label.readings == (reading,)
    assert label.box.width == pytest.approx(text_width("score ", 0.3) + text_width("−1.50", 0.3))
    words, number = label.scale(2).printed()
    assert label.size == pytest.approx(0.6)
    assert words.box.right == pytest.approx(number.box.left)
    assert not words.readings


# --- captions -------------------------------------------------------------------------------------------------------


def lines_of(caption: Caption) -> list[str]:
    return [line.text for line in caption]


@given(st.integers(1, 34))
def test_a_caption_has_at_most_two_lines_inside_its_band(words: int) -> None:
    caption = Caption("‘{query}’ " + "looks " * words + "at once.", {"query": "it"}, DARK)
    assert len(caption) <= 2
    assert all(CAPTION.contains(line.box, 0.02) for line in caption)
    assert " ".join(lines_of(caption)).split() == caption.text.split()
    if len(caption) == 2:
        first, second = (line.box for line in caption)
        assert first.bottom > second.top


def test_a_caption_of_three_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="two are allowed"):
        Caption("far too many words " * 30, {}, DARK)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(HANZI, min_size=1, max_size=7), st.sampled_from(STOPS)), min_size=1, max_size=11))
def test_chinese_punctuation_never_begins_a_line(clauses: list[tuple[str, str]]) -> None:
    caption = Caption("".join(words + stop for words, stop in clauses), {}, DARK)
    assert "".join(lines_of(caption)) == caption.text
    assert not any(line[0] in STOPS for line in lines_of(caption))


@given(st.integers(20, 60))
def test_an_opening_quote_never_ends_a_line(length: int) -> None:
    text = "".join(
        f"{character}“词元”" if i % 3 == 0 else character for i, character in enumerate((HANZI * 2)[:length])
    )
    lines = lines_of(Caption(text[: min(len(text), 75)].rstrip("“") + "。", {}, DARK))
    assert not any(line.endswith("“") for line in lines)


def test_a_caption_keeps_the_address_of_its_numbers() -> None:
    weight = Reading("weights", (4, 1), 0.657, 2)
    caption = Caption("‘{query}’ gives {share}: {weight}, {count} times.", {
        "query": Run("it", DARK.hue("q")), "share": percent(weight), "weight": weight, "count": 3,
    }, DARK)  # fmt: skip
    runs = [run for line in caption for run in line.runs]
    assert caption.text == "‘it’ gives 66%: 0.66, 3 times."
    assert [run.text for run in runs if run.readings] == ["66%", "0.66"]
    assert [run.text for run in runs if run.structural] == ["3"]


def test_a_caption_without_its_fact_is_an_error() -> None:
    with pytest.raises(KeyError, match="score"):
        Caption("The score is {score}.", {}, DARK)


def test_longer_captions_are_read_longer_in_both_languages() -> None:
    for short, long in (
        ("One row.", "One row, and then all the other rows."),
        ("一行。", "一行，然后是所有其他的行。"),
    ):
        assert Caption(short, {}, DARK).reading_time() < Caption(long, {}, DARK).reading_time()


def test_a_caption_can_be_read_in_the_other_language_too() -> None:
    long = "一行里的数字加起来正好是一，然后是所有其他的行，一行一行，直到最后一行。" * 2
    assert Caption("Rows.", {}, DARK, "en", {"zh": long}).reading_time() == least_seconds(long) == len(long) / 9
    assert Caption("Rows.", {}, DARK, "en", {"zh": "行。"}).reading_time() == Caption("Rows.", {}, DARK).reading_time()
    assert least_seconds("x" * 20) == 1


# --- boxes ----------------------------------------------------------------------------------------------------------


def test_the_bands_of_the_frame_do_not_meet() -> None:
    assert FRAME.contains(SAFE)
    for band in (HEADER, STAGE, CAPTION):
        assert SAFE.contains(band)
    assert not HEADER.overlaps(STAGE)
    assert not STAGE.overlaps(CAPTION)


@given(shares, st.floats(0, 0.3))
def test_columns_and_rows_divide_a_box(parts: list[float], gap: float) -> None:
    for boxes, length, low, high in (
        (STAGE.columns(*parts, gap=gap), STAGE.width, "left", "right"),
        (STAGE.rows(*parts, gap=gap)[::-1], STAGE.height, "bottom", "top"),
    ):
        assert getattr(boxes[0], low) == pytest.approx(getattr(STAGE, low))
        assert getattr(boxes[-1], high) == pytest.approx(getattr(STAGE, high))
        sizes = np.array([getattr(box, high) - getattr(box, low) for box in boxes])
        assert sizes.sum() + gap * (len(parts) - 1) == pytest.approx(length)
        assert all(
            getattr(after, low) - getattr(before, high) == pytest.approx(gap) for before, after in pairwise(boxes)
        )
    widths = [box.width for box in STAGE.columns(*parts, gap=gap)]
    np.testing.assert_allclose(np.array(widths) / sum(widths), np.array(parts) / sum(parts))


def test_boxes_know_what_they_hold() -> None:
    box = Box(0, 4, 0, 2)
    assert box.grown(1) == Box(-1, 5, -1, 3)
    assert box.upper(0.25) == Box(0, 4, 1.5, 2)
    assert box.lower(0.25) == Box(0, 4, 0, 0.5)
    assert box.inset(1, 1, 0.5, 0.5) == Box(1, 3, 0.5, 1.5)
    assert around(Box(0, 1, 0, 1), Box(3, 4, -1, 0)) == Box(0, 4, -1, 1)
    assert not box.overlaps(Box(4, 5, 0, 2))
    assert box.overlaps(Box(3.9, 5, 1.9, 3))


# --- a matrix and its changes ---------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Matrix], object]] = {
    "reveal": lambda m: m.reveal(),
    "reveal a row": lambda m: m.reveal(rows=1),
    "empty": lambda m: m.empty(columns=0),
    "spotlight": lambda m: m.spotlight(rows=0, columns=1),
    "recede": lambda m: m.recede(),
    "set values": lambda m: m.set_values(tensor(np.full((3, 4), 0.25), "scaled_scores")),
    "set some values": lambda m: m.set_values(tensor(np.full((3, 4), 0.25), "scaled_scores"), rows=[0, 2]),
    "veil": lambda m: m.veil(np.eye(3, 4, dtype=bool)),
    "place": lambda m: m.place(Box(1, 3, 0, 1)),
    "as heat": lambda m: m.as_heat(),
}
IN_PLACE = {name: change for name, change in CHANGES.items() if name != "place"}


def state_of(cells: Cells) -> dict[str, np.ndarray]:
    return {name: getattr(cells, name) for name in (*Cells.STATE, "readings")} | {"points": cells.points}


def finished(animation: Animation) -> None:
    animation.begin()
    for alpha in (0.0, 0.3, 0.5, 0.9, 1.0):
        animation.interpolate(alpha)
    animation.finish()


def animated(matrix: Matrix, change: Callable[[Matrix], object]) -> Animation:
    """The animation of `matrix.animate.change()`."""
    builder = matrix.animate
    change(builder)  # type: ignore[arg-type]
    return builder.build()


def test_changes_reach_the_cells_they_name() -> None:
    cells = matrix(3, 4).reveal(rows=1, columns=[0, 2]).cells
    expected = np.zeros((3, 4))
    expected[1, [0, 2]] = 1
    np.testing.assert_array_equal(cells.shown, expected)
    lit = matrix(3, 4).spotlight(rows=2).cells.light
    np.testing.assert_array_equal(lit[:2], DIM)
    np.testing.assert_array_equal(lit[2], 1)


def test_a_change_leaves_copies_alone() -> None:
    first = matrix(3, 4).reveal()
    before = {name: np.array(array) for name, array in state_of(first.cells).items()}
    for change in CHANGES.values():
        change(first.copy())
    for name, array in state_of(first.cells).items():
        assert np.array_equal(array, before[name]), name


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_animated_change_ends_as_the_change_itself(change: Callable[[Matrix], object]) -> None:
    moved, plain = matrix(3, 4).reveal(rows=0), matrix(3, 4).reveal(rows=0)
    finished(animated(moved, change))
    change(plain)
    assert_same(moved, plain)


@pytest.mark.parametrize("order", ["rows", "columns", "cells", "diagonal"])
@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE)
def test_a_wave_ends_as_the_animated_change(change: Callable[[Matrix], object], order: str) -> None:
    swept, moved = matrix(3, 4).reveal(rows=0), matrix(3, 4).reveal(rows=0)
    finished(CellWave(swept, change, order=order))
    finished(animated(moved, change))
    assert_same(swept, moved)


def assert_same(first: Matrix, second: Matrix) -> None:
    for name, array in state_of(first.cells).items():
        other = state_of(second.cells)[name]
        same = np.array_equal(array, other) if name == "readings" else np.allclose(array, other)
        assert same, name


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (16, 16)])
def test_a_wave_runs_over_any_shape(shape: tuple[int, int]) -> None:
    swept = matrix(*shape)
    finished(CellWave(swept, Matrix.reveal))
    np.testing.assert_array_equal(swept.cells.shown, 1)


def test_the_rows_of_a_wave_follow_each_other() -> None:
    swept = matrix(4, 2)
    wave = CellWave(swept, Matrix.reveal, order="rows")
    wave.begin()
    wave.interpolate(0.4)
    shown = swept.cells.shown[:, 0]
    assert shown[0] == 1
    assert shown[-1] == 0
    assert (np.diff(shown) <= 0).all()


@settings(deadline=None)
@given(st.floats(0, 1), st.booleans(), st.lists(st.floats(-99, 99), min_size=6, max_size=6))
def test_a_changing_number_is_the_old_one_or_the_new_one(alpha: float, as_wave: bool, values: list[float]) -> None:
    before = tensor(np.arange(6).reshape(2, 3) * 1.25)
    after = tensor(np.array(values).reshape(2, 3), "scaled_scores")
    moving = Matrix(before, "scores", DARK, reserve=[after]).place(Box(-3, 3, -1, 1)).reveal()

    def change(m: Matrix) -> object:
        return m.set_values(after)

    animation = CellWave(moving, change) if as_wave else animated(moving, change)
    animation.begin()
    animation.interpolate(alpha)
    allowed = {tensor.at(i, j) for tensor in (before, after) for i in range(2) for j in range(3)}
    texts = moving.cells.printed()
    assert {reading for text in texts for reading in text.readings} <= allowed
    assert all(text.text == text.readings[0].text for text in texts)


def test_a_number_that_changes_is_gone_halfway_and_one_that_stays_is_not() -> None:
    before = tensor([[1.0, 2.0]])
    after = before.values.copy()
    after[0, 1] = 3.0
    moving = Matrix(before, "scores", DARK).place(Box(-1, 1, 0, 0.5)).reveal()
    animation = animated(moving, lambda m: m.set_values(tensor(after), columns=1))
    animation.begin()
    animation.interpolate(0.5)
    np.testing.assert_allclose(moving.cells.ink, [[1, 0]])


def test_numbers_show_where_they_fit_and_stay_in_their_cells() -> None:
    numbers = matrix(3, 4).reveal()
    width, height = numbers.cells.smallest_numeric_pitch()
    numbers.place(Box(0, 4 * width, 0, 3 * height))
    assert numbers.has_numbers
    for text in numbers.cells.printed():
        assert text.cell.contains(text.box)
        assert text.size >= SMALLEST_FONT * 0.999
        assert contrast(text.colour, text.background) >= 4.5
    numbers.place(Box(0, 2 * width, 0, 3 * height))
    assert not numbers.has_numbers
    assert not numbers.cells.printed()


# --- products -------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 16), st.integers(1, 512), st.integers(1, 16), st.booleans())
def test_a_product_is_a_multiplication_table(rows: int, inner: int, columns: int, named: bool) -> None:
    words = [f"word{i}" for i in range(16)]
    left = matrix(rows, inner, "q", row_tokens=words[:rows] if named else None)
    right = matrix(inner, columns, "k", column_tokens=words[:columns] if named else None)
    result = matrix(rows, columns)
    place_product(left, right, result, STAGE)
    assert (left.box.bottom, left.box.top) == pytest.approx((result.box.bottom, result.box.top))
    assert (right.box.left, right.box.right) == pytest.approx((result.box.left, result.box.right))
    assert left.box.right < result.box.left
    assert right.box.bottom > result.box.top
    assert not left.whole.overlaps(result.box)
    for part in (left, right, result):
        assert STAGE.contains(part.box, 0.01)
        assert STAGE.contains(part.whole, 0.05)
        assert min(part.cells.pitch) > 0


# --- plots ----------------------------------------------------------------------------------------------------------


def axis() -> Axis:
    return Axis(Tensor("scaling.ticks", np.arange(-24.0, 25, 8), ("ticks",), {}, None, 0), -32.5, 32.5, DARK)


@given(st.floats(0.8, 12))
def test_ticks_keep_apart_and_zero_is_among_them(width: float) -> None:
    scale = axis().set_box(Box(0, width, 0, 1))
    texts = scale.printed()
    assert "0" in [text.text for text in texts]
    assert not any(a.box.overlaps(b.box) for a, b in pairwise(texts))
    values = [text.readings[0].value for text in texts]
    assert len(set(np.diff(values))) <= 1
    assert values == [-value for value in reversed(values)]


def histogram(counts: np.ndarray) -> Histogram:
    edges = np.linspace(-32.5, 32.5, len(counts) + 1)
    return Histogram(counts, edges, axis(), Label("heading", 0.3, DARK.ink), DARK.hue("scores"), DARK).place(STAGE)


def test_a_histogram_stands_between_its_heading_and_its_ticks() -> None:
    plot = histogram(np.arange(65.0))
    ticks = around(*(text.box for text in plot.axis.printed()))
    assert STAGE.contains(around(box_of(plot.head), plot.bars.box, ticks), 0.01)
    assert plot.bars.box.top < box_of(plot.head).bottom
    assert plot.bars.bar_box(64).top == pytest.approx(plot.bars.box.top)
    assert (plot.bars.box.left, plot.bars.box.right) == pytest.approx((plot.axis.x_of(-32.5), plot.axis.x_of(32.5)))


def test_samples_end_as_the_histogram_and_never_sink() -> None:
    growth = np.cumsum(np.random.default_rng(0).integers(0, 9, (5, 65)), axis=0)
    plot = histogram(growth[-1])
    sampling = Sampling(plot, growth, np.array([-8.0, 0.0, 3.0]))
    sampling.begin()
    seen = []
    for alpha in np.linspace(0, 1, 21):
        sampling.interpolate(float(alpha))
        seen.append(plot.bars.heights)
    sampling.finish()
    assert (np.diff(seen, axis=0) >= -1e-9).all()
    np.testing.assert_allclose(plot.bars.heights, growth[-1])
    assert sampling.dots not in plot.submobjects


def test_bars_print_their_numbers_beyond_their_ends() -> None:
    vector = Tensor("scaling.keys_scores", np.array([-9.3, 0.0, 18.6]), ("keys",), {}, None, 1)
    bars = ValueBars(vector, Box(-2, 2, -1, 1), -9.3, 18.6, DARK.hue("scores"), DARK)
    for index, number in enumerate(bars.numbers):
        assert number.text == vector.at(index).text
        assert not number.box.overlaps(bars.bars.bar_box(index))
    assert bars.numbers[0].box.top < bars.bars.bar_box(0).bottom


@pytest.mark.parametrize(("score", "sign"), [(5.0, "="), (5.01, "≈")])
def test_a_written_quotient_says_whether_it_is_rounded(score: float, sign: str) -> None:
    readings = [Reading("x", (), value, 2) for value in (score, 2.0, score / 2)]
    line = RootQuotient(Quotient(*readings), 4, DARK.hue("scores"), DARK, STAGE)
    assert line.equals.text == sign
    assert line.simpler.text.startswith("=")
    texts = "".join(part.text for part in line.get_family() if isinstance(part, Label))
    assert re.sub(r"\s", "", texts).startswith(f"{readings[0].text}÷√4={readings[0].text}÷2.00")
