"""Every still of every chapter, for every example, shows the trace's numbers and can be read.

By default all chapters with the examples of their films in both languages, and a sample of the other examples,
languages and themes, another one at the next commit; all of them with `pytest --everything`.
"""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest
from checks import layout_faults, printed_texts, truth_faults
from tied import thread_faults
from turn import turn
from walk import walk

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import LANGUAGES, THEMES
from scenes.storyboard import FILMS, entry_of, example_of

CHAPTERS = tuple(chapter for film in FILMS.values() for chapter in film)
SHIPPED = sorted(file.stem for file in (Path(__file__).parents[2] / "assets" / "examples").glob("*.toml"))
AT_THE_EDGES = sorted(str(file) for file in (Path(__file__).parent / "examples").glob("*.toml"))
EXAMPLES = (*SHIPPED, *AT_THE_EDGES)
SHARE = 4  # one in so many of the other looks is taken by default

Seen = tuple[str, str, str, str]  # chapter, example, language and theme
ALL: tuple[Seen, ...] = tuple(product(CHAPTERS, EXAMPLES, LANGUAGES, THEMES))
ALWAYS: tuple[Seen, ...] = tuple(
    (chapter, example_of(entry_of(chapter).film, language), language, THEMES[0])
    for chapter, language in product(CHAPTERS, LANGUAGES)
)


def sample(seed: int) -> list[Seen]:
    """One language and theme of each other chapter and example, and of these pairs a part, by a seed."""
    chance, always = random.Random(seed), {look[:2] for look in ALWAYS}
    pairs = [pair for pair in product(CHAPTERS, EXAMPLES) if pair not in always]
    chosen = chance.sample(pairs, len(pairs) // SHARE)
    return [(*pair, chance.choice(LANGUAGES), chance.choice(THEMES)) for pair in chosen]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "theme" in metafunc.fixturenames:
        seen = ALL if metafunc.config.getoption("--everything") else (*ALWAYS, *sample(turn()))
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


def test_samples_reach_everything() -> None:
    seen = [set(sample(seed)) for seed in range(200)]
    assert all(len(one) > len(ALL) / 100 and not one & set(ALWAYS) for one in seen)
    assert {look[:2] for look in set().union(*seen, ALWAYS)} == set(product(CHAPTERS, EXAMPLES))
    assert {look[2:] for look in seen[0]} == set(product(LANGUAGES, THEMES))
