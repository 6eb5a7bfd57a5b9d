"""The parts of a layer, each a true picture of what it does, before and while they become blocks of the figure."""

from __future__ import annotations

from manim import VGroup, VMobject

from scenes.shared.heads import MARGIN, TAB, Heads
from scenes.shared.heads_layout import wall_boxes
from scenes.shared.tile import Tile
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.miniature import cable, level_cable
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import HAIR, STAGE, TEXT, TIGHT, Box

ROW_GAP = 0.2
AIR = 0.45


class Parts:
    """Attention, add & norm and feed-forward of one layer, upwards as in the figure. block: such as `encoder.1`.

    all: the three pictures with their names; blocks: which blocks of the figure each becomes.
    """

    blocks = (
        ("encoder.self_attention",),
        ("encoder.add_norm_1", "encoder.add_norm_2"),
        ("encoder.feed_forward",),
    )

    def __init__(self, chapter: Chapter, figure: Figure, block: str, box: Box) -> None:
        theme, trace = chapter.theme, chapter.trace
        keys, hues = ("self_attention", "add_norm", "feed_forward"), ("scores", "x", "learned")
        names = [
            Label(chapter.words(key), theme.size(TEXT), theme.hue(hue), "semibold")
            for key, hue in zip(keys, hues, strict=True)
        ]
        room = max(name.width for name in names) + AIR
        rows = [row.inset(left=room) for row in reversed(box.rows(1, 1, 1, gap=ROW_GAP))]  # upwards
        order = sorted(range(3), key=lambda part: figure.part_box(self.blocks[part][0]).y)
        below, middle, above = (rows[order.index(part)] for part in range(3))
        heads = Heads(trace[f"{block}.self_attention.heads.weights"], theme, chapter.template("head"))
        heads.wall(wall_boxes(heads, below.inset(bottom=MARGIN, top=0.3 * TAB))).reveal()
        norm = Tile(trace[f"{block}.norm_1.output"], "x", "", theme, middle).reveal()
        wide = Tile(trace[f"{block}.feed_forward.activated"], "learned", "", theme, above).reveal()
        self.all = []
        pictures: tuple[VGroup, ...] = (heads, norm, wide)
        for picture, row, name in zip(pictures, (below, middle, above), names, strict=True):
            picture.shift([row.left - picture.get_left()[0] + MARGIN, 0, 0])
            name.move_to([row.left - AIR - name.width / 2, row.y, 0])
            self.all.append(VGroup(picture, name))

    def links(self, figure: Figure) -> list[VMobject]:
        """A cable from every name to the block that it becomes, in a tall frame beside the names and up."""
        if STAGE.is_tall:
            return [self._link_up(figure, *pair) for pair in enumerate(zip(self.all, self.blocks, strict=True))]
        return [
            level_cable(figure.part_box(blocks[0]), part[1].box.grown(0.08), figure.hue_of(blocks[0]), width=2.6)
            for part, blocks in zip(self.all, self.blocks, strict=True)
        ]

    @staticmethod
    def _link_up(figure: Figure, number: int, pair: tuple[VGroup, tuple[str, ...]]) -> VMobject:
        """From the left of a name, on a lane of its own."""
        (_, name), (block, *_) = pair
        start, end = name.box, figure.part_box(block)
        lane = start.left - (number + 1) * TIGHT
        points = [(start.left - HAIR, start.y), (lane, start.y), (lane, end.y), (end.left, end.y)]
        return cable(points, figure.hue_of(block), width=2.6)
