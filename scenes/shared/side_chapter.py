"""What the chapters of the encoder and of the decoder share: a figure as the map, a track beside it, and windows."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from manim import FadeIn, FadeOut, LaggedStart, MoveToTarget, VGroup

from core.trace import Tensor
from scenes.shared.layer_stack import Stack
from scenes.shared.track import Track, swallowed, to_station, upwards
from scenes.shared.window import Window
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.layout import FRAME, WIDE, Box, box_of

A_LAYER, LONGEST_FLIGHT = 1.1, 4.0  # seconds in which the camera flies past a layer, and past all


class SideChapter(Chapter):
    """One side of the model, block by block.

    room: where blocks are opened; figure, track: set up by the chapter; opened: what the last step opened; faded: what
    has stepped back of it, until a block has been entered.
    """

    side: ClassVar[str]
    room: ClassVar[Box] = STAGE
    figure: Figure
    track: Track
    opened: VGroup

    def setup(self) -> None:
        config = self.example.model.config
        self.layers, self.pre = config.layers, config.norm == "pre"
        super().setup()
        self.faded = VGroup()
        self.figure = Figure.of_model(config, self.theme, self.texts.labels, sides=(self.side,))

    def above_layers(self, otherwise: str) -> str:
        """The part that follows the layers in the figure: the final norm, where the model has one."""
        final = f"{self.side}.final_norm"
        return final if final in self.figure.names else otherwise

    # --- words ------------------------------------------------------------------------------------------------------

    @staticmethod
    def shape(tensor: Tensor) -> dict[str, int]:
        """Rows and columns, for captions."""
        return {"rows": tensor.shape[0], "columns": tensor.shape[1]}

    # --- motion -----------------------------------------------------------------------------------------------------

    def turn_to(self, *terms: str) -> None:
        """What the last step opened is closed, and terms of the formula light."""
        self.play(FadeOut(self.opened), self.header.animate.light(*terms), run_time=0.5)

    def step_back(self, *terms: str) -> None:
        """What the last step opened steps back while a block is entered, and terms of the formula light."""
        self.faded = self.opened
        target = self.faded.generate_target().fade(1 - self.theme.dim)
        for part in target.get_family():
            if isinstance(part, Cells):
                part.numbers = np.zeros(1)  # what is context shows no digits
        self.play(MoveToTarget(self.faded), self.header.animate.light(*terms), run_time=0.5)

    def clearing(self) -> list[FadeOut]:
        """What has stepped back goes."""
        faded, self.faded = self.faded, VGroup()
        return [FadeOut(faded)] if len(faded) else []

    def enter(self, name: str, *blocks: str) -> None:
        """A copy of a station's tensor travels along the cable into the first block; all of them light."""
        mini = self.track.minis[name]
        traveller = self.track.traveller(mini.tensor, mini.meaning).at(mini.box.centre)
        target = self.figure.part_box(blocks[0])
        self.play(self.figure.animate.spotlight(*blocks, f"{self.side}.layers"), run_time=0.4)
        self.play(upwards(traveller, mini.box.centre, target), run_time=1.0)
        self.play(swallowed(traveller, target), *self.clearing(), run_time=0.3)

    def fly_through(self, stack: Stack) -> None:
        """What every block makes appears in the layers, and the camera flies up through them, as the rows do."""
        pictures = [picture for inside in stack.look_inside(self.trace, self.side) for picture in inside]
        if pictures:
            self.play(LaggedStart(*map(FadeIn, pictures), lag_ratio=0.3), run_time=0.8)
        first, last = stack.levels[0].plate, stack.minis[-1].box
        near = box_of(first).grown(WIDE)
        start, end = near, near.shifted(y=last.y - near.y)
        shot = self.dive(start, 0.9, STAGE.but(left=FRAME.left, right=FRAME.right))
        self.fly(shot, start, end, min(LONGEST_FLIGHT, A_LAYER * len(stack.levels)))
        self.rise(shot, end, 0.9)

    def open(self, block: str, key: str, around: tuple[float, float] = (0.0, 0.0)) -> Window:
        """A block opens beside the figure."""
        window = Window(self.figure, block, self.words(key), self.room, self.theme, around)
        self.play(window.opened())
        return window

    def arrive(self, name: str, start: Box) -> None:
        """A miniature flies from where it came out to its station, where it is tied in."""
        flight, tie = to_station(self.track, name, start)
        self.play(flight, run_time=0.9)
        self.play(tie, run_time=0.6)
        self.add(self.track.minis[name])
