"""Slides as a deck for a browser, by reveal.js: one folder that needs no network, or one file with everything in it."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from core.examples.languages import language_of
from scenes.stage.chapter.texts import load_texts
from scenes.stage.paint.painting import hexadecimal
from studio.exports.slides.deck import Deck, Part, Section, Slide
from studio.exports.slides.fonts import font_faces
from studio.files import whole_file, whole_folder

HERE = Path(__file__).parent
STYLES = ("reveal/reset.css", "reveal/reveal.css", "deck.css")
SCRIPTS = ("reveal/reveal.js", "reveal/notes.js", "deck.js")
LICENCE = "reveal/LICENSE"
_MEDIA_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}
_END_OF_SCRIPT = re.compile(r"</(script)", re.IGNORECASE)
PIXELS = 1280 / 960  # of a slide in the browser, in points of one of PowerPoint
Source = Callable[[Path], str]


def write_folder(deck: Deck, target: Path) -> Path:
    """Write the deck into the folder `target`; returns its `index.html`."""
    with whole_folder(target) as folder:
        for name in (*STYLES, *SCRIPTS, LICENCE):
            place = folder / name
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(HERE / name, place)
        (folder / "media").mkdir()
        for slide in deck.slides:
            shutil.copyfile(slide.movie, folder / "media" / slide.movie.name)
            shutil.copyfile(slide.poster, folder / "media" / slide.poster.name)
        head = [f'<link rel="stylesheet" href="{name}">' for name in STYLES]
        foot = [f'<script src="{name}"></script>' for name in SCRIPTS]
        page = _page(deck, head, foot, lambda file: f"media/{file.name}")
        (folder / "index.html").write_text(page, encoding="utf-8")
    return target / "index.html"


def write_one_file(deck: Deck, target: Path) -> Path:
    """Write the deck as one HTML file with styles, scripts, movies and pictures in it."""
    head = [f"<style>\n{_text(name)}</style>" for name in STYLES]
    licence = f"<!--\nreveal.js\n\n{_text(LICENCE)}-->"
    scripts = (_END_OF_SCRIPT.sub(r"<\\/\1", _text(name)) for name in SCRIPTS)
    foot = [licence, *(f"<script>\n{script}</script>" for script in scripts)]
    with whole_file(target) as part:
        part.write_text(_page(deck, head, foot, _data), encoding="utf-8")
    return target


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _data(file: Path) -> str:
    return f"data:{_MEDIA_TYPES[file.suffix]};base64,{base64.b64encode(file.read_bytes()).decode()}"


def _page(deck: Deck, head: list[str], foot: list[str], source: Source) -> str:
    colours = {"background": deck.theme.background, "ink": deck.theme.ink, "quiet": deck.theme.quiet}
    colours["accent"] = deck.theme.hue("focus")
    properties = " ".join(f"--{name}: {hexadecimal(colour)};" for name, colour in colours.items())
    play, again = (load_texts(deck.language).slides[key] for key in ("play", "again"))
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{language_of(deck.language).tag}">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(deck.title)}</title>",
            *([f'<meta name="author" content="{escape(deck.author)}">'] if deck.author else []),
            *head,
            f"<style>:root {{ color-scheme: {deck.theme.scheme}; {properties} }}</style>",
            f"<style>{font_faces(_headings(deck))}</style>",
            "</head>",
            f'<body data-play="{escape(play)}" data-again="{escape(again)}">',
            '<div class="reveal"><div class="slides">',
            *(line for part in deck.parts for line in _part(part, source)),
            "</div></div>",
            *foot,
            "</body>",
            "</html>",
            "",
        ]
    )


def _headings(deck: Deck) -> list[str]:
    """All texts that are set outside the pictures."""
    titles = [title for part in deck.parts for title in (part.title, part.subtitle, *part.example)]
    titles += [title for part in deck.parts for section in part.sections for title in (section.number, section.title)]
    return [*titles, *(slide.title for slide in deck.slides), "0123456789."]


def _part(part: Part, source: Source) -> Iterator[str]:
    yield '<section class="heading film"><div class="inner">'
    yield f"<h1>{escape(part.title)}</h1>"
    yield f'<p class="subtitle">{escape(part.subtitle)}</p>'
    yield f'<div class="example" style="font-size: {part.example_size * PIXELS:.1f}px">'
    yield from (f"<p>{escape(line)}</p>" for line in part.example)
    yield "</div></div></section>"
    for section in part.sections:
        yield from _heading(section)
        for slide in section.slides:
            yield from _step(slide, source)


def _heading(section: Section) -> Iterator[str]:
    yield '<section class="heading"><div class="inner">'
    if section.number:
        yield f'<p class="number">{escape(section.number)}</p>'
    yield f"<h2>{escape(section.title)}</h2>"
    yield "<ol>"
    for slide in section.slides:
        yield f'<li><a href="#/{escape(slide.name)}">{escape(slide.title)}</a></li>'
    yield "</ol>"
    yield "</div></section>"


def _step(slide: Slide, source: Source) -> Iterator[str]:
    yield f'<section class="step" id="{escape(slide.name)}" aria-label="{escape(slide.title)}">'
    yield f'<img src="{source(slide.poster)}" decoding="async" alt="{escape(" ".join(slide.said))}">'
    yield f'<video data-src="{source(slide.movie)}" data-ignore muted playsinline preload="auto"></video>'
    yield '<aside class="notes">'
    yield from (f"<p>{escape(line)}</p>" for line in (slide.times, *slide.said))
    for language, said in slide.said_otherwise.items():
        yield f'<div lang="{language_of(language).tag}" style="margin-top: 1em; opacity: 0.75">'
        yield from (f"<p>{escape(line)}</p>" for line in said)
        yield "</div>"
    if slide.numbers:
        yield f'<pre style="overflow: auto; font-size: 0.7em; white-space: pre">{escape(slide.numbers)}</pre>'
    yield "</aside>"
    yield "</section>"
