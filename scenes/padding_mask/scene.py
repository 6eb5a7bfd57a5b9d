"""The padding mask. No token attends to padding."""

from __future__ import annotations

from functools import partial

import numpy as np
from manim import DOWN, FadeIn, FadeOut, LaggedStart, VGroup

from core.trace.mask_rows import distracted_query, kept_for_words
from scenes.padding_mask.batch import BatchTable
from scenes.padding_mask.row_bars import RowBars
from scenes.shared.mask_chapter import LARGEST, MaskChapter, column_tokens, row_tokens
from scenes.shared.mask_sum import MaskSum, mask_legend
from scenes.shared.masks import lay_over, masked_cells, take_mask
from scenes.stage.chapter.caption import Fact, percent
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.level import hand_over, place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import BEFORE_MASKS
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import LABEL, SPACE, TIGHT, Box, around


class PaddingMask(MaskChapter):
    """[PAD] fills up short sentences; without a mask it draws attention; −∞ before the softmax makes it exactly 0."""

    formula = BEFORE_MASKS

    def setup(self) -> None:
        super().setup()
        self.sentence = int(self.trace["padding.sentence"].values)
        self.length = int(self.trace["padding.lengths"].values[self.sentence])
        self.closed = masked_cells(self.trace["padding.mask"])
        self.query = distracted_query(self.trace)
        self.kept = percent(kept_for_words(self.trace))
        self.pads = slice(self.length, None)
        self.scores = self.square("padding.scaled_scores")
        names = ("unmasked_weights", "mask", "weights")
        self.leaking, self.mask, self.weights = (self.right_square(f"padding.{name}") for name in names)
        self.weights.veil(self.closed)
        self.place_pairs(self.scores, self.leaking, self.mask, self.weights)

    def word(self, axis: str, index: int) -> Run:
        return self.token(axis, index, "padding.scaled_scores")

    # --- the batch ------------------------------------------------------------------------------------------------

    @step
    def batch(self) -> None:
        scores = self.square("scaled_scores").reveal()
        place_level([scores], STAGE)
        self.carry(scores)
        self.table = table = BatchTable(self, self.sentence, STAGE.inset(left=TIGHT, right=TIGHT))
        self.say()
        self.play(FadeOut(scores))
        self.play(LaggedStart(*(FadeIn(chip) for row in table.rows for chip in row), lag_ratio=0.15, run_time=1.4))
        self.add(*table.embeddings)
        self.play(
            *(
                CellWave(embedding, partial(Matrix.reveal, columns=table.words_of(number)), "columns")
                for number, embedding in enumerate(table.embeddings)
            ),
            FadeIn(table.lengths, table.slots),
            run_time=1.2,
        )
        self.say()
        drops = [FadeIn(chip, shift=SPACE * DOWN) for chip in table.filling]
        self.play(FadeOut(table.slots), LaggedStart(*drops, lag_ratio=0.2, run_time=1.4))
        self.play(
            *(CellWave(embedding, Matrix.reveal, "columns") for embedding in table.embeddings), FadeIn(table.frame)
        )

    @step
    def leak(self) -> None:
        self.say()
        self.open_sentence()
        self.play(CellWave(self.scores, Matrix.reveal, order="rows", run_time=1.2))
        self.columns = Frame(self.pad_columns(self.scores), self.theme)
        self.play(FadeIn(self.columns))
        self.row = Frame(self.leaking.cells.part_box(self.query, self.pads), self.theme)
        self.shares(self.scores, self.leaking, then=self.row)
        lengths: dict[str, Fact] = {
            "length": self.trace["padding.lengths"].at(self.sentence),
            "longest": self.scores.columns,
        }
        self.say(query=self.word("queries", self.query), share=self.kept, **lengths)
        self.play(self.leaking.animate.spotlight(rows=self.query), self.columns.animate.set_opacity(self.theme.dim))

    def open_sentence(self) -> None:
        """The padded sentence leaves the batch and stands along both axes of its scores."""
        table, chips = self.table, self.table.chosen_chips
        self.play(FadeOut(table.others, table.lengths, table.frame, *table.embeddings))
        line = column_tokens(self.scores)
        places = [line.token_box(column) for column in range(len(chips))]
        smaller = self.scores.cells.box.width / around(*(chip.box for chip in chips)).width
        flights = [chip.animate.shrink_to(smaller, place.centre) for chip, place in zip(chips, places, strict=True)]
        self.play(*flights, FadeIn(self.scores.cells, self.scores.tag), run_time=1.0)
        self.play(FadeOut(*chips), FadeIn(row_tokens(self.scores), line))
        self.add(self.scores)
        self.remove(*table.get_family(), *table.others.get_family())

    def pad_columns(self, matrix: Matrix) -> Box:
        return matrix.cells.part_box(columns=self.pads)

    # --- the mask -------------------------------------------------------------------------------------------------

    @step
    def reason(self) -> None:
        self.say()
        self.play(FadeOut(self.leaking, self.arrow, self.row, self.columns), run_time=0.8)
        self.meet_mask()
        self.columns = Frame(self.pad_columns(self.mask), self.theme)
        pads = range(self.length, self.mask.columns)
        self.play(FadeIn(self.mask))
        words = slice(0, self.length)
        self.play(CellWave(self.mask, lambda m: m.reveal(columns=words), order="rows", run_time=1.2))
        self.play(
            CellWave(self.mask, lambda m: m.reveal(columns=self.pads).veil(self.closed), order="columns", run_time=1.2),
            column_tokens(self.mask).animate.spotlight(*pads),
            FadeIn(self.columns),
        )

    @step
    def applied(self) -> None:
        masked, score = self.trace["padding.masked_scores"], self.trace["padding.scaled_scores"]
        words = score.values[: self.length, : self.length]
        row, best = (int(i) for i in np.unravel_index(np.argmax(words), words.shape))
        self.say(score=score.at(row, best), lost=score.at(row, self.length), closed=masked.at(row, self.length))
        self.play(FadeOut(self.columns), column_tokens(self.mask).animate.light_up())
        cells = [self.scores.cell_box(row, key) for key in (best, self.length)]
        self.summands = VGroup(*(Frame(cell, self.theme) for cell in cells))
        self.play(FadeIn(self.summands))
        lay_over(self, self.mask, self.scores, masked)

    @step
    def zeros(self) -> None:
        self.say()
        self.sums = self.sums_of("padding.row_sums", self.weights)
        self.shares(self.scores, self.weights, self.mask, self.summands, then=self.sums)
        self.say(
            query=self.word("queries", self.query),
            before=self.kept,
            after=percent(self.trace["padding.row_sums"].at(self.query)),
        )
        self.compare(self.scores, "padding.unmasked_weights", self.weights)
        self.show_row(self.query, self.left, self.weights, seconds=0.8)

    @step
    def too_late(self) -> None:
        self.say()
        late = self.trace["padding.late_mask_weights"]
        names = VGroup(self.named("late", self.left), self.named("early", self.weights))
        self.play(FadeOut(self.names), FadeIn(names))
        self.names = names
        self.late_sums = self.sums_of("padding.late_mask_row_sums", self.left)
        masking = CellWave(self.left, lambda m: take_mask(m, late, self.trace["padding.mask"]))
        self.play(masking, FadeIn(self.late_sums), run_time=1.4)
        self.say(query=self.word("queries", self.query), share=self.kept)
        frames = VGroup(*(Frame(sums[self.query].box.grown(0.07), self.theme) for sums in (self.late_sums, self.sums)))
        self.play(FadeIn(frames))
        self.play(FadeOut(frames))

    @step
    def padded_rows(self) -> None:
        alone = self.square("padding.weights").reveal().veil(self.closed)
        place_level([alone], self.table_box, largest=LARGEST)
        self.say()
        self.play(FadeOut(self.left, self.names, self.late_sums, self.sums), run_time=0.6)
        hand_over(self, [(self.weights, alone)])
        self.weights = alone
        rows = Frame(alone.cells.part_box(rows=self.pads), self.theme)
        self.note = self.named("ignored", alone)
        self.play(FadeIn(rows, self.note))
        self.play(alone.animate.recede(rows=self.pads), FadeOut(rows))

    # --- the whole picture ----------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        names = [f"padding.{name}" for name in ("scaled_scores", "mask", "masked_scores", "weights")]
        with_bars = self.scores.rows <= 8
        shares = (3.0, 3.4) if STAGE.is_tall else (2.8, 2.8)
        sums, rest = STAGE.rows(*shares, gap=0.08) if with_bars else STAGE.rows(9, 1)
        chain = MaskSum(self, names, sums, turned=not with_bars)  # the bars name the keys
        self.say()
        self.play(FadeOut(self.note), run_time=0.4)
        others = [chain.scores, chain.mask, chain.masked, chain.operators]
        hand_over(self, [(self.weights, chain.weights)], *others)
        key = mask_legend(self)
        if with_bars:
            bars, foot = rest.rows(5, 1) if not STAGE.is_tall else rest.rows(8, 1)
            row = Frame(chain.weights.row_box(self.query), self.theme)
            self.play(FadeIn(row, *self.three_rows(bars), key.move_to(foot.centre)))
        else:
            self.play(FadeIn(key.move_to(rest.centre)))

    def three_rows(self, box: Box) -> list[RowBars]:
        """The row of one query without the mask, masked too late, and rightly."""
        rows = (
            ("row_without", "unmasked_weights", "unmasked_row_sums"),
            ("row_late", "late_mask_weights", "late_mask_row_sums"),
            ("row_early", "weights", "row_sums"),
        )
        query = self.word("queries", self.query)
        boxes = box.rows(1, 1, 1, gap=SPACE) if STAGE.is_tall else box.columns(1, 1, 1, gap=0.25)
        highest = float(max(self.trace[f"padding.{weights}"].values[self.query].max() for _, weights, _ in rows))
        bars = [
            RowBars(
                self.trace[f"padding.{weights}"],
                self.query,
                self.trace.open(f"padding.{sums}", self.query),
                self.closed[self.query],
                self.label(key, LABEL, self.theme.ink, query=query),
                place,
                self.theme,
                highest=highest,
            )
            for (key, weights, sums), place in zip(rows, boxes, strict=True)
        ]
        least = min(bar.title.size for bar in bars)
        for bar in bars:
            bar.head.scale(least / bar.title.size)
        return bars
