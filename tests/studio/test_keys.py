"""Keys: equal for equal things, different when anything differs that a picture is made from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.examples.example import load_example, parse_example
from core.trace.focus import Focus
from scenes.stage.chapter import texts
from scenes.stage.chapter.settings import Settings, StepSettings
from studio.engine.quality import QUALITIES, Picture
from studio.films import keys as cache_keys
from studio.films.keys import clip_key, drawing_key, example_hash, sources

SMALL = QUALITIES["preview"]


def settings(text: str = 'sentence = "a b"', path: str = "x.toml", **kwargs: Any) -> Settings:
    return Settings(parse_example(text, path), **kwargs)


def test_equal_examples_have_equal_keys() -> None:
    assert clip_key("scores", settings(), SMALL) == clip_key("scores", settings(path="y.toml"), SMALL)
    assert example_hash(load_example("default")) == example_hash(load_example("default"))


@pytest.mark.parametrize(
    "text",
    ['sentence = "a c"', 'sentence = "a b"\nmask = "causal"', 'title = "t"\nsentence = "a b"', 'tokens = ["a b"]']
    + [f'sentence = "a b"\n{field}' for field in ("decimals = 1", 'seed = "other"', "d_model = 6", "positions = true")],
)
def test_another_example_has_another_key(text: str) -> None:
    assert example_hash(settings(text).example) != example_hash(settings().example)


def test_another_look_has_another_key() -> None:
    keys = {
        clip_key("scores", settings(), SMALL),
        clip_key("softmax", settings(), SMALL),
        clip_key("scores", settings(language="zh"), SMALL),
        clip_key("scores", settings(theme="light"), SMALL),
        clip_key("scores", settings(size="large"), SMALL),
        clip_key("scores", settings(), Picture(SMALL.width, SMALL.height, 30)),
        clip_key("scores", settings(), QUALITIES["high"]),
    }
    assert len(keys) == 7


OTHERS = (
    {"frame": "4:3"},
    {"pace": 1.5},
    {"hold": 1.0},
    {"captions": "beside"},
    {"header": False},
    {"colours": {"query": "#e0a030"}},
    {"focus": Focus(query=1)},
    {"words": {"en": {"title": "Scores of ours"}}},
    {"steps": {"whole": StepSettings(hold=2.0)}},
)


def test_every_setting_is_in_the_key_of_a_clip() -> None:
    keys = {clip_key("scores", settings(**other), SMALL) for other in ({}, *OTHERS)}
    assert len(keys) == 1 + len(OTHERS)


def test_a_logo_is_in_the_keys_by_its_content(tmp_path: Path) -> None:
    one, same, other = (tmp_path / f"{name}.svg" for name in ("one", "same", "other"))
    for file in (one, same):
        file.write_text("<svg/>")
    other.write_text("<svg></svg>")
    first, second, third = (clip_key("scores", settings(logo=file), SMALL) for file in (one, same, other))
    assert first == second != third


@dataclass(frozen=True)
class Later(Settings):
    """Settings with one more, as they may be one day."""

    mood: str = ""


@pytest.mark.parametrize("key", [clip_key, drawing_key])
def test_a_setting_that_is_added_changes_the_keys_by_itself(key: Callable[..., str]) -> None:
    plain = Later(load_example("default"))
    merry = replace(plain, mood="merry")
    assert key("scores", plain, SMALL) == key("scores", replace(merry, mood=""), SMALL)
    assert key("scores", plain, SMALL) != key("scores", merry, SMALL)


def test_what_is_seen_in_the_pictures_is_not_in_the_key_of_drawing() -> None:
    plain = settings()
    assert drawing_key("scores", plain, SMALL) == drawing_key("scores", settings(language="zh"), SMALL)
    assert drawing_key("scores", plain, SMALL) == drawing_key("scores", settings('sentence = "a c"'), SMALL)
    assert drawing_key("scores", plain, SMALL) != drawing_key("scores", settings(theme="light"), SMALL)


def test_sources_are_those_that_are_imported() -> None:
    names = {path.relative_to(cache_keys.ROOT).as_posix() for path in sources("scenes.scores.scene")}
    assert {
        "scenes/scores/scene.py",
        "scenes/stage/chapter/chapter.py",
        "scenes/stage/matrix/matrix.py",
        "core/model/attention.py",
    } <= names
    assert "scenes/softmax/scene.py" not in names
    assert not any(name.startswith("studio/") for name in names)


@pytest.fixture
def copied_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("core", "scenes", "assets"):
        shutil.copytree(cache_keys.ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(cache_keys, "ROOT", tmp_path)
    for module in (cache_keys, texts):
        monkeypatch.setattr(module, "TEXTS", tmp_path / "assets" / "texts")
        monkeypatch.setattr(module, "SCENES", tmp_path / "scenes")
    texts.load_texts.cache_clear()
    yield tmp_path
    texts.load_texts.cache_clear()


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("scenes/scores/scene.py", True),
        ("scenes/stage/matrix/matrix.py", True),
        ("core/model/attention.py", True),
        ("scenes/scores/en.toml", True),
        ("assets/texts/en.toml", True),
        ("assets/fonts/Inter-Regular.ttf", True),
        ("scenes/scores/zh.toml", True),
        ("scenes/softmax/en.toml", False),
        ("assets/examples/default.toml", False),
    ],
)
def test_a_changed_file_changes_the_keys_it_matters_to(copied_tree: Path, file: str, changes: bool) -> None:
    before = clip_key("scores", settings(), SMALL)
    with (copied_tree / file).open("ab") as content:
        content.write(b"\n# a change\n")
    assert (clip_key("scores", settings(), SMALL) != before) is changes
