"""When what may happen in a step: captions are read in peace, and results stand before more is said.

Numbers wait until most of a new caption has been read; the next caption waits until the last one has been read and the
numbers have stood for a while. What moves no numbers (frames, light, threads, layout) may do so while one reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from manim import Animation, FadeIn, FadeOut, Mobject, smooth
from manim.utils.rate_functions import squish_rate_func

from scenes.stage.chapter.caption import Caption
from scenes.stage.charts.bars import Bars
from scenes.stage.charts.candidates import Candidates
from scenes.stage.charts.range_bars import Range, RangeBars
from scenes.stage.charts.spread_bars import SpreadBars
from scenes.stage.matrix.cell_wave import Changing
from scenes.stage.matrix.cells import Cells
from scenes.stage.matrix.flight import Flight
from scenes.stage.paint.label import Label

READ_BEFORE_NUMBERS = 0.6  # of a caption's reading time
STAND = 1.0  # seconds that a result stands, and every step's last picture
SHORTEST = 0.6  # seconds of an animation in a step; shorter ones jerk
CAPTION_LEAVES, CAPTION_COMES = 0.2, 0.4

NUMBERS: dict[type[Mobject], tuple[str, ...]] = {
    Bars: ("heights",),
    Range: ("low", "high"),
    RangeBars: ("heights",),
    SpreadBars: ("heights", "mean"),
    Candidates: ("shares",),
}


@dataclass
class Pacing:
    """The clock of a step, in seconds of the chapter.

    pace: how fast the step goes; said: when its last caption came; reading: how long that one takes to read; settled:
    when numbers moved last; shortest: how long an animation lasts at least, at the pace at which it is made.
    """

    pace: float = 1.0
    said: float = -inf
    reading: float = 0.0
    settled: float = -inf
    shortest: float = SHORTEST

    def say(self, now: float, reading: float) -> None:
        self.said, self.reading = now, reading

    def until_numbers(self, now: float) -> float:
        """Seconds until numbers may move."""
        return _fifths(self.said + READ_BEFORE_NUMBERS * self.reading - now)

    def until_read(self, now: float) -> float:
        """Seconds until the caption has been read."""
        return _fifths(self.said + self.reading - now)

    def until_settled(self, now: float) -> float:
        """Seconds until the caption has been read and the last result has stood long enough: more may be said."""
        return max(self.until_read(now), _fifths(self.settled + STAND / self.pace - now))

    def until_over(self, now: float) -> float:
        """Seconds until the caption has been read and the step's last picture has stood long enough."""
        return max(STAND / self.pace, self.until_read(now))

    def unhurried(self, animations: Iterable[Animation]) -> list[Animation]:
        """The animations at the step’s pace, none so short that it jerks; numbers may go on as fast as they do."""
        played = list(animations)
        shortest = 0.0 if any(map(moves_numbers, played)) else self.shortest
        for animation in played:
            animation.run_time = max(animation.run_time, shortest) / self.pace
        return played


def _fifths(seconds: float) -> float:
    """Whole fifths, not less: whole frames at every rate, however late in the chapter it is."""
    return ceil(round(5 * seconds, 5)) / 5 if seconds > 0 else 0.0


def caption_change(last: Caption | None, new: Caption) -> Sequence[Animation]:
    """A caption comes where the last one has gone; never do both stand there."""
    if last is None:
        return [FadeIn(new, run_time=CAPTION_COMES)]
    seconds = CAPTION_LEAVES + CAPTION_COMES
    gone = CAPTION_LEAVES / seconds
    return [
        FadeOut(last, run_time=seconds, rate_func=squish_rate_func(smooth, 0, gone)),
        FadeIn(new, run_time=seconds, rate_func=squish_rate_func(smooth, gone, 1)),
    ]


def moves_numbers(animation: Animation) -> bool:
    """Whether numbers come, change or fly, for one to look at.

    A matrix that comes as a whole is layout, and numbers that go are nothing to look at.
    """
    parts = getattr(animation, "animations", None)
    if parts:
        return any(map(moves_numbers, parts))
    if isinstance(animation, Changing):
        return animation.of_numbers
    if isinstance(animation.mobject, Flight):
        return True
    if isinstance(animation.mobject, Caption):
        return False
    if isinstance(animation, FadeIn):
        return any(isinstance(part, Label) and part.readings for part in animation.mobject.get_family())
    target = getattr(animation, "target_mobject", None)
    return target is not None and _differ(animation.mobject.get_family(), target.get_family())


def _differ(before: Iterable[Mobject], after: Iterable[Mobject]) -> bool:
    pairs = zip(before, after, strict=False)
    return any(_changed(first, last) for first, last in pairs if type(first) is type(last))


def _changed(first: Mobject, last: Mobject) -> bool:
    if isinstance(first, Cells) and isinstance(last, Cells) and first.shape == last.shape:
        other = (last.shown > first.shown) | ((last.readings != first.readings) & (last.shown > 0))
        return bool(other.any())
    names = {name for kind, names in NUMBERS.items() if isinstance(first, kind) for name in names}
    states = ((getattr(first, name), getattr(last, name)) for name in names)
    return any(one is not other and not np.array_equal(one, other) for one, other in states)
