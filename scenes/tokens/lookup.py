"""The parts of a look-up, chips, ids, vocabulary and E, where they stand, and the threads that join them."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, UP, Animation, AnimationGroup, Create, FadeIn, Mobject, VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.chips import Chip
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import GAP, LABEL, SMALL, STAGE, TEXT, TIGHT, Box
from scenes.stage.paint.theme import Colour
from scenes.stage.paint.threads import End, Follow, before_row, edge, thread
from scenes.stage.paint.threads import row as tied
from scenes.tokens.arrangement import LABEL_SHARE, LIMITS, Arrangement, arrange, lists_all
from scenes.tokens.vocabulary import Vocabulary

BROAD, CLEAR = 3.0, 0.75  # of threads, in hundredths of a unit, and their opacity


class LookUp:
    """The parts of the look-up in `area`; none is on stage as yet.

    chips: the tokens; row_ids: the row of E that each of them looks up; numbers: their ids, once written.
    """

    def __init__(self, chapter: Chapter, chips: Sequence[Chip], area: Box) -> None:
        self.chapter, self.chips, self.area = chapter, list(chips), area
        self.trace, self.theme = chapter.trace, chapter.theme
        self.row_ids = [int(value) for value in self.trace["token_ids"].values]
        words = self.trace["embedding_table"].axis_labels("vocabulary") or ()
        listed = range(len(words)) if lists_all(len(words), area) else sorted(set(self.row_ids))
        self.vocabulary = Vocabulary(words, listed, area.width, self.theme)
        self.table = chapter.matrix("embedding_table").without_axes()
        self.numbers = VGroup()

    # --- where they stand -------------------------------------------------------------------------------------------

    def arranged(self, area: Box, matrices: list[Matrix], limits: Sequence[float] = LIMITS) -> Arrangement:
        """Where all parts stand in `area`, words of one of these lengths; places matrices that are not yet on stage."""
        ids = [self.trace["token_ids"].at(row).text for row in range(len(self.chips))]
        plan = arrange(area, [chip.text for chip in self.chips], ids, self.vocabulary, self.table, matrices, limits)
        for matrix in matrices:
            if matrix.row_tokens is not None:
                matrix.row_tokens.LONGEST = plan.limit * LABEL_SHARE
        on_stage = set(map(id, self.chapter.get_mobject_family_members()))
        for matrix, box in zip([self.table, *matrices], [plan.table, *plan.matrices], strict=True):
            if id(matrix) not in on_stage:
                matrix.place(box)
        return plan

    def write_ids(self, plan: Arrangement) -> VGroup:
        """The id of every token, beside its chip."""
        self.numbers = VGroup(*(self._number(row, plan) for row in range(len(self.chips))))
        return self.numbers

    def _number(self, row: int, plan: Arrangement) -> Label:
        reading = self.trace["token_ids"].at(row)
        return Label(
            (Run(reading.text, None, (reading,)),), self.theme.size(LABEL), self.theme.ink, "semibold"
        ).move_to(plan.ids[row])

    def headings(self, plan: Arrangement) -> VGroup:
        """What stands in the columns: tokens, their ids t, the vocabulary."""
        label, top = self.chapter.label, plan.chips[0].top + 0.26
        tokens = label("tokens", SMALL)
        tokens.move_to([max(plan.chips[0].x, STAGE.left + tokens.width / 2), top, 0])
        ids = VGroup(label("ids", SMALL), formula("t", self.theme.ink, self.theme.size(TEXT))).arrange(UP, buff=TIGHT)
        x = max(plan.ids[0][0], tokens.get_right()[0] + TIGHT + ids.width / 2)
        ids.move_to([x, top, 0]).align_to(tokens, DOWN)
        vocabulary = label("vocabulary", SMALL).move_to([plan.vocabulary.x, plan.vocabulary.top + GAP, 0])
        return VGroup(tokens, ids, vocabulary)

    def go(self, plan: Arrangement, names: VGroup, links: VGroup) -> list[Animation]:
        """All parts, what stands above them, and the threads that join them move to their places."""
        return [
            *(c.animate.place(b, plan.chip_font) for c, b in zip(self.chips, plan.chips, strict=True)),
            *(n.animate.move_to(p) for n, p in zip(self.numbers, plan.ids, strict=True)),
            self.vocabulary.animate.place(plan.vocabulary.right, plan.vocabulary, plan.word_font),
            self.table.animate.place(plan.table),
            *(n.animate.move_to(h.get_center()) for n, h in zip(names, self.headings(plan), strict=True)),
            Follow(links),
        ]

    def stand(self, plan: Arrangement) -> list[Mobject]:
        """All parts but the matrices at their places, fully lit, while none is on stage."""
        for chip, box in zip(self.chips, plan.chips, strict=True):
            chip.place(box, plan.chip_font)
        for number, spot in zip(self.numbers, plan.ids, strict=True):
            number.move_to(spot)
        self.vocabulary.place(plan.vocabulary.right, plan.vocabulary, plan.word_font)
        return [part.set_opacity(1) for part in (*self.chips, *self.numbers, self.vocabulary, self.table)]

    # --- what joins them --------------------------------------------------------------------------------------------

    def id_threads(self) -> VGroup:
        """From the id beside each chip to its line of the vocabulary."""
        threads = VGroup()
        for number, token_id in zip(self.numbers, self.row_ids, strict=True):
            line = End(self.vocabulary, "left", "line_box", (token_id,))
            threads.add(thread(edge(number, "right"), line, self.theme.hue("x"), width=BROAD, opacity=CLEAR))
        return threads

    def found(self, row: int, links: VGroup) -> Animation:
        """A token's id comes from its line of the vocabulary to its chip, along its thread."""
        line = self.vocabulary.number_box(self.row_ids[row])
        return AnimationGroup(Create(links[row]), FadeIn(self.numbers[row], target_position=line.centre))

    def row_threads(self, target: Matrix) -> VGroup:
        """From each row of E that is used to the row of its token."""
        threads = VGroup()
        for row, token_id in enumerate(self.row_ids):
            ends = tied(self.table, token_id, "right"), before_row(target, row)
            threads.add(thread(*ends, self.theme.hue("learned"), width=BROAD, opacity=CLEAR))
        return threads


def fan(words: Sequence[Chip], targets: Sequence[Chip], colour: Colour) -> VGroup:
    """Threads from a sentence to each of its chips."""
    start = edge(VGroup(*words), "right")
    return VGroup(*(thread(start, edge(target, "left"), colour) for target in targets))
