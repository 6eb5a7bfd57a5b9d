"""The pipeline of attention as one picture: the example's matrices in the order of the formula, joined by strands.

The rows of X, Q, the scores, A and Z are level; Kᵀ stands above the scores and V above Z, as in a table of products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.shared.strands import Course, curve
from scenes.shared.word_line import LONGEST_BESIDE, Places, beside_rows
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import Formula, formula
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SMALL, SPACE, STAGE, TEXT, TIGHT, Box, layout_now
from scenes.stage.paint.typography import text_width


@dataclass(frozen=True)
class Part:
    """A matrix of the pipeline: its tensor, hue and formula; wide: how wide beside the others, above: over the rows."""

    tensor: str
    hue: str
    symbol: str
    wide: float
    above: bool = False


PARTS = {
    "x": Part("x", "x", "X", 1.0),
    "q": Part("q", "q", "Q", 1.0),
    "k": Part("k_transposed", "k", "K^top", 1.8, above=True),
    "scores": Part("scaled_scores", "scores", "Q K^top slash sqrt(d_k)", 1.8),
    "weights": Part("weights", "weights", "A", 1.8),
    "v": Part("v", "v", "V", 1.0, above=True),
    "context": Part("context", "output", "Z", 1.0),
}
LEVEL = ("x", "q", "scores", "weights", "context")
OVER = {"k": "scores", "v": "context"}
LAST = "v"  # has its name on the inner side
JOINED = (
    ("x", "q", "q"),
    ("x", "k", "k"),
    ("x", "v", "v"),
    ("k", "scores", "k"),
    ("q", "scores", "q"),
    ("scores", "weights", "scores"),
    ("v", "context", "v"),
    ("weights", "context", "weights"),
)  # from, to, hue
BETWEEN = 0.62  # from matrix to matrix
BETWEEN_SHARE = 0.06  # of the width, at most
WIDEST = 1.35  # of a part whose width is 1
ARCS, ABOVE, ROWS = 0.14, 0.23, 0.55  # of the height: over the upper matrices, these, the rows; the rest lies between
SIGN = 1.7  # height of the tallest formula with what is above it, in font sizes
THICKNESS, LIGHT = 0.018, 0.6
RISE = 1.5  # how high strands rise to the upper matrices, by the height these have


class Pipeline:
    """The matrices of the trace, placed in `box`, with their names; named: each has a word below that says what it
    does. words: where the sentence stands beside the rows.
    """

    def __init__(self, chapter: Chapter, tokens: Sequence[str], box: Box, *, named: bool = False) -> None:
        self.chapter, self.theme, self.tokens = chapter, chapter.theme, tokens
        trace = chapter.trace
        self.parts = {
            name: Matrix(trace[part.tensor], part.hue, chapter.theme).reveal().as_heat().without_slots()
            for name, part in PARTS.items()
        }
        self.foot = SIGN * chapter.theme.size(TEXT) + (chapter.theme.size(LABEL) + TIGHT if named else SPACE)
        self._place(box)
        self.names = {name: self._name(name, named) for name in PARTS}
        self.words: Places = beside_rows(tokens, self._rows(), self.parts["x"].box.left - SPACE, chapter.theme)

    # --- layout -------------------------------------------------------------------------------------------------

    def _place(self, box: Box) -> None:
        size = self.theme.size(LABEL if layout_now().is_narrow else SMALL)
        words = min(LONGEST_BESIDE, max(text_width(t, size) for t in self.tokens) + GAP) + SPACE
        between = min(BETWEEN, BETWEEN_SHARE * box.width)
        free = box.width - words - between * (len(LEVEL) - 1)
        unit = min(WIDEST, free / sum(PARTS[name].wide for name in LEVEL))
        rows = Box(0, 0, box.bottom + self.foot, box.bottom + self.foot + ROWS * (box.height - self.foot))
        top = box.top - ARCS * (box.height - self.foot)
        over = (top - ABOVE * (box.height - self.foot), top)
        taken = words + between * (len(LEVEL) - 1) + unit * sum(PARTS[name].wide for name in LEVEL)
        x = box.x - taken / 2 + words
        for name in LEVEL:
            width = unit * PARTS[name].wide
            self.parts[name].place(Box(x, x + width, rows.bottom, rows.top))
            x += width + between
        for name, below in OVER.items():
            place = self.parts[below].box
            self.parts[name].place(Box(place.left, place.right, *over))

    def _rows(self) -> list[Box]:
        return [self.parts["x"].row_box(row) for row in range(len(self.tokens))]

    def _name(self, name: str, named: bool) -> VGroup:
        """The formula of a matrix, and the word for what it does, below it; of the upper ones beside them."""
        part, box = PARTS[name], self.parts[name].box
        sign: Formula = formula(part.symbol, self.theme.hue(part.hue), self.theme.size(TEXT))
        word = self.chapter.label(f"part_{name}", LABEL, self.theme.ink) if named else VGroup()
        if part.above:
            return _beside(VGroup(sign, word) if named else VGroup(sign), box, left=name == LAST)
        sign.move_to([box.x, box.bottom - TIGHT - sign.height / 2, 0])
        if named:
            half, room = word.width / 2, STAGE.now
            x = min(max(box.x, room.left + half), room.right - half)
            word.move_to([x, box.bottom - self.foot + word.height / 2 + HAIR, 0])
        return VGroup(sign, word)

    @property
    def everything(self) -> VGroup:
        """All matrices and their names."""
        return VGroup(*self.parts.values(), *self.names.values())

    # --- strands ------------------------------------------------------------------------------------------------

    def course(self) -> Course:
        """The strands between the matrices, as many between each two as there are words."""
        return joined([self.between(*ends) for ends in JOINED])

    def between(self, first: str, last: str, hue: str) -> Course:
        """The strands from one matrix to another."""
        source, target = self.parts[first].box, self.parts[last].box
        shares = (np.arange(len(self.tokens)) + 0.5) / len(self.tokens)
        if first == "x" and PARTS[last].above:
            points = [self._over(source, target, share) for share in shares]
        elif PARTS[first].above:
            points = [_down(source, target, share) for share in shares]
        else:
            points = [_level(source, target, share) for share in shares]
        count = len(points)
        tints = np.array([[self.theme.hue(PARTS[first].hue), self.theme.hue(hue)]] * count)
        return Course(np.array(points), np.full(count, THICKNESS), np.full(count, LIGHT), tints)

    def _over(self, source: Box, target: Box, share: float) -> np.ndarray:
        """From the top of X in an arc down on a matrix above the rows."""
        start = (source.left + share * source.width, source.top + HAIR)
        end = (target.left + share * target.width, target.top + HAIR)
        return curve(start, end, (0, RISE * target.height), (-BETWEEN, ARCS / ABOVE * target.height))


def _beside(name: VGroup, box: Box, *, left: bool) -> VGroup:
    """A formula with its word below it, level with the top of a matrix, to its right or left."""
    name.arrange(DOWN, buff=SPACE, aligned_edge=RIGHT if left else LEFT)
    x = box.left - SPACE - name.width / 2 if left else box.right + SPACE + name.width / 2
    return name.move_to([x, box.top - name.height / 2, 0])


def _level(source: Box, target: Box, share: float) -> np.ndarray:
    y, half = source.top - share * source.height, (target.left - source.right) / 2
    return curve((source.right + HAIR, y), (target.left - HAIR, y), (half, 0), (-half, 0))


def _down(source: Box, target: Box, share: float) -> np.ndarray:
    x = source.left + share * source.width
    return curve((x, source.bottom - HAIR), (x, target.top + HAIR), (0, -HAIR), (0, HAIR))


def joined(courses: Sequence[Course]) -> Course:
    """All strands of several courses."""
    return Course(
        np.concatenate([course.points for course in courses]),
        np.concatenate([course.widths for course in courses]),
        np.concatenate([course.light for course in courses]),
        np.concatenate([course.tints for course in courses]),
    )
