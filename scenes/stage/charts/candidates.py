"""Candidates: the likeliest next words as bars, most probable first, and all other words gathered in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from manim import VMobject

from core.trace import Reading, Trace, format_number
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import CAP_HEIGHT, shorten, text_width

WORD_SHARE = 0.42  # of the width, at most, for the words
BESIDE = 0.12
FULLNESS = 0.62  # of a line's height, for its bar


@dataclass(frozen=True)
class Candidate:
    """One line: a word (or what stands for all others), its probability, and this as a percentage."""

    word: str
    share: Reading
    percentage: Reading

    @property
    def percent(self) -> str:
        return f"{self.percentage.text}%"

    @property
    def run(self) -> Run:
        """The percentage, for captions."""
        return Run(self.percent, None, (self.percentage,))

    def __deepcopy__(self, memo: dict) -> Candidate:
        return self


def candidates_of(trace: Trace, name: str, row: int, others: str) -> tuple[Candidate, ...]:
    """The candidates of one row of the trace (`name`: "output" or "translation"); `others` names the last line.

    Where the candidates are the whole vocabulary, no others are left.
    """
    probabilities = trace["probabilities" if name == "output" else f"{name}.probabilities"]
    words, ids = probabilities.axis_labels("vocabulary") or (), trace[f"{name}.candidates"].values[row].astype(int)
    texts = [*(words[i] for i in ids), others]
    shares, percentages = trace[f"{name}.shares"], trace[f"{name}.percentages"]
    lines = range(shares.shape[-1])
    return tuple(Candidate(texts[line], shares.at(row, line), percentages.at(row, line)) for line in lines)


class Candidates(Painted):
    """Lines of word, bar and percentage. A whole bar is a probability of 1.

    words: all words that will ever stand in it, so that the bars keep their place; rest: the last line is not a word.
    State: `shares` (lines,), `ink` (how visible the texts are). When it shows other candidates, the old texts
    fade out and the new ones in, while the bars grow or shrink.
    """

    STATE: ClassVar[tuple[str, ...]] = ("shares", "ink")

    def __init__(self, lines: int, words: Sequence[str], box: Box, theme: Theme, *, rest: bool = True) -> None:
        self.theme, self.words, self.rest = theme, tuple(words), rest
        self.entries: tuple[Candidate, ...] = ()
        self.shares, self.ink = np.zeros(lines), np.zeros(1)
        super().__init__(box, theme.ink)

    # --- changes ----------------------------------------------------------------------------------------------------

    def show(self, entries: Sequence[Candidate], *, grown: bool = True) -> Candidates:
        """Take these words; their bars stand, or are still to grow."""
        self.entries, self.ink = tuple(entries), np.ones(1)
        return self.grow() if grown else self.flat()

    def grow(self) -> Candidates:
        """The bars have their length."""
        self.shares = np.array([entry.share.value for entry in self.entries])
        return self

    def flat(self) -> Candidates:
        """The bars have no length yet."""
        self.shares = np.zeros(len(self.shares))
        return self

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        if isinstance(start, Candidates) and isinstance(target, Candidates) and start.entries != target.entries:
            self.entries = target.entries if alpha >= 0.5 or not start.entries else start.entries
            self.ink = np.array([abs(2 * alpha - 1) if start.entries else alpha])

    # --- geometry ---------------------------------------------------------------------------------------------------

    @property
    def font(self) -> float:
        return self.theme.fitting(0.6 * self.pitch)

    @property
    def pitch(self) -> float:
        return self.box.height / len(self.shares)

    @property
    def longest(self) -> str:
        """A text as wide as the widest percentage."""
        decimals = self.entries[0].percentage.decimals if self.entries else 0
        return format_number(100, decimals) + "%"

    @property
    def start(self) -> float:
        """Where the bars begin."""
        widest = max(text_width(word, self.font) for word in self.words)
        return self.box.left + min(WORD_SHARE * self.box.width, widest) + BESIDE

    def line_box(self, line: int) -> Box:
        """One line, across."""
        top = self.box.top - line * self.pitch
        return Box(self.box.left, self.box.right, top - self.pitch, top)

    def bar_box(self, line: int) -> Box:
        """The bar of one line as it stands."""
        around, half = self.line_box(line), FULLNESS * self.pitch / 2
        room = self.box.right - text_width(self.longest, self.font) - BESIDE - self.start
        return Box(
            self.start, self.start + max(0.02, room * float(self.shares[line])), around.y - half, around.y + half
        )

    def word_box(self, line: int) -> Box:
        """Where the word of one line stands."""
        word, y, half = self._word(line), self.line_box(line).y, CAP_HEIGHT * self.font / 2
        right = self.start - BESIDE
        return Box(right - text_width(word, self.font), right, y - half, y + half)

    def _word(self, line: int) -> str:
        return shorten(self.entries[line].word, self.start - BESIDE - self.box.left + 1e-6, self.font)

    # --- painting ---------------------------------------------------------------------------------------------------

    def paint(self, brush: Brush) -> None:
        for line in range(len(self.shares)):
            bar = self.bar_box(line)
            gathered = self.rest and line == len(self.shares) - 1
            brush.rounded(bar.left, bar.bottom, bar.width, bar.height, min(0.06, bar.width / 2))
            brush.fill(self.theme.hue("mask" if gathered else "weights"), self.opacity * (0.7 if gathered else 1.0))
        brush.context.move_to(self.start, self.box.top)
        brush.context.line_to(self.start, self.box.bottom)
        brush.stroke(self.theme.quiet, 0.6 * self.opacity, 0.014)
        brush.write(self.printed())

    def printed(self) -> list[PrintedText]:
        texts = []
        for line, entry in enumerate(self.entries):
            gathered = self.rest and line == len(self.shares) - 1
            opacity = float(self.opacity * self.ink[0])
            place, percent = self.word_box(line), entry.percent
            colour = np.array(self.theme.quiet if gathered else self.theme.ink)
            texts.append(
                PrintedText(self._word(line), place, self.font, colour, None, structural=True, opacity=opacity)
            )
            left = self.bar_box(line).right + BESIDE
            box = Box(left, left + text_width(percent, self.font), place.bottom, place.top)
            texts.append(PrintedText(percent, box, self.font, colour, None, (entry.percentage,), opacity=opacity))
        return texts
