"""Animations taken straight to their ends, without a picture drawn or one of them played: where things will stand."""

from __future__ import annotations

from typing import Any

from manim import Animation, Create, FadeIn, FadeOut, Scene, Wait
from manim.animation.transform import _MethodAnimation


def take_to_end(scene: Scene, *animations: Any, **kwargs: Any) -> float:
    """Leave the scene as these animations would; returns the seconds that they would have taken."""
    scene.compile_animation_data(*animations, **kwargs)
    for animation in scene.animations or ():
        _end(scene, animation)
    scene.update_mobjects(0)
    return float(scene.duration)


def _end(scene: Scene, animation: Animation) -> None:
    """Leave the scene as the animation would; the common ones without copies of what they move."""
    if isinstance(animation, Wait):
        return
    if isinstance(animation, _MethodAnimation) and not animation.is_remover():
        if animation.is_introducer():
            animation._setup_scene(scene)
        for method in animation.methods:
            method.method.__func__(animation.mobject, *method.args, **method.kwargs)
    elif isinstance(animation, FadeOut):
        scene.remove(animation.mobject)
    elif isinstance(animation, FadeIn | Create):
        animation._setup_scene(scene)
    else:
        animation._setup_scene(scene)
        animation.begin()
        animation.finish()
        animation.clean_up_from_scene(scene)
