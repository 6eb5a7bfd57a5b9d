"""What the small translator writes when it was trained without one of its parts, beside what the whole one writes."""

from __future__ import annotations

from collections.abc import Sequence

from manim import Mobject, VGroup

from core.trace.trained_without import WHOLE
from scenes.shared.trained_bars import bars_of
from scenes.stage.chapter.caption import in_lines
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.candidates import Candidates
from scenes.stage.matrix.chips import Chip, chip_width, flow_boxes
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SPACE, TITLE, WIDE, Box
from scenes.stage.paint.theme import Theme

CHIP = 1.6  # height of a chip, in font sizes
MOST_LINES = 4
BAR_LINE = 0.6


class TrainedWithout(VGroup):
    """A sentence, what the whole model writes of it and what the one without `part`; below, how often each is right.

    source, whole, without: a line of words with its name; frame: around the first word that is another; bars: shares
    of the sentences that neither has seen.
    """

    def __init__(self, chapter: Chapter, part: str, box: Box) -> None:
        super().__init__()
        self.part = part
        rows = box.inset(top=WIDE).rows(3, 4, 5, 4, gap=GAP)
        lead = f"trained_without.{part}.telling"
        source, written, other = (
            chapter.trace[f"{lead}.{name}"].axis_labels(axis) or ()
            for name, axis in (("source", "tokens"), ("whole.ids", "steps"), ("without.ids", "steps"))
        )
        self.source = _line(chapter, "evidence_source", source, "x", rows[0])
        self.whole = _line(chapter, "evidence_whole", written, "output", rows[1])
        self.without = _line(chapter, f"evidence_{part}", other, "output", rows[2])
        differs = int(chapter.trace[f"{lead}.differs"].values)
        self.frame = Frame(self.without[1 + differs].box, chapter.theme)
        self.bars, self.note = _two_bars(chapter, part, rows[3])
        self.add(self.source, self.whole, self.without, self.frame, self.bars, self.note)


def _line(chapter: Chapter, name: str, words: Sequence[str], hue: str, box: Box) -> VGroup:
    """A name, and the words under it as chips."""
    label = chapter.label(name, LABEL)
    label.move_to([box.left + label.width / 2, box.top - label.height / 2, 0])
    room = box.inset(top=label.height + SPACE)
    font = _font(words, room, chapter.theme)
    widths = [chip_width(word, font) for word in words]
    boxes = flow_boxes(widths, [SPACE] * (len(words) - 1), CHIP * font, CHIP * font + HAIR, room)
    left = min(place.left for place in boxes) - room.left
    top = max(place.top for place in boxes) - room.top
    chips = [
        Chip(word, chapter.theme, hue=hue, quiet=word.startswith("[")).place(place.shifted(-left, -top), font)
        for word, place in zip(words, boxes, strict=True)
    ]
    return VGroup(label, *chips)


def _two_bars(chapter: Chapter, part: str, box: Box) -> tuple[Candidates, Mobject]:
    """The shares of the held-out sentences that are right, with all parts and without this one, and what they are."""
    note = in_lines(chapter.label("evidence_note", LABEL), box.width, chapter.theme, LABEL)
    note.move_to([box.left + note.width / 2, box.top - note.height / 2, 0])
    room = box.inset(top=note.height + SPACE)
    height = min(room.height, 2 * BAR_LINE)
    return bars_of(chapter, (WHOLE, part), Box(room.left, room.right, room.top - height, room.top)), note


def _font(words: Sequence[str], box: Box, theme: Theme) -> float:
    """As large as lets the words stand in the lines that the box has."""
    width = sum(chip_width(word, 1.0) for word in words)
    rooms = ((0.94 * n * box.width - SPACE * len(words), box.height / n - HAIR) for n in range(1, MOST_LINES + 1))
    return theme.fitting(max(min(wide / width, high / CHIP) for wide, high in rooms), TITLE)


def all_results(chapter: Chapter, box: Box) -> VGroup:
    """The bars of all parts, under what they are."""
    note = in_lines(chapter.label("evidence_note", LABEL), box.width, chapter.theme, LABEL)
    parts = chapter.trace["trained_without.right"].axis_labels("parts") or ()
    height = min(box.height - note.height - SPACE, BAR_LINE * len(parts))
    top = box.y + (height + note.height + SPACE) / 2
    note.move_to([box.left + note.width / 2, top - note.height / 2, 0])
    place = Box(box.left, box.right, top - note.height - SPACE - height, top - note.height - SPACE)
    return VGroup(note, bars_of(chapter, parts, place))
