"""Tokens and vectors. A sentence is a matrix, one row a token."""

from __future__ import annotations

from itertools import pairwise

from manim import (
    LEFT,
    RIGHT,
    Create,
    FadeIn,
    FadeOut,
    LaggedStart,
    Line,
    VGroup,
)

from core.model.special_tokens import PAD
from scenes.stage.chapter.caption import Fact
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.chips import Chip
from scenes.stage.matrix.flight import fly_rows
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import GAP, LABEL, TEXT, TITLE, WIDE, Box, Type, layout_now
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.threads import Follow
from scenes.stage.paint.typography import text_width
from scenes.tokens.arrangement import Arrangement
from scenes.tokens.lookup import LookUp, fan
from scenes.tokens.sentence import chip_boxes, font_for, place_as_text, text_boxes

FORMULA = "{{ X : x }} = {{ E : table }} thin bracket.l {{ t : ids }} bracket.r"
SPREAD = 2.4  # at most, how much farther apart tokens and vocabulary stand while E is not yet there
LARGE, TALL = 1.3, 0.9  # the largest cells of a matrix that stands alone
SIGN = 0.7  # room for a + or =


class Tokens(Chapter):
    """Sentence, tokens, ids, rows of the embedding matrix, and X."""

    formula = FORMULA

    def setup(self) -> None:
        if self.example.positions:
            self.formula = FORMULA + " {{ + P : positions }}"
        super().setup()
        self.chips = [self.chip(token) for token in self.example.tokens]
        self.filling = [self.chip(token) for token in self.example.rows[len(self.chips) :]]
        self.area = STAGE.inset(top=0.62, bottom=0.12)

    def chip(self, token: str) -> Chip:
        return Chip(token, self.theme, quiet=token == PAD)

    # --- words ------------------------------------------------------------------------------------------------------

    @step
    def cut(self) -> None:
        tokens, box = self.example.tokens, STAGE.inset(left=WIDE, right=WIDE)
        font = max(
            font_for(tokens, box, 2, self.theme), min(self.theme.size(TEXT), font_for(tokens, box, 3, self.theme))
        )
        words, places = text_boxes(tokens, font, box), chip_boxes(tokens, font, box)
        self.carry(*(chip.place(word, font, 0.0) for chip, word in zip(self.chips, words, strict=True)))
        self.say()
        cuts = self.cuts(words, font)
        if len(cuts):
            self.play(LaggedStart(*(Create(line) for line in cuts), lag_ratio=0.3), run_time=0.8 + 0.18 * len(cuts))
        moves = [c.animate.place(b, font) for c, b in zip(self.chips, places, strict=True)]
        self.play(FadeOut(cuts), *moves, run_time=1.2)

    def cuts(self, boxes: list[Box], font: float) -> VGroup:
        """A stroke between each two neighbours on a line."""
        neighbours = [(a, b) for a, b in pairwise(boxes) if abs(a.y - b.y) < 0.01]
        places = [((a.right + b.left) / 2, a.y) for a, b in neighbours]
        colour = hexadecimal(self.theme.hue("focus"))
        lines = [
            Line([x, y + 0.8 * font, 0], [x, y - 0.8 * font, 0], color=colour, stroke_width=2.5) for x, y in places
        ]
        return VGroup(*lines)

    # --- ids and rows -----------------------------------------------------------------------------------------------

    @step
    def ids(self) -> None:
        self.say()
        self.begin_look_up()
        lookup = self.lookup
        self.beside_x = lookup.arranged(self.area, [self.fetched])
        plan = lookup.arranged(self.area, [], [self.beside_x.limit])
        free = self.area.width - (plan.vocabulary.right - plan.chips[0].left)
        self.aside = (self.area.x - (plan.chips[0].left + plan.vocabulary.right) / 2) * RIGHT
        self.spread = min(SPREAD, free / 2)
        places = [box.shifted(self.aside[0] - self.spread) for box in plan.chips]
        words = len(self.chips) - len(self.filling)
        for chip, box in zip(self.filling, places[words:], strict=True):
            chip.place(box, plan.chip_font)
        moves = [c.animate.place(b, plan.chip_font) for c, b in zip(self.chips[:words], places[:words], strict=True)]
        self.play(*moves, *(FadeIn(chip) for chip in self.filling), run_time=1.0)
        self.write_apart(plan)
        self.play(FadeIn(lookup.vocabulary, self.names[-1]), run_time=0.8)
        self.light("ids")
        self.say(**self.named())
        self.play(lookup.vocabulary.animate.spotlight(lookup.row_ids[self.row]), FadeIn(self.names[0], self.names[1]))
        self.play(lookup.found(self.row, self.links), run_time=1.2)
        rest = [lookup.found(row, self.links) for row in range(len(self.chips)) if row != self.row]
        lit = lookup.vocabulary.animate.spotlight(*lookup.row_ids)
        found = [LaggedStart(*rest, lag_ratio=0.4)] if rest else []
        self.play(lit, *found, run_time=0.8 + 0.2 * len(rest))

    def begin_look_up(self) -> None:
        """The parts of the look-up, and the rows that are fetched: those of X, unless positions are to be added."""
        asking = self.trace.telling_pair()[0]
        self.row = asking if asking < len(self.example.tokens) else 0
        self.chips = [*self.chips, *self.filling]
        self.lookup = LookUp(self, self.chips, self.area)
        self.x = self.matrix("x", tokens="rows")
        self.fetched = self.matrix("embedded", symbol="E_t", tokens="rows") if self.example.positions else self.x
        if layout_now().is_narrow:
            for matrix in dict.fromkeys((self.x, self.fetched)):
                matrix.without_axes()

    def write_apart(self, plan: Arrangement) -> None:
        """Ids and vocabulary while E is not yet there: farther apart, in the middle of the stage."""
        lookup = self.lookup
        lookup.vocabulary.place(plan.vocabulary.right, plan.vocabulary, plan.word_font)
        numbers, self.names = lookup.write_ids(plan), lookup.headings(plan)
        VGroup(numbers, *self.names[:2]).shift(self.aside + self.spread * LEFT)
        VGroup(lookup.vocabulary, self.names[2]).shift(self.aside + self.spread * RIGHT)
        self.links = lookup.id_threads()

    def named(self) -> dict[str, Fact]:
        """The token that is followed closely, and its id."""
        token = Run(self.chips[self.row].text, self.theme.hue("x"))
        return {"token": token, "id": self.trace["token_ids"].at(self.row)}

    @step
    def table_of_rows(self) -> None:
        lookup = self.lookup
        self.say(width=lookup.table.columns)
        known = VGroup(*self.chips, lookup.numbers, *self.names[:2])
        self.play(
            known.animate.shift(self.spread * RIGHT - self.aside),
            VGroup(lookup.vocabulary, self.names[2]).animate.shift(self.spread * LEFT - self.aside),
            Follow(self.links),
            run_time=1.2,
        )
        self.light("table")
        self.play(FadeIn(lookup.table), run_time=0.6)
        self.play(CellWave(lookup.table, Matrix.reveal, order="columns", run_time=1.4))

    @step
    def look_up(self) -> None:
        table, vocabulary, row_ids = self.lookup.table, self.lookup.vocabulary, self.lookup.row_ids
        token_id = row_ids[self.row]
        self.say(**self.named())
        self.play(*self.lookup.go(self.beside_x, self.names, self.links), run_time=1.2)
        frame = Frame(table.row_box(token_id), self.theme)
        lit = (table.animate.spotlight(rows=token_id), vocabulary.animate.spotlight(token_id))
        self.play(FadeIn(self.fetched, frame), *lit, run_time=0.8)
        fly_rows(self, table, self.fetched, [(token_id, self.row)], run_time=1.4)
        self.say()
        self.play(FadeOut(frame), table.animate.light_up(), vocabulary.animate.spotlight(*row_ids))
        pairs = [(token_id, row) for row, token_id in enumerate(row_ids) if row != self.row]
        if pairs:
            fly_rows(self, table, self.fetched, pairs, run_time=min(3.0, 1.2 + 0.15 * len(pairs)))
        self.fetches = self.lookup.row_threads(self.fetched)
        self.play(Create(self.fetches), run_time=1.0)

    # --- the input matrix -------------------------------------------------------------------------------------------

    @step
    def input_matrix(self) -> None:
        self.say()
        lookup = self.lookup
        parts = (*self.chips, lookup.numbers, self.names, lookup.vocabulary, lookup.table)
        self.light("x")
        self.play(FadeOut(self.links, self.fetches, *parts), run_time=0.6)
        if not self.example.positions:
            self.words_up_to(TEXT)
        self.play(self.fetched.animate.place(self.large_box()), run_time=1.2)
        frame = Frame(self.fetched.row_box(0), self.theme)
        self.play(FadeIn(frame), run_time=0.4)
        self.play(frame.animate.around(self.fetched.row_box(self.fetched.rows - 1)), run_time=1.2)
        self.play(frame.animate.around(self.fetched.column_box(0)), run_time=0.8)
        self.say()
        first, *same = self.alike()
        self.kept = VGroup(frame, *(Frame(self.fetched.row_box(row), self.theme) for row in same))
        lit = self.fetched.animate.spotlight(rows=[first, *same])
        self.play(frame.animate.around(self.fetched.row_box(first)), *map(FadeIn, self.kept[1:]), lit, run_time=1.0)
        if self.example.positions:
            self.play(FadeOut(self.kept), self.fetched.animate.light_up())
            self.add_positions()

    def words_up_to(self, largest: Type) -> None:
        """The words beside what has been fetched may be written so large, and as much longer."""
        if (words := self.fetched.row_tokens) is not None:
            words.LONGEST *= largest.value / words.LARGEST.value
            words.LARGEST = largest

    def large_box(self) -> Box:
        """For one matrix alone, with the words beside it, in the middle of the stage."""
        words = self.fetched.box.left - self.fetched.whole.left
        width = min(self.area.width - 2 * words, LARGE * self.fetched.columns)
        half = min(self.area.height, TALL * self.fetched.rows) / 2
        left = self.area.x - (words + width) / 2 + words
        return Box(left, left + width, self.area.y - half, self.area.y + half)

    def alike(self) -> list[int]:
        """The rows of a token that repeats, or, where none does, that of the one which is followed."""
        ids = self.lookup.row_ids[: len(self.example.tokens)]
        chosen = max(ids, key=lambda token_id: (ids.count(token_id), token_id == ids[self.row]))
        return [row for row, token_id in enumerate(ids) if token_id == chosen]

    def add_positions(self) -> None:
        """E_t + P = X, row by row."""
        self.light("positions")
        self.positions = self.matrix("positions").without_axes()
        boxes = self.sum_boxes()
        if self.fetched.tag.width > boxes[0].width + SIGN / 2:
            self.fetched.without_axes()
            self.x.without_axes()
        self.play(self.fetched.animate.place(boxes[0]))
        self.positions.place(boxes[1])
        self.x.place(boxes[2])
        legible = all(m.cells.numbers_fit(*m.cells.pitch) for m in (self.fetched, self.positions, self.x))
        equals = self.words("equals") if legible else "="  # as heat nothing is rounded
        self.signs = VGroup(*(Label(sign, self.theme.size(TITLE), self.theme.ink) for sign in ("+", equals)))
        self.signs[0].move_to([(boxes[0].right + boxes[1].left) / 2, boxes[0].y, 0])
        self.signs[1].move_to([(boxes[1].right + self.x.whole.left) / 2, boxes[0].y, 0])
        self.play(FadeIn(self.positions, self.signs[0]))
        self.play(CellWave(self.positions, Matrix.reveal, run_time=1.5))
        self.play(FadeIn(self.x, self.signs[1]))
        self.play(CellWave(self.x, Matrix.reveal, run_time=2.0))

    def sum_boxes(self) -> list[Box]:
        """E_t, P and X side by side, with room for the words beside E_t and X and for the signs between."""
        words = self.fetched.box.left - self.fetched.whole.left
        each = (self.area.width - 2 * words - 3 * SIGN) / 3
        width, high = min(each, 0.74 * self.x.columns), self.fetched.box.height
        x = self.area.x - (3 * width + 2 * words + 2 * SIGN) / 2
        lefts = (x + words, x + words + width + SIGN, x + 2 * (words + width + SIGN))
        return [Box(left, left + width, self.area.y - high / 2, self.area.y + high / 2) for left in lefts]

    # --- the whole picture ------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        self.light("all")
        block, area = self.whole_boxes()
        matrices = [self.positions, self.x] if self.example.positions else [self.x]
        self.words_up_to(LABEL)
        plan = self.lookup.arranged(area, matrices)
        if block is not None and plan.apart < GAP:
            block, plan = None, self.lookup.arranged(self.area, matrices)
        leaving = (self.fetched, self.signs) if self.example.positions else (self.kept,)
        self.play(FadeOut(*leaving), run_time=0.6)
        going = (m.animate.place(b).light_up() for m, b in zip(matrices, plan.matrices, strict=True))
        self.play(*going, run_time=1.0)
        self.play(FadeIn(*self.lookup.stand(plan)), run_time=0.6)
        words = self.sentence_block(block) if block is not None else []
        self.names = VGroup(self.lookup.headings(plan), self.tag_signs(matrices))
        self.play(FadeIn(*words, self.names), run_time=0.8)
        self.links = self.lookup.id_threads()
        fanned = [fan(words, self.chips, self.theme.hue("x"))] if words else []
        threads = (*fanned, self.links, self.lookup.row_threads(matrices[0]))
        self.play(LaggedStart(*map(Create, threads), lag_ratio=0.5), run_time=1.6)

    def whole_boxes(self) -> tuple[Box | None, Box]:
        """A narrow column for the sentence, where there is room for one, and the rest."""
        if layout_now().is_narrowest:
            return None, self.area
        block, area = self.area.columns(1, 8, gap=0.45)
        return block, area

    def sentence_block(self, box: Box) -> list[Chip]:
        """The sentence once more as a text, in a narrow column."""
        words = [self.chip(token) for token in self.example.tokens]
        font = self.theme.fitting(box.width / max(text_width(w.text, 1.0) for w in words), TEXT)
        place_as_text(words, font, box)
        return words

    def tag_signs(self, matrices: list[Matrix]) -> VGroup:
        """Above the matrices, between their names: E + P = X, where positions are added."""
        if len(matrices) == 1:
            return VGroup()
        signs = VGroup(*(Label(sign, self.theme.size(TEXT), self.theme.ink) for sign in "+="))
        for sign, matrix in zip(signs, matrices, strict=True):
            sign.move_to([matrix.tag.get_left()[0] - 0.12 - sign.width / 2, matrix.tag.get_y(), 0])
        return signs
