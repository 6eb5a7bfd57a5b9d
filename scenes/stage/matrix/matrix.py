"""A matrix with its name, shape and token labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from manim import DOWN, LEFT, RIGHT, VGroup

from core.trace import Tensor
from scenes.stage.matrix.cells import Cells, Index
from scenes.stage.matrix.opening import narrow_column, opened_count, opened_widths
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import formula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SMALL, SPACE, TEXT, TITLE, Box, around, box_of, layout_now
from scenes.stage.paint.theme import CellColours, Colour, Theme

NOTHING = 1e-9  # what is nearer to 0 is 0
WIDEST_NAME = 0.9  # of a matrix in a narrow frame, before it is written smaller


class Matrix(VGroup):
    """A matrix with its tag (name, shape, axes) and its token labels. All changes return the matrix, so that
    `matrix.animate.reveal()` and `CellWave(matrix, Matrix.reveal)` read alike.
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
        self.opened: tuple[int, ...] | None = None
        self.open_width = 0.0
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
        if self.opened is not None:
            self._open_columns()
        for axis in (self.row_tokens, self.column_tokens):
            if axis is not None:
                axis.place(box, self.cells.widths if axis is self.column_tokens else None)
        if len(self.tag):
            self._place_tag()
        return self

    def opening(self, first: Iterable[int], *alike: Matrix) -> Matrix:
        """Where not all numbers fit, give these columns room for theirs, the first first, and let the others be narrow.

        alike: matrices whose columns stand over or under these, and are opened with them.
        """
        need = max(matrix.cells.smallest_numeric_pitch()[0] for matrix in (self, *alike))
        for matrix in (self, *alike):
            matrix.opened, matrix.open_width = tuple(first), 1.02 * need
            matrix.place(matrix.box)
        return self

    def _open_columns(self) -> None:
        self.cells.widths = opened_widths(
            self.columns, self.opened or (), self.box.width, self.open_width, self._narrow
        )

    @property
    def _narrow(self) -> float:
        return narrow_column(self.theme, labelled=self.column_tokens is not None)

    def shows_numbers(self, width: float) -> bool:
        """Whether, that wide, it has room for its numbers, or for those of some columns that it opens."""
        need = self.cells.smallest_numeric_pitch()[0]
        opens = bool(self.opened) and opened_count(self.columns, width, self.open_width, self._narrow) > 0
        return self.cells.numeric and (need * self.columns <= width or opens)

    def _place_tag(self) -> None:
        box = self.cells.box
        above = self.column_tokens.box.height + GAP if self.column_tokens is not None else SPACE
        left = self.row_tokens.box.width + 0.34 if self.row_tokens is not None else 0.2
        height, width = self.tag.height, self.tag.width
        beside = max(box.x, box.left + width / 2)
        if self.row_tokens is not None:  # over which a wide tag has room
            beside = min(beside, max(box.right, box.left - left + width) - width / 2)
        where = {
            "above": (beside, box.top + above + height / 2),
            "top": (box.x, box.top + above + height / 2),
            "below": (max(box.x, box.left + width / 2), box.bottom - SPACE - height / 2),
            "left": (box.left - left - width / 2, box.y),
            "right": (box.right + 0.22 + width / 2, box.y),
        }[self.tag_side]
        self.tag.move_to([*where, 0])

    def without_axes(self) -> Matrix:
        """Leave the axes' names out of the tag, where something else says them."""
        name, lines = self.tag
        lines.remove(*lines[1:])
        if layout_now().is_narrow and self.tag_side in ("above", "below"):
            lines.next_to(name, RIGHT, buff=SPACE)
        return self.place(self.box)

    def with_small_tag(self) -> Matrix:
        """A smaller name at the top that leaves the axes out, for matrices of which a legend names them once."""
        name, shape = self.tag[0]
        self.tag.remove(self.tag[1])
        self.tag[0].submobjects = [name.scale(TEXT.value / TITLE.value), shape.scale(SMALL.value / LABEL.value)]
        if layout_now().is_narrowest:
            self.tag[0].arrange(DOWN, buff=HAIR)
        else:
            self.tag[0].arrange(RIGHT, buff=SPACE)
        return self

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
        self.cells.set_state("shown", 1.0, rows, columns)
        return self

    def empty(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Leave these cells as empty slots."""
        self.cells.set_state("shown", 0.0, rows, columns)
        return self

    def without_slots(self) -> Matrix:
        self.cells.slots = np.zeros(1)
        return self

    def light_up(self, rows: Index = slice(None), columns: Index = slice(None)) -> Matrix:
        """Give these cells (all, by default) their full brightness."""
        return self._light(1.0, rows, columns)

    def recede(self, rows: Index = slice(None), columns: Index = slice(None), *, light: float | None = None) -> Matrix:
        """Step these cells (all, by default) back, to this brightness if not to the usual one."""
        return self._light(self.theme.dim if light is None else light, rows, columns)

    def _light(self, light: float, rows: Index, columns: Index) -> Matrix:
        """Light cells; a token is as bright as the brightest cell of its row or column."""
        self.cells.set_state("light", light, rows, columns)
        for axis, along in ((self.row_tokens, 1), (self.column_tokens, 0)):
            if axis is not None:
                axis.light = self.cells.light.max(axis=along)
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

    def without_zeros(self) -> Matrix:
        """What is 0, but for what floats round away, has no colour."""
        zero = np.abs(self.tensor.values) < NOTHING
        surface = np.tile(self.theme.surface, (*zero.shape, 1))
        self.cells.take_colours(CellColours(surface, self.cells.ring, np.zeros(zero.shape)), np.nonzero(zero))
        return self

    def as_heat(self) -> Matrix:
        """Let the numbers fade: colour alone."""
        self.cells.numbers = np.zeros(1)
        return self


def _tag(symbol: str, shape: tuple[int, ...], axes: Sequence[str], theme: Theme, colour: Colour, side: str) -> VGroup:
    name = formula(symbol, colour, size=theme.size(TITLE))
    size = Label(f"{shape[0]} × {shape[1]}", theme.size(LABEL), theme.quiet, structural=True)
    lines = VGroup(size, *(Label(text, theme.size(SMALL), theme.quiet) for text in axes))
    if side in ("left", "right"):
        edge = RIGHT if side == "left" else LEFT
        lines.arrange(DOWN, buff=0.12, aligned_edge=edge)
        return VGroup(name, lines).arrange(DOWN, buff=SPACE, aligned_edge=edge)
    if side == "top":
        head = VGroup(name, size).arrange(RIGHT, buff=0.22)
        return VGroup(head, VGroup(*lines[1:]).arrange(RIGHT, buff=GAP)).arrange(DOWN, buff=0.12)
    if layout_now().is_narrowest or (layout_now().is_narrow and len(axes) > 1):
        name.scale(min(1.0, max(TEXT.value / TITLE.value, WIDEST_NAME / name.width)))
        lines.arrange(DOWN, buff=HAIR, aligned_edge=LEFT)
    else:
        lines.arrange(RIGHT, buff=GAP, aligned_edge=DOWN)
    return VGroup(name, lines).arrange(RIGHT, buff=0.22)
