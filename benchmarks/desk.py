"""`python -m benchmarks.desk`: how long the desk takes from an edit to the new picture, measured in the browser."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from core.examples.example import Example, load_example, shipped_examples
from scenes.storyboard import CHAPTERS
from studio.selection import steps_of
from tests.studio.browser import Page, browser, installed

# Milliseconds from a wish to the picture that answers it: when it has been drawn and the browser is at its next frame.
MEASURE = """
new Promise((done) => {
    const picture = document.getElementById("picture");
    const begun = performance.now();
    const before = picture.dataset.%(mark)s;
    const observer = new MutationObserver(() => {
        if (picture.dataset.%(mark)s === before || !picture.dataset.%(mark)s) return;
        observer.disconnect();
        requestAnimationFrame(() => done(performance.now() - begun));
    });
    observer.observe(picture, { attributes: true });
    %(wish)s;
    setTimeout(() => { observer.disconnect(); done(NaN); }, 15000);
})
"""


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one answer: to an edit, or to a click on play."""

    example: str
    place: str
    what: str
    milliseconds: float


@contextmanager
def running(example: str, folder: Path) -> Iterator[str]:
    """The address of a desk with a shipped example."""
    command = [sys.executable, "-X", "utf8", "-m", "studio", "desk", example, "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "XDG_STATE_HOME": str(folder / "state")}
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def measured(page: Page, mark: str, wish: str) -> float:
    return float(page.run(MEASURE % {"mark": mark, "wish": wish}))


def edits(example: Example, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Edits of every kind that an example has, other ones each time."""
    place = {"row": number % example.w_o.shape[0], "column": number % example.d_model}
    yield "decimals", {"do": "field", "name": "decimals", "value": (1, 3)[number % 2]}
    yield "mask", {"do": "cell", "row": 0, "column": number % len(example.tokens)}
    if example.loaded is None:
        yield "weight", {"do": "weight", "name": "w_o", **place, "value": 0.1 * number - 2.5}


def places(example: Example, count: int) -> list[tuple[str, str]]:
    """Chapters and steps, drawn so that every run has the same."""
    choices = random.Random(f"{example.name} places")  # noqa: S311
    there = [entry.name for entry in CHAPTERS if entry.suits(example)]
    return [(chapter, choices.choice(steps_of(chapter))) for chapter in choices.sample(there, min(count, len(there)))]


def measure(page: Page, name: str, count: int, rest: float) -> Iterator[Measured]:
    """Edits at so many places of an example, and a click on play at each."""
    example = load_example(name)
    page.wait("Boolean(document.getElementById('picture')?.dataset.version)")
    for number, (chapter, step) in enumerate(places(example, count)):
        page.run(f"Strip.goTo({json.dumps(chapter)}, {json.dumps(step)})")
        page.wait(f"document.getElementById('picture').dataset.step === {json.dumps(step)}")
        page.wait(f"document.querySelectorAll('#strip img').length === {len(steps_of(chapter))}")
        for what, edit in edits(example, number):
            wish = f'Bridge.wish("edit", {{ edit: {json.dumps(edit)} }})'
            yield Measured(name, f"{chapter}:{step}", what, measured(page, "version", wish))
            time.sleep(rest)
        page.run("delete document.getElementById('picture').dataset.frame")
        played = measured(page, "frame", "document.getElementById('play').click()")
        yield Measured(name, f"{chapter}:{step}", "play", played)
        time.sleep(rest)


def report(found: Sequence[Measured]) -> str:
    """Medians and 95% of all, and of each kind."""
    lines = [f"{'':12}{'answers':>8}{'median':>10}{'95%':>10}{'longest':>10}"]
    for what in ("edits", *dict.fromkeys(one.what for one in found)):
        kinds = [what] if what != "edits" else [one.what for one in found if one.what != "play"]
        times = sorted(one.milliseconds for one in found if one.what in kinds)
        most = times[min(int(0.95 * len(times)), len(times) - 1)]
        lines.append(f"{what:12}{len(times):8}{median(times):7.0f} ms{most:7.0f} ms{times[-1]:7.0f} ms")
    slowest = sorted(found, key=lambda one: -one.milliseconds)[:5]
    return "\n".join(
        [*lines, *(f"  {one.milliseconds:6.0f} ms  {one.example} {one.place} {one.what}" for one in slowest)]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("examples", nargs="*", default=list(shipped_examples()), help="shipped examples (default: all)")
    parser.add_argument("--places", type=int, default=8, help="chapters of each, at a step drawn by lot (default: 8)")
    parser.add_argument("--rest", type=float, default=1.5, help="seconds after each answer, as a person waits")
    given = parser.parse_args(arguments)
    program = installed()
    if program is None:
        sys.exit("There is no Chromium or Chrome on this machine.")
    found: list[Measured] = []
    with TemporaryDirectory(prefix="desk-") as work, browser(program, Path(work) / "profile") as new_page:
        for name in given.examples:
            with running(name, Path(work)) as address:
                page = new_page()
                page.open(address)
                found += measure(page, name, given.places, given.rest)
            print(f"{name}: {median(one.milliseconds for one in found if one.example == name):.0f} ms", flush=True)
    print(report(found))


if __name__ == "__main__":
    main()
