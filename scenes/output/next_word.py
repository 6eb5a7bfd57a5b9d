"""The next word: the likeliest candidates after one row, as bars, and their flight from over their columns."""

from __future__ import annotations

from manim import Animation

from scenes.output.row_softmax import RowSoftmax
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.candidates import Candidate, Candidates, candidates_of
from scenes.stage.matrix.chips import Chip
from scenes.stage.paint.layout import TIGHT, Box


class NextWord:
    """The candidates for the word after one row.

    row: whose next word is looked for; words: the vocabulary; likeliest: ids of the candidates, most probable first;
    entries: their lines, and one for all other words.
    """

    def __init__(self, chapter: Chapter, row: int) -> None:
        self.theme, trace = chapter.theme, chapter.trace
        self.words = trace["probabilities"].axis_labels("vocabulary") or ()
        self.likeliest = [int(j) for j in trace["output.candidates"].values[row]]
        others = chapter.words("others", count=len(self.words) - len(self.likeliest))
        self.entries: tuple[Candidate, ...] = candidates_of(trace, "output", row, others)

    def bars(self, box: Box) -> Candidates:
        entries = self.entries
        rest = len(entries) > len(self.likeliest)
        return Candidates(len(entries), [entry.word for entry in entries], box, self.theme, rest=rest)

    def flights(self, softmax: RowSoftmax, bars: Candidates) -> list[Animation]:
        """The likeliest words, from over their columns to their lines."""
        flights: list[Animation] = []
        for line, j in enumerate(self.likeliest):
            column, end = softmax.shares.column_box(j), bars.word_box(line).grown(0.08)
            y = column.bottom - TIGHT
            start = Box(column.x - end.width / 2, column.x + end.width / 2, y - end.height, y)
            word = Chip(self.words[j], self.theme).place(start, bars.font)
            flights.append(word.animate(introducer=True).place(end, bars.font))
        return flights
