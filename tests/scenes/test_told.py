"""What a chapter is told changes what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from checks import layout_faults, on_screen, printed_texts, truth_faults
from walk import walk

from core.examples.example import load_example
from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.reading_speed import least_seconds
from scenes.stage.chapter.settings import Settings, StepSettings
from scenes.stage.paint.layout import FRAME, STAGE, FrameLayout, lay_out
from studio.engine.quality import Picture
from studio.engine.steps import StepPlan, plan_steps

CHAPTER, STEPS = "softmax", 8
PICTURE = Picture(64, 36, 10)


@pytest.fixture(autouse=True)
def laid_out_as_ever() -> Iterator[None]:
    yield
    lay_out(FrameLayout())


def plan(**told: Any) -> dict[str, StepPlan]:
    """What the steps and passages of a chapter will be, by name."""
    return {step.name: step for step in plan_steps(CHAPTER, Settings(load_example("default"), **told), PICTURE)}


def seconds(steps: dict[str, StepPlan]) -> float:
    return sum(step.frames for step in steps.values()) / PICTURE.fps


def captions(steps: dict[str, StepPlan]) -> list[str]:
    return [cue.text for step in steps.values() for cue in step.cues]


def test_pace_changes_how_long_it_takes_and_nothing_that_is_said() -> None:
    usual, fast, slow = plan(), plan(pace=2.0), plan(pace=0.5)
    assert captions(usual) == captions(fast) == captions(slow)
    assert 0.5 * seconds(usual) <= seconds(fast) < 0.85 * seconds(usual)
    assert seconds(slow) == pytest.approx(2 * seconds(usual), rel=0.02)
    assert [step.tensors for step in fast.values()] == [step.tensors for step in usual.values()]


def test_at_any_pace_captions_can_be_read() -> None:
    for step in plan(pace=2.0).values():
        for cue in step.cues:
            assert (cue.end - cue.start) / PICTURE.fps >= least_seconds(cue.text) - 0.11


def test_hold_lengthens_each_step_by_its_last_picture() -> None:
    usual, held = plan(), plan(hold=1.5, steps={"divide": StepSettings(hold=0.0)})
    longer = {name: held[name].frames - usual[name].frames for name in usual}
    expected = {name: 0 if name.startswith("(") or name == "divide" else 15 for name in usual}
    assert longer == expected
    assert held["divide"] == usual["divide"]


def test_a_step_may_go_at_a_pace_of_its_own() -> None:
    usual, told = plan(), plan(steps={"divide": StepSettings(pace=0.5)})
    assert told["divide"].frames == pytest.approx(2 * usual["divide"].frames, rel=0.06)
    assert [told[name].frames for name in usual if name != "divide"] == [
        usual[name].frames for name in usual if name != "divide"
    ]


def test_captions_beside_the_picture_are_told_and_not_drawn() -> None:
    usual, beside = plan(), plan(captions="beside")
    assert captions(beside) == captions(usual)
    assert seconds(beside) <= seconds(usual)


def test_without_captions_nothing_is_told_nor_waited_for() -> None:
    usual, off = plan(), plan(captions="off")
    assert captions(off) == []
    assert seconds(off) < 0.9 * seconds(usual)
    assert [step.tensors for step in off.values()] == [step.tensors for step in usual.values()]


def stills(**told: Any) -> list[tuple[str, list[str], list[str]]]:
    """Of each step its name, the captions drawn in it and what is wrong with it."""
    seen: list[tuple[str, list[str], list[str]]] = []

    def look(scene: Chapter, step: str) -> None:
        drawn = [part.text for part in scene.mobjects if isinstance(part, Caption)]
        seen.append((step, drawn, truth_faults(scene) + layout_faults(scene)))

    walk(CHAPTER, look, **told)
    return seen


@pytest.mark.parametrize("told", [{"captions": "beside"}, {"captions": "off"}])
def test_where_no_caption_is_drawn_the_stage_has_its_place(told: dict[str, str]) -> None:
    before = STAGE.now
    seen = stills(**told)
    assert [(drawn, faults) for _, drawn, faults in seen] == [([], [])] * STEPS
    assert STAGE.height > before.height + 0.8
    assert STAGE.top == before.top


def test_without_a_header_the_stage_has_its_place() -> None:
    before, words = STAGE.now, []

    def look(scene: Chapter, step: str) -> None:
        seen = (text.text for text in printed_texts(scene) if FRAME.overlaps(text.box))
        words.extend(text for text in seen if scene.text.title in text)
        assert not layout_faults(scene)

    walk(CHAPTER, look, header=False)
    assert not words
    assert (STAGE.bottom, STAGE.height > before.height + 0.7) == (before.bottom, True)


def test_matrices_are_larger_where_the_stage_is() -> None:
    heights: dict[bool, float] = {}

    def look(scene: Chapter, step: str) -> None:
        if step == "heat":
            boxes = [part.box.height for part in on_screen(scene) if getattr(part, "tensor", None) is not None]
            heights[scene.settings.header] = max(boxes)

    walk(CHAPTER, look)
    walk(CHAPTER, look, header=False, captions="off")
    assert heights[False] > 1.1 * heights[True]
