"""Code beside picture: the source on screen is the function's own, and the line that is lit is the one that runs."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from checks import layout_faults, on_screen, printed_texts
from walk import walk

from core.examples.example import load_example
from core.model.embedding import sinusoidal_positions
from core.trace.pipeline import trace_example
from core.trace.positions import table_steps
from core.trace.watching import watch
from scenes.positional_encoding.code_run import CodeRun
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.code_listing import CodeListing, Source
from scenes.stage.paint.layout import STAGE, Box
from scenes.stage.paint.theme import DARK

BOX = Box(0, 6, 0, 5)


def doubled(numbers: np.ndarray) -> np.ndarray:
    """Says something.

    In several lines, with 12 numbers.
    """
    text = "not a docstring"  # a comment
    return np.array([2 * number for number in numbers if text])


def bare(n: int) -> int:
    return n + 1


def stripped(function) -> list[str]:
    """The source without what stands between its first triple quotes."""
    text = re.sub(r'^ *""".*?"""\n', "", inspect.getsource(function), count=1, flags=re.DOTALL | re.MULTILINE)
    return text.rstrip("\n").split("\n")


@pytest.mark.parametrize("function", [sinusoidal_positions, doubled, bare])
def test_the_source_on_screen_is_the_functions_own(function) -> None:
    listing = CodeListing(function, BOX, {}, DARK)
    assert list(listing.source.lines) == stripped(function)
    assert [text.text for text in listing.printed()] == stripped(function)
    whole = inspect.getsource(function).split("\n")
    assert [whole[number] for number in listing.source.numbers] == stripped(function)


@pytest.mark.parametrize("function", [sinusoidal_positions, doubled, bare])
def test_every_character_is_drawn_where_it_is_typed(function) -> None:
    listing = CodeListing(function, BOX, {"numbers": DARK.hue("q")}, DARK)
    for line, pieces in zip(listing.source.lines, listing.pieces, strict=True):
        drawn = [" "] * len(line)
        for column, text, _ in pieces:
            drawn[column : column + len(text)] = text
        assert "".join(drawn) == line
    assert any(
        colour == DARK.hue("q") for pieces in listing.pieces for _, text, colour in pieces if text == "numbers"
    ) == (function is doubled)


def test_code_keeps_inside_its_box() -> None:
    listing = CodeListing(sinusoidal_positions, BOX, {}, DARK)
    assert BOX.contains(listing.box)
    for text in listing.printed():
        assert text.structural
        assert listing.box.contains(text.box)


def test_the_lit_line_is_the_one_that_runs() -> None:
    listing = CodeListing(sinusoidal_positions, BOX, {}, DARK)
    assert listing.running is None
    for change in watch(sinusoidal_positions, 3, 4):
        listing.run(change.line)
        assert listing.running == change.line
        place = int(listing.light.argmax())
        assert listing.source.lines[place].strip().startswith(change.name or "return")
        assert (listing.light < 1).sum() == len(listing.source.lines) - 1
    assert listing.rest().running is None


def other_table(
    length: int,
    n: int,
) -> np.ndarray:
    """Another way to the same table, in lines short enough to stand beside its numbers."""
    places = np.arange(length)[:, None]
    slow = 1e4 ** (np.arange(n) // 2 * 2 / n)
    turns = places / slow
    result = np.cos(turns)
    result[:, ::2] = np.sin(turns[:, ::2])
    return result


def test_if_the_code_changes_the_picture_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another function in its place: its lines, its variables, its waves, found by running it."""
    monkeypatch.setattr("core.trace.positions.sinusoidal_positions", other_table)
    example = load_example("default")
    trace, steps = trace_example(example), table_steps(example)
    assert [step.name for step in steps] == ["places", "slow", "turns", "result", "result", ""]
    assert [step.wave for step in steps] == ["", "", "", "", "sin", ""]
    run = CodeRun(other_table, trace, steps, STAGE, DARK)
    assert list(run.variables.matrices) == ["places", "slow", "turns", "result"]
    assert list(run.listing.source.lines) == stripped(other_table)
    assert STAGE.contains(run.listing.box)


def test_in_the_chapter_each_line_is_lit_with_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    example = load_example("default")
    steps = table_steps(example)
    lit: list[tuple[int | None, int]] = []
    fill = CodeRun.fill

    def noted(run: CodeRun, scene: Chapter, number: int) -> None:
        lit.append((run.listing.running, number))
        fill(run, scene, number)
        assert not layout_faults(scene)
        name = run.steps[number].name
        if name:
            shown = run.variables.matrices[name].cells
            expected = scene.trace[f"positions.run.{number}"].values
            readings = np.array([[reading.value for reading in row] for row in shown.readings])
            np.testing.assert_array_equal(readings, np.atleast_2d(expected))

    monkeypatch.setattr(CodeRun, "fill", noted)
    listings: list[list[str]] = []

    def look(scene: Chapter, step: str) -> None:
        if step == "table":
            found = [part for part in on_screen(scene) if isinstance(part, CodeListing)]
            listings.extend(list(listing.source.lines) for listing in found)
            texts = [text.text for text in printed_texts(scene)]
            assert all(line in texts for line in stripped(sinusoidal_positions) if line.strip())

    walk("positional_encoding", look)
    assert lit == [(step.line, number) for number, step in enumerate(steps)]
    assert listings == [stripped(sinusoidal_positions)]


def test_source_of_a_method() -> None:
    """Indented source is shown from its own margin."""
    source = Source.of(CodeListing.rest)
    assert source.lines[0].startswith("def rest")
    assert not any('"""' in line for line in source.lines)
