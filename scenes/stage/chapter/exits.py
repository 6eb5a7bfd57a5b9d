"""Exit before entry: what comes where something goes waits until that has gone, so that the two never mix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from manim import Animation, FadeIn, FadeOut, Mobject, linear
from manim.utils.rate_functions import squish_rate_func

from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.formula import Formula
from scenes.stage.paint.layout import Box, box_of
from scenes.stage.paint.painting import Painted

GONE = 0.5  # of the animation's time, when what goes has gone and what comes begins to
TOUCH = 0.02


def exit_before_entry(animations: Sequence[Animation]) -> Sequence[Animation]:
    """The animations; of those that fade away and those that fade in at the same place, the former come first."""
    exits = [animation for animation in animations if _all_are(animation, FadeOut)]
    entries = [animation for animation in animations if _all_are(animation, FadeIn)]
    gone = {id(leaving): list(_inked(leaving.mobject)) for leaving in exits}
    pairs = [
        (leaving, coming) for coming in entries for leaving in exits if _meet(gone[id(leaving)], _inked(coming.mobject))
    ]
    for leaving in {id(leaving): leaving for leaving, _ in pairs}.values():
        leaving.rate_func = squish_rate_func(leaving.rate_func, 0, GONE)
    for coming in {id(coming): coming for _, coming in pairs}.values():
        coming.rate_func = squish_rate_func(coming.rate_func, GONE, 1)
    return animations


def _all_are(animation: Animation, kind: type[Animation]) -> bool:
    parts = getattr(animation, "animations", None)
    if parts:
        return animation.rate_func is linear and all(_all_are(part, kind) for part in parts)
    return isinstance(animation, kind)


def _inked(mobject: Mobject) -> Iterator[Box]:
    """Where a mobject has texts, formulas or cells."""
    for part in mobject.get_family():
        if isinstance(part, Cells):
            yield part.box
        elif isinstance(part, Painted):
            yield from (text.box for text in part.printed() if text.text.strip())
        elif isinstance(part, Formula) and part.family_members_with_points():
            yield box_of(part)


def _meet(gone: Iterable[Box], coming: Iterable[Box]) -> bool:
    there = list(coming)
    return any(one.overlaps(other, TOUCH) for one in gone for other in there)
