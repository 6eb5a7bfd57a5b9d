"""One term for one thing: all texts against the glossary, and no leftover English where Chinese is read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.examples.languages import LANGUAGES

ROOT = Path(__file__).parents[2]
GLOSSARY = tomllib.loads((ROOT / "assets" / "glossary.toml").read_text(encoding="utf-8"))
TERMS, NAMES = GLOSSARY["terms"], GLOSSARY["names"]
LATIN = re.compile(r"[A-Za-z][A-Za-z’'-]+")
PLACEHOLDERS = re.compile(r"\{\w*\}|<[^>]+>|`[^`]*`|\[[A-Z]+\]")


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Every text of the chapters and of what they share, with the place where it stands."""
    for file in (ROOT / "assets" / "texts" / f"{language}.toml", *sorted((ROOT / "scenes").glob(f"*/{language}.toml"))):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        for part in ("language", "new"):
            tables.pop(part, None)
        yield from within(tables, str(file.relative_to(ROOT)))


def within(node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for key, part in node.items():
            if key != "claim":
                yield from within(part, f"{place}: {key}")
    elif isinstance(node, list):
        for part in node:
            yield from within(part, place)


def rejected(language: str) -> dict[str, str]:
    """What is not said, and what is said instead."""
    return {word: term[language] for term in TERMS for word in term.get("not", {}).get(language, ())}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_rejected_term(language: str) -> None:
    bound = r"\b{}\b" if language == "en" else "{}"
    wrong = [
        f"{place}: “{text}”: not {word}, but {better}"
        for word, better in rejected(language).items()
        for place, text in texts(language)
        if re.search(bound.format(word), text, re.IGNORECASE)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_term_is_not_rejected_elsewhere() -> None:
    for language in LANGUAGES:
        chosen = {term[language] for term in TERMS}
        assert not chosen & set(rejected(language))
        assert len(chosen) == len(TERMS)


def test_chinese_has_no_english_but_names() -> None:
    known = {name.lower() for name in NAMES}
    left = [
        f"{place}: “{text}”: {word}"
        for place, text in texts("zh")
        for word in LATIN.findall(PLACEHOLDERS.sub(" ", text))
        if word.lower() not in known
    ]
    assert not left, "\n".join(left)
