"""Translation, word by word. Encoded once, then said word for word, each looking where it needs to."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, UP, Create, FadeIn, FadeOut, LaggedStart, Mobject, ReplacementTransform, VGroup

from scenes.stage.chapter.caption import in_lines
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.candidates import Candidates, candidates_of
from scenes.stage.charts.legend import WeightRamp, legend
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.chips import Chip
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import HAIR, LABEL, SMALL, SPACE, TIGHT, Box
from scenes.stage.paint.threads import End, across_from, edge, thread
from scenes.translation.alignment_ribbons import AlignmentRibbons
from scenes.translation.alignment_table import AlignmentTable
from scenes.translation.layout import TranslationLayout
from scenes.translation.look_sweep import LookSweep
from scenes.translation.story import START, Story
from scenes.translation.words_and_bands import chips_of, named_band

FORMULA = (
    'y_t = {{ scripts(op("argmax"))_y : word }} thin {{ p : probabilities }} ( y thin | thin '
    "{{ y_1 dots y_(t-1) : said }}, {{ X : memory }} )"
)
LOOP = 9.0  # seconds for all words after the second
QUICKEST, SLOWEST = 0.28, 0.9
TALL_CELL, TALL_SHARE = (0.9, 0.5), 0.9  # of the memory while it is looked at; of the way from word to word
ONE_WORD = 1.9  # seconds a word takes at a pace of 1


class Translation(Chapter):
    """The encoder once, the decoder loop, the finished alignment, how sure every word was."""

    formula = FORMULA

    def setup(self) -> None:
        super().setup()
        theme = self.theme
        self.story = Story(self.trace, self.example, theme)
        said = (START, *self.story.said)
        self.layout = layout = TranslationLayout(self.story.source, said, self.gloss, STAGE, self.theme)
        self.source = chips_of(layout.source, "k", theme)
        self.spoken = chips_of(layout.said, "q", theme)
        self.encoder = named_band(layout.encoder, self.label("encoder", LABEL, theme.ink), "k", theme)
        self.decoder = named_band(layout.decoder, self.label("decoder", LABEL, theme.ink), "q", theme)
        self.memory = (
            [self.memory_column(row, box) for row, box in enumerate(layout.memory)] if self.story.encodes else []
        )
        looks = self.story.looks
        self.ribbons = AlignmentRibbons(looks.values, layout.source.boxes, layout.said.boxes[1:], *self.levels, theme)
        self.table = AlignmentTable(looks, self.label("looks", SMALL), layout.table, theme)
        self.bars = self.candidate_bars()
        self.names = self.row_names()
        self.feeds = [self.feed(chip) for chip in self.spoken]

    @property
    def levels(self) -> tuple[float, float]:
        """Between which heights the ribbons run while the model works: from its memory, or from the prompt."""
        top, bottom = self.layout.levels
        return (top if self.story.encodes else self.layout.close_levels[0]), bottom

    def memory_column(self, row: int, box: Box) -> Matrix:
        """One row of the memory, upright under its word."""
        column = Matrix(self.trace["memory"].line(row, standing=True), "k", self.theme).place(box)
        return column.as_heat().without_slots()

    def candidate_bars(self) -> Candidates:
        words = self.trace["translation.probabilities"].axis_labels("vocabulary") or ()
        entries = self.entries(0)
        shown = {entry.word for step in range(len(self.story.said)) for entry in self.entries(step)}
        box = self.layout.bars.inset(top=0.42)
        rest = len(words) > self.trace["translation.candidates"].shape[1]
        return Candidates(len(entries), sorted(shown), box, self.theme, rest=rest)

    def entries(self, step: int) -> tuple:
        words = self.trace["translation.probabilities"].axis_labels("vocabulary") or ()
        count = len(words) - self.trace["translation.candidates"].shape[1]
        return candidates_of(self.trace, "translation", step, self.words("others", count=count))

    def row_names(self) -> VGroup:
        """What stands at the left of source, memory and translation."""
        layout = self.layout
        places = {
            "source": layout.source.boxes[0].y,
            "memory": layout.memory[0].y,
            "translation": layout.said.boxes[0].y,
        }
        labels = VGroup()
        for key, y in places.items():
            label = self.label(key, SMALL)
            labels.add(label.move_to([layout.margin.left + label.width / 2, y, 0]))
        return labels

    def feed(self, chip: Chip) -> VGroup:
        """From a word said up into the decoder."""
        start = edge(chip, "top")
        return thread(start, across_from(start, self.decoder, "bottom"), self.theme.hue("q"), opacity=0.8, width=3)

    # --- the encoder ------------------------------------------------------------------------------------------------

    @step
    def encode_once(self) -> None:
        story = self.story
        self.inputs = VGroup(*(self.into_encoder(chip) for chip in self.source))
        machine = self.encoder if story.encodes else self.decoder
        self.moved = VGroup(*self.source, machine, self.names, self.inputs)
        self.tall = self.tall_columns() if story.encodes else []
        self.moved.shift(self.aside)
        self.carry(*self.source, machine, self.names[0])
        self.light("memory")
        self.say()
        if story.encodes:
            self.encode()
        else:
            self.say()

    @property
    def aside(self) -> np.ndarray:
        """From where the sentence has its place to the middle of the stage."""
        return (STAGE.x - self.layout.middle.x) * RIGHT

    def tall_columns(self) -> list[Matrix]:
        """The rows of the memory, each upright under its word and as high as there is room."""
        memory, top = self.trace["memory"], self.layout.encoder.bottom - SPACE
        half = min(TALL_CELL[0], TALL_SHARE * self.layout.source.spacing) / 2
        low = max(STAGE.bottom + SPACE, top - memory.shape[1] * TALL_CELL[1])
        columns = []
        for row, chip in enumerate(self.source):
            line = memory.line(row, standing=True)
            column = Matrix(line, "k", self.theme, reserve=[memory]).without_slots()
            place = Box(chip.box.x - half, chip.box.x + half, low, top)
            columns.append(column.place(place.shifted(float(self.aside[0]))))
        return columns

    def encode(self) -> None:
        """The words go into the encoder, and a row of memory comes out under each."""
        self.play(LaggedStart(*(Create(line) for line in self.inputs), lag_ratio=0.15), run_time=1.2)
        self.say()
        self.play(FadeIn(self.names[1]), run_time=0.4)
        self.add(*self.tall)
        filling = (CellWave(column, Matrix.reveal) for column in self.tall)
        self.play(LaggedStart(*filling, lag_ratio=0.12), run_time=2.0)

    def make_room(self) -> None:
        """The sentence and its memory go to their places at the left, and the decoder comes."""
        encoded = [self.inputs, self.names[1]] if self.story.encodes else []
        shrinking = [
            ReplacementTransform(tall.cells, column.reveal().cells)
            for tall, column in zip(self.tall, self.memory, strict=True)
        ]
        self.play(self.moved.animate.shift(-self.aside), *shrinking, run_time=1.2)
        self.remove(*self.moved.get_family(), *(part for tall in self.tall for part in tall.get_family()))
        machine = [self.encoder] if self.story.encodes else [self.decoder]
        self.add(*self.source, *machine, self.names[0], *encoded, *self.memory)

    def into_encoder(self, chip: Chip) -> VGroup:
        start = End(chip, "bottom", "with_gloss")
        return thread(start, across_from(start, self.encoder, "top"), self.theme.hue("k"), opacity=0.8, width=3)

    # --- the loop ---------------------------------------------------------------------------------------------------

    @step
    def first_word(self) -> None:
        story = self.story
        self.light("said")
        self.say()
        self.make_room()
        self.play(FadeIn(self.decoder, self.spoken[0], self.names[2]), run_time=0.6)
        self.play(Create(self.feeds[0]), FadeIn(self.table), run_time=0.6)
        self.add(self.ribbons)
        self.play(self.ribbons.animate.draw(0), run_time=1.6)
        self.say(**story.look(0))
        self.play(self.table.animate.tell(0), run_time=0.9)
        self.light("probabilities", "word")
        self.say()
        self.heading_of_bars = self.bars_heading()
        self.out = self.way_out()
        self.play(Create(self.out), FadeIn(self.heading_of_bars), run_time=0.8)
        self.bars.show(self.entries(0), grown=False)
        self.play(FadeIn(self.bars), run_time=0.5)
        self.play(self.bars.animate.grow(), run_time=1.2)
        self.say(word=story.word(0), share=story.share(0), **story.rival(0))
        frame = Frame(self.bars.line_box(0), self.theme)
        self.play(FadeIn(frame), run_time=0.4)
        self.speak(0, 1.2)
        self.play(FadeOut(frame), run_time=0.3)

    def bars_heading(self) -> Mobject:
        """What the bars are, over them."""
        box = self.layout.bars
        label = in_lines(self.label("next_word", SMALL), box.width, self.theme, SMALL)
        return label.move_to([box.left + label.width / 2, box.top - 0.12, 0])

    def way_out(self) -> VGroup:
        """From the decoder to the bars."""
        line = End(self.bars, "left", "line_box", (0,))
        return thread(edge(self.decoder, "right"), line, self.theme.hue("q"), opacity=0.8, width=3)

    def speak(self, step: int, seconds: float) -> None:
        """The winner leaves its bar for its place in the sentence."""
        chip = self.spoken[step + 1]
        flying, font = chip.copy(), self.bars.font
        flying.gloss = ""
        flying.place(self.bars.word_box(0).grown(TIGHT), font).set_opacity(0)
        self.play(flying.animate.place(chip.box, self.layout.said.font).set_opacity(1), run_time=seconds)
        self.remove(flying)
        self.add(chip)

    def next_word(self, step: int, pace: float) -> None:
        """One turn of the loop: feed back, look, weigh up, say."""
        self.weigh_up(step, pace)
        self.speak(step, 0.45 * pace)

    def weigh_up(self, step: int, pace: float) -> None:
        """What is fed back looks, and every word gets its probability."""
        fading = self.ribbons.animate.spotlight([*range(step, len(self.story.said))])
        feeding = [] if self.feeds[step] in self.mobjects else [Create(self.feeds[step])]
        self.play(*feeding, fading, run_time=0.4 * pace)
        self.play(self.ribbons.animate.draw(step), self.table.animate.tell(step), run_time=0.7 * pace)
        self.play(self.bars.animate.show(self.entries(step)), run_time=0.45 * pace)

    def feed_chip(self, word: int) -> None:
        """A word said goes up into the decoder."""
        rising = self.spoken[word].copy()
        rising.gloss = ""
        self.play(Create(self.feeds[word]), run_time=0.5)
        decoder = self.layout.decoder
        self.play(rising.animate.shift((decoder.bottom - rising.box.top) * UP), run_time=0.7)
        mouth = Box(rising.box.x, rising.box.x, decoder.bottom, decoder.bottom)
        self.play(rising.animate(remover=True).place(mouth.grown(HAIR), HAIR), run_time=0.4)

    @step
    def feed_back(self) -> None:
        story = self.story
        if len(story.said) == 1:
            self.say(word=story.word(0))
            self.say()
            return
        self.light("said")
        self.say(word=story.word(0))
        self.feed_chip(1)
        self.weigh_up(1, 1.8)
        self.say(word=story.word(1), share=story.share(1), **story.look(1))
        self.speak(1, 1.2)

    @step
    def word_by_word(self) -> None:
        count = len(self.story.said)
        self.say()
        pace = float(np.clip(LOOP / (ONE_WORD * max(1, count - 2)), QUICKEST, SLOWEST))
        for turn in range(2, count):
            self.next_word(turn, pace)
        self.say(count=count)

    # --- looking back -----------------------------------------------------------------------------------------------

    @step
    def alignment(self) -> None:
        self.say()
        parts = [self.encoder, self.decoder, *self.memory, self.names[1], self.inputs, *self.feeds, self.out]
        standing = set(map(id, self.get_mobject_family_members()))
        self.left = [part for part in parts if id(part) in standing]
        self.play(FadeOut(*self.left), self.ribbons.animate.light_up(), run_time=0.8)
        self.play(self.ribbons.animate.run_between(*self.layout.close_levels), run_time=1.4)
        self.play(LookSweep(self.ribbons, self.table))
        self.show_crossing()

    def show_crossing(self) -> None:
        """Two looks that cross; and what looking tells, and what it doesn't."""
        story, crossing = self.story, self.story.crossing()
        (one, key), (two, other) = crossing or ((0, 0), (0, 0))
        self.say(
            first=story.word(one), second=story.word(two), key=story.source_word(key), other=story.source_word(other)
        )
        if crossing:
            self.play(
                self.ribbons.animate.spotlight((one, two), 0.12),
                self.table.animate.spotlight(rows=[one, two]),
                run_time=0.8,
            )
        self.say()
        self.play(self.ribbons.animate.light_up(), self.table.animate.light_up(), run_time=0.8)

    @step
    def candidates(self) -> None:
        story = self.story
        self.light("probabilities")
        sure, unsure = story.surest, story.least_sure
        self.say()
        self.percents = self.probabilities_below()
        if len(self.percents):
            self.play(LaggedStart(*map(FadeIn, self.percents), lag_ratio=0.15), run_time=1.2)
        low = {"unsure": story.word(unsure), "low": story.share(unsure)}
        self.say(sure=story.word(sure), high=story.share(sure), **low)
        self.frame = Frame(self.spoken[unsure + 1].box, self.theme)
        self.play(FadeIn(self.frame), self.ribbons.animate.spotlight([unsure], 0.15), run_time=0.6)
        self.say(**low, **story.rival(unsure))
        self.play(self.bars.animate.show(self.entries(unsure)), run_time=1.0)
        self.say(expected=Run(story.quoted(tuple(self.example.target)), structural=True))
        self.play(LookSweep(self.ribbons, self.table))

    def probabilities_below(self) -> VGroup:
        """With what probability each word was said, under it."""
        labels, y = VGroup(), self.layout.sure.y
        for number, chip in enumerate(self.spoken[1:]):
            label = Label((self.story.share(number),), self.theme.size(SMALL), self.theme.hue("weights"))
            if label.width < self.layout.said.spacing - HAIR:
                labels.add(label.move_to([chip.box.x, y, 0]))
        return labels

    @step
    def whole(self) -> None:
        self.say()
        self.light("all")
        self.play(self.ribbons.animate.run_between(*self.levels).light_up(0.9), run_time=1.4)
        self.play(FadeIn(*self.left), run_time=1.0)
        self.play(FadeIn(self.thickness(), self.ramp()), run_time=0.6)

    def thickness(self) -> Label:
        """What the ribbons mean, beside them."""
        label, (top, bottom) = self.label("thickness", SMALL), self.levels
        return label.move_to([self.layout.margin.left + label.width / 2, (top + bottom) / 2, 0])

    def ramp(self) -> VGroup:
        """What the colours of the table mean, under it."""
        zero, one = (Label(text, self.theme.size(SMALL), self.theme.quiet, structural=True) for text in "01")
        ramp = legend((self.label("weight", SMALL),), (zero, WeightRamp(self.theme), one), buff=0.16)
        table = self.table.box
        return ramp.move_to([table.right - ramp.width / 2, table.bottom - 0.2, 0])
