"""A function beside what it computes: the line that runs is lit while its numbers appear."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manim import FadeIn, FadeOut, Mobject, Scene

from core.trace import Trace
from core.trace.positions import TableStep
from scenes.positional_encoding.code_variables import CodeVariables
from scenes.stage.paint.code_listing import CodeListing
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import TEXT, TIGHT, Box
from scenes.stage.paint.theme import Theme

LISTING = 0.45  # of the width
LISTING_ABOVE = 0.8  # in a tall frame: its height, by that of the variables below it
BETWEEN = 0.35
CODE, WORKED = 5, 0.8
MEANING = "positions"


class CodeRun:
    """The listing at the left, under it room for one cell worked in full; the variables at the right."""

    def __init__(
        self, function: Callable[..., Any], trace: Trace, steps: Sequence[TableStep], box: Box, theme: Theme
    ) -> None:
        self.steps, self.theme = steps, theme
        listing = max(LISTING, CodeListing(function, Box(0, 1, 0, 1), {}, theme).box.width / (box.width - BETWEEN))
        left, right = box.columns(listing, 1 - listing, gap=BETWEEN)
        if box.is_tall:
            left, right = box.rows(LISTING_ABOVE, 1, gap=BETWEEN)
        code, self.worked_box = left.rows(CODE, WORKED)
        names = list(dict.fromkeys(step.name for step in steps if step.name))
        hues = {name: theme.hue(MEANING if name == names[-1] else "x") for name in names}
        self.listing = CodeListing(function, code, hues, theme)
        self.variables = CodeVariables(trace, steps, hues, MEANING, theme, right.inset(top=TIGHT, bottom=TIGHT))

    @property
    def first_wave(self) -> int:
        """The first step that takes sines or cosines, −1 if none does."""
        return next((number for number, step in enumerate(self.steps) if step.wave), -1)

    def light(self, scene: Scene, number: int) -> None:
        """The light goes on to the line that runs."""
        line = self.steps[number].line
        if self.listing.running is None:
            self.listing.begin(line)
        scene.play(self.listing.animate.run(line), run_time=0.3)

    def fill(self, scene: Scene, number: int) -> None:
        """What the line computes appears: of sines and cosines first one in full, then all."""
        step = self.steps[number]
        if step.wave:
            worked = self._worked(number)
            scene.play(FadeIn(*worked), run_time=0.5)
            scene.wait(0.4)
            self.variables.show(scene, number, 1.1)
            scene.play(FadeOut(*worked), run_time=0.3)
        elif step.name:
            self.variables.show(scene, number, 0.7)

    def _worked(self, number: int) -> list[Mobject]:
        """One cell: the number it is made of, the wave of it, and frames around both."""
        step, variables = self.steps[number], self.variables
        operand, result = (variables.tensors[place].at(*step.cell) for place in (step.operand, number))
        runs = (
            Run(f"{step.wave} ( "),
            Run(operand.text, self.theme.hue("x"), (operand,)),
            Run(f" )  {'=' if operand.exact and result.exact else '≈'}  "),
            Run(result.text, self.theme.hue(MEANING), (result,)),
        )
        words = Label(runs, self.theme.size(TEXT), self.theme.ink).move_to(self.worked_box.centre)
        names = (self.steps[step.operand].name, step.name)
        return [words, *(Frame(variables.matrices[name].cell_box(*step.cell), self.theme) for name in names)]
