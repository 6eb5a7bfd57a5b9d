"""The rows from layer to layer: the tensor after each, side by side, and how alike its rows are."""

from __future__ import annotations

from manim import RIGHT, VGroup

from scenes.shared.layer_stack import chosen
from scenes.shared.tile import READABLE_ROW, Tile, as_one, beside_tokens, tile_threads
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.ramp import signed_legend
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import SMALL, TITLE, Box, layout_now

MOST_STAGES = 5
STAGE_GAP = 0.75
LARGEST_MAP = 2.0
MAP_SHARE = 0.85
BESIDE = 0.3  # room in a narrow frame for names that are wider than their tiles


class LayerByLayer:
    """The input and every layer's output as tiles, joined row by row; under each the similarity of its rows.

    names: of the stages in the trace. tiles, maps: one per shown stage; numbers: which stages these are.
    """

    def __init__(self, chapter: Chapter, names: list[str], box: Box) -> None:
        self.chapter, self.trace, self.theme = chapter, chapter.trace, chapter.theme
        self.numbers = chosen(len(names), MOST_STAGES)
        self.last = len(names) - 1
        above, below, self.foot = box.rows(1, MAP_SHARE, 0.1, gap=0.16)
        self.token_room = beside_tokens(self.trace[names[0]], above, self.theme)
        room = above.inset(left=self.token_room, right=BESIDE if layout_now().is_narrow else 0.0)
        columns = room.columns(*[1] * len(self.numbers), gap=STAGE_GAP)
        self.tiles, self.maps, self.ellipses = [], [], VGroup()
        for number, place in zip(self.numbers, columns, strict=True):
            if number is None:
                self.ellipses.add(Label("⋯", self.theme.size(TITLE), self.theme.quiet).move_to([place.x, above.y, 0]))
                continue
            self.tiles.append(self._tile(names[number], number, place))
            self.maps.append(self._map(number, place, below))
        as_one(*self.tiles)
        self.threads = self._threads()

    def _tile(self, name: str, number: int, place: Box) -> Tile:
        words = self.chapter.words("stage_input") if number == 0 else self.chapter.words("layer", layer=number)
        meaning, first = "v" if number == self.last else "x", number == 0
        room = place.inset(left=-self.token_room) if first else place
        return Tile(self.trace[name], meaning, words, self.theme, room, tokens=first)

    def _map(self, number: int, place: Box, room: Box) -> Matrix:
        similarity = self.trace["encoder.stages.similarity"].part(number)
        side = min(LARGEST_MAP, room.height, place.width, similarity.shape[0] * 0.5)
        tokens = (
            similarity.axis_labels("queries") if number == 0 and side / len(similarity.values) > READABLE_ROW else None
        )
        matrix = Matrix(similarity, "scores", self.theme, row_tokens=tokens).as_heat()
        return matrix.place(Box(place.x - side / 2, place.x + side / 2, room.y - side / 2, room.y + side / 2))

    def _threads(self) -> list[VGroup]:
        hue = self.theme.hue("x")
        pairs = zip(self.tiles, self.tiles[1:], strict=False)
        return [tile_threads(a, b, hue) for a, b in pairs]

    def legend(self) -> VGroup:
        """What the colours of the maps mean, below them."""
        words = self.chapter.label("similarity", SMALL)
        _, ramp = signed_legend(words, self.trace["encoder.stages.similarity"], "scores", self.theme)
        x = (self.maps[0].box.x + self.maps[-1].box.x) / 2
        key = VGroup(words, ramp).arrange(RIGHT, buff=0.3)
        x = min(x, self.foot.right - key.width / 2)
        return key.move_to([x, self.foot.y, 0])
