"""What a batch will take, and what came of it, as tables."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from studio.batch.make import Forecast, Tally

HOUR = 3600


def tell_forecast(found: Forecast) -> None:
    """How much there is to do."""
    pace = "at the pace seen on this machine" if found.seen_here else "at a reference machine's pace"
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("films and clips", f"{found.films}")
    table.add_row("steps", f"{found.steps}, of which {found.missing} have to be drawn")
    table.add_row("seconds of film", f"{found.seconds:.0f}, of which {found.missing_seconds:.0f} have to be drawn")
    table.add_row("core-hours", f"about {found.core_hours:.2f}, {pace}")
    Console(highlight=False).print(table)


def tell_tally(tally: Tally) -> None:
    """What is done and what failed, and what it took."""
    console = Console(stderr=True, highlight=False)
    table = Table("", "what", "files", "why not", box=None, pad_edge=False)
    for outcome in tally.outcomes:
        mark = "failed" if outcome.error else "done"
        table.add_row(mark, outcome.wish.name, str(len(outcome.files)), outcome.error)
    console.print(table)
    done = len(tally.outcomes) - len(tally.failed)
    core_hours = tally.seconds * tally.workers / HOUR
    console.print(
        f"{done} done, {len(tally.failed)} failed; {tally.drawn} steps drawn, {tally.reused} reused; "
        f"{tally.seconds:.0f} s with {tally.workers} workers, {core_hours:.3f} core-hours"
    )
