"""A product in every head at once: three fanned stacks laid out as a multiplication table."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, VGroup

from scenes.shared.heads import MARGIN, Heads, fan_room
from scenes.stage.matrix.products import BETWEEN, LARGEST_CELL, LARGEST_HEAT_ROW, SMALLEST_OPERAND, SMALLEST_ROW
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import HeaderFormula, formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SMALL, SPACE, STAGE, TIGHT, TITLE, Box
from scenes.stage.paint.theme import Theme

TAG_WIDTH = 1.45
TAG_HEIGHT = 0.55
BELOW = 0.2
FLATTEST = 1.7
SIGN = 0.6  # room between stacks in a line


ONE_HEAD = (
    'op("head")_i = {{ "softmax" : weights }} \\ lr(( {{ Q_i K_i^top slash sqrt(d_k) : scores }} {{ + M : mask }} )) '
    "thin {{ V_i : values }}"  # one mask M for all heads
)
LEGIBLE = 0.27  # the size of a formula whose subscripts still can be read


class StackProduct:
    """Boxes of the first sheets of left × right = result, with token labels, names, and the formula of one head.

    left, right, result: the boxes; axes: queries beside the left stack, keys above the right one (`row_axis`: the
    queries alone); formula: in the free corner.
    """

    def __init__(
        self, left: Heads, right: Heads, result: Heads, room: Box, tokens: Sequence[str], theme: Theme
    ) -> None:
        self.stacks = (left, right, result)
        self.theme = theme
        self.fan = fan_room(left.count)
        keys_above = right.columns == len(tokens) and right.tensor.axes[-1] == "keys"
        self.row_axis = TokenAxis(tokens, "rows", theme)
        column_axis = TokenAxis(tokens, "columns", theme)
        room = room.inset(bottom=BELOW)
        inner, beside = room, 0.0
        for _ in range(3):
            self.left, self.right, self.result = _boxes(self.stacks, inner, self.fan)
            self.row_axis.place(self.left.inset(left=-MARGIN))
            column_axis.place(self.right.inset(top=-self.fan[1]))
            top = column_axis.box.height + TIGHT if keys_above else 0.0
            beside = max(beside, self.row_axis.box.width + MARGIN + SPACE)
            inner = room.inset(left=beside, right=TAG_WIDTH * theme.scale, top=top)
        self.fits = all(
            _numbers_fit(*pair) for pair in zip(self.stacks, (self.left, self.right, self.result), strict=True)
        )
        readable = self.left.height / left.rows >= 1.05 * theme.size(SMALL)
        self.axes = VGroup(*([self.row_axis] if readable else []), *([column_axis] if keys_above else []))
        self.formula = self._formula(ONE_HEAD)

    def _formula(self, source: str) -> HeaderFormula:
        """What one head computes, in the corner above the left stack."""
        one = HeaderFormula(source, self.theme)
        left, right = STAGE.left, self.right.left - 0.35
        low, high = self.left.top + self.fan[1] + TAG_HEIGHT * self.theme.scale, self.right.top + self.fan[1]
        fitting = min(1.0, (right - left) / one.width, (STAGE.top - low) / one.height)
        one.scale(max(fitting, LEGIBLE / one.size))
        right = max(right, left + one.width)
        x = min((self.row_axis.box.left + self.left.right + self.fan[0]) / 2, right - one.width / 2)
        return one.move_to([max(x, left + one.width / 2), max((low + high) / 2, low + one.height / 2), 0])

    def tags(self, *sources: str) -> VGroup:
        """The names of the three stacks, with the shape of one sheet."""
        tags = VGroup()
        for heads, box, source in zip(self.stacks, (self.left, self.right, self.result), sources, strict=True):
            tag = _named_stack(heads, source, self.theme).arrange(DOWN, buff=SPACE)
            tags.add(tag)
            tag.move_to([box.right + self.fan[0] + 0.2 + tag.width / 2, box.y, 0])
        left_tag, stack = tags[0], self.left
        left_tag.arrange(buff=0.2)
        left_tag.move_to([stack.x + self.fan[0] / 2, stack.top + self.fan[1] + 0.12 + left_tag.height / 2, 0])
        return tags


class StackLine:
    """Boxes of the first sheets of left × right = result side by side, level with each other: taller than in a table.

    left, right, result: the boxes; axes: queries beside the left stack, keys over it and beside the right one; formula:
    the signs between. `fits`: whether all numbers can be read so.
    """

    def __init__(
        self, left: Heads, right: Heads, result: Heads, room: Box, tokens: Sequence[str], theme: Theme
    ) -> None:
        self.stacks, self.theme, self.fan = (left, right, result), theme, fan_room(left.count)
        queries, keys, over = (TokenAxis(tokens, side, theme) for side in ("rows", "rows", "columns"))
        room, words, top = room.inset(bottom=TAG_HEIGHT * theme.scale), 0.0, 0.0
        for _ in range(3):
            self.fits = self._place(room.inset(top=top), words)
            queries.place(self.left.inset(left=-MARGIN))
            keys.place(self.right.inset(left=-MARGIN))
            over.place(self.left.inset(top=-self.fan[1]))
            words, top = queries.box.width + MARGIN + SPACE, over.box.height + TIGHT
        self.axes = VGroup(queries, keys, over)
        self.formula = VGroup(
            self._sign("×", self.left, keys.box.left), self._sign("=", self.right, self.result.left - MARGIN)
        )

    def _place(self, room: Box, words: float) -> bool:
        """Side by side with `words` of room for tokens before the operands; cells of one size. Whether numbers fit."""
        wide = room.width - 2 * words - 3 * self.fan[0] - 2 * SIGN
        high = room.height - self.fan[1]
        width = min(wide / sum(heads.columns for heads in self.stacks), LARGEST_CELL[0])
        height = min(high / self.stacks[0].rows, LARGEST_CELL[1])
        used = sum(heads.columns for heads in self.stacks) * width
        x, top = (
            room.x - (room.width - wide + used) / 2 + words,
            room.bottom + (high + self.stacks[0].rows * height) / 2,
        )
        boxes = []
        for heads, after in zip(self.stacks, (SIGN + words, SIGN, 0.0), strict=True):
            boxes.append(Box(x, x + heads.columns * width, top - heads.rows * height, top))
            x = boxes[-1].right + self.fan[0] + after
        self.left, self.right, self.result = boxes
        return all(heads.front.numbers_fit(width, height) for heads in self.stacks)

    def _sign(self, sign: str, before: Box, right: float) -> Label:
        label = Label(sign, self.theme.size(TITLE), self.theme.ink)
        return label.move_to([(before.right + self.fan[0] + right) / 2, before.y, 0])

    def tags(self, *sources: str) -> VGroup:
        """The names of the three stacks below them, with the shape of one sheet."""
        tags = VGroup()
        for heads, box, source in zip(self.stacks, (self.left, self.right, self.result), sources, strict=True):
            tag = _named_stack(heads, source, self.theme).arrange(buff=SPACE)
            x = min(box.x + self.fan[0] / 2, STAGE.right - tag.width / 2)
            tags.add(tag.move_to([x, box.bottom - MARGIN - SPACE - tag.height / 2, 0]))
        return tags


def _numbers_fit(heads: Heads, box: Box) -> bool:
    return heads.front.numbers_fit(box.width / heads.columns, box.height / heads.rows)


def _named_stack(heads: Heads, source: str, theme: Theme) -> VGroup:
    """The name of a stack and the shape of one of its sheets, yet to be arranged."""
    size = Label(f"{heads.rows} × {heads.columns}", theme.size(LABEL), theme.quiet, structural=True)
    return VGroup(formula(source, theme.hue(heads.front.meaning), theme.size(TITLE)), size)


def _boxes(stacks: tuple[Heads, Heads, Heads], room: Box, fan: tuple[float, float]) -> tuple[Box, Box, Box]:
    room_x, room_y = room.width - 2 * fan[0] - BETWEEN, room.height - 2 * fan[1] - BETWEEN
    widths, heights = _sizes(*stacks, room_x, room_y)
    total_x, total_y = sum(widths) + 2 * fan[0] + BETWEEN, sum(heights) + 2 * fan[1] + BETWEEN
    x, y = room.x - total_x / 2, room.y - total_y / 2
    corner_x, corner_y = x + widths[0] + fan[0] + BETWEEN, y + heights[1] + fan[1] + BETWEEN
    return (
        Box(x, x + widths[0], y, y + heights[1]),
        Box(corner_x, corner_x + widths[1], corner_y, corner_y + heights[0]),
        Box(corner_x, corner_x + widths[1], y, y + heights[1]),
    )


def _sizes(
    left: Heads, right: Heads, result: Heads, room_x: float, room_y: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Widths of left operand and result, heights of right operand and result: equal cells where numbers fit."""
    width = min(room_x / (left.columns + result.columns), LARGEST_CELL[0])
    height = min(room_y / (right.rows + result.rows), LARGEST_CELL[1])
    if all(heads.front.numbers_fit(width, height) for heads in (left, right, result)):
        return (left.columns * width, result.columns * width), (right.rows * height, result.rows * height)
    above, below = _shared(room_y, right.rows, result.rows, LARGEST_HEAT_ROW)
    below = min(max(below, result.rows * SMALLEST_ROW), room_y - min(SMALLEST_OPERAND, above))
    widths = _shared(room_x, left.columns, result.columns, FLATTEST * LARGEST_HEAT_ROW)
    return widths, (min(above, room_y - below), below)


def _shared(room: float, first: int, second: int, largest: float) -> tuple[float, float]:
    share = first**0.5 / (first**0.5 + second**0.5)
    return min(room * share, first * largest), min(room * (1 - share), second * largest)
