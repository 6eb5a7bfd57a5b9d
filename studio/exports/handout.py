"""Hand-outs: a still and the explanation of each step, on paper, set by Typst."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import typst

from scenes.stage.paint.fonts import FONTS
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Theme, theme_named
from studio.exports.about_example import about_examples
from studio.exports.vector import VectorJob, VectorStill
from studio.files import whole_file, work_folder, writable_folder
from studio.films.order import Part
from studio.films.scheduler import Scheduler, results
from studio.films.titles import NUMBER_GAP, step_title

TEMPLATE = Path(__file__).with_name("handout.typ")
DATA = "handout.json"


def write_handout(parts: Sequence[Part], target: Path, scheduler: Scheduler) -> Path:
    """Draw the steps of parts as vectors and set them, with what is said, as a PDF."""
    drawn = results(scheduler, [VectorJob(part.chapter, part.settings, "svg", part.steps) for part in parts])
    with work_folder(writable_folder(target.parent)) as work:
        shutil.copyfile(TEMPLATE, work / TEMPLATE.name)
        data = _data(parts, drawn, work)
        (work / DATA).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        with whole_file(target) as unfinished:
            unfinished.write_bytes(typst.compile(str(work / TEMPLATE.name), root=str(work), font_paths=[str(FONTS)]))
    return target


def _data(parts: Sequence[Part], drawn: Sequence[dict[str, VectorStill]], work: Path) -> dict[str, Any]:
    """What the template is told; the stills are written into the folder `work`."""
    settings = parts[0].settings
    pairs = zip(parts, drawn, strict=True)
    films = [(heading, list(group)) for heading, group in groupby(pairs, key=lambda pair: pair[0].heading)]
    return {
        "language": settings.language,
        "colours": _colours(theme_named(settings.theme, colours=settings.colours)),
        "authors": [author for author in dict.fromkeys(heading.author for heading, _ in films) if author],
        "films": [
            {
                "title": heading.title,
                "lines": list(heading.lines),
                "example": list(about_examples(part.settings for part, _ in group)),
                "chapters": [_chapter(part, stills, work) for part, stills in group],
            }
            for heading, group in films
        ],
    }


def _chapter(part: Part, stills: dict[str, VectorStill], work: Path) -> dict[str, Any]:
    number, _, title = part.title.rpartition(NUMBER_GAP)
    steps = []
    for name, still in stills.items():
        picture = work / f"{part.path.stem}-{name}.svg"
        picture.write_bytes(still.data)
        own = step_title(part.chapter, name, part.settings, part.settings.language)
        steps.append({"title": own, "said": list(still.said), "picture": picture.name})
    return {"number": number, "title": title, "steps": steps}


def _colours(theme: Theme) -> dict[str, str]:
    colours = {"paper": theme.background, "ink": theme.ink, "quiet": theme.quiet, "rule": theme.rule}
    return {name: hexadecimal(colour) for name, colour in {**colours, "accent": theme.hue("focus")}.items()}
