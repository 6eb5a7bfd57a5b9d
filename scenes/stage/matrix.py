"""A matrix in motion: its cells are one mobject whose state is arrays; its tag and token labels stand around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, Animation, Mobject, VGroup, VMobject, linear

from core.trace import Tensor
from scenes.stage.formula import formula
from scenes.stage.label import Label
from scenes.stage.layout import SMALLEST_FONT, Box, around
from scenes.stage.painting import Brush, Painted, PrintedText
from scenes.stage.theme import Colour, Theme, contrast, mix
from scenes.stage.typography import CAP_HEIGHT, text_width

DIM = 0.28
GAP = 0.07
MOST_NUMBERS = 400
WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
Index = int | slice | Sequence[int]


class Cells(Painted):
    """The cells of one matrix.

    State, one entry per cell: `fill` colour, `shown` (0 an empty slot, 1 there), `light` (1 lit, DIM dimmed), `ink`
    (opacity of the number), `veil` (hatching of a mask); and for the whole: `numbers` (1 numbers, 0 heat alone),
    `slots` (how visible empty slots are). A number never ticks through values that were not computed: when a cell's
    number changes, the old one fades out and the new one fades in.
    """

    STATE: ClassVar[tuple[str, ...]] = ("fill", "shown", "light", "ink", "veil", "numbers", "slots")

    def __init__(self, tensor: Tensor, meaning: str, theme: Theme, *, reserve: Iterable[Tensor] = ()) -> None:
        if tensor.values.ndim != 2:
            raise ValueError(f"{tensor.name}: a matrix needs 2 axes, this has {tensor.axes}")
        self.theme = theme
        self.meaning = meaning
        self.tensor = tensor
        shape = tensor.shape
        self.fill = np.zeros((*shape, 3))
        self.shown = np.zeros(shape)
        self.light = np.ones(shape)
        self.ink = np.ones(shape)
        self.veil = np.zeros(shape)
        self.numbers = np.ones(1)
        self.slots = np.ones(1)
        self.readings = np.full(shape, None, dtype=object)
        self.numeric = tensor.values.size <= MOST_NUMBERS
        self.widest = max(self._widest(t) for t in (tensor, *reserve)) if self.numeric else 0.0
        super().__init__(Box(0, shape[1] * 0.6, 0, shape[0] * 0.42), theme.ink)
        self.text_scale = 0.0
        self.set_values(tensor)

    @staticmethod
    def _widest(tensor: Tensor) -> float:
        rows, columns = tensor.shape
        return max(text_width(tensor.at(i, j).text, 1.0) for i in range(rows) for j in range(columns))

    @property
    def shape(self) -> tuple[int, int]:
        return self.tensor.shape  # type: ignore[return-value]

    # --- geometry -----------------------------------------------------------------------------------------------

    @property
    def pitch(self) -> tuple[float, float]:
        """Width and height of a cell with its gap."""
        return self.box.width / self.shape[1], self.box.height / self.shape[0]

    def part_box(self, rows: Index = slice(None), columns: Index = slice(None)) -> Box:
        """The box around some rows and columns."""
        box, (width, height) = self.box, self.pitch
        i = np.atleast_1d(np.arange(self.shape[0])[rows])
        j = np.atleast_1d(np.arange(self.shape[1])[columns])
        return Box(
            box.left + j.min() * width,
            box.left + (j.max() + 1) * width,
            box.top - (i.max() + 1) * height,
            box.top - i.min() * height,
        )

    def font_size(self, width: float, height: float) -> float:
        """The size at which every number of this matrix fits a cell of that pitch with air on both sides."""
        if not self.numeric:
            return 0.0
        gap = self.gap_of(width, height)
        return min(0.56 * height, 0.34, (width - gap) * 0.84 / max(self.widest, 1e-6))

    def numbers_fit(self, width: float, height: float) -> bool:
        return self.font_size(width, height) >= SMALLEST_FONT

    @staticmethod
    def gap_of(width: float, height: float) -> float:
        return min(GAP, 0.14 * min(width, height))

    def smallest_numeric_pitch(self) -> tuple[float, float]:
        """The smallest cell pitch at which the numbers are still legible."""
        return SMALLEST_FONT * 1.02 * max(self.widest, 1.2) / 0.84 + GAP * 0.8, SMALLEST_FONT * 1.02 / 0.56

    # --- changes --------------------------------------------------------------------------------------------------

    def set_values(self, tensor: Tensor, rows: Index = slice(None), columns: Index = slice(None)) -> Cells:
        """Take values, colours and printed numbers from `tensor`, for all cells or some."""
        where = np.ix_(np.atleast_1d(np.arange(self.shape[0])[rows]), np.atleast_1d(np.arange(self.shape[1])[columns]))
        self.fill = self.fill.copy()
        self.fill[where] = self.colours_of(tensor)[where]
        if self.numeric:
            self.readings = self.readings.copy()
            for i, j in np.argwhere(_mask(self.shape, where)):
                self.readings[i, j] = tensor.at(int(i), int(j))
        return self

    def colours_of(self, tensor: Tensor) -> np.ndarray:
        """Cell colours of a tensor by this matrix's meaning.  # (rows, columns, 3)"""
        if self.meaning == "weights":
            return self.theme.weight_colour(tensor.values)
        finite = tensor.values[np.isfinite(tensor.values)]
        limit = float(np.abs(finite).max()) if finite.size else 1.0
        return self.theme.signed_colour(tensor.values, self.meaning, limit)

    def _set(self, name: str, value: float, rows: Index, columns: Index) -> Cells:
        state = getattr(self, name).copy()
        i = np.atleast_1d(np.arange(self.shape[0])[rows])
        j = np.atleast_1d(np.arange(self.shape[1])[columns])
        state[np.ix_(i, j)] = value
        setattr(self, name, state)
        return self

    # --- interpolation and painting ---------------------------------------------------------------------------------

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        if isinstance(start, Cells) and isinstance(target, Cells):
            self.cross_numbers(start, target, np.full(self.shape, alpha))

    def cross_numbers(self, start: Cells, target: Cells, alpha: np.ndarray) -> None:
        """Fade each number that changes out and the new one in, `alpha` of the way per cell."""
        if start.readings is target.readings or start.shape != target.shape:
            return
        changed = (start.readings != target.readings) & (start.shown > 0)
        late = (alpha >= 0.5) | ~changed
        self.readings = np.where(late, target.readings, start.readings)
        self.ink = np.where(changed, self.ink * np.abs(2 * alpha - 1), self.ink)

    def wave_between(self, start: Cells, target: Cells, alpha: np.ndarray) -> None:
        """Stand `alpha` (rows, columns) of the way from `start` to `target`, each cell at its own pace."""
        for name in ("fill", "shown", "light", "ink", "veil"):
            first, last = getattr(start, name), getattr(target, name)
            weight = alpha[..., None] if first.ndim == 3 else alpha
            setattr(self, name, first + (last - first) * weight)
        self.cross_numbers(start, target, alpha)

    def paint(self, brush: Brush) -> None:
        width, height = self.pitch
        if not self.numeric and min(width, height) < 0.06:
            self._paint_pixels(brush)
            return
        radius = 0.16 * min(width, height)
        boxes = self.cell_boxes()
        for i, j in np.ndindex(self.shape):
            self._paint_cell(brush, i, j, boxes[i][j], radius)
        size = self.font_size(width, height)
        visible = self.number_opacity(size)
        white = self.white_ink()
        for i, j in np.argwhere(visible > 0).tolist():
            cell, colour = boxes[i][j], WHITE if white[i, j] else BLACK
            brush.text_centred(self.readings[i, j].text, cell.x, cell.y, size)
            brush.fill(colour, float(visible[i, j]))

    def cell_boxes(self) -> list[list[Box]]:
        """The inside of every cell, without the gaps."""
        box, (width, height) = self.box, self.pitch
        half = self.gap_of(width, height) / 2
        rows = [box.top - i * height for i in range(self.shape[0])]
        columns = [box.left + j * width for j in range(self.shape[1])]
        return [[Box(x + half, x + width - half, y - height + half, y - half) for x in columns] for y in rows]

    def _paint_cell(self, brush: Brush, i: int, j: int, cell: Box, radius: float) -> None:
        shown, light = self.shown[i, j], self.light[i, j]
        if shown < 1 and self.slots[0] > 0:
            brush.rounded(cell.left, cell.bottom, cell.width, cell.height, radius)
            brush.stroke(self.theme.rule, self.opacity * self.slots[0] * (1 - shown) * light, 0.012)
        if shown > 0:
            brush.rounded(cell.left, cell.bottom, cell.width, cell.height, radius)
            brush.fill(self.fill[i, j], self.opacity * shown * light)
        if self.veil[i, j] > 0:
            hatch(brush, cell, radius, self.theme.hue("mask"), self.opacity * self.veil[i, j] * light)

    def number_opacity(self, size: float) -> np.ndarray:
        """How visible each number is at font size `size`.  # (rows, columns)"""
        if not self.numeric:
            return np.zeros(self.shape)
        return self.shown * self.light * self.ink * (self.opacity * self.numbers[0] * legibility(size))

    def white_ink(self) -> np.ndarray:
        """Where white reads better than black on the cell as it stands over the background.  # (rows, columns)"""
        seen = mix(self.theme.background, self.fill, self.shown)
        return contrast(np.array(WHITE), seen) >= contrast(np.array(BLACK), seen)

    def _paint_pixels(self, brush: Brush) -> None:
        seen = mix(self.theme.background, self.fill, self.light * self.shown)
        brush.pixels(seen, self.box, self.opacity * float(self.shown.max(initial=0)))

    def printed(self) -> list[PrintedText]:
        """The numbers now on screen."""
        size = self.font_size(*self.pitch)
        visible, white, boxes = self.number_opacity(size), self.white_ink(), self.cell_boxes()
        return [
            self._printed(i, j, boxes[i][j], size, visible[i, j], WHITE if white[i, j] else BLACK)
            for i, j in np.argwhere(visible > 0)
        ]

    def _printed(self, i: int, j: int, cell: Box, size: float, opacity: float, colour: Colour) -> PrintedText:
        reading = self.readings[i, j]
        half, high = text_width(reading.text, size) / 2, CAP_HEIGHT * size / 2
        box = Box(cell.x - half, cell.x + half, cell.y - high, cell.y + high)
        background = self.fill[i, j]
        return PrintedText(
            reading.text, box, size, np.array(colour), background, (reading,), cell=cell, opacity=float(opacity)
        )


def legibility(size: float) -> float:
    """How visible a number of that font size is: 1 where it can be read, fading to 0 where it no longer could."""
    return float(np.clip((size - 0.94 * SMALLEST_FONT) / (0.05 * SMALLEST_FONT), 0, 1))


def _mask(shape: tuple[int, int], where: tuple[np.ndarray, ...]) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[where] = True
    return mask


def hatch(brush: Brush, cell: Box, radius: float, colour: Colour, opacity: float) -> None:
    context = brush.context
    context.save()
    brush.rounded(cell.left, cell.bottom, cell.width, cell.height, radius)
    context.clip()
    spacing = 0.09
    start = cell.left - cell.height
    for step in range(int((cell.width + cell.height) / spacing) + 1):
        x = start + step * spacing
        context.move_to(x, cell.bottom)
        context.line_to(x + cell.height, cell.top)
    brush.stroke(colour, 0.5 * opacity, 0.018)
    context.restore()


class TokenAxis(Painted):
    """The token labels along one side of a matrix: rows (to the left, flush right) or columns (above, or turned).

    `light` holds one brightness per token. Tokens too long for their place are turned (columns) or shortened.
    """

    STATE: ClassVar[tuple[str, ...]] = ("light",)
    LONGEST = 2.0
    TURN = np.pi / 5
    AIR = 0.12

    def __init__(self, tokens: Sequence[str], side: str, theme: Theme, colour: Colour | None = None) -> None:
        self.tokens = tuple(tokens)
        self.side = side
        self.theme = theme
        self.light = np.ones(len(self.tokens))
        self.font = 0.25
        self.turned = False
        self.texts: tuple[str, ...] = self.tokens
        self.start, self.span = 0.0, 1.0
        super().__init__(Box(0, 1, 0, 1), colour or theme.ink)

    def fit(self, cells: Box) -> TokenAxis:
        """Stand beside `cells`, with the largest type the pitch allows."""
        pitch = (cells.height if self.side == "rows" else cells.width) / len(self.tokens)
        if self.side == "rows":
            self.font = float(np.clip(0.72 * pitch, SMALLEST_FONT, 0.28))
            self.texts = tuple(shorten(token, self.LONGEST, self.font) for token in self.tokens)
            width = max(text_width(text, self.font) for text in self.texts)
            self.set_box(Box(cells.left - 0.14 - width, cells.left - 0.14, cells.bottom, cells.top))
            return self
        self.font = min(0.25, self._level_font(pitch))
        self.turned = self.font < SMALLEST_FONT
        if self.turned:
            self.font = float(np.clip(0.6 * pitch / np.sin(self.TURN), SMALLEST_FONT, 0.22))
            self.texts = tuple(shorten(token, 1.3, self.font) for token in self.tokens)
            height = max(text_width(text, self.font) for text in self.texts) * np.sin(self.TURN) + 0.8 * self.font
        else:
            self.texts = self.tokens
            height = self.font
        before, after = self._overhang()
        left = min(cells.left, cells.left + pitch / 2 - before)
        right = max(cells.right, cells.right - pitch / 2 + after)
        self.start, self.span = (cells.left - left) / (right - left), cells.width / (right - left)
        self.set_box(Box(left, right, cells.top + 0.1, cells.top + 0.1 + height))
        return self

    def _level_font(self, pitch: float) -> float:
        """The largest type at which level column labels keep clear of each other."""
        widths = [text_width(token, 1.0) for token in self.tokens]
        neighbours = [(a + b) / 2 for a, b in pairwise(widths)] or [widths[0] / 2]
        return (pitch - self.AIR) / max(neighbours)

    def _overhang(self) -> tuple[float, float]:
        """How far the first label reaches to the left, and the last to the right, of its column's middle."""
        first, last = (text_width(self.texts[i], self.font) for i in (0, -1))
        return (0.1, last * float(np.cos(self.TURN))) if self.turned else (first / 2, last / 2)

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        if isinstance(start, TokenAxis) and isinstance(target, TokenAxis):
            self.font = start.font + (target.font - start.font) * alpha
            nearer = target if alpha >= 0.5 else start
            self.texts, self.turned = nearer.texts, nearer.turned
            self.start, self.span = nearer.start, nearer.span

    def highlight(self, *lit: int) -> TokenAxis:
        """Light these tokens, dim the others; none: light all."""
        self.light = np.full(len(self.tokens), 1.0 if not lit else DIM)
        if lit:
            self.light[list(lit)] = 1.0
        return self

    def token_box(self, index: int) -> Box:
        """Where one token's text stands."""
        box, n = self.box, len(self.tokens)
        width = text_width(self.texts[index], self.font)
        if self.side == "rows":
            y = box.top - (index + 0.5) * box.height / n
            return Box(box.right - width, box.right, y - CAP_HEIGHT * self.font / 2, y + CAP_HEIGHT * self.font / 2)
        x = box.left + (self.start + (index + 0.5) * self.span / n) * box.width
        if self.turned:
            return Box(
                x - 0.1, x + width * np.cos(self.TURN), box.bottom, box.bottom + width * np.sin(self.TURN) + self.font
            )
        return Box(x - width / 2, x + width / 2, box.bottom, box.bottom + CAP_HEIGHT * self.font)

    def paint(self, brush: Brush) -> None:
        for index, text in enumerate(self.texts):
            where = self.token_box(index)
            if self.side == "columns" and self.turned:
                brush.text(text, where.left + 0.1, where.bottom + 0.04, self.font, turn=self.TURN)
            else:
                brush.text(text, where.left, where.bottom, self.font)
            brush.fill(self.colour, self.opacity * self.light[index])

    def printed(self) -> list[PrintedText]:
        if self.side == "columns" and self.turned:
            text, light = " ".join(self.texts), float(self.opacity * self.light.max())
            return [PrintedText(text, self.box, self.font, self.colour, None, structural=True, opacity=light)]
        return [
            PrintedText(text, self.token_box(i), self.font, self.colour, None, structural=True, opacity=float(light))
            for i, (text, light) in enumerate(zip(self.texts, self.opacity * self.light, strict=True))
        ]


def shorten(text: str, limit: float, size: float) -> str:
    """`text`, or its beginning and an ellipsis where it is wider than `limit`."""
    if text_width(text, size) <= limit:
        return text
    while text and text_width(text + "…", size) > limit:
        text = text[:-1]
    return text.rstrip() + "…"


class Matrix(VGroup):
    """A matrix with its tag (name, shape, axes) and its token labels. All changes return the matrix, so that
    `matrix.animate.reveal()` and `Wave(matrix, Matrix.reveal)` read alike.
    """

    def __init__(
        self,
        tensor: Tensor,
        meaning: str,
        theme: Theme,
        *,
        symbol: str | None = None,
        axes: Sequence[str] = (),
        tag_side: str = "above",
        row_tokens: Sequence[str] | None = None,
        column_tokens: Sequence[str] | None = None,
        reserve: Iterable[Tensor] = (),
    ) -> None:
        super().__init__()
        self.theme = theme
        self.meaning = meaning
        self.cells = Cells(tensor, meaning, theme, reserve=reserve)
        self.tag_side = tag_side
        self.tag = _tag(symbol, tensor.shape, axes, theme, theme.hue(meaning), tag_side) if symbol else VGroup()
        self.row_tokens = TokenAxis(row_tokens, "rows", theme) if row_tokens else None
        self.column_tokens = TokenAxis(column_tokens, "columns", theme) if column_tokens else None
        self.add(self.cells, *(part for part in (self.tag, self.row_tokens, self.column_tokens) if part is not None))
        self.place(Box(0, tensor.shape[1] * 0.6, 0, tensor.shape[0] * 0.42))

    # --- geometry -----------------------------------------------------------------------------------------------

    @property
    def tensor(self) -> Tensor:
        return self.cells.tensor

    @property
    def rows(self) -> int:
        return self.cells.shape[0]

    @property
    def columns(self) -> int:
        return self.cells.shape[1]

    @property
    def box(self) -> Box:
        """The box of the cells alone."""
        return self.cells.box

    @property
    def whole(self) -> Box:
        """The box of the cells with tag and labels."""
        boxes = [self.cells.box]
        boxes += [axis.box for axis in (self.row_tokens, self.column_tokens) if axis is not None]
        if len(self.tag):
            boxes.append(box_of(self.tag))
        return around(*boxes)

    def place(self, box: Box) -> Matrix:
        """Put the cells into `box` exactly; labels and tag follow."""
        self.cells.set_box(box)
        for axis in (self.row_tokens, self.column_tokens):
            if axis is not None:
                axis.fit(box)
        if len(self.tag):
            self._place_tag()
        return self

    def _place_tag(self) -> None:
        box = self.cells.box
        above = self.column_tokens.box.height + 0.24 if self.column_tokens is not None else 0.14
        left = self.row_tokens.box.width + 0.34 if self.row_tokens is not None else 0.2
        height, width = self.tag.height, self.tag.width
        where = {
            "above": (max(box.x, box.left + width / 2), box.top + above + height / 2),
            "top": (box.x, box.top + above + height / 2),
            "below": (max(box.x, box.left + width / 2), box.bottom - 0.14 - height / 2),
            "left": (box.left - left - width / 2, box.y),
            "right": (box.right + 0.22 + width / 2, box.y),
        }[self.tag_side]
        self.tag.move_to([*where, 0])

    def without_axes(self) -> Matrix:
        """Leave the axes' names out of the tag, where something else says them."""
        lines = self.tag[1]
        lines.remove(*lines[1:])
        return self.place(self.box)

    def row_box(self, i: int) -> Box:
        return self.cells.part_box(rows=i)

    def column_box(self, j: int) -> Box:
        return self.cells.part_box(columns=j)

    def cell_box(self, i: int, j: int) -> Box:
        return self.cells.part_box(i, j)

    @property
    def has_numbers(self) -> bool:
        return self.cells.numbers_fit(*self.cells.pitch)

    # --- changes: state, one call each --------------------------------------------------------------------------------

    def reveal(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Fill these cells in."""
        self.cells._set("shown", 1.0, rows, columns)
        return self

    def empty(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Leave these cells as empty slots."""
        self.cells._set("shown", 0.0, rows, columns)
        return self

    def without_slots(self) -> Matrix:
        self.cells.slots = np.zeros(1)
        return self

    def light_up(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Give these cells (all, by default) their full brightness."""
        self.cells._set("light", 1.0, rows, columns)
        return self

    def recede(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Step these cells (all, by default) back."""
        self.cells._set("light", DIM, rows, columns)
        return self

    def spotlight(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Light these cells and dim all others."""
        return self.recede().light_up(rows, columns)

    def set_values(self, tensor: Tensor, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Print and colour these cells (all, by default) by `tensor`."""
        self.cells.set_values(tensor, rows, columns)
        return self

    def veil(self, masked: np.ndarray, amount: float = 1.0) -> Matrix:
        """Hatch the cells where `masked` (rows, columns) is true."""
        self.cells.veil = np.where(masked, amount, self.cells.veil * 0.0)
        return self

    def as_heat(self) -> Matrix:
        """Let the numbers fade: colour alone."""
        self.cells.numbers = np.zeros(1)
        return self

    def as_numbers(self) -> Matrix:
        self.cells.numbers = np.ones(1)
        return self


def _tag(symbol: str, shape: tuple[int, ...], axes: Sequence[str], theme: Theme, colour: Colour, side: str) -> VGroup:
    name = formula(symbol, colour, size=0.42)
    size = Label(f"{shape[0]} × {shape[1]}", 0.22, theme.quiet, structural=True)
    lines = VGroup(size, *(Label(text, 0.19, theme.quiet) for text in axes))
    if side in ("left", "right"):
        edge = RIGHT if side == "left" else LEFT
        lines.arrange(DOWN, buff=0.12, aligned_edge=edge)
        return VGroup(name, lines).arrange(DOWN, buff=0.14, aligned_edge=edge)
    if side == "top":
        head = VGroup(name, size).arrange(RIGHT, buff=0.22)
        return VGroup(head, VGroup(*lines[1:]).arrange(RIGHT, buff=0.24)).arrange(DOWN, buff=0.12)
    lines.arrange(RIGHT, buff=0.24, aligned_edge=DOWN)
    return VGroup(name, lines).arrange(RIGHT, buff=0.22)


def box_of(mobject: Mobject) -> Box:
    """The bounding box of any mobject."""
    left, right = mobject.get_left()[0], mobject.get_right()[0]
    return Box(float(left), float(right), float(mobject.get_bottom()[1]), float(mobject.get_top()[1]))


class Wave(Animation):
    """Apply a change to a matrix cell by cell: row after row, column after column, or along the diagonal.

    change: what to do to the target, e.g. `Matrix.reveal` or `lambda m: m.set_values(tensor)`;
    order: "rows", "columns", "cells" (reading order) or "diagonal"; spread: how much later the last cell starts,
    as a share of the whole time.
    """

    def __init__(
        self,
        matrix: Matrix,
        change: Callable[[Matrix], object],
        order: str = "rows",
        spread: float = 0.75,
        **kwargs: Any,
    ) -> None:
        self.change = change
        self.order = order
        self.spread = spread
        super().__init__(matrix, rate_func=linear, **kwargs)

    def begin(self) -> None:
        self.target = self.mobject.copy()
        self.change(self.target)
        super().begin()

    def interpolate_mobject(self, alpha: float) -> None:
        cells = self.mobject.cells
        delay = _delays(cells.shape, self.order) * self.spread
        pace = np.clip((alpha - delay) / (1 - self.spread), 0, 1)
        start, target = self.starting_mobject.cells, self.target.cells
        cells.wave_between(start, target, pace * pace * (3 - 2 * pace))

    def finish(self) -> None:
        super().finish()
        cells, target = self.mobject.cells, self.target.cells
        for name in (*Cells.STATE, "readings"):
            setattr(cells, name, getattr(target, name))


def _delays(shape: tuple[int, int], order: str) -> np.ndarray:
    """When each cell starts, 0…1.  # (rows, columns)"""
    rows, columns = shape
    i, j = np.indices(shape)
    position = {"rows": i, "columns": j, "cells": i * columns + j, "diagonal": i + j}[order]
    return position / max(1, position.max())
