"""The causal mask. Position i sees 0…i only."""

from __future__ import annotations

import numpy as np
from manim import DOWN, FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from core.trace.mask_rows import look_ahead, tempted_pair, words_in
from scenes.causal_mask.eye import Eye
from scenes.causal_mask.writing import Writing
from scenes.shared.arc_diagram import ArcDiagram
from scenes.shared.mask_chapter import MaskChapter, row_tokens
from scenes.shared.mask_sum import MaskSum, chain_tokens, mask_legend, operator, softmax_arrow
from scenes.shared.masks import Veil, lay_over, masked_cells
from scenes.stage.chapter.caption import Fact, percent
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import gap_box, hand_over, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import HAIR, LABEL, SPACE, TIGHT, WIDE, Box

SLOW_LINES, SLOW_ROWS = 2, 2  # told one by one
FEW = 8  # tokens whose arcs need more height than their matrices
NO_WORD = "…"
EYE = (0.9, 0.52)
SYMBOLS = {"padding.mask": 'M_"pad"', "combined.causal.mask": 'M_"causal"'}  # where three masks stand together


class CausalMask(MaskChapter):
    """The decoder must guess the next word, so no query may look ahead: a triangle of −∞ over the scores."""

    def setup(self) -> None:
        super().setup()
        self.tokens = self.trace["causal.mask"].axis_labels("queries") or ()
        self.closed = masked_cells(self.trace["causal.mask"])
        self.words_there = words_in(self.trace)
        self.query, self.next_key = tempted_pair(self.trace)
        self.scores = self.square("scaled_scores").reveal()
        self.mask = self.right_square("causal.mask").reveal().veil(self.closed)
        self.weights = self.right_square("causal.weights").veil(self.closed)
        self.place_pairs(self.scores, self.mask, self.weights)

    def pair(self) -> dict[str, Fact]:
        """The query, the word it has to guess, and how much it looks there without a mask."""
        guess = Run(NO_WORD) if self.next_key is None else self.token("keys", self.next_key)
        return {"query": self.token("queries", self.query), "next": guess, "share": percent(look_ahead(self.trace))}

    # --- why --------------------------------------------------------------------------------------------------------

    @step
    def why(self) -> None:
        scores = self.square("scaled_scores").reveal()
        place_level([scores], STAGE)
        self.carry(scores)
        self.light("mask")
        self.say()
        self.play(FadeOut(scores))
        words = self.tokens[: self.words_there]
        self.writing = writing = Writing(words, self.query, STAGE.inset(left=TIGHT, right=TIGHT, top=TIGHT), self.theme)
        stairs = VGroup(*(slot.copy().set_opacity(self.theme.dim) for slot in writing.slots[SLOW_LINES:]))
        for number in range(min(SLOW_LINES, len(writing.lines))):
            self.write(number, *(() if number else stairs))
        others = [part for number in range(SLOW_LINES, len(writing.lines)) for part in writing.line(number)]
        if others:
            self.play(FadeOut(stairs, run_time=2.4), LaggedStart(*map(FadeIn, others), lag_ratio=0.3, run_time=2.4))
        self.say(**self.pair())
        if len(writing.beyond):
            self.play(LaggedStart(*map(FadeIn, writing.beyond), lag_ratio=0.1, run_time=1.4))
        if self.next_key is not None:
            line = writing.line_of(self.query)
            others = [chips for number, chips in enumerate(writing.known) if number != line]
            back = [chips.animate.set_opacity(self.theme.dim) for chips in others]
            self.play(*back, FadeIn(writing.slots[line]), run_time=0.6)

    def write(self, number: int, *coming: VMobject) -> None:
        """One line: what is known, an empty frame for what comes next, and the word that fills it; `coming`: frames of
        lines to come.
        """
        writing = self.writing
        slot, guess = writing.slots[number].copy(), writing.guessed[number]
        self.play(FadeIn(writing.known[number], slot, *coming), run_time=0.8)
        if guess is not None:
            self.play(FadeIn(guess, shift=SPACE * DOWN), FadeOut(slot), run_time=0.8)

    def line_box(self) -> Box:
        """The token line, large, in the middle of the stage, with room below for the eye."""
        width = min(STAGE.width, 2.1 * len(self.tokens))
        return Box(STAGE.x - width / 2, STAGE.x + width / 2, STAGE.bottom + EYE[1] + WIDE, STAGE.top - SPACE)

    def below(self, index: int, width: float, height: float) -> Box:
        """A box under one token of the line."""
        x, top = self.line.x_of(index), self.line.box.bottom - 0.2
        return Box(x - width / 2, x + width / 2, top - height, top)

    def guess_frame(self) -> VGroup:
        """A frame around the word to be guessed, and what it is."""
        if self.next_key is None:
            return VGroup()
        label = self.label("guess", LABEL, self.theme.hue("focus"))
        x = max(self.line.x_of(self.next_key), self.eye.box.right + 0.2 + label.width / 2)
        label.move_to([min(x, STAGE.right - label.width / 2), self.eye.box.y, 0])
        return VGroup(Frame(self.line.focus_box(self.next_key), self.theme), label)

    @step
    def cheating(self) -> None:
        future, known = range(self.query + 1, self.words_there), range(self.query + 1)
        self.say(**self.pair())
        self.play(self.leaving())
        self.line = ArcDiagram(self.tokens, self.line_box(), self.theme)
        self.eye = Eye(self.below(self.query, *EYE), self.theme)
        self.guess = self.guess_frame()
        self.play(FadeIn(self.line, self.eye, self.guess), run_time=0.6)
        self.play(self.line.animate.only(self.query, known))
        self.play(
            self.eye.animate.towards(1.0), self.line.animate.looking(self.query, future).lit(*future), run_time=1.4
        )
        self.say(**self.pair())
        self.play(self.line.animate.severed(self.query, future), run_time=1.4)
        self.play(self.eye.animate.towards(-1.0))

    # --- the triangle -----------------------------------------------------------------------------------------------

    @step
    def triangle(self) -> None:
        self.big = self.matrix("causal.mask", tokens="rows", tag="right")
        place = self.place_under_line()
        self.say()
        self.play(FadeOut(self.eye, self.guess), self.line.animate.cleared())
        self.play(self.line.animate.set_box(place).over_columns(), run_time=0.8)
        self.play(FadeIn(self.big), run_time=0.6)
        for query in range(len(self.tokens)):
            self.know(query)
        self.play(self.line.animate.all_seen(~self.closed), row_tokens(self.big).animate.light_up())
        self.say(last=self.token("queries", self.words_there - 1))

    def place_under_line(self) -> Box:
        """The mask stands under the token line, each column under its token. Returns the box of the line."""
        count = len(self.tokens)
        place_level([self.big], STAGE)
        height = float(np.clip(0.4 * count, 0.6, 0.56 * STAGE.height))
        line_height = min(STAGE.height - height - 0.3, 0.9 + 0.35 * count)
        bottom = STAGE.y - (height + line_height) / 2
        top = bottom + height
        for _ in range(2):  # rows of another height may have names of another width
            left, right = self.big.box.left - self.big.whole.left, self.big.whole.right - self.big.box.right
            width = min(STAGE.width - left - right, 1.5 * count)
            x = STAGE.x + (left - right) / 2
            self.big.place(Box(x - width / 2, x + width / 2, bottom, top))
        return Box(x - width / 2, x + width / 2, top + 0.12, top + line_height)

    def know(self, query: int) -> None:
        """One row of the triangle: arcs to what is known so far, 0 there; −∞ at all that is still to come."""
        slow = query < SLOW_ROWS
        known, future = slice(0, query + 1), slice(query + 1, None)
        self.play(
            self.line.animate.only(query, range(query + 1)),
            self.big.animate.reveal(rows=query, columns=known),
            row_tokens(self.big).animate.spotlight(query),
            run_time=0.8 if slow else 0.4,
        )
        if query + 1 < len(self.tokens):
            drawn = self.closed & (np.arange(len(self.closed)) <= query)[:, None]
            change = self.big.animate.reveal(rows=query, columns=future).veil(drawn)
            self.play(change, run_time=0.6 if slow else 0.4)

    # --- applied ----------------------------------------------------------------------------------------------------

    @step
    def applied(self) -> None:
        self.say()
        self.play(FadeOut(self.line))
        hand_over(self, [(self.big, self.mask)], self.scores)
        lay_over(self, self.mask, self.scores, self.trace["causal.masked_scores"])

    @step
    def renormalised(self) -> None:
        self.say()
        self.sums = self.sums_of("causal.row_sums", self.weights)
        self.shares(self.scores, self.weights, self.mask, then=self.sums)
        self.say(first=self.token("queries", 0), one=percent(self.trace["causal.weights"].at(0, 0)))
        self.show_row(0, self.weights, seconds=0.8)

    @step
    def without(self) -> None:
        self.say(**self.pair())
        self.compare(self.scores, "causal.unmasked_weights", self.weights)
        self.show_row(self.query, self.left, self.weights, seconds=1.0)

    # --- both masks -------------------------------------------------------------------------------------------------

    @step
    def combined(self) -> None:
        names = ("padding.mask", "combined.causal.mask", "combined.mask", "combined.weights")
        tokens = chain_tokens(self.trace[names[0]])
        four = [
            self.square(*part, symbol=SYMBOLS.get(part[0])) for part in zip(names, tokens, ["top"] * 4, strict=True)
        ]
        padding, causal, both, weights = four
        key = mask_legend(self)
        self.place_four(four, key)
        veils = [self.veil_of(padding), self.veil_of(causal, leftwards=True)]
        signs = [operator("+", gap_box(padding, causal), self.theme), operator("=", gap_box(causal, both), self.theme)]
        labels = [self.named(*pair) for pair in zip(("padding", "causal", "both", "weights"), four, strict=True)]
        self.say()
        self.play(FadeOut(self.left, self.weights, self.names, self.sums))
        parts = [(padding.reveal(), veils[0], labels[0]), (signs[0], causal.reveal(), veils[1], labels[1])]
        parts.append((signs[1], both, labels[2], key))
        self.play(LaggedStart(*(FadeIn(*part) for part in parts), lag_ratio=0.4, run_time=1.4))
        laid = self.lay_both(veils, both)
        arrow = softmax_arrow(gap_box(both, weights), self.theme, self.words("plus_scores"))
        self.play(FadeIn(weights.veil(masked_cells(both.tensor)), arrow, labels[3]))
        self.play(CellWave(weights, Matrix.reveal, run_time=1.2))
        self.four = VGroup(*four, *veils, *laid, *signs, *labels, arrow, key)

    def place_four(self, four: list[Matrix], key: VGroup) -> None:
        """In the table, and under their names what open and hatched cells mean."""
        for matrix in four:
            matrix.with_small_tag()
        key.move_to([STAGE.x, STAGE.bottom + key.height / 2, 0])
        place_level(four, self.table_box.inset(bottom=key.height + TIGHT), (0.5, 0.5, 1.3), equal=False)

    def veil_of(self, matrix: Matrix, *, leftwards: bool = False) -> Veil:
        return Veil(masked_cells(matrix.tensor), matrix.box, self.theme, leftwards=leftwards)

    def lay_both(self, veils: list[Veil], target: Matrix) -> list[Veil]:
        """Copies of both hatchings slide over one matrix; then its numbers appear."""
        copies = [veil.copy() for veil in veils]
        self.add(*copies)
        self.play(LaggedStart(*(veil.animate.set_box(target.box) for veil in copies), lag_ratio=0.4, run_time=1.8))
        self.play(CellWave(target, Matrix.reveal, run_time=1.0))
        self.add(*copies)
        return copies

    # --- the whole picture ------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        small = len(self.tokens) <= FEW
        key = mask_legend(self)
        heights = (2.3, 3.0, key.height + HAIR) if small else (1.9, 3.4, key.height + HAIR)
        above, below, foot = STAGE.rows(*heights, gap=TIGHT)
        self.say()
        names = ("scaled_scores", "causal.mask", "causal.masked_scores", "causal.weights")
        chain = MaskSum(self, names, below, turned=False)
        width = min(above.width, 2.1 * len(self.tokens))
        place = Box(above.x - width / 2, above.x + width / 2, above.bottom, above.top)
        line = ArcDiagram(self.tokens, place, self.theme)
        self.play(FadeOut(*self.four))
        self.play(FadeIn(line, chain), run_time=0.8)
        self.play(line.animate.as_weights(self.trace["causal.weights"].values), run_time=1.6)
        self.play(FadeIn(key.move_to(foot.centre)))
