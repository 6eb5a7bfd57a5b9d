"""The check of truth catches what is planted, and texts bring no numbers of their own."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from checks import NUMBER, truth_faults
from walk import planted_faults, walk

from core.trace import Reading, Trace
from core.trace.origin import made
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import LANGUAGES
from scenes.stage.chapter.texts import SCENES
from scenes.stage.chapter.wording import wording
from scenes.stage.paint.label import Label, Run
from scenes.storyboard import FILMS

CHAPTERS = tuple(chapter for film in FILMS.values() for chapter in film)


@pytest.mark.parametrize(
    ("planted", "complaint"),
    [
        (lambda scene: Label("0.42", 0.3, scene.theme.ink), "no source"),
        (lambda scene: Label("sums to 3.7", 0.3, scene.theme.ink), "no source"),
        (lambda scene: _claims(scene, Reading("weights", (0, 0), 0.123, 2)), "claims weights"),
        (lambda scene: _prints(scene, "7.77", scene.trace["weights"].at(0, 0)), "does not print"),
    ],
    ids=["a number of its own", "a number in a text", "a wrong value", "a wrong print"],
)
def test_a_planted_number_is_caught(planted, complaint: str) -> None:
    assert any(complaint in fault for fault in planted_faults(planted, truth_faults))


def test_a_number_that_is_not_made_as_it_says_is_caught() -> None:
    found: list[str] = []

    def look(scene: Chapter, step: str) -> None:
        trace = scene.trace
        assert not truth_faults(scene)
        wrong = made("product[ij]", "k[id]", "k_transposed[dj]")
        scene.trace = Trace({**trace, "scores": replace(trace["scores"], origin=wrong)})
        found.extend(truth_faults(scene))
        scene.trace = trace

    walk("scores", look)
    assert any(fault.startswith("scores[") and "is made of" in fault for fault in found)


def _claims(scene: Chapter, reading: Reading) -> Label:
    return _prints(scene, reading.text, reading)


def _prints(scene: Chapter, text: str, reading: Reading) -> Label:
    return Label((Run(text, None, (reading,)),), 0.3, scene.theme.ink)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_hold_no_numbers_of_their_own(language: str) -> None:
    for chapter in CHAPTERS:
        table = tomllib.loads((SCENES / chapter / f"{language}.toml").read_text(encoding="utf-8"))
        texts = [caption for step in table["steps"].values() for caption in step["captions"]]
        texts += list(table.get("labels", {}).values())
        said = [text for written in texts for text in wording(written).all]
        strange = [text for text in said for number in NUMBER.findall(text) if number not in {"0", "1"}]
        assert not strange, f"{chapter}: {strange}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_all_languages_tell_the_same_steps(chapter: str) -> None:
    first, *others = (
        tomllib.loads((SCENES / chapter / f"{language}.toml").read_text(encoding="utf-8")) for language in LANGUAGES
    )
    for other in others:
        assert list(first["steps"]) == list(other["steps"])
        assert first.get("labels", {}).keys() == other.get("labels", {}).keys()
        for name, step in first["steps"].items():
            assert len(step["captions"]) == len(other["steps"][name]["captions"]), name
