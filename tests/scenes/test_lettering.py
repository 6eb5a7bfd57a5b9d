"""Letters: formulas kept on disk, rare characters, labels that keep clear of each other, numbers that stay whole."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cairo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trace import Reading, Tensor
from scenes.stage.chapter.caption import Caption
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint import fonts, typography
from scenes.stage.paint import typeset as module
from scenes.stage.paint.label import Label, Run, part, shrink
from scenes.stage.paint.layout import CAPTION, GAP, LABEL, SMALL, Box, Type
from scenes.stage.paint.painting import Brush
from scenes.stage.paint.theme import DARK, DIM, LIGHT, Theme, contrast, theme_named
from scenes.stage.paint.typeset import Typeset, typeset
from scenes.stage.paint.typography import (
    MissingCharacters,
    missing_characters,
    outline,
    shorten,
    text_width,
)
from scenes.stage.paint.upright import shorten_upright, stands_upright, upright_height

FORMULA = "{{ Q K^top : scores }} slash {{ sqrt(d_k) : scaling }}"
RARE = "\U000120ab"  # a cuneiform sign, in none of the film's fonts


# --- formulas on disk -------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which formulas are kept, empty; nothing is remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    typeset.cache_clear()
    yield tmp_path / "attention-in-motion" / "formulas"
    typeset.cache_clear()


@pytest.fixture
def set_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was set anew."""
    sources: list[str] = []
    really = module._set

    def noted(source: str, names: list[str]) -> Typeset:
        sources.append(source)
        return really(source, names)

    monkeypatch.setattr(module, "_set", noted)
    return sources


def again(source: str) -> Typeset:
    """The formula as another process finds it."""
    typeset.cache_clear()
    return typeset(source)


def assert_same(first: Typeset, second: Typeset) -> None:
    assert first.parts == second.parts
    assert len(first.outlines) == len(second.outlines)
    for one, other in zip(first.outlines, second.outlines, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_formula_is_set_once(kept: Path, set_anew: list[str]) -> None:
    made = typeset(FORMULA)
    assert set(made.parts) == {"scores", "scaling"}
    named = [index for part in made.parts.values() for index in part]
    assert len(set(named)) == len(named) == len(made.outlines) - 1
    assert typeset(FORMULA) is made
    assert_same(made, again(FORMULA))
    assert set_anew == [FORMULA]
    assert len(again("Q").outlines) == 1
    assert set_anew == [FORMULA, "Q"]
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: b"",
        lambda content: b"\0" * len(content),
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"lengths", b"heights"),
        lambda content: re.sub(rb"(PK\x01\x02.{6}).", lambda found: found[1] + b"\x63", content, flags=re.DOTALL),
        lambda content: content[:-38] + bytes(38),
        lambda content: content[:300] + bytes(byte ^ 255 for byte in content[300:600]) + content[600:],
    ],
    ids=["empty", "zeroed", "cut off", "other names", "packed otherwise", "no end", "other bytes"],
)
def test_a_damaged_formula_is_set_anew(harm: Callable[[bytes], bytes], kept: Path, set_anew: list[str]) -> None:
    made = typeset(FORMULA)
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    file.write_bytes(harm(whole))
    assert_same(made, again(FORMULA))
    assert_same(made, again(FORMULA))
    assert set_anew == [FORMULA] * 2
    assert list(kept.iterdir()) == [file]


def test_formulas_are_set_where_nothing_can_be_kept(tmp_path: Path, kept: Path, set_anew: list[str]) -> None:
    (tmp_path / "attention-in-motion").write_text("a file in the way", encoding="utf-8")
    assert_same(typeset(FORMULA), again(FORMULA))
    assert set_anew == [FORMULA] * 2


# --- characters -------------------------------------------------------------------------------------------------------


Listed = tuple[Path, int, int, str]  # file, weight and slant as fontconfig tells them, family


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Let the machine's list of fonts be this, and no font come with the films but Inter."""
    caches = (fonts._face, fonts.system_face, typography.shaped, typography.outline)

    def forget() -> None:
        for kept in caches:
            kept.cache_clear()

    def has(*listed: Listed) -> None:
        forget()
        lines = "".join(f"{file}\t0\t{weight}\t{slant}\t100\t{family}\n" for file, weight, slant, family in listed)
        monkeypatch.setattr(fonts, "SIMPLIFIED", "Inter-Regular.ttf")
        monkeypatch.setattr(fonts, "TRADITIONAL", "Inter-Regular.ttf")
        monkeypatch.setattr(fonts, "JAPANESE", "Inter-Regular.ttf")
        monkeypatch.setattr(fonts, "KOREAN", "Inter-Regular.ttf")
        monkeypatch.setattr(fonts.shutil, "which", lambda program: program)
        monkeypatch.setattr(
            fonts.subprocess, "run", lambda *call, **how: subprocess.CompletedProcess(call, 0, lines, "")
        )

    yield has
    monkeypatch.undo()
    forget()


def test_a_rare_character_is_taken_from_a_font_of_the_machine(machine: Callable[..., None]) -> None:
    width = text_width("词", 1.0)
    machine(
        (Path("/nowhere/picture.svg"), 80, 0, "Sans"), (fonts.FONTS / "NotoSansSC-Regular.ttf", 80, 0, "Noto Sans SC")
    )
    assert not missing_characters("a词")
    assert text_width("词", 1.0) == pytest.approx(width)
    assert outline("词").path is not None


def test_the_machines_font_is_upright_and_of_the_weight(machine: Callable[..., None], tmp_path: Path) -> None:
    """By what fontconfig tells of it, not by its name: `…-Bold` and `…-BoldItalic` come before `…-Regular`."""
    source = fonts.FONTS / "NotoSansSC-Regular.ttf"
    bold, italic, serif, plain, half = (
        Path(shutil.copy(source, tmp_path / f"{name}.ttf")) for name in ("A-Bold", "B-Italic", "C", "D", "E-SemiBold")
    )
    machine(
        (bold, 200, 0, "Noto Sans"),
        (italic, 80, 100, "Noto Sans"),
        (serif, 80, 0, "Noto Serif"),
        (plain, 80, 0, "Noto Sans"),
        (half, 180, 0, "Noto Sans"),
    )
    assert [run.face.file for run in fonts.runs("词", "regular")] == [str(plain)]
    assert [run.face.file for run in fonts.runs("词", "semibold")] == [str(half)]


def test_a_character_that_nobody_has_is_named(machine: Callable[..., None]) -> None:
    machine((fonts.FONTS / "Inter-Regular.ttf", 80, 0, "Inter"))  # a font that is listed and has it not
    assert missing_characters(f"a {RARE}b{RARE}") == [RARE]
    with pytest.raises(MissingCharacters, match=r"'\U000120ab' \(U\+120AB\), found in the text 'a \U000120ab'"):
        text_width(f"a {RARE}", 1.0)


def test_spaces_are_never_missing() -> None:
    assert not missing_characters("a\u00a0b\u2003c\td\n")


# --- token labels -----------------------------------------------------------------------------------------------------

tokens = st.lists(st.text("Wgiljqx词元", min_size=1, max_size=24), min_size=1, max_size=16)


LABEL_SIZES = (LABEL.value, SMALL.value)


@settings(deadline=None, max_examples=150)
@given(tokens, st.floats(0.1, 0.6))
def test_labels_of_rows_keep_clear(words: list[str], pitch: float) -> None:
    cells = Box(0, 3, 0, pitch * len(words))
    axis = TokenAxis(words, "rows", DARK).place(cells)
    assert axis.font in LABEL_SIZES
    boxes = [axis.token_box(i) for i in range(len(words))]
    named = any(axis.texts)
    assert named or pitch < SMALL.value
    for i, box in enumerate(boxes):
        assert box.right < cells.left
        assert box.left >= cells.left - 0.14 - TokenAxis.LONGEST - 1e-6
        assert box.y == pytest.approx(cells.top - (i + 0.5) * pitch)
    assert not named or all(below.top < above.bottom for above, below in pairwise(boxes))


@settings(deadline=None, max_examples=300)
@given(tokens, st.floats(0.1, 1.4))
def test_labels_of_columns_keep_clear(words: list[str], pitch: float) -> None:
    """Level, upright or turned: over the middle of their columns, none touches the next."""
    cells = Box(0, pitch * len(words), 0, 1)
    axis = TokenAxis(words, "columns", DARK).place(cells)
    assert axis.font in LABEL_SIZES
    assert any(axis.texts) or pitch < 1.1 * SMALL.value
    boxes = [axis.token_box(i) for i, text in enumerate(axis.texts) if text]
    assert all(box.x == pytest.approx((i + 0.5) * pitch) for i, box in enumerate(boxes))
    assert all(axis.box.contains(box, 0.06 * axis.font) for box in boxes)
    assert all(box.bottom > cells.top for box in boxes)
    assert all(one.right + 0.05 * axis.font <= other.left for one, other in pairwise(boxes))
    assert axis.box.height <= max(TokenAxis.HIGHEST, axis.font) + 1e-6
    if axis.level:
        assert axis.texts == tuple(words)


@settings(deadline=None, max_examples=40)
@given(tokens, st.floats(0.1, 1.4), st.floats(0.1, 1.4))
def test_labels_that_change_with_their_columns_keep_below_a_name(words: list[str], first: float, last: float) -> None:
    """While columns become wider or narrower, no label reaches into what travels above all of them."""
    ends = [TokenAxis(words, "columns", DARK).place(Box(0, pitch * len(words), 0, 1)) for pitch in (first, last)]
    for alpha in np.linspace(0, 1, 11):
        moving = ends[0].copy()
        moving.interpolate(*ends, float(alpha))
        name = (1 - alpha) * ends[0].box.top + alpha * ends[1].box.top + GAP
        assert all(label.box.top < name for label in moving.printed() if label.opacity > 0.02)


@pytest.mark.parametrize(
    "words", [["overheated", "because"], ["过热了", "机器人", "（注）", "，", "[PAD]"]], ids=["en", "zh"]
)
def test_labels_of_narrow_columns_are_drawn_where_they_say(words: list[str]) -> None:
    """Level, upright and turned letters keep inside the boxes that they are checked by, and fill most of them."""
    for pitch in (0.24, 0.3, 2.0):
        axis = TokenAxis(words, "columns", DARK).place(Box(0, pitch * len(words), 0, 1))
        for i in range(len(words)):
            seen, told = _drawn(axis.spotlight(i), axis.theme.ink), axis.token_box(i)
            assert told.grown(0.25 * axis.font).contains(seen)
            assert len(words[i]) == 1 or seen.height * seen.width > 0.4 * told.height * told.width


def _drawn(axis: TokenAxis, ink: tuple[float, float, float], scale: int = 100) -> Box:
    """The box of what is painted in full light."""
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 1200, 400)
    context = cairo.Context(surface)
    context.scale(scale, scale)
    axis.light = (axis.light == 1).astype(float)
    axis.paint(Brush(context))
    alpha = np.frombuffer(surface.get_data(), np.uint8).reshape(400, 1200, 4)[..., 3]
    rows, columns = np.nonzero(alpha)
    return Box(columns.min() / scale, (columns.max() + 1) / scale, rows.min() / scale, (rows.max() + 1) / scale)


@pytest.mark.parametrize(
    ("text", "upright"),
    [
        ("机器人", True),
        ("，", True),
        ("（书）", True),
        ("第3章", True),
        ("x", True),
        ("GPT模型", False),
        ("robot", False),
    ],
)
def test_chinese_stands_upright_and_latin_is_turned(text: str, upright: bool) -> None:
    assert stands_upright(text) == upright
    assert upright_height(shorten_upright(text, 0.6, 0.2), 0.2) <= 0.6 + 1e-9


def test_tokens_are_as_bright_as_their_rows_and_columns() -> None:
    tensor = Tensor("x", np.ones((2, 3)), ("queries", "keys"), decimals=1)
    matrix = Matrix(tensor, "scores", DARK, row_tokens=["a", "b"], column_tokens=["a", "b", "c"]).reveal()
    assert matrix.row_tokens and matrix.column_tokens
    matrix.spotlight(rows=1)
    np.testing.assert_array_equal(matrix.row_tokens.light, [DIM, 1])
    np.testing.assert_array_equal(matrix.column_tokens.light, [1, 1, 1])
    matrix.spotlight(rows=0, columns=2)
    np.testing.assert_array_equal(matrix.column_tokens.light, [DIM, DIM, 1])
    matrix.recede()
    np.testing.assert_array_equal(matrix.row_tokens.light, [DIM, DIM])


@given(st.floats(0.01, 1.0), st.sampled_from(Type), st.sampled_from(["normal", "large"]))
def test_type_that_fits_is_of_the_four_sizes(limit: float, largest: Type, size: str) -> None:
    """The largest that fits; where none does the smallest, in large films the smallest of others."""
    theme = theme_named("dark", size)
    sizes = {theme.size(name) for name in Type if name.value <= largest.value} | {SMALL.value}
    chosen = theme.fitting(limit, largest)
    assert chosen in sizes
    assert chosen == max((size for size in sizes if size <= limit), default=SMALL.value)


@settings(deadline=None)
@given(st.text("Wgij词元 ", min_size=1, max_size=40).filter(str.strip), st.floats(0.3, 6), st.sampled_from(Type))
def test_a_text_shrinks_to_the_next_size_that_has_room(text: str, width: float, written: Type) -> None:
    label = shrink(Label(text, written.value, DARK.ink), width, DARK, written)
    assert min(abs(label.size - size.value) for size in Type) < 1e-6
    assert label.size <= written.value + 1e-9
    assert label.width <= width + 1e-6 or label.size == pytest.approx(SMALL.value)


def test_two_texts_part_a_width() -> None:
    left, right = Label("largest of each row", 0.24, DARK.ink), Label("at least 0.99: half", 0.24, DARK.ink)
    box = Box(0, left.width + right.width - 0.1, 0, 1)
    part(left, right, box, DARK, LABEL)
    assert left.box.left == pytest.approx(0)
    assert right.box.right == pytest.approx(box.right)
    assert left.box.right < right.box.left


@settings(deadline=None)
@given(st.text("Wgiljqx词元 ", min_size=1, max_size=40).filter(str.strip), st.floats(0.5, 3))
def test_a_shortened_text_fits_and_says_so(text: str, limit: float) -> None:
    short = shorten(text, limit, 0.25)
    assert text_width(short, 0.25) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


# --- numbers ----------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["it", "robot", "looks at", "词元", "，", "查询", "—"]), min_size=1, max_size=30),
    st.lists(st.integers(0, 29), max_size=5),
)
def test_a_number_or_a_named_token_of_several_words_keeps_its_reading(words: list[str], places: list[int]) -> None:
    """Wherever lines end, a number stands whole on one of them."""
    facts: dict[str, Reading | Run] = {}
    parts = []
    for i, word in enumerate(words):
        parts.append(word)
        if i in places:
            facts[f"n{i}"] = Reading("weights", (0, i), -0.25 - i, 2)
            parts.append(f"{{n{i}}}")
    caption = Caption(" ".join(parts), facts, DARK)
    printed = [run for line in caption for run in line.runs if run.readings]
    assert [run.text for run in printed] == [facts[f"n{i}"].text for i in range(30) if f"n{i}" in facts]
    assert all(CAPTION.contains(line.box, 0.02) for line in caption)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("meaning", sorted(name for name in DARK.hues if not name.startswith("negative")))
def test_numbers_are_printed_in_the_ink_that_can_be_read(theme: Theme, meaning: str) -> None:
    values = np.linspace(-1, 1, 400).reshape(20, 20) if meaning != "weights" else np.linspace(0, 1, 400).reshape(20, 20)
    values = values.copy()
    values[0, 0] = 0.0 if meaning == "weights" else -np.inf
    cells = Cells(Tensor("x", values, ("queries", "keys")), meaning, theme)
    width, height = cells.smallest_numeric_pitch()
    cells.set_box(Box(0, 20 * width, 0, 20 * height)).shown = np.ones((20, 20))
    printed = cells.printed()
    assert len(printed) == 400
    assert all(contrast(text.colour, text.background) >= 4.5 for text in printed)
