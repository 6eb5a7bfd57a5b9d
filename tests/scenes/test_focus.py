"""A chapter that is told what to work through stays whole and true: nothing missing, no number without its source, and
what is claimed is what holds of that row.

Foci are drawn anew at each commit, over examples in which a key is masked, a query is [PAD], a token looks at itself,
or a word stands twice; all chapters and examples with --everything.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from checks import layout_faults, truth_faults
from tied import thread_faults
from walk import walk

from core.examples.example import Example, load_example
from core.examples.languages import LANGUAGES
from core.trace.claims import CLAIMS
from core.trace.focus import TELLING, Focus
from core.trace.pipeline import trace_example
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import CHAPTERS, entry_of
from studio.engine.quality import Picture
from studio.engine.steps import plan_steps
from tests.turn import turn

FAMILIES = Path(__file__).parent / "families"
EXAMPLES = (
    *("default", "default-zh", "padded-batch", "causal", "by-hand", "translation-zh-en"),
    *(str(FAMILIES / f"{name}.toml") for name in ("both-masks", "ties", "equal-tokens", "self-best", "one-blind-row")),
)
SHARE, PICTURE = 12, Picture(64, 36, 10)


def somewhere(example: Example, seed: int) -> Focus:
    """A focus anywhere in an example."""
    random = np.random.default_rng(seed)
    rows, words = len(example.rows), len(example.tokens)
    ends = (rows, rows, example.heads, words, len(example.target or example.tokens) + 1)
    return Focus(*(int(random.integers(end)) for end in ends))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "told" in metafunc.fixturenames:
        pairs = [(entry.name, example) for entry in CHAPTERS for example in EXAMPLES]
        if not metafunc.config.getoption("--everything"):
            pairs = pairs[turn() % SHARE :: SHARE]
        names = [f"{chapter}-{Path(example).stem}" for chapter, example in pairs]
        metafunc.parametrize(("chapter", "told"), pairs, ids=names)


def test_a_chapter_told_what_to_work_through_is_whole_and_true(chapter: str, told: str) -> None:
    example = load_example(told)
    if not entry_of(chapter).suits(example):
        pytest.skip("a model without an encoder")
    focus, language = somewhere(example, turn()), LANGUAGES[turn() % len(LANGUAGES)]
    faults: list[str] = []

    def look(scene: Chapter, step: str) -> None:
        found = truth_faults(scene) + thread_faults(scene) + layout_faults(scene)
        faults.extend(f"{step}: {fault}" for fault in found)

    scene = walk(chapter, look, example, language, focus=focus)
    assert not faults, focus
    trace = trace_example(example, focus)
    assert scene.claimed == {name: CLAIMS[name].outcome(trace, example) for name in scene.claimed}


@pytest.mark.parametrize("chapter", ["scores", "softmax", "weighted_sum", "scaling", "question", "answer"])
def test_chapters_on_a_query_work_through_the_one_in_focus(chapter: str) -> None:
    assert walk(chapter, lambda scene, step: None, focus=Focus(query=1)).query == 1


@pytest.mark.parametrize(
    ("chapter", "focus"),
    [("saturation", Focus(query=0, key=2, row=1)), ("scores", None), ("output", Focus(query=0, row=1))],
)
def test_a_focus_that_a_chapter_has_no_use_for_or_has_itself_changes_no_picture(
    chapter: str, focus: Focus | None
) -> None:
    example = load_example("default")
    asked = Focus(*trace_example(example).telling_pair()) if focus is None else focus
    usual, told = (plan_steps(chapter, Settings(example, focus=one), PICTURE) for one in (TELLING, asked))
    assert told == usual


def test_captions_speak_of_what_is_in_focus() -> None:
    said: list[str] = []
    example = load_example("default")
    scene = walk("scores", lambda scene, step: said.extend(text for _, text in scene.said), focus=Focus(query=0, key=2))
    assert (scene.query, scene.key) == (0, 2)
    assert any(f"‘{example.rows[0]}’ and ‘{example.rows[2]}’" in text for text in said)
