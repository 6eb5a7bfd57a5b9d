"""How the matrices of a picture show their numbers: in digits, through a lens, in part, or as colours alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.trace import format_number
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.stage.matrix.cells import MOST_NUMBERS, Cells
from scenes.stage.matrix.lens import Lens
from scenes.stage.paint.typography import text_width
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, run
from studio.engine.shown import COLOURS, DIGITS, LENS, PART, Shown

NO_PICTURE = Picture(32, 18, 15)  # nothing is drawn
POSTER_SECONDS = 7.3  # a chapter's last step, on the average of those of the example `default`
SEEN = 0.2  # opacity from which on a matrix is there to be looked at


def look_through(chapter: str, settings: Settings) -> tuple[list[Shown], float]:
    """Take a chapter from step to step without drawing, and look at each when it ends; not at the last, a poster.

    Returns the matrices of these steps, and about how many seconds the chapter has, its poster's among them.
    """
    found: list[Shown] = []

    def look(step: EndedStep) -> bool:
        found.extend(shown_in(step.scene, step.name))
        return step.name in step.scene.steps[-2:]

    scene = run(chapter, settings, NO_PICTURE, on_step=look, straight=True)
    return found, float(scene.time) + POSTER_SECONDS


def shown_in(scene: Chapter, step: str) -> Iterator[Shown]:
    """The matrices of the picture as it stands, and how they show their numbers."""
    parts = [part for mobject in scene.mobjects for part in mobject.get_family()]
    lenses = [part for part in parts if isinstance(part, Lens)]
    enlarged = {id(piece) for lens in lenses for piece in lens.get_family()}
    under = {piece.tensor.name for lens in lenses for piece in lens.parts}
    for cells in parts:
        if isinstance(cells, Cells) and id(cells) not in enlarged and _prints(cells):
            name, legible = cells.tensor.name, cells.legible()
            how = DIGITS if legible.all() else LENS if name in under else PART if legible.any() else COLOURS
            yield Shown(step, name, how, "" if how == DIGITS else _cure(cells))


def _prints(cells: Cells) -> bool:
    """Whether it is there to be read: not a map of colours, not stepped back."""
    lit = (cells.shown * cells.light).max(initial=0.0)
    return bool(cells.opacity > SEEN and cells.numbers[0] > 0 and lit > cells.theme.dim)


def _cure(cells: Cells) -> str:
    """What would give all numbers of a matrix room in its place."""
    width, height = cells.box.width / cells.shape[1], cells.pitch[1]
    if not cells.numeric:
        return f"at most {MOST_NUMBERS} numbers in a matrix"
    if height < cells.smallest_numeric_pitch()[1]:
        return "fewer rows"
    room = width / cells.smallest_numeric_pitch()[0] * cells.widest
    decimals = [d for d in range(cells.tensor.decimals) if _widest(cells.tensor.values, d) <= room]
    return f"decimals = {decimals[-1]}" if decimals else "fewer columns"


def _widest(values: np.ndarray, decimals: int) -> float:
    return max(text_width(format_number(float(value), decimals), 1.0) for value in values.flat)
