"""Threads in a still: both ends on something that can be seen, and clear enough to be followed."""

from __future__ import annotations

import numpy as np
from checks import on_screen
from manim import Mobject

from scenes.stage.chapter.chapter import Chapter
from scenes.stage.paint.layout import HAIR, Box
from scenes.stage.paint.painting import Painted
from scenes.stage.paint.threads import End, Thread

SEEN, AT_REST = 0.05, 0.45
NEAR = 1.1 * HAIR


def thread_faults(chapter: Chapter) -> list[str]:
    """Threads that end in mid-air, or are too faint to be followed although nothing that they join has stepped back."""
    parts = on_screen(chapter)
    seen = {id(part) for part in parts if _is_seen(part)}
    threads = [part for part in parts if isinstance(part, Thread) and part.get_stroke_opacity() > SEEN]
    faults = []
    for one in threads:
        for end, point in zip(one.ends, (one.points[0], one.points[-1]), strict=True):
            if not _is_tied(end, point, seen):
                faults.append(f"a thread ends in mid-air at ({point[0]:.2f}, {point[1]:.2f})")
        if one.get_stroke_opacity() < AT_REST and not any(_stepped_back(end.of) for end in one.ends):
            faults.append(f"a thread of opacity {one.get_stroke_opacity():.2f}")
    return faults


def _is_seen(part: Mobject) -> bool:
    if isinstance(part, Painted):
        return part.opacity > SEEN
    return bool(len(part.points)) and max(part.get_fill_opacity(), part.get_stroke_opacity()) > SEEN


def _is_tied(end: End, point: np.ndarray, seen: set[int]) -> bool:
    """Whether a point is on the edge of the part that it is tied to, and something that can be seen is there."""
    return any(id(part) in seen for part in end.of.get_family()) and _on_edge(end.box, point)


def _on_edge(box: Box, point: np.ndarray) -> bool:
    spot = Box(point[0], point[0], point[1], point[1])
    return box.grown(NEAR).contains(spot) and not box.grown(-NEAR).contains(spot)


def _stepped_back(thing: Mobject) -> bool:
    parts = [part for part in thing.get_family() if isinstance(part, Painted)]
    return any(part.opacity < 1 or np.min(getattr(part, "light", 1.0)) < 1 for part in parts)


__all__ = ["thread_faults"]
