"""The question. A sentence, what it makes one ask, and who looks at whom in it: shares of attention, drawn as arcs."""

from __future__ import annotations

from manim import UP, FadeIn, FadeOut, linear

from scenes.shared.pipeline import Pipeline
from scenes.shared.shares import Shares
from scenes.shared.strands import Strands
from scenes.shared.title_card import title_card
from scenes.shared.word_arcs import WordArcs
from scenes.shared.word_line import Places, WordLine, as_text, falling, in_line
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import Chapter, step
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import CAPTION, GAP, SAFE, TIGHT, Box

ARCS_SHARE = 0.6  # of the stage's height, for the arcs over the words
ARCS_ALONE = 0.82  # while no columns stand below the words
TITLE_SHARE = 0.24  # for the film's title at last
FIRST_WORDS = 2  # that stand when the film begins, so that it does not begin with nothing
SWEEP = 2.6  # seconds in which all other words look around
SLOWEST = 0.7
UNROLLING = 2.0


class Question(Chapter):
    """The sentence stands large; its query sweeps over it; arcs and columns share out 1; arcs become the pipeline."""

    def setup(self) -> None:
        super().setup()
        self.remove(self.heading, self.header, self.model_map)
        self.weights = self.trace["weights"]
        self.tokens = self.weights.axis_labels("keys") or self.example.tokens
        self.query, _ = self.trace.telling_pair()
        self.stage = Box(SAFE.left, SAFE.right, CAPTION.top + TIGHT, SAFE.top)
        self.upper = self.stage.upper(ARCS_SHARE)
        self.alone = in_line(self.tokens, self.stage.lower(1 - ARCS_ALONE), self.theme)
        self.places = in_line(self.tokens, self.stage.lower(1 - ARCS_SHARE), self.theme)
        self.line = WordLine(self.tokens, as_text(self.tokens, self.stage, self.theme), self.theme)
        room = Box(self.stage.left, self.stage.right, self.stage.bottom, self.places.extent.bottom - GAP)
        self.shares = Shares(self.weights, self.places.spots(), room, self.theme)
        self.arcs = self.arcs_over(self.places)
        self.pipeline = Pipeline(self, self.tokens, self.stage.upper(1 - TITLE_SHARE))
        course = self.pipeline.course()
        self.strands = Strands(self.arcs_over(self.alone).hinting(self.query), len(course))

    def arcs_over(self, places: Places) -> WordArcs:
        floor = places.extent.top + TIGHT
        return WordArcs(self.weights.values, places.spots(), floor, self.stage.top - floor, self.theme)

    # --- the question -----------------------------------------------------------------------------------------------

    @step
    def asked(self) -> None:
        self.add(self.line.write(FIRST_WORDS))
        self.play(self.line.animate(rate_func=linear).write(), run_time=1.4)
        self.say(title=self.example.title(self.settings.language), query=self.token("queries", self.query, "weights"))
        self.play(self.line.animate.stand(self.alone), run_time=1.0)
        self.frame = Frame(self.line.word_box(self.query), self.theme)
        self.play(FadeIn(self.frame), run_time=0.4)
        self.add(self.strands.undrawn())
        self.bring_to_front(self.line, self.frame)
        self.play(self.strands.animate.draw(), run_time=1.6)

    # --- shares -----------------------------------------------------------------------------------------------------

    @step
    def shares_of_one(self) -> None:
        query, best = self.query, self.trace.largest_in_row("weights", self.query)
        named = {"query": self.token("queries", query, "weights"), "best": self.token("keys", best, "weights")}
        self.say(**named)
        self.play(
            self.line.animate.stand(self.places),
            self.strands.animate.run(self.arcs.hinting(query)),
            self.frame.animate.around(self.places.boxes[query]),
            run_time=1.0,
        )
        self.play(FadeIn(self.shares.whole(query), target_position=self.frame), run_time=0.8)
        self.play(
            self.strands.animate.run(self.arcs.of(query)),
            self.shares.animate.pour(query),
            self.line.animate.shine(self.weights.values[query]),
            run_time=2.4,
        )
        self.play(self.shares.animate.write(), run_time=0.4)
        self.say(share=percent(self.weights.at(query, best)), **named)

    @step
    def every_word(self) -> None:
        self.say()
        self.play(self.shares.animate.write(0.0), run_time=0.3)
        others = [query for query in range(len(self.weights.values)) if query != self.query]
        for query in others:
            self.play(*self.looking(query), run_time=min(SLOWEST, SWEEP / len(others)))
        self.play(FadeOut(self.frame, self.shares), run_time=0.4)
        self.play(
            self.strands.animate.run(self.arcs_over(self.alone).of_all()),
            self.line.animate.stand(self.alone).dark(),
            run_time=1.2,
        )

    def looking(self, query: int) -> list:
        """The query changes, and with it who gets how much."""
        return [
            self.frame.animate.around(self.line.word_box(query)),
            self.strands.animate.run(self.arcs.of(query)),
            self.shares.animate.pour(query),
            self.line.animate.shine(self.weights.values[query]),
        ]

    # --- the machine ------------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        parts = self.pipeline.parts
        self.play(
            falling(self.line, self.alone, self.pipeline.words, run_time=UNROLLING),
            self.strands.animate(run_time=UNROLLING).run(self.pipeline.course()),
        )
        self.play(FadeIn(*parts.values()), FadeIn(*self.pipeline.names.values()), run_time=0.8)
        self.say()
        title = title_card(self, self.stage.lower(TITLE_SHARE))
        self.play(FadeIn(title, shift=TIGHT * UP), run_time=0.8)
