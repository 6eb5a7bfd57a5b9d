"""Titles, captions and labels of the film in one language, read from `assets/texts`. Imports no Manim."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scenes.storyboard import CHAPTERS, Entry

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ROOT / "assets" / "texts"
SCENES = ROOT / "scenes"


@dataclass(frozen=True)
class StepText:
    """A step's title (for lists, clips, slides) and its captions in the order they are said."""

    title: str
    captions: tuple[str, ...]


@dataclass(frozen=True)
class ChapterText:
    """A chapter's title, its steps in order, and the labels drawn in its pictures."""

    title: str
    steps: Mapping[str, StepText]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class FilmText:
    """A film's title, and a line that says what it is about."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class Texts:
    """All texts of one language: `films`, `chapters` in the order of the film, the `labels` that
    chapters share, and the texts of the page.
    """

    language: str
    films: Mapping[str, FilmText]
    chapters: Mapping[str, ChapterText]
    labels: Mapping[str, str]
    page: Mapping[str, str]


def _chapter(entry: Entry, language: str) -> ChapterText:
    table = tomllib.loads((SCENES / entry.name / f"{language}.toml").read_text(encoding="utf-8"))
    steps = {name: StepText(step["title"], tuple(step["captions"])) for name, step in table["steps"].items()}
    return ChapterText(f"{entry.number}  {table['title']}", steps, table.get("labels", {}))


@cache
def load_texts(language: str) -> Texts:
    """Read what all chapters share, `assets/texts/<language>.toml`, and `<language>.toml` in each chapter's folder."""
    shared = tomllib.loads((TEXTS / f"{language}.toml").read_text(encoding="utf-8"))
    films = {name: FilmText(**texts) for name, texts in shared["films"].items()}
    chapters = {entry.name: _chapter(entry, language) for entry in CHAPTERS}
    return Texts(language, films, chapters, shared["labels"], shared["page"])


def translations(chapter: str, language: str) -> dict[str, str]:
    """What the captions and labels of a chapter are in the other language."""
    own, other = (load_texts(name).chapters[chapter] for name in (language, "zh" if language == "en" else "en"))
    captions = ((caption, name, number) for name, s in own.steps.items() for number, caption in enumerate(s.captions))
    told = {caption: other.steps[name].captions[number] for caption, name, number in captions}
    return {text: other.labels[key] for key, text in own.labels.items()} | told
