"""A renderer for Manim's scenes that draws what a step needs and nothing else.

Scenes do not know of it: it is given to them as Manim gives its own. Skipped steps are run to their end states
without drawing; frames of a step go to one sink, not to a file per animation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from manim import Scene
from manim.camera.camera import Camera
from manim.renderer.cairo_renderer import CairoRenderer

from studio.engine.planning import take_to_end
from studio.engine.redraw import Area, Redraw


class FrameSink(Protocol):
    """Where frames go: (height, width, 4) RGBA, shown for `repeat` frames; `areas`: all that may have changed since the
    last frame, None: anything.
    """

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None: ...


class _Section:
    def __init__(self, name: str, skip_animations: bool) -> None:
        self.name = name
        self.skip_animations = skip_animations


class SectionWriter:
    """Stands where Manim has its file writer; it only remembers the sections."""

    def __init__(self, settings: Any) -> None:
        self.output_spec = settings.plan.spec if hasattr(settings.plan, "spec") else None
        self.sections = [_Section("", True)]
        self.subcaptions: list[Any] = []

    def next_section(self, name: str, type_: str, skip_animations: bool) -> None:
        self.sections.append(_Section(name, skip_animations))

    def abort_encode_jobs(self, reraise_encoder_failures: bool = False) -> None:
        """Nothing runs beside the scene."""


class StepRenderer(CairoRenderer):
    """Draws the frames of steps that are not skipped into `sink`.

    sink: asked anew for each animation with the name of the step; None skips drawing altogether;
    watch: called as (scene, step, False) when an animation has begun, and as (scene, step, True) when it has ended;
    straight: animations are not played but taken to their ends, of which neither is told.
    Counts of frames are exact: an animation of t seconds has round(t × frame rate) frames, skipped or not.
    """

    def __init__(
        self,
        camera_class: type[Camera],
        sink: Callable[[str], FrameSink | None],
        watch: Callable[[Scene, str, bool], None] | None = None,
        *,
        straight: bool = False,
    ) -> None:
        super().__init__(file_writer_class=SectionWriter, camera_class=camera_class)
        self.sink = sink
        self.watch = watch
        self.straight = straight
        self.frames = 0

    @property
    def section(self) -> _Section:
        return self.file_writer.sections[-1]

    def play(self, scene: Scene, *animations: Any, **kwargs: Any) -> None:
        if self.straight:
            self.time += take_to_end(scene, *animations, **kwargs)
            self.num_plays += 1
        else:
            self._play(scene, *animations, **kwargs)

    def _play(self, scene: Scene, *animations: Any, **kwargs: Any) -> None:
        sink = None if self.section.skip_animations else self.sink(self.section.name)
        self.skip_animations = sink is None
        scene.compile_animation_data(*animations, **kwargs)
        count = max(1, round(scene.duration * self.camera.frame_rate))
        scene.begin_animations()
        self._tell(scene, ended=False)
        if sink is not None:
            self._draw_frames(scene, sink, count)
        self._finish(scene)
        self._tell(scene, ended=True)
        self.frames += count
        self.time = self.frames / self.camera.frame_rate
        self.num_plays += 1

    def _tell(self, scene: Scene, *, ended: bool) -> None:
        if self.watch is not None:
            self.watch(scene, self.section.name, ended)

    def _draw_frames(self, scene: Scene, sink: FrameSink, count: int) -> None:
        if scene.is_current_animation_frozen_frame():
            self.static_image = None
            self.update_frame(scene)
            sink.write(self.camera.pixel_array, count)
            return
        redraw = Redraw(scene, self.camera, self._background(scene))
        for index in range(count):
            scene.update_to_time(index / self.camera.frame_rate)
            areas = redraw.draw()
            sink.write(self.camera.pixel_array, areas=areas)

    def _background(self, scene: Scene) -> np.ndarray:
        """The picture of what stands below everything that moves.  # (height, width, 4)"""
        if not scene.static_mobjects:
            return self.camera.background
        self.static_image = None
        self.update_frame(scene, scene.static_mobjects)
        return self.camera.pixel_array.copy()

    def _finish(self, scene: Scene) -> None:
        scene.update_to_time(scene.duration)
        for animation in scene.animations or ():
            animation.finish()
            animation.clean_up_from_scene(scene)
        scene.update_mobjects(0)
        self.static_image = None

    def still(self, scene: Scene) -> np.ndarray:
        """The frame as it stands.  # (height, width, 4)"""
        self.static_image = None
        self.update_frame(scene)
        return self.get_frame()

    def scene_finished(self, scene: Scene) -> None:
        """Nothing is left to write."""
