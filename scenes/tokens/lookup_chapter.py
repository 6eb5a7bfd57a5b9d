"""What the chapter of the tokens is made of: chips, ids, vocabulary, E and X, and the threads between them."""

from __future__ import annotations

import numpy as np
from manim import DOWN, UP, Animation, AnimationGroup, Create, FadeIn, FadeOut, VGroup

from core.model.special_tokens import PAD
from scenes.stage.chapter.caption import Fact
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.matrix.chips import Chip
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import SMALLEST_FONT, Box, around
from scenes.stage.paint.threads import thread
from scenes.stage.paint.typography import text_width
from scenes.tokens.lookup import ID_FONT, LABEL_SHARE, LookUp, arrange, lists_all
from scenes.tokens.sentence import stand_as_text
from scenes.tokens.vocabulary import Vocabulary


class LookUpChapter(Chapter):
    """The parts of the look-up, and how they stand, move and are joined.

    chips: the sentence's tokens; numbers: their ids; fetched: the rows looked up, X itself unless positions are added.
    """

    numbers: VGroup
    names: VGroup
    links: VGroup

    def build(self) -> None:
        """Make the parts; none is on stage yet."""
        self.chips = [self.chip(token) for token in self.example.tokens]
        self.row_ids = [int(value) for value in self.trace["token_ids"].values]
        asking = self.trace.telling_pair()[0]
        self.row = asking if asking < len(self.chips) else 0
        self.area = STAGE.inset(top=0.62, bottom=0.12)
        words = self.trace["embedding_table"].axis_labels("vocabulary") or ()
        listed = range(len(words)) if lists_all(len(words), self.area) else sorted(set(self.row_ids))
        self.vocabulary = Vocabulary(words, listed, self.area.width, self.theme)
        self.table = self.matrix("embedding_table").without_axes()
        self.x = self.matrix("x", tokens="rows")
        self.fetched = self.matrix("embedded", symbol="E_t", tokens="rows") if self.example.positions else self.x

    def chip(self, token: str) -> Chip:
        return Chip(token, self.theme, quiet=token == PAD)

    def arranged(self, area: Box, matrices: list[Matrix]) -> LookUp:
        """Where all parts of the look-up stand in `area`; places the matrices that are not yet on stage."""
        ids = [self.trace["token_ids"].at(row).text for row in range(len(self.chips))]
        tokens = [chip.text for chip in self.chips]
        plan = arrange(area, tokens, ids, self.vocabulary, self.table, matrices)
        for matrix in matrices:
            if matrix.row_tokens is not None:
                matrix.row_tokens.LONGEST = plan.limit * LABEL_SHARE
        for matrix, box in zip([self.table, *matrices], [plan.table, *plan.matrices], strict=True):
            if matrix not in self.mobjects:
                matrix.place(box)
        return plan

    def headings(self, plan: LookUp) -> VGroup:
        """What stands in the columns: tokens, their ids t, the vocabulary."""
        top = plan.chips[0].top + 0.26
        tokens = self.label("tokens", 0.2).move_to([plan.chips[0].x, top, 0])
        symbol = formula("t", self.theme.ink, 0.34)
        ids = VGroup(self.label("ids", 0.2), symbol).arrange(UP, buff=0.1)
        ids.move_to([plan.ids[0][0], top, 0]).align_to(tokens, DOWN)
        vocabulary = self.label("vocabulary", 0.2).move_to([plan.vocabulary.x, plan.vocabulary.top + 0.24, 0])
        return VGroup(tokens, ids, vocabulary)

    def number(self, row: int, plan: LookUp) -> Label:
        reading = self.trace["token_ids"].at(row)
        return Label((Run(reading.text, None, (reading,)),), ID_FONT, self.theme.ink, "semibold").move_to(plan.ids[row])

    def named(self) -> dict[str, Fact]:
        """The token that is followed closely, and its id."""
        return {
            "token": Run(self.chips[self.row].text, self.theme.hue("x")),
            "id": self.trace["token_ids"].at(self.row),
        }

    def found(self, row: int) -> Animation:
        """A token's number comes from its line of the vocabulary to its chip, along its thread."""
        line = self.vocabulary.number_box(self.row_ids[row])
        arrival = FadeIn(self.numbers[row], target_position=line.centre)
        return AnimationGroup(Create(self.links[row]), arrival)

    def id_threads(self) -> VGroup:
        """From the id beside each chip to its line of the vocabulary."""
        threads = VGroup()
        for number, token_id in zip(self.numbers, self.row_ids, strict=True):
            line = self.vocabulary.line_box(token_id)
            start = [self.numbers.get_right()[0] + 0.12, number.get_y(), 0]
            end = [line.left - 0.1, line.y, 0]
            threads.add(thread(np.array(start), np.array(end), self.theme.hue("x"), opacity=0.5))
        return threads

    def row_threads(self, table: Matrix, target: Matrix) -> VGroup:
        """From each row of E that is used to the row of its token."""
        threads = VGroup()
        for row, token_id in enumerate(self.row_ids):
            start = np.array([table.box.right + 0.08, table.row_box(token_id).y, 0])
            end = np.array([target.box.left - 0.08, target.row_box(row).y, 0])
            if target.row_tokens is not None:
                end[0] = target.row_tokens.token_box(row).left - 0.08
            threads.add(thread(start, end, self.theme.hue("learned"), opacity=0.5))
        return threads

    def move_to(self, plan: LookUp, matrices: list[Matrix]) -> None:
        """All parts move from where they stand to their places in the whole picture, fully lit."""
        self.play(FadeOut(self.names), run_time=0.3)
        moves = [c.animate.place(b, plan.chip_font).set_opacity(1) for c, b in zip(self.chips, plan.chips, strict=True)]
        moves += [n.animate.move_to(p).set_opacity(1) for n, p in zip(self.numbers, plan.ids, strict=True)]
        listed = self.vocabulary.animate.place(plan.vocabulary.right, plan.vocabulary).set_opacity(1)
        boxes = zip([self.table, *matrices], [plan.table, *plan.matrices], strict=True)
        self.play(*moves, listed, *(m.animate.place(box).set_opacity(1) for m, box in boxes), run_time=1.4)

    def sentence_block(self, box: Box) -> list[Chip]:
        """The sentence once more as a text, in a narrow column."""
        words = [self.chip(token) for token in self.example.tokens]
        fonts = [f for f in (0.3, 0.26, 0.23) if max(text_width(w.text, f) for w in words) <= box.width]
        stand_as_text(words, fonts[0] if fonts else SMALLEST_FONT, box)
        return words

    def fan(self, words: list[Chip], targets: list[Box]) -> VGroup:
        """From the sentence to each of its chips."""
        block = around(*(word.box for word in words))
        start = np.array([block.right + 0.12, block.y, 0])
        ends = [np.array([target.left - 0.08, target.y, 0]) for target in targets]
        return VGroup(*(thread(start, end, self.theme.hue("x"), opacity=0.5) for end in ends))
