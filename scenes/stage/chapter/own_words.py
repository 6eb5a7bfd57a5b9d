"""Own words in the place of a chapter's: of its title, its labels, its steps' titles and captions. Imports no Manim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scenes.stage.chapter.texts import ChapterText, StepText, Texts, load_texts
from scenes.stage.chapter.wording import Wording, wording


def chapter_text(chapter: str, language: str, words: Mapping[str, Mapping[str, str]]) -> ChapterText:
    """The texts of a chapter in a language, with own words, by language, in their place."""
    return in_own_words(load_texts(language).chapters[chapter], words.get(language, {}))


def in_own_words(text: ChapterText, words: Mapping[str, str]) -> ChapterText:
    """The texts of a chapter with these in their place, by key: `title`, `labels.KEY`, `steps.STEP.title`,
    `steps.STEP.captions.N` from 0.

    An own text is said of every example, whatever is claimed in its place.
    """
    if not words:
        return text
    number, gap, _ = text.title.rpartition("  ")
    labels = {key: _own(label, f"labels.{key}", words) for key, label in text.labels.items()}
    steps = {name: _step(step, f"steps.{name}", words) for name, step in text.steps.items()}
    return replace(
        text,
        title=f"{number}{gap}{words['title']}" if "title" in words else text.title,
        labels=Texts(labels, text.file, "labels"),
        steps=Texts(steps, text.file, "steps"),
    )


def _step(step: StepText, key: str, words: Mapping[str, str]) -> StepText:
    captions = (_own(caption, f"{key}.captions.{place}", words) for place, caption in enumerate(step.captions))
    return StepText(words.get(f"{key}.title", step.title), tuple(captions))


def _own(told: Wording, key: str, words: Mapping[str, str]) -> Wording:
    return wording(words[key]) if key in words else told
