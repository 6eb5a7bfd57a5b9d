"""The likeliest words after one row, as bars under the word that they come after."""

from __future__ import annotations

from manim import VGroup

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.candidates import Candidates, candidates_of
from scenes.stage.paint.label import Run, shrink
from scenes.stage.paint.layout import GAP, SPACE, TEXT, WIDE, Box

LINE = 0.4  # the highest
MOST = 3


class Likeliest(VGroup):
    """bars: flat as yet, they can `grow`."""

    def __init__(self, chapter: Chapter, row: int, room: Box) -> None:
        trace, box = chapter.trace, room.inset(left=WIDE, right=WIDE, bottom=GAP)
        found = min(MOST, trace["output.candidates"].shape[1])
        entries = candidates_of(trace, "output", row, "")[:found]
        word = (trace["target.token_ids"].axis_labels("tokens") or ())[row]
        given = Run(word, chapter.theme.hue("x"), structural=True)
        title = shrink(chapter.label("after", TEXT, word=given), box.width, chapter.theme)
        high = min(box.height - title.height - SPACE, LINE * len(entries))
        top = box.y + (title.height + SPACE + high) / 2
        title.move_to([box.left + title.width / 2, top - title.height / 2, 0])
        place = Box(box.left, box.right, top - title.height - SPACE - high, top - title.height - SPACE)
        words = [entry.word for entry in entries]
        self.bars = Candidates(len(entries), words, place, chapter.theme, rest=False)
        super().__init__(title, self.bars.show(entries, grown=False))
