"""What a waiting person sees: bars in a terminal, plain lines elsewhere. On standard error."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from studio.clips import StepDone


class Progress:
    """Progress over chapters: `totals` are the steps of each that has to be rendered, `kept` those that are there."""

    def __init__(self, totals: Mapping[str, int], kept: int, fps: int) -> None:
        self.totals, self.kept, self.fps = totals, kept, fps
        self.begun = time.monotonic()
        self.console = Console(stderr=True, highlight=False)
        self.bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
            transient=True,
        )
        self.whole = self.bars.add_task("all steps", total=sum(totals.values()), detail="")
        self.tasks: dict[str, TaskID] = {}
        self.finished_chapters = 0

    def __enter__(self) -> Progress:
        if self.kept:
            self.console.print(f"{_chapters(self.kept)} unchanged, not rendered again")
        if self.totals:
            self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def step(self, chapter: str, done: StepDone) -> None:
        """A chapter is begun, or a step of it is drawn."""
        if chapter not in self.tasks:
            self.tasks[chapter] = self.bars.add_task(chapter, total=self.totals[chapter], detail="")
            return
        detail = f"{done.step}, {done.frames} frames"
        self.bars.update(self.tasks[chapter], completed=done.steps, detail=detail)
        self.bars.advance(self.whole)

    def finished(self, chapter: str, frames: int) -> None:
        """A chapter is there."""
        self.finished_chapters += 1
        if chapter in self.tasks:
            self.bars.remove_task(self.tasks.pop(chapter))
        passed = time.monotonic() - self.begun
        count = f"{self.finished_chapters} of {len(self.totals)}"
        self.console.print(f"{count}: {chapter}, {frames / self.fps:.1f} s of film, after {passed:.0f} s")


def _chapters(count: int) -> str:
    return "1 chapter" if count == 1 else f"{count} chapters"
