"""A scene with a stage in the middle, what frames it around, and a camera that moves over the stage."""

from __future__ import annotations

from manim import Mobject, Scene, VMobject

from scenes.stage.chapter.camera import RUN_TIME, VIEW, Flight, Zoom
from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.model_map import ModelMap
from scenes.stage.chapter.texts import LanguageTexts
from scenes.stage.paint.formula import HeaderFormula
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import Box
from scenes.stage.paint.logo import Logo
from scenes.stage.paint.shot import Shot, leaves
from scenes.stage.paint.theme import Theme
from scenes.storyboard import Entry


class FramedScene(Scene):
    """What chapters, and the passages between them, know of one another: the stage, and what stands around it."""

    entry: Entry
    theme: Theme
    texts: LanguageTexts
    heading: Label
    header: HeaderFormula
    model_map: ModelMap
    logo: Logo | None = None
    caption: Caption | None

    @property
    def frame_parts(self) -> list[Mobject]:
        """What stands around the stage: heading, formula, map, logo and caption, those of them that are there."""
        standing = set(map(id, self.get_mobject_family_members()))
        parts = (self.heading, self.header, self.model_map, self.logo, self.caption)
        return [part for part in parts if part is not None and id(part) in standing]

    @property
    def on_stage(self) -> list[VMobject]:
        """All that is drawn on the stage, one by one, in the order in which it is drawn."""
        around = {id(part) for whole in self.frame_parts for part in whole.get_family()}
        return [part for part in leaves(self.mobjects) if id(part) not in around]

    @property
    def is_on_map(self) -> bool:
        """Whether the map of the model stands in its corner: a title card has none."""
        return self.model_map in self.frame_parts

    def dive(self, part: Box, run_time: float = RUN_TIME, view: Box = VIEW) -> Shot:
        """The camera goes into a part of the picture until it fills the view. Returns the shot that then stands instead
        of the stage: fade it out before what was inside comes; to return, fade it in and `rise`.
        """
        shot = Shot(self.on_stage, view, self.theme.background)
        self.mobjects = [*self.frame_parts, shot]
        self.play(Zoom(shot, part, run_time=run_time))
        return shot

    def fly(self, shot: Shot, start: Box, end: Box, run_time: float = RUN_TIME) -> None:
        """The camera, inside one part of the picture, flies on into another."""
        self.play(Flight(shot, start, end, run_time=run_time))

    def rise(self, shot: Shot, part: Box, run_time: float = RUN_TIME) -> None:
        """The camera goes out of a part of the picture, which then stands as it did before the dive."""
        self.play(Zoom(shot, part, out=True, run_time=run_time))
        self.mobjects = [*self.frame_parts, *shot.content]
