"""The two halves of a picture: side by side, or one above the other where the picture is no wider than high."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from scenes.stage.paint.layout import GAP, TEXT, TIGHT, WIDE, Box, FrameLayout

COUNT = 2
NAME = 0.8  # of the width of a half's header: what a name has, less the room that a map would take


@dataclass(frozen=True)
class HalfLayout(FrameLayout):
    """The bands of a half: its header is a line with the name of what stands there and its formula; its captions have
    their place in the caption band of the whole picture. side: 0 the first, 1 the second.
    """

    side: int = 0

    @cached_property
    def outer(self) -> FrameLayout:
        """The picture that it is a half of."""
        return FrameLayout(self.frame, self.has_header, self.has_caption)

    @property
    def is_narrow(self) -> bool:
        return True

    @property
    def is_narrowest(self) -> bool:
        return False

    @property
    def caption_lines(self) -> int:
        return 2

    @property
    def is_above(self) -> bool:
        """Whether the halves stand one above the other."""
        return self.outer.whole.width <= self.outer.whole.height

    @cached_property
    def half(self) -> Box:
        """All that it has of the stage."""
        stage = self.outer.stage
        halves = stage.rows(*[1] * COUNT, gap=GAP) if self.is_above else stage.columns(*[1] * COUNT, gap=WIDE)
        return halves[self.side]

    @cached_property
    def whole(self) -> Box:
        return self.half.grown(GAP / 2)

    @cached_property
    def safe(self) -> Box:
        return self.half

    @cached_property
    def header(self) -> Box:
        return self.half.but(bottom=self.half.top - TEXT.value)

    @property
    def heading(self) -> Box:
        return self.header.but(right=self.header.left + NAME * self.header.width)

    def beside_heading(self, left: float, right: float) -> tuple[float, float]:
        return left, self.header.right  # no map stands there

    @property
    def formula(self) -> Box:
        return self.header

    @cached_property
    def caption(self) -> Box:
        return self.outer.caption.columns(*[1] * COUNT, gap=WIDE)[self.side]

    @cached_property
    def stage(self) -> Box:
        return self.half.but(top=self.header.bottom - TIGHT)
