"""Slides of what has been rendered, a movie for each step: as a PowerPoint deck, and as a deck for a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from studio.errors import unknown
from studio.files import work_folder, writable_folder
from studio.films.order import Order
from studio.films.scheduler import Scheduler

KINDS = ("pptx", "reveal")
FOLDER = "slides"


def check_kind(kind: str | None) -> tuple[str, ...]:
    """The kinds of slides that are asked for: all, if none is named."""
    if kind is not None and kind not in KINDS:
        raise unknown("--kind", kind, KINDS)
    return KINDS if kind is None else (kind,)


def write_slides(order: Order, kinds: Sequence[str], one_file: bool, scheduler: Scheduler) -> Iterator[Path]:
    """Render what is missing of an order and write its slides; yields what to open."""
    from studio.exports.slides.browser import write_folder, write_one_file
    from studio.exports.slides.deck import make_deck
    from studio.exports.slides.powerpoint import write_powerpoint
    from studio.films.film_script import scripts

    chapters, name = scripts(order, scheduler), order.name
    folder = writable_folder(order.out / FOLDER)
    with work_folder(order.out) as work:
        deck = make_deck(chapters, work)
        if "pptx" in kinds:
            yield write_powerpoint(deck, folder / f"{name}.pptx")
        if "reveal" in kinds and one_file:
            yield write_one_file(deck, folder / f"{name}.html")
        elif "reveal" in kinds:
            yield write_folder(deck, folder / name)
