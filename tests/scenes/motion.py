"""Frames in the midst of animations: a chapter is run without drawing, and looked at between one rest and the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from checks import VISIBLE, on_screen
from manim import Mobject

from core.examples.example import load_example
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.formula import Formula
from scenes.stage.paint.layout import SAFE, Box, box_of
from scenes.stage.paint.painting import Painted
from scenes.stage.paint.shot import Shot
from studio.engine.quality import Picture
from studio.engine.run import run

TINY = Picture(32, 18, 15)
TOUCH = 0.02  # how far two boxes may reach into each other before one lies on the other
SOLID = 0.85  # from this opacity on, cells hide what is below them
MOVED = 0.05

Look = Callable[[Chapter, str, frozenset[int]], None]


def film(
    chapter: str,
    look: Look,
    example: str = "default",
    language: str = "en",
    moments: Sequence[float] = (0.5,),
) -> None:
    """Run a chapter; `look(scene, step, travelling)` is called at these moments (0…1) of every animation of its steps.

    travelling: the ids of the mobjects that stand elsewhere at the animation's end than at its beginning.
    """

    def watch(scene: Chapter, step: str, ended: bool) -> None:
        if ended or scene.is_current_animation_frozen_frame() or step not in scene.steps:
            return
        places = [_places(scene, moment) for moment in (0.0, 1.0)]
        travelling = frozenset(
            key for key, start in places[0].items() if key in places[1] and _apart(start, places[1][key])
        )
        for moment in moments:
            scene.update_to_time(moment * scene.duration)
            look(scene, step, travelling)

    run(chapter, Settings(load_example(example), language, "dark"), TINY, watch=watch)


def _places(scene: Chapter, moment: float) -> dict[int, Box]:
    scene.update_to_time(moment * scene.duration)
    return {id(part): _box(part) for part in on_screen(scene) if isinstance(part, Painted | Formula) and _seen(part)}


def _seen(part: Mobject) -> bool:
    return len(part.family_members_with_points()) > 0


def _box(part: Mobject) -> Box:
    return part.box if isinstance(part, Painted) else box_of(part)


def _apart(start: Box, end: Box) -> bool:
    return max(abs(start.x - end.x), abs(start.y - end.y), abs(start.width - end.width)) > MOVED


@dataclass(frozen=True)
class Piece:
    """A text, a formula or the cells of a matrix, as it stands in a frame.

    part: the mobject it belongs to; cells: it is cells, or a number inside one; solid: it covers what is below it.
    """

    name: str
    box: Box
    part: Mobject
    cells: bool = False
    solid: bool = False


def pieces(scene: Chapter) -> list[Piece]:
    """All that can be seen of texts, formulas and cells, what lies lowest first."""
    found: list[Piece] = []
    for part in on_screen(scene):
        if isinstance(part, Cells):
            found += _cells(part)
        if isinstance(part, Painted) and not isinstance(part, Shot):
            found += _texts(part)
        elif isinstance(part, Formula) and _seen(part):
            opacity = max(m.get_fill_opacity() for m in part.family_members_with_points())
            found += [Piece(f"formula {part.source}", box_of(part), part)] if opacity >= VISIBLE else []
    return found


def _cells(cells: Cells) -> list[Piece]:
    strength = cells.opacity * cells.shown  # (rows, columns)
    rows, columns = np.nonzero(strength >= VISIBLE)
    if not rows.size:
        return []
    box = cells.part_box(range(rows.min(), rows.max() + 1), range(columns.min(), columns.max() + 1))
    return [Piece(f"cells of {cells.tensor.name}", box, cells, cells=True, solid=bool(strength.max() >= SOLID))]


def _texts(part: Painted) -> Iterable[Piece]:
    for text in part.printed():
        if text.opacity >= VISIBLE and text.text.strip():
            inside = text.cell is not None
            solid = text.background is not None and part.opacity >= SOLID
            name = f"numbers of {part.tensor.name}" if inside and isinstance(part, Cells) else f"'{text.text}'"
            yield Piece(name, text.box, part, inside, solid)


def motion_faults(scene: Chapter, travelling: frozenset[int]) -> list[str]:
    """Texts over texts, texts or cells over the cells of another matrix, and texts that leave the safe area.

    In flight is what stands elsewhere at the end of the animation than at its beginning. What is in flight and solid
    (cells, a number on its chip) may pass over anything, for it hides it; nothing else may.
    """
    found = pieces(scene)
    faults = [f"outside the safe area: {p.name}" for p in found if not p.cells and not SAFE.contains(p.box, TOUCH)]
    return faults + [
        f"{found[upper].name} over {found[lower].name}"
        for lower, upper in _overlapping(found)
        if not _may_lie(found[lower], found[upper], travelling)
    ]


def _overlapping(found: Sequence[Piece]) -> list[tuple[int, int]]:
    """Pairs of pieces that reach into each other, the lower one first."""
    if not found:
        return []
    edges = np.array([(p.box.left, p.box.right, p.box.bottom, p.box.top) for p in found])  # (pieces, 4)
    left, right, bottom, top = edges.T
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    upright = np.minimum(top[:, None], top) - np.maximum(bottom[:, None], bottom)
    pairs = np.argwhere(np.triu((across > TOUCH) & (upright > TOUCH), k=1))
    return [(int(a), int(b)) for a, b in pairs]


def _may_lie(lower: Piece, upper: Piece, travelling: frozenset[int]) -> bool:
    if lower.part is upper.part and (lower.cells or lower.solid):
        return True
    if lower.name == upper.name and not _apart(lower.box, upper.box):
        return True  # a copy where it leaves the original, or arrives
    if _same_tensor(lower.part, upper.part):
        return True  # a row leaves its matrix or comes back, rows are stacked, heads lie in a stack
    return upper.solid and (id(upper.part) in travelling or (lower.cells and id(lower.part) in travelling))


def _same_tensor(lower: Mobject, upper: Mobject) -> bool:
    return isinstance(lower, Cells) and isinstance(upper, Cells) and lower.tensor.name == upper.tensor.name


__all__ = ["film", "motion_faults", "pieces"]
