"""Who looks at whom: in attention each row at all that the mask lets it see, in the feed-forward network at itself."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.threads import thread


class RowConnections(VGroup):
    """Threads from the rows of one matrix to the rows of another: `crossing` between different rows, `straight`.

    seen: which row of the target looks at which of the source, boolean (target, source).
    """

    def __init__(self, source: Matrix, target: Matrix, seen: np.ndarray, theme: Theme) -> None:
        super().__init__()
        self.crossing, self.straight = VGroup(), VGroup()
        colour = theme.hue("x")
        for i in range(source.rows):
            for j in range(target.rows):
                start = np.array([source.box.right + 0.08, source.row_box(i).y, 0])
                end = np.array([target.box.left - 0.08, target.row_box(j).y, 0])
                same = i == j
                if not same and not seen[j, i]:
                    continue
                line = thread(start, end, colour, width=3.0 if same else 1.5, opacity=0.8 if same else 0.3)
                (self.straight if same else self.crossing).add(line)
        self.add(self.crossing, self.straight)
