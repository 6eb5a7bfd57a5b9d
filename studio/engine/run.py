"""The one way to run a chapter: for films, clips, stills, vectors, and whatever else is made of its frames."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from manim.camera.camera import Camera
from manim.utils.exceptions import EndSceneEarlyException
from PIL import Image

from scenes.stage.chapter.bridge import bridge
from scenes.stage.chapter.chapter import Chapter, Passage
from scenes.stage.chapter.settings import Settings
from scenes.stage.compare.comparison import comparison
from scenes.stage.paint.painting import StageCamera
from scenes.storyboard import BRIDGE, CHAPTERS, chapter_class
from studio.engine.configuration import configured
from studio.engine.quality import Picture
from studio.engine.renderer import FrameSink, StepRenderer


@dataclass(frozen=True)
class EndedStep:
    """A step, or a passage before or after the steps, that has just ended: when it began and ended, in seconds of the
    chapter, and the scene with its last frame standing.
    """

    name: str
    start: float
    end: float
    scene: Chapter

    @property
    def seconds(self) -> float:
        return self.end - self.start

    def still(self) -> Image.Image:
        """Its last frame."""
        return frame_of(self.scene)


Watch = Callable[[Chapter, str, bool], None]
Ended = Callable[[EndedStep], bool | None]


def run(
    chapter: str,
    settings: Settings,
    picture: Picture,
    *,
    camera: type[Camera] = StageCamera,
    sink: Callable[[str], FrameSink | None] | None = None,
    watch: Watch | None = None,
    only: Collection[str] | None = None,
    on_step: Ended | None = None,
    on_passage: Ended | None = None,
    arrival: Passage | None = None,
    departure: tuple[str, Passage] | None = None,
    kept: Sequence[str] = (),
    straight: bool = False,
) -> Chapter:
    """Run a chapter from its first step on; what no sink asks for is not drawn. Returns the scene as it was left.

    camera: what draws, and on what; sink: for each animation, given the name of its step, where its frames go, None:
    nowhere; watch: called as (scene, step, ended) when an animation has begun and when it has ended; only: the steps
    that a sink is asked for, if not all; on_step: called when a step has ended, True: the chapter ends here;
    on_passage: likewise when the chapter has opened or closed; arrival, departure: how it opens and closes, if not as
    one that stands alone; kept: the steps that it is to show, if not all: it opens before the first of them and closes
    after the last; straight: nothing is drawn, and animations are taken to their ends without being played.
    """

    def ended(listener: Ended | None, name: str, start: float, end: float) -> None:
        if listener is not None and listener(EndedStep(name, start, end, scene)):
            end_here()

    with configured(picture, settings.frame):
        renderer = StepRenderer(camera, sink or (lambda step: None), watch, straight=straight)
        listeners = {"on_step": partial(ended, on_step), "on_passage": partial(ended, on_passage)}
        scene: Chapter = _scene_of(chapter, settings)(settings, only=only, renderer=renderer, **listeners)
        scene.arrival, scene.departure = arrival or scene.arrival, departure or scene.departure
        if kept:
            scene.show_only(kept)
        scene.render()
    return scene


def _scene_of(chapter: str, settings: Settings) -> type[Chapter]:
    """The scene of a chapter, beside itself where it is to be compared."""
    kind: type[Chapter] = chapter_class(chapter)
    return kind if settings.against is None else comparison(kind, chapter)


def end_here() -> NoReturn:
    """The chapter that is run ends where it is."""
    raise EndSceneEarlyException


def import_chapters() -> None:
    """Import all that is run, so that nobody waits for it later."""
    for entry in CHAPTERS:
        chapter_class(entry.name)


def first_picture(chapter: str, settings: Settings, picture: Picture, kept: Sequence[str] = ()) -> Chapter:
    """A chapter with the picture standing that it begins with, or the first of some steps, before anything moves."""

    def stay(scene: Chapter) -> None:
        end_here()

    return run(chapter, settings, picture, arrival=stay, kept=kept)


def bridge_to(chapter: str, settings: Settings, picture: Picture, kept: Sequence[str] = ()) -> tuple[str, Passage]:
    """What comes after the steps of the part before it in a film: the way to its first picture."""
    return BRIDGE, partial(bridge, after=first_picture(chapter, settings, picture, kept))


def frame_of(scene: Chapter) -> Image.Image:
    """The scene as it stands."""
    return Image.fromarray(scene.renderer.still(scene)).convert("RGB")
