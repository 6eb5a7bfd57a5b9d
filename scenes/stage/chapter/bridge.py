"""The bridge between two parts of a film: from the last picture of one to the first of the next, nothing dissolved.

What both show travels and resizes from where the one left it to where the other needs it; all else has left before and
comes after. Where two chapters share nothing, the camera goes out to the map of the model and dives into the next part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from manim import Animation, FadeIn, FadeOut, Mobject, ReplacementTransform, VMobject

from scenes.stage.chapter.camera import Dive
from scenes.stage.chapter.framed_scene import FramedScene
from scenes.stage.chapter.journey import travels
from scenes.stage.chapter.model_map import ModelMap, StageMap, door_of
from scenes.stage.chapter.passages import leave_by_the_map, map_for, shot_of
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.formula import Formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label
from scenes.stage.paint.logo import Logo
from scenes.stage.paint.painting import Painted
from scenes.storyboard import EVERYTHING

EXIT, TRAVEL, ENTRY = 0.45, 0.85, 0.5
NEAR = 1e-3  # scene units
ALONE = 0.3  # where nothing travels, for what changes its light
ALONG, DIVE, MAP_IN = 0.45, 0.8, 0.3
Pair = tuple[VMobject, VMobject]  # what stands in both pictures: the one, and what it becomes


def bridge(before: FramedScene, after: FramedScene) -> None:
    """Lead from the picture on which `before` has ended to the one with which `after` begins, both left standing."""
    frame = Around(before, after)
    pairs = list(shared(before.on_stage, after.on_stage))
    if before.entry is after.entry:
        _hand_over(before, after, frame, [*pairs, *unmoved(before.on_stage, after.on_stage, pairs)])
    elif pairs:
        _hand_over(before, after, frame, pairs)
    else:
        _along_the_map(before, after, frame)
    before.mobjects = list(after.mobjects)


class Around:
    """What becomes of heading, formula, map and caption: what both chapters have stays, what differs goes and comes."""

    def __init__(self, before: FramedScene, after: FramedScene) -> None:
        here, there = before.frame_parts, after.frame_parts
        pairs = [(one, other) for one in here for other in there if _same(one, other)]
        self.going = [part for part in here if all(part is not one for one, _ in pairs)]
        self.coming = [part for part in there if all(part is not other for _, other in pairs)]
        self.pairs = pairs

    def moves(self) -> list[Animation]:
        """Those that stay take the place and the light that the next chapter gives them."""
        return [ReplacementTransform(one, other) for one, other in self.pairs]


def _same(one: Mobject, other: Mobject) -> bool:
    """Whether a part of the frame is what it is in the other chapter."""
    if isinstance(one, Formula):
        return isinstance(other, Formula) and one.source == other.source
    if isinstance(one, Label):
        return isinstance(other, Label) and one.text == other.text
    if isinstance(one, Logo):
        return isinstance(other, Logo) and np.array_equal(one.image, other.image)
    return isinstance(one, ModelMap) and isinstance(other, ModelMap) and one.length == other.length


# --- what both chapters show ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """What some cells show: a tensor, or a part of it."""

    tensor: str
    first: tuple[int, ...]
    shape: tuple[int, int]


def shared(before: Iterable[VMobject], after: Iterable[VMobject]) -> Iterator[tuple[Cells, Cells]]:
    """The matrices that stand in both pictures, by name, or by another name of the same numbers; of those that stand in
    one picture several times, the largest.
    """
    here, there = by_address(before), by_address(after)
    named = {address: here[address] for address, cells in there.items() if _holds_same(here.get(address), cells)}
    left = [cells for address, cells in here.items() if address not in named]
    for address, cells in there.items():
        same = named.get(address) or next((one for one in left if _is_alike(one, cells)), None)
        if same is not None and type(same) is type(cells):
            left = [one for one in left if one is not same]
            yield same, cells


def unmoved(
    before: Iterable[VMobject], after: Iterable[VMobject], pairs: Sequence[tuple[VMobject, VMobject]]
) -> Iterator[tuple[VMobject, VMobject]]:
    """What else stands in both pictures of a chapter in one place: what is of one kind and says the same."""
    taken = {id(part) for pair in pairs for part in pair}
    here = {_look(part): part for part in before if id(part) not in taken}
    there = {_look(part): part for part in after if id(part) not in taken}
    return ((here[look], other) for look, other in there.items() if look in here)


def _look(part: VMobject) -> tuple[type, bytes, tuple[str, ...]]:
    """Its kind, its place, and its words."""
    words = tuple(printed.text for printed in part.printed()) if isinstance(part, Painted) else ()
    return type(part), np.round(part.points, 3).tobytes(), words


def _is_alike(one: Cells, other: Cells) -> bool:
    """Whether two matrices mean and hold the same, whatever they are called."""
    return one.meaning == other.meaning and _holds_same(one, other)


def _holds_same(one: Cells | None, other: Cells) -> bool:
    """Whether the numbers are the same: of two examples they are not."""
    return one is not None and np.array_equal(one.tensor.values, other.tensor.values)


def by_address(mobjects: Iterable[VMobject]) -> dict[Address, Cells]:
    """The matrices that stand among mobjects, by what they show; of several the largest."""
    found: dict[Address, Cells] = {}
    for cells in mobjects:
        if isinstance(cells, Cells) and cells.is_there:
            reading = cells.tensor.at(0, 0)
            address = Address(reading.name, reading.index, cells.shape)
            if address not in found or cells.box.width > found[address].box.width:
                found[address] = cells
    return found


# --- the two ways -----------------------------------------------------------------------------------------------------


def _hand_over(before: FramedScene, after: FramedScene, frame: Around, pairs: Sequence[Pair]) -> None:
    """All leaves but what both show, which travels; then all else comes."""
    stage, target = before.on_stage, after.on_stage
    going = [part for part in stage if all(part is not cells for cells, _ in pairs)]
    coming = [part for part in target if all(part is not cells for _, cells in pairs)]
    before.mobjects = [*before.frame_parts, *stage]
    _fade(before, FadeOut, [*going, *frame.going], EXIT)
    far = [pair for pair in pairs if not np.allclose(pair[0].points, pair[1].points, atol=NEAR)]
    near = [ReplacementTransform(*pair) for pair in pairs if pair not in far]
    if moves := [*travels(far), *near, *frame.moves()]:
        before.play(*moves, run_time=TRAVEL if far else ALONE)
    _fade(before, FadeIn, [*coming, *frame.coming], ENTRY)


def _along_the_map(before: FramedScene, after: FramedScene, frame: Around) -> None:
    """Out of the part that the one chapter is about, along the map, and into the part of the next."""
    if before.is_on_map:
        stage_map = leave_by_the_map(before, *frame.going, run_time=DIVE)
    else:
        _fade(before, FadeOut, before.on_stage, EXIT)
        stage_map = map_for(before)
        before.play(FadeIn(stage_map), *(FadeOut(part) for part in frame.going), run_time=MAP_IN)
    _walk(before, after, stage_map, frame)
    if after.is_on_map:
        shot = shot_of(after).set_opacity(0.0)
        before.add(shot)
        dive = Dive(stage_map, shot, door_of(after.entry, stage_map.blocks), run_time=DIVE)
        before.play(dive, *(FadeIn(part) for part in frame.coming), run_time=DIVE)
    else:
        before.play(FadeOut(stage_map), *(FadeIn(part) for part in frame.coming), run_time=MAP_IN)
        _fade(before, FadeIn, after.on_stage, ENTRY)


def _walk(before: FramedScene, after: FramedScene, stage_map: StageMap, frame: Around) -> None:
    """A frame goes from the one part to the other, behind those between, while the light changes."""
    start, end = (door_of(chapter.entry, stage_map.blocks) for chapter in (before, after))
    walker = Frame(start, before.theme)
    before.mobjects = [*before.frame_parts, walker, stage_map]
    light = stage_map.animate.shine(after.entry.lights).show_names(EVERYTHING)
    before.play(walker.animate.around(end), light, *frame.moves(), run_time=ALONG)
    before.remove(walker)


def _fade(scene: FramedScene, way: type[FadeIn] | type[FadeOut], parts: list[Mobject], run_time: float) -> None:
    if parts:
        scene.play(way(*parts), run_time=run_time)


__all__ = ["bridge", "shared"]
