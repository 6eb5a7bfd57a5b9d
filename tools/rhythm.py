"""The rhythm of a film or of chapters: what moves and what stands still, and how that goes with what is said.

    python -m tools.rhythm attention --language zh
    python -m tools.rhythm scores softmax --example mine.toml --json

Chapters are run small (480 × 270, 15 frames a second) and their frames compared; nothing is encoded. A film is measured
with its bridges, a chapter with its opening and closing. `--quick` draws nothing: a frame counts as moving in which an
animation plays.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from scenes.storyboard import FILMS
from studio.errors import BadInput
from studio.exports.rhythm import Rhythm, chapters_of, rhythm, take_jobs
from studio.films.local_processes import LocalProcesses, processors
from studio.films.scheduler import results
from studio.options import Look
from studio.selection import check_chapter

NOTES = """\
moving: frames in which any pixel differs from the frame before; >1%: in which more than 1% of the picture does, by more
than 6 of 255 levels; bursts: runs of such visible motion, over pauses under 0.2 s; letters: of a caption, in Chinese
hanzi; letters/s: while it stands; early: numbers (cells, flights, sums, bars) that move before 60% of the reading time
of a caption has passed; brief: results that stand for less than 1 s before more is said or the step ends; staccato:
steps of bursts whose median is under 0.6 s."""
COLUMNS = (
    *("", "length", "moving", ">1%", "still >3 s", "burst", "a minute", "captions", "letters", "most", "letters/s"),
    *("reading", "motion", "long", "early", "brief", "staccato"),
)


def measured(name: str, look: Look, scheduler: LocalProcesses, *, drawn: bool = True) -> list[Rhythm]:
    """The rhythm of a chapter, or of the chapters of a film and then the film."""
    chapters, film = chapters_of(name)
    found = results(scheduler, take_jobs(chapters, look.settings, film=film, drawn=drawn))
    figures = [rhythm(chapter, sections, look.language) for chapter, sections in zip(chapters, found, strict=True)]
    whole = [section for sections in found for section in sections]
    return [*figures, rhythm(name, whole, look.language)] if film else figures


def table(figures: Sequence[Rhythm]) -> Table:
    """The figures, a line each."""
    made = Table(box=None, pad_edge=False)
    for column in COLUMNS:
        made.add_column(column, justify="right" if column else "left")
    for one in figures:
        made.add_row(*_cells(one))
    return made


def _cells(one: Rhythm) -> list[str]:
    still = sum(float(place.what.split()[-2]) for place in one.still)
    return [
        one.name,
        f"{one.seconds:.0f} s",
        f"{one.moving:.0%}",
        f"{one.moving_much:.0%}",
        f"{len(one.still)} ({still:.0f} s)",
        f"{one.burst:.2f} s",
        f"{one.bursts_a_minute:.0f}",
        str(one.captions),
        f"{one.letters[0]:.0f}",
        str(one.letters[1]),
        f"{one.speed:.1f}",
        f"{one.reading:.0f} s",
        f"{one.motion:.0f} s",
        *(str(len(one.faults[kind])) for kind in ("long", "early", "brief", "staccato")),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="FILM_OR_CHAPTER")
    parser.add_argument("--example")
    parser.add_argument("--language", default="en")
    parser.add_argument("--workers", type=int, default=processors())
    parser.add_argument("--quick", action="store_true", help="draw nothing")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args()
    try:
        figures = _all(args)
    except BadInput as error:
        sys.exit(str(error))
    if args.json:
        print(json.dumps([asdict(one) for one in figures], ensure_ascii=False, indent=1))
        return
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(table(figures), NOTES, sep="\n\n", highlight=False)
    for place in _places(figures):
        console.print(place, highlight=False, markup=False)


def _places(figures: Sequence[Rhythm]) -> list[str]:
    """All that breaks the rhythm, chapter by chapter, and between two of a film."""
    found = [f"{kind}: {place}" for one in figures for kind, places in one.faults.items() for place in places]
    return list(dict.fromkeys(found))


def _all(args: argparse.Namespace) -> list[Rhythm]:
    look = Look(args.example, args.language)
    figures: list[Rhythm] = []
    with LocalProcesses(args.workers) as scheduler:
        for name in args.names:
            if name not in FILMS:
                check_chapter(name)
            figures += measured(name, look, scheduler, drawn=not args.quick)
    return figures


if __name__ == "__main__":
    main()
