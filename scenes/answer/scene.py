"""The answer. The parts of attention light up in their order, roll back into the arcs, and the answer stands."""

from __future__ import annotations

from manim import FadeIn, FadeOut, LaggedStart, VGroup, smooth
from manim.utils.rate_functions import squish_rate_func

from scenes.shared.end_card import end_card
from scenes.shared.pipeline import JOINED, PARTS, Pipeline
from scenes.shared.shares import Shares
from scenes.shared.strands import Strands
from scenes.shared.word_arcs import WordArcs
from scenes.shared.word_line import WordLine, in_line, rising
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, SAFE, TIGHT, WIDE, Box

ARCS_SHARE, CARD_SHARE = 0.56, 0.2  # of the heights, for the arcs over the words and for the end card
ROLLING = 2.2
ARRIVED = squish_rate_func(smooth, 0.4, 1)  # a part lights once its strands have come
TERMS = {"scores": ("scores", "scaling"), "weights": ("softmax", "mask"), "v": ("values",)}  # of the formula


class Answer(Chapter):
    """The pipeline part by part; its strands become arcs over the sentence; who got how much; the end card."""

    def setup(self) -> None:
        super().setup()
        self.weights = self.trace["weights"]
        self.tokens = self.weights.axis_labels("keys") or self.example.tokens
        self.query, _ = self.trace.telling_pair()
        self.pipeline = Pipeline(self, self.tokens, STAGE, named=True)
        self.line = WordLine(self.tokens, self.pipeline.words, self.theme)
        self.flows = {ends: Strands(self.pipeline.between(*ends)) for ends in JOINED}

    # --- part by part -----------------------------------------------------------------------------------------------

    @step
    def parts(self) -> None:
        parts, names = self.pipeline.parts, self.pipeline.names
        for matrix in parts.values():
            matrix.recede()
        self.add(*(flow.undrawn() for flow in self.flows.values()), *parts.values(), self.line)
        self.say()
        for name in PARTS:
            arriving = [flow.animate.draw() for (_, last, _), flow in self.flows.items() if last == name]
            formula = [self.header.animate.light(*TERMS[name])] if name in TERMS else []
            lit = parts[name].animate(rate_func=ARRIVED if arriving else smooth).light_up()
            self.play(*arriving, lit, FadeIn(names[name]), *formula, run_time=0.7)
        self.light("all")

    # --- back to the sentence ---------------------------------------------------------------------------------------

    @step
    def rolled_back(self) -> None:
        self.ask()
        self.lay_out(STAGE)
        course = self.pipeline.course()
        self.strands = Strands(course, self.weights.values.size)
        self.remove(*self.flows.values())
        self.add(self.strands, self.line)
        self.play(FadeOut(self.pipeline.everything), run_time=0.6)
        self.play(
            rising(self.line, self.pipeline.words, self.places, run_time=ROLLING),
            self.strands.animate(run_time=ROLLING).run(self.arcs.of_all()),
        )
        self.frame = Frame(self.line.word_box(self.query), self.theme)
        self.play(
            FadeIn(self.frame),
            self.strands.animate.run(self.arcs.of(self.query)),
            self.line.animate.shine(self.weights.values[self.query]),
            run_time=1.0,
        )
        self.answer()

    def ask(self) -> None:
        """The example's question once more."""
        title = self.example.title(self.settings.language)
        self.say(title=title, query=self.token("queries", self.query, "weights"))

    def lay_out(self, room: Box) -> None:
        """Where words, arcs and columns stand in `room`."""
        lower = room.lower(1 - ARCS_SHARE)
        self.places = in_line(self.tokens, lower, self.theme)
        floor = self.places.extent.top + TIGHT
        self.arcs = WordArcs(self.weights.values, self.places.spots(), floor, room.top - floor, self.theme)
        columns = Box(room.left, room.right, room.bottom, self.places.extent.bottom - GAP)
        self.shares = Shares(self.weights, self.places.spots(), columns, self.theme)

    def answer(self) -> None:
        """Who got how much."""
        self.play(FadeIn(self.shares.whole(self.query), target_position=self.frame), run_time=0.6)
        self.play(self.shares.animate.pour(self.query), run_time=1.2)
        self.play(self.shares.animate.write(), run_time=0.4)
        best = self.trace.largest_in_row("weights", self.query)
        self.say(
            query=self.token("queries", self.query, "weights"),
            best=self.token("keys", best, "weights"),
            share=percent(self.weights.at(self.query, best)),
        )
        self.say()
        self.play(self.strands.animate.run(self.arcs.of_all()), run_time=1.2)

    # --- the end card -----------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        old = self.shares
        room = Box(SAFE.left, SAFE.right, STAGE.bottom, SAFE.top)
        self.lay_out(room.upper(1 - CARD_SHARE).inset(bottom=WIDE))
        self.shares.pour(self.query).write()
        self.play(FadeOut(self.header, self.heading, self.model_map), run_time=0.3)
        self.play(
            self.line.animate.stand(self.places),
            self.strands.animate.run(self.arcs.of(self.query)),
            self.frame.animate.around(self.boxed()),
            old.animate.move_into(self.shares),
            run_time=1.2,
        )
        card: VGroup = end_card(self, room.lower(CARD_SHARE))
        self.play(LaggedStart(*map(FadeIn, card), lag_ratio=0.4), run_time=1.4)

    def boxed(self) -> Box:
        """The word that looks, where it will stand."""
        return self.places.boxes[self.query]
