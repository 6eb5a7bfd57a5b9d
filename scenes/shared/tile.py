"""Tiles: matrices that stand in a flow, each with its name above and its shape below; and the cables between them."""

from __future__ import annotations

from manim import Animation, VGroup

from core.trace import Tensor
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import LABEL, SMALL, SPACE, Box, layout_now
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.threads import THICKNESS, row_threads
from scenes.stage.paint.typography import shorten

CROWN, FOOT = 0.34, 0.3
LARGEST_CELL = (0.86, 0.5)
LARGEST_HEAT = (0.34, 0.4)
READABLE_ROW = 0.2
LEAST_NAME = 0.6


class Tile(VGroup):
    """A matrix of the trace with its name above and its shape below, as large as its box allows.

    tokens: whether the tokens stand beside its rows, where the rows are high enough; above: whether the shape stands
    above too, beside the name, so that cables can come from below.
    """

    def __init__(
        self,
        tensor: Tensor,
        meaning: str,
        name: str,
        theme: Theme,
        box: Box,
        *,
        tokens: bool = False,
        above: bool = False,
    ) -> None:
        super().__init__()
        self.theme, self.meaning, self.above = theme, meaning, above
        rows, columns = tensor.shape
        words = tensor.axis_labels(tensor.axes[0]) if tokens else None
        shown = words if words and (box.height - CROWN - FOOT) / rows >= READABLE_ROW else None
        self.matrix = Matrix(tensor, meaning, theme, row_tokens=shown)
        if layout_now().is_narrow:
            name = shorten(name, max(box.width, LEAST_NAME), theme.size(SMALL), "semibold")
        self.name = Label(name, theme.size(LABEL), theme.hue(meaning), "semibold", structural=True)
        self.size = Label(f"{rows} × {columns}", theme.size(SMALL), theme.quiet, structural=True)
        self.add(self.matrix, self.name, self.size)
        self.place(box)

    @property
    def tensor(self) -> Tensor:
        return self.matrix.tensor

    @property
    def box(self) -> Box:
        """The box of the cells."""
        return self.matrix.box

    def place(self, box: Box) -> Tile:
        """In the middle of `box`, name and shape inside it too."""
        now = self.name.size
        self.name.scale(self.theme.fitting(now * box.width / max(self.name.width, 1e-6)) / now)
        room = box.inset(bottom=0.0 if self.above else FOOT, top=CROWN)
        tokens = self.matrix.row_tokens
        if tokens is not None:
            tokens.place(room)
            room = room.inset(left=tokens.box.width + SPACE)
        rows, columns = self.tensor.shape
        width, height = room.width / columns, room.height / rows
        numbers = self.matrix.cells.numbers_fit(min(width, LARGEST_CELL[0]), min(height, LARGEST_CELL[1]))
        most = LARGEST_CELL if numbers else LARGEST_HEAT
        return self.place_cells(room.x, room.y, columns * min(width, most[0]), rows * min(height, most[1]))

    def place_cells(self, x: float, y: float, width: float, height: float) -> Tile:
        """As wide and high as this, the middle of the cells at x, y."""
        self.matrix.place(Box(x - width / 2, x + width / 2, y - height / 2, y + height / 2))
        over = self.box.top + CROWN / 2 + 0.02
        self.name.move_to([x, over, 0])
        self.size.move_to([x, self.box.bottom - FOOT / 2, 0])
        if self.above:
            whole = self.name.width + self.size.width + 0.15 * bool(self.name.text)
            self.name.move_to([x - (whole - self.name.width) / 2, over, 0])
            self.size.move_to([x + (whole - self.size.width) / 2, over, 0])
        return self

    def reveal(self) -> Tile:
        self.matrix.reveal()
        return self

    def wave(self, order: str = "rows", run_time: float = 1.2) -> Animation:
        """Its cells fill in."""
        return CellWave(self.matrix, Matrix.reveal, order, run_time=run_time)


def beside_tokens(tensor: Tensor, box: Box, theme: Theme) -> float:
    """The room that tokens take beside a tile as high as `box`; 0 where its rows are too low for them."""
    tokens, rows = tensor.axis_labels(tensor.axes[0]), tensor.shape[0]
    cells = box.inset(bottom=FOOT, top=CROWN)
    if not tokens or cells.height / rows < READABLE_ROW:
        return 0.0
    height = min(cells.height, rows * LARGEST_CELL[1])
    return TokenAxis(tokens, "rows", theme).place(Box(0, 1, 0, height)).box.width + SPACE


def as_one(*tiles: Tile) -> None:
    """Tiles that are to be compared have rows and columns of one size, and all show numbers or all show heat."""
    height = min(tile.box.height for tile in tiles)
    column = min(tile.box.width / tile.matrix.columns for tile in tiles)
    for tile in tiles:
        tile.place_cells(tile.box.x, tile.box.y, column * tile.matrix.columns, height)
    if not all(tile.matrix.has_numbers for tile in tiles):
        for tile in tiles:
            tile.matrix.as_heat()


def tile_threads(source: Tile, target: Tile, colour: Colour) -> VGroup:
    """One thread per row from a tile to its neighbour on the right, finer where rows are low."""
    width = min(THICKNESS, 6 * source.box.height / source.matrix.rows)
    return row_threads(source.matrix, target.matrix, colour, width=width)
