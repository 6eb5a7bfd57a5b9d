"""The decoder. It is fed the target one place to the right, and reads the encoder's memory."""

from __future__ import annotations

from manim import DOWN, LEFT, UP, Create, FadeIn, FadeOut, LaggedStart, VGroup

from scenes.decoder.cross_attention import CrossAttentionPicture
from scenes.decoder.next_words import NextWords
from scenes.decoder.poster import DecoderPoster
from scenes.decoder.shifted_target import ShiftedTarget
from scenes.decoder.source_reading import SourceReading
from scenes.decoder.stack_with_memory import StackWithMemory
from scenes.shared.block_pictures import FeedPicture, HeadsWall
from scenes.shared.side_chapter import SideChapter
from scenes.shared.tile import Tile
from scenes.shared.track import JUST, Track, swallowed
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, step
from scenes.stage.matrix.miniature import Travel
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import LABEL, TIGHT, Band, Box, layout_now

FORMULA = (
    '{{ op("MaskedAttention")(Y) : masked }} arrow.r '
    '{{ op("Attention")( Q_Y "," K_Z "," V_Z) : cross }} arrow.r {{ op("FFN") : feed_forward }}'
)
WIDE_MAP, NARROW_MAP = (5.02, 0.65), (3.3, 0.3)  # the width of the map, and how far from the window it stands
ABOVE, ASIDE = 0.47, 0.5  # in a tall frame: the share of the map, over the window; room for a cable beside it


def _map() -> Box:
    room = STAGE.upper(ABOVE) if STAGE.is_tall else STAGE.now
    right = STAGE.right - (ASIDE if STAGE.is_tall else 0.08)
    return room.but(left=right - _widths()[0], right=right)


def _widths() -> tuple[float, float]:
    return NARROW_MAP if layout_now().is_square else WIDE_MAP


MAP = Band(_map)
WINDOW = Band(
    lambda: STAGE.lower(1 - ABOVE).inset(top=TIGHT) if STAGE.is_tall else STAGE.but(right=MAP.left - _widths()[1])
)
BLOCK = "decoder.1"
AROUND_MEMORY = (0.2, 0.44)
ABOVE_SUM = 0.13
LIFT = 0.12


class Decoder(SideChapter):
    """The shifted target, masked self-attention, cross-attention to the memory, and the stack."""

    side = "decoder"
    room = WINDOW
    formula = FORMULA

    def setup(self) -> None:
        super().setup()
        self.figure.place(MAP)
        self.x = self.trace[f"{BLOCK}.input"]
        self.fed = self.x.axis_labels("tokens") or ()
        self.expected = self.trace["target.expected"].axis_labels("tokens") or ()
        self.asking = f"{BLOCK}.norm_2.output" if self.pre else f"{BLOCK}.norm_1.output"
        self.head, self.query, self.key, self.other = self.trace.telling_look(f"{BLOCK}.cross_attention")
        self.add_stations()

    def add_stations(self) -> None:
        """What enters the layer, what has been added (and normalised) after each sub-layer."""
        frame = self.figure.part_box("decoder.layers")
        left = frame.left - 1.95
        left = left if STAGE.is_tall else max(left, WINDOW.right + TIGHT)
        room = Box(left, frame.left - 0.3, STAGE.bottom, STAGE.top)
        self.track = Track(self.figure, self.theme, room, "left", self.x.shape, "decoder.self_attention")
        norms = [f"decoder.add_norm_{number}" for number in (1, 2, 3)]
        self.sums = [f"{BLOCK}.sum_{n}" if self.pre else f"{BLOCK}.norm_{n}.output" for n in (1, 2, 3)]
        self.track.between(self.x, "x", "target.positions", norms[0] if self.pre else "decoder.self_attention")
        top = self.above_layers("decoder.result")
        levels = [*norms[1:], top] if self.pre else norms
        away = (-LIFT, 0.0, 0.0) if self.pre else (0.0, LIFT, 0.0)  # clear of the memory and its cables
        for number, (name, level) in enumerate(zip(self.sums, levels, strict=True)):
            leaves = self.figure.sum_at(norms[number])[1] + ABOVE_SUM
            y = self.figure.part_box(level).y + away[number]
            self.track.add(self.trace[name], "x", y, leaves if self.pre else self.figure.part_box(level).top + JUST)

    def word(self, index: int) -> Run:
        return Run(self.fed[index], self.theme.hue("q"))

    def coming(self, index: int) -> Run:
        return Run(self.expected[index], self.theme.hue("output"))

    def source(self, index: int) -> Run:
        return Run((self.trace["memory"].axis_labels("tokens") or self.example.tokens)[index], self.theme.hue("v"))

    # --- the input ------------------------------------------------------------------------------------------------

    @step
    def shifted_right(self) -> None:
        memory = Tile(self.trace["memory"], "v", self.words("memory"), self.theme, STAGE, tokens=True).reveal()
        self.carry(memory)
        self.say(first=self.coming(0))
        names = [self.label(key, LABEL, self.theme.hue(hue)) for key, hue in (("expected", "output"), ("fed", "x"))]
        shift = ShiftedTarget(self.fed, self.expected, names, self.gloss, self.theme, STAGE)
        self.play(FadeOut(memory, target_position=STAGE.centre + 3 * LEFT, scale=0.4), run_time=0.8)
        self.play(FadeIn(shift.names[0]), LaggedStart(*(FadeIn(chip) for chip in shift.expected), lag_ratio=0.1))
        self.opened = VGroup(*shift.all, self.say_of_pair(shift))

    def slide(self, shift: ShiftedTarget) -> None:
        """A copy of the target comes down, moves one place to the right, and [START] takes the free place."""
        copies = [chip.copy() for chip in shift.expected]
        for copy in copies:
            copy.gloss = ""
        self.play(
            FadeIn(shift.names[1]),
            *(c.animate.set_box(shift.slot(i, "fed")) for i, c in enumerate(copies)),
            run_time=0.9,
        )
        self.play(FadeOut(copies[-1]), run_time=0.4)
        moved = [c.animate.set_box(shift.slot(i + 1, "fed")) for i, c in enumerate(copies[:-1])]
        if moved:
            self.play(*moved, run_time=1.0)
        self.remove(*copies)
        self.add(*shift.fed[1:])
        self.play(FadeIn(shift.fed[0], shift=0.3 * UP), run_time=0.5)

    def say_of_pair(self, shift: ShiftedTarget) -> VGroup:
        """What is fed at one position, and what is to come out there; returns their frames."""
        place = 1 if len(self.fed) > 2 else 0
        self.say(word=Run(self.fed[place], self.theme.hue("x")), next=self.coming(place))
        self.slide(shift)
        self.play(LaggedStart(*(Create(arrow) for arrow in shift.arrows), lag_ratio=0.2, run_time=1.2))
        frames = VGroup(*(Frame(shift.slot(place, row), self.theme) for row in ("fed", "expected")))
        self.play(FadeIn(frames), run_time=0.5)
        return frames

    # --- one layer ------------------------------------------------------------------------------------------------

    @step
    def masked_attention(self) -> None:
        self.turn_to("masked")
        self.say(**self.shape(self.x))
        self.figure.recede().light_up("target.")
        self.play(FadeIn(self.figure), run_time=0.6)
        self.arrive(self.x.name, self.figure.part_box("target.embedding"))
        self.enter(self.x.name, *(("decoder.add_norm_1",) if self.pre else ()), "decoder.self_attention")
        window = self.open("decoder.self_attention", "masked_attention")
        picture = HeadsWall(self, f"{BLOCK}.self_attention", window.inside)
        picture.play(self)
        place = 1 if len(self.fed) > 2 else 0
        self.say(word=self.word(place), next=self.coming(place))
        frames = VGroup(*(Frame(s.part_box(rows=place), self.theme) for s in picture.heads.sheets))
        self.play(FadeIn(frames), run_time=0.5)
        self.arrive(self.sums[0], self.figure.part_box("decoder.add_norm_1"))
        self.opened = VGroup(picture, window, frames)

    @step
    def cross_attention(self) -> None:
        self.step_back("cross")
        self.say()
        lit = ("decoder.add_norm_2",) if self.pre else ()
        self.enter(self.sums[0], *lit, "decoder.cross_attention", "memory")
        window = self.open("decoder.cross_attention", "cross_attention", AROUND_MEMORY)
        self.across = CrossAttentionPicture(self, f"{BLOCK}.cross_attention", self.asking, self.head, window.inside)
        self.across.play_queries(self)
        self.remember()
        weights = self.trace[f"{BLOCK}.cross_attention.heads.weights"]
        self.say(rows=weights.shape[1], columns=weights.shape[2])
        self.across.play_keys(self)
        self.window = window
        self.opened = VGroup(self.across, window)

    def remember(self) -> None:
        """Keys and values come out of the memory into the block, side by side."""
        ends = ("memory", "decoder.cross_attention")
        memory = self.trace["memory"]
        self.play(self.figure.animate.enliven(ends), run_time=0.4)
        travellers = [self.track.traveller(memory, hue) for hue in "kv"]
        paths = [self.figure.arrow(*ends, hue) for hue in "kv"]
        going = zip(travellers, paths, strict=True)
        self.play(*(Travel(traveller.at(path.get_start()), path) for traveller, path in going), run_time=0.8)
        self.play(*(swallowed(traveller, self.figure.part_box(ends[1])) for traveller in travellers), run_time=0.3)
        self.play(self.figure.animate.enliven(), run_time=0.3)

    @step
    def reading_the_source(self) -> None:
        weights = self.trace[f"{BLOCK}.cross_attention.heads.weights"]
        share, second = (percent(weights.at(self.head, self.query, key)) for key in (self.key, self.other))
        row = Frame(self.across.weights.matrix.row_box(self.query), self.theme)
        facts = {"query": self.word(self.query), "next": self.coming(self.query)}
        self.say(**facts)
        self.play(FadeIn(row), self.across.weights.matrix.animate.spotlight(rows=self.query), run_time=0.6)
        self.play(FadeOut(self.across, row), run_time=0.5)
        picture = SourceReading(self, f"{BLOCK}.cross_attention", self.head, self.query, self.window.inside)
        self.play(FadeIn(picture.values, picture.tokens, picture.names[0]), run_time=0.6)
        self.play(FadeIn(picture.percents), run_time=0.6)
        looks = {"source": self.source(self.key), "other": self.source(self.other), "share": share, "second": second}
        self.say(**facts, **looks, head=self.head + 1)
        self.play(picture.ribbons.animate.draw(), FadeIn(picture.result, picture.names[1]), run_time=1.2)
        self.play(picture.result.animate.reveal(), run_time=0.8)
        self.arrive(self.sums[1], self.figure.part_box("decoder.add_norm_2"))
        self.opened = VGroup(picture, self.window)

    @step
    def feed_forward(self) -> None:
        self.step_back("feed_forward")
        wide = self.trace[f"{BLOCK}.feed_forward.activated"].shape[1]
        self.say(columns=self.x.shape[1], wide=wide)
        self.enter(self.sums[1], *(("decoder.add_norm_3",) if self.pre else ()), "decoder.feed_forward")
        window = self.open("decoder.feed_forward", "feed_forward")
        picture = FeedPicture(self, f"{BLOCK}.feed_forward", window.inside)
        picture.play(self)
        picture.play_result(self)
        self.arrive(self.sums[2], self.figure.part_box("decoder.add_norm_3"))
        self.opened = VGroup(picture, window)

    # --- many layers ----------------------------------------------------------------------------------------------

    @step
    def stack(self) -> None:
        stacked = StackWithMemory(self, self.layers, WINDOW)
        self.turn_to()
        self.say(layers=self.layers)
        self.play(self.figure.animate.light_up(), FadeIn(stacked.stack.minis[0], stacked.memory), run_time=0.6)
        for level, cables in zip(stacked.stack.levels, stacked.cables, strict=True):
            self.play(FadeIn(level.plate, *level.arrows, shift=0.2 * DOWN), Create(cables), run_time=0.6)
            if level.mini is not None:
                self.play(FadeIn(level.mini, shift=0.4 * UP), run_time=0.5)
        self.fly_through(stacked.stack)
        self.opened = stacked.parts

    @step
    def next_words(self) -> None:
        rows = NextWords(self, self.expected, WINDOW)
        self.turn_to()
        self.say(count=len(self.fed), word=self.word(0), next=self.coming(0))
        self.play(FadeIn(rows.tile), run_time=0.6)
        self.play(rows.tile.wave(run_time=1.2))
        self.play(Create(rows.arrows, lag_ratio=0.2), FadeIn(rows.words, rows.name), run_time=1.4)
        self.opened = rows.all

    @step
    def whole(self) -> None:
        self.say()
        self.turn_to("all")
        poster = DecoderPoster(self, self.figure, BLOCK, WINDOW, AROUND_MEMORY)
        for part in poster.pictures(self.asking, self.head, self.expected):
            self.play(FadeIn(part), run_time=0.6)
