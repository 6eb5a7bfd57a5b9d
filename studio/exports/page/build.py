"""Writes the folder of a page: `index.html`, what it is made of, the clips and the fonts. Nothing is fetched."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from core.examples.example import Example
from core.examples.languages import language_of
from core.trace.focus import Focus
from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.stage.chapter.texts import TEXTS, load_texts
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import THEMES, Theme
from studio.engine.cue import Cue
from studio.exports.page.numbers import described, with_operands
from studio.exports.transcript import axis_name
from studio.files import whole_folder
from studio.films.film_script import ChapterScript, StepScript
from studio.films.publish import record_of
from studio.films.titles import BETWEEN, Heading

PARTS = Path(__file__).parent
FONTS = TEXTS.parent / "fonts"
_FONT_FILES = (
    "Inter-Regular.ttf",
    "Inter-SemiBold.ttf",
    "NotoSansSC-Regular.ttf",
    "OFL-Inter.txt",
    "OFL-NotoSansSC.txt",
)
SCRIPTS = (  # each uses only what stands before it
    "elements.js",
    "words.js",
    "copying.js",
    "tensors.js",
    "tables.js",
    "operations.js",
    "origins.js",
    "formulas.js",
    "sentences.js",
    "explanation.js",
    "search.js",
    "numbers.js",
    "page.js",
)


def write_page(chapters: Sequence[ChapterScript], target: Path) -> Path:
    """Write the page of some chapters into the folder `target`, replacing one that is there; returns its index."""
    settings = chapters[0].settings
    with whole_folder(target) as folder:
        for chapter in chapters:
            (folder / "clips").mkdir(exist_ok=True)
            shutil.copyfile(chapter.movie, folder / _clip(chapter))
        (folder / "fonts").mkdir()
        for name in _FONT_FILES:
            shutil.copyfile(FONTS / name, folder / "fonts" / name)
        for name in ("page.css", *SCRIPTS):
            shutil.copyfile(PARTS / name, folder / name)
        _write(folder / "colours.css", colours())
        _write(folder / "data.js", f"window.LECTURE = {_json(_lecture(chapters, settings))};\n")
        _write(folder / "index.html", _index(chapters, settings))
    return target / "index.html"


def texts(language: str) -> dict[str, str]:
    """What the page itself says."""
    return dict(load_texts(language).page)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _json(data: object) -> str:
    """JSON that may stand in a script, whatever the texts in it are."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _clip(chapter: ChapterScript) -> str:
    return f"clips/{chapter.file_name}.mp4"


def _index(chapters: Sequence[ChapterScript], settings: Settings) -> str:
    words, step = texts(settings.language), chapters[0].steps[0].titles[settings.language]
    fields = {
        "language": settings.language,
        "theme": settings.theme,
        "title": _titles(chapters)[settings.language],
        "given": _given(chapters)[settings.language],
        "no_script": words["no_script"],
        "now": step,
        "numbers": words["numbers_of"].format(step=step),
    }
    scripts = "\n".join(f'<script src="{name}" defer></script>' for name in ("data.js", *SCRIPTS))
    template = Template(_said((PARTS / "page.html").read_text(encoding="utf-8"), words))
    escaped = {name: escape(text) for name, text in fields.items()}
    head = {"author": _author(chapters[0].part.heading.author), "scripts": scripts}
    return template.substitute(escaped, **head, **_choices(settings.language))


def _author(name: str) -> str:
    return f'<meta name="author" content="{escape(name)}">\n' if name else ""


def _choices(film: str) -> dict[str, str]:
    """The languages that the page speaks, as buttons; those of its captions, as options, and all of them together. The
    captions of the film itself are in it.
    """
    names = {code: escape(language_of(code).name) for code in LANGUAGES}
    buttons = (f'<button type="button" data-language="{c}" lang="{c}">{name}</button>' for c, name in names.items())
    options = [f'<option value="{code}">{name}</option>' for code, name in names.items() if code != film]
    together = f'<option value="all">{" + ".join(names.values())}</option>'
    return {"languages": "\n".join(buttons), "captions": "".join([*options, together])}


def _said(html: str, words: Mapping[str, str]) -> str:
    """The page with its texts and labels, as it stands before the scripts run."""
    said = re.sub(r'data-text="(\w+)"[^>]*>', lambda found: found.group() + _in_template(words[found[1]]), html)
    return re.sub(
        r'data-label="(\w+)"', lambda found: f'{found.group()} aria-label="{_in_template(words[found[1]])}"', said
    )


def _in_template(text: str) -> str:
    return escape(text).replace("$", "$$")


# --- what the page shows ----------------------------------------------------------------------------------------------


def _lecture(chapters: Sequence[ChapterScript], settings: Settings) -> dict[str, Any]:
    examples = list(dict.fromkeys(map(_worked_through, chapters)))
    shown = [_example([one for one in chapters if _worked_through(one) == example]) for example in examples]
    return {
        "language": settings.language,
        "film": _film(settings),
        "titles": _titles(chapters),
        "given": _given(chapters),
        "texts": {language: texts(language) for language in LANGUAGES},
        "axes": {language: _axes(shown, language) for language in LANGUAGES},
        "examples": shown,
        "chapters": [
            _chapter(chapter, address, examples.index(_worked_through(chapter)))
            for chapter, address in zip(chapters, _addresses(chapters), strict=True)
        ],
    }


def _worked_through(chapter: ChapterScript) -> tuple[Example, Focus]:
    """What its numbers are those of."""
    return chapter.settings.example, chapter.settings.focus


def _titles(chapters: Sequence[ChapterScript]) -> dict[str, str]:
    return _above(chapters, lambda heading: heading.name)


def _given(chapters: Sequence[ChapterScript]) -> dict[str, str]:
    """Who gives it, where and when."""
    return _above(chapters, lambda heading: heading.given)


def _above(chapters: Sequence[ChapterScript], said: Callable[[Heading], str]) -> dict[str, str]:
    """What stands above the chapters, by language; of several films each."""
    texts = {code: dict.fromkeys(said(chapter.headings[code]) for chapter in chapters) for code in LANGUAGES}
    return {code: BETWEEN.join(texts[code]) for code in LANGUAGES}


def _axes(examples: Sequence[dict[str, Any]], language: str) -> dict[str, str]:
    """The axes that are called otherwise in a language."""
    axes = {axis for example in examples for tensor in example["tensors"].values() for axis in tensor["axes"]}
    return {axis: name for axis in sorted(axes) if (name := axis_name(axis, language)) != axis}


def _example(about: Sequence[ChapterScript]) -> dict[str, Any]:
    """An example: its titles, and all tensors that the chapters about it show."""
    trace, example = about[0].trace, about[0].settings.example
    names = with_operands(trace, (name for chapter in about for step in chapter.steps for name in step.tensors))
    return {
        "titles": {language: example.title(language) for language in LANGUAGES},
        "seed": example.seed,
        "tensors": {name: described(trace, name) for name in names},
    }


def _addresses(chapters: Sequence[ChapterScript]) -> list[str]:
    """By what a link names each: its name, which is numbered if it comes again."""
    names = [chapter.name for chapter in chapters]
    counts = [names[:place].count(name) for place, name in enumerate(names, start=1)]
    return [name if count == 1 else f"{name}-{count}" for name, count in zip(names, counts, strict=True)]


def _chapter(chapter: ChapterScript, address: str, example: int) -> dict[str, Any]:
    picture = chapter.picture
    return {
        "name": address,
        "titles": dict(chapter.titles),
        "clip": _clip(chapter),
        "width": picture.width,
        "height": picture.height,
        "fps": picture.fps,
        "frames": record_of(chapter.movie)["frames"],
        "example": example,
        "steps": [_step(step) for step in chapter.steps],
    }


def _step(step: StepScript) -> dict[str, Any]:
    """A step; its times, and those of its captions, in frames."""
    return {
        "name": step.name,
        "titles": dict(step.titles),
        "start": step.start,
        "end": step.end,
        "tensors": list(step.tensors),
        "captions": {language: _cues(step.captions, language) for language in LANGUAGES},
    }


def _cues(captions: Mapping[str, tuple[Cue, ...]], language: str) -> list[list[Any]]:
    return [[cue.start, cue.end, cue.text] for cue in captions.get(language, ())]


def _film(settings: Settings) -> dict[str, str]:
    """The colours of the film itself, and how tall the band of its captions is."""
    theme, layout = settings.palette, settings.layout
    band = (layout.caption.top - layout.whole.bottom) / layout.whole.height
    return {"background": hexadecimal(theme.background), "ink": hexadecimal(theme.ink), "band": f"{100 * band:.2f}%"}


# --- colours ----------------------------------------------------------------------------------------------------------


def colours() -> str:
    """The colours of all themes as properties of CSS."""
    return "\n".join(line for theme in THEMES.values() for line in _theme(theme)) + "\n"


def _theme(theme: Theme) -> Iterator[str]:
    yield f':root[data-theme="{theme.name}"] {{'
    yield f"    color-scheme: {theme.scheme};"
    for name in ("background", "surface", "ink", "quiet", "rule"):
        yield f"    --{name}: {hexadecimal(getattr(theme, name))};"
    yield f"    --hue-quiet: {hexadecimal(theme.quiet)};"
    for meaning, colour in theme.hues.items():
        yield f"    --hue-{meaning}: {hexadecimal(colour)};"
    yield "}"
