"""One of two chapters that run side by side: it hands over what it would play, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from manim import Animation, FadeOut, Mobject, Scene, Wait
from manim.renderer.cairo_renderer import CairoRenderer

from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import BESIDE, OFF, Settings, StepSettings
from scenes.stage.compare.halves import HalfLayout
from scenes.stage.compare.in_turns import InTurns
from scenes.stage.paint.formula import divide_scores
from scenes.stage.paint.layout import lay_out, layout_now
from scenes.stage.paint.painting import StageCamera
from scenes.storyboard import CLOSING

TYPE = 0.75  # of the size of type in a whole picture: a half has room for as much as a picture of 4:3


@dataclass(frozen=True)
class Played:
    """Animations that a chapter would play now."""

    animations: tuple[Animation, ...]

    @property
    def is_wait(self) -> bool:
        return all(isinstance(animation, Wait) for animation in self.animations)

    @property
    def seconds(self) -> float:
        return max(float(animation.run_time) for animation in self.animations)


@dataclass(frozen=True)
class Said:
    """A caption that a chapter would show now."""

    caption: Caption


@dataclass(frozen=True)
class Ended:
    """A step has ended."""


Event = Played | Said | Ended


class _NoFilm:
    """Stands where Manim has its file writer: nothing is written."""

    output_spec = None

    def __init__(self, settings: Any) -> None:
        self.subcaptions: list[Any] = []

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        """Sections are those of the whole picture."""


class _HandingOver(CairoRenderer):
    """Has animations played elsewhere. given: takes them, and returns when they have been."""

    def __init__(self, given: Callable[[Event], None]) -> None:
        super().__init__(file_writer_class=_NoFilm, camera_class=StageCamera)
        self.given = given

    def play(self, scene: Any, *animations: Any, **kwargs: Any) -> None:
        played = scene.compile_animations(*animations, **kwargs)
        scene.add_mobjects_from_animations(played)
        for animation in played:
            animation._setup_scene(scene)
        self.given(Played(tuple(played)))
        for animation in played:
            _leave(scene, animation)


def _leave(scene: Scene, animation: Animation) -> None:
    """What an animation does to a scene when it has ended; it need not have been played to be over, and what it did to
    a group that both scenes have it has done.
    """
    parts = getattr(animation, "animations", ())
    for part in parts:
        _leave(scene, part)
    if isinstance(animation, FadeOut):
        scene.remove(animation.mobject)
    elif not parts and not _is_replaced(scene, animation):
        animation.clean_up_from_scene(scene)


def _is_replaced(scene: Scene, animation: Animation) -> bool:
    """Whether what an animation puts in the place of something is there."""
    replaces = getattr(animation, "replace_mobject_with_target_in_scene", False)
    return replaces and any(part is animation.target_mobject for part in scene.get_mobject_family_members())


class Side:
    """A chapter in its half of the picture. event: what it is about to do; reading: how long its next caption is read.

    name: what stands above it.
    """

    def __init__(self, kind: type[Chapter], settings: Settings, layout: HalfLayout, name: str) -> None:
        self.layout = layout
        self.turns: InTurns[Event] = InTurns(self._run)
        self.event: Event | None = None
        self.reading = 0.0
        quiet = settings.captions if settings.captions == OFF else BESIDE
        steps = {step: StepSettings(own.pace) for step, own in settings.steps.items()}
        told = replace(settings, against=None, captions=quiet, hold=0.0, steps=steps)
        self.scene = kind(told, renderer=_HandingOver(self.turns.hand_over), on_step=self._ended)
        self.scene.arrival, self.scene.departure = None, (CLOSING, _nothing)
        self.scene.on_caption = self._said
        self.scene.theme = replace(self.scene.theme, scale=TYPE * self.scene.theme.scale)
        self.scene.text = replace(self.scene.text, title=name)

    def _run(self) -> None:
        self.scene.setup()
        self.turns.hand_over(Ended())
        self.scene.construct()

    def _ended(self, step: str, start: float, end: float) -> None:
        self.turns.hand_over(Ended())

    def _said(self, caption: Caption) -> float:
        self.turns.hand_over(Said(caption))
        return self.reading

    @property
    def has_ended(self) -> bool:
        """Whether it has come to the end of the step."""
        return self.event is None or isinstance(self.event, Ended)

    @property
    def around(self) -> list[Mobject]:
        """What of its frame is not shown."""
        scene = self.scene
        return [part for part in (scene.model_map, scene.logo) if part is not None]

    @property
    def standing(self) -> list[Mobject]:
        """All that is to be seen of it: its name, its formula and its stage."""
        return [mobject for mobject in self.scene.mobjects if all(mobject is not part for part in self.around)]

    def go_on(self, now: float) -> None:
        """Let it run, in its own half, up to what it is about to do next. now: seconds of the whole."""
        whole = layout_now()
        lay_out(self.layout)
        divide_scores(self.scene.example.scale)
        self.scene.renderer.time = now
        try:
            self.event = self.turns.resume()
        finally:
            lay_out(whole)


def _nothing(chapter: Chapter) -> None:
    """The whole closes."""
