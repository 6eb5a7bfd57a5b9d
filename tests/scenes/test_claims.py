"""What captions claim of an example is decided by its numbers, and every answer is seen to be possible.

The examples in `families` are made to break what is usually true: equal heads, ties, zeros, one token, each mask, each
kind of model. Texts that count or compare name a claim, or say that they are true of every example.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from checks import truth_faults
from tied import thread_faults
from walk import walk

from core.examples.example import load_example, shipped_examples
from core.examples.languages import LANGUAGES
from core.trace.claims import CLAIMS
from core.trace.focus import TELLING, Focus
from core.trace.pipeline import trace_example
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.texts import check_texts
from scenes.stage.chapter.wording import CLAIM, Written
from scenes.storyboard import CHAPTERS, entry_of
from tests.turn import turn

FAMILIES = tuple(sorted(str(file) for file in (Path(__file__).parent / "families").glob("*.toml")))
ALL = (*shipped_examples(), *FAMILIES)
SCENES = Path(__file__).parents[2] / "scenes"
FOCI = (Focus(query=7, key=0), Focus(query=6, key=0))  # of the first example
SHARE = 8  # one in so many pairs of chapter and family is walked at a commit
COMPARISONS = {
    "en": re.compile(
        r"\b(largest|highest|smallest|lowest|strongest|weakest|more|most|less|least|fewer|larger|smaller|higher|lower"
        r"|stronger|longer than|same|equal|alike|different|differs?|exactly|no longer|never|nobody|no one|nothing|none"
        r"|only|always|twice|half|sums? to|unchanged|lost|survives?|costs?)\b|%",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"最大|最高|最小|最低|最多|最少|最强|更|相同|同样|一样|不同|相等|恰好|正好|只有|从不|永远|总是|没有谁|谁也不"
        r"|一半|两倍|之和|不变|丢失|%"
    ),
}


@cache
def outcomes(example: str, focus: Focus = TELLING) -> dict[str, str]:
    """What the claims answer for an example that the chapters make which it suits."""
    loaded = load_example(example)
    trace = trace_example(loaded, focus)
    made = {claim for entry in CHAPTERS if entry.suits(loaded) for claim in claims_of(entry.name)}
    return {name: claim.outcome(trace, loaded) for name, claim in CLAIMS.items() if name in made}


@cache
def claims_of(chapter: str) -> frozenset[str]:
    """The claims that a chapter's texts make."""
    texts = (text for place, text in written(LANGUAGES[0]) if place.partition(".")[0] == chapter)
    return frozenset(text[CLAIM] for text in texts if isinstance(text, dict) and CLAIM in text)


def written(language: str) -> Iterator[tuple[str, Written]]:
    """Every caption and label of the chapters in a language, with the place where it stands."""
    for entry in CHAPTERS:
        table = tomllib.loads((SCENES / entry.name / f"{language}.toml").read_text(encoding="utf-8"))
        for step, texts in table["steps"].items():
            yield from ((f"{entry.name}.{step}", text) for text in texts["captions"])
        yield from ((f"{entry.name}.labels.{key}", text) for key, text in table.get("labels", {}).items())


def test_every_claim_has_its_wordings_in_every_language() -> None:
    check_texts()


def test_every_claim_is_made_by_some_text() -> None:
    made = {text[CLAIM] for _, text in written(LANGUAGES[0]) if isinstance(text, dict) and CLAIM in text}
    assert set(CLAIMS) == made


def test_every_outcome_of_every_claim_is_seen(record_property) -> None:
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example, focus in (*((example, TELLING) for example in ALL), *(("default", focus) for focus in FOCI)):
        for name, outcome in outcomes(example, focus).items():
            seen[name, outcome].append(Path(example).stem)
    possible = [(name, outcome) for name, claim in CLAIMS.items() for outcome in claim.outcomes]
    captions = sum(isinstance(text, dict) and CLAIM in text for _, text in written(LANGUAGES[0]))
    record_property(
        "measured", f"{len(CLAIMS)} claims in {captions} texts, each answer seen in some of {len(ALL)} examples"
    )
    for name, outcome in possible:
        record_property("measured", f"  {name} = {outcome}: {', '.join(seen[name, outcome][:3])}")
    assert not [f"{name} is never {outcome}" for name, outcome in possible if not seen[name, outcome]]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language in COMPARISONS])
def test_what_compares_names_its_claim(language: str) -> None:
    """A caption that compares or counts depends on a claim, or says that it is always true; labels alike."""
    bare = [
        f"{place}: {text}"
        for place, text in written(language)
        if isinstance(text, str) and COMPARISONS[language].search(text) and ".labels." not in place
    ]
    assert not bare, "\n".join(bare)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every chapter is told of some of the families, of others at the next commit; of all with --everything."""
    if "family" in metafunc.fixturenames:
        pairs = [(entry.name, family) for entry in CHAPTERS for family in FAMILIES]
        if not metafunc.config.getoption("--everything"):
            pairs = pairs[turn() % SHARE :: SHARE]
        names = [f"{chapter}-{Path(family).stem}" for chapter, family in pairs]
        metafunc.parametrize(("chapter", "family"), pairs, ids=names)


def test_a_family_is_told_whole_and_true(chapter: str, family: str) -> None:
    """Nothing that is to be filled in is missing, the numbers are the trace's, and what was claimed is what holds."""
    example = load_example(family)
    if not entry_of(chapter).suits(example):
        pytest.skip("a model without an encoder")
    language = LANGUAGES[(FAMILIES.index(family) + len(chapter)) % len(LANGUAGES)]
    faults: list[str] = []

    def look(scene: Chapter, step: str) -> None:
        faults.extend(f"{step}: {fault}" for fault in truth_faults(scene) + thread_faults(scene))

    scene = walk(chapter, look, family, language)
    assert not faults
    told = outcomes(family)
    assert scene.claimed == {name: told[name] for name in scene.claimed}
