"""Two examples side by side: each number from its own trace, both in step, what differs lit, in every language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from manim import Mobject
from walk import walk

from core.examples.changes import changed, without
from core.examples.example import Example, load_example, parse_example
from core.examples.languages import LANGUAGES
from core.trace import Trace
from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.compare.comparison import Comparison, TwoCaptions, comparison
from scenes.stage.compare.in_turns import InTurns
from scenes.stage.compare.marks import Rings
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Painted
from scenes.storyboard import chapter_class


class Seen:
    """What a comparison shows at the end of each step."""

    def __init__(self) -> None:
        self.said: dict[str, list[str]] = {}
        self.marks: dict[str, int] = {}
        self.wrong: list[str] = []
        self.times: dict[str, set[float]] = defaultdict(set)

    def look(self, scene: Chapter, step: str) -> None:
        assert isinstance(scene, Comparison)
        self.said[step] = [text for _, text in scene.said]
        self.marks[step] = sum(isinstance(mobject, Rings) for mobject in scene.mobjects)
        for side in scene.sides:
            self.times[step].add(round(float(side.scene.time), 6))
            self.wrong += [f"{step}: {text}" for text in wrong_numbers(side.standing, side.scene.trace)]
            self.wrong += [f"{step}: {box}" for box in beyond(side.standing, side.layout.whole)]


def wrong_numbers(mobjects: list[Mobject], trace: Trace) -> list[str]:
    """Printed numbers that are not those of a trace."""
    parts = (part for mobject in mobjects for part in mobject.get_family() if isinstance(part, Painted))
    readings = (reading for part in parts for text in part.printed() for reading in text.readings)
    return [
        f"{reading.name}{list(reading.index)} = {reading.value}"
        for reading in readings
        if not np.isclose(trace[reading.name].values[reading.index], reading.value, atol=1e-9, rtol=0)
    ]


def beyond(mobjects: list[Mobject], half: Box) -> list[str]:
    """Matrices that stand in the other half."""
    parts = (part for mobject in mobjects for part in mobject.get_family() if isinstance(part, Cells))
    return [f"{cells.tensor.name} at {cells.box}" for cells in parts if cells.is_there and not half.contains(cells.box)]


@cache
def seen(chapter: str, one: Example, other: Example, language: str = "en", frame: str = "16:9") -> Seen:
    found = Seen()
    scene = comparison(chapter_class(chapter), chapter)
    walk(scene, found.look, one, language, against=other, frame=frame)
    return found


@cache
def example(name: str) -> Example:
    return load_example(name)


@cache
def other(name: str, **change: Any) -> Example:
    return changed(example(name), change)


BY_HAND = {"mask": "causal"}


@pytest.mark.parametrize(("chapter", "language"), [("scores", "en"), ("softmax", "zh"), ("weighted_sum", "en")])
def test_each_side_shows_its_own_numbers_in_its_own_half_in_step(chapter: str, language: str) -> None:
    found = seen(chapter, example("by-hand"), other("by-hand", **BY_HAND), language)
    assert not found.wrong
    assert all(len(times) == 1 for times in found.times.values())
    assert [*found.said] == list(chapter_class(chapter).steps)


def test_what_differs_is_lit_and_told_and_nothing_is_told_when_nothing_does() -> None:
    found = seen("softmax", example("by-hand"), other("by-hand", **BY_HAND))
    assert found.said["lift"][0] == "A: no mask. B: causal mask. All else is the same."
    assert found.marks["whole"]
    assert "differ" in found.said["whole"][-1]
    same = seen("scores", example("by-hand"), other("by-hand", **BY_HAND))
    assert same.said["whole"][-1] == "No number here is other in B than in A."
    assert not any(same.marks.values())


def test_captions_are_one_where_they_say_the_same_and_two_where_not() -> None:
    kinds: dict[str, set[type[Caption]]] = defaultdict(set)
    scene = comparison(chapter_class("softmax"), "softmax")
    plain, masked = example("by-hand"), other("by-hand", **BY_HAND)

    class Listening(scene):  # type: ignore[misc, valid-type]
        chapter = "softmax"
        steps = scene.steps

        def _tell(self, caption: Caption) -> None:
            kinds[self.step].add(type(caption))
            super()._tell(caption)

    Listening.steps = scene.steps
    walk(Listening, lambda *_: None, plain, against=masked)
    assert TwoCaptions in kinds["divide"]
    assert kinds["all_rows"] == {Caption}


def test_there_are_as_many_captions_in_every_language() -> None:
    one, several = example("default"), other("default", heads=1)
    told = [seen("multi_head", one, several, language).said for language in LANGUAGES]
    counts: list[Mapping[str, int]] = [{step: len(texts) for step, texts in said.items()} for said in told]
    assert all(count == counts[0] for count in counts)


def test_other_shapes_are_told_once_and_the_rest_is_compared() -> None:
    found = seen("multi_head", example("default"), other("default", heads=1))
    told = [text for texts in found.said.values() for text in texts if "different shapes" in text]
    assert told == ["Here A and B have matrices of different shapes: 8 × 2 and 8 × 4."]
    assert found.marks["weights"]


def test_examples_of_other_words_stand_side_by_side() -> None:
    strange = parse_example('tokens = ["雨", "停", "了"]', "rain.toml")
    found = seen("scores", example("by-hand"), strange)
    assert not found.wrong
    assert found.said["operands"][0].startswith("Two examples, the same steps")


@pytest.mark.parametrize("frame", ["4:3", "1:1", "9:16"])
def test_halves_stand_in_every_frame(frame: str) -> None:
    assert not seen("scores", example("by-hand"), other("by-hand", **BY_HAND), frame=frame).wrong


def test_formulas_of_a_side_that_does_not_scale_have_no_root() -> None:
    sources: dict[str, list[str]] = {}

    def look(scene: Chapter, step: str) -> None:
        assert isinstance(scene, Comparison)
        sources[step] = [side.scene.header.source for side in scene.sides]

    plain = example("by-hand")
    scene = comparison(chapter_class("softmax"), "softmax")
    walk(scene, look, plain, against=without(plain, "scaling"))
    assert ["sqrt" in source for source in sources["whole"]] == [True, False]


def test_a_function_runs_by_turns() -> None:
    told: list[int] = []

    def body() -> None:
        for number in range(3):
            told.append(number)
            turns.hand_over(number)

    turns: InTurns[int] = InTurns(body)
    assert [turns.resume(), turns.resume()] == [0, 1]
    assert told == [0, 1]
    turns.stop()
    assert told == [0, 1]
    again: InTurns[int] = InTurns(lambda: None)
    assert again.resume() is None


def test_what_a_function_raises_is_raised_where_it_is_resumed() -> None:
    def body() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        InTurns(body).resume()
