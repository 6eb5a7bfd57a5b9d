"""Hand-outs: a still and the explanation of each step, on paper, set by Typst."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import typst

from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from scenes.stage.paint.fonts import FONTS
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Theme, theme_named
from scenes.storyboard import entry_of
from studio.exports.about_example import about_example
from studio.exports.vector import VectorJob, VectorStill
from studio.files import whole_file, work_folder, writable_folder
from studio.films.scheduler import Scheduler, results

TEMPLATE = Path(__file__).with_name("handout.typ")
DATA = "handout.json"


def write_handout(chapters: Mapping[str, Settings], target: Path, scheduler: Scheduler) -> Path:
    """Draw the steps of chapters, each with its settings, as vectors and set them, with what is said, as a PDF."""
    jobs = [VectorJob(chapter, settings, "svg") for chapter, settings in chapters.items()]
    drawn = results(scheduler, jobs)
    with work_folder(writable_folder(target.parent)) as work:
        shutil.copyfile(TEMPLATE, work / TEMPLATE.name)
        data = _data(jobs, drawn, work)
        (work / DATA).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        with whole_file(target) as part:
            part.write_bytes(typst.compile(str(work / TEMPLATE.name), root=str(work), font_paths=[str(FONTS)]))
    return target


def _data(jobs: Sequence[VectorJob], drawn: Sequence[dict[str, VectorStill]], work: Path) -> dict[str, Any]:
    """What the template is told; the stills are written into the folder `work`."""
    settings = jobs[0].settings
    films = load_texts(settings.language).films
    pairs = zip(jobs, drawn, strict=True)
    example_of_film = {entry_of(job.chapter).film: job.settings.example for job in reversed(jobs)}
    return {
        "language": settings.language,
        "colours": _colours(theme_named(settings.theme)),
        "films": [
            {
                "title": films[film].title,
                "subtitle": films[film].subtitle,
                "example": list(about_example(example_of_film[film], settings.language)),
                "chapters": [_chapter(job, stills, work) for job, stills in group],
            }
            for film, group in groupby(pairs, key=lambda pair: entry_of(pair[0].chapter).film)
        ],
    }


def _chapter(job: VectorJob, stills: dict[str, VectorStill], work: Path) -> dict[str, Any]:
    text = load_texts(job.settings.language).chapters[job.chapter]
    number, _, title = text.title.rpartition("  ")
    steps = []
    for name, still in stills.items():
        picture = work / f"{job.chapter}-{name}.svg"
        picture.write_bytes(still.data)
        steps.append({"title": text.steps[name].title, "said": list(still.said), "picture": picture.name})
    return {"number": number, "title": title, "steps": steps}


def _colours(theme: Theme) -> dict[str, str]:
    colours = {"paper": theme.background, "ink": theme.ink, "quiet": theme.quiet, "rule": theme.rule}
    return {name: hexadecimal(colour) for name, colour in {**colours, "accent": theme.hue("focus")}.items()}
