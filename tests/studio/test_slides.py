"""Slides: one a step, each with its movie, the picture that it ends on, what is said and the numbers."""

from __future__ import annotations

import base64
import io
import posixpath
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import av
import numpy as np
import pypdfium2
import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

import browser
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import entry_of
from studio.cli import main
from studio.engine.quality import Picture
from studio.exports.slides.browser import write_folder, write_one_file
from studio.exports.slides.deck import EXAMPLE_SIZES, Deck, make_deck
from studio.exports.slides.fonts import drawn_by, font_faces
from studio.exports.slides.powerpoint import write_powerpoint
from studio.films.film_script import ChapterScript, scripts
from studio.films.local_processes import LocalProcesses
from studio.films.order import Order
from studio.films.packets import frame_order
from studio.lessons.overview import clock
from studio.selection import select

SMALL = Picture(320, 180, 5)
HEADINGS = 2  # of the film and of its one chapter
TEXT = load_texts("zh").chapters["scores"]


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> ChapterScript:
    settings = Settings(load_example("default"), "zh", "light")
    order = Order.of(select(["scores"]), lambda name: settings, SMALL, tmp_path_factory.mktemp("films"), "")
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
    assert own == "\n".join([slide.times, *slide.said])
    assert other == "\n".join(slide.said_otherwise["en"])
    assert "逐个数相乘" in own
    assert "Q = X · W_Q" in slide.numbers


def test_notes_say_when_a_step_plays(deck: Deck) -> None:
    slides = list(deck.slides)
    assert slides[0].times.startswith("0:00–")
    for before, after in pairwise(slides):
        assert after.begins == before.begins + before.milliseconds
    assert slides[-1].times.split("–")[1] == clock(sum(slide.milliseconds for slide in slides) / 1000)


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


def test_a_movie_plays_on_entry_and_its_last_frame_stays(powerpoint: Path, deck: Deck) -> None:
    """After the main sequence begins, as PowerPoint has it for "automatically": no click is waited for."""
    for page, slide in zip(list(Presentation(str(powerpoint)).slides)[HEADINGS:], deck.slides, strict=True):
        timing = page._element.find(qn("p:timing"))
        main_sequence, interactive = timing.iter(qn("p:seq"))
        (play,) = main_sequence.iter(qn("p:cmd"))
        assert play.get("cmd") == "playFrom(0.0)"
        effect = next(node for node in main_sequence.iter(qn("p:cTn")) if node.get("presetClass") == "mediacall")
        assert effect.get("nodeType") == "afterEffect"
        main = main_sequence.find(qn("p:cTn")).get("id")
        begins = [node.get("val") for cond in main_sequence.iter(qn("p:cond")) for node in cond.iter(qn("p:tn"))]
        assert begins == [main]
        assert not [cond for cond in main_sequence.find(qn("p:cTn")).iter(qn("p:cond")) if cond.get("evt") == "onNext"]
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


def test_the_film_says_what_its_example_is(powerpoint: Path) -> None:
    page = Presentation(str(powerpoint)).slides[0]
    shown = "\n".join(shape.text_frame.text for shape in page.shapes if shape.has_text_frame)
    for text in (shown, page.notes_slide.notes_text_frame.text):
        assert "句子：the robot dropped the cup because it overheated" in text
        assert "每个 4 维，2 ×（d_k 2，d_v 2）" in text


def test_what_is_said_of_the_example_has_room(deck: Deck) -> None:
    """The size of type is what sixteen words of forty letters leave; a short sentence is read from afar."""
    (part,) = deck.parts
    sizes = [
        replace(part, example=(f"Sentence: {sentence}", "set-up")).example_size
        for sentence in ("time flies", " ".join(["W" * 40] * 16), "词" * 640)
    ]
    assert sizes[0] == EXAMPLE_SIZES[0]
    assert sizes[0] > sizes[1] >= 8
    assert sizes[0] > sizes[2] >= 8


def test_a_page_of_notes_has_all_numbers_below_a_picture_of_the_slide(powerpoint: Path, deck: Deck) -> None:
    document = Presentation(str(powerpoint))
    places = {place.placeholder_format.type: place for place in document.notes_master.placeholders}
    picture, notes = places[PP_PLACEHOLDER.SLIDE_IMAGE], places[PP_PLACEHOLDER.BODY]
    assert picture.width / picture.height == pytest.approx(document.slide_width / document.slide_height, abs=1e-3)
    assert notes.top > picture.top + picture.height
    for page, slide in zip(list(document.slides)[HEADINGS:], deck.slides, strict=True):
        sizes = [paragraph.runs[0].font.size for paragraph in page.notes_slide.notes_text_frame.paragraphs]
        assert all(sizes)
        assert sum(1.2 * size for size in sizes) < notes.height
        assert not slide.numbers or sizes[-1] >= Pt(5)


def test_titles_are_told_apart(deck: Deck, tmp_path: Path) -> None:
    """Chapters end on steps of one title; a chapter may be called as its film is."""
    (part,) = deck.parts
    (section,) = part.sections
    other = replace(section, title="Another")
    same = replace(part, title=section.title, sections=(section, other, section))
    made = write_powerpoint(replace(deck, parts=(same,)), tmp_path / "one.pptx")
    titles = [page.shapes.title.text for page in Presentation(str(made)).slides]
    assert len(set(titles)) == len(titles) == 1 + 3 * (1 + len(section.slides))
    last = section.slides[-1].title
    assert {f"{section.title}: {last}", f"Another: {last}", f"{section.title}: {last} (2)"} <= set(titles)


ORDER = (
    "sldMasterIdLst",
    "notesMasterIdLst",
    "handoutMasterIdLst",
    "sldIdLst",
    "sldSz",
    "notesSz",
)  # ECMA-376, 19.2.1.26
RATIOS = {"screen4x3": 4 / 3, "screen16x9": 16 / 9, "screen16x10": 1.6}


def test_a_strict_reader_takes_it(powerpoint: Path) -> None:
    with ZipFile(powerpoint) as package:
        names = package.namelist()
        assert len(set(names)) == len(names)
        parts = {name: etree.fromstring(package.read(name)) for name in names if name.endswith((".xml", ".rels"))}
    expect_whole_package(set(names), parts)
    presentation = parts["ppt/presentation.xml"]
    found = [name for child in presentation if (name := etree.QName(child).localname) in ORDER]
    assert found == [name for name in ORDER if name in found]
    assert {"notesMasterIdLst", "sldSz", "notesSz"} <= set(found)
    size = presentation.find(qn("p:sldSz"))
    width, height = int(size.get("cx")), int(size.get("cy"))
    assert RATIOS.get(size.get("type"), width / height) == width / height
    for name, part in parts.items():
        if "/slideLayouts/slide" in name or "/slideMasters/slide" in name:
            for place in part.iter(qn("a:xfrm")):
                off, ext = place.find(qn("a:off")), place.find(qn("a:ext"))
                assert int(off.get("x")) + int(ext.get("cx")) <= width
                assert int(off.get("y")) + int(ext.get("cy")) <= height
    assert any(int(ext.get("cx")) > 0.8 * width for ext in parts["ppt/slideMasters/slideMaster1.xml"].iter(qn("a:ext")))


def expect_whole_package(names: set[str], parts: dict[str, Any]) -> None:
    """Every part is reached, has a type, and is ours: no printer, no picture of another deck, no counts of one."""
    types = parts["[Content_Types].xml"]
    endings = {one.get("Extension") for one in types if one.get("Extension")}
    typed = {one.get("PartName")[1:] for one in types if one.get("PartName")}
    reached = {
        posixpath.normpath(posixpath.join(posixpath.dirname(posixpath.dirname(name)), one.get("Target"))).lstrip("/")
        for name, relations in parts.items()
        if name.endswith(".rels")
        for one in relations
    }
    own = {name for name in names if not name.endswith(".rels") and name != "[Content_Types].xml"}
    assert own == reached
    assert typed <= own
    assert all(name in typed or name.rpartition(".")[2] in endings for name in own)
    assert all(any(name.endswith(f".{ending}") for name in names) for ending in endings)
    assert not [name for name in names if "printer" in name or "thumbnail" in name or name.endswith(".bin")]
    slides = [name for name in own if name.startswith("ppt/slides/")]
    told = {etree.QName(one).localname: one.text for one in parts["docProps/app.xml"]}
    assert told["Slides"] == str(len(slides))
    assert "Application" not in told


def test_every_text_says_its_language(powerpoint: Path) -> None:
    document = Presentation(str(powerpoint))
    frames = [shape.text_frame for page in document.slides for shape in page.shapes if shape.has_text_frame]
    notes = [page.notes_slide.notes_text_frame for page in document.slides if page.has_notes_slide]
    assert len(notes) == 1 + len(TEXT.steps)
    told = [(run.text, run._r.rPr.get("lang")) for frame in frames + notes for p in frame.paragraphs for run in p.runs]
    assert {language for _, language in told} == {"zh-CN", "en-US"}
    assert all(language == "zh-CN" for text, language in told if re.search("[一-鿿]", text))
    assert ("‘it’ scores highest on ‘robot’: 5.5.", "en-US") in told


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


WORLD = ("Tiếng Việt", "日本語の本", "한국어", "漢字", "कर्म", "ภาษาไทย", "كتاب", "ספר", "មនុស្ស", "🙂")


def test_fonts_of_all_scripts_that_it_says_are_in_it() -> None:
    """Each character in the first font that draws it; what these are, a browser is told."""
    ranges = re.findall(r'font-family: "Deck Scripts"[^}]*unicode-range: ([^;]*);', font_faces(WORLD))
    told = [int(code.removeprefix("U+"), 16) for codes in ranges for code in codes.split(", ")]
    assert len(told) == len(set(told))
    assert {ord(char) for text in WORLD[1:] for char in text} <= set(told) | {ord(" ")}
    assert {"NotoSansJP-Regular.otf", "NotoSansThai-Regular.ttf", "NotoEmoji-Regular.ttf"} <= set(drawn_by(WORLD))


FRAMED = '<!doctype html><iframe sandbox="allow-scripts" style="width: 1280px; height: 720px" src="one.html"></iframe>'


def test_in_a_frame_kept_apart_slides_go_on_and_play(deck: Deck, tmp_path: Path, chromium: Any) -> None:
    """Such a frame may keep nothing and change no address."""
    write_one_file(deck, tmp_path / "one.html")
    (tmp_path / "framed.html").write_text(FRAMED, encoding="utf-8")
    page = chromium()
    page.open((tmp_path / "framed.html").as_uri())
    with browser.frame_of(page) as frame:
        frame.wait("globalThis.Reveal?.isReady()")
        for _ in range(HEADINGS):
            frame.press("ArrowRight")
        frame.wait("Reveal.getCurrentSlide().querySelector('video')?.currentTime > 0.2")
        assert slide_shown(frame) == [next(deck.slides).name, True, False]
        frame.press("ArrowLeft")
        assert slide_shown(frame)[1:] == [False, False]
        assert not [event for event in frame.events if event["method"] == "Runtime.exceptionThrown"]


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


def test_printed_every_slide_keeps_its_margins_and_shows_its_end(deck: Deck, tmp_path: Path, chromium: Any) -> None:
    index = write_folder(deck, tmp_path / "deck")
    html = index.read_text(encoding="utf-8")
    assert html.count("<img ") == html.count("<img src=") == len(TEXT.steps)
    page = chromium()
    page.open(f"{index.as_uri()}?print-pdf")
    page.wait("document.querySelectorAll('.pdf-page').length && [...document.images].every((image) => image.complete)")
    printed = page.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
    document = pypdfium2.PdfDocument(base64.b64decode(printed))
    assert len(document) == HEADINGS + len(TEXT.steps)
    for number, sheet in enumerate(document):
        pixels = np.asarray(sheet.render(scale=0.5).to_pil().convert("L"), dtype=float)
        inked = np.abs(pixels - pixels[-3, 3]) > 40
        if number < HEADINGS:
            assert inked.any()
            assert not inked[: len(inked) // 16].any()
            assert not inked[:, : inked.shape[1] // 16].any()
        else:
            assert inked.mean() > 0.01


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
