"""Heads in motion: sheets dealt one after another, and one change in all heads at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from manim import smooth

from scenes.shared.heads import Heads, Sheet
from scenes.stage.matrix.cell_wave import Changing


class Deal(Changing):
    """Every sheet goes to its new place, one after another. change: what to do, e.g. `lambda h: h.fan(box)`."""

    of_numbers: ClassVar[bool] = False

    def __init__(self, heads: Heads, change: Callable[[Heads], object], lag: float = 0.4, **kwargs: Any) -> None:
        self.lag = lag
        super().__init__(heads, change, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        later = self.lag / max(1, self.mobject.count - 1)
        trios = zip(self.mobject.sheets, self.starting_mobject.sheets, self.target.sheets, strict=True)
        for head, (sheet, start, target) in enumerate(trios):
            pace = float(np.clip((alpha - head * later) / (1 - self.lag), 0, 1))
            sheet.interpolate(start, target, smooth(pace))


class InParallel(Changing):
    """The same change in all heads at once, row after row. change: e.g. `Heads.reveal`."""

    def __init__(self, heads: Heads, change: Callable[[Heads], object], spread: float = 0.7, **kwargs: Any) -> None:
        self.spread = spread
        super().__init__(heads, change, **kwargs)

    def interpolate_mobject(self, alpha: float) -> None:
        rows, columns = self.mobject.rows, self.mobject.columns
        delay = np.arange(rows)[:, None] / max(1, rows - 1) * self.spread
        pace = np.clip((alpha - delay) / (1 - self.spread), 0, 1)
        pace = np.broadcast_to(pace * pace * (3 - 2 * pace), (rows, columns))
        trios = zip(self.mobject.sheets, self.starting_mobject.sheets, self.target.sheets, strict=True)
        for sheet, start, target in trios:
            sheet.wave_between(start, target, pace)

    def finish(self) -> None:
        super().finish()
        self.mobject.tensor = self.target.tensor
        for sheet, target in zip(self.mobject.sheets, self.target.sheets, strict=True):
            for name in (*Sheet.STATE, "readings", "meaning", "limit"):
                setattr(sheet, name, getattr(target, name))
