"""The multiplication table: left operand beside the result, right operand above it, so that the cell being computed
stands where the lit row and the lit column meet.
"""

from __future__ import annotations

import numpy as np

from scenes.stage.layout import Box
from scenes.stage.matrix import Matrix

LARGEST_CELL = (0.98, 0.52)
SPACE = 0.42
SMALLEST_TOKEN_ROW = 0.26


def place_product(left: Matrix, right: Matrix, result: Matrix, box: Box) -> None:
    """Size and place the three matrices of a product inside `box`, as large as it allows.

    Rows of `left` are level with rows of `result`; columns of `right` stand over columns of `result`. Where all
    numbers fit, cells are equal; where they don't, each operand gets its share of the room and shows heat.
    """
    margins = _margins(left, right, result)
    usable = box.inset(**margins)
    numeric_width, numeric_height = _numeric_pitch(left, right, result)
    columns, rows = left.columns + result.columns, right.rows + result.rows
    width, height = (usable.width - SPACE) / columns, (usable.height - SPACE) / rows
    if all(m.cells.numeric for m in (left, right, result)) and width >= numeric_width and height >= numeric_height:
        width, height = min(width, LARGEST_CELL[0]), min(height, LARGEST_CELL[1])
        widths = (left.columns * width, result.columns * width)
        heights = (right.rows * height, result.rows * height)
    else:
        widths = _shared(usable.width - SPACE, (left.columns, result.columns), LARGEST_CELL[0])
        heights = _shared(usable.height - SPACE, (right.rows, result.rows), 0.42, (0.0, SMALLEST_TOKEN_ROW))
    _stand(left, right, result, usable, widths, heights)


def _stand(
    left: Matrix, right: Matrix, result: Matrix, usable: Box, widths: tuple[float, float], heights: tuple[float, float]
) -> None:
    total_width, total_height = sum(widths) + SPACE, sum(heights) + SPACE
    x = usable.x - total_width / 2
    y = usable.y + total_height / 2
    corner_x, corner_y = x + widths[0] + SPACE, y - heights[0] - SPACE
    left.place(Box(x, x + widths[0], corner_y - heights[1], corner_y))
    right.place(Box(corner_x, corner_x + widths[1], y - heights[0], y))
    result.place(Box(corner_x, corner_x + widths[1], corner_y - heights[1], corner_y))


def _margins(left: Matrix, right: Matrix, result: Matrix) -> dict[str, float]:
    """Room that labels and tags take on each side of the three matrices."""
    for matrix in (left, right, result):
        matrix.place(Box(0, matrix.columns * 0.8, 0, matrix.rows * 0.42))
    return {
        "left": left.box.left - left.whole.left,
        "right": max(m.whole.right - m.box.right for m in (right, result)),
        "top": right.whole.top - right.box.top,
        "bottom": max(m.box.bottom - m.whole.bottom for m in (left, result)),
    }


def _numeric_pitch(*matrices: Matrix) -> tuple[float, float]:
    pitches = np.array([m.cells.smallest_numeric_pitch() for m in matrices])
    return float(pitches[:, 0].max()), float(pitches[:, 1].max())


def _shared(
    room: float, counts: tuple[int, int], largest: float, smallest: tuple[float, float] = (0.0, 0.0)
) -> tuple[float, float]:
    """Split `room` between two matrices by the square roots of their sizes, no cell larger than `largest`."""
    roots = np.sqrt(np.array(counts, dtype=float))
    sizes = room * roots / roots.sum()
    for i in (0, 1):
        need = smallest[i] * counts[i]
        if sizes[i] < need:
            sizes[i], sizes[1 - i] = need, room - need
    first, second = np.minimum(sizes, np.array(counts) * largest)
    return float(first), float(second)
