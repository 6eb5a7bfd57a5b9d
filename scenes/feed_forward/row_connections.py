"""Who looks at whom: in attention each row at all that the mask lets it see, in the feed-forward network at itself."""

from __future__ import annotations

import numpy as np
from manim import VGroup

from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.threads import AT_REST, CLEAR, row, thread


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
                same = i == j
                if not same and not seen[j, i]:
                    continue
                ends = row(source, i, "right"), row(target, j, "left")
                line = thread(*ends, colour, width=3.0 if same else 1.5, opacity=CLEAR if same else AT_REST)
                (self.straight if same else self.crossing).add(line)
        self.add(self.crossing, self.straight)
