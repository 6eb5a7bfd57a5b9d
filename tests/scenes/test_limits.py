"""What `check` accepts is drawn: the worst that is allowed of each kind, in every chapter.

A sample that changes with the commit by default; `pytest --everything` takes all of them, in both languages and sizes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from checks import layout_faults, truth_faults
from turn import turn
from walk import walk

from core.examples.example import Example, load_example
from core.examples.fields import LONGEST_TOKEN, MOST_TOKENS
from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import LANGUAGES, SIZES
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import CAPTION
from scenes.stage.paint.theme import DARK
from scenes.storyboard import FILMS, entry_of

CHAPTERS = tuple(chapter for film in FILMS.values() for chapter in film)
HANZI = "".join(chr(0x4E00 + place) for place in range(0x200) if chr(0x4E00 + place).encode("gb2312", "ignore"))
SAMPLE = 4


def distinct(count: int, letters: str) -> list[str]:
    """So many tokens as long as they may be."""
    return [(letters * LONGEST_TOKEN)[place : place + LONGEST_TOKEN] for place in range(count)]


def wide(count: int) -> list[str]:
    return ["W" * (LONGEST_TOKEN - 1) + chr(ord("A") + place) for place in range(count)]


def written(tokens: list[str], *fields: str) -> str:
    return "\n".join([f"tokens = {tokens!r}".replace("'", '"'), *fields])


def large(tokens: int, sign: int) -> str:
    rows = "\n".join(f"t{i} = [{sign * 1e6}, {-1e6}, {999999.9999 - i}, {i}.1234]" for i in range(tokens))
    return f"[embeddings]\n{rows}"


WORST = {
    "wide-letters": written(wide(3)),
    "wide-letters-sixteen": written(wide(MOST_TOKENS), 'mask = "causal"'),
    "hanzi": written(distinct(3, HANZI), 'target = ["' + HANZI[:LONGEST_TOKEN] + '"]'),
    "hanzi-sixteen": written(distinct(MOST_TOKENS, HANZI)),
    "widest-model": written([f"t{i}" for i in range(MOST_TOKENS)], "d_model = 512", "decimals = 4"),
    "millions": written(["t0", "t1", "t2"], "decimals = 4", large(3, 1)),
    "millions-sixteen": written([f"t{i}" for i in range(MOST_TOKENS)], "decimals = 4", large(MOST_TOKENS, -1)),
    "one-wide-token": written(wide(1), "decimals = 4"),
    "all-alike": written(["W" * LONGEST_TOKEN] * MOST_TOKENS, "decimals = 4"),
    "arabic": 'sentence = "الطالبُ يقرأ الكتاب (2024) في المكتبة."',
    "emoji-and-marks": written(["👩‍👩‍👧" * 8, "ẹ̀kọ́" * 7, "ที่น้ำ" * 6, "က္ကျွ" * 8]),
}


@cache
def worst(name: str) -> Example:
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.toml"
        file.write_text(WORST[name], encoding="utf-8")
        return load_example(str(file))


def looks(everything: bool) -> Iterator[tuple[str, str, str, str]]:
    """Chapter, what is worst, language and size of type of what is to be seen."""
    all_of_them = [
        (chapter, name, language, size)
        for name in WORST
        for chapter in CHAPTERS
        for language in LANGUAGES
        for size in SIZES
    ]
    quick = [look for look in all_of_them if not look[1].endswith(("sixteen", "model", "alike"))]
    chosen = random.Random(turn())
    yield from all_of_them if everything else chosen.sample(quick, SAMPLE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "size" in metafunc.fixturenames:
        seen = list(looks(metafunc.config.getoption("--everything")))
        metafunc.parametrize(("chapter", "name", "language", "size"), seen, ids=["-".join(look) for look in seen])


def test_the_worst_that_is_allowed_is_drawn(chapter: str, name: str, language: str, size: str) -> None:
    example = worst(name)
    if not entry_of(chapter).suits(example):
        pytest.skip("the model has no encoder")
    faults: list[str] = []

    def look(scene: Chapter, step: str) -> None:
        faults.extend(f"{step}: {fault}" for fault in truth_faults(scene) + layout_faults(scene))

    walk(chapter, look, example, language, "dark", size)
    assert not faults


@pytest.mark.parametrize("name", ["W" * 40, HANZI[:40], "الكتاب" * 30, "👩‍👩‍👧" * 40])
def test_a_caption_shortens_names_and_keeps_numbers(name: str) -> None:
    facts = {"first": Run(name), "second": name, "third": Run(name), "number": 1234567}
    caption = Caption("‘{first}’ to ‘{second}’ and so on: {number}; ‘{third}’ to all.", facts, DARK)
    assert "1234567" in caption.text
    assert "…" in caption.text
    assert all(CAPTION.contains(line.box, 0.02) for line in caption)
    whole = Caption("‘{first}’ to {number}", facts | {"first": Run("word")}, DARK)
    assert whole.text == "‘word’ to 1234567"
