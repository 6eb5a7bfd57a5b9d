"""The ribbons of an alignment: from the words of the source above down to the words said below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted
from scenes.stage.paint.theme import Theme

THICKEST = 0.5
FULLNESS = 0.92  # of a word's width, for the ribbons that leave it or come to it
FAINTEST, CLEAREST = 0.1, 0.82
SEAM = 0.016
FINEST = 0.004


class AlignmentRibbons(Painted):
    """One ribbon for each word said and each source word, as thick at both ends as the weight between them.

    Those that leave one source word lie side by side in the order of the words said, those that come to one word in
    the order of the source, so that ribbons cross only where the languages order their words differently.
    State: `levels` (2,) where they leave and arrive; `drawn`, `light` (words said,) how far they have come and how
    clearly they show.
    """

    STATE: ClassVar[tuple[str, ...]] = ("levels", "drawn", "light")

    def __init__(
        self,
        weights: np.ndarray,
        sources: Sequence[Box],
        targets: Sequence[Box],
        top: float,
        bottom: float,
        theme: Theme,
    ) -> None:
        self.theme = theme
        self.weights = np.asarray(weights, dtype=float)  # (words said, source words)
        leaving = np.array([box.width for box in sources]) / np.maximum(self.weights.sum(axis=0), 1e-9)
        self.unit = float(min(THICKEST, FULLNESS * leaving.min(), FULLNESS * min(box.width for box in targets)))
        self.starts = np.array([box.x for box in sources]) + self._offsets(self.weights, axis=0)
        self.ends = np.array([box.x for box in targets])[:, None] + self._offsets(self.weights, axis=1)
        self.levels = np.array([top, bottom], dtype=float)
        self.drawn, self.light = np.zeros(len(self.weights)), np.ones(len(self.weights))
        super().__init__(Box(sources[0].left, sources[-1].right, bottom, top), theme.ink)

    def _offsets(self, weights: np.ndarray, axis: int) -> np.ndarray:
        """How far from the middle of its word each ribbon lies when they lie side by side."""
        past: np.ndarray = np.cumsum(weights, axis=axis) - weights / 2 - weights.sum(axis=axis, keepdims=True) / 2
        return past * self.unit

    # --- changes ----------------------------------------------------------------------------------------------------

    def draw(self, *words: int) -> AlignmentRibbons:
        """Let the ribbons of these words (all, if none are named) run the whole way."""
        self.drawn = self.drawn.copy()
        self.drawn[list(words) if words else slice(None)] = 1.0
        return self

    def spotlight(self, words: Iterable[int], others: float = 0.3) -> AlignmentRibbons:
        """Show the ribbons of these words clearly, the others faintly."""
        self.light = np.full(len(self.weights), others)
        self.light[list(words)] = 1.0
        return self

    def light_up(self, light: float = 1.0) -> AlignmentRibbons:
        """Show all alike."""
        self.light = np.full(len(self.weights), light)
        return self

    def run_between(self, top: float, bottom: float) -> AlignmentRibbons:
        """From this height to that."""
        self.levels = np.array([top, bottom], dtype=float)
        return self

    # --- painting ---------------------------------------------------------------------------------------------------

    def paint(self, brush: Brush) -> None:
        for word in np.argsort(self.light, kind="stable"):
            if self.drawn[word] > 0 and self.light[word] > 0:
                self._paint_word(brush, int(word))

    def _paint_word(self, brush: Brush, word: int) -> None:
        """The ribbons of one word said, the broadest last, as far as they have come."""
        top, bottom = (float(level) for level in self.levels)
        reach = top - (top - bottom) * float(self.drawn[word])
        left, right = self.box.left - 2, self.box.right + 2
        context = brush.context
        context.save()
        context.rectangle(left, reach, right - left, top - reach)
        context.clip()
        for key in np.argsort(self.weights[word], kind="stable"):
            if self.weights[word, key] * self.unit >= FINEST:
                self._paint_ribbon(brush, word, int(key), top, bottom)
        context.restore()

    def _paint_ribbon(self, brush: Brush, word: int, key: int, top: float, bottom: float) -> None:
        weight, theme = float(self.weights[word, key]), self.theme
        start, end, half = self.starts[word, key], self.ends[word, key], weight * self.unit / 2
        middle, light = (top + bottom) / 2, self.opacity * float(self.light[word])
        context = brush.context
        context.move_to(start - half, top)
        context.curve_to(start - half, middle, end - half, middle, end - half, bottom)
        context.line_to(end + half, bottom)
        context.curve_to(end + half, middle, start + half, middle, start + half, top)
        context.close_path()
        outline = context.copy_path()
        ends = ((0.0, top), (0.0, bottom))
        strength = FAINTEST + (CLEAREST - FAINTEST) * weight**0.7
        brush.fill_blend((theme.hue("k"), theme.hue("q")), ends, light * strength)
        if half > SEAM:
            context.append_path(outline)
            brush.stroke(theme.background, 0.6 * light, SEAM)
