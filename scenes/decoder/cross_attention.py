"""Cross-attention as a picture: queries from the decoder's rows, keys and values from the rows of the memory."""

from __future__ import annotations

from manim import RIGHT, Create, FadeIn, VGroup, VMobject

from scenes.shared.masks import masked_cells
from scenes.shared.tile import Tile, beside_tokens, tile_threads
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.matrix.miniature import cable
from scenes.stage.paint.formula import formula
from scenes.stage.paint.layout import GAP, HAIR, TEXT, TIGHT, Box
from scenes.stage.paint.theme import Colour

TILE_GAP = 0.75
SHARES = (1.0, 1.3, 0.75)
LANE = 0.2
EDGE = 0.3


class CrossAttentionPicture(VGroup):
    """Rows of the decoder at the upper left, the memory below; where they meet, the weights of one head; its result.

    block: such as `decoder.1.cross_attention`; queries: the tensor whose rows ask; small: without tokens.
    """

    def __init__(self, chapter: Chapter, block: str, queries: str, head: int, box: Box, *, small: bool = False) -> None:
        super().__init__()
        self.theme, trace, words = chapter.theme, chapter.trace, chapter.words
        weights = trace[f"{block}.heads.weights"].part(head)
        rows, keys = weights.shape
        upper, lower = box.rows(max(rows, 3) + 1.5, max(keys, 3) + 1.5, gap=0.25)
        sources, asking = trace["memory"], trace[queries]
        room = (
            0.0 if small else max(beside_tokens(asking, upper, self.theme), beside_tokens(sources, lower, self.theme))
        )
        first, second, third = upper.inset(left=room, right=EDGE).columns(*SHARES, gap=TILE_GAP)
        beside = Box(first.left - room, first.right, lower.bottom, lower.top)
        named = (lambda key: "") if small else words
        style = {"tokens": not small, "above": small}
        self.rows_in = Tile(
            asking, "q", named("rows_of_decoder"), self.theme, first.inset(left=-room), **style
        ).reveal()
        self.memory = Tile(sources, "v", words("memory"), self.theme, beside, **style).reveal()
        name = words("head", head=head + 1)
        self.weights = Tile(weights, "weights", name, self.theme, second, above=True)
        self.weights.matrix.veil(masked_cells(trace[f"{block}.mask"]))
        context = trace[f"{block}.heads.context"].part(head)
        self.context = Tile(context, "output", named("mixture"), self.theme, third, above=True)
        self._align(beside.left)
        self.q_threads = tile_threads(self.rows_in, self.weights, self.theme.hue("q"))
        self.k_cables = self._keys()
        self.v_cable = self._values()
        self.out = tile_threads(self.weights, self.context, self.theme.hue("weights"))
        self.letters = self._letters()
        self.add(self.rows_in, self.memory, self.weights, self.context)
        self.add(self.q_threads, self.k_cables, self.v_cable, self.out, self.letters)

    def _align(self, left: float) -> None:
        """Queries, weights and results level, row by row; the memory below, its name right of `left`."""
        tiles = (self.rows_in, self.weights, self.context)
        height = min(tile.box.height for tile in tiles)
        for tile in tiles:
            tile.place_cells(tile.box.x, self.rows_in.box.y, tile.box.width, height)
        right = self.rows_in.box.right
        self.memory.place_cells(
            right - self.memory.box.width / 2, self.memory.box.y, self.memory.box.width, self.memory.box.height
        )
        head = VGroup(self.memory.name, self.memory.size) if self.memory.above else self.memory.name
        head.shift(max(0.0, left - head.get_left()[0]) * RIGHT)
        name, free = self.rows_in.name, self.weights.name.box.left - TIGHT
        name.shift(min(0.0, free - name.box.right) * RIGHT)  # wider than a narrow matrix

    def _keys(self) -> VGroup:
        """From every row of the memory along and up into its column, nested without a crossing."""
        cables, top = VGroup(), self.weights.box.bottom - HAIR
        for j in range(self.memory.matrix.rows):
            y, x = self.memory.matrix.row_box(j).y, self.weights.matrix.column_box(j).x
            cables.add(cable([(self.memory.box.right + HAIR, y), (x, y), (x, top)], self.theme.hue("k"), opacity=0.5))
        return cables

    def _values(self) -> VMobject:
        """From the memory's foot along the lowest lane and up into the results."""
        start, x = self.memory.box, self.context.box.x
        y = start.bottom + LANE * start.height / max(self.memory.matrix.rows, 1)
        corners = [(start.right + HAIR, y), (x, y), (x, self.context.box.bottom - HAIR)]
        return cable(corners, self.theme.hue("v"), width=5.0, opacity=0.6)

    def _letters(self) -> VGroup:
        """Which cable is the queries, the keys, the values."""
        gap = (self.rows_in.box.right + self.weights.box.left) / 2
        last = self.weights.matrix.column_box(self.weights.matrix.columns - 1)
        places = {
            "q": (gap, max(self.rows_in.box.bottom - 0.2, self.memory.size.box.top + GAP)),
            "k": (last.x + GAP, (self.weights.box.bottom + self.memory.box.y) / 2),
            "v": (self.context.box.x + 0.26, self.memory.box.y),
        }
        return VGroup(*(self._letter(hue, self.theme.hue(hue), at) for hue, at in places.items()))

    def _letter(self, hue: str, colour: Colour, at: tuple[float, float]) -> VMobject:
        return formula(hue.upper(), colour, self.theme.size(TEXT)).move_to([*at, 0])

    def reveal(self) -> CrossAttentionPicture:
        self.weights.reveal()
        self.context.reveal()
        return self

    def play_queries(self, scene: Chapter) -> None:
        """The two sides appear, and the queries run to their rows."""
        scene.play(FadeIn(self.rows_in), run_time=0.6)
        scene.play(FadeIn(self.memory), run_time=0.6)
        scene.play(FadeIn(self.weights), Create(self.q_threads, lag_ratio=0.1), FadeIn(self.letters[0]), run_time=0.9)

    def play_keys(self, scene: Chapter) -> None:
        """The keys run to their columns, the weights fill in, and the values are mixed."""
        scene.play(Create(self.k_cables, lag_ratio=0.15), FadeIn(self.letters[1]), run_time=1.2)
        scene.play(self.weights.wave(run_time=1.4))
        scene.play(FadeIn(self.context), Create(self.v_cable), FadeIn(self.letters[2]), run_time=0.9)
        scene.play(Create(self.out, lag_ratio=0.1), run_time=0.5)
        scene.play(self.context.wave(run_time=1.0))
