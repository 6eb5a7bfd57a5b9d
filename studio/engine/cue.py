"""A caption and the frames in which it stands. Imports no Manim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cue:
    """A caption: the frames in which it is shown, `end` excluded, and what it says."""

    start: int
    end: int
    text: str

    def moved(self, frames: int) -> Cue:
        return Cue(self.start + frames, self.end + frames, self.text)
