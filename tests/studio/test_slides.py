"""Slides: one a step, each with its movie, the picture that it ends on, what is said and the numbers."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import av
import numpy as np
import pytest
from PIL import Image
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches

import browser
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import entry_of
from studio.cli import main
from studio.engine.quality import Picture
from studio.exports.slides.browser import write_folder, write_one_file
from studio.exports.slides.deck import Deck, make_deck
from studio.exports.slides.powerpoint import write_powerpoint
from studio.films.film_script import ChapterScript, scripts
from studio.films.local_processes import LocalProcesses
from studio.films.order import Order
from studio.films.packets import frame_order
from studio.selection import select

SMALL = Picture(320, 180, 5)
HEADINGS = 2  # of the film and of its one chapter
TEXT = load_texts("zh").chapters["scores"]


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> ChapterScript:
    settings = Settings(load_example("default"), "zh", "light")
    order = Order(select(["scores"]), lambda name: settings, SMALL, tmp_path_factory.mktemp("films"), "")
    with LocalProcesses(1) as scheduler:
        return scripts(order, scheduler)[0]


@pytest.fixture(scope="module")
def deck(chapter: ChapterScript, tmp_path_factory: pytest.TempPathFactory) -> Deck:
    return make_deck([chapter], tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def powerpoint(deck: Deck, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_powerpoint(deck, tmp_path_factory.mktemp("slides") / "one.pptx")


def frames(movie: Any) -> list[np.ndarray]:
    with av.open(movie) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


# --- what they are made from ------------------------------------------------------------------------------------------


def test_each_step_has_its_movie_and_the_picture_it_ends_on(deck: Deck, chapter: ChapterScript) -> None:
    whole = frames(chapter.movie)
    for slide, step in zip(deck.slides, chapter.steps, strict=True):
        assert slide.name == f"{entry_of('scores').file_name}-{step.number:02}-{step.name}"
        shown = frames(slide.movie)
        assert len(shown) == step.end - step.start == len(frame_order(slide.movie, SMALL.rate))
        assert np.array_equal(shown[-1], whole[step.end - 1])
        poster = np.asarray(Image.open(slide.poster).convert("RGB"), dtype=float)
        assert np.abs(poster - shown[-1]).mean() < 2
        assert slide.milliseconds == 1000 * len(shown) / SMALL.fps


def test_own_language_first_then_the_other_then_numbers(deck: Deck) -> None:
    slide = list(deck.slides)[4]
    own, other = "\n".join(slide.notes).split("\n\n")
    assert "得分" in own
    assert "one score" in other
    assert "q = x · w_q" in slide.numbers


# --- PowerPoint -------------------------------------------------------------------------------------------------------


def test_a_slide_a_step_with_a_movie_all_over_it(powerpoint: Path, deck: Deck) -> None:
    document = Presentation(str(powerpoint))
    pages = list(document.slides)
    assert len(pages) == HEADINGS + len(TEXT.steps)
    assert (document.slide_width, document.slide_height) == (Inches(13 + 1 / 3), Inches(7.5))
    assert [page.shapes.title.text for page in pages[HEADINGS:]] == [step.title for step in TEXT.steps.values()]
    for page, slide in zip(pages[HEADINGS:], deck.slides, strict=True):
        movies = [shape for shape in page.shapes if shape.shape_type is not None and "MEDIA" in shape.shape_type.name]
        assert len(movies) == 1
        (movie,) = movies
        assert (movie.left, movie.top, movie.width, movie.height) == (0, 0, document.slide_width, document.slide_height)
        assert movie.poster_frame.blob == slide.poster.read_bytes()
        video = movie._element.xpath(".//a:videoFile")[0].get(qn("r:link"))
        assert page.part.related_part(video).blob == slide.movie.read_bytes()
        assert movie._element.xpath(".//p:cNvPr")[0].get("descr") == " ".join(slide.said)


def test_movies_are_in_the_file(powerpoint: Path) -> None:
    with ZipFile(powerpoint) as package:
        movies = [name for name in package.namelist() if name.endswith(".mp4")]
        relations = [package.read(name).decode() for name in package.namelist() if "slides/_rels" in name]
    assert len(movies) == len(TEXT.steps)
    assert not any("External" in relation for relation in relations)


def test_a_movie_plays_on_click_and_its_last_frame_stays(powerpoint: Path, deck: Deck) -> None:
    for page, slide in zip(list(Presentation(str(powerpoint)).slides)[HEADINGS:], deck.slides, strict=True):
        timing = page._element.find(qn("p:timing"))
        main_sequence, interactive = timing.iter(qn("p:seq"))
        (play,) = main_sequence.iter(qn("p:cmd"))
        assert play.get("cmd") == "playFrom(0.0)"
        effect = next(node for node in main_sequence.iter(qn("p:cTn")) if node.get("presetClass") == "mediacall")
        assert effect.get("nodeType") == "clickEffect"
        assert int(play.find(f".//{qn('p:cTn')}").get("dur")) == slide.milliseconds
        assert next(interactive.iter(qn("p:cmd"))).get("cmd") == "togglePause"
        (media,) = timing.iter(qn("p:cMediaNode"))
        assert media.find(qn("p:cTn")).get("fill") == "hold"
        targets = {target.get("spid") for target in timing.iter(qn("p:spTgt"))}
        movie = next(shape for shape in page.shapes if shape._element.xpath(".//a:videoFile"))
        assert targets == {str(movie.shape_id)}
        numbers = [int(node.get("id")) for node in timing.iter(qn("p:cTn"))]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_notes_hold_words_and_numbers(powerpoint: Path, deck: Deck) -> None:
    for page, slide in zip(list(Presentation(str(powerpoint)).slides)[HEADINGS:], deck.slides, strict=True):
        assert page.notes_slide.notes_text_frame.text == "\n".join([*slide.notes, "", slide.numbers])


def test_texts_have_their_look_themselves(powerpoint: Path) -> None:
    """PowerPoint takes no notice of what a paragraph says of its runs."""
    for page in list(Presentation(str(powerpoint)).slides)[:HEADINGS]:
        runs = [
            run for shape in page.shapes if shape.has_text_frame for p in shape.text_frame.paragraphs for run in p.runs
        ]
        assert runs
        assert all(run.font.size and run.font.name and run.font.color.rgb is not None for run in runs)


def test_nobody_is_named(powerpoint: Path) -> None:
    properties = Presentation(str(powerpoint)).core_properties
    assert properties.title == load_texts("zh").films["attention"].title
    assert not properties.author
    assert not properties.last_modified_by


# --- for a browser ----------------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """Everything that a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name in ("src", "href", "data-src") and value]


def test_a_folder_has_all_that_it_needs(deck: Deck, tmp_path: Path) -> None:
    (tmp_path / "deck").mkdir()
    (tmp_path / "deck" / "of-another-time.txt").touch()
    index = write_folder(deck, tmp_path / "deck")
    assert [path.name for path in tmp_path.iterdir()] == ["deck"]
    links = [link for link in Links(index.read_text(encoding="utf-8")).found if not link.startswith("#")]
    files = {str(path.relative_to(index.parent)) for path in index.parent.rglob("*") if path.is_file()}
    assert set(links) | {"index.html", "reveal/LICENSE"} == files
    assert len(links) == len(set(links))


def test_one_file_refers_to_nothing_else(deck: Deck, tmp_path: Path) -> None:
    made = write_one_file(deck, tmp_path / "one.html")
    page = made.read_text(encoding="utf-8")
    assert all(link.startswith(("#", "data:")) for link in Links(page).found)
    assert sum(link.startswith("data:video/mp4") for link in Links(page).found) == len(TEXT.steps)
    assert "Permission is hereby granted" in page
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert not re.search(r"@import|url\((?!\"?data:)", styles)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    program = browser.installed()
    if program is None:
        pytest.skip("no browser")
    with browser.browser(program, tmp_path_factory.mktemp("browser") / "profile") as new_page:
        yield new_page


def slide_shown(page: browser.Page) -> Any:
    return page.run(
        "(() => { const slide = Reveal.getCurrentSlide(), movie = slide.querySelector('video');"
        "const seen = (name) => getComputedStyle(slide.querySelector(name)).visibility === 'visible';"
        "return movie ? [slide.id, seen('video'), seen('img')] : [slide.id, false, false]; })()"
    )


@pytest.mark.parametrize("one_file", [False, True])
def test_forwards_plays_and_backwards_shows_the_end(one_file: bool, deck: Deck, tmp_path: Path, chromium: Any) -> None:
    made = write_one_file(deck, tmp_path / "one.html") if one_file else write_folder(deck, tmp_path / "deck")
    page = chromium()
    page.size(1280, 720)
    page.open(made.as_uri())
    page.wait("Reveal.isReady()")
    names = [slide.name for slide in deck.slides]
    for _ in range(HEADINGS):
        assert slide_shown(page)[1:] == [False, False]
        page.press("ArrowRight")
    for place, name in enumerate(names):
        page.wait("Reveal.getCurrentSlide().querySelector('video').currentTime > 0.2")
        assert slide_shown(page) == [name, True, False]
        if place + 1 < len(names):
            page.press("ArrowRight")
    page.run("Reveal.getCurrentSlide().querySelector('video').currentTime = 1e6")
    page.wait("Reveal.getCurrentSlide().querySelector('video').ended")
    assert slide_shown(page) == [names[-1], True, False]
    for name in names[-2::-1]:
        page.press("ArrowLeft")
        page.wait("Reveal.getCurrentSlide().querySelector('img').complete")
        assert slide_shown(page) == [name, False, True]
        assert page.run("[...document.querySelectorAll('video')].every((movie) => movie.paused)")
    picture = tmp_path / "seen.png"
    page.wait("Reveal.getCurrentSlide().querySelector('img').naturalWidth > 0")
    time.sleep(0.2)
    page.picture(picture)
    seen = np.asarray(Image.open(picture).convert("RGB").resize((320, 180)), dtype=float)
    poster = np.asarray(Image.open(io.BytesIO(next(deck.slides).poster.read_bytes())).convert("RGB"), dtype=float)
    assert np.abs(seen - poster)[:170].mean() < 4
    assert all(address.startswith(("file:", "data:", "blob:")) for address in page.requests())
    assert not page.complaints()


def test_keys_play_again_and_pause(deck: Deck, tmp_path: Path, chromium: Any) -> None:
    page = chromium()
    page.open(f"{write_folder(deck, tmp_path / 'deck').as_uri()}#/{next(deck.slides).name}")
    page.wait("Reveal.isReady()")
    assert slide_shown(page)[1:] == [False, True]
    page.press("r")
    page.wait("!Reveal.getCurrentSlide().querySelector('video').paused")
    page.press("p")
    page.wait("Reveal.getCurrentSlide().querySelector('video').paused")
    page.press("p")
    page.wait("!Reveal.getCurrentSlide().querySelector('video').paused")
    notes = page.run("Reveal.getSlideNotes()")
    assert "得分" in notes or "查询" in notes
    assert "<pre" in notes


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["slides", "scores", "--kind", "key"]) == 2
    assert 'found "key"; allowed: pptx or reveal' in capsys.readouterr().err
    assert main(["slides", "scors"]) == 2
    assert main(["slides", "scores", "--theme", "grey"]) == 2
    assert not list(tmp_path.iterdir())
    assert main(["slides", "--help"]) == 0
    assert "./render.sh slides" in capsys.readouterr().out
