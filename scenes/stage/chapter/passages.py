"""How a chapter that stands alone opens and closes: out of the map of the model, and back into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manim import FadeOut

from scenes.stage.chapter.camera import VIEW, Dive
from scenes.stage.chapter.model_map import StageMap, door_of
from scenes.stage.paint.shot import Shot
from scenes.storyboard import EVERYTHING

if TYPE_CHECKING:
    from scenes.stage.chapter.chapter import Chapter

OPENING, CLOSING, BRIDGE = "(opening)", "(closing)", "(bridge)"  # what no step can be called
PASSAGES = (OPENING, CLOSING, BRIDGE)
LIGHT, SHINE, CAPTION_GONE, STILL = 0.4, 0.4, 0.2, 0.3


def opening(chapter: Chapter) -> None:
    """The map stands; the chapter's parts light; the camera dives into one, where the first picture comes up."""
    if not chapter.is_on_map:
        return
    standing = list(chapter.mobjects)
    stage_map, shot = map_for(chapter), shot_of(chapter)
    chapter.mobjects = [*chapter.frame_parts, stage_map]
    chapter.play(stage_map.animate.shine(chapter.entry.lights), run_time=LIGHT)
    chapter.add(shot.set_opacity(0.0))
    chapter.play(Dive(stage_map, shot, door_of(chapter.entry, stage_map.blocks)))
    chapter.mobjects = standing


def closing(chapter: Chapter) -> None:
    """The camera goes out until the whole picture is in its part on the map; the parts shine."""
    if not chapter.is_on_map:
        return
    stage_map = leave_by_the_map(chapter)
    chapter.play(stage_map.animate.show_names(EVERYTHING), run_time=SHINE)
    chapter.wait(STILL)


def leave_by_the_map(chapter: Chapter) -> StageMap:
    """The caption goes, and the camera out of the chapter's part; returns the map on which it is lit."""
    if chapter.caption is not None:
        chapter.play(FadeOut(chapter.caption), run_time=CAPTION_GONE)
    stage_map, shot = map_for(chapter).shine(chapter.entry.lights), shot_of(chapter)
    chapter.mobjects = [*chapter.frame_parts, stage_map, shot]
    chapter.play(Dive(stage_map, shot, door_of(chapter.entry, stage_map.blocks), out=True))
    chapter.remove(shot)
    return stage_map


def map_for(chapter: Chapter) -> StageMap:
    return StageMap(chapter.texts.labels, chapter.theme, VIEW)


def shot_of(chapter: Chapter) -> Shot:
    """The stage of a chapter as it stands."""
    return Shot(chapter.on_stage, VIEW, chapter.theme.background)
