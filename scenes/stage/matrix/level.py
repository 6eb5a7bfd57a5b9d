"""Matrices side by side: equal rows, level with each other, as large as their box allows; in a tall one, in lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import FadeIn, FadeOut, Mobject, ReplacementTransform, Scene, VGroup

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import HAIR, SPACE, Box, around, grown
from scenes.stage.paint.theme import Theme

LARGEST_CELL = (0.92, 0.5)
NEIGHBOUR_GAP = 0.12
MOST_STACKED = 3  # one in each line; of more, two
BELOW = 0.7  # at most, between a line and what belongs to the next
BEFORE = 0.3  # room for a sign before a line


def place_level(
    matrices: Sequence[Matrix],
    box: Box,
    gaps: Sequence[float] = (),
    *,
    right: float = 0.0,
    equal: bool = True,
    largest: tuple[float, float] = LARGEST_CELL,
    below: float = BELOW,
    stacked: bool = True,
) -> None:
    """Place matrices of equal height in a row, centred in `box`; where it is tall, in rows one above the other, unless
    they are not to be `stacked`.

    gaps: room between neighbours (at least what turned labels need); right: room for what stands to the right of the
    last; equal: cells of one width, else each matrix gets the width that its own numbers need, where all can have it;
    largest: width and height of a cell at most, more where the stage is higher than usual; below: room at most between
    two rows, for what stands under the first.
    """
    cell = grown(largest)
    if not (stacked and box.is_tall) or len(matrices) == 1:
        return _place_line(matrices, box, gaps, right, equal, cell)
    across = 1 if len(matrices) <= MOST_STACKED else 2
    lines = [slice(first, first + across) for first in range(0, len(matrices), across)]
    if across > 1:
        box = box.inset(left=BEFORE)
    places = box.rows(*[1] * len(lines), gap=min(below, max(gaps)))
    for _ in range(2):  # again with the smallest cells of any line, so that all have these
        for line, place in zip(lines, places, strict=True):
            _place_line(matrices[line], place, gaps[line][: across - 1], right, equal, cell)
        cell = (min(m.box.width / m.columns for m in matrices), min(m.box.height / m.rows for m in matrices))
    middle = max(min(m.box.left for m in matrices[line]) for line in lines)
    for line in lines:
        _shift(matrices[line], middle - min(m.box.left for m in matrices[line]), box)
    return None


def _shift(matrices: Sequence[Matrix], x: float, room: Box) -> None:
    """Move them to the right, as far as there is room."""
    free = room.right - max(m.whole.right for m in matrices)
    for matrix in matrices:
        matrix.place(matrix.box.shifted(min(x, free)))


def _place_line(
    matrices: Sequence[Matrix],
    box: Box,
    gaps: Sequence[float],
    right: float,
    equal: bool,
    largest: tuple[float, float],
) -> None:
    """Place matrices side by side, no cell larger than `largest`."""
    rows, (widest, highest) = matrices[0].rows, largest
    widths = [m.columns * widest for m in matrices]
    height = rows * highest
    for _ in range(3):  # labels turn and shrink with the cells, and the cells with the labels
        margins, between = _margins(matrices, widths, height, gaps, right)
        usable = box.inset(**margins)
        widths = _widths(matrices, usable.width - sum(between), equal, widest)
        height = min(usable.height, rows * highest)
    x = usable.x - (sum(widths) + sum(between)) / 2
    top = usable.y + height / 2
    for matrix, width, gap in zip(matrices, widths, (*between, 0.0), strict=True):
        matrix.place(Box(x, x + width, top - height, top))
        x += width + gap


def _margins(
    matrices: Sequence[Matrix], widths: Sequence[float], height: float, gaps: Sequence[float], right: float
) -> tuple[dict[str, float], list[float]]:
    """Room that labels take around the row, and between neighbours."""
    for matrix, width in zip(matrices, widths, strict=True):
        matrix.place(Box(0, width, 0, height))
    overhangs = [m.whole.right - m.box.right for m in matrices]
    lefts = [m.row_tokens.box.width + SPACE if m.row_tokens else 0.0 for m in matrices]
    outer = [m.box.left - m.whole.left for m in matrices]
    margins = {
        "left": outer[0],
        "right": max(right, overhangs[-1]),
        "top": max(m.whole.top - m.box.top for m in matrices),
        "bottom": max(m.box.bottom - m.whole.bottom for m in matrices),
    }
    between = [
        max(gap + lefts[i + 1], overhangs[i] + outer[i + 1] + NEIGHBOUR_GAP, overhangs[i] + lefts[i + 1])
        for i, gap in enumerate(gaps)
    ]
    return margins, between


def _widths(matrices: Sequence[Matrix], room: float, equal: bool, largest: float) -> list[float]:
    columns = np.array([m.columns for m in matrices], dtype=float)
    needs = columns * np.array([m.cells.smallest_numeric_pitch()[0] for m in matrices])
    shares = columns if equal or needs.sum() > room else needs
    return [float(w) for w in np.minimum(room * shares / shares.sum(), columns * largest)]


def gap_box(left: Matrix, right: Matrix) -> Box:
    """The room between two neighbours, level with their cells; before the second, if that begins another line; if it
    stands below the first, between them.
    """
    end = right.row_tokens.box.left if right.row_tokens else right.box.left
    if right.box.top > left.box.bottom:
        return Box(left.box.right, end, left.box.bottom, left.box.top)
    if right.box.x < left.box.left:
        return Box(end - BEFORE, end - HAIR, right.box.bottom, right.box.top)
    return Box(right.box.left, right.box.right, right.whole.top, left.whole.bottom)


def block(*matrices: Matrix, row: int | None = None) -> Box:
    """The box around the cells of several matrices, or around one row of them."""
    return around(*(matrix.box if row is None else matrix.row_box(row) for matrix in matrices))


def row_boxes(row: int, *matrices: Matrix) -> list[Box]:
    """The box around one row of matrices that stand level; of others, one around the row of each."""
    if all(abs(m.box.y - matrices[0].box.y) < HAIR for m in matrices):
        return [block(*matrices, row=row)]
    return [matrix.row_box(row) for matrix in matrices]


class RowFrames(VGroup):
    """Frames around a row of several matrices: one, if they stand level."""

    def __init__(self, boxes: Sequence[Box], theme: Theme) -> None:
        super().__init__(*(Frame(box, theme) for box in boxes))

    def around(self, boxes: Sequence[Box]) -> RowFrames:
        """Frame another row."""
        for frame, box in zip(self, boxes, strict=True):
            frame.around(box)
        return self


def hand_over(scene: Scene, pairs: Sequence[tuple[Matrix, Matrix]], *also: Mobject, run_time: float = 1.2) -> None:
    """Each first matrix travels to where the second stands and becomes it; `also` fades in with them."""
    leaving = VGroup(*(VGroup(*(part for part in old if part is not old.cells)) for old, _ in pairs))
    coming = VGroup(*(VGroup(*(part for part in new if part is not new.cells)) for _, new in pairs))
    scene.play(FadeOut(leaving), run_time=0.35)
    scene.play(*(ReplacementTransform(old.cells, new.cells) for old, new in pairs), run_time=run_time)
    scene.play(FadeIn(coming, *also), run_time=0.5)
    for old, new in pairs:
        scene.remove(*old.get_family(), *new.get_family())
    scene.remove(leaving, coming)
    scene.add(*(new for _, new in pairs), *also)
