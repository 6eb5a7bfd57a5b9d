"""The verdict. What was written stands with where it looked; what each part turned out to be for; the model's cables
become the strands between the words again, over the end card.
"""

from __future__ import annotations

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart

from core.examples.example import join_tokens
from core.trace.trained_without import WHOLE
from scenes.shared.end_card import end_card
from scenes.shared.strands import Strands, cables_of
from scenes.shared.trained_bars import bars_of, results_of
from scenes.shared.two_lines import TwoLines
from scenes.stage.chapter.caption import in_lines
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.candidates import Candidates
from scenes.stage.figure.figure import Figure
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import GAP, LABEL, SAFE, SPACE, TEXT, WIDE, Box, layout_now
from scenes.stage.paint.typography import shorten

CARD_SHARE = 0.24  # of the height, for the end card
WRITING, QUICKEST, SLOWEST = 6.0, 0.35, 0.8  # seconds for all words, and for one
LEFT_SHARE, RIGHT_SHARE = 7.4, 5.4
NARROW_SHARES = (1, 1.2)
EACH = 0.6  # seconds for a part
LEADING = 1.9  # from bar to bar, in font sizes
QUOTED = 4.2  # widest sentence that a caption quotes whole
TOLD = (("positions", "causal_mask"), ("feed_forward", "layer_norm"))  # what captions name
PLACES = {
    "positions": ".positions",
    "causal_mask": "decoder.self_attention",
    "residuals": ".residual_",
    "attention_residuals": ".residual_1",
    "feed_forward": ".feed_forward",
    "layer_norm": ".add_norm_",
    "scaling": "_attention",
    "heads": "_attention",
}  # of the parts in the figure: what their names contain


class Verdict(Chapter):
    """Word by word once more; the model's parts beside the results without them; what was written, and the end card."""

    formula = 'y_t = scripts(op("argmax"))_y thin p ( y thin | thin y_1 dots y_(t-1), X )'

    def setup(self) -> None:
        super().setup()
        self.lines = TwoLines(self, STAGE)
        self.strands = Strands(self.lines.true_looks())
        self.glosses = [self.lines.glosses(side) for side in ("source", "target")]
        shares = NARROW_SHARES if layout_now().is_narrowest else (LEFT_SHARE, RIGHT_SHARE)
        left, self.right = STAGE.split(*shares, gap=WIDE)
        self.figure = Figure.of_model(self.example.model.config, self.theme, self.texts.labels).place(left)

    # --- what was written -------------------------------------------------------------------------------------------

    @step
    def written(self) -> None:
        lines, count = self.lines, len(self.lines.said)
        self.add(self.strands.undrawn(), lines.source, lines.target.blank(), self.glosses[0])
        self.light("all")
        self.say()
        pace = float(np.clip(WRITING / count, QUICKEST, SLOWEST))
        for place in range(count):
            drawn = self.strands.animate.draw(*lines.strands_of(place))
            self.play(drawn, lines.target.animate.reveal(place), run_time=pace)
        if len(self.glosses[1]):
            self.play(FadeIn(self.glosses[1]), run_time=0.4)
        expected = shorten(join_tokens(self.example.target), QUOTED, self.theme.size(TEXT))
        self.say(expected=Run(expected, structural=True))
        self.say()

    # --- what each part is for --------------------------------------------------------------------------------------

    @step
    def parts(self) -> None:
        lines = self.lines
        self.say()
        self.play(FadeOut(self.strands, lines.source, lines.target, *self.glosses), run_time=0.6)
        parts = self.trace["trained_without.right"].axis_labels("parts") or ()
        room = self.right
        words = self.label("evidence_note", LABEL)
        line, note = words.height, in_lines(words, room.width, self.theme, LABEL)
        height = min(room.height - 2 * WIDE, LEADING * self.theme.size(TEXT) * len(parts))
        note.move_to([room.left + note.width / 2, room.y + height / 2 + GAP + max(0.0, note.height - line) / 2, 0])
        bars = bars_of(self, parts, Box(room.left, room.right, room.y - height / 2, room.y + height / 2 - SPACE))
        self.play(FadeIn(self.figure, bars, note), run_time=0.8)
        self.play(bars.animate.grow(), run_time=1.4)
        self.pointer = Frame(bars.line_box(0), self.theme)
        self.play(FadeIn(self.pointer), run_time=0.4)
        for part in parts:
            if part != WHOLE:
                self.point_at(part, bars)
        for pair in TOLD:
            self.say(**{part: results_of(self, part).run for part in pair})
            for part in pair:
                self.point_at(part, bars)
        self.play(FadeOut(self.pointer), self.figure.animate.light_up(), run_time=0.5)
        self.evidence = (self.figure, bars, note)

    def point_at(self, part: str, bars: Candidates) -> None:
        """The results without a part are framed, and the part is lit in the figure."""
        line = (self.trace["trained_without.right"].axis_labels("parts") or ()).index(part)
        lit = self.figure.animate.spotlight(*self.place_of(part))
        last, self.pointer = self.pointer, Frame(bars.line_box(line), self.theme)
        self.play(FadeOut(last), FadeIn(self.pointer), lit, run_time=EACH)

    def place_of(self, part: str) -> list[str]:
        """The parts of the figure that a part of the translator is; all of them where this model has none such."""
        return [name for name in self.figure.names if PLACES[part] in name] or list(self.figure.names)

    # --- the end card -----------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        room = Box(SAFE.left, SAFE.right, STAGE.bottom, SAFE.top)
        lines = TwoLines(self, room.upper(1 - CARD_SHARE).inset(bottom=GAP))
        looks, cables = lines.true_looks(), cables_of(self.figure, self.theme)
        strands = Strands(cables, len(looks))
        self.add(strands)
        self.play(FadeOut(*self.evidence, self.header, self.heading, self.model_map), run_time=0.6)
        self.play(strands.animate.run(looks), run_time=1.6)
        glosses = (lines.glosses("source"), lines.glosses("target"))
        self.play(FadeIn(lines.source, lines.target, *glosses), run_time=0.6)
        card = end_card(self, room.lower(CARD_SHARE))
        self.play(LaggedStart(*map(FadeIn, card), lag_ratio=0.4), run_time=1.4)
