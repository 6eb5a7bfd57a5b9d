"""What a chapter is told changes what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import layout_faults, on_screen, printed_texts, truth_faults
from PIL import Image
from walk import walk

from core.examples.example import load_example
from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.reading_speed import least_seconds
from scenes.stage.chapter.settings import Settings, StepSettings
from scenes.stage.paint.layout import CAPTION, FRAME, FRAMES, HEADER, STAGE, Box, FrameLayout, box_of, lay_out
from scenes.stage.paint.theme import THEMES, luminance, rgb, theme_named
from studio.engine.quality import QUALITIES, Picture
from studio.engine.steps import StepPlan, plan_steps
from studio.exports.stills import still

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


# --- colours, words, a logo -------------------------------------------------------------------------------------------


def texts_at_end(**told: Any) -> dict[str, list[tuple[str, Box, tuple[float, ...]]]]:
    """The texts of each step's last picture: what they say, where, and in which colour."""
    seen: dict[str, list[tuple[str, Box, tuple[float, ...]]]] = {}

    def look(scene: Chapter, step: str) -> None:
        seen[step] = [(text.text, text.box, tuple(np.round(text.colour, 3))) for text in printed_texts(scene)]

    walk(CHAPTER, look, **told)
    return seen


def test_a_colour_changes_what_has_that_meaning_alone() -> None:
    usual, told = texts_at_end(), texts_at_end(colours={"key": "#12ab34"})
    theirs, mine = (tuple(np.round(rgb(colour), 3)) for colour in ("#56B4E9", "#12ab34"))
    changed = 0
    for step, texts in usual.items():
        for (text, box, colour), other in zip(texts, told[step], strict=True):
            assert other == (text, box, mine if colour == theirs else colour)
            changed += colour == theirs
    assert changed


def test_the_light_of_weights_takes_their_hue_and_stays_as_bright() -> None:
    for name in THEMES:
        usual, blue = theme_named(name), theme_named(name, colours={"weights": "#3070c0"})
        assert {meaning for meaning in usual.hues if usual.hues[meaning] != blue.hues[meaning]} == {"weights"}
        assert usual.sequential != blue.sequential
        np.testing.assert_allclose(
            luminance(np.array(blue.sequential)), luminance(np.array(usual.sequential)), atol=0.01
        )


def test_own_words_are_said_in_the_place_of_the_chapters() -> None:
    words = {
        "title": "Shares",
        "labels.max": "highest {value}",
        "steps.lift.title": "Up",
        "steps.divide.captions.1": "Look: ‘{best}’ gets {share}.",
    }
    usual, told = plan(), plan(words={"en": words})
    assert [len(captions({"": step})) for step in usual.values()] == [len(step.cues) for step in told.values()]
    others = [pair for pair in zip(captions(usual), captions(told), strict=True) if pair[0] != pair[1]]
    assert others == [("‘it’ gives 67% of its attention to ‘robot’.", "Look: ‘robot’ gets 67%.")]
    texts = [text for step in texts_at_end(words={"en": words}).values() for text, *_ in step]
    assert any(text.startswith("highest ") for text in texts)
    assert any(text.endswith("Shares") for text in texts)


def test_own_words_of_another_language_change_no_picture() -> None:
    told = plan(words={"zh": {"steps.divide.captions.1": "看：“{best}”得到 {share}。"}})
    assert [step.shows for step in told.values()] == [step.shows for step in plan().values()]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_logo_stands_where_nothing_else_does(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"logo.{kind}"
    if kind == "svg":
        shape = '<rect width="90" height="30" fill="#d02040"/>'
        file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30">{shape}</svg>')
    else:
        Image.new("RGBA", (90, 30), (208, 32, 64, 255)).save(file)
    plain, with_logo = (frame_of_step(**told) for told in ({}, {"logo": file}))
    rows, columns = np.nonzero((plain != with_logo).any(axis=-1))
    height, width, _ = plain.shape
    assert len(rows)
    assert rows.min() >= 0.96 * height - 1
    assert columns.min() > 0.5 * width
    assert tuple(with_logo[int(np.median(rows)), int(np.median(columns))]) == (208, 32, 64)


def frame_of_step(**told: Any) -> np.ndarray:
    """The last frame of a step."""
    return np.asarray(still(CHAPTER, "lift", Settings(load_example("default"), **told), Picture(640, 360, 10)))


# --- other frames -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("caption", [True, False])
def test_bands_lie_one_below_the_other_in_every_frame(frame: str, header: bool, caption: bool) -> None:
    layout = FrameLayout(frame, header, caption)
    width, height = FRAMES[frame]
    assert (layout.whole.width, layout.whole.height) == (width, height)
    assert layout.safe.contains(layout.stage)
    for there, band in ((header, layout.header), (caption, layout.caption)):
        assert layout.safe.contains(band) is there
        assert not band.overlaps(layout.stage)
    assert layout.header.contains(layout.heading)
    assert layout.header.contains(layout.formula)
    assert layout.formula.overlaps(layout.heading) is not layout.is_narrow


@pytest.mark.parametrize("frame", FRAMES)
def test_type_is_as_large_in_every_frame(frame: str) -> None:
    """A scene unit has as many pixels in each as in 16:9, and the picture the shape of its frame."""
    picture, (width, height) = QUALITIES["high"].in_frame(frame), FRAMES[frame]
    assert picture.height / height == pytest.approx(1080 / 8, rel=0.001)
    assert picture.width / width == pytest.approx(1080 / 8, rel=0.001)
    assert (picture.width % 2, picture.height % 2) == (0, 0)


@pytest.mark.parametrize("frame", FRAMES)
def test_title_formula_and_captions_stand_in_their_bands(frame: str) -> None:
    bands: list[bool] = []

    def look(scene: Chapter, step: str) -> None:
        heading, formula = (box_of(part) for part in (scene.heading, scene.header))
        bands.extend((HEADER.contains(heading), HEADER.contains(formula, 0.02), not heading.overlaps(formula)))
        bands.append(scene.caption is None or CAPTION.contains(box_of(scene.caption), 0.02))

    walk("scores", look, frame=frame)
    assert all(bands)
