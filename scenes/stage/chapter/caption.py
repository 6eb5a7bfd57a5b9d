"""The caption band: at most two lines, in the voice of a teacher, with the example's own words and numbers."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import replace

from manim import VGroup

from core.trace import Reading
from scenes.stage.chapter.reading_speed import least_seconds
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import CAPTION
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import CAP_HEIGHT, text_width, wrap

Fact = str | int | Reading | Run
SIZES = (0.29, 0.27, 0.25, 0.23)
LINE_PITCH = 1.38
WORDS_PER_SECOND = 3.5
HANZI_PER_SECOND = 6.0
_HANZI = re.compile(r"[一-鿿㐀-䶿]")
_PIECES = re.compile(
    r"[一-鿿㐀-䶿]|\s+|[，。、；：！？”’）》」…—“‘（《「]|[^\s一-鿿㐀-䶿，。、；：！？”’）》」…—“‘（《「]+"
)
_OPENING = "“‘（《「("
_CLOSING_HANZI = "，。、；：！？”’）》」…—"
_CLOSING = _CLOSING_HANZI + ",.;:!?)"


def fill_in(template: str, facts: Mapping[str, Fact]) -> list[Run]:
    """`"‘{query}’ asks"` and its facts as runs; a number of the trace keeps its address.

    Raises KeyError where the template names a fact that is not given.
    """
    runs = []
    for literal, field, _, _ in string.Formatter().parse(template):
        if literal:
            runs.append(Run(literal))
        if field is not None:
            runs.append(_run(facts[field]))
    return runs


def _run(fact: Fact) -> Run:
    if isinstance(fact, Run):
        return fact
    if isinstance(fact, Reading):
        return Run(fact.text, None, (fact,))
    return Run(str(fact), structural=isinstance(fact, int))


def percent(reading: Reading) -> Run:
    """A weight as a percentage, for captions."""
    return Run(reading.percent, None, (reading,))


def _words(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs cut where a line may end: at white space, and between hanzi unless punctuation clings to them."""
    words: list[list[Run]] = [[]]
    previous = ""
    for run in runs:
        parts = [run.text] if run.readings else _PIECES.findall(run.text)
        for part in parts:
            if part.isspace() or previous.isspace() or _may_break(previous, part):
                words.append([])
            words[-1].append(replace(run, text=part))
            previous = part
    return [word for word in words if word]


def _may_break(before: str, after: str) -> bool:
    if not before or after[0] in _CLOSING or before[-1] in _OPENING:
        return False
    return bool(_HANZI.match(before[-1]) or before[-1] in _CLOSING_HANZI) and bool(
        _HANZI.match(after[0]) or after[0] in _OPENING
    )


def _lines(words: list[list[Run]], size: float) -> list[list[Run]]:
    widths = [sum(text_width(run.text, size) for run in word) for word in words]
    texts = ["".join(run.text for run in word) for word in words]
    lines = wrap(texts, widths, CAPTION.width)
    if len(lines) == 2:
        lines = _balanced(texts, widths) or lines
    return [_trim([run for i in line for run in words[i]]) for line in lines]


def _balanced(texts: list[str], widths: list[float]) -> list[list[int]] | None:
    """The two lines that are most alike in width, the first not the shorter by much."""
    total = sum(widths)
    for share in (0.5, 0.52, 0.54, 0.57, 0.6, 0.65, 0.7, 0.8):
        lines = wrap(texts, widths, max(share * total, *widths))
        if len(lines) == 2:
            return lines
    return None


def _trim(line: list[Run]) -> list[Run]:
    while line and line[-1].text.isspace():
        line = line[:-1]
    return line


class Caption(VGroup):
    """One or two centred lines in the caption band. Raises ValueError for a text that needs more.

    translation: what it says in another language, if that may be read instead while it stands.
    """

    def __init__(self, template: str, facts: Mapping[str, Fact], theme: Theme, translation: str = "") -> None:
        super().__init__()
        words = _words(fill_in(template, facts))
        self.text = "".join(run.text for word in words for run in word)
        self.translated = "".join(run.text for run in fill_in(translation, facts))
        for size in SIZES:
            lines = _lines(words, size)
            if len(lines) <= 2:
                break
        else:
            raise ValueError(f"this caption needs {len(lines)} lines, two are allowed: {self.text}")
        for row, line in enumerate(lines):
            label = Label(line, size, theme.ink)
            y = CAPTION.y + (len(lines) - 1) * LINE_PITCH * size / 2 - row * LINE_PITCH * size
            self.add(label.move_to([CAPTION.x, y, 0]))

    @property
    def reading_time(self) -> float:
        """Seconds a viewer needs to read it, never less than subtitles are granted in either language."""
        hanzi = len(re.findall(r"[一-鿿]", self.text))
        words = len(re.findall(r"[A-Za-zÀ-ÿ0-9.−]+", self.text))
        comfortable = 0.6 + words / WORDS_PER_SECOND + hanzi / HANZI_PER_SECOND
        return max(comfortable, least_seconds(self.text), least_seconds(self.translated))


__all__ = ["CAP_HEIGHT", "Caption", "Fact", "fill_in", "percent"]
