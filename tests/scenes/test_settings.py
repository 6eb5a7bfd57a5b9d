"""What a scene can be told: what is allowed, and what is said of what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.examples.example import load_example
from core.trace.focus import Focus
from scenes.stage.chapter.settings import Settings, StepSettings


def settings(**told: Any) -> Settings:
    return Settings(load_example("default"), **told)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"frame": "3:2"}, "frame: found '3:2'; allowed: 16:9, 4:3, 1:1, 9:16"),
        ({"captions": "none"}, "captions: found 'none'; allowed: burnt, beside, off"),
        ({"pace": 3.0}, "pace: found 3.0; allowed: from 0.5 to 2.0"),
        ({"hold": -1.0}, "hold: found -1.0"),
        ({"colours": {"querry": "#000000"}}, "colours: found 'querry'"),
        ({"colours": {"query": "red"}}, "colours.query: found 'red'"),
        ({"logo": Path("no.svg")}, "logo: found 'no.svg'"),
        ({"words": {"xx": {}}}, "words: found 'xx'"),
        ({"steps": {"divide": StepSettings(pace=9.0)}}, "steps.divide.pace: found 9.0"),
    ],
)
def test_what_is_not_allowed_is_said(told: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match="allowed") as error:
        settings(**told)
    assert fault in str(error.value)


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"frame[^\n]*\npace"):
        settings(frame="3:2", pace=9.0)


def test_a_place_below_zero_is_no_focus() -> None:
    with pytest.raises(ValueError, match="head: found -1"):
        Focus(head=-1)


def test_the_environment_tells_a_scene(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"frame": "1:1", "pace": "1.5", "hold": "2", "captions": "off", "header": "off", "theme": "light"}
    for name, value in told.items():
        monkeypatch.setenv(f"ATTENTION_{name.upper()}", value)
    found = Settings.from_environment()
    assert (found.frame, found.pace, found.hold) == ("1:1", 1.5, 2.0)
    assert (found.captions, found.header, found.theme) == ("off", False, "light")


def test_a_step_may_have_a_pace_and_a_hold_of_its_own() -> None:
    found = settings(pace=2.0, hold=1.0, steps={"divide": StepSettings(hold=0.0)})
    assert (found.pace_of("divide"), found.hold_of("divide")) == (2.0, 0.0)
    assert (found.pace_of("lift"), found.hold_of("lift")) == (2.0, 1.0)
