"""Titles, captions and labels in one language, from `assets/texts` and each chapter's folder. Imports no Manim.

Every language is held against the first, key by key, before anything is drawn: what one lacks is a fault by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from core.examples.faults import ChapterError, Fault, listed, nearest, quote
from core.examples.languages import FIRST, LANGUAGES, language_of
from core.examples.text_files import differences, place, read_texts
from scenes.stage.chapter.wording import Wording, Written, claim_faults, wording
from scenes.storyboard import CHAPTERS, FILMS, LAST_STEP, Entry

ROOT = Path(__file__).resolve().parents[3]
TEXTS = ROOT / "assets" / "texts"
SCENES = ROOT / "scenes"
SHARED = ("labels", "axes", "tensors", "page", "transcript", "example", "compare", "slides", "desk")
TABLES = ("language", "films", *SHARED, "new")


class Texts(dict[str, Any]):
    """Texts by key. One that is asked for and not there is a ChapterError that names its file and key."""

    def __init__(self, texts: Mapping[str, Any], file: Path, table: str) -> None:
        super().__init__(texts)
        self.file, self.table = file, table

    def __missing__(self, key: str) -> Any:
        raise ChapterError(
            [Fault(place(self.file), f"{self.table}.{key}", "nothing", listed(self), nearest(key, self))]
        )


@dataclass(frozen=True)
class StepText:
    """A step's title (for lists, clips, slides) and its captions in the order they are said."""

    title: str
    captions: tuple[Wording, ...]

    @classmethod
    def of(cls, title: str, captions: Iterable[Written]) -> StepText:
        """As a file of texts has it."""
        return cls(title, tuple(wording(caption) for caption in captions))


@dataclass(frozen=True)
class ChapterText:
    """A chapter's title, its steps in order, and the labels drawn in its pictures: its own, and those of all chapters.

    own: the keys of its own labels; file: where it stands.
    """

    title: str
    steps: Mapping[str, StepText]
    labels: Mapping[str, Wording]
    own: tuple[str, ...] = ()
    file: Path = ROOT


@dataclass(frozen=True)
class FilmText:
    """A film's title, and a line that says what it is about."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class LanguageTexts:
    """All texts of one language: `films`, `chapters` in the order of the film, the `labels` that chapters share, what
    axes and tensors of the trace are called, what is said of the example and of two side by side, and what page,
    transcripts, slides and the desk say.
    """

    language: str
    films: Mapping[str, FilmText]
    chapters: Mapping[str, ChapterText]
    labels: Mapping[str, str]
    axes: Mapping[str, str]
    tensors: Mapping[str, str]
    page: Mapping[str, str]
    transcript: Mapping[str, str]
    example: Mapping[str, str]
    compare: Mapping[str, str]
    slides: Mapping[str, str]
    desk: Mapping[str, str]


@cache
def load_texts(language: str) -> LanguageTexts:
    """Read what all chapters share, `assets/texts/<language>.toml`, and `<language>.toml` in each chapter's folder.

    Raises ChapterError with everything that is missing.
    """
    faults = list(_faults(language))
    if faults:
        raise ChapterError(faults)
    file = TEXTS / f"{language}.toml"
    shared = _shared(language)
    named = {name: Texts(shared[name], file, name) for name in SHARED}
    films = Texts({name: FilmText(**texts) for name, texts in shared["films"].items()}, file, "films")
    chapters = {entry.name: _chapter(entry, language, named["labels"]) for entry in CHAPTERS}
    return LanguageTexts(language, films, chapters, **named)


def _chapter(entry: Entry, language: str, shared: Mapping[str, str]) -> ChapterText:
    file, table = chapter_file(entry.name, language), _of_chapter(entry.name, language)
    steps = {name: StepText.of(step["title"], step["captions"]) for name, step in table["steps"].items()}
    own = table.get("labels", {})
    labels = Texts({key: wording(text) for key, text in {**shared, **own}.items()}, file, "labels")
    return ChapterText(f"{entry.number}  {table['title']}", Texts(steps, file, "steps"), labels, tuple(own), file)


def chapter_file(chapter: str, language: str) -> Path:
    """Where the texts of a chapter stand."""
    return SCENES / chapter / f"{language}.toml"


def _shared(language: str) -> dict[str, Any]:
    return read_texts(TEXTS / f"{language}.toml", "a file of texts for each language")


def _of_chapter(chapter: str, language: str) -> dict[str, Any]:
    file = chapter_file(chapter, language)
    if not file.parent.is_dir():
        folders = (folder.name for folder in SCENES.iterdir() if (folder / "scene.py").is_file())
        near = nearest(chapter, folders)
        allowed = "a folder for each chapter of scenes/storyboard.py"
        raise ChapterError([Fault(place(file.parent), "", "no such folder", allowed, near and f"scenes/{near}")])
    return read_texts(file, "a file of texts for each language, in each chapter's folder")


# --- what is missing --------------------------------------------------------------------------------------------------


def _faults(language: str) -> Iterator[Fault]:
    """What the files of a language lack: the first is held against what is asked of all, the others against it."""
    shared, first = _shared(language), _shared(FIRST)
    told = first if language != FIRST else dict.fromkeys(TABLES, dict)
    model = {**told, "language": dict, "films": {film: {"title": str, "subtitle": str} for film in FILMS}}
    yield from differences(place(TEXTS / f"{language}.toml"), shared, model)
    for entry in CHAPTERS:
        yield from _chapter_faults(entry.name, language)


def _chapter_faults(chapter: str, language: str) -> Iterator[Fault]:
    try:
        table, first = _of_chapter(chapter, language), _of_chapter(chapter, FIRST)
    except ChapterError as error:
        yield from error.faults
        return
    model = first if language != FIRST else _complete(first)
    file = place(chapter_file(chapter, language))
    faults = list(differences(file, table, model))
    yield from faults
    if not faults:
        yield from _torn_texts(file, table)
    if not faults and list(table["steps"]) != list(first["steps"]):
        yield Fault(file, "steps", listed(table["steps"], "and"), f"the order {listed(first['steps'], 'and')}")
    if not faults and list(table["steps"])[-1:] != [LAST_STEP]:
        yield Fault(file, "steps", f"{LAST_STEP} not as the last", f"a last step [steps.{LAST_STEP}]")


def _torn_texts(file: str, table: dict[str, Any]) -> Iterator[Fault]:
    """Texts with a brace that is not closed."""
    for key, written in _written(table):
        for text in wording(written).all:
            try:
                list(Formatter().parse(text))
            except ValueError:
                yield Fault(file, key, quote(text), "{name} for what is filled in, {{ and }} for braces")


def _written(table: dict[str, Any]) -> Iterator[tuple[str, Written]]:
    """Every label and caption of a chapter's texts, by key."""
    yield from ((f"labels.{key}", text) for key, text in table.get("labels", {}).items())
    yield from ((f"steps.{name}.captions", text) for name, step in table["steps"].items() for text in step["captions"])


def _complete(table: dict[str, Any]) -> dict[str, Any]:
    """What a chapter's texts have to have, whatever they say."""
    steps = table.get("steps")
    model = {name: {"title": str, "captions": list} for name in steps} if isinstance(steps, dict) else {}
    own = table.get("labels")
    labels = {"labels": {key: _kind(text) for key, text in own.items()}} if isinstance(own, dict) else {}
    return {"title": str, "steps": {LAST_STEP: {"title": str, "captions": list}} | model} | labels


def _kind(text: Any) -> Any:
    """What a label may be: a text, or a table of texts."""
    return dict.fromkeys(text, str) if isinstance(text, dict) else str


def check_texts() -> None:
    """See that every language has all its texts, and every claim its wordings. Raises ChapterError with all faults."""
    faults = dict.fromkeys(fault for language in LANGUAGES for fault in _faults(language))
    faults = faults or dict.fromkeys(fault for entry in CHAPTERS for fault in _claim_faults(entry.name))
    if faults:
        raise ChapterError(faults)
    for language in LANGUAGES:
        language_of(language)


def _claim_faults(chapter: str) -> Iterator[Fault]:
    for language in LANGUAGES:
        for key, written in _written(_of_chapter(chapter, language)):
            yield from claim_faults(place(chapter_file(chapter, language)), key, written)


def check_steps(chapter: str, scene: str, steps: tuple[str, ...]) -> None:
    """See that a scene has the steps of its chapter's texts, in their order. Raises ChapterError."""
    texts = load_texts(FIRST).chapters[chapter]
    told, file, home = tuple(texts.steps), place(texts.file), place(texts.file.with_name("scene.py"))
    faults = [
        Fault(home, scene, f"no step {name}", f"a method {name} marked @step, for {file}", nearest(name, steps))
        for name in told
        if name not in steps
    ]
    faults += [
        Fault(file, f"steps.{name}", "nothing", f"the texts of the step {name} of {home}", nearest(name, told))
        for name in steps
        if name not in told
    ]
    if not faults and steps != told:
        faults.append(Fault(home, scene, listed(steps, "and"), f"the order of {file}: {listed(told, 'and')}"))
    if faults:
        raise ChapterError(faults)


def translations(own: ChapterText, others: Mapping[str, ChapterText]) -> dict[str, dict[str, str]]:
    """What the captions and labels of a chapter are in the other languages: by text, then by language."""
    pairs = [(own.labels[key], {name: other.labels[key] for name, other in others.items()}) for key in own.own]
    pairs += [
        (caption, {name: other.steps[step].captions[number] for name, other in others.items()})
        for step, text in own.steps.items()
        for number, caption in enumerate(text.captions)
    ]
    return {
        text: {name: other.texts[outcome] for name, other in told.items() if outcome in other.texts}
        for caption, told in pairs
        for outcome, text in caption.texts.items()
    }
