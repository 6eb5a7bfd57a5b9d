"""The encoder. Blocks already met become a layer, layers become a stack; rows go in, rows come out."""

from __future__ import annotations

from manim import DOWN, RIGHT, UP, Create, FadeIn, FadeOut, LaggedStart, ReplacementTransform, VGroup

from core.trace import Tensor
from core.trace.layers import encoder_stages
from scenes.encoder.layer_by_layer import LayerByLayer
from scenes.encoder.parts import Parts
from scenes.encoder.placement import Placement
from scenes.encoder.poster import EncoderPoster
from scenes.shared.block_pictures import AttentionPicture, FeedPicture, SumPicture
from scenes.shared.layer_stack import ENCODER_BLOCKS, Stack, plate_between
from scenes.shared.side_chapter import SideChapter
from scenes.shared.tile import Tile
from scenes.shared.track import Track, swallowed
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.matrix.miniature import Miniature, Travel
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import SPACE, TIGHT, WIDE, Band, Box, layout_now

POST_NORM = (
    '{{ op("Norm") : first }} lr((X + {{ op("MultiHead")(X) : attention }})) = H, thin '
    '{{ op("Norm") : second }} lr((H + {{ op("FFN")(H) : feed }})) = Y'
)
PRE_NORM = (
    'X + {{ op("MultiHead") : attention }} lr(( {{ op("Norm")(X) : first }} )) = H, thin '
    'H + {{ op("FFN") : feed }} lr(( {{ op("Norm")(H) : second }} )) = Y'
)
WIDTHS, NARROW = (3.42, 0.3, 1.9), (2.1, 0.2, 1.2)  # of the map, the gap beside it, the track
ABOVE, ASIDE = 0.47, 0.5  # in a tall frame: the share of map and track, over the window; room for a cable beside them


def _map() -> Box:
    left = STAGE.left + (ASIDE if STAGE.is_tall else 0.08)
    room = STAGE.upper(ABOVE) if STAGE.is_tall else STAGE.now
    return room.but(left=left, right=left + _widths()[0])


def _widths() -> tuple[float, float, float]:
    return NARROW if layout_now().is_square else WIDTHS


def _track() -> Box:
    _, gap, wide = _widths()
    return MAP.but(left=MAP.right + gap, right=MAP.right + gap + wide)


MAP = Band(_map)
TRACK = Band(_track)
WINDOW = Band(lambda: STAGE.lower(1 - ABOVE).inset(top=TIGHT) if STAGE.is_tall else STAGE.but(left=TRACK.right + TIGHT))
BLOCK = "encoder.1"
NORM_2 = "encoder.add_norm_2"


class Encoder(SideChapter):
    """One layer, block by block, then the stack of layers."""

    side = "encoder"
    room = WINDOW

    def setup(self) -> None:
        self.formula = PRE_NORM if self.example.model.config.norm == "pre" else POST_NORM
        super().setup()
        self.figure.place(MAP).hide()
        self.x = self.trace[f"{BLOCK}.input"]
        self.y = self.trace[f"{BLOCK}.output"]
        self.track = Track(self.figure, self.theme, TRACK, "right", self.x.shape, "encoder.self_attention")
        self.add_stations()
        self.stages = encoder_stages(self.trace)
        self.row, self.other = self.trace.telling_rows()

    def add_stations(self) -> None:
        """What leaves each block, between which parts of the figure it stands."""
        att, feed, top = "encoder.self_attention", "encoder.feed_forward", self.above_layers("memory")
        norm, last = "encoder.add_norm_2" if self.pre else "encoder.add_norm_1", feed if self.pre else NORM_2
        stations = [
            (f"{BLOCK}.input", "x", "source.positions", "encoder.add_norm_1" if self.pre else att),
            (f"{BLOCK}.self_attention.output", "output", att, norm),
            (f"{BLOCK}.feed_forward.input", "x", norm, feed),
            (f"{BLOCK}.feed_forward.output", "output", feed, NORM_2),
            (f"{BLOCK}.output", "x", last, top),
        ]
        for name, meaning, below, above in stations:
            if below != feed or above == top or not self.pre:
                self.track.between(self.trace[name], meaning, below, above)

    def source(self, index: int) -> Run:
        return Run((self.x.axis_labels("tokens") or self.example.tokens)[index], self.theme.hue("x"))

    # --- the parts, and what goes in ------------------------------------------------------------------------------

    @step
    def parts(self) -> None:
        parts = Parts(self, self.figure, BLOCK, WINDOW.inset(left=0.2, right=0.15).shifted(STAGE.x - WINDOW.x))
        self.carry(*parts.all)
        self.say()
        self.add(self.figure)
        way = WINDOW.left + 0.2 - min(part.get_left()[0] for part in parts.all)
        self.play(*(part.animate.shift(way * RIGHT) for part in parts.all), run_time=0.9)
        links = parts.links(self.figure)
        for link, blocks in zip(links, parts.blocks, strict=True):
            self.play(Create(link), run_time=0.5)
            self.play(self.figure.animate.reveal(*blocks), run_time=0.4)
        self.play(
            self.figure.animate.reveal("encoder.residual_1", "encoder.residual_2", "encoder.layers"), run_time=0.6
        )
        self.play(self.figure.animate.reveal(), run_time=0.6)
        self.opened = VGroup(*parts.all, *links)

    @step
    def input(self) -> None:
        tile = Tile(self.x, "x", self.words("input"), self.theme, WINDOW, tokens=True)
        self.turn_to()
        self.play(self.figure.animate.spotlight("source."), run_time=0.5)
        self.say(**self.shape(self.x))
        self.play(FadeIn(tile), run_time=0.5)
        self.play(tile.wave(run_time=1.4))
        self.arrive(tile.tensor.name, tile.box)
        self.opened = VGroup(tile)

    # --- one layer ------------------------------------------------------------------------------------------------

    def past(self, below: str, number: int, tensor: Tensor) -> None:
        """A copy takes the residual connection past the sub-layer and arrives at its ⊕."""
        norm = f"encoder.add_norm_{number}"
        path = self.figure.arrow(below, norm)
        traveller = self.track.traveller(tensor, "x").at(path.get_start())
        lit = self.figure.animate.spotlight(f"encoder.residual_{number}", norm, "encoder.layers")
        self.play(lit.enliven((below, norm)), FadeIn(traveller), run_time=0.5)
        self.play(Travel(traveller, path), run_time=1.2)
        arriving = swallowed(traveller, self.figure.part_box(norm))
        self.play(arriving, self.figure.animate.enliven(), *self.clearing(), run_time=0.4)

    @step
    def attention(self) -> None:
        self.step_back("attention")
        self.say()
        self.enter(f"{BLOCK}.input", *(("encoder.add_norm_1",) if self.pre else ()), "encoder.self_attention")
        window = self.open("encoder.self_attention", "attention")
        picture = AttentionPicture(self, f"{BLOCK}.self_attention", window.inside)
        picture.wall.play(self)
        self.say(**self.shape(picture.output.tensor))
        picture.play_result(self)
        self.arrive(picture.output.tensor.name, picture.output.box)
        self.opened = VGroup(picture, window)

    @step
    def add_norm(self) -> None:
        normed = f"{BLOCK}.norm_2.output" if self.pre else f"{BLOCK}.norm_1.output"
        names = {"residual": f"{BLOCK}.input", "sublayer": f"{BLOCK}.self_attention.output", "total": f"{BLOCK}.sum_1"}
        self.step_back("second" if self.pre else "first")
        self.say()
        self.past("source.positions", 1, self.x)
        window = self.open(NORM_2 if self.pre else "encoder.add_norm_1", "add_norm")
        picture = SumPicture(self, names | {"normed": normed}, window.inside)
        picture.play(self)
        picture.play_norm(self)
        self.arrive(f"{BLOCK}.feed_forward.input", picture.result.box)
        self.opened = VGroup(picture, window)

    @step
    def feed_forward(self) -> None:
        self.step_back("feed")
        wide = self.trace[f"{BLOCK}.feed_forward.activated"].shape[1]
        self.say(columns=self.x.shape[1], wide=wide)
        self.enter(f"{BLOCK}.feed_forward.input", "encoder.feed_forward")
        window = self.open("encoder.feed_forward", "feed_forward")
        picture = FeedPicture(self, f"{BLOCK}.feed_forward", window.inside)
        picture.play(self)
        picture.play_result(self)
        if not self.pre:
            self.arrive(picture.result.tensor.name, picture.result.box)
        self.say()
        self.past("encoder.add_norm_1", 2, self.trace[f"{BLOCK}.sum_1" if self.pre else f"{BLOCK}.norm_1.output"])
        self.play(FadeIn(self.track.minis[self.y.name], shift=0.3 * RIGHT), Create(self.track.cables[self.y.name]))
        self.opened = VGroup(picture, window)

    # --- many layers ----------------------------------------------------------------------------------------------

    @step
    def same_shape(self) -> None:
        above, middle, below = WINDOW.rows(1, 0.24, 1, gap=0.22)
        first = Tile(self.x, "x", self.words("input"), self.theme, below, tokens=True).reveal()
        last = Tile(self.y, "x", self.words("output"), self.theme, above, tokens=True).reveal()
        brick = plate_between(middle, first, last, self.words("layer", layer=1), self.theme)
        self.turn_to()
        self.say(**self.shape(self.y))
        self.play(self.figure.animate.spotlight("encoder."), run_time=0.5)
        for tile in (first, last):
            cells = self.track.minis[tile.tensor.name].cells.copy()
            self.play(cells.animate(introducer=True).set_box(tile.box), run_time=0.9)
            self.play(FadeIn(tile), run_time=0.4)
            self.remove(cells)
            if tile is first:
                self.play(FadeIn(brick), run_time=0.5)
        frames = VGroup(*(Frame(tile.size.box.grown(0.07), self.theme) for tile in (last, first)))
        self.play(FadeIn(frames), run_time=0.5)
        self.layer = first, last, brick
        self.opened = VGroup(first, last, frames, brick)

    @step
    def stack(self) -> None:
        tensors = [self.trace[name] for name in self.stages]
        meanings = ["x"] * self.layers + ["v"]
        self.layer_stack = Stack(tensors, meanings, self.template("layer"), ENCODER_BLOCKS, self.theme, WINDOW)
        self.say(layers=self.layers)
        self.settle()
        for level in self.layer_stack.levels[1:]:
            self.play(FadeIn(level.plate, *level.arrows, shift=0.2 * DOWN), run_time=0.5)
            if level.mini is not None:
                self.climb(level.before, level.mini)
        self.fly_through(self.layer_stack)

    def settle(self) -> None:
        """The layer that was just looked at shrinks, and becomes the lowest of the stack."""
        *tiles, brick = self.layer
        plate, lowest, minis = brick[0], self.layer_stack.levels[0], self.layer_stack.minis[:2]
        cells = [tile.matrix.cells for tile in tiles]
        for tile in tiles:
            tile.matrix.remove(tile.matrix.cells)
        brick.remove(plate)
        self.add(plate, *cells)
        whole = self.figure.animate.light_up()
        self.play(FadeOut(self.opened), whole, self.header.animate.light(), run_time=0.6)
        shrunk = (ReplacementTransform(large, mini.cells) for large, mini in zip(cells, minis, strict=True))
        self.play(*shrunk, plate.animate.set_box(lowest.plate.box), run_time=1.0)
        self.remove(plate)
        self.add(lowest.plate)
        self.play(FadeIn(lowest.arrows, *(mini.shape for mini in minis)), run_time=0.3)
        self.add(*minis)

    def climb(self, before: Miniature, after: Miniature) -> None:
        """A copy of what stands below a layer goes up into it; what the layer makes of it comes out above."""
        traveller = before.cells.copy()
        middle = (before.box.centre + after.box.centre) / 2
        self.play(traveller.animate.shift(middle - before.box.centre).set_opacity(0), run_time=0.8)
        self.remove(traveller)
        self.play(FadeIn(after, shift=0.4 * UP), run_time=0.7)

    @step
    def layer_by_layer(self) -> None:
        self.view = LayerByLayer(self, self.stages, WINDOW.now if STAGE.is_tall else WINDOW.but(left=TRACK.left))
        self.say(row=self.source(self.row), kept=self.trace["encoder.stages.kept"].at(self.layers, self.row))
        around = (self.layer_stack.between, *(mini.shape for mini in self.layer_stack.minis), self.track.parts)
        self.play(FadeOut(*around), self.figure.animate.recede(), run_time=0.6)
        self.unfold()
        self.similar()

    def unfold(self) -> None:
        """The miniatures of the stack come down beside each other and grow into matrices."""
        shown = [
            mini for mini in self.layer_stack.minis if mini.tensor.name in [t.tensor.name for t in self.view.tiles]
        ]
        self.play(*(m.cells.animate.set_box(t.box) for m, t in zip(shown, self.view.tiles, strict=True)), run_time=1.4)
        self.remove(*(part for mini in self.layer_stack.minis for part in mini.get_family()))
        for tile in self.view.tiles:
            self.add(tile.reveal())
        self.play(*(Create(threads, lag_ratio=0.1) for threads in self.view.threads), FadeIn(self.view.ellipses))

    def similar(self) -> None:
        """How alike the rows are, after each layer: two rows in the focus."""
        rows = VGroup(*(Frame(tile.matrix.row_box(self.row), self.theme) for tile in self.view.tiles))
        self.play(LaggedStart(*(FadeIn(frame) for frame in rows), lag_ratio=0.4, run_time=1.2))
        similarity = self.trace["encoder.stages.similarity"]
        facts = {"row": self.source(self.row), "other": self.source(self.other)}
        readings = {
            "first": similarity.at(0, self.row, self.other),
            "last": similarity.at(self.layers, self.row, self.other),
        }
        self.say(**facts, **readings)
        maps = LaggedStart(*(FadeIn(matrix.reveal()) for matrix in self.view.maps), lag_ratio=0.4)
        self.play(maps, FadeIn(self.view.legend()), run_time=1.4)
        cells = VGroup(*(Frame(m.cell_box(self.row, self.other), self.theme) for m in self.view.maps))
        self.play(FadeIn(cells), run_time=0.5)

    # --- where the norm stands ------------------------------------------------------------------------------------

    @step
    def placement(self) -> None:
        boxes = STAGE.inset(left=TIGHT, right=TIGHT, top=SPACE, bottom=TIGHT).rows(1, 1, gap=WIDE)
        for kind, box in zip(("post", "pre"), boxes, strict=True):
            diagram = Placement(self, kind, box)
            self.say()
            if kind == "post":
                self.play(self.leaving(), self.header.animate.light("first", "second"), run_time=0.4)
            self.play(FadeIn(*diagram.frame(), *diagram.names), run_time=0.7)
            self.say(**diagram.facts)
            self.play(diagram.counted())

    @step
    def whole(self) -> None:
        self.say()
        self.light("all")
        self.play(self.leaving(), run_time=0.5)
        self.play(FadeIn(self.figure.light_up()), run_time=0.5)
        poster = EncoderPoster(self, self.figure, BLOCK, self.stages, WINDOW)
        self.play(LaggedStart(*(FadeIn(part) for part in self.track.parts), lag_ratio=0.2, run_time=1.6))
        for part in poster.stations:
            self.play(FadeIn(part), run_time=0.6)
