"""The multiplication table of a matrix product: the left operand beside the result, the right one above it.

So the cell being computed stands where the lit row and the lit column meet.
"""

from __future__ import annotations

import numpy as np
from manim import DOWN, UP

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import TIGHT, Box, box_of, grown

LARGEST_CELL = (0.98, 0.52)
LARGEST_HEAT_ROW = 0.42
BETWEEN = 0.36
SMALLEST_ROW = 0.21
SMALLEST_OPERAND = 0.7
MOST_FOR_NUMBERS, MOST_FOR_OPERAND = 0.6, 0.5  # share of the room that numbers may take from the others
PASSES = 3


def place_product(left: Matrix, right: Matrix, result: Matrix, box: Box) -> None:
    """Size and place the three matrices of a product inside `box`, as large as it allows.

    Rows of `left` are level with rows of `result`; columns of `right` stand over columns of `result`. Where all
    numbers fit, cells are equal. Where they don't, each operand gets its share of the room and shows heat; the result
    keeps its numbers where they leave the others room, or else the left operand does.
    """
    usable = box.inset(left=0.5, top=0.3)
    for _ in range(PASSES):  # labels turn or shrink with the pitch, and the pitch depends on the room labels leave
        _place(left, right, result, usable, *_sizes(left, right, result, usable))
        usable = box.inset(**_margins(left, right, result))
    _place(left, right, result, usable, *_sizes(left, right, result, usable))
    _part_names(right, result)


def _part_names(upper: Matrix, lower: Matrix) -> None:
    """Names to the right of two low matrices, one over the other, keep clear of each other."""
    if upper.tag_side == lower.tag_side == "right" and len(upper.tag) and len(lower.tag):
        over = max(0.0, box_of(lower.tag).top + TIGHT - box_of(upper.tag).bottom)
        upper.tag.shift(over / 2 * UP)
        lower.tag.shift(over / 2 * DOWN)


def _sizes(left: Matrix, right: Matrix, result: Matrix, usable: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    """Widths of left operand and result, heights of right operand and result."""
    room_x, room_y = usable.width - BETWEEN, usable.height - BETWEEN
    width, height = room_x / (left.columns + result.columns), room_y / (right.rows + result.rows)
    numeric_width, numeric_height = _numeric_pitch(left, right, result)
    if all(m.cells.numeric for m in (left, right, result)) and width >= numeric_width and height >= numeric_height:
        widest, highest = grown(LARGEST_CELL)
        width, height = min(width, widest), min(height, highest)
        return (left.columns * width, result.columns * width), (right.rows * height, result.rows * height)
    widths = _shared(room_x, (left.columns, result.columns), LARGEST_CELL[0])
    heights = _shared(room_y, (right.rows, result.rows), LARGEST_HEAT_ROW)
    shown, least = _numeric_size(result), _numeric_size(left)
    if result.cells.numeric and shown[0] <= MOST_FOR_NUMBERS * room_x and shown[1] <= MOST_FOR_NUMBERS * room_y:
        widths = (min(widths[0], room_x - shown[0]), max(widths[1], shown[0]))
        heights = (min(heights[0], room_y - shown[1]), max(heights[1], shown[1]))
    elif left.cells.numeric and least[0] <= MOST_FOR_OPERAND * room_x and least[1] <= heights[1]:
        widths = (max(widths[0], least[0]), min(widths[1], room_x - least[0]))
    rows = min(max(heights[1], result.rows * SMALLEST_ROW), room_y - min(SMALLEST_OPERAND, heights[0]))
    return widths, (min(heights[0], room_y - rows), rows)


def _place(
    left: Matrix, right: Matrix, result: Matrix, usable: Box, widths: tuple[float, float], heights: tuple[float, float]
) -> None:
    total_width, total_height = sum(widths) + BETWEEN, sum(heights) + BETWEEN
    x = usable.x - total_width / 2
    y = usable.y + total_height / 2
    corner_x, corner_y = x + widths[0] + BETWEEN, y - heights[0] - BETWEEN
    left.place(Box(x, x + widths[0], corner_y - heights[1], corner_y))
    right.place(Box(corner_x, corner_x + widths[1], y - heights[0], y))
    result.place(Box(corner_x, corner_x + widths[1], corner_y - heights[1], corner_y))


def _margins(left: Matrix, right: Matrix, result: Matrix) -> dict[str, float]:
    """Room that labels and tags take on each side of the three matrices as they stand."""
    return {
        "left": left.box.left - left.whole.left,
        "right": max(m.whole.right for m in (right, result)) - result.box.right,
        "top": max(right.whole.top - right.box.top, left.whole.top - right.box.top),
        "bottom": max(m.box.bottom - m.whole.bottom for m in (left, result)),
    }


def _numeric_pitch(*matrices: Matrix) -> tuple[float, float]:
    pitches = np.array([m.cells.smallest_numeric_pitch() for m in matrices])
    return float(pitches[:, 0].max()), float(pitches[:, 1].max())


def _numeric_size(matrix: Matrix) -> tuple[float, float]:
    """The smallest size at which this matrix shows its numbers."""
    width, height = matrix.cells.smallest_numeric_pitch()
    return matrix.columns * width * 1.02, matrix.rows * height * 1.02


def _shared(room: float, counts: tuple[int, int], largest: float) -> tuple[float, float]:
    """Split `room` between two matrices by the square roots of their sizes, no cell larger than `largest`."""
    roots = np.sqrt(np.array(counts, dtype=float))
    first, second = np.minimum(room * roots / roots.sum(), np.array(counts) * largest)
    return float(first), float(second)
