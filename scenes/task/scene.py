"""The task. A sentence and what is to be written of it, as blanks; the model that is to do it unfolds between them, and
all the numbers that it is made of come to stand as a wall.
"""

from __future__ import annotations

from manim import RIGHT, UP, FadeIn, FadeOut, VGroup, linear

from scenes.shared.strands import Strands, cables_of
from scenes.shared.title_card import tall_title_card
from scenes.shared.two_lines import TwoLines
from scenes.shared.word_line import in_block
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import CAPTION, GAP, LABEL, SAFE, SPACE, TIGHT, TITLE, WIDE, Box, layout_now
from scenes.task.wall import Wall

LINES_SHARE = 0.88  # of the stage's height, between the two lines
LEFT_SHARE, RIGHT_SHARE = 4.4, 8.2  # of the width, for the sentence and for the model
ABOVE, WALL, BELOW = 1.9, 2.95, 0.4  # of the height, for the sentence, all numbers, and how many there are
SMALL_WALL = 2.9, 2.0, 0.4  # in a narrow frame, where the title needs more lines
UNFOLDING = 1.8
GROUPS = ("source.", "encoder.", "memory", "target.", "decoder.", "output.")


class Task(Chapter):
    """Strands hang from every word to every blank; they become the cables of the model; its parts light up."""

    def setup(self) -> None:
        super().setup()
        self.remove(self.heading, self.header, self.model_map)
        room = Box(SAFE.left, SAFE.right, CAPTION.top + TIGHT, SAFE.top)
        free = (1 - LINES_SHARE) * room.height / 2
        self.lines = TwoLines(self, room.inset(bottom=free, top=free), unknown=True)
        left, right = STAGE.columns(LEFT_SHARE, RIGHT_SHARE, gap=WIDE)
        self.figure = Figure.of_model(self.example.model.config, self.theme, self.texts.labels).place(right)
        self.cables = cables_of(self.figure, self.theme)
        narrow = layout_now().is_square
        shares = SMALL_WALL if narrow else (ABOVE, WALL, BELOW)
        self.above, middle, self.below = left.rows(*shares, gap=GAP)
        self.wall = Wall(self, middle)
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
        source.stand(in_block(self.lines.words, self.above, self.theme))
        self.play(FadeIn(self.figure), FadeOut(self.strands), source.animate.set_opacity(1.0), run_time=0.6)
        self.remove(target)
        self.add(self.wall.matrix)
        self.play(CellWave(self.wall.matrix, self.wall.fill, order="cells", run_time=1.2))
        self.play(FadeIn(self.count(), shift=TIGHT * UP), run_time=0.6)
        own = percent(self.trace["trained_without.runs"].at(0, 0))
        self.say(right=own, count=self.trace["trained_without.held_out"].at())

    def count(self) -> VGroup:
        """How many numbers there are, under the wall of all."""
        weights, box = self.trace["model.weights"].at(), self.below
        number = Label((Run(weights.text, None, (weights,)),), self.theme.size(TITLE), self.theme.ink, "semibold")
        words = shrink(self.label("weights", LABEL), box.width - number.width - SPACE, self.theme, LABEL)
        line = VGroup(number, words).arrange(RIGHT, buff=SPACE)
        return line.move_to([box.left + line.width / 2, box.top - line.height / 2, 0])

    @step
    def whole(self) -> None:
        self.say()
        for group in GROUPS:
            parts = [name for name in self.figure.names if name.startswith(group)]
            if parts:
                self.play(self.figure.animate.spotlight(*parts), self.wall.lighting(group, 0.6), run_time=0.6)
        going = FadeOut(self.lines.source)
        self.play(self.figure.animate.light_up(), self.wall.lighting("", 0.5), going, run_time=0.5)
        title = tall_title_card(self, self.above)
        self.play(FadeIn(title, shift=TIGHT * UP), FadeIn(self.model_map), run_time=0.8)
