"""A sentence above, what a model writes of it below, and who looks at whom between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import VGroup

from core.trace.translation import words_told
from scenes.shared.strands import Course, hanging
from scenes.shared.word_arcs import BROAD, THIN, UNSEEN
from scenes.shared.word_line import WordLine, in_line
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SAFE, SPACE, Box
from scenes.stage.paint.typography import shorten

BLANK = "oooo"  # as wide as a word that is not yet known
FAINT = 0.22
SHADOW = 0.9  # how clear a strand of all the weight is


class TwoLines:
    """The lines in `box`, one at its top, the other at its bottom, and the course of the strands between them.

    unknown: the words below are blanks, all alike.
    """

    def __init__(self, chapter: Chapter, box: Box, *, unknown: bool = False) -> None:
        self.chapter, self.theme = chapter, chapter.theme
        trace = chapter.trace
        words = trace["translation.token_ids"].axis_labels("steps") or ()
        self.said = words[: words_told(words)]
        self.looks = trace["translation.looks"].values[: len(self.said)]  # (steps, keys)
        self.words = trace["translation.looks"].axis_labels("keys") or ()
        glossed = self._gloss_room()
        self.above = in_line(self.words, box.inset(top=glossed), self.theme)
        blanks = [BLANK] * len(self.said) if unknown else self.said
        below = in_line(blanks, box, self.theme, self.said)
        low = box.bottom + glossed + below.extent.height
        self.below = in_line(blanks, _under(box, low), self.theme, self.said)
        self.source = WordLine(self.words, self.above, self.theme, hue="k")
        self.target = WordLine(self.said, self.below, self.theme, hue="q")

    # --- what the words mean ------------------------------------------------------------------------------------

    def _gloss(self, word: str) -> str:
        return self.chapter.example.gloss(word, self.chapter.settings.language)

    def _gloss_room(self) -> float:
        return SPACE + self.theme.size(LABEL) if any(map(self._gloss, (*self.words, *self.said))) else 0.0

    def glosses(self, side: str) -> VGroup:
        """What the words of "source" or "target" mean, above or below them."""
        words, places = (self.words, self.above) if side == "source" else (self.said, self.below)
        if places.hanging:
            return VGroup()
        away = 1 if side == "source" else -1
        pairs = ((self._gloss(word), box) for word, box in zip(words, places.boxes, strict=True))
        return VGroup(*(self._under_word(text, box, away) for text, box in pairs if text))

    def _under_word(self, text: str, box: Box, away: int) -> Label:
        size = self.theme.size(LABEL)
        label = Label(shorten(text, box.width + GAP, size), size, self.theme.quiet, structural=True)
        x = min(max(box.x, SAFE.left + label.width / 2), SAFE.right - label.width / 2)
        return label.move_to([x, box.y + away * (box.height / 2 + HAIR + size / 2), 0])

    # --- strands ------------------------------------------------------------------------------------------------

    def unknown_looks(self) -> Course:
        """Nobody knows as yet which word matters for which: all strands are faint."""
        return self._course(np.full_like(self.looks, THIN), np.full_like(self.looks, FAINT))

    def true_looks(self) -> Course:
        """Each strand as broad and bright as the attention that a word said gave to a word above."""
        light = np.where(self.looks > UNSEEN, SHADOW * self.looks**0.5, 0.0)
        return self._course(THIN + BROAD * self.looks, light)

    def strands_of(self, step: int) -> Sequence[int]:
        """Which strands come from a word said."""
        return range(step, self.looks.size, len(self.said))

    def _course(self, widths: np.ndarray, light: np.ndarray) -> Course:
        starts = [(box.x, box.bottom) for box in self.above.boxes]
        ends = [(box.x, box.top) for box in self.below.boxes]
        tints = np.array([[self.theme.hue("weights"), self.theme.hue("q")]] * widths.size)
        return Course(hanging(starts, ends), widths.T.ravel(), light.T.ravel(), tints)


def _under(box: Box, top: float) -> Box:
    return Box(box.left, box.right, min(box.bottom, top), top)
