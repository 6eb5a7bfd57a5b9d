"""What must hold for every still: the numbers are the trace's, and everything can be read where it stands."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
from manim import Mobject

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.model_map import ModelMap
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.formula import Formula
from scenes.stage.paint.layout import FRAME, FRAME_HEIGHT, SAFE, SMALL, SMALLEST_FONT, Box, Type, box_of
from scenes.stage.paint.painting import Painted, PrintedText
from scenes.stage.paint.theme import contrast

VISIBLE = 0.12
GROWING = (Cells, Figure, ModelMap)  # pictures in which type grows and shrinks with what it stands in
SCRIPT = 0.7 * 0.683  # height of a capital in a subscript of a formula, by the formula's em
LEAST_HEIGHT = 0.016 * FRAME_HEIGHT  # of a capital: legible at 480 lines
FAINTEST = 0.2  # what has stepped back is still this visible; anything fainter is gone
FULLY = 0.75
LARGE_FONT = 0.33
CONSTANTS = {"0", "1"}
NUMBER = re.compile(r"−?\d+(?:\.\d+)?")


def on_screen(chapter: Chapter) -> list[Mobject]:
    """Every visible mobject, in drawing order."""
    return [part for mobject in chapter.mobjects for part in mobject.get_family()]


def every_text(chapter: Chapter) -> list[PrintedText]:
    """Every text that is painted, however faintly."""
    texts = [text for part in on_screen(chapter) if isinstance(part, Painted) for text in part.printed()]
    return [text for text in texts if text.text.strip()]


def printed_texts(chapter: Chapter) -> list[PrintedText]:
    """Every text on screen that can be seen."""
    return [text for text in every_text(chapter) if text.opacity >= VISIBLE]


def truth_faults(chapter: Chapter) -> list[str]:
    """Numbers on screen that the trace does not hold at the printed precision, or that are not made as they say."""
    texts = printed_texts(chapter)
    readings = {(reading.name, reading.index) for text in texts for reading in text.readings}
    faults = [fault for text in texts for fault in _untrue(text, chapter)]
    return faults + [fault for name, index in sorted(readings) for fault in _unmade(chapter, name, index)]


def _unmade(chapter: Chapter, name: str, index: tuple[int, ...]) -> list[str]:
    """Whether a number, opened, is what the numbers make that it says it is made of, to the rounding of the largest."""
    cell = chapter.trace.open(name, *index)
    true, again = cell.result.value, cell.recomputed
    numbers = [true, *(reading.value for operand in cell.operands for reading in operand)]
    largest = max([1.0, *(abs(number) for number in numbers if np.isfinite(number))])
    made = true == again or abs(true - again) <= 1e-9 * largest
    return [] if made else [f"{name}{list(index)} is {true}, but what it is made of gives {again}"]


def _untrue(text: PrintedText, chapter: Chapter) -> list[str]:
    faults, rest = [], text.text
    for reading in text.readings:
        tensor = chapter.trace[reading.name]
        true = float(tensor.values[reading.index])
        if true != reading.value or tensor.decimals != reading.decimals:
            faults.append(f"'{text.text}' claims {reading.name}{list(reading.index)}, which is {true}")
        forms = [form for form in (reading.percent, reading.text) if form in rest]
        if not forms:
            faults.append(f"'{text.text}' does not print {reading.name}{list(reading.index)} = {reading.text}")
            continue
        rest = rest.replace(forms[0], "", 1)
    tokens = {token for sentence in chapter.example.batch for token in sentence}
    if not text.structural and rest not in tokens:
        faults += [f"'{text.text}' prints {n}, which has no source" for n in NUMBER.findall(rest) if n not in CONSTANTS]
    return faults


def layout_faults(chapter: Chapter) -> list[str]:
    """Texts or matrices that are cut off, overlap, leave their cell, are too small, or too faint to read."""
    texts = printed_texts(chapter)
    boxes = [(text.text, text.box) for text in texts]
    boxes += [(f"formula {part.source}", box_of(part)) for part in on_screen(chapter) if _is_formula(part)]
    boxes = [(name, box) for name, box in boxes if FRAME.overlaps(box)]  # the header, where there is none, is beyond
    cells = [(f"matrix {part.tensor.name}", part.box) for part in on_screen(chapter) if _is_matrix(part)]
    faults = [f"outside the safe area: {name} at {box}" for name, box in boxes + cells if not SAFE.contains(box, 0.02)]
    faults += [f"'{a}' over '{b}' at {x}" for (a, x), (b, y) in combinations(boxes, 2) if _collide(x, y)]
    faults += [
        f"too small: '{text.text}' at {text.size:.3f}"
        for text in every_text(chapter)
        if text.opacity and text.size < 0.93 * SMALLEST_FONT
    ]
    faults += _size_faults(chapter)
    faults += [f"leaves its cell: {t.text}" for t in texts if t.cell and not _inside(t.box, t.cell)]
    faults += [f"a ghost: '{t.text}' at {t.opacity:.2f}" for t in every_text(chapter) if 0 < t.opacity < FAINTEST]
    faults += [f"too faint: '{t.text}' at {_contrast(t, chapter):.1f}" for t in texts if _too_faint(t, chapter)]
    return faults


def _size_faults(chapter: Chapter) -> list[str]:
    """Texts in another size than the four, and formulas of which a subscript would be smaller than the smallest."""
    sizes = [*(chapter.theme.size(name) for name in Type), SMALL.value]
    written = [part for part in on_screen(chapter) if isinstance(part, Painted) and not isinstance(part, GROWING)]
    texts = [text for part in written for text in part.printed() if text.opacity >= VISIBLE and text.text.strip()]
    faults = [
        f"another size: '{text.text}' at {text.size:.3f}"
        for text in texts
        if text.cell is None and min(abs(text.size - size) for size in sizes) > 1e-3
    ]
    formulas = [part for part in on_screen(chapter) if isinstance(part, Formula) and _is_formula(part)]
    return faults + [
        f"subscripts too small: {part.source} at {part.size:.3f}"
        for part in formulas
        if SCRIPT * part.size < LEAST_HEIGHT and any(mark in part.source for mark in "_^")
    ]


def _is_formula(part: Mobject) -> bool:
    return isinstance(part, Formula) and max(m.get_fill_opacity() for m in part.family_members_with_points()) > VISIBLE


def _is_matrix(part: Mobject) -> bool:
    return isinstance(part, Cells) and part.opacity > VISIBLE


def _collide(first: Box, second: Box) -> bool:
    return first.overlaps(second, 0.02)


def _inside(text: Box, cell: Box) -> bool:
    margin = 0.05 * cell.width
    return text.left >= cell.left + margin and text.right <= cell.right - margin and text.height <= 0.8 * cell.height


def _contrast(text: PrintedText, chapter: Chapter) -> float:
    background = np.asarray(chapter.theme.background if text.background is None else text.background)
    return float(contrast(text.colour, background))


def _too_faint(text: PrintedText, chapter: Chapter) -> bool:
    """Texts that no longer take part are dimmed on purpose and need not reach full contrast."""
    return text.opacity >= FULLY and _contrast(text, chapter) < (3.0 if text.size >= LARGE_FONT else 4.5)


__all__ = ["layout_faults", "on_screen", "printed_texts", "truth_faults"]
