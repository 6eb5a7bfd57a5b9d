"""The task. A sentence and what is to be written of it, as blanks; the model that is to do it unfolds between them."""

from __future__ import annotations

from manim import DOWN, LEFT, UP, FadeIn, FadeOut, VGroup, linear

from scenes.shared.strands import Strands, cables_of
from scenes.shared.title_card import tall_title_card
from scenes.shared.two_lines import BLANK, TwoLines
from scenes.shared.word_line import in_block
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import Chapter, step
from scenes.stage.figure.figure import Figure
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import CAPTION, SAFE, SPACE, TIGHT, TITLE, WIDE, Box

LINES_SHARE = 0.7  # of the stage's height, between the two lines
LEFT_SHARE, RIGHT_SHARE = 3.6, 9.0  # of the width, for the sentence and for the model
UNFOLDING = 2.4
GROUPS = ("source.", "encoder.", "memory", "target.", "decoder.", "output.")


class Task(Chapter):
    """Strands hang from every word to every blank; they become the cables of the model; its parts light up."""

    def setup(self) -> None:
        super().setup()
        self.remove(self.heading, self.header, self.model_map)
        self.stage = Box(SAFE.left, SAFE.right, CAPTION.top + TIGHT, SAFE.top)
        free = (1 - LINES_SHARE) * self.stage.height / 2
        self.lines = TwoLines(self, self.stage.inset(bottom=free, top=free), unknown=True)
        self.left, right = self.stage.columns(LEFT_SHARE, RIGHT_SHARE, gap=WIDE)
        self.figure = Figure.of_model(self.example.model.config, self.theme, self.texts.labels).place(right)
        self.cables = cables_of(self.figure, self.theme)
        self.strands = Strands(self.lines.unknown_looks(), len(self.cables))

    # --- the task ---------------------------------------------------------------------------------------------------

    @step
    def asked(self) -> None:
        source, target = self.lines.source, self.lines.target.blank()
        self.add(source.unwritten())
        self.play(source.animate(rate_func=linear).write(), run_time=1.4)
        self.glosses = self.lines.glosses("source")
        self.say()
        self.play(FadeIn(target, *self.glosses), run_time=0.6)
        self.add(self.strands.undrawn())
        self.bring_to_front(source, target)
        self.play(self.strands.animate.draw(), run_time=1.6)

    # --- the model --------------------------------------------------------------------------------------------------

    @step
    def unfolded(self) -> None:
        source, target = self.lines.source, self.lines.target
        self.say()
        going = [FadeOut(self.glosses)] if len(self.glosses) else []
        self.play(source.animate.set_opacity(0.0), target.animate.set_opacity(0.0), *going, run_time=0.5)
        self.play(self.strands.animate.run(self.cables), run_time=UNFOLDING)
        self.play(FadeIn(self.figure), FadeOut(self.strands), run_time=0.6)
        above, middle, below = self.left.rows(4, 4, 3, gap=WIDE)
        source.stand(in_block(self.lines.words, above, self.theme))
        target.stand(in_block([BLANK] * len(self.lines.said), middle, self.theme, self.lines.said))
        self.play(source.animate.set_opacity(1.0), target.animate.set_opacity(1.0), run_time=0.5)
        weights = self.trace["model.weights"].at()
        number = Label((Run(weights.text, None, (weights,)),), self.theme.size(TITLE), self.theme.ink, "semibold")
        count = VGroup(number, self.label("weights")).arrange(DOWN, buff=SPACE, aligned_edge=LEFT)
        self.count = count.move_to([below.left + count.width / 2, below.top - count.height / 2, 0])
        self.play(FadeIn(count, shift=TIGHT * UP), run_time=0.6)
        own = percent(self.trace["trained_without.runs"].at(0, 0))
        self.say(right=own, count=self.trace["trained_without.held_out"].at())

    @step
    def whole(self) -> None:
        self.say()
        groups = ([name for name in self.figure.names if name.startswith(group)] for group in GROUPS)
        for parts in filter(None, groups):
            self.play(self.figure.animate.spotlight(*parts), run_time=0.6)
        going = FadeOut(self.lines.source, self.lines.target, self.count)
        self.play(self.figure.animate.light_up(), going, run_time=0.5)
        title = tall_title_card(self, self.left)
        self.play(FadeIn(title, shift=TIGHT * UP), run_time=0.8)
