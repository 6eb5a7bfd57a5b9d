"""scores + mask = masked scores → weights: four matrices in a row with their operators, and what their colours mean."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, Arrow, VGroup

from core.trace import Tensor
from scenes.shared.masks import masked_cells
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.legend import Swatch, legend, weight_entry
from scenes.stage.matrix.level import gap_box, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import HAIR, LABEL, SMALL, SPACE, STAGE, TITLE, Box
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import text_width

MOST_TURNED = 12
LONG_ARROW = 3  # width to height of the room in which it runs down
UPRIGHT = 2.1  # room for the tokens over one of four matrices
SYMBOLS = {"scaled_scores": "Q K^top slash sqrt(d_k)", "masked_scores": "Q K^top slash sqrt(d_k) + M"}


def symbol_in_line(name: str) -> str | None:
    """The symbol of a tensor on one line, where a fraction would be too tall; None: its usual one."""
    return SYMBOLS.get(name.rpartition(".")[2])


def chain_tokens(first: Tensor, *, turned: bool = True) -> tuple[str, ...]:
    """Where the tokens stand around four matrices in a row: over the columns too, unless these are too narrow.

    turned: whether tokens may stand turned; if not, only those that fit upright stand over the columns.
    """
    widest = max(text_width(token, SMALL.value) for token in first.axis_labels("keys") or ("",))
    fits = first.shape[-1] <= MOST_TURNED if turned else widest * first.shape[-1] < UPRIGHT
    one, others = ("both", "columns") if fits else ("rows", "")
    return (one, others, one if STAGE.is_tall else others, others)


class MaskSum(VGroup):
    """scores + mask = masked scores, softmax → weights: four matrices in a row with their operators."""

    GAPS = (0.42, 0.42, 1.15)

    def __init__(self, chapter: Chapter, names: Sequence[str], box: Box, *, turned: bool = True) -> None:
        super().__init__()
        sides = chain_tokens(chapter.trace[names[0]], turned=turned)
        self.matrices = [_part(chapter, name, tokens) for name, tokens in zip(names, sides, strict=True)]
        self.scores, self.mask, self.masked, self.weights = self.matrices
        closed = masked_cells(chapter.trace[names[1]])
        for matrix in self.matrices[1:]:
            matrix.veil(closed)
        place_level(self.matrices, box, self.GAPS, equal=False)
        theme = chapter.theme
        self.operators = VGroup(
            *(
                operator(sign, gap_box(a, b), theme)
                for sign, a, b in zip("+=", self.matrices[:2], self.matrices[1:3], strict=True)
            )
        )
        self.operators.add(softmax_arrow(gap_box(self.masked, self.weights), theme))
        self.add(*self.matrices, self.operators)


def _part(chapter: Chapter, name: str, tokens: str) -> Matrix:
    return chapter.matrix(name, tokens=tokens, tag="top", symbol=symbol_in_line(name)).reveal().with_small_tag()


def operator(sign: str, box: Box, theme: Theme) -> Label:
    """A sign between two matrices."""
    label = Label(sign, theme.size(TITLE), theme.ink)
    return label.move_to(box.centre)


def softmax_arrow(box: Box, theme: Theme, first: str = "") -> VGroup:
    """An arrow through `box`, named softmax; `first` says above it what comes before the softmax."""
    name = Label("softmax", theme.size(LABEL), theme.ink)
    if box.width > LONG_ARROW * box.height:  # between what stands one above the other
        return _arrow_down(box, name, theme, first)
    ends = [box.x - 0.36, box.y, 0], [box.x + 0.36, box.y, 0]
    arrow = Arrow(*ends, buff=0, stroke_width=2.5, tip_length=0.13, color=hexadecimal(theme.quiet))
    group = VGroup(arrow, name.move_to([box.x, box.y + 0.22, 0]))
    return group.add(Label(first, theme.size(LABEL), theme.ink).move_to([box.x, box.y + 0.52, 0])) if first else group


def _arrow_down(box: Box, name: Label, theme: Theme, first: str) -> VGroup:
    """An arrow down through `box`, what it is beside it."""
    ends = [box.x, box.top - HAIR, 0], [box.x, box.bottom + HAIR, 0]
    arrow = Arrow(*ends, buff=0, stroke_width=2.5, tip_length=0.13, color=hexadecimal(theme.quiet))
    before = [Label(first, theme.size(LABEL), theme.ink)] if first else []
    return VGroup(arrow, VGroup(*before, name).arrange(RIGHT, buff=SPACE).next_to(arrow, RIGHT, buff=SPACE))


def mask_legend(chapter: Chapter) -> VGroup:
    """What open and hatched cells mean, and the ramp of the weights."""
    theme = chapter.theme
    entries = [
        (Swatch(theme, masked=masked), chapter.label(key, SMALL)) for key, masked in (("may", False), ("may_not", True))
    ]
    axes = VGroup(*(Label(text, theme.size(SMALL), theme.quiet) for text in chapter.axes_texts("queries", "keys")))
    axes.arrange(RIGHT, buff=0.3)
    whole = legend((axes,), *entries, weight_entry(chapter.label("weight", SMALL), theme))
    return shrink(whole, STAGE.width, theme, SMALL)
