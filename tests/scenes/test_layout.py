"""The check of layout catches what is planted; chapters say what they have to say, in one language."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from checks import layout_faults, on_screen, printed_texts
from manim import Mobject
from test_truth import CHAPTERS
from walk import planted_faults, walk

from core.trace.trained_without import model_without
from scenes.shared.end_card import commands
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.code_listing import CodeListing
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, STAGE, TEXT, Box
from scenes.storyboard import FILMS, chapter_class

HANZI = re.compile(r"[一-鿿]")
WORD = re.compile(r"[A-Za-z]{4,}")
SYMBOLS = {"softmax", "logit", "Attention", "MultiHead", "Concat", "ReLU", "GELU", "START", "Transformer"}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_the_steps_of_its_texts_and_says_all_its_captions(chapter: str) -> None:
    steps: list[str] = []
    unsaid: list[str] = []

    def look(scene: Chapter, step: str) -> None:
        steps.append(step)
        unsaid.extend(scene.captions)

    scene = walk(chapter, look)
    assert not unsaid
    assert steps == list(scene.text.steps) == list(chapter_class(chapter).steps)
    assert steps[-1] == "whole"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chinese_film_has_no_english_left(chapter: str) -> None:
    """But for symbols, commands to type, and the English words that the shipped translator reads or writes."""
    found: set[str] = set()
    typed = {word for film in FILMS for command in commands(film, "zh") for word in WORD.findall(command)}

    def look(scene: Chapter, step: str) -> None:
        listings = [part for part in on_screen(scene) if isinstance(part, CodeListing)]
        code = {word for listing in listings for line in listing.source.lines for word in WORD.findall(line)}
        found.update({word for text in printed_texts(scene) for word in WORD.findall(text.text)} - code)

    walk(chapter, look, "default-zh", "zh")
    assert found - set(model_without("").vocabulary) <= SYMBOLS | typed


@pytest.mark.parametrize(("chapter", "language"), [(c, "zh" if i % 2 else "en") for i, c in enumerate(CHAPTERS)])
def test_large_type_has_room(chapter: str, language: str) -> None:
    """For the last row of a hall: no text over text, none cut off; captions are larger than usual."""
    faults: list[str] = []

    def look(scene: Chapter, step: str) -> None:
        faults.extend(f"{step}: {fault}" for fault in layout_faults(scene))
        lines = list(scene.caption or ())
        assert all(line.size > scene.theme.size(TEXT) / scene.theme.scale for line in lines)

    walk(chapter, look, "default-zh" if language == "zh" else "default", language, size="large")
    assert not faults


def _outside(scene: Chapter) -> Mobject:
    return Label("half outside", 0.3, scene.theme.ink).move_to([STAGE.right, 0, 0])


def _over(scene: Chapter) -> Mobject:
    return scene.heading.copy().shift([0.05, 0, 0])


def _tiny(scene: Chapter) -> Mobject:
    return Label("too small to read", 0.08, scene.theme.ink).move_to([STAGE.x, STAGE.bottom, 0])


def _in_between(scene: Chapter) -> Mobject:
    return Label("neither text nor label", 0.27, scene.theme.ink).move_to([STAGE.x, STAGE.bottom, 0])


def _with_subscript(scene: Chapter) -> Mobject:
    return formula("d_k", scene.theme.ink, scene.theme.size(LABEL)).move_to([STAGE.x, STAGE.bottom, 0])


def _faint(scene: Chapter) -> Mobject:
    return Label("too faint", 0.25, scene.theme.rule).move_to([STAGE.x, STAGE.bottom, 0])


def _tight(scene: Chapter) -> Mobject:
    matrix = scene.matrix("scores", tag="").reveal()
    width, height = matrix.cells.smallest_numeric_pitch()
    matrix.cells.widest /= 3
    return matrix.place(Box(-3, -3 + matrix.columns * width, 0, matrix.rows * height * 2))


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        (_outside, "outside the safe area"),
        (_over, "' over '"),
        (_tiny, "too small"),
        (_in_between, "another size"),
        (_with_subscript, "subscripts too small"),
        (_faint, "too faint"),
        (_tight, "leaves its cell"),
    ],
)
def test_a_planted_fault_is_caught(planted: Callable[[Chapter], Mobject], complaint: str) -> None:
    assert any(complaint in fault for fault in planted_faults(planted, layout_faults))
