"""The caption band: at most two lines, in the voice of a teacher, with the example's own words and numbers."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from manim import DOWN, Mobject, VGroup

from core.examples.languages import FIRST
from core.trace import Reading
from scenes.stage.chapter.reading_speed import IDEOGRAPHS, is_ideograph, least_seconds, seconds_at_ease
from scenes.stage.paint.bidi import reads_right_to_left
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import CAPTION, LABEL, TEXT, TIGHT, Type, layout_now
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten, text_width, wrap

Fact = str | int | Reading | Run
SIZES = (TEXT, LABEL)  # the largest in which the lines find room in the band
LONGEST = (40.0, 12.0, 8.0, 5.0, 3.0, 2.0)  # that names may be, in ems: the first with which there is room
LINE_PITCH = 1.38
_OPENING = "“‘（《「("
_CLOSING_WIDE = "，。、；：！？”’）》」…—"
_CLOSING = _CLOSING_WIDE + ",.;:!?)"
_MARKS = re.escape(_CLOSING_WIDE + "“‘（《「")
_PIECES = re.compile(rf"[{IDEOGRAPHS}]|\s+|[{_MARKS}]|[^\s{IDEOGRAPHS}{_MARKS}]+")


def fill_in(template: str, facts: Mapping[str, Fact]) -> list[Run]:
    """`"‘{query}’ asks"` and its facts as runs; a number of the trace keeps its address.

    Raises KeyError where the template names a fact that is not given.
    """
    runs = []
    for literal, field, _, _ in string.Formatter().parse(template):
        if literal:
            runs.append(Run(literal))
        if field is not None:
            run = _run(facts[field])
            runs.append(replace(run, name=not (run.readings or isinstance(facts[field], int))))
    return runs


def lacking(template: str, facts: Mapping[str, Fact]) -> list[str]:
    """The facts that a text names and that are not given."""
    return [field for _, field, _, _ in string.Formatter().parse(template) if field is not None and field not in facts]


def _run(fact: Fact) -> Run:
    if isinstance(fact, Run):
        return fact
    if isinstance(fact, Reading):
        return Run(fact.text, None, (fact,))
    return Run(str(fact), structural=isinstance(fact, int))


def percent(reading: Reading) -> Run:
    """A weight as a percentage, for captions."""
    return Run(reading.percent, None, (reading,))


def about(reading: Reading) -> Run:
    """A number as it is printed, ≈ before it where the printed digits are not all of it."""
    return Run(reading.text if reading.exact else f"≈ {reading.text}", None, (reading,))


def _words(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs cut where a line may end: at white space, and between ideographs unless punctuation clings to them."""
    words: list[list[Run]] = [[]]
    previous = ""
    for run in runs:
        parts = [run.text] if run.readings or reads_right_to_left(run.text) else _PIECES.findall(run.text)
        for part in parts:
            if part.isspace() or previous.isspace() or _may_break(previous, part):
                words.append([])
            words[-1].append(replace(run, text=part))
            previous = part
    return [word for word in words if word]


def _may_break(before: str, after: str) -> bool:
    if not before or after[0] in _CLOSING or before[-1] in _OPENING:
        return False
    ends = is_ideograph(before[-1]) or before[-1] in _CLOSING_WIDE
    return ends and (is_ideograph(after[0]) or after[0] in _OPENING)


def broken(text: str, size: float, width: float, weight: str = "regular") -> list[str]:
    """A text in lines no wider than `width`, unless a word alone is wider."""
    words = ["".join(run.text for run in word) for word in _words([Run(text)])]
    lines = wrap(words, [text_width(word, size, weight) for word in words], width)
    return ["".join(words[i] for i in line).strip() for line in lines]


def in_lines(label: Label, width: float, theme: Theme, written: Type = TEXT) -> Mobject:
    """A label that is `written` in that size, in the largest in which it is no wider than `width`; where there is none,
    in the smallest, on as many lines as it needs.
    """
    size = theme.fitting(0.0)
    if label.width * size <= width * label.size:
        return shrink(label, width, theme, written)
    words = _words(label.runs)
    texts = ["".join(run.text for run in word) for word in words]
    lines = wrap(texts, [text_width(text, size, label.weight) for text in texts], width)
    runs = [_trim([run for i in line for run in words[i]]) for line in lines]
    red, green, blue = map(float, label.colour)
    parts = [Label(line, size, (red, green, blue), label.weight, structural=label.structural) for line in runs]
    return VGroup(*parts).arrange(DOWN, buff=TIGHT)


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


def names_cut(runs: Iterable[Run], longest: float, weight: str = "regular") -> list[Run]:
    """Runs whose names, which are neither the text's own nor numbers, are no wider than `longest` ems."""
    return [_cut(run, longest, weight) if run.name else run for run in runs]


def _cut(run: Run, longest: float, weight: str) -> Run:
    text = shorten(run.text, longest, 1.0, weight)
    return run if text == run.text else replace(run, text=text, structural=True)  # digits in a name are no values


def _fits(runs: list[Run], theme: Theme) -> Iterator[tuple[list[list[Run]], list[list[Run]], float]]:
    """The words, their lines and their size, for each size of type in which they find room in the band."""
    words = _words(runs)
    for size in map(theme.size, SIZES):
        lines = _lines(words, size)
        widest = max(sum(text_width(run.text, size) for run in line) for line in lines)
        high = (LINE_PITCH * (len(lines) - 1) + 1) * size
        if len(lines) <= layout_now().caption_lines and high <= CAPTION.height and widest <= CAPTION.width + 1e-6:
            yield words, lines, size


class TooLong(ValueError):
    """A caption that needs more than two lines."""


class Caption(VGroup):
    """One or two centred lines in the caption band; where names are too long for it, they are shortened, as on axes.

    Raises TooLong for a text that needs more lines even so.
    language: the code of its language; translations: what it says in others, which may be read while it stands.
    """

    def __init__(
        self,
        template: str,
        facts: Mapping[str, Fact],
        theme: Theme,
        language: str = FIRST,
        translations: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        runs = fill_in(template, facts)
        self.template, self.facts, self.language = template, facts, language
        self.translated = {
            other: "".join(run.text for run in fill_in(text, facts)) for other, text in (translations or {}).items()
        }
        fitting = (fit for longest in LONGEST for fit in _fits(names_cut(runs, longest), theme))
        words, lines, size = next(fitting, ([], [], 0.0))
        self.text = "".join(run.text for word in words for run in word)
        if not lines:
            raise TooLong(
                f"this caption needs more than two lines, two are allowed: {''.join(run.text for run in runs)}"
            )
        for row, line in enumerate(lines):
            label = Label(line, size, theme.ink)
            y = CAPTION.y + (len(lines) - 1) * LINE_PITCH * size / 2 - row * LINE_PITCH * size
            self.add(label.move_to([CAPTION.x, y, 0]))

    def reading_time(self, pace: float = 1.0) -> float:
        """Seconds a viewer needs to read it, at ease or so much faster; never less than subtitles are granted in any
        language.
        """
        least = (least_seconds(text, language) for language, text in self.translated.items())
        return max(seconds_at_ease(self.text, self.language) / pace, least_seconds(self.text, self.language), *least)


__all__ = ["Caption", "Fact", "TooLong", "about", "fill_in", "lacking", "names_cut", "percent"]
