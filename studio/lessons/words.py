"""Own words of a lesson: held against the texts that they take the place of.

They have the same placeholders; where the film's text claims something, they have a wording for each outcome of the
claim, or are marked as the lecturer's own; captions find room in their lines and can be read while they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, NamedTuple

from core.examples.checks import Flaw, Table
from core.examples.example import Example
from core.examples.faults import Fault, describe, listed, nearest, quote
from core.examples.fields import title_flaws
from core.examples.languages import LANGUAGES
from core.trace.focus import Focus
from core.trace.pipeline import trace_example
from scenes.stage.chapter.reading_speed import least_seconds, seconds_at_ease
from scenes.stage.chapter.settings import StepSettings
from scenes.stage.chapter.texts import ChapterText, load_texts
from scenes.stage.chapter.wording import CLAIM, Wording
from scenes.stage.paint.layout import LABEL, FrameLayout
from scenes.stage.paint.theme import theme_named
from studio.lessons.fields import WORDS, Hold, Pace, read_table, unknown_faults
from studio.selection import all_chapters

TEXT, OWN = "text", "own"
OWN_FORM = f'{{ {TEXT} = "…", {OWN} = true }}'
LONGEST_READING = 7.0  # seconds: what a subtitle stands at most
STAND_IN = "0.00"  # for what a placeholder will hold, where a text is measured
WIDEST_TITLE = 20.0  # of a chapter, in sizes of type: at its smallest it has room beside the formula
SHORT_LABEL, LABEL_GROWTH = (
    8.0,
    1.5,
)  # sizes of type that every label may have; how much wider than the film's it may be
KINDS = ("title", "labels", "steps")  # of what a chapter says


class StepTable(Table):
    """`steps.NAME` of a chapter's own words: its title, its captions, its own pace and hold."""

    title: Any = None
    captions: Any = None
    pace: Pace | None = None
    hold: Hold | None = None


class Own(NamedTuple):
    """A text by outcome of a claim, or one alone, by ""; own: the lecturer claims what it says."""

    texts: Mapping[str, str]
    claim: str = ""
    own: bool = False

    def said(self, example: Example, focus: Focus) -> str:
        """The text that is true of an example."""
        return self.texts[Wording(self.texts, self.claim).outcome(trace_example(example, focus), example)]


@dataclass
class OwnWords:
    """What a lesson says otherwise, by language and chapter: texts by key, and steps with a pace or hold of their own.

    own: what the lecturer claims by themselves, as it is named in the file.
    """

    texts: dict[tuple[str, str], dict[str, Own]] = field(default_factory=lambda: defaultdict(dict))
    steps: dict[tuple[str, str], dict[str, StepSettings]] = field(default_factory=lambda: defaultdict(dict))
    own: list[str] = field(default_factory=list)


def read_words(file: str, data: Any, size: str, frame: str) -> tuple[OwnWords, list[Fault]]:
    """`[words]` of a lesson, and all that is wrong with it; size, frame: of type and picture, in which captions find
    room.
    """
    reader = _Reader(file, size, FrameLayout(frame))
    reader.read(data)
    return reader.words, reader.faults


class _Reader:
    """Goes through own words, language by language and chapter by chapter."""

    def __init__(self, file: str, size: str, layout: FrameLayout) -> None:
        self.file, self.size, self.layout = file, size, layout
        self.words = OwnWords()
        self.faults: list[Fault] = []

    def read(self, data: Any) -> None:
        for language, chapters in self._tables(WORDS, data, LANGUAGES, "an unknown language"):
            for chapter, table in self._tables(f"{WORDS}.{language}", chapters, all_chapters(), "an unknown chapter"):
                self._chapter((language, chapter), table)

    def _tables(
        self, where: str, data: Any, known: tuple[str, ...], what: str = "an unknown name"
    ) -> Iterator[tuple[str, Any]]:
        """The entries of a table that may be there; the others are faults."""
        if not isinstance(data, dict):
            self.faults.append(Fault(self.file, where, describe(data), f"a table [{where}]"))
            return
        self.faults += unknown_faults(self.file, f"{where}.", [name for name in data if name not in known], known, what)
        yield from ((name, value) for name, value in data.items() if name in known)

    def _chapter(self, home: tuple[str, str], table: Any) -> None:
        language, chapter = home
        where, texts = f"{WORDS}.{language}.{chapter}", load_texts(language).chapters[chapter]
        for name, value in self._tables(where, table, KINDS):
            if name == "title":
                self._text(home, "title", value, Wording({"": texts.title}))
            elif name == "labels":
                for key, label in self._tables(f"{where}.labels", value, texts.own):
                    self._text(home, f"labels.{key}", label, texts.labels[key])
            else:
                for step, told in self._tables(f"{where}.steps", value, tuple(texts.steps), "an unknown step"):
                    self._step(home, step, told, texts)

    def _step(self, home: tuple[str, str], step: str, told: Any, texts: ChapterText) -> None:
        where = f"{WORDS}.{home[0]}.{home[1]}.steps.{step}"
        table, faults = read_table(self.file, f"{where}.", told, StepTable)
        self.faults += faults
        if table.pace is not None or table.hold is not None:
            self.words.steps[home][step] = StepSettings(table.pace, table.hold)
        original = texts.steps[step]
        if table.title is not None:
            self._text(home, f"steps.{step}.title", table.title, Wording({"": original.title}))
        if table.captions is None:
            return
        count = len(original.captions)
        if not isinstance(table.captions, list) or len(table.captions) != count:
            allowed = f'a list of {count}, as many as the step says ("" leaves one as it is)'
            self.faults.append(Fault(self.file, f"{where}.captions", describe(table.captions), allowed))
            return
        for place, (caption, wording) in enumerate(zip(table.captions, original.captions, strict=True)):
            if caption != "":
                self._text(home, f"steps.{step}.captions.{place}", caption, wording)

    def _text(self, home: tuple[str, str], key: str, written: Any, original: Wording) -> None:
        """One text, in the place of another."""
        named = f"{WORDS}.{home[0]}.{home[1]}.{_counted(key)}"
        own, flaws = _as_own(written, original)
        for outcome, text in own.texts.items():
            found = text_flaws(text, original, outcome) or self._room_flaws(home[0], key, text, original)
            flaws += [flaw._replace(where=outcome) for flaw in found]
        self.faults += [Fault(self.file, f"{named}, {f.where}" if f.where else named, *f[1:]) for f in flaws]
        if not flaws:
            self.words.texts[home][key] = own
            self.words.own += [named] * (own.own and bool(original.claim))

    def _room_flaws(self, language: str, key: str, text: str, original: Wording) -> list[Flaw]:
        """What is wrong with a text that has no room in its place: each kind has its own."""
        if ".captions." in key:
            return _caption_flaws(text, language, self.size, self.layout)
        if key.startswith("labels."):
            return _wide_flaws(text, max(SHORT_LABEL, LABEL_GROWTH * max(map(_width, original.all))))
        return _wide_flaws(text, WIDEST_TITLE) if key == "title" else []


def _counted(key: str) -> str:
    """A key as a person names it, captions from 1."""
    start, captions, place = key.partition(".captions.")
    return f"{start}{captions}{int(place) + 1}" if captions else key


def _as_own(written: Any, original: Wording) -> tuple[Own, list[Flaw]]:
    """A text as it is written: one for all, one for each outcome of the claim, or one marked as the lecturer's own."""
    claims = f"a wording for each outcome of the claim {original.claim}: {listed(original.texts, 'and')}"
    if isinstance(written, str):
        if original.claim:
            return Own({}), [
                Flaw("", "one text for every outcome", f"{claims}; or, as a claim of your own, {OWN_FORM}")
            ]
        return Own({"": written}), []
    if not isinstance(written, dict) or not all(isinstance(key, str) for key in written):
        return Own({}), [Flaw("", describe(written), "a text in quotes")]
    if TEXT in written:
        if set(written) - {TEXT, OWN} or not isinstance(written.get(OWN, False), bool):
            return Own({}), [Flaw("", f"a table with {listed(written, 'and')}", OWN_FORM)]
        if original.claim and not written.get(OWN, False):
            return Own({}), [
                Flaw("", f"{TEXT} without {OWN} = true", f"{claims}; or, as a claim of your own, {OWN_FORM}")
            ]
        return Own({"": written[TEXT]}, own=written.get(OWN, False)), []
    texts = {key: text for key, text in written.items() if key != CLAIM}
    if not original.claim:
        return Own({}), [Flaw("", "wordings for outcomes", "one text: the film's own claims nothing here")]
    if written.get(CLAIM, original.claim) != original.claim or set(texts) != set(original.texts):
        return Own({}), [Flaw("", listed(written, "and"), claims)]
    return Own(texts, original.claim), []


def text_flaws(text: Any, original: Wording, outcome: str) -> list[Flaw]:
    """What is wrong with a text in itself and against the one that it replaces: placeholders, characters."""
    if flaws := title_flaws("", text):
        return flaws
    try:
        names = _placeholders(text)
    except ValueError:
        return [Flaw("", quote(text), "{name} for what is filled in, {{ and }} for braces")]
    wanted = [original.texts[outcome]] if outcome in original.texts else list(original.texts.values())
    every = [_placeholders(other) for other in wanted]
    allowed = dict.fromkeys(name for other in every for name in other)
    needed = [name for name in allowed if all(name in other for other in every)]
    told = listed((f"{{{name}}}" for name in allowed), "and") or "words alone"
    flaws = [
        Flaw("", f"{{{name}}} in {quote(text)}", told, (near := nearest(name, allowed)) and f"{{{near}}}")
        for name in names
        if name not in allowed
    ]
    strange = bool(flaws)
    flaws += [
        Flaw("", f"{quote(text)} without {{{name}}}", told) for name in needed if name not in names and not strange
    ]
    return flaws + _missing(text)


def _placeholders(text: str) -> list[str]:
    """The names in braces. Raises ValueError for a brace that is not closed."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def _missing(text: str) -> list[Flaw]:
    """Characters that cannot be drawn."""
    from scenes.stage.paint.typography import codes, missing_characters

    missing = missing_characters(text)
    return [Flaw("", f"{listed(map(codes, missing), 'and')}, which no font has", "other characters")] if missing else []


def _filled(text: str) -> str:
    """A text with the least that its placeholders hold."""
    return text.format_map(defaultdict(lambda: STAND_IN))


def _width(text: str) -> float:
    """How wide a text is, in sizes of type."""
    from scenes.stage.paint.typography import text_width

    return text_width(_filled(text), 1.0)


def _wide_flaws(text: str, most: float) -> list[Flaw]:
    """A text that is wider than there is room, in sizes of type."""
    width = _width(text)
    allowed = f"about {len(text) * most / width:.0f} characters"
    return [Flaw("", f"{quote(text)}, which is too wide for its place", allowed)] if width > most else []


def _caption_flaws(text: str, language: str, size: str, layout: FrameLayout) -> list[Flaw]:
    """A caption of too many lines at the least that its placeholders hold, or that takes too long to read."""
    from scenes.stage.chapter.caption import broken

    filled = _filled(text)
    lines = len(broken(filled, theme_named("dark", size).size(LABEL), layout.caption.width))
    seconds = max(seconds_at_ease(filled, language), least_seconds(filled, language))
    most = layout.caption_lines
    flaws = [Flaw("", f"{quote(text)}, which needs {lines} lines", f"{most} lines")] if lines > most else []
    if seconds > LONGEST_READING:
        told = f"{quote(text)}, which takes {seconds:.0f} seconds to read"
        flaws.append(Flaw("", told, f"at most {LONGEST_READING:g} seconds: say it in two captions"))
    return flaws
