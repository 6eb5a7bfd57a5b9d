"""The output at one look: the product, the softmax, the candidates of one row, and the loss of all."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup

from scenes.output.answer_table import answer_labels
from scenes.output.logit_product import rows_matrix, symbols
from scenes.output.next_word import NextWord
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.layout import TEXT, TIGHT, Box
from scenes.stage.paint.threads import End, column, column_threads, row_threads, thread

MATRIX_GAP, SOFTMAX = 0.34, 1.1
HEAD = 0.45  # room for a symbol over a matrix
FOOT = 0.5  # for the mean under the losses
LARGEST = (0.42, 0.36)
LOSS = 0.8
LONGEST = 1.6  # of the words that follow


class OutputPoster:
    """D, the output matrix, logits, probabilities, losses and candidates in `box`, and the threads between.

    parts: the matrices by name; losses: the column of all positions; answers: the words that follow; row: whose
    candidates stand there.
    """

    def __init__(
        self, chapter: Chapter, next_word: NextWord, losses: Matrix, answers: Sequence[str], row: int, box: Box
    ) -> None:
        trace, theme = chapter.trace, chapter.theme
        self.theme, self.row = theme, row
        self.highest = int(trace["probabilities"].values[row].argmax())
        self.parts = {
            "d": rows_matrix(chapter),
            "w": Matrix(trace["output.w"], "learned", theme),
            "logits": Matrix(trace["logits"], "scores", theme),
            "p": Matrix(trace["probabilities"], "weights", theme),
            "losses": losses,
        }
        self.bars = next_word.bars(Box(0, 1, 0, 1)).show(next_word.entries)
        self._place(answers, box)
        self._threads()

    def _place(self, answers: Sequence[str], box: Box) -> None:
        p, rows = self.parts, self.parts["d"].rows
        height = min(rows * LARGEST[1], 0.5 * box.height)
        p["d"].place(Box(0, 1, 0, height))
        tokens = -p["d"].whole.left
        words = answer_labels(answers, Box(0, 1, 0, height), self.theme, LONGEST).width + 0.3
        room = box.width - tokens - MATRIX_GAP - SOFTMAX - words - LOSS
        width_d = min(p["d"].columns * LARGEST[0], 0.22 * room)
        width = min(p["logits"].columns * LARGEST[0], (room - width_d) / 2)
        left = box.x - (tokens + width_d + MATRIX_GAP + 2 * width + SOFTMAX + words + LOSS) / 2 + tokens
        bottom = box.bottom + FOOT
        lefts = {"d": left, "logits": left + width_d + MATRIX_GAP}
        lefts["p"] = lefts["logits"] + width + SOFTMAX
        lefts["losses"] = lefts["p"] + width + words
        for key, wide in (("d", width_d), ("logits", width), ("p", width), ("losses", LOSS)):
            p[key].place(Box(lefts[key], lefts[key] + wide, bottom, bottom + height))
        above = bottom + height + MATRIX_GAP
        top = min(box.top - HEAD, above + p["w"].rows * LARGEST[1])
        p["w"].place(Box(lefts["logits"], lefts["logits"] + width, above, top))
        for key in ("d", "w", "logits", "p"):
            p[key].reveal().as_heat()
        self.answers = answer_labels(answers, p["p"].box, self.theme, LONGEST)
        self.mean = Box(lefts["losses"], lefts["losses"] + LOSS, box.bottom, bottom - TIGHT)
        low = bottom + height + 0.75
        high = min(box.top, low + 0.36 * len(self.bars.shares))
        self.bars.set_box(Box(lefts["p"] - 0.3, lefts["losses"] + LOSS - 0.2, low, high))

    def _threads(self) -> None:
        p, hue = self.parts, self.theme.hue
        self.rows = row_threads(p["d"], p["logits"], hue("output"))
        self.columns = column_threads(p["w"], p["logits"], hue("learned"))
        self.through = row_threads(p["logits"], p["p"], hue("scores"))
        lowest = End(self.bars, "bottom", "line_box", (len(self.bars.shares) - 1,))
        self.rise = thread(column(p["p"], self.highest, "top"), lowest, hue("weights"), opacity=0.6)

    @property
    def between(self) -> tuple[float, float]:
        """Where the word softmax stands."""
        left, right = self.parts["logits"].box, self.parts["p"].box
        return (left.right + right.left) / 2, left.bottom - 0.2

    def names(self, *, tied: bool) -> VGroup:
        """What the matrices are called: D, the output matrix, the logits, P."""
        table, product = symbols(tied)
        named = (("D", "d", "output"), (table, "w", "learned"), (product, "logits", "scores"), ("P", "p", "weights"))
        names = VGroup()
        for source, key, hue in named:
            symbol, box = formula(source, self.theme.hue(hue), self.theme.size(TEXT)), self.parts[key].box
            below = key in ("logits", "p")
            y = box.bottom - 0.12 - symbol.height / 2 if below else box.top + 0.12 + symbol.height / 2
            x = box.left + symbol.width / 2 if key in ("w", "logits") else box.x
            names.add(symbol.move_to([x, y, 0]))
        return names
