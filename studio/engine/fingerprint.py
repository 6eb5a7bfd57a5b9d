"""What a step looks like, as one hash, known without drawing it.

The hash covers every mobject on screen before and after each animation, and the animations themselves. Together with
the sources, the fonts and the versions that draw, equal hashes mean equal frames: a step that a change of the example
or of a caption does not touch keeps its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from manim import Animation, Mobject, Scene, VMobject

from core.trace import Reading
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Painted
from scenes.stage.paint.shot import Shot

_BY_VALUE = (bool, int, float, str, bytes, type(None), Box)
_DRAWN = ("points", "fill_rgbas", "stroke_rgbas", "background_stroke_rgbas", "stroke_width", "z_index")
_OF_EVERY_MOBJECT = frozenset(vars(VMobject())) | {"original_id"}
_RELATED = ("mobject", "starting_mobject", "target_mobject", "target_copy", "target")


class StepHash:
    """Gathers what a step shows."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add_scene(self, scene: Scene) -> None:
        """Take in everything on screen."""
        for mobject in scene.mobjects:
            self.add_mobject(mobject)

    def add_animation(self, animation: Animation) -> None:
        """Take in an animation: its kind, its settings, and the mobjects it works between."""
        self._feed(type(animation).__qualname__)
        self._feed({name: value for name, value in vars(animation).items() if name not in _RELATED})
        for name in _RELATED:
            mobject = getattr(animation, name, None)
            if isinstance(mobject, Mobject):
                self.add_mobject(mobject)
        for part in getattr(animation, "animations", ()):
            self.add_animation(part)

    def add_mobject(self, mobject: Mobject) -> None:
        """Take in a mobject and its family."""
        for part in mobject.get_family():
            self._feed(type(part).__qualname__)
            for name in _DRAWN:
                self._feed(getattr(part, name, None))
            if isinstance(part, Painted):
                self._feed({name: value for name, value in vars(part).items() if name not in _OF_EVERY_MOBJECT})
            if isinstance(part, Shot):
                for shown in part.content:
                    self.add_mobject(shown)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()

    def _feed(self, value: Any) -> None:
        """Take in a value; what says nothing about the picture (a scene, a tensor behind its readings) adds nothing."""
        if isinstance(value, np.ndarray):
            self._feed_array(value)
        elif isinstance(value, Painted):
            self.add_mobject(value)
        elif isinstance(value, Mapping):
            for key in sorted(value, key=str):
                self._hash.update(str(key).encode())
                self._feed(value[key])
        elif isinstance(value, (list, tuple)):
            self._hash.update(b"[")
            for item in value:
                self._feed(item)
        else:
            self._hash.update(f"{_words(value)}\0".encode())

    def _feed_array(self, value: np.ndarray) -> None:
        self._hash.update(f"{value.shape}{value.dtype.kind}".encode())
        if value.dtype.kind in "OV":
            for item in value.ravel().tolist():
                self._feed(item)
        else:
            self._hash.update(np.ascontiguousarray(value).tobytes())


def _words(value: Any) -> str:
    """A single value as text; nothing for what has no bearing on the picture."""
    if isinstance(value, _BY_VALUE):
        return repr(value)
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, Reading):
        return value.text
    if isinstance(value, Run):
        return f"{value.text}{value.colour}"
    return str(getattr(value, "__qualname__", "")) if callable(value) else ""
