"""What a waiting person sees: a bar in a terminal, plain lines elsewhere. On standard error."""

from __future__ import annotations

import os
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

LINES = "ATTENTION_PROGRESS"  # in the environment of those whose progress a program reads: a line a second
OFTEN = 1.0  # seconds


class Progress:
    """Progress over frames: `frames` have to be drawn for `chapters`, and `kept` further chapters are there already;
    what: what is drawn, if not chapters.
    """

    def __init__(self, frames: int, chapters: int, kept: int, fps: float, what: str = "") -> None:
        self.frames, self.chapters, self.kept, self.fps = frames, chapters, kept, fps
        self.what = what or _chapters(chapters)
        self.begun = time.monotonic()
        self.done = 0
        self.told = self.begun
        self.finished_chapters = 0
        self.console = Console(stderr=True, highlight=False)
        self.bars = Bars(
            TextColumn("drawing"),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:.0f} of {task.total:.0f} frames"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )
        self.task = self.bars.add_task("drawing", total=frames, detail="")

    def __enter__(self) -> Progress:
        if self.kept:
            self.console.print(f"{_chapters(self.kept)} unchanged, not rendered again")
        if self.frames:
            self.console.print(f"{self.what}: {self.frames} frames to draw")
            self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def drawn(self, chapter: str, frames: int) -> None:
        """So many more frames of a chapter are there."""
        self.done += frames
        self.bars.update(self.task, completed=self.done, detail=chapter)
        if LINES in os.environ and time.monotonic() - self.told > OFTEN:
            self.told = time.monotonic()
            self.console.print(f"{chapter}; {self.done} of {self.frames} frames drawn")

    def finished(self, chapter: str, frames: int) -> None:
        """A chapter is there."""
        self.finished_chapters += 1
        passed = time.monotonic() - self.begun
        count = f"{self.finished_chapters} of {self.chapters}"
        rest = f"; {self.done} of {self.frames} frames drawn" if self.frames else ""
        self.console.print(f"{count}: {chapter}, {frames / self.fps:.1f} s of film, after {passed:.0f} s{rest}")


def _chapters(count: int) -> str:
    return "1 chapter" if count == 1 else f"{count} chapters"
