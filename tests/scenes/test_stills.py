"""Every still of every chapter, for every example, shows the trace's numbers and can be read.

Languages take turns from example to example; `pytest --everything` takes all of them, in both themes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checks import layout_faults, printed_texts, truth_faults
from tied import thread_faults
from walk import walk

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import LANGUAGES, THEMES
from scenes.storyboard import EXAMPLES as FILMED
from scenes.storyboard import FILMS

CHAPTERS = tuple(chapter for film in FILMS.values() for chapter in film)
SHIPPED = sorted(file.stem for file in (Path(__file__).parents[2] / "assets" / "examples").glob("*.toml"))
AT_THE_EDGES = sorted(str(file) for file in (Path(__file__).parent / "examples").glob("*.toml"))
EXAMPLES = (*SHIPPED, *AT_THE_EDGES)
SHOWN = tuple(example for by_language in FILMED.values() for example in by_language.values())


def looks(everything: bool) -> Iterator[tuple[str, str, str, str]]:
    """Chapter, example, language and theme of what is to be seen."""
    for place, chapter in enumerate(CHAPTERS):
        for number, example in enumerate(EXAMPLES):
            turn = LANGUAGES[(place + number) % len(LANGUAGES)]
            for language in LANGUAGES:
                for theme in THEMES:
                    often = example in SHOWN and (theme == THEMES[0] or language == turn)
                    if everything or often or (language, theme) == (turn, THEMES[0]):
                        yield chapter, example, language, theme


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "theme" in metafunc.fixturenames:
        seen = list(looks(metafunc.config.getoption("--everything")))
        names = [f"{chapter}-{Path(example).stem}-{language}-{theme}" for chapter, example, language, theme in seen]
        metafunc.parametrize(("chapter", "example", "language", "theme"), seen, ids=names)


def test_every_still_is_true_and_can_be_read(chapter: str, example: str, language: str, theme: str) -> None:
    faults: list[str] = []
    numbers = 0

    def look(scene: Chapter, step: str) -> None:
        nonlocal numbers
        numbers += sum(len(text.readings) for text in printed_texts(scene))
        faults.extend(f"{step}: {fault}" for fault in truth_faults(scene) + layout_faults(scene) + thread_faults(scene))

    walk(chapter, look, example, language, theme)
    assert not faults
    assert numbers > 0


def test_each_chapter_is_seen_with_each_example_in_each_language_and_theme() -> None:
    seen = list(looks(everything=False))
    assert len(set(seen)) == len(seen)
    for chapter in CHAPTERS:
        mine = [look for look in seen if look[0] == chapter]
        assert {example for _, example, _, _ in mine} == set(EXAMPLES)
        for example in SHOWN:
            assert {(look[2], look[3]) for look in mine if look[1] == example} >= {("en", "dark"), ("zh", "dark")}
            assert "light" in {look[3] for look in mine if look[1] == example}
    assert set(looks(everything=True)) > set(seen)
