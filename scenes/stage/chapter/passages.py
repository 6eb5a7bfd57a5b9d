"""How a chapter that stands alone opens and closes: out of the map of the model, and back into it."""

from __future__ import annotations

from manim import FadeOut, Mobject

from scenes.stage.chapter.camera import RUN_TIME, VIEW, Dive
from scenes.stage.chapter.framed_scene import FramedScene
from scenes.stage.chapter.model_map import StageMap, door_of
from scenes.stage.paint.shot import Shot
from scenes.storyboard import EVERYTHING

LIGHT, SHINE, CAPTION_GONE, STILL = 0.4, 0.4, 0.2, 0.3


def opening(chapter: FramedScene) -> None:
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


def closing(chapter: FramedScene) -> None:
    """The camera goes out until the whole picture is in its part on the map; the parts shine."""
    if not chapter.is_on_map:
        return
    stage_map = leave_by_the_map(chapter)
    chapter.play(stage_map.animate.show_names(EVERYTHING), run_time=SHINE)
    chapter.wait(STILL)


def leave_by_the_map(chapter: FramedScene, *also: Mobject, run_time: float = RUN_TIME) -> StageMap:
    """The caption goes, and `also`; then the camera, out of the chapter's part. Returns the map, on which it is lit."""
    going = [part for part in dict.fromkeys([chapter.caption, *also]) if part is not None]
    if going:
        chapter.play(FadeOut(*going), run_time=CAPTION_GONE)
    stage_map, shot = map_for(chapter).shine(chapter.entry.lights), shot_of(chapter)
    chapter.mobjects = [*chapter.frame_parts, stage_map, shot]
    door = door_of(chapter.entry, stage_map.blocks)
    chapter.play(Dive(stage_map, shot, door, out=True, run_time=run_time))
    chapter.remove(shot)
    return stage_map


def map_for(chapter: FramedScene) -> StageMap:
    return StageMap(chapter.texts.labels, chapter.theme, VIEW)


def shot_of(chapter: FramedScene) -> Shot:
    """The stage of a chapter as it stands."""
    return Shot(chapter.on_stage, VIEW, chapter.theme.background)
