"""Where heads stand: cut out of their matrix and stacked, or hung on a wall."""

from __future__ import annotations

from collections.abc import Sequence

from scenes.shared.heads import MARGIN, TAB, Heads, fan_room
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import LARGEST_CELL, LARGEST_HEAT_ROW
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.layout import SMALL, SPACE, TIGHT, Box

WALL_GAP = 0.22
FLATTEST = 1.7
NARROWEST_TOKENS = 0.3
BETWEEN = 0.75
TAG_ROOM = 0.6


def sheet_size(cells: Cells, width: float, height: float) -> tuple[float, float]:
    """The size of one sheet's cells, as large as that room and the largest cell allow."""
    rows, columns = cells.shape
    cell_width = min(width / columns, LARGEST_CELL[0])
    cell_height = min(height / rows, LARGEST_CELL[1])
    if not cells.numbers_fit(cell_width, cell_height):
        cell_height = min(cell_height, LARGEST_HEAT_ROW)
        cell_width = min(cell_width, FLATTEST * cell_height)
    return columns * cell_width, rows * cell_height


def wall_boxes(heads: Heads, room: Box) -> list[Box]:
    """A place for every sheet, in rows, with cells as large as `room` allows: large enough for numbers if possible."""
    across = max(range(1, heads.count + 1), key=lambda n: _merit(heads, room, n))
    down = -(-heads.count // across)
    width, height = _tile(heads, room, across)
    step_x, step_y = width + 2 * MARGIN + WALL_GAP, height + MARGIN + TAB + WALL_GAP
    top = room.y + (down * step_y - WALL_GAP) / 2 - TAB
    boxes = []
    for head in range(heads.count):
        row, column = divmod(head, across)
        left = room.x - (across * step_x - WALL_GAP) / 2 + MARGIN + column * step_x
        boxes.append(Box(left, left + width, top - row * step_y - height, top - row * step_y))
    return boxes


def _tile(heads: Heads, room: Box, across: int) -> tuple[float, float]:
    down = -(-heads.count // across)
    width = (room.width + WALL_GAP) / across - WALL_GAP - 2 * MARGIN
    height = (room.height + WALL_GAP) / down - WALL_GAP - MARGIN - TAB
    return sheet_size(heads.front, max(width, 0.02), max(height, 0.02))


def _merit(heads: Heads, room: Box, across: int) -> tuple[bool, float, int]:
    width, height = _tile(heads, room, across)
    pitch = width / heads.columns, height / heads.rows
    empty = across * -(-heads.count // across) - heads.count
    return heads.front.numbers_fit(*pitch), round(min(pitch[0], FLATTEST * pitch[1]), 4), -empty


def wall_tokens(
    heads: Heads, boxes: list[Box], tokens: tuple[str, ...], keys: tuple[str, ...] | None = None
) -> list[TokenAxis]:
    """Token labels of a wall: queries beside its first column, keys above its first row, where they can be read."""
    axes, keys = [], tokens if keys is None else keys
    if boxes[0].height / heads.rows >= 1.15 * heads.theme.size(SMALL):
        first = [box for box in boxes if box.left <= boxes[0].left + 1e-6]
        axes += [TokenAxis(tokens, "rows", heads.theme).place(box.inset(left=-MARGIN)) for box in first]
    if keys and boxes[0].width / heads.columns >= NARROWEST_TOKENS:
        first = [box for box in boxes if box.top >= boxes[0].top - 1e-6]
        axes += [TokenAxis(keys, "columns", heads.theme).place(box.inset(top=-TAB)) for box in first]
    return axes


def labelled_wall(
    heads: Heads, room: Box, tokens: tuple[str, ...], keys: tuple[str, ...] | None = None
) -> tuple[list[Box], list[TokenAxis]]:
    """A wall and its token labels, together inside `room`. keys: the tokens of the columns, if not of the rows."""
    usable = room
    for _ in range(3):
        boxes = wall_boxes(heads, usable)
        axes = wall_tokens(heads, boxes, tokens, keys)
        rows = [axis.box.width + SPACE for axis in axes if axis.side == "rows"]
        columns = [axis.box.height + TIGHT for axis in axes if axis.side == "columns"]
        beyond = max([axis.box.right - room.right for axis in axes], default=0.0)
        usable = room.inset(left=max(rows, default=0.0), right=max(beyond, 0.0), top=max(columns, default=0.0))
    boxes = wall_boxes(heads, usable)
    return boxes, wall_tokens(heads, boxes, tokens, keys)


def opened(box: Box, room: float) -> Box:
    """The box of a matrix once gaps of `room` in all are cut into it, the first column where it was."""
    return box.inset(right=-room)


class CutRow:
    """Matrices of equal height in a row inside `stage`, with room to be cut into heads, and to be fanned.

    gap: width of a cut; opened, stacked: for each matrix the box that its columns fill when cut, and the box of the
    first sheet's cells when stacked. Placing is done here: the matrices stand where they should.
    """

    def __init__(self, matrices: Sequence[Matrix], heads: int, stage: Box, largest_gap: float) -> None:
        fan_x, fan_y = fan_room(heads)
        room = stage.inset(top=fan_y, bottom=TAG_ROOM)
        height = matrices[0].rows * min(room.height / matrices[0].rows, LARGEST_CELL[1])
        middle = Box(0, 1, room.y - height / 2, room.y + height / 2)
        room = room.inset(left=_token_room(matrices[0].place(middle)))
        columns = [matrix.columns for matrix in matrices]
        narrowest = min(max(1, count) for count in columns) / sum(columns) * room.width
        self.gap = min(largest_gap, 0.3 * narrowest / max(1, heads - 1))
        cuts = self.gap * (heads - 1)
        usable = room.width - BETWEEN * (len(matrices) - 1) - cuts * len(matrices)
        pitch = min(usable / sum(columns), LARGEST_CELL[0])
        total = pitch * sum(columns) + cuts * len(matrices) + BETWEEN * (len(matrices) - 1)
        self.opened, left = [], room.x - total / 2
        for matrix in matrices:
            width = matrix.columns * pitch + cuts
            self.opened.append(Box(left, left + width, middle.bottom, middle.top))
            matrix.place(self.opened[-1].inset(left=cuts / 2, right=cuts / 2))
            if matrix.row_tokens is not None:
                matrix.row_tokens.place(self.opened[-1].inset(left=-MARGIN))
            left += width + BETWEEN
        self.stacked = [
            _stacked(box, fan_x, matrix.columns / heads, pitch)
            for box, matrix in zip(self.opened, matrices, strict=True)
        ]


def _token_room(matrix: Matrix) -> float:
    return matrix.row_tokens.box.width + SPACE + MARGIN if matrix.row_tokens is not None else 0.0


def _stacked(opened_box: Box, fan_x: float, columns: float, pitch: float) -> Box:
    """The first sheet of a stack in the middle of where the cut matrix stood; narrow sheets grow."""
    width = max(columns * pitch, min(columns * LARGEST_CELL[0], 0.55 * (opened_box.width - fan_x)))
    left = opened_box.x - (width + fan_x) / 2
    return Box(left, left + width, opened_box.bottom, opened_box.top)
